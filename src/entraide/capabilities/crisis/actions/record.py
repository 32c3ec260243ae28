"""What every write here does: the change in the report's history and the entry in the journal."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.utils import timezone

from entraide.capabilities.crisis.contributions import Contribution
from entraide.capabilities.crisis.models import Change, Report
from entraide.foundations.channels import actions as channels
from entraide.foundations.channels.rules import mask, seal
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
        # Reasons are typed in a hurry, numbers slip in; evidence may name who was asked, so it is sealed.
        why=mask(why.strip()),
        sealed_evidence=seal(evidence.strip()),
        independent_sources=independent_sources,
        at=timezone.now(),
    )
    channels.announce(f"report:{report.ref}", {"ref": report.ref, "what": what, "after": after})
    return made


def evidence_hash(report: Report, evidence: str) -> str:
    """Keyed SHA-256 (HMAC, hexadecimal) of a note of evidence, so that a later change of it can be proved.

    Keyed, because the journal is public: a plain hash of "called 3712 3456" is found by trying all numbers.
    """
    told = evidence.strip()
    if not told:
        return ""
    key: bytes = settings.ENTRAIDE_KEY("evidence")
    return hmac.new(key, f"{report.ref}\0{told}".encode(), hashlib.sha256).hexdigest()
