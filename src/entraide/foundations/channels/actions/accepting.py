"""Ways in that do not come over a wire of their own: the site's form, and files."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Sequence
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from entraide.foundations.channels import inbox
from entraide.foundations.channels.actions.doors import standing_door
from entraide.foundations.channels.actions.intake import language_of
from entraide.foundations.channels.models import Door, Message
from entraide.foundations.channels.rules import seal
from entraide.foundations.channels.rules.hearing import Heard, from_fields, without_surrogates
from entraide.refusal import Refusal

log = logging.getLogger(__name__)

FLUSH_SECONDS = 15.0


def accept_web(
    *, fields: dict[str, Any], key: str, cause: Any = None, door: Door | None = None
) -> inbox.Accepted:
    """Take what the site's form was given; returns once it is on disk.

    Args:
        fields: ``text`` (or ``message``), ``contact`` (a number or an address, may be missing),
            ``language`` (BCP 47, the author's word), ``subject``; anything else is kept and handed to the
            capability as it is. JSON-able.
        key: the form's own random key, so that sending twice is one message.
        cause: whose form; or name the ``door``.

    Raises:
        Refusal: 400 without text; 503 where the door is frozen or the inbox is full.
    """
    door = door or standing_door(cause=cause, kind=Door.Kind.WEB)
    heard = from_fields(fields)
    if not heard.text.strip():
        raise Refusal(_("Please say what is happening."), where="message", code="missing-message")
    if door.state == Door.State.FROZEN:
        raise Refusal(
            _("This cause takes no messages at the moment. Please try again later."),
            status=503,
            code="door-frozen",
            retry_after=300,
        )
    clean = json.loads(without_surrogates(json.dumps(fields, ensure_ascii=False, default=str)))
    arrival = inbox.Arrival(
        door_id=door.pk,
        channel="web",
        key=key,
        content_type="application/json",
        body=orjson.dumps(clean),
        fields=clean,
    )
    try:
        return inbox.writer().accept(arrival).result(timeout=FLUSH_SECONDS)
    except (sqlite3.Error, OSError) as error:
        if not isinstance(error, TooSlow):  # which is an OSError too
            # A full or broken disk: nothing was taken, and what she wrote must still stand in her form.
            log.exception("a message could not be stored")
        raise _come_back() from None
    except inbox.Full:
        raise _come_back() from None


def _come_back() -> Refusal:
    """Nothing was taken; it may be in a moment."""
    return Refusal(
        _("Too many messages arrive at this moment. Please send again in a few seconds."),
        status=503,
        code="inbox-full",
        retry_after=5,
    )


@dataclass(frozen=True, kw_only=True)
class Imported:
    """One row of an imported file. ``key`` names it: the same key again is the same message."""

    key: str
    text: str
    sent_at: datetime | None = None
    fields: dict[str, Any] | None = None
    language: str = ""
    subject: str = ""


def import_message(
    *,
    cause: Any,
    key: str,
    text: str,
    sent_at: datetime | None = None,
    fields: dict[str, Any] | None = None,
    language: str = "",
    subject: str = "",
) -> Message:
    """Keep one row of an imported file as a message; see :class:`Imported` and :func:`import_messages`."""
    row = Imported(key=key, text=text, sent_at=sent_at, fields=fields, language=language, subject=subject)
    return import_messages(cause=cause, rows=[row])[0]


@transaction.atomic
def import_messages(*, cause: Any, rows: Sequence[Imported]) -> list[Message]:
    """Keep rows of an imported file as messages. A key that is known already returns its message.

    No capability is told: the importer is the capability and knows what to make of its rows.

    Returns:
        The message of each row, in the order given.
    """
    door = standing_door(cause=cause, kind=Door.Kind.IMPORT)
    hashed = {row.key: hashlib.sha256(row.key.encode()).hexdigest() for row in rows}
    found = Message.objects.filter(door=door, key__in=hashed.values()).order_by("pk")
    known = {message.key: message for message in found}
    new: dict[str, Message] = {}
    for row in rows:
        key = hashed[row.key]
        if key not in known and key not in new:
            new[key] = _imported(row, cause, door, key)
    Message.objects.bulk_create(new.values())
    known |= new
    return [known[hashed[row.key]] for row in rows]


def _imported(row: Imported, cause: Any, door: Door, key: str) -> Message:
    """The message of a row, not yet saved."""
    heard = Heard(text=without_surrogates(row.text), language=row.language)
    code, sure, choices = language_of(heard)
    return Message(
        door=door,
        cause=cause,
        channel="import",
        key=key,
        sealed_text=seal(heard.text),
        sealed_subject=seal(without_surrogates(row.subject)),
        sealed_fields=seal(orjson.dumps(row.fields or {})),
        language=code,
        language_sure=sure,
        language_choices=choices,
        sent_at=row.sent_at,
        received_at=timezone.now(),
    )
