"""From a message to a report and a receipt. Runs in the intake's transaction, exactly once a message."""

from __future__ import annotations

from typing import Any

from entraide.capabilities.crisis import contributions, rules
from entraide.capabilities.crisis.actions import record, telling
from entraide.capabilities.crisis.models import Category, Report, ReportMessage, Sensitivity
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.causes import queries as causes
from entraide.foundations.channels.rules import mask
from entraide.foundations.desk import actions as desk
from entraide.foundations.places import rules as places

TRIAGE = "crisis.triage"
TRIAGE_CLOSED = "crisis.closed"
CHECK = "crisis.check"


def take_in(received: Any) -> Report:
    """Make the report of one message, put it on the desk, and send a receipt.

    Args:
        received: a ``channels.queries.Received``. ``fields`` may hold what the form asks: ``category``
            (slug), ``place`` (words or coordinates), ``lat``, ``lon``, ``accuracy_m``, ``follow_digest``,
            ``doubtful`` (the honeypot was filled, or many came at once: read later, never dropped).
    """
    cause = causes.by_id(received.cause_public_id)
    fields = received.fields
    words = received.text or received.subject
    masked = mask(words)
    point, radius_m = place_given(fields)
    report = Report.objects.create(
        cause=cause,
        title=rules.title_of(mask(received.subject) or masked),
        text=masked,
        language="" if received.language == "und" else received.language,
        exact_x=point.x if point else None,
        exact_y=point.y if point else None,
        exact_radius_m=radius_m if point else None,
        place_name=str(fields.get("place") or "")[:300],
        # The clock of a telephone may run ahead of ours: nothing happens in the future.
        happened_at=min(received.sent_at or received.received_at, received.received_at),
    )
    ReportMessage.objects.create(
        report=report,
        message_id=received.message_id,
        channel=received.channel,
        sender_key=received.sender_key,
        follow_digest=fields.get("follow_digest") or None,
    )
    category = category_given(cause, fields)
    if category is not None:
        report.categories.add(category)
    closed = category is not None and category.sensitivity == Sensitivity.CLOSED
    record.entry(contributions.Told, report, channel=received.channel, happened_at=received.received_at)
    desk.put(
        queue=TRIAGE_CLOSED if closed else TRIAGE,
        subject=record.subject(report),
        cause=cause,
        language=report.language,
        priority=-1 if fields.get("doubtful") else 0,
    )
    telling.receipt(report, received)
    return report


def category_given(cause: Any, fields: dict[str, Any]) -> Category | None:
    """The category the witness chose, if it is one of the cause's."""
    slug = str(fields.get("category") or "")
    if not slug:
        return None
    return Category.objects.filter(cause=cause, slug=slug, archived_at=None).first()


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
