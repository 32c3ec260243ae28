"""What an operator's file of places must look like, row by row."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ..models import Kind
from .grid import Point, to_grid
from .names import normal

# What people call their columns.
COLUMNS = {
    "name": ("name", "nom", "name_en", "place", "asciiname"),
    "lat": ("lat", "latitude", "y"),
    "lon": ("lon", "lng", "long", "longitude", "x"),
    "variants": (
        "variants",
        "alternatenames",
        "alternate_names",
        "alt_name",
        "other_names",
        "name_local",
        "name_np",
    ),
    "admin": ("admin", "admin1", "district", "county", "province", "commune"),
    "kind": ("kind", "type", "level", "place_type"),
    "radius_m": ("radius_m", "radius"),
    "key": ("key", "id", "code", "pcode", "geonameid", "osm_id"),
}
# The radius of a place where its row gives none, by kind, in metres.
RADIUS_OF_KIND = {
    Kind.COUNTRY: 300_000,
    Kind.REGION: 40_000,
    Kind.DISTRICT: 15_000,
    Kind.TOWN: 3_000,
    Kind.QUARTER: 1_000,
    Kind.ROAD: 800,
    Kind.SPOT: 150,
}
_KINDS = {
    "country": Kind.COUNTRY,
    "region": Kind.REGION,
    "province": Kind.REGION,
    "state": Kind.REGION,
    "county": Kind.REGION,
    "department": Kind.REGION,
    "district": Kind.DISTRICT,
    "sub_county": Kind.DISTRICT,
    "constituency": Kind.DISTRICT,
    "commune": Kind.DISTRICT,
    "ward": Kind.QUARTER,
    "city": Kind.TOWN,
    "town": Kind.TOWN,
    "quarter": Kind.QUARTER,
    "village": Kind.QUARTER,
    "hamlet": Kind.QUARTER,
    "suburb": Kind.QUARTER,
    "neighbourhood": Kind.QUARTER,
    "residential": Kind.ROAD,
    "primary": Kind.ROAD,
    "secondary": Kind.ROAD,
    "tertiary": Kind.ROAD,
    "trunk": Kind.ROAD,
    "unclassified": Kind.ROAD,
    "road": Kind.ROAD,
    "street": Kind.ROAD,
    "spot": Kind.SPOT,
    "building": Kind.SPOT,
    "hospital": Kind.SPOT,
    "school": Kind.SPOT,
}
NAME_MAX = 300
VARIANTS_MAX = 200


@dataclass(frozen=True)
class RowError:
    """Why one row was not taken: its number in the file (the head is row 1), its column, the reason."""

    row: int
    column: str
    why: str


@dataclass(frozen=True)
class Row:
    """One good row."""

    name: str
    variants: tuple[str, ...]
    admin: str
    kind: Kind
    point: Point
    radius_m: int
    key: str


def named_columns(heads: list[str]) -> dict[str, str]:
    """Our column names -> the file's, for the columns we understand."""
    there = {head.strip().lower(): head for head in heads}
    found = {
        ours: next((there[name] for name in names if name in there), "") for ours, names in COLUMNS.items()
    }
    return {ours: head for ours, head in found.items() if head}


def read_row(number: int, values: Mapping[str, Any]) -> Row | RowError:
    """Check one row, its values under our column names."""
    name = str(values.get("name") or "").strip()
    if not normal(name):
        return RowError(number, "name", _("The name is missing."))
    if len(name) > NAME_MAX:
        return RowError(number, "name", _("The name is longer than 300 characters."))
    numbers: dict[str, float] = {}
    for column, most in (("lat", 90), ("lon", 180)):
        read = _number(values.get(column))
        if read is None:
            return RowError(number, column, _("This is not a number of degrees, such as 18.5392."))
        if abs(read) > most:
            return RowError(
                number,
                column,
                _("Beyond %(most)s degrees there is no place. Are the columns exchanged?") % {"most": most},
            )
        numbers[column] = read
    kind = _KINDS.get(str(values.get("kind") or "").strip().lower(), Kind.QUARTER)
    radius = values.get("radius_m")
    radius_m: float | None = RADIUS_OF_KIND[kind]
    if str(radius or "").strip():
        radius_m = _number(radius)
        if radius_m is None or not 1 <= radius_m <= 20_000_000:
            return RowError(number, "radius_m", _("The radius must be a number of metres, 1 or more."))
    variants = tuple(
        part.strip()[:NAME_MAX] for part in re.split(r"[|;\n]", str(values.get("variants") or ""))
    )
    return Row(
        name=name,
        variants=tuple(dict.fromkeys(part for part in variants if normal(part)))[:VARIANTS_MAX],
        admin=str(values.get("admin") or "").strip()[:NAME_MAX],
        kind=kind,
        point=to_grid(numbers["lat"], numbers["lon"]),
        radius_m=math.ceil(radius_m or 1),
        key=str(values.get("key") or "").strip()[:150],
    )


def _number(value: Any) -> float | None:
    try:
        read = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return read if math.isfinite(read) else None


def geojson_row(number: int, feature: Any) -> tuple[dict[str, Any], RowError | None]:
    """A feature's properties with lat, lon (and radius for what is not a point) under our names."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
        return {}, RowError(number, "properties", _("This is not a GeoJSON feature."))
    properties = feature.get("properties") or {}
    columns = named_columns([str(name) for name in properties])
    values = {ours: properties[head] for ours, head in columns.items() if ours not in ("lat", "lon")}
    if "key" not in values and feature.get("id") is not None:
        values["key"] = feature["id"]
    geometry = feature.get("geometry") or {}
    positions = list(_positions(geometry.get("coordinates") if isinstance(geometry, dict) else None))
    if not positions:
        return {}, RowError(number, "geometry", _("The feature has no position."))
    west, east = min(lon for lon, _lat in positions), max(lon for lon, _lat in positions)
    south, north = min(lat for _lon, lat in positions), max(lat for _lon, lat in positions)
    values |= {"lat": (south + north) / 2, "lon": (west + east) / 2}
    if (west, south) != (east, north) and not values.get("radius_m"):
        # A line or an area: its middle, and half the diagonal of its box.
        metres = math.hypot(
            (north - south) * 111_320, (east - west) * 111_320 * math.cos(math.radians(south))
        )
        values["radius_m"] = max(1, round(metres / 2))
    return values, None


def _positions(coordinates: Any) -> Any:
    if not isinstance(coordinates, list):
        return
    if len(coordinates) >= 2 and all(isinstance(value, int | float) for value in coordinates[:2]):
        yield coordinates[0], coordinates[1]
        return
    for inner in coordinates:
        yield from _positions(inner)
