"""Reports and publications for the tests of the public side, made without the private side's actions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from entraide.capabilities.crisis.models import Category, Publication, Report, Setup
from entraide.foundations.places import rules as places

KEY = b"a key for displacement in tests!"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_numbers = count()


def category(cause: Any, slug: str, parent: Category | None = None, **values: Any) -> Category:
    """A category; ``names`` default to its slug in English."""
    return Category.objects.create(
        cause=cause,
        slug=slug,
        parent=parent,
        **{"names": {"en": slug.capitalize()}, "icon": "water", **values},
    )


def setup(cause: Any, **values: Any) -> Setup:
    """The cause's set-up."""
    return Setup.objects.update_or_create(cause=cause, defaults=values)[0]


def publication(
    cause: Any,
    title: str = "Bridge gone",
    *,
    at: tuple[float, float] | None = (-18.9, 47.5),
    precision: str = "exact",
    exact_radius_m: int = 20,
    ref: str | None = None,
    categories: Any = (),
    **values: Any,
) -> Publication:
    """A report at (latitude, longitude) and its publication with the geometry its precision allows."""
    number = next(_numbers)
    exact = places.to_grid(*at) if at else None
    shown = places.publish(exact=exact, exact_radius_m=exact_radius_m, precision=precision, key=KEY)
    moment = NOON + timedelta(minutes=number)
    report = Report.objects.create(
        cause=cause,
        title=title,
        step="triaged",
        exact_x=exact.x if exact else None,
        exact_y=exact.y if exact else None,
        exact_radius_m=exact_radius_m if exact else None,
        place_name="12 Exact Street",
        happened_at=moment,
        **({"ref": ref} if ref else {}),
    )
    made = Publication.objects.create(
        **{
            "report": report,
            "ref": report.ref,
            "cause": cause,
            "title": title,
            "text": "",
            "language": "en",
            "step": "triaged",
            "standing": "unverified",
            "channel": "sms",
            "shape": shown.shape,
            "x": shown.x,
            "y": shown.y,
            "cell": shown.cell,
            "cell_zoom": shown.cell_zoom,
            "radius_m": shown.radius_m,
            "happened_at": moment,
            "published_at": moment,
            "updated_at": moment,
            **values,
        }
    )
    made.categories.set(categories)
    return made
