"""What every write here does: the change in the report's history and the entry in the journal."""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils import timezone

from entraide.capabilities.crisis.contributions import Contribution
from entraide.capabilities.crisis.models import Change, Report
from entraide.foundations.channels import actions as channels
from entraide.foundations.journal import actions as journal


def subject(report: Report) -> str:
    """The report's opaque name in the journal."""
    return f"report:{report.ref}"


def entry(kind: type[Contribution], report: Report, *, by: Any = None, **details: Any) -> Any:
    """Record a contribution about a report. ``by`` None: anonymous (a witness, or the house itself)."""
    return journal.record(
        kind(
            cause=str(report.cause.public_id),
            actor=str(by.public_id) if by is not None else "",
            subject=subject(report),
            **details,
        )
    )


def change(
    report: Report,
    what: str,
    *,
    before: str = "",
    after: str = "",
    by: Any = None,
    why: str = "",
    evidence: str = "",
    independent_sources: int = 0,
) -> Change:
    """Add a line to the report's history and let open pages of the team know."""
    made = Change.objects.create(
        report=report,
        what=what,
        before=before,
        after=after,
        by=by,
        why=why.strip(),
        evidence=evidence.strip(),
        independent_sources=independent_sources,
        at=timezone.now(),
    )
    channels.announce(f"report:{report.ref}", {"ref": report.ref, "what": what, "after": after})
    return made


def evidence_hash(evidence: str) -> str:
    """SHA-256 of a note of evidence (hexadecimal), so that a later change of it can be proved."""
    return hashlib.sha256(evidence.strip().encode()).hexdigest() if evidence.strip() else ""
