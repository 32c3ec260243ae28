"""The intake: rows of the inbox become messages, exactly once, and a broken one holds up no other.

Reading, parsing and guessing the language happen before the transaction; inside it the position is locked,
and where another worker moved it meanwhile the prepared batch is thrown away. The position moves in the
transaction that writes the messages and tells the capabilities, so a kill at any instant repeats nothing
and loses nothing.
"""

from __future__ import annotations

import hashlib
import logging
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from entraide.capability import cards
from entraide.foundations.channels import inbox
from entraide.foundations.channels.actions.live import announce
from entraide.foundations.channels.models import Contact, Door, IntakePosition, Message, Stuck
from entraide.foundations.channels.queries import opened
from entraide.foundations.channels.rules import Address, address, command_in, digest, seal
from entraide.foundations.channels.rules.hearing import Heard, from_fields, without_surrogates
from entraide.foundations.channels.rules.mail import read_mail

log = logging.getLogger(__name__)

BATCH = 200
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
    passed = 0
    while passed < limit:
        taken = _take_batch(min(BATCH, limit - passed))
        passed += taken
        if taken == 0:
            break
    return passed


def _take_batch(size: int) -> int:
    position = IntakePosition.objects.values_list("position", flat=True).filter(pk=1).first() or 0
    rows = inbox.read(position, size)
    if not rows:
        return 0
    doors = _doors(rows)
    prepared = [_prepare(row, doors) for row in rows]
    with transaction.atomic():
        IntakePosition.objects.get_or_create(pk=1)
        locked = IntakePosition.objects.select_for_update().get(pk=1)
        if locked.position != position:
            return 0
        contacts = _contacts(prepared)
        known = _known_keys(prepared)
        told: dict[Any, list[int]] = {}
        for each in prepared:
            if (each.row.door_id, each.key) in known:
                continue
            number = _take_one(each, doors, contacts)
            known.add((each.row.door_id, each.key))
            if number is not None:
                told.setdefault(doors[each.row.door_id].cause.public_id, []).append(number)
        locked.position = rows[-1].id
        locked.save(update_fields=["position"])
        for public_id, numbers in told.items():
            announce(f"desk:{public_id}", {"change": "messages", "count": len(numbers)})
        heard_now = {door_id for door_id, _key in known if door_id in doors}
        Door.objects.filter(pk__in=heard_now).update(last_heard_at=timezone.now())
    return len(rows)


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


def _take_one(
    prepared: Prepared, doors: dict[int, Door], contacts: dict[tuple[str, str], Contact]
) -> int | None:
    """One message in a savepoint of its own; a failure is kept as Stuck. Returns the message's id."""
    error = prepared.error
    if not error:
        try:
            with transaction.atomic():
                return _store(prepared, doors[prepared.row.door_id], contacts)
        except (OperationalError, InterfaceError):
            raise  # the database's trouble, not the message's
        except Exception as exception:
            error = _what_happened(exception)
    door = doors.get(prepared.row.door_id)
    log.warning("inbox row %d is stuck: %s", prepared.row.id, error.splitlines()[0])
    Stuck.objects.update_or_create(
        inbox_id=prepared.row.id,
        defaults={"door": door, "error": error, "next_attempt_at": timezone.now() + RETRY_FIRST},
    )
    return None


def _store(prepared: Prepared, door: Door, contacts: dict[tuple[str, str], Contact]) -> int | None:
    heard, arrival = prepared.heard, prepared.arrival
    assert heard is not None
    assert arrival is not None
    contact = contacts.get((prepared.address.channel, prepared.digest)) if prepared.address else None
    code, sure, choices = prepared.language
    if contact is not None and not sure:
        code = _with_memory(code, choices, contact.language)
    set_aside, extra = heard.set_aside, dict(heard.extra)
    command = "" if set_aside else command_in(heard.text)
    if command in ("stop", "start"):
        set_aside = Message.SetAside.COMMAND
    if command:
        extra["command"] = command
    message = Message.objects.create(
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
    if not set_aside:
        told = opened(message)
        for card in cards():
            if card.on_message is not None:
                card.on_message(told)
    # Last: where a capability fails, the savepoint takes everything back, and so must this object.
    if contact is not None:
        _remember(contact, command, code if sure and not set_aside else "")
    return None if set_aside else message.pk


def _remember(contact: Contact, command: str, language: str) -> None:
    """What a message teaches about its sender: her language, and whether she wants answers."""
    changed = []
    if language and contact.language != language:
        contact.language = language[:35]
        changed.append("language")
    if command == "stop" and contact.opted_out_at is None:
        contact.opted_out_at = timezone.now()
        changed.append("opted_out_at")
    if command == "start" and contact.opted_out_at is not None:
        contact.opted_out_at = None
        changed.append("opted_out_at")
    if changed:
        contact.save(update_fields=changed)


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
            error = prepared.error if prepared else "its row is not in the inbox"
            if prepared is not None and not error:
                try:
                    with transaction.atomic():
                        if (row_key := (prepared.row.door_id, prepared.key)) not in _known_keys([prepared]):
                            _store(prepared, doors[row_key[0]], _contacts([prepared]))
                except (OperationalError, InterfaceError):
                    raise
                except Exception as exception:
                    error = _what_happened(exception)
            if error:
                locked.error, locked.attempts = error, min(locked.attempts + 1, 1000)
                wait = min(RETRY_FIRST * 2 ** min(locked.attempts, 12), RETRY_LONGEST)
                locked.next_attempt_at = timezone.now() + wait
            else:
                locked.resolved_at = timezone.now()
                through += 1
            locked.save()
    return through
