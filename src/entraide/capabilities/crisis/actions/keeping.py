"""How long what witnesses told is kept, and what becomes of a person's traces when she leaves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from entraide.capabilities.crisis.actions import publishing, record
from entraide.capabilities.crisis.models import Approval, Bulk, Change, Report, Step

KEEP_SET_ASIDE = timedelta(days=90)
KEEP_EXACT = timedelta(days=365)


@transaction.atomic
def purge_set_aside(now: datetime) -> int:
    """Empty reports that were set aside 90 days ago or more: words, place, follow-up address. The row stays
    for the counts. Returns how many."""
    old = Report.objects.filter(step=Step.SET_ASIDE, created_at__lt=now - KEEP_SET_ASIDE).exclude(
        title="", text="", place_name="", exact_x=None
    )
    numbers = list(old.order_by("pk").values_list("pk", flat=True)[:500])
    for report in Report.objects.filter(pk__in=numbers).order_by("pk"):
        report.sources.update(follow_digest=None, sender_key="")
    return Report.objects.filter(pk__in=numbers).update(
        title="", text="", place_name="", exact_x=None, exact_y=None, exact_radius_m=None
    )


@transaction.atomic
def purge_exact_places(now: datetime) -> int:
    """Forget exact places a year after the cause was closed; what was published stays as published.

    Returns how many.
    """
    return Report.objects.filter(cause__closed_at__lt=now - KEEP_EXACT, exact_x__isnull=False).update(
        exact_x=None, exact_y=None, exact_radius_m=None
    )


def export_person(person: Any) -> dict[str, Any]:
    """What this room knows of a person who works here: her decisions, by report."""
    changes = Change.objects.filter(by=person).select_related("report").order_by("at", "pk")
    return {
        "changes": [
            {
                "report": change.report.ref,
                "what": change.what,
                "after": change.after,
                "why": change.why,
                "at": change.at.isoformat(),
            }
            for change in changes
        ],
        "approvals": [
            {"report": approval.report.ref, "at": approval.at.isoformat()}
            for approval in Approval.objects.filter(by=person).select_related("report").order_by("pk")
        ],
        "taken": list(Report.objects.filter(taken_by=person).order_by("pk").values_list("ref", flat=True)),
    }


@transaction.atomic
def erase_person(person: Any) -> None:
    """Take a person's name off everything here. The decisions stay, by nobody; what she had taken on goes back
    to those who can take it."""
    for report in (
        Report.objects.filter(taken_by=person, step=Step.TAKEN).select_related("cause").order_by("pk")
    ):
        report.step, report.taken_by = Step.ROUTED.value, None
        report.save(update_fields=["step", "taken_by"])
        record.change(report, "step", before=Step.TAKEN, after=Step.ROUTED)
        publishing.renew(report)
    Report.objects.filter(taken_by=person).update(taken_by=None)
    Change.objects.filter(by=person).update(by=None)
    Bulk.objects.filter(by=person).update(by=None)
    # An agreement by nobody would count for nothing.
    Approval.objects.filter(by=person).delete()
