"""A map drawn without a browser's help: a frame, land cut to it, marks placed in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .grid import BITS, SIZE, Point, metres_per_unit, tile_centre, tile_of, to_grid
from .topology import Polygon, Ring

WIDTH, HEIGHT = 560, 420  # of every drawn map, in its own units
Line = list[tuple[float, float]]


@dataclass(frozen=True)
class Frame:
    """The part of the grid that is drawn: its upper left corner and how many grid units are one of ours.

    ``left`` may be negative: a frame over the 180th meridian begins before it.
    """

    left: float
    top: float
    scale: float

    def place(self, point: Point) -> tuple[float, float]:
        """Where a grid point is drawn, the copy of the world nearest to the middle of the frame."""
        middle = self.left + WIDTH / 2 * self.scale
        x = point.x + round((middle - point.x) / SIZE) * SIZE
        return (x - self.left) / self.scale, (point.y - self.top) / self.scale


def frame_for(west: float, south: float, east: float, north: float) -> Frame:
    """The smallest frame of our proportions around a box in degrees; west > east crosses the 180th meridian."""
    lower_left, upper_right = to_grid(south, west), to_grid(north, east)
    left, right = float(lower_left.x), float(upper_right.x)
    if west > east:
        right += SIZE
    top, bottom = float(upper_right.y), float(lower_left.y)
    scale = max((right - left) / WIDTH, (bottom - top) / HEIGHT, 256.0)
    return Frame((left + right - WIDTH * scale) / 2, (top + bottom - HEIGHT * scale) / 2, scale)


def land_path(polygons: Iterable[Polygon], frame: Frame) -> str:
    """The land within the frame, as the ``d`` of one SVG path."""
    parts = []
    for polygon in polygons:
        for ring in polygon:
            for line in _copies(ring, frame):
                cut = _thinned(_cut(line))
                if len(cut) > 2:
                    parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in cut) + "Z")
    return "".join(parts)


def lines_path(lines: Iterable[Ring], frame: Frame) -> str:
    """Borders that come near the frame, as the ``d`` of one SVG path (the picture itself cuts the rest)."""
    parts = []
    for line in lines:
        for copy in _copies(line, frame):
            thin = _thinned(copy)
            if len(thin) > 1:
                parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in thin))
    return "".join(parts)


def _copies(ring: Ring, frame: Frame) -> Iterable[Line]:
    """A ring in our units: the world itself and its copies to the left and right, where they meet the frame."""
    line = [_project(lon, lat) for lon, lat in ring]
    west, east = min(x for x, _y in line), max(x for x, _y in line)
    top, bottom = min(y for _x, y in line), max(y for _x, y in line)
    if bottom < frame.top or top > frame.top + HEIGHT * frame.scale:
        return
    for turn in (-SIZE, 0, SIZE):
        if east + turn >= frame.left and west + turn <= frame.left + WIDTH * frame.scale:
            yield [((x + turn - frame.left) / frame.scale, (y - frame.top) / frame.scale) for x, y in line]


def _project(lon: float, lat: float) -> tuple[float, float]:
    """Like ``to_grid``, without rounding."""
    lat = max(-85.0511, min(85.0511, lat))
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * SIZE
    return (lon + 180) / 360 * SIZE, y


def _cut(line: Line) -> Line:
    """The part of a closed line inside the picture (Sutherland and Hodgman, 1974), 4 units of margin."""
    for axis, edge, sign in ((0, -4.0, 1), (0, WIDTH + 4.0, -1), (1, -4.0, 1), (1, HEIGHT + 4.0, -1)):
        kept: Line = []
        for index, here in enumerate(line):
            before = line[index - 1]
            inside, was_inside = (here[axis] - edge) * sign >= 0, (before[axis] - edge) * sign >= 0
            if inside != was_inside:
                share = (edge - before[axis]) / (here[axis] - before[axis])
                kept.append(
                    (before[0] + share * (here[0] - before[0]), before[1] + share * (here[1] - before[1]))
                )
            if inside:
                kept.append(here)
        line = kept
        if not line:
            break
    return line


def _thinned(line: Line) -> Line:
    """Without the points that no eye tells from the one before; the last stays."""
    kept = line[:1]
    for x, y in line[1:-1]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= 0.8:
            kept.append((x, y))
    return kept + line[-1:] if len(line) > 1 else kept


@dataclass(frozen=True)
class Mark:
    """What stands on the map: a report, or several counted together."""

    point: Point
    count: int = 1
    shape: str = "point"
    cell_zoom: int | None = None
    radius_m: int | None = None
    state: str = "open"  # "open", "unchecked", "answered": shape and colour both say it
    label: str = ""


@dataclass(frozen=True)
class Drawn:
    """A mark in the picture's units. ``side`` > 0: a square area; ``reach`` > 0: a ring; else a disc."""

    x: float
    y: float
    radius: float
    halo: float
    side: float
    left: float
    top: float
    reach: float
    count: int
    state: str
    label: str


def draw(marks: Sequence[Mark], frame: Frame) -> list[Drawn]:
    """The marks inside the frame, large ones first so that small ones stay visible."""
    drawn = [_draw(mark, frame) for mark in marks]
    seen = [
        one
        for one in drawn
        if -one.side <= one.x <= WIDTH + one.side and -one.side <= one.y <= HEIGHT + one.side
    ]
    return sorted(seen, key=lambda one: -max(one.side / 2, one.reach, one.radius))


def _draw(mark: Mark, frame: Frame) -> Drawn:
    point, side, reach = mark.point, 0.0, 0.0
    if mark.shape == "area" and mark.cell_zoom is not None:
        point = tile_centre(mark.cell_zoom, *tile_of(mark.point, mark.cell_zoom))
        side = max(10.0, (1 << BITS - mark.cell_zoom) / frame.scale)
    elif mark.radius_m:
        units = mark.radius_m / metres_per_unit(mark.point.y) / frame.scale
        reach = units if units > 8 else 0.0
    x, y = frame.place(point)
    radius = 7.0 if mark.count == 1 else min(36.0, 13 + 1.8 * math.sqrt(mark.count))
    return Drawn(
        x=round(x, 1),
        y=round(y, 1),
        radius=round(radius, 1),
        halo=round(radius + 5, 1),
        side=round(side, 1),
        left=round(x - side / 2, 1),
        top=round(y - side / 2, 1),
        reach=round(reach, 1),
        count=mark.count,
        state=mark.state,
        label=mark.label,
    )
