"""Reads of the channels room. Whoever calls has checked the right to see what is returned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from entraide.foundations.causes.queries import SetUpLink
from entraide.foundations.channels.models import Contact, Door, LiveEvent, Message, Outgoing, Stuck
from entraide.foundations.channels.rules import unseal, unseal_text
from entraide.foundations.people.queries import causes_with, rights
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal


@dataclass(frozen=True, kw_only=True)
class Received:
    """One message, opened, as a capability gets it.

    Attributes:
        sender_key: the same for all messages of one contact and telling nothing else, for counting
            independent senders; "" where nobody can tell who wrote (count all of those as one at most).
        fields: what else was said: ``category``, ``place``, ``lat``, ``lon``, ``tell_me`` …, and of mail
            ``attachments`` (names), ``shown`` (the text without quoted replies and signature).
        set_aside: "" or why no capability was told ("test", "command", "automatic").
    """

    message_id: int
    cause_id: int
    cause_public_id: UUID
    text: str
    subject: str
    language: str
    language_sure: bool
    language_choices: tuple[tuple[str, float], ...]
    contact_id: int | None
    channel: str
    sender_key: str
    fields: dict[str, Any] = field(default_factory=dict)
    sent_at: datetime | None
    received_at: datetime
    set_aside: str = ""


def opened(message: Message) -> Received:
    """Unseal one message (with ``cause`` and ``contact`` selected)."""
    fields = unseal(message.sealed_fields)
    return Received(
        message_id=message.pk,
        cause_id=message.cause_id,
        cause_public_id=message.cause.public_id,
        text=unseal_text(message.sealed_text),
        subject=unseal_text(message.sealed_subject),
        language=message.language,
        language_sure=message.language_sure,
        language_choices=tuple((code, share) for code, share in message.language_choices),
        contact_id=message.contact_id,
        channel=message.channel,
        sender_key=message.contact.digest[:24] if message.contact else "",
        fields=orjson.loads(fields) if fields else {},
        sent_at=message.sent_at,
        received_at=message.received_at,
        set_aside=message.set_aside,
    )


def received(message_ids: Iterable[int]) -> list[Received]:
    """Messages by id, in the order asked; unknown ids are left out."""
    wanted = list(message_ids)
    found = Message.objects.filter(pk__in=wanted).select_related("cause", "contact").order_by("pk")
    by_id = {message.pk: opened(message) for message in found}
    return [by_id[number] for number in wanted if number in by_id]


def contact_value(contact: Contact | int, *, by: Any) -> str:
    """The number or address itself, for those who may see contacts in a cause it wrote to.

    Raises:
        Refusal: 404 where it never wrote to a cause in which ``by`` may see contacts (whether it exists
            at all is not told), 410 once erased.
    """
    number = contact.pk if isinstance(contact, Contact) else contact
    found = (
        Contact.objects.filter(pk=number, messages__cause__public_id__in=causes_with(by, Right.CONTACT_SEE))
        .order_by("pk")
        .first()
    )
    if found is None:
        raise Refusal(_("There is no such contact here."), status=404, code="no-such-contact")
    if not found.sealed:
        raise Refusal(_("This contact was erased."), status=410, code="contact-wiped")
    return unseal_text(found.sealed)


def doors(cause_id: int) -> QuerySet[Door]:
    """A cause's doors, oldest first."""
    return Door.objects.filter(cause_id=cause_id).order_by("pk")


def door(cause_id: int, number: int) -> Door:
    """One door of a cause.

    Raises:
        Refusal: 404.
    """
    found = Door.objects.filter(cause_id=cause_id, pk=number).select_related("cause").first()
    if found is None:
        raise Refusal(_("There is no such door."), status=404, code="no-such-door")
    return found


def outgoing(cause_id: int, name: str) -> Outgoing:
    """One message on its way, by its uuid.

    Raises:
        Refusal: 404.
    """
    try:
        wanted = UUID(name)
    except ValueError:
        wanted = UUID(int=0)  # nobody's
    found = Outgoing.objects.filter(cause_id=cause_id, uuid=wanted).select_related("cause").first()
    if found is None:
        raise Refusal(_("There is no such message."), status=404, code="no-such-message")
    return found


class AnswersLeft:
    """How many more answers contacts may get."""

    def __init__(self, most: int, had: dict[int, int]) -> None:
        self._most, self._had = most, had

    def take(self, contact_id: int) -> bool:
        """True, and one fewer left, where the contact may get another."""
        had = self._had.get(contact_id, 0)
        self._had[contact_id] = had + 1
        return had < self._most


