"""The grid every place lives on: web mercator, 32 bits a side, and its Z-order cells.

A place is two integers (x east, y south, 9 mm at the equator) and, for sorting and ranges, one 64-bit
Morton cell. No PostGIS, no GDAL: a tile is a range of integers, which every database indexes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

BITS = 32
SIZE = 1 << BITS
LATITUDE_MAX = 85.0511287798066  # where web mercator ends (its world is a square)
EQUATOR_M = 40_075_016.68557849  # 2 pi 6378137, the circumference web mercator uses
EARTH_RADIUS_M = 6_371_008.8  # mean radius (IUGG), for distances
_SIGN = 1 << 63


class Point(NamedTuple):
    """A place on the grid: 0 <= x, y < 2**32."""

    x: int
    y: int


def to_grid(lat: float, lon: float) -> Point:
    """The grid point of a position in degrees (WGS 84).

    Longitudes beyond 180 degrees wrap round; latitudes beyond web mercator's edge (85.05) are set on it.

    Raises:
        ValueError: for a latitude beyond 90 degrees or a number that is not finite.
    """
    if not (math.isfinite(lat) and math.isfinite(lon)) or abs(lat) > 90:
        raise ValueError(f"not a position on Earth: {lat}, {lon}")
    if not -180 <= lon <= 180:
        lon = (lon + 180) % 360 - 180
    lat = max(-LATITUDE_MAX, min(LATITUDE_MAX, lat))
    x = math.floor((lon + 180) / 360 * SIZE)
    y = math.floor((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * SIZE)
    return Point(_within(x), _within(y))


def from_grid(point: Point) -> tuple[float, float]:
    """``(lat, lon)`` in degrees of the middle of a grid unit."""
    lon = (point.x + 0.5) / SIZE * 360 - 180
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (point.y + 0.5) / SIZE))))
    return lat, lon


def cell_of(point: Point) -> int:
    """The 64-bit Morton cell of a point, lowered by 2**63 so that a signed BIGINT keeps the order."""
    return (_spread(point.x) | _spread(point.y) << 1) - _SIGN


def point_of(cell: int) -> Point:
    """The point a cell was made from: the inverse of :func:`cell_of`."""
    code = cell + _SIGN
    return Point(_gather(code), _gather(code >> 1))


def cell_range(z: int, x: int, y: int) -> tuple[int, int]:
    """The lowest and highest cell (both inclusive) of the points in the map tile ``z/x/y``.

    Raises:
        ValueError: for a tile that does not exist.
    """
    if not (0 <= z <= BITS and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise ValueError(f"no such tile: {z}/{x}/{y}")
    low = ((_spread(x) | _spread(y) << 1) << 2 * (BITS - z)) - _SIGN
    return low, low + (1 << 2 * (BITS - z)) - 1


def parent(cell: int, zoom: int) -> int:
    """The lowest cell of the tile of ``zoom`` a cell lies in: one number that names the tile."""
    shift = 2 * (BITS - zoom)
    return ((cell + _SIGN) >> shift << shift) - _SIGN


def tile_of(point: Point, zoom: int) -> tuple[int, int]:
    """``(x, y)`` of the map tile of ``zoom`` a point lies in."""
    return point.x >> (BITS - zoom), point.y >> (BITS - zoom)


def tile_centre(zoom: int, x: int, y: int) -> Point:
    """The point in the middle of a map tile."""
    half = 1 << (BITS - zoom) >> 1
    return Point((x << (BITS - zoom)) + half, (y << (BITS - zoom)) + half)


def metres_per_unit(y: int) -> float:
    """How many metres one grid unit is on the ground at that height of the map."""
    return EQUATOR_M / SIZE / math.cosh(math.pi * (1 - 2 * (y + 0.5) / SIZE))


def tile_edge_m(zoom: int, y: int) -> float:
    """The edge in metres of a tile of ``zoom`` at grid height ``y``."""
    return metres_per_unit(y) * (1 << (BITS - zoom))


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres."""
    lat_a, lon_a = (math.radians(degrees) for degrees in from_grid(a))
    lat_b, lon_b = (math.radians(degrees) for degrees in from_grid(b))
    chord = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))


def _within(value: int) -> int:
    return max(0, min(SIZE - 1, value))


def _spread(value: int) -> int:
    """The 32 bits of a number on the even places of 64."""
    value = (value | value << 16) & 0x0000FFFF0000FFFF
    value = (value | value << 8) & 0x00FF00FF00FF00FF
    value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555


def _gather(value: int) -> int:
    """The even places of 64 bits, as a 32-bit number."""
    value &= 0x5555555555555555
    value = (value | value >> 1) & 0x3333333333333333
    value = (value | value >> 2) & 0x0F0F0F0F0F0F0F0F
    value = (value | value >> 4) & 0x00FF00FF00FF00FF
    value = (value | value >> 8) & 0x0000FFFF0000FFFF
    return (value | value >> 16) & 0x00000000FFFFFFFF
