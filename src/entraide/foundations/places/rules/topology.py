"""TopoJSON decoded: shared, delta-encoded arcs become rings of (longitude, latitude)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

Position = tuple[float, float]  # longitude, latitude in degrees
Ring = list[Position]
Polygon = list[Ring]


def decode_arcs(topology: dict[str, Any]) -> list[Ring]:
    """Every arc as positions in degrees (TopoJSON 2.1.3 and 2.1.4: quantised deltas)."""
    scale_x, scale_y = topology["transform"]["scale"]
    move_x, move_y = topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        positions = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            positions.append((x * scale_x + move_x, y * scale_y + move_y))
        arcs.append(positions)
    return arcs


def polygons(topology: dict[str, Any], name: str, arcs: list[Ring]) -> list[Polygon]:
    """The polygons of one object of the topology, those of its collections one after the other."""
    return [
        [_ring(indexes, arcs) for indexes in polygon]
        for geometry in _geometries(topology["objects"][name])
        for polygon in _polygons_of(geometry)
    ]


def borders(topology: dict[str, Any], name: str, arcs: list[Ring]) -> list[Ring]:
    """The arcs that two geometries of an object share: borders without coasts."""
    used: Counter[int] = Counter()
    for geometry in _geometries(topology["objects"][name]):
        used.update(
            {
                index if index >= 0 else ~index
                for polygon in _polygons_of(geometry)
                for ring in polygon
                for index in ring
            }
        )
    return [arcs[index] for index, times in sorted(used.items()) if times > 1]


def _geometries(geometry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if geometry["type"] == "GeometryCollection":
        for inner in geometry["geometries"]:
            yield from _geometries(inner)
    else:
        yield geometry


def _polygons_of(geometry: dict[str, Any]) -> list[list[list[int]]]:
    if geometry["type"] == "Polygon":
        return [geometry["arcs"]]
    return list(geometry["arcs"]) if geometry["type"] == "MultiPolygon" else []


def _ring(indexes: list[int], arcs: list[Ring]) -> Ring:
    """Arcs joined end to end; ``~index`` is an arc walked backwards."""
    ring: Ring = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring.extend(arc[1:] if ring else arc)
    return unrolled(ring)


def unrolled(ring: Ring) -> Ring:
    """A ring that jumps from one edge of the world to the other, going on beyond the edge instead.

    Chukotka is then at 190 degrees east and no line is drawn across the world. A ring around a pole
    (Antarctica) does not close that way and is left as it is.
    """
    turn = 0.0
    positions = ring[:1]
    for (before, _lat), (lon, lat) in pairwise(ring):
        turn += 360 * ((lon - before < -180) - (lon - before > 180))
        positions.append((lon + turn, lat))
    return positions if turn == 0 else ring
