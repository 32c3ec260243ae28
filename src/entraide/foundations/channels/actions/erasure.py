"""Erasure and retention: what was sealed is emptied, in the tables and in the inbox file."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from entraide.foundations.channels import inbox
from entraide.foundations.channels.models import Contact, IntakePosition, Message, Outgoing
from entraide.foundations.people.queries import demand
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

PURGE_BATCH = 500


def wipe_contact(*, contact_id: int, cause: Any, by: Any) -> None:
    """Erase who somebody is and all she wrote: number or address, texts, answers, raw requests.

    The rows stay, empty, so that counts and histories stay true. The hash goes too: the same number
    writing again is somebody new.

    Raises:
        Refusal: 403 without CONTACT_SEE in the cause, 404 where she never wrote to it.
    """
    demand(by, Right.CONTACT_SEE, cause_id=cause.public_id)
    contact = Contact.objects.filter(pk=contact_id, messages__cause=cause).order_by("pk").first()
    if contact is None:
        raise Refusal("There is no such contact here.", status=404, code="no-such-contact")
    now = timezone.now()
    with transaction.atomic():
        messages = Message.objects.filter(contact=contact)
        rows = _wipe(messages, now)
        Outgoing.objects.filter(contact=contact).update(sealed_text=b"", sealed_subject=b"", error="")
        Outgoing.objects.filter(contact=contact, state=Outgoing.State.QUEUED).update(
            state=Outgoing.State.FAILED, next_attempt_at=None
        )
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
    from entraide.foundations.channels.models import Stuck

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
