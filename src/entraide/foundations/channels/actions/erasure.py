"""Erasure and retention: what was sealed is emptied, in the tables and in the inbox file."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from entraide.capability import Retention
from entraide.foundations.causes.models import Cause
from entraide.foundations.channels import inbox
from entraide.foundations.channels.models import Contact, Door, IntakePosition, Message, Outgoing, Stuck
from entraide.foundations.people.queries import demand
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

PURGE_BATCH = 500
KEEP_AFTER_CLOSING = timedelta(days=90)  # then nobody will answer any more


def wipe_contact(*, contact_id: int, cause: Any, by: Any) -> None:
    """Erase who somebody is and all she wrote to this cause: number or address, texts, answers, raw requests.

    The rows stay, empty, so that counts and histories stay true. The hash goes too: the same number
    writing again is somebody new. Where she wrote to other causes, they keep what she told them and how to
    reach her: a steward may erase for her own cause alone.

    Raises:
        Refusal: 403 without CONTACT_SEE in the cause, 404 where she never wrote to it.
    """
    demand(by, Right.CONTACT_SEE, cause_id=cause.public_id)
    contact = Contact.objects.filter(pk=contact_id, messages__cause=cause).order_by("pk").first()
    if contact is None:
        raise Refusal("There is no such contact here.", status=404, code="no-such-contact")
    now = timezone.now()
    with transaction.atomic():
        messages = Message.objects.filter(contact=contact, cause=cause)
        answers = Outgoing.objects.filter(contact=contact, cause=cause)
        rows = _wipe(messages, now)
        answers.update(sealed_text=b"", sealed_subject=b"", error="")
        answers.filter(state=Outgoing.State.QUEUED).update(state=Outgoing.State.FAILED, next_attempt_at=None)
        if Message.objects.filter(contact=contact).exclude(cause=cause).exists():
            messages.update(contact=None)
        else:
            contact.sealed, contact.digest, contact.wiped_at = b"", f"wiped-{uuid.uuid4().hex}", now
            contact.language = ""
            contact.save()
    inbox.empty(rows)


def _wipe(messages: QuerySet[Message], now: datetime) -> list[int]:
    """Empty messages; returns the rows of the inbox they came from."""
    rows = [number for number in messages.values_list("inbox_id", flat=True) if number is not None]
    messages.update(sealed_text=b"", sealed_subject=b"", sealed_fields=b"", wiped_at=now)
    return rows


def purge(before: datetime) -> int:
    """Retention: empty messages received before a moment, and the raw requests taken in before it.

    A row that is stuck, or not yet taken in, is kept: nobody has read it. Returns how many messages.
    """
    now, done = timezone.now(), 0
    while True:
        due = list(
            Message.objects.filter(Q(wiped_at=None), received_at__lt=before)
            .order_by("pk")
            .values_list("pk", flat=True)[:PURGE_BATCH]
        )
        if not due:
            break
        _wipe(Message.objects.filter(pk__in=due), now)
        done += len(due)
    position = IntakePosition.objects.filter(pk=1).values_list("position", flat=True).first() or 0
    kept = set(Stuck.objects.filter(resolved_at=None).values_list("inbox_id", flat=True))
    after, until = 0, min(position, int(before.timestamp() * 1e6))
    while rows := [row for row in inbox.read(after, PURGE_BATCH) if row.id <= until]:
        inbox.empty(row.id for row in rows if row.id not in kept and row.sealed)
        after = rows[-1].id
    return done


def purge_closed(now: datetime) -> int:
    """Retention: 90 days after a cause was closed, forget who wrote to it and what: messages, raw requests
    (repeats and stuck ones too), answers, and whoever wrote to no other cause.

    What came in less than 90 days ago waits its own. The rows stay, empty, for the counts. The inbox is
    emptied first: killed between the two, the next run does both again.

    Returns:
        How many messages and contacts were emptied; 0: nothing was due.
    """
    before = now - KEEP_AFTER_CLOSING
    closed = list(Cause.objects.filter(closed_at__lt=before).order_by("pk").values_list("pk", flat=True))
    if not closed:
        return 0
    _empty_inbox_of(closed, before)
    due = Message.objects.filter(cause__in=closed, wiped_at=None, received_at__lt=before)
    done = due.update(sealed_text=b"", sealed_subject=b"", sealed_fields=b"", wiped_at=now)
    answers = Outgoing.objects.filter(cause__in=closed, created_at__lt=before)
    answers.exclude(sealed_text=b"").update(sealed_text=b"", sealed_subject=b"", error="")
    answers.filter(state=Outgoing.State.QUEUED).update(state=Outgoing.State.FAILED, next_attempt_at=None)
    return done + _forget_contacts_of(closed, now)


def _empty_inbox_of(closed: list[int], before: datetime) -> None:
    """Empty what lies in the inbox of these causes' doors and was taken in, or stuck, before a moment."""
    doors = set(Door.objects.filter(cause__in=closed).order_by("pk").values_list("pk", flat=True))
    position = IntakePosition.objects.filter(pk=1).values_list("position", flat=True).first() or 0
    until = min(position, int(before.timestamp() * 1e6))
    rows = inbox.full(doors, until)
    for start in range(0, len(rows), PURGE_BATCH):
        inbox.empty(rows[start : start + PURGE_BATCH])
    stuck = Stuck.objects.filter(door__in=doors, resolved_at=None, inbox_id__lte=until)
    stuck.update(resolved_at=timezone.now(), error="its time was over")


def _forget_contacts_of(closed: list[int], now: datetime) -> int:
    """Empty contacts of these causes whose every message was emptied and who wrote to no other cause."""
    theirs = Message.objects.filter(contact=OuterRef("pk"))
    due = Contact.objects.filter(
        Exists(theirs.filter(cause__in=closed)),
        ~Exists(theirs.filter(wiped_at=None)),
        ~Exists(theirs.exclude(cause__in=closed)),
        wiped_at=None,
    ).order_by("pk")
    done = 0
    while contacts := list(due[:PURGE_BATCH]):
        for contact in contacts:
            _forget(contact, now)
        Contact.objects.bulk_update(contacts, ["sealed", "digest", "language", "wiped_at"])
        done += len(contacts)
    return done


def _forget(contact: Contact, now: datetime) -> None:
    contact.sealed, contact.digest, contact.wiped_at = b"", f"wiped-{uuid.uuid4().hex}", now
    contact.language = ""


RETENTION = (
    Retention(
        what=_("Messages as they came, answers, numbers and addresses"),
        how_long=_("until 90 days after the cause is closed; then emptied"),
        purge=purge_closed,
    ),
)
