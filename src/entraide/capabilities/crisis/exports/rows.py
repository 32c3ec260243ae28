"""What an export says of a publication, once for every format. Nothing here is computed from anything but
the publication."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5

from django.conf import settings
from django.urls import reverse

from entraide.capabilities.crisis.models import Category, Publication
from entraide.capabilities.crisis.queries.filters import Filters
from entraide.capabilities.crisis.queries.public import Room, name_of, names, newest
from entraide.foundations.places import rules as places

CHUNK = 1000  # rows in memory at a time
# Seven decimals of a degree are a centimetre: what the grid can say.
DECIMALS = 7


@dataclass(frozen=True)
class Row:
    """A publication with its categories and its place in degrees.

    Attributes:
        position: (longitude, latitude) of the point or of the area's centre; None without a place.
        ring: an area's corners as (longitude, latitude), counter-clockwise, closed; None otherwise.
        address: of its page, with the site's name.
        urn: a name that stays when the site moves.
    """

    publication: Publication
    categories: list[Category]
    category_names: list[str]
    position: tuple[float, float] | None
    ring: list[tuple[float, float]] | None
    address: str
    urn: str


def rows(room: Room, filters: Filters, cause_id: UUID) -> Iterator[Row]:
    """All rows of an export, newest first, read a thousand at a time, so that half a million fit in little
    memory.

    Each thousand is a query of its own: a reader who downloads slowly must not hold a cursor open, which on
    SQLite would keep this process from writing as soon as another one has written.
    """
    after = ""
    while True:
        page = newest(room, filters, after=after, size=CHUNK)
        for publication in page.rows:
            yield row(publication, room, cause_id)
        after = page.after
        if not after:
            return


def row(publication: Publication, room: Room, cause_id: UUID) -> Row:
    """One row."""
    categories = names(publication, room)
    return Row(
        publication=publication,
        categories=categories,
        category_names=[name_of(category) for category in categories],
        position=_position(publication),
        ring=_ring(publication),
        address=address(reverse("crisis:report", args=[publication.ref])),
        urn=f"urn:uuid:{uuid5(cause_id, publication.ref)}",
    )


def address(path: str) -> str:
    """A path of ours with the site's name before it."""
    return f"{settings.SITE_URL}{path}"


def moment(value: datetime | None) -> str:
    """RFC 3339 in UTC, to the second; empty for None."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else ""


def _position(publication: Publication) -> tuple[float, float] | None:
    if publication.x is None or publication.y is None:
        return None
    return _degrees(publication.x, publication.y)


def _ring(publication: Publication) -> list[tuple[float, float]] | None:
    if publication.shape != Publication.Shape.AREA or publication.x is None or publication.y is None:
        return None
    half = places.SIZE >> (publication.cell_zoom or 0) + 1
    last = places.SIZE - 1
    west, north = _degrees(publication.x - half, publication.y - half)
    east, south = _degrees(min(last, publication.x + half), min(last, publication.y + half))
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def _degrees(x: int, y: int) -> tuple[float, float]:
    lat, lon = places.from_grid(places.Point(x, y))
    return round(lon, DECIMALS), round(lat, DECIMALS)
