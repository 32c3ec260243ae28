"""Where a map link points to: the links people paste from the maps on their telephones."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

Pair = tuple[str, str]  # latitude and longitude as written in the link

LINK_MAX = (
    4_000  # characters; no map writes longer ones, and reading takes time that grows faster than they do
)
_NUMBER = r"[+-]?\d{1,3}\.\d+"
_LAT_LON = re.compile(rf"^\s*(?:loc:)?({_NUMBER})\s*[,~/ ]\s*({_NUMBER})")
# Google writes the place itself as !3d!4d and the middle of the screen as @: the place wins.
_GOOGLE_PLACE = re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})")
_GOOGLE_PATH = re.compile(rf"/(?:search|place|dir(?:/[^/]*)*?)/\s*({_NUMBER}),[\s+]*({_NUMBER})")
_SCREEN = re.compile(rf"/@({_NUMBER}),({_NUMBER})")
_OSM_SCREEN = re.compile(rf"map=\d+(?:\.\d+)?/({_NUMBER})/({_NUMBER})")
_HERE = re.compile(rf"/l/({_NUMBER}),({_NUMBER})")

# Parameters that hold "lat,lon", the place before the screen.
_PAIRS = (
    "q",
    "query",
    "destination",
    "daddr",
    "coordinate",
    "ll",
    "sll",
    "center",
    "cp",
    "viewpoint",
    "map",
    "pin",
)
_SPLIT = (("mlat", "mlon"), ("lat", "lon"), ("lat", "lng"), ("latitude", "longitude"))


def in_link(link: str) -> Pair | None:
    """``(lat, lon)`` as written in a link to a map, or None.

    Known: Google, OpenStreetMap, Apple, Bing, Waze, Yandex (which writes longitude first), HERE, OsmAnd,
    Organic Maps, and any link with ``lat``/``lon`` parameters. Short links say nothing without the
    network, which we never ask.
    """
    if len(link) > LINK_MAX:
        return None
    try:
        parts = urlsplit(link if "://" in link else "https://" + link)
    except ValueError:
        return None
    path, fragment = unquote(parts.path), unquote(parts.fragment)
    parameters = dict(parse_qsl(parts.query)) | dict(parse_qsl(fragment.lstrip("?")))
    if place := _GOOGLE_PLACE.search(unquote(link)):
        return place[1], place[2]
    if "yandex." in (parts.hostname or ""):
        found = _LAT_LON.match(parameters.get("pt") or parameters.get("ll") or "")
        return (found[2], found[1]) if found else None
    for latitude, longitude in _SPLIT:
        if re.fullmatch(_NUMBER, parameters.get(latitude, "")) and re.fullmatch(
            _NUMBER, parameters.get(longitude, "")
        ):
            return parameters[latitude], parameters[longitude]
    for name in _PAIRS:
        if found := _LAT_LON.match(parameters.get(name, "")):
            return found[1], found[2]
    for pattern, where in ((_GOOGLE_PATH, path), (_SCREEN, path), (_HERE, path), (_OSM_SCREEN, fragment)):
        if found := pattern.search(where):
            return found[1], found[2]
    return None
