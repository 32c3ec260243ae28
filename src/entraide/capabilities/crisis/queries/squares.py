"""What one map tile shows, counted by the database: clusters on a 16 x 16 grid, single points, areas.

Every placed publication is in exactly one feature of ``clusters`` or ``points``, so that the counts over
all tiles of a zoom, with those that have no place, are the list's count. ``areas`` draws outlines only.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum

from entraide.capabilities.crisis.models import Publication
from entraide.capabilities.crisis.queries.filters import ANSWERED, Filters, Tile
from entraide.capabilities.crisis.queries.public import Room, published
from entraide.foundations.places import rules as places

GRID_BITS = 4  # 16 squares a side
ZOOM_MAX = 20


@dataclass(frozen=True)
class Square:
    """The publications in one square of a tile's grid.

    Attributes:
        x, y: mean of their published places, on the 32-bit grid.
        areas: how many of them are areas, not points.
        urgent: how many are urgent and still open.
        only: the publication's (ref, title, language) where there is just one.
    """

    x: int
    y: int
    count: int
    areas: int
    open: int
    urgent: int
    standing: dict[str, int]
    only: tuple[str, str, str] | None


@dataclass(frozen=True)
class Area:
    """One cell in which reports are placed approximately: its tile, and how many there are."""

    zoom: int
    x: int
    y: int
    count: int


def squares(room: Room, filters: Filters, tile: Tile) -> list[Square]:
    """The squares of a tile's grid that hold anything. Two queries, whatever the number of reports."""
    inside = published(room, filters).filter(cell__range=places.cell_range(*tile))
    return _grouped(inside, min(tile[0] + GRID_BITS, places.BITS))


def overview(room: Room, filters: Filters, zoom: int) -> list[Square]:
    """The squares of the whole world at ``zoom``, the fullest first: for a drawn map."""
    everywhere = published(room, filters).filter(cell__isnull=False)
    return sorted(_grouped(everywhere, zoom), key=lambda square: (-square.count, square.x, square.y))


def _grouped(publications: QuerySet[Publication], zoom: int) -> list[Square]:
    # Cells are Z-order numbers lowered by 2**63, a multiple of every square's size: an arithmetic shift to
    # the right of the signed number therefore still names the square. Reads index crisis_publication_squares
    # alone (migration 0002): titles are fetched afterwards, for the few squares that show one.
    groups = (
        publications.order_by()
        .annotate(square=F("cell").bitrightshift(2 * (places.BITS - zoom)))
        .values("square", "standing")
        .annotate(
            count=Count("*"),
            sum_x=Sum("x"),
            sum_y=Sum("y"),
            areas=Count("pk", filter=Q(shape=Publication.Shape.AREA)),
            open=Count("pk", filter=~Q(step__in=ANSWERED)),
            urgents=Count("pk", filter=Q(urgent=True) & ~Q(step__in=ANSWERED)),
            first=Min("pk"),
        )
        .order_by("square", "standing")
    )
    merged = [
        (parts, sum(part["count"] for part in parts))
        for parts in (list(group) for _square, group in groupby(groups, key=lambda row: row["square"]))
    ]
    alone = [parts[0]["first"] for parts, count in merged if count == 1]
    titles = {
        pk: (ref, title, language)
        for pk, ref, title, language in Publication.objects.filter(pk__in=alone)
        .order_by()
        .values_list("pk", "ref", "title", "language")
    }
    return [
        Square(
            x=int(sum(part["sum_x"] for part in parts)) // count,
            y=int(sum(part["sum_y"] for part in parts)) // count,
            count=count,
            areas=sum(part["areas"] for part in parts),
            open=sum(part["open"] for part in parts),
            urgent=sum(part["urgents"] for part in parts),
            standing={part["standing"]: part["count"] for part in parts},
            only=titles.get(parts[0]["first"]) if count == 1 else None,
        )
        for parts, count in merged
    ]


def areas(room: Room, filters: Filters, tile: Tile) -> list[Area]:
    """The areas that lie in a tile, or in which it lies, and are larger than a square of its grid."""
    zoom, x, y = tile
    around = [
        places.cell_of(places.tile_centre(above, x >> zoom - above, y >> zoom - above))
        for above in range(zoom + 1)
    ]
    inside = Q(cell__range=places.cell_range(*tile), cell_zoom__gt=zoom, cell_zoom__lt=zoom + GRID_BITS)
    rows = (
        published(room, filters)
        .filter(Q(cell__in=around, cell_zoom__lte=zoom) | inside, shape=Publication.Shape.AREA)
        .order_by()
        .values("cell_zoom", "x", "y")
        .annotate(count=Count("pk"))
        .order_by("cell_zoom", "x", "y")
    )
    return [
        Area(
            row["cell_zoom"],
            *places.tile_of(places.Point(row["x"], row["y"]), row["cell_zoom"]),
            count=row["count"],
        )
        for row in rows
    ]


def extent(room: Room, filters: Filters) -> tuple[float, float, float, float] | None:
    """West, south, east, north in degrees of what ``filters`` keeps, areas whole; None without places."""
    rows = (
        published(room, filters)
        .filter(cell__isnull=False)
        .order_by()
        .values("cell_zoom")
        .annotate(left=Min("x"), right=Max("x"), top=Min("y"), bottom=Max("y"))
        .order_by("cell_zoom")
    )
    edges: list[tuple[int, int, int, int]] = []
    for row in rows:
        half = 0 if row["cell_zoom"] is None else places.SIZE >> row["cell_zoom"] + 1
        edges.append((row["left"] - half, row["top"] - half, row["right"] + half, row["bottom"] + half))
    if not edges:
        return None
    left, top = min(e[0] for e in edges), min(e[1] for e in edges)
    right, bottom = max(e[2] for e in edges), max(e[3] for e in edges)
    last = places.SIZE - 1
    north, west = places.from_grid(places.Point(max(0, left), max(0, top)))
    south, east = places.from_grid(places.Point(min(last, right), min(last, bottom)))
    return (west, south, east, north)
