"""The base map: Natural Earth (public domain) as npm's world-atlas packs it, served and drawn by us."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from entraide.foundations.design import vendored

from .rules.topology import Polygon, Ring, borders, decode_arcs, polygons

DETAILS = ("110m", "50m")  # 1:110 million for the world, 1:50 million for a country
VERSION = vendored.path("world-atlas", "countries-50m.json").parent.name


class World(NamedTuple):
    """Land and the borders between countries, in degrees."""

    land: list[Polygon]
    borders: list[Ring]


@lru_cache(maxsize=2)
def world(detail: str) -> World:
    """The decoded world in one detail (0.1 s for 50m, once a process).

    Raises:
        KeyError: for a detail there is not.
    """
    if detail not in DETAILS:
        raise KeyError(detail)
    topology: dict[str, Any] = orjson.loads(
        vendored.path("world-atlas", f"countries-{detail}.json").read_bytes()
    )
    arcs = decode_arcs(topology)
    return World(polygons(topology, "land", arcs), borders(topology, "countries", arcs))


@lru_cache(maxsize=2)
def geojson(detail: str) -> bytes:
    """Land and borders as a GeoJSON FeatureCollection with three decimals (100 m)."""
    there = world(detail)
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"kind": "land"},
                    "geometry": {
                        "type": "MultiPolygon",
                        "coordinates": [[_rounded(ring) for ring in polygon] for polygon in there.land],
                    },
                },
                {
                    "type": "Feature",
                    "properties": {"kind": "border"},
                    "geometry": {
                        "type": "MultiLineString",
                        "coordinates": [_rounded(line) for line in there.borders],
                    },
                },
            ],
        }
    )


def detail_for(degrees: float) -> str:
    """The detail that a map so many degrees wide deserves."""
    return "110m" if degrees > 90 else "50m"


def _rounded(ring: Ring) -> list[list[float]]:
    return [[round(lon, 3), round(lat, 3)] for lon, lat in ring]
