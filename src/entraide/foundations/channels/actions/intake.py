"""The intake: rows of the inbox become messages, exactly once, and a broken one holds up no other.

Reading, parsing and guessing the language happen before the transaction; inside it the position is locked,
and where another worker moved it meanwhile the prepared batch is thrown away. The position moves in the
transaction that writes the messages and tells the capabilities, so a kill at any instant repeats nothing
and loses nothing.
"""

from __future__ import annotations

import hashlib
import logging
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from entraide.capability import cards
from entraide.foundations.channels import inbox
from entraide.foundations.channels.actions.live import announce
from entraide.foundations.channels.models import Contact, Door, IntakePosition, Message, OptOut, Stuck
from entraide.foundations.channels.queries import Received, opened
from entraide.foundations.channels.rules import Address, address, command_in, digest, seal
from entraide.foundations.channels.rules.hearing import Heard, from_fields, without_surrogates
from entraide.foundations.channels.rules.mail import read_mail

log = logging.getLogger(__name__)

# A batch holds the database's write lock, and a page's writer waits meanwhile: so its size follows how long
# the last one took (what the capabilities do with a message is their business).
BATCH_FIRST, BATCH_MIN, BATCH_MAX = 25, 5, 500
BATCH_SECONDS = 0.2
BREATH_SECONDS = 0.02  # between two batches, for whoever waits
RETRY_FIRST = timedelta(seconds=30)
RETRY_LONGEST = timedelta(hours=6)


class Unreadable(Exception):
    """A row nobody can read: its door is gone, or its content was emptied or sealed under another key."""


@dataclass(slots=True)
class Prepared:
    """One row, read outside the transaction."""

    row: inbox.Row
    arrival: inbox.Arrival | None = None
    heard: Heard | None = None
    address: Address | None = None
    digest: str = ""
    key: str = ""
    language: tuple[str, bool, list[list[Any]]] = ("und", False, [])
    command: str = ""
    message: Message | None = None
    error: str = ""


def language_of(heard: Heard) -> tuple[str, bool, list[list[Any]]]:
    """(language, sure, choices). The author's word wins; else the guess."""
    from entraide.foundations.languages.rules import guess  # loads two models; only the intake needs them

    if heard.language:
        return heard.language, True, [[heard.language, 1.0]]
    found = guess(f"{heard.subject}\n{heard.text}" if heard.subject else heard.text)
    choices = [[code, round(float(share), 3)] for code, share in found.choices]
    return found.language, found.sure, choices


def _with_memory(code: str, choices: list[list[Any]], known: str) -> str:
    """The language of an unsure text by somebody who wrote before, unless the guess speaks against it."""
    return known if known and (not choices or known in [choice[0] for choice in choices]) else code


def take_in(limit: int = 500) -> int:
    """Take waiting rows in, in batches. Returns how many rows were passed (repeats and stuck ones too).

    Args:
        limit: at most so many, so that the worker can see to other things.
    """
    passed, size = 0, BATCH_FIRST
    while passed < limit:
        if passed:
            time.sleep(BREATH_SECONDS)
        taken, held_seconds = _take_batch(min(size, limit - passed))
        passed += taken
        if taken == 0:
            break
        per_row = held_seconds / taken
        size = max(BATCH_MIN, min(BATCH_MAX, int(BATCH_SECONDS / max(per_row, 1e-6))))
    return passed


def _take_batch(size: int) -> tuple[int, float]:
    """(rows passed, for how many seconds the transaction was open)."""
    position = IntakePosition.objects.values_list("position", flat=True).filter(pk=1).first() or 0
    rows = inbox.read(position, size)
    if not rows:
        return 0, 0.0
    doors = _doors(rows)
    prepared = [_prepare(row, doors) for row in rows]
    began = time.monotonic()
    with transaction.atomic():
        IntakePosition.objects.get_or_create(pk=1)
        locked = IntakePosition.objects.select_for_update().get(pk=1)
        if locked.position != position:
            return 0, 0.0
        _take_prepared(prepared, doors)
        locked.position = rows[-1].id
        locked.save(update_fields=["position"])
    return len(rows), time.monotonic() - began


def _take_prepared(prepared: list[Prepared], doors: dict[int, Door]) -> list[Prepared]:
    """Write messages, tell the capabilities, set broken ones aside. Returns those that got through."""
    known = _known_keys(prepared)
    ready: list[Prepared] = []
    for each in prepared:
        name = (each.row.door_id, each.key)
        if not each.error and name not in known:
            known.add(name)
            ready.append(each)
    contacts = _contacts(ready)
    for each in ready:
        _compose(each, doors[each.row.door_id], contacts)
    _create(ready)
    _obey([each for each in ready if not each.error])
    _tell_capabilities([each for each in ready if not each.error])
    through = [each for each in ready if not each.error]
    _remember_languages(through)
    for each in prepared:
        if each.error:
            _set_aside(each, doors.get(each.row.door_id))
    _tell_desks(through)
    return through


