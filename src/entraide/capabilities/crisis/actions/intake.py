"""From messages to reports and receipts. Runs in the intake's transaction, exactly once a message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entraide.capabilities.crisis import contributions, rules
from entraide.capabilities.crisis.actions import record, telling
from entraide.capabilities.crisis.models import Category, Report, ReportMessage, Sensitivity
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.causes import queries as causes
from entraide.foundations.channels.rules import mask
from entraide.foundations.desk import actions as desk
from entraide.foundations.journal import actions as journal
from entraide.foundations.places import rules as places

TRIAGE = "crisis.triage"
TRIAGE_CLOSED = "crisis.closed"
CHECK = "crisis.check"
LONGEST = 20_000  # characters of a message that become a report's text; the message keeps them all


def take_in(messages: Sequence[Any]) -> list[Report]:
    """Make the report of each message, put it on the desk, and send a receipt.

    What is the same for many messages is asked once, and rows are written together: a crowd's messages come
    by the hundred.

    Args:
        messages: ``channels.queries.Received``. ``fields`` may hold what the form asks: ``category``
            (slug), ``place`` (words or coordinates), ``lat``, ``lon``, ``accuracy_m``, ``follow_digest``,
            ``doubtful`` (the honeypot was filled, or many came at once: read later, never dropped).

    Returns:
        The reports, in the order of the messages of each cause.
    """
    by_cause: dict[Any, list[Any]] = {}
    for received in messages:
        by_cause.setdefault(received.cause_public_id, []).append(received)
    return [
        report
        for public_id, its_own in by_cause.items()
        for report in _take_in(causes.by_id(public_id), its_own)
    ]


def _take_in(cause: Any, messages: list[Any]) -> list[Report]:
    """The messages of one cause."""
    chosen = categories_given(cause, messages)
    reports = Report.objects.bulk_create([_report(cause, received) for received in messages])
    told = list(zip(reports, messages, chosen, strict=True))
    ReportMessage.objects.bulk_create(
        ReportMessage(
            report=report,
            message_id=received.message_id,
            channel=received.channel,
            sender_key=received.sender_key,
            follow_digest=follow_digest(received),
        )
        for report, received, _category in told
    )
    belongs_to = Report.categories.through
    belongs_to.objects.bulk_create(
        [belongs_to(report=report, category=category) for report, _received, category in told if category]
    )
    lines: dict[str, list[desk.Put]] = {}
    for report, received, category in told:
        closed = category is not None and category.sensitivity == Sensitivity.CLOSED
        lines.setdefault(TRIAGE_CLOSED if closed else TRIAGE, []).append(
            desk.Put(
                subject=record.subject(report),
                language=report.language,
                priority=-1 if received.fields.get("doubtful") else 0,
            )
        )
    for queue, items in lines.items():
        desk.put_many(queue=queue, cause=cause, items=items)
    telling.receipts(cause, [(report, received) for report, received, _category in told])
    journal.record_many(
        contributions.Told(
            cause=str(cause.public_id),
            subject=record.subject(report),
            channel=received.channel,
            happened_at=received.received_at,
        )
        for report, received, _category in told
    )
    return reports


def _report(cause: Any, received: Any) -> Report:
    """The report of one message, not yet saved."""
    fields = received.fields
    masked = mask((received.text or received.subject)[:LONGEST])
    point, radius_m = place_given(fields)
    return Report(
        cause=cause,
        title=rules.title_of(mask(received.subject) or masked),
        text=masked,
        language="" if received.language == "und" else received.language,
        exact_x=point.x if point else None,
        exact_y=point.y if point else None,
        exact_radius_m=radius_m if point else None,
        place_name=mask(str(fields.get("place") or "")[:300]),
        # The clock of a telephone may run ahead of ours: nothing happens in the future.
        happened_at=min(received.sent_at or received.received_at, received.received_at),
    )


def follow_digest(received: Any) -> str | None:
    """Of the witness's secret address, which our own form alone makes: a partner's program must not choose it."""
    return (received.fields.get("follow_digest") or None) if received.channel == "web" else None


def categories_given(cause: Any, messages: Sequence[Any]) -> list[Category | None]:
    """For each message the category the witness chose, if it is one of the cause's."""
    slugs = [str(received.fields.get("category") or "") for received in messages]
    if not any(slugs):
        return [None] * len(slugs)
    found = Category.objects.filter(cause=cause, slug__in=set(slugs), archived_at=None).order_by("pk")
    by_slug = {category.slug: category for category in found}
    return [by_slug.get(slug) for slug in slugs]


def place_given(fields: dict[str, Any]) -> tuple[places.Point | None, int | None]:
    """The exact point the witness gave, by her telephone or as pasted coordinates, and how sure (metres).

    Place *names* are only suggestions, and people decide them.
    """
    try:
        lat, lon = float(fields["lat"]), float(fields["lon"])
        accuracy = float(fields.get("accuracy_m") or 50)
        if -90 <= lat <= 90 and -180 <= lon <= 180 and 0 < accuracy < 100_000:
            return places.to_grid(lat, lon), max(10, round(accuracy))
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    found = places.parse_coordinates(str(fields.get("place") or ""))
    if found is None or found.point is None:
        return None, None
    return found.point, max(10, round(found.radius_m))


def desk_queue(report: Report) -> str:
    """Which line a report to be read waits in: a closed category is for named persons."""
    return TRIAGE_CLOSED if queries.sensitivity(report) == Sensitivity.CLOSED else TRIAGE
