"""The check panel: how sure are we of a report somebody has read."""

from __future__ import annotations

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from entraide.capabilities.crisis.actions import record, verifying
from entraide.capabilities.crisis.contributions import Verified
from entraide.capabilities.crisis.models import Standing
from entraide.capabilities.crisis.queries import reports as queries
from entraide.capabilities.crisis.queries import similar
from entraide.capabilities.crisis.reactions.panel import originals, report_for, report_of
from entraide.refusal import Refusal

STANDING_KEYS = {
    Standing.CORROBORATED: "1",
    Standing.VERIFIED: "2",
    Standing.REFUTED: "3",
    Standing.OUT_OF_DATE: "4",
}


def context(item: Any, person: Any) -> dict[str, Any]:
    """What ``crisis/check_item.html`` needs."""
    report = report_for(item, person)
    held = queries.rights(person, report.cause)
    return {
        "report": report,
        "cause": report.cause,
        "originals": originals(report, held),
        "senders": queries.senders(report),
        "standings": [
            {"value": standing.value, "label": standing.label, "key": key}
            for standing, key in STANDING_KEYS.items()
            if standing != report.standing
        ],
        "candidates": similar.perhaps_the_same(report, held),
        "changes": report.changes.select_related("by"),
    }


def answer(*, item: Any, person: Any, data: Any) -> dict[str, Any]:
    """Give the standing the verifier decided.

    Args:
        data: ``standing``, ``why``, ``evidence``, ``independent_sources``.
    """
    report = report_for(item, person)
    before = {
        "standing": report.standing,
        "checked_at": report.checked_at.isoformat() if report.checked_at else "",
    }
    counted = str(data.get("independent_sources") or "0")
    entry = verifying.verify(
        report,
        standing=str(data.get("standing") or ""),
        by=person,
        why=data.get("why") or "",
        evidence=data.get("evidence") or "",
        independent_sources=min(int(counted), 32_000) if counted.isdecimal() else 0,
    )
    return {
        "report": report.ref,
        "standing": data.get("standing"),
        "before": before,
        "entry": entry.sequence,
    }


def undo(*, item: Any, person: Any, decision: dict[str, Any]) -> None:
    """Take a check back.

    Raises:
        Refusal: 409 ``worked-on-since`` where somebody gave it another standing since.
    """
    report = queries.locked(report_of(item).pk)
    if report.standing != decision["standing"]:
        raise Refusal(
            _("Somebody has worked on this report since: open its page to change it."),
            status=409,
            code="worked-on-since",
        )
    checked_at = (
        parse_datetime(decision["before"]["checked_at"]) if decision["before"]["checked_at"] else None
    )
    verifying.restore_standing(
        report, standing=decision["before"]["standing"], checked_at=checked_at, by=person
    )
    record.entry(
        Verified,
        report,
        by=person,
        standing=decision["before"]["standing"],
        quantity=-1,
        corrects=decision["entry"],
    )