def _doors(rows: list[inbox.Row]) -> dict[int, Door]:
    wanted = {row.door_id for row in rows}
    return {
        door.pk: door for door in Door.objects.filter(pk__in=wanted).select_related("cause").order_by("pk")
    }


def _prepare(row: inbox.Row, doors: dict[int, Door]) -> Prepared:
    """Read one row; whatever goes wrong is written down, never raised."""
    prepared = Prepared(row)
    try:
        door = doors.get(row.door_id)
        if door is None:
            raise Unreadable("its door is not there")
        arrival = row.arrival()
        if arrival is None:
            raise Unreadable("its content was emptied")
        prepared.arrival = arrival
        prepared.key = hashlib.sha256(arrival.key.encode("utf-8", "surrogatepass")).hexdigest()
        heard = read_mail(arrival.body) if arrival.channel == "mail" else from_fields(arrival.fields)
        prepared.heard = heard
        prepared.address = address(heard.sender[:320], str(door.settings.get("country", "")))
        prepared.digest = digest(prepared.address) if prepared.address else ""
        prepared.language = language_of(heard)
    except Exception as error:
        prepared.error = _what_happened(error)
    return prepared


def _contacts(prepared: list[Prepared]) -> dict[tuple[str, str], Contact]:
    """The batch's contacts, made where new; two queries for all."""
    wanted = {(p.address.channel, p.digest): p.address for p in prepared if p.address and not p.error}
    if not wanted:
        return {}
    digests = [each for _channel, each in wanted]
    found = {(c.channel, c.digest): c for c in Contact.objects.filter(digest__in=digests).order_by("pk")}
    missing = [
        Contact(channel=channel, digest=each, sealed=seal(place.value))
        for (channel, each), place in wanted.items()
        if (channel, each) not in found
    ]
    if missing:
        Contact.objects.bulk_create(missing, ignore_conflicts=True)
        for contact in Contact.objects.filter(digest__in=[c.digest for c in missing]).order_by("pk"):
            found[contact.channel, contact.digest] = contact
    return found


def _known_keys(prepared: list[Prepared]) -> set[tuple[int, str]]:
    keys = [p.key for p in prepared if p.key]
    doors = {p.row.door_id for p in prepared}
    return set(
        Message.objects.filter(door_id__in=doors, key__in=keys).order_by().values_list("door_id", "key")
    )


def _compose(prepared: Prepared, door: Door, contacts: dict[tuple[str, str], Contact]) -> None:
    """Make the row, not yet saved."""
    heard, arrival = prepared.heard, prepared.arrival
    assert heard is not None
    assert arrival is not None
    contact = contacts.get((prepared.address.channel, prepared.digest)) if prepared.address else None
    code, sure, choices = prepared.language
    if contact is not None and not sure:
        code = _with_memory(code, choices, contact.language)
    set_aside, extra = heard.set_aside, dict(heard.extra)
    prepared.command = "" if set_aside else command_in(heard.text)
    if prepared.command in ("stop", "start"):
        set_aside = Message.SetAside.COMMAND
    if prepared.command:
        extra["command"] = prepared.command
    try:
        prepared.message = Message(
            inbox_id=prepared.row.id,
            door=door,
            cause=door.cause,
            contact=contact,
            channel=arrival.channel,
            key=prepared.key,
            sealed_text=seal(without_surrogates(heard.text)),
            sealed_subject=seal(without_surrogates(heard.subject)),
            sealed_fields=seal(orjson.dumps(extra)) if extra else b"",
            language=code[:35],
            language_sure=sure,
            language_choices=choices,
            set_aside=set_aside,
            sent_at=heard.sent_at,
            received_at=datetime.fromtimestamp(arrival.received_at_us / 1e6, UTC),
        )
    except Exception as error:
        prepared.error = _what_happened(error)


def _create(ready: list[Prepared]) -> None:
    """Save the batch's messages in one go; one by one where the database refuses the lot."""
    rows = [each.message for each in ready if each.message is not None]
    try:
        with transaction.atomic():
            Message.objects.bulk_create(rows)
        return
    except (OperationalError, InterfaceError):
        raise  # the database's trouble, not a message's
    except Exception:
        log.info("a batch of messages was refused; taking them one by one")
    for each in ready:
        if each.message is None:
            continue
        try:
            with transaction.atomic():
                each.message.pk = None
                each.message.save(force_insert=True)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            each.error = _what_happened(error)


