"""``{% load places %}``: a map drawn by the server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template

from .. import basemap
from ..rules.drawing import HEIGHT, WIDTH, Frame, Mark, draw, frame_for, land_path, lines_path
from ..rules.grid import Point

register = template.Library()

STATES = frozenset({"open", "unchecked", "answered"})


@register.inclusion_tag("places/_static_map.html")
def static_map(
    points: Iterable[Any], west: float, south: float, east: float, north: float, label: str = ""
) -> dict[str, Any]:
    """An SVG map: sea, land, borders and marks. No JavaScript; a picture with a title and a description.

    Args:
        points: things with ``x``, ``y`` (grid units) and, where they have them, ``count``, ``shape``
            ("point", "area"), ``cell_zoom``, ``radius_m``, ``state`` ("open", "unchecked", "answered") and
            ``label``; mappings or objects. Give published geometry alone.
        west, south, east, north: what must be seen, in degrees; the picture shows a little more.
        label: what the map shows, in one sentence.

    The page links ``places/map.css``.
    """
    frame = frame_for(float(west), float(south), float(east), float(north))
    marks = [_mark(point) for point in points]
    drawn = draw(marks, frame)
    land, borders = _world_in(frame)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "land": land,
        "borders": borders,
        "marks": drawn,
        "total": sum(mark.count for mark in drawn),
        "label": label,
        # Two maps on one page need two names; the same map keeps its own, so that pages can be cached.
        "name": "map-" + hashlib.sha256(repr((frame, marks, label)).encode()).hexdigest()[:10],
    }


def _mark(thing: Any) -> Mark:
    def read(name: str, default: Any = None) -> Any:
        return thing.get(name, default) if isinstance(thing, dict) else getattr(thing, name, default)

    state = str(read("state") or "open")
    return Mark(
        point=Point(int(read("x")), int(read("y"))),
        count=int(read("count", 1) or 1),
        shape=str(read("shape", "point") or "point"),
        cell_zoom=read("cell_zoom"),
        radius_m=read("radius_m"),
        state=state if state in STATES else "open",
        label=str(read("label", "") or ""),
    )


@lru_cache(maxsize=64)
def _world_in(frame: Frame) -> tuple[str, str]:
    """Land and borders of a frame; the same frames are asked for again and again."""
    degrees = frame.scale * WIDTH / 2**32 * 360
    world = basemap.world(basemap.detail_for(degrees))
    return land_path(world.land, frame), lines_path(world.borders, frame)
