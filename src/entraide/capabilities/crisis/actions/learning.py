"""What a placed report teaches of names, for suggestions to the same cause's team and nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from entraide.capabilities.crisis.models import Report, Sensitivity
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.channels.rules import mask
from entraide.foundations.places import actions as places_actions
from entraide.foundations.places import queries as places_queries
from entraide.foundations.places import rules as places

NAME_WORDS_MAX = 5  # longer is a sentence
EXAMPLES_LEAST = 2  # what one row alone calls a place may be somebody's home


def learn_place(report: Report, *, names: Iterable[str], place: Any, by: Any) -> int:
    """Learn how witnesses and volunteers call a place that a person chose from the gazetteer.

    Nothing is learnt of a closed report, of coordinates (a name would then tell an exact place), or of what
    looks like a number or an address.

    Args:
        names: as the witness wrote it, as the volunteer typed it.
        place: a ``steps.Place``.

    Returns:
        How many names were learnt.
    """
    if queries.sensitivity(report) == Sensitivity.CLOSED:
        return 0
    country = places_queries.country_at(place.point)
    wanted = {name.strip() for name in names if _is_a_name(name.strip())}
    if not country or not wanted:
        return 0
    for name in sorted(wanted):
        places_actions.learn(
            name=name,
            point=place.point,
            radius_m=place.radius_m,
            country=country,
            scope=str(report.cause.public_id),
            by=by,
        )
    return len(wanted)


def _is_a_name(text: str) -> bool:
    return (
        0 < len(text.split()) <= NAME_WORDS_MAX
        and any(letter.isalpha() for letter in text)
        and mask(text) == text
        and "…" not in text  # something was masked before
        and not places.find_coordinates(text)
    )


def learn_from_import(cause: Any, examples: Iterable[tuple[str, places.Point]]) -> int:
    """Learn names that at least two published rows of another map place together. Returns how many are new.

    Args:
        examples: (place in words, point).
    """
    by_country: dict[str, list[tuple[str, places.Point]]] = {}
    only = cause.countries[0] if len(cause.countries) == 1 else ""
    for text, point in examples:
        country = only or places_queries.country_at(point)
        if country:
            by_country.setdefault(country, []).append((mask(text), point))
    return sum(
        places_actions.learn_names(
            of_country,
            country=country,
            source=places_actions.learnt_source(str(cause.public_id)),
            licence="",
            by=None,
            examples_least=EXAMPLES_LEAST,
        ).added
        for country, of_country in by_country.items()
    )
