"""The outbox: written in the transaction that decides, delivered afterwards, at least once."""

from __future__ import annotations

import logging
import smtplib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from entraide.foundations.channels.models import Contact, Door, Message, Outgoing
from entraide.foundations.channels.queries import opened
from entraide.foundations.channels.rules import seal, unseal_text
from entraide.foundations.people.queries import demand
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

log = logging.getLogger(__name__)

ATTEMPTS_MAX = 18  # 30 s doubling up to 4 h: about two days
WAIT_FIRST = timedelta(seconds=30)
WAIT_LONGEST = timedelta(hours=4)
CLAIM = timedelta(minutes=5)  # a delivery begun and not ended (the worker was killed) is begun again then
State = Outgoing.State


def reply(
    *,
    contact_id: int,
    cause: Any,
    text: str,
    language: str,
    about: str,
    in_reply_to: int | Message | None = None,
    subject: str = "",
) -> Outgoing | None:
    """Queue an answer by the channel the contact wrote on.

    Args:
        cause: the Cause whose answer it is.
        about: opaque subject ("report:ab23…").
        in_reply_to: the message answered, or its id: its door is used again, and a mail's thread kept.

    Returns:
        None where nobody can be told: no such contact, erased, she sent STOP, or no way leads to her.
    """
    if isinstance(in_reply_to, int):
        in_reply_to = (
            Message.objects.select_related("door", "cause", "contact").filter(pk=in_reply_to).first()
        )
    if in_reply_to is not None and in_reply_to.contact_id == contact_id:
        contact = in_reply_to.contact
    else:
        contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None or contact.opted_out_at or contact.wiped_at or not text.strip():
        return None
    if contact.channel == Contact.Way.SMS:
        door = _telephone_of(cause, in_reply_to)
        if door is None:
            return None
    elif contact.channel == Contact.Way.MAIL:
        came_by = in_reply_to.door if in_reply_to is not None else None
        door = came_by if came_by is not None and came_by.kind == Door.Kind.MAIL else None
        if not subject:
            said = opened(in_reply_to).subject if in_reply_to is not None else ""
            subject = f"Re: {said.removeprefix('Re: ')}" if said else str(cause.title)
    else:
        return None
    return Outgoing.objects.create(
        contact=contact,
        door=door,
        cause=cause,
        sealed_text=seal(text),
        sealed_subject=seal(subject) if contact.channel == Contact.Way.MAIL else b"",
        language=language,
        about=about,
        in_reply_to=in_reply_to,
        next_attempt_at=timezone.now(),
    )


def _telephone_of(cause: Any, message: Message | None) -> Door | None:
    """The telephone she wrote to, else the cause's telephone heard last."""
    if message is not None and message.door.kind == Door.Kind.SMSSYNC:
        return message.door
    found = Door.objects.filter(cause=cause, kind=Door.Kind.SMSSYNC, state=Door.State.OPEN)
    return max(
        found.order_by("pk"),
        key=lambda door: (door.last_heard_at is not None, door.last_heard_at, door.pk),
        default=None,
    )


def deliver(limit: int = 50) -> int:
    """Send what is due by mail. Returns how many left. Telephones fetch theirs (``actions.telephone``)."""
    left = 0
    for number in _claim(limit):
        outgoing = (
            Outgoing.objects.select_related("contact", "door", "cause", "in_reply_to__cause")
            .select_related("in_reply_to__contact")
            .get(pk=number)
        )
        left += _send(outgoing)
    return left


@transaction.atomic
def _claim(limit: int) -> list[int]:
    now = timezone.now()
    due = list(
        Outgoing.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(state=State.QUEUED, contact__channel=Contact.Way.MAIL, next_attempt_at__lte=now)
        .order_by("next_attempt_at", "pk")[:limit]
    )
    for outgoing in due:
        outgoing.attempts += 1
        outgoing.next_attempt_at = now + CLAIM
    Outgoing.objects.bulk_update(due, ["attempts", "next_attempt_at"])
    return [outgoing.pk for outgoing in due]


def _send(outgoing: Outgoing) -> bool:
    """One mail, outside any transaction. True where the server took it."""
    contact = outgoing.contact
    if contact.wiped_at is not None or contact.opted_out_at is not None:
        _ended(outgoing, State.FAILED, str(_("The contact wants no answers.")))
        return False
    try:
        _mail(outgoing).send()
    except (smtplib.SMTPException, OSError) as error:
        if _is_final(error) or outgoing.attempts >= ATTEMPTS_MAX:
            _ended(outgoing, State.FAILED, _words(error))
        else:
            wait = min(WAIT_FIRST * 2 ** (outgoing.attempts - 1), WAIT_LONGEST)
            outgoing.next_attempt_at, outgoing.error = timezone.now() + wait, _words(error)
            outgoing.save(update_fields=["next_attempt_at", "error"])
        log.info("mail %s was not taken: %s", outgoing.uuid, type(error).__name__)
        return False
    outgoing.state, outgoing.sent_at, outgoing.error = State.SENT, timezone.now(), ""
    outgoing.save(update_fields=["state", "sent_at", "error"])
    return True


def _ended(outgoing: Outgoing, state: str, error: str) -> None:
    outgoing.state, outgoing.error, outgoing.next_attempt_at = state, error[:300], None
    outgoing.save(update_fields=["state", "error", "next_attempt_at"])


def _is_final(error: Exception) -> bool:
    """True where the server said "never" (5xx) rather than "not now"."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500


def _words(error: Exception) -> str:
    """What the steward is shown; never the address, which some servers put into their answers."""
    code = getattr(error, "smtp_code", "")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((code for code, _words in error.recipients.values()), "")
    return f"{type(error).__name__} {code}".strip()


def _mail(outgoing: Outgoing) -> EmailMessage:
    host = settings.SITE_URL.split("//", 1)[-1].split("/")[0].split(":")[0] or "localhost"
    # Auto-Submitted: so that no machine answers this answer (RFC 3834).
    headers = {"Message-ID": f"<{outgoing.uuid}@{host}>", "Auto-Submitted": "auto-replied"}
    if outgoing.in_reply_to is not None:
        thread = str(opened(outgoing.in_reply_to).fields.get("message_id", ""))
        if thread and "\n" not in thread and "\r" not in thread:
            headers["In-Reply-To"] = headers["References"] = thread
    sender = str(outgoing.door.settings.get("address", "")) if outgoing.door else ""
    subject = " ".join(unseal_text(outgoing.sealed_subject).split())[:200]
    return EmailMessage(
        subject=subject or settings.SITE_NAME,
        body=unseal_text(outgoing.sealed_text),
        from_email=sender or settings.DEFAULT_FROM_EMAIL,
        to=[unseal_text(outgoing.contact.sealed)],
        headers=headers,
    )


def retry(*, outgoing: Outgoing, by: Any) -> None:
    """Put a failed or unknown message back in the queue, on a steward's word.

    Raises:
        Refusal: 403 without CONTACT_REPLY in its cause; 409 where it is on its way or arrived.
    """
    demand(by, Right.CONTACT_REPLY, cause_id=outgoing.cause.public_id)
    changed = Outgoing.objects.filter(Q(state__in=(State.FAILED, State.UNKNOWN)), pk=outgoing.pk).update(
        state=State.QUEUED, attempts=0, error="", next_attempt_at=timezone.now()
    )
    if not changed:
        raise Refusal(_("This message is already on its way."), status=409, code="already-on-its-way")