def answers_left(contact_ids: Iterable[int], an_hour: int) -> AnswersLeft:
    """How many answers each contact may still get, at ``an_hour``; one query for all of them."""
    had = (
        Outgoing.objects.filter(
            contact_id__in=set(contact_ids), created_at__gt=timezone.now() - timedelta(hours=1)
        )
        .order_by()
        .values_list("contact_id")
        .annotate(number=Count("pk"))
    )
    return AnswersLeft(an_hour, dict(had))


def deliveries(cause_id: int, state: str = "") -> QuerySet[Outgoing]:
    """Messages on their way to contacts of a cause, newest first."""
    found = Outgoing.objects.filter(cause_id=cause_id).select_related("contact", "door")
    return (found.filter(state=state) if state else found).order_by("-created_at", "-pk")


def delivery_counts(cause_id: int) -> dict[str, int]:
    """How many stand in each state, zero included."""
    found = dict(
        Outgoing.objects.filter(cause_id=cause_id)
        .order_by()
        .values_list("state")
        .annotate(number=Count("pk"))
    )
    return {state: found.get(state, 0) for state in Outgoing.State.values}


def stuck(cause_id: int) -> QuerySet[Stuck]:
    """Rows of the inbox that could not be taken in yet, of a cause's doors."""
    return (
        Stuck.objects.filter(door__cause_id=cause_id, resolved_at=None).select_related("door").order_by("pk")
    )


def set_up_links(person: Any, cause: Any) -> list[SetUpLink]:
    """Our pages on the set-up page of a cause, with what needs a look, as far as the person has the right."""
    held = rights(person, cause_id=cause.public_id)
    found = []
    if Right.CAUSE_SET_UP in held:
        found.append(
            SetUpLink(
                label=_("Doors"),
                sentence=_("The ways by which messages come in: SMS, mail, forms."),
                url=reverse("channels:doors", args=[cause.slug]),
            )
        )
    if Right.CONTACT_REPLY in held:
        counts = delivery_counts(cause.pk)
        waiting, failed = counts[Outgoing.State.QUEUED], counts[Outgoing.State.FAILED]
        notes = [
            ngettext("%(number)s waiting", "%(number)s waiting", waiting) % {"number": waiting}
            if waiting
            else "",
            ngettext("%(number)s failed", "%(number)s failed", failed) % {"number": failed} if failed else "",
        ]
        found.append(
            SetUpLink(
                label=_("Deliveries"),
                sentence=_("What was written to witnesses, and how far it got."),
                url=reverse("channels:deliveries", args=[cause.slug]),
                note=", ".join(note for note in notes if note),
            )
        )
    if Right.CAUSE_SET_UP in held:
        number = stuck(cause.pk).count()
        found.append(
            SetUpLink(
                label=_("Stuck messages"),
                sentence=_("What came in and could not be read; it is kept and tried again."),
                url=reverse("channels:stuck", args=[cause.slug]),
                note=ngettext("%(number)s stuck", "%(number)s stuck", number) % {"number": number}
                if number
                else "",
            )
        )
    return found


LIVE_SETTLED = timedelta(seconds=5)


class LiveWatch:
    """New live notices, each once. Not thread-safe: one watch a thread.

    On PostgreSQL a lower id may commit after a higher one; so the last five seconds are asked for again and
    those seen are left out.
    """

    def __init__(self) -> None:
        self._settled: int | None = None  # every id up to here has been seen or is older than the watch
        self._seen: dict[int, datetime] = {}

    def new(self, limit: int = 2_000) -> list[tuple[int, str, str]]:
        """(id, topic, JSON) of notices since the last call, oldest first; none at the first call."""
        if self._settled is None:
            last = LiveEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
            self._settled = last or 0
            return []
        found = list(
            LiveEvent.objects.filter(pk__gt=self._settled)
            .exclude(pk__in=list(self._seen))
            .order_by("pk")
            .values_list("pk", "topic", "data", "at")[:limit]
        )
        now = timezone.now()
        self._seen |= {number: now for number, _topic, _data, _at in found}
        old = [number for number, at in self._seen.items() if now - at > LIVE_SETTLED]
        if old:
            self._settled = max(old)
            self._seen = {number: at for number, at in self._seen.items() if number > self._settled}
        return [(number, topic, data) for number, topic, data, _at in found]
