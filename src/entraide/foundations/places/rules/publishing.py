"""What the public may know of a place: the published geometry, made once from the exact one.

Threat model. The adversary is anonymous and patient: he reads every page, tile, export and feed, as often
as he likes, files reports of his own, knows this code and the map, and does not know the instance's key.
He wants the house a report came from. Therefore:

- **No function of the exact point finer than its seed cell leaves.** A displaced point is a function of the
  ~150 m cell the house lies in and of the key; an area is a function of its own cell. The offset inside
  the seed cell never enters the arithmetic, so no amount of views, differences or timing reveals it.
- **Deterministic.** One place has one published geometry: averaging 10,000 views, or 100 reports from one
  home, gives that same geometry again.
- **Keyed.** The displacement is an HMAC of the seed cell. Without the key one cannot list the seed cells
  near a published point and test which of them leads to it, and the attacker's own reports, whose exact
  places he knows, tell him nothing about other cells.
- **Uniform in the disc.** Every spot of the 2 km disc is equally likely, so no spot is a better guess.
- **Never finer than we know.** A place known to 3 km is an area of at least that size, whatever precision
  its category asks for: a centroid is not a house, and must not be drawn on somebody's house.

What this does not hide: that a report exists; the published geometry itself (an area with one house in it
is that house: stewards choose the precision); and, where many neighbours in different seed cells report
with displaced points, roughly where their village is.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from .grid import SIZE, Point, cell_of, metres_per_unit, parent, tile_centre, tile_edge_m, tile_of

# A radius up to this is "a house": drawn as a point. Anything vaguer is an area.
POINT_RADIUS_MAX_M = 150
# DHS Program practice for towns: a point moves by up to 2 km (UN Statistics guidance, 2021).
DISPLACED_MAX_M = 2_000
# What a displaced point tells: the place is within the displacement and half a seed cell's diagonal of it.
DISPLACED_RADIUS_M = 2_150


class Precision(StrEnum):
    """How exactly the public may know a place."""

    EXACT = "exact"
    DISPLACED = "displaced"
    AREA_SMALL = "area-small"
    AREA_LARGE = "area-large"
    HIDDEN = "hidden"


# Zoom of the cell and the least edge it may have. A mercator cell shrinks towards the poles (zoom 14 is
# 2.4 km at the equator, 1.2 km in Oslo): where it would be smaller than this, the next larger one is taken.
SEED_CELL = (18, 100)
AREA_CELLS = {Precision.AREA_SMALL: (14, 1_700), Precision.AREA_LARGE: (11, 13_600)}


@dataclass(frozen=True)
class Published:
    """The geometry the public gets.

    Attributes:
        shape: ``"point"``, ``"area"`` or ``"none"``.
        x, y: the point, or the centre of the area's cell (grid units).
        cell: Z-order cell of (x, y).
        cell_zoom: an area's cell; None for a point.
        radius_m: the true place lies within this of (x, y).
    """

    shape: Literal["point", "area", "none"]
    x: int | None = None
    y: int | None = None
    cell: int | None = None
    cell_zoom: int | None = None
    radius_m: int | None = None


def publish(*, exact: Point | None, exact_radius_m: int | None, precision: str, key: bytes) -> Published:
    """The published geometry of a place.

    Args:
        exact: where it is, or None when nobody knows.
        exact_radius_m: how sure that is; None counts as a house.
        precision: one of :class:`Precision`.
        key: the instance's secret for displacement, at least 16 bytes.

    Raises:
        ValueError: for an unknown precision, or too short a key: never a fall-back to something finer.
    """
    wanted = Precision(precision)
    if len(key) < 16:
        raise ValueError("the displacement key needs at least 16 bytes")
    if exact is None or wanted is Precision.HIDDEN:
        return Published("none")
    radius_m = exact_radius_m or 0
    if wanted in (Precision.AREA_SMALL, Precision.AREA_LARGE) or radius_m > POINT_RADIUS_MAX_M:
        return _area(exact, radius_m, *AREA_CELLS.get(wanted, AREA_CELLS[Precision.AREA_SMALL]))
    if wanted is Precision.DISPLACED:
        return _point(_displaced(exact, key), DISPLACED_RADIUS_M)
    return _point(exact, radius_m)


def _point(point: Point, radius_m: int) -> Published:
    return Published("point", point.x, point.y, cell_of(point), None, radius_m)


def _area(exact: Point, radius_m: int, zoom: int, edge_min_m: int) -> Published:
    """The cell a place lies in, large enough for what is asked and for what is known.

    The cell is the one that contains the point, even where the place's disc reaches over its border:
    climbing until one cell holds the whole disc would tell that the place is near a border. ``radius_m``
    of the result covers the disc instead.
    """
    zoom = _zoom_with_edge(exact, zoom, max(edge_min_m, 2 * radius_m))
    centre = tile_centre(zoom, *tile_of(exact, zoom))
    # The cell's edge nearest the equator is its longest; its diagonal is what can be farthest away.
    top, bottom = centre.y - (SIZE >> zoom + 1), centre.y + (SIZE >> zoom + 1) - 1
    longest_m = max(tile_edge_m(zoom, top), tile_edge_m(zoom, bottom), tile_edge_m(zoom, centre.y))
    margin_m = POINT_RADIUS_MAX_M if radius_m <= POINT_RADIUS_MAX_M else longest_m / 2
    reach_m = math.ceil(longest_m / math.sqrt(2) + margin_m)
    return Published("area", centre.x, centre.y, cell_of(centre), zoom, reach_m)


def _displaced(exact: Point, key: bytes) -> Point:
    zoom = _zoom_with_edge(exact, *SEED_CELL)
    seed = tile_centre(zoom, *tile_of(exact, zoom))
    name = b"places.displace:%d:%d" % (zoom, parent(cell_of(seed), zoom))
    digest = hmac.digest(key, name, hashlib.sha256)
    angle = int.from_bytes(digest[:8]) / 2**64 * 2 * math.pi
    # The square root makes every spot of the disc equally likely, not every distance.
    units = DISPLACED_MAX_M * math.sqrt(int.from_bytes(digest[8:16]) / 2**64) / metres_per_unit(seed.y)
    x = (seed.x + round(units * math.cos(angle))) % SIZE
    y = max(0, min(SIZE - 1, seed.y + round(units * math.sin(angle))))
    return Point(x, y)


def _zoom_with_edge(point: Point, zoom: int, edge_min_m: float) -> int:
    """The finest zoom, not beyond ``zoom``, whose cell here has an edge of at least ``edge_min_m``.

    The edge is taken at the cell's centre, so that the choice too is a function of cells alone.
    """
    while zoom > 0 and tile_edge_m(zoom, tile_centre(zoom, *tile_of(point, zoom)).y) < edge_min_m:
        zoom -= 1
    return zoom
