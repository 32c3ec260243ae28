"""The outbox: written in the transaction that decides, delivered afterwards, at least once."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from entraide.foundations.channels.models import Contact, Door, Message, OptOut, Outgoing
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


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer to somebody, before it is queued.

    Attributes:
        about: opaque subject ("report:ab23…").
        in_reply_to: id of the message answered: its door is used again, and a mail's thread kept.
        subject: of a mail; without one, that of the message answered, else the site's name: never the
            cause's, for a mailbox may be looked at by others.
    """

    contact_id: int
    text: str
    language: str
    about: str
    in_reply_to: int | None = None
    subject: str = ""


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
    """Queue one answer by the channel the contact wrote on; see :class:`Reply` and :func:`reply_many`.

    Returns:
        None where nobody can be told: no such contact, erased, she sent STOP, or no way leads to her.
    """
    message = in_reply_to.pk if isinstance(in_reply_to, Message) else in_reply_to
    one = Reply(
        contact_id=contact_id,
        text=text,
        language=language,
        about=about,
        in_reply_to=message,
        subject=subject,
    )
    return reply_many(cause=cause, replies=[one])[0]


def reply_many(*, cause: Any, replies: Sequence[Reply]) -> list[Outgoing | None]:
    """Queue answers, with a handful of queries however many they are.

    Args:
        cause: the Cause whose answers they are.

    Returns:
        For each reply what was queued, or None where nobody can be told.
    """
    messages = (
        Message.objects.select_related("door", "cause", "contact").order_by("pk")
        .in_bulk({each.in_reply_to for each in replies if each.in_reply_to is not None})
    )  # fmt: skip
    contacts: dict[int | None, Contact | None] = {
        message.contact_id: message.contact for message in messages.values() if message.contact
    }
    missing = {each.contact_id for each in replies} - contacts.keys()
    if missing:
        contacts |= Contact.objects.order_by("pk").in_bulk(missing)
    stopped = OptOut.objects.filter(cause=cause, contact__in=contacts).values_list("contact", flat=True)
    for silenced in stopped.order_by("pk"):
        contacts[silenced] = None
    telephone = _Telephone(cause)
    queued = [
        _outgoing(each, cause, contacts.get(each.contact_id), messages.get(each.in_reply_to or 0), telephone)
        for each in replies
    ]
    Outgoing.objects.bulk_create([each for each in queued if each is not None])
    return queued


def _outgoing(
    one: Reply, cause: Any, contact: Contact | None, message: Message | None, telephone: _Telephone
) -> Outgoing | None:
    """The row, not yet saved."""
    if contact is None or contact.wiped_at or not one.text.strip():
        return None
    subject = ""
    if contact.channel == Contact.Way.SMS:
        door = telephone.of(message)
        if door is None:
            return None
    elif contact.channel == Contact.Way.MAIL:
        door = message.door if message is not None and message.door.kind == Door.Kind.MAIL else None
        said = "" if one.subject or message is None else unseal_text(message.sealed_subject)
        subject = one.subject or (f"Re: {said.removeprefix('Re: ')}" if said else settings.SITE_NAME)
    else:
        return None
    return Outgoing(
        contact=contact,
        door=door,
        cause=cause,
        sealed_text=seal(one.text),
        sealed_subject=seal(subject) if subject else b"",
        language=one.language,
        about=one.about,
        in_reply_to=message,
        next_attempt_at=timezone.now(),
    )


class _Telephone:
    """The telephone an answer leaves by: the one she wrote to, else the cause's telephone heard last."""

    def __init__(self, cause: Any) -> None:
        self._cause = cause
        self._heard_last: Door | None = None
        self._asked = False

    def of(self, message: Message | None) -> Door | None:
        if message is not None and message.door.kind == Door.Kind.SMSSYNC:
            return message.door
        if not self._asked:
            found = Door.objects.filter(cause=self._cause, kind=Door.Kind.SMSSYNC, state=Door.State.OPEN)
            self._heard_last = max(
                found.order_by("pk"),
                key=lambda door: (door.last_heard_at is not None, door.last_heard_at, door.pk),
                default=None,
            )
            self._asked = True
        return self._heard_last


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
    if contact.wiped_at or OptOut.objects.filter(contact=contact, cause=outgoing.cause_id).exists():
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
    except Exception as error:
        # An address no mail can be written to ("a,b@c"), a letter its header cannot hold: never again, and
        # the others behind it must leave all the same.
        _ended(outgoing, State.FAILED, type(error).__name__)
        log.warning("mail %s cannot be written: %s", outgoing.uuid, type(error).__name__)
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
