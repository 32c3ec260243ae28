"""Telling the witness: a receipt, and what became of it, by the same channel and in her language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from entraide.capabilities.crisis import contributions
from entraide.capabilities.crisis.actions import record
from entraide.capabilities.crisis.models import Change, Report
from entraide.capabilities.crisis.queries import reports as queries
from entraide.capabilities.crisis.queries import texts
from entraide.foundations.channels import actions as channels
from entraide.foundations.channels import queries as messages

# Imported messages were answered, or not, by those who received them.
SILENT_CHANNELS = frozenset({"import"})
RECEIPTS_AN_HOUR = 5  # to one contact, whatever else she was told counted too


def receipts(cause: Any, told: Iterable[tuple[Report, Any]]) -> int:
    """Say "it arrived", once for each message: (report, ``channels.queries.Received``) of one cause.

    No name of the event: the telephone may be looked at. Returns how many are being told.
    """
    setup = queries.setup_of(cause)
    replies = []
    for report, received in told:
        if received.contact_id is None or received.channel in SILENT_CHANNELS:
            continue
        # Anybody can write somebody else's number on a form or a mail: what looks doubtful is not answered,
        # and nobody gets more than a few receipts an hour, nor two machines answer each other for ever.
        if received.fields.get("doubtful"):
            continue
        language, text = texts.text_for(setup, "receipt", received.language)
        replies.append(_reply(report, received, language, text))
    if not replies:
        return 0
    left = messages.answers_left([each.contact_id for each in replies], RECEIPTS_AN_HOUR)
    replies = [each for each in replies if left.take(each.contact_id)]
    return sum(queued is not None for queued in channels.reply_many(cause=cause, replies=replies))


def tell(report: Report, about: str) -> int:
    """Tell everyone whose message the report rests on. Call it inside a transaction.

    Args:
        about: ``"published"``, ``"routed"``, ``"taken"`` or ``"done"``: a key of the texts. That it
            can be read by others is said once, however often it is withdrawn and published again.

    Returns:
        How many people are being told. Being told means that the answer is in the outbox, which loses
        nothing; the page of deliveries says how far each has come. Who opted out is not told.
    """
    if about == "published" and Change.objects.filter(report=report, what="told", after=about).exists():
        return 0
    setup = queries.setup_of(report.cause)
    spoken: set[int] = set()
    replies = []
    sources = queries.sources(report)
    for received in messages.received([source.message_id for source in sources]):
        contact = received.contact_id
        if contact is None or contact in spoken or received.channel in SILENT_CHANNELS:
            continue
        language, text = texts.text_for(setup, about, received.language)
        spoken.add(contact)
        replies.append(_reply(report, received, language, text))
    if not replies:
        return 0
    told = sum(queued is not None for queued in channels.reply_many(cause=report.cause, replies=replies))
    if told:
        record.change(report, "told", after=about)
        record.entry(contributions.ToldBack, report, about=about)
    return told


def _reply(report: Report, received: Any, language: str, text: str) -> channels.Reply:
    return channels.Reply(
        contact_id=received.contact_id,
        text=text,
        language=language,
        about=f"report:{report.ref}",
        in_reply_to=received.message_id,
    )
