"""Which other reports may tell the same. Suggestions only: people decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from entraide.capabilities.crisis import rules
from entraide.capabilities.crisis.models import Report, Step
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.places import rules as places

LOOK_BACK = timedelta(days=14)
LOOK_AT_MOST = 400  # of the newest; comparing words of more would keep the volunteer waiting
NEAR_M = 1_000


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One report that may tell the same.

    Attributes:
        likeness: shared words, 0.0 to 1.0.
        distance_m: metres between the exact places, None where one is unknown. For the team only.
    """

    report: Report
    likeness: float
    distance_m: float | None

    @property
    def percent(self) -> int:
        """The likeness for people."""
        return round(self.likeness * 100)


def perhaps_the_same(report: Report, held: Any, *, most: int = 3) -> list[Candidate]:
    """Reports of the same cause within two weeks that share many words, or some words and the place.

    Args:
        held: the rights of whoever looks; closed reports are not suggested to those who may not see them.
    """
    words = rules.words_of(f"{report.title} {report.text}")
    others = (
        queries.visible(held, report.cause)
        .exclude(pk=report.pk)
        .exclude(step__in=[Step.MERGED, Step.SET_ASIDE])
        .filter(
            happened_at__gte=report.happened_at - LOOK_BACK, happened_at__lte=report.happened_at + LOOK_BACK
        )
        .order_by("-pk")[:LOOK_AT_MOST]
    )
    here = _point(report)
    found = []
    for other in others:
        alike = rules.likeness(words, rules.words_of(f"{other.title} {other.text}"))
        there = _point(other)
        distance = places.distance_m(here, there) if here and there else None
        near = distance is not None and distance <= NEAR_M
        if alike >= rules.ALIKE_ENOUGH or (near and alike >= rules.ALIKE_ENOUGH / 2):
            found.append(Candidate(report=other, likeness=alike, distance_m=distance))
    found.sort(key=lambda candidate: (-candidate.likeness, -candidate.report.pk))
    return found[:most]


def _point(report: Report) -> places.Point | None:
    if report.exact_x is None or report.exact_y is None:
        return None
    return places.Point(report.exact_x, report.exact_y)
