"""GeoJSON (RFC 7946): a FeatureCollection with its bbox, written feature by feature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from entraide.capabilities.crisis.exports.rows import DECIMALS, Row, moment

MEDIA_TYPE = "application/geo+json"


def collection(rows: Iterable[Row], bbox: tuple[float, float, float, float] | None) -> Iterator[bytes]:
    """The document in pieces. ``bbox``: west, south, east, north; left out where nothing has a place."""
    yield b'{"type":"FeatureCollection",'
    if bbox:
        yield b'"bbox":' + orjson.dumps([round(degrees, DECIMALS) for degrees in bbox]) + b","
    yield b'"features":['
    for i, row in enumerate(rows):
        yield (b",\n" if i else b"\n") + orjson.dumps(feature(row))
    yield b"\n]}\n"


def feature(row: Row) -> dict[str, Any]:
    """One report. Without a published place the geometry is null; an area is a polygon, never a point."""
    geometry: dict[str, Any] | None = None
    if row.ring:
        geometry = {"type": "Polygon", "coordinates": [row.ring]}
    elif row.position:
        geometry = {"type": "Point", "coordinates": row.position}
    return {"type": "Feature", "id": row.publication.ref, "geometry": geometry, "properties": properties(row)}


def properties(row: Row) -> dict[str, Any]:
    """What is known of a report besides its geometry; the same in GeoJSON and in the API."""
    publication = row.publication
    return {
        "ref": publication.ref,
        "url": row.address,
        "title": publication.title,
        "text": publication.text,
        "language": publication.language or "und",
        "categories": [category.slug for category in row.categories],
        "category_names": row.category_names,
        "standing": publication.standing,
        "step": publication.step,
        "urgent": publication.urgent,
        "senders": publication.senders,
        "channel": publication.channel,
        "place": publication.place_label,
        "shape": publication.shape,
        "radius_m": publication.radius_m,
        "happened_at": moment(publication.happened_at),
        "checked_at": moment(publication.checked_at) or None,
        "published_at": moment(publication.published_at),
        "updated_at": moment(publication.updated_at),
    }