def _tell_capabilities(ready: list[Prepared]) -> None:
    """Hand the batch to every card, in a savepoint; one message at a time where a card fails on the lot.

    The message a card fails on is as if not taken.
    """
    hearers = [card.on_messages for card in cards() if card.on_messages is not None]
    told = [each for each in ready if each.message is not None and not each.message.set_aside]
    if not hearers or not told:
        return
    if len(told) > 1:
        try:
            _tell(hearers, told)
            return
        except (OperationalError, InterfaceError):
            raise  # the database's trouble, not a message's
        except Exception:
            log.info("a capability failed on a batch of messages; handing them over one by one")
    for each in told:
        try:
            _tell(hearers, [each])
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            each.error = _what_happened(error)
            Message.objects.filter(inbox_id=each.row.id).delete()


@transaction.atomic
def _tell(hearers: Sequence[Callable[[Sequence[Received]], None]], told: list[Prepared]) -> None:
    received = [opened(each.message) for each in told if each.message is not None]
    for hear in hearers:
        hear(received)


def _obey(ready: list[Prepared]) -> None:
    """STOP and START, before any capability answers."""
    for each in ready:
        if each.message is None or each.message.contact is None or each.command not in ("stop", "start"):
            continue
        contact = each.message.contact
        said: dict[str, Any] = {"contact": contact, "cause_id": each.message.cause_id}
        if each.command == "stop":
            OptOut.objects.get_or_create(**said)
        else:
            OptOut.objects.filter(**said).delete()


def _remember_languages(through: list[Prepared]) -> None:
    """What a message we are sure of teaches about its sender."""
    changed: dict[int, Contact] = {}
    for each in through:
        message = each.message
        if message is None or message.contact is None or not message.language_sure or message.set_aside:
            continue
        if message.contact.language != message.language:
            message.contact.language = message.language
            changed[message.contact.pk] = message.contact
    if changed:
        Contact.objects.bulk_update(changed.values(), ["language"])


def _set_aside(prepared: Prepared, door: Door | None) -> None:
    """Keep what could not be taken in; ``retry_stuck`` tries it again."""
    log.warning("inbox row %d is stuck: %s", prepared.row.id, prepared.error.splitlines()[0])
    Stuck.objects.update_or_create(
        inbox_id=prepared.row.id,
        defaults={"door": door, "error": prepared.error, "next_attempt_at": timezone.now() + RETRY_FIRST},
    )


def _tell_desks(through: list[Prepared]) -> None:
    """One live notice a cause, and when each door was heard."""
    counts: Counter[Any] = Counter()
    for each in through:
        if each.message is not None and not each.message.set_aside:
            counts[each.message.cause.public_id] += 1
    for public_id, count in counts.items():
        announce(f"desk:{public_id}", {"change": "messages", "count": count})
    Door.objects.filter(pk__in={each.row.door_id for each in through}).update(last_heard_at=timezone.now())


def _what_happened(error: Exception) -> str:
    """Type and place of an error. Its words are left out: they may quote the message."""
    if isinstance(error, Unreadable):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = "\n".join(
        f"  {frame.filename.rsplit('entraide/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames
    )
    return f"{type(error).__name__}\n{where}"


def retry_stuck(limit: int = 20, *, ids: list[int] | None = None) -> int:
    """Try stuck rows again: those whose time has come, or those named. Returns how many got through."""
    due = Stuck.objects.filter(resolved_at=None).order_by("next_attempt_at", "pk")
    due = due.filter(pk__in=ids) if ids is not None else due.filter(next_attempt_at__lte=timezone.now())
    waiting = list(due[:limit])
    if not waiting:
        return 0
    rows = inbox.read_these(stuck.inbox_id for stuck in waiting)
    doors = _doors(list(rows.values()))
    through = 0
    for stuck in waiting:
        row = rows.get(stuck.inbox_id)
        prepared = _prepare(row, doors) if row else None
        with transaction.atomic():
            locked = Stuck.objects.select_for_update().filter(pk=stuck.pk, resolved_at=None).first()
            if locked is None:
                continue
            error = "its row is not in the inbox"
            if prepared is not None:
                _take_prepared([prepared], doors)
                error = prepared.error
                locked.refresh_from_db()
            if error:
                locked.error, locked.attempts = error, min(locked.attempts + 1, 1000)
                wait = min(RETRY_FIRST * 2 ** min(locked.attempts, 12), RETRY_LONGEST)
                locked.next_attempt_at = timezone.now() + wait
            else:
                locked.resolved_at = timezone.now()
                through += 1
            locked.save()
    return through
