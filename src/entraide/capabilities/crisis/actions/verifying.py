"""How sure we are, with the reasons that make the word worth something."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from entraide.capabilities.crisis import contributions, rules
from entraide.capabilities.crisis.actions import publishing, record
from entraide.capabilities.crisis.models import Report
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.people.rules import Right


@transaction.atomic
def verify(
    report: Report, *, standing: str, by: Any, why: str, evidence: str = "", independent_sources: int = 0
) -> Any:
    """Give a report its standing.

    Args:
        standing: one of ``models.Standing``.
        why: a few words for the team.
        evidence: who was asked, what was seen, an address; private, its hash enters the journal.
        independent_sources: how many, as the verifier counted; the known senders of the messages at most
            count by themselves only as a suggestion on the form.

    Returns:
        The journal entry.

    Raises:
        Refusal: 403 without the right to verify; those of :func:`rules.check_standing`.
    """
    queries.demand(by, Right.REPORT_VERIFY, report.cause)
    report = queries.locked(report.pk)
    rules.check_standing(
        report.standing, standing, why=why, evidence=evidence, independent_sources=independent_sources
    )
    before = report.standing
    report.standing = standing
    report.checked_at = timezone.now()
    report.save(update_fields=["standing", "checked_at"])
    record.change(
        report,
        "standing",
        before=before,
        after=standing,
        by=by,
        why=why,
        evidence=evidence,
        independent_sources=independent_sources,
    )
    publishing.renew(report)
    return record.entry(
        contributions.Verified,
        report,
        by=by,
        standing=standing,
        independent_sources=independent_sources,
        evidence_hash=record.evidence_hash(report, evidence),
    )


@transaction.atomic
def restore_standing(report: Report, *, standing: str, checked_at: Any, by: Any) -> None:
    """Put an earlier standing back: what undoing a check does."""
    queries.demand(by, Right.REPORT_VERIFY, report.cause)
    report = queries.locked(report.pk)
    before, report.standing, report.checked_at = report.standing, standing, checked_at
    report.save(update_fields=["standing", "checked_at"])
    record.change(report, "standing", before=before, after=standing, by=by)
    publishing.renew(report)
