"""What a witness sees who holds the secret address of what she told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from entraide.capabilities.crisis.models import Publication, Report, ReportMessage, Step
from entraide.capabilities.crisis.queries import reports as queries


@dataclass(frozen=True, kw_only=True)
class State:
    """Where it stands, in the few words a witness needs.

    Attributes:
        stage: ``"arrived"``, ``"read"``, ``"routed"``, ``"taken"``, ``"done"`` or ``"set-aside"``.
        public_ref: the public report's ref once anybody can read it, or "".
    """

    stage: str
    public_ref: str
    told_at: Any
    changed_at: Any


STAGES = {
    Step.NEW: "arrived",
    Step.TRIAGED: "read",
    Step.LOCATED: "read",
    Step.ROUTED: "routed",
    Step.TAKEN: "taken",
    Step.DONE: "done",
    Step.TOLD: "done",
    Step.SET_ASIDE: "set-aside",
}


def digest_of(secret: str) -> str:
    """What is kept of the secret: its SHA-256, hexadecimal. It has 128 random bits: no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def state_of(secret: str) -> State | None:
    """The state of what was told under this secret; None where nothing is known of it.

    A message waits in the inbox for a moment, so None may also mean "not taken in yet".
    """
    source = (
        ReportMessage.objects.select_related("report__cause", "report__merged_into")
        .filter(follow_digest=digest_of(secret))
        .first()
    )
    if source is None:
        return None
    report = queries.root(source.report)
    return State(
        stage=STAGES[Step(report.step)],
        public_ref=_public_ref(report),
        told_at=source.added_at,
        changed_at=report.changes.order_by("-at").values_list("at", flat=True).first(),
    )


def _public_ref(report: Report) -> str:
    publication = Publication.objects.filter(report=report, announced_at__isnull=False).first()
    if publication is None or queries.setup_of(report.cause).map_frozen:
        return ""
    return publication.ref
