"""What the filter bar shows: every choice with the count it would give, and what is chosen now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from entraide.capabilities.crisis.models import Standing
from entraide.capabilities.crisis.queries import public
from entraide.capabilities.crisis.queries.filters import CHANNELS, STEPS, Filters
from entraide.capabilities.crisis.queries.public import Room
from entraide.foundations.languages import rules as languages


def filter_bar(room: Room, filters: Filters) -> dict[str, Any]:
    """Context of ``crisis/map_filter_bar.html``. Counts of one field keep the choices of the others."""
    categories = public.by_category(room, filters.without("category"))
    standing = public.summary(room, filters.without("standing")).standing
    spoken = dict(public.by_language(room, filters.without("language")))
    for code in filters.language:
        spoken.setdefault(code, 0)
    return {
        "filters": filters,
        "categories": [
            {
                "value": category.slug,
                "label": public.name_of(category),
                "icon": category.icon,
                "depth": depth,
                "count": n,
                "chosen": category.slug in filters.category,
            }
            for category, depth, n in categories
            if n or category.archived_at is None
        ],
        "standings": [
            {"value": value, "label": label, "count": standing[value], "chosen": value in filters.standing}
            for value, label in Standing.choices
        ],
        "steps": [
            {"value": value, "label": label, "chosen": value == filters.step}
            for value, label in STEPS.items()
        ],
        "languages": [
            {
                "value": code,
                "label": languages.name_of(code, ""),
                "count": n,
                "chosen": code in filters.language,
            }
            for code, n in spoken.items()
        ],
        "channels": [
            {"value": value, "label": label, "chosen": value in filters.channel}
            for value, label in CHANNELS.items()
        ],
        "kept": [(name, value) for name, value in filters.pairs if name in ("bbox", "tile")],
        "chosen": _chosen(room, filters),
    }


def _chosen(room: Room, filters: Filters) -> list[dict[str, str]]:
    """What is asked now, each with the address that asks all but it."""
    named = {category.slug: public.name_of(category) for category in room.categories}
    labels: dict[str, Callable[[str], str]] = {
        "category": lambda value: named.get(value, value),
        "standing": lambda value: str(Standing(value).label),
        "language": lambda value: languages.name_of(value, ""),
        "channel": lambda value: str(CHANNELS[value]),
    }
    chips = []
    for name, label in labels.items():
        for value in getattr(filters, name):
            rest: Any = {name: tuple(other for other in getattr(filters, name) if other != value)}
            chips.append(_chip(label(value), replace(filters, **rest)))
    if filters.step:
        chips.append(_chip(str(STEPS[filters.step]), filters.without("step")))
    if filters.urgent:
        chips.append(_chip(_("Urgent"), filters.without("urgent")))
    if filters.since:
        chips.append(_chip(_("since %(day)s") % {"day": filters.since}, filters.without("since")))
    if filters.until:
        chips.append(_chip(_("until %(day)s") % {"day": filters.until}, filters.without("until")))
    if filters.q:
        chips.append(_chip(f"“{filters.q}”", filters.without("q")))
    if filters.bbox or filters.tile:
        chips.append(_chip(_("A part of the map"), filters.without("bbox", "tile")))
    return chips


def _chip(label: str, rest: Filters) -> dict[str, str]:
    return {"label": label, "query": f"?{rest.query_string}"}
