"""Where a report may be: suggestions with their radius, for a person to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from entraide.capabilities.crisis.models import Report
from entraide.foundations.places import queries as places_queries
from entraide.foundations.places import rules as places


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One place to choose.

    Attributes:
        label: for people: "Anse-Tamarin, Lumi".
        point: on the grid.
        radius_m: how sure, metres.
        source: ``"coordinates"``, ``"operator"``, ``"geonames"`` …
        note: a doubt in words ("This lies in another country."), or "".
    """

    label: str
    point: places.Point
    radius_m: int
    source: str
    note: str = ""

    @property
    def value(self) -> str:
        """The suggestion as the value of a radio button; read back by :func:`read`."""
        return f"{self.point.x}:{self.point.y}:{self.radius_m}:{self.label}"

    @property
    def kilometres(self) -> str:
        """The radius in kilometres, one digit behind the point below ten."""
        kilometres = self.radius_m / 1000
        return f"{kilometres:.1f}" if kilometres < 10 else f"{kilometres:.0f}"


def read(value: str) -> Suggestion | None:
    """The suggestion behind a radio button's value; None where it is not one."""
    parts = value.split(":", 3)
    if len(parts) != 4 or not all(part.isdecimal() for part in parts[:3]):
        return None
    x, y, radius_m = (int(part) for part in parts[:3])
    if not (0 <= x < places.SIZE and 0 <= y < places.SIZE and 0 < radius_m <= 2_000_000):
        return None
    return Suggestion(label=parts[3][:300], point=places.Point(x, y), radius_m=radius_m, source="chosen")


def centre_of(cause: Any) -> places.Point | None:
    """The middle of the cause's area, to prefer near places; None without an area, or across the 180th
    meridian where "the middle" needs care."""
    if None in (cause.west, cause.south, cause.east, cause.north) or cause.west > cause.east:
        return None
    return places.to_grid((cause.south + cause.north) / 2, (cause.west + cause.east) / 2)


def search(cause: Any, text: str, *, limit: int = 5) -> list[Suggestion]:
    """Places for what somebody typed: coordinates in any notation, otherwise names of the gazetteer."""
    if not text.strip():
        return []
    answers = places_queries.find(
        text,
        countries=cause.countries,
        near=centre_of(cause),
        limit=limit,
        learnt=str(cause.public_id),
    )
    return [_suggestion(answer) for answer in answers]


def suggestions(report: Report, texts: list[str], *, limit: int = 4) -> list[Suggestion]:
    """Places a report may speak of: what the witness said first, then coordinates and names in her words.

    Args:
        texts: the messages, as they came.
    """
    cause = report.cause
    found: list[Suggestion] = []
    if report.place_name:
        found += search(cause, report.place_name, limit=2)
    for text in texts:
        answers = places_queries.find_in_text(
            text[:1000],
            countries=cause.countries,
            near=centre_of(cause),
            limit=limit,
            learnt=str(cause.public_id),
        )
        found += [_suggestion(answer) for answer in answers]
    unique: dict[tuple[int, int], Suggestion] = {}
    for suggestion in found:
        unique.setdefault((suggestion.point.x, suggestion.point.y), suggestion)
    return list(unique.values())[:limit]


def _suggestion(answer: Any) -> Suggestion:
    return Suggestion(
        label=str(answer.label)[:300],
        point=answer.point,
        radius_m=max(10, round(answer.radius_m)),
        source=str(answer.source),
        note=str(answer.note or ""),
    )
