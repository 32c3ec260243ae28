"""Map tiles: ``/tiles/<cause>/<z>/<x>/<y>.mvt?filters``, with the same filters as the list.

Layers: ``clusters`` (count, how sure, how many are areas), ``points`` (single exact or displaced points),
``areas`` (outlines of the cells in which reports are placed approximately). What they count is said in
``queries/squares.py``. Served on the event loop before Django (``handle``); ``views/public.py`` answers at
the same address where only Django runs.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.utils.translation import gettext as _

from entraide.capabilities.crisis.exports import mvt
from entraide.capabilities.crisis.queries.filters import Filters, Tile
from entraide.capabilities.crisis.queries.public import Room, room_of
from entraide.capabilities.crisis.queries.squares import GRID_BITS, ZOOM_MAX, Area, Square, areas, squares
from entraide.foundations.causes import queries as causes
from entraide.foundations.places import rules as places
from entraide.raw import RawRequest, RawResponse
from entraide.refusal import Refusal

PREFIX = "/tiles/"
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
# A second is enough to spare a machine ten thousand readers, and short enough for a map that is live.
CACHE_CONTROL = "public, max-age=1"
TITLE_MAX = 80
# How far an outline is drawn beyond the tile, so that the tile's own edge never shows as a line.
MARGIN = 256
GZIP_MIN = 500  # bytes; below it packing costs more than it spares
_ADDRESS = re.compile(r"/tiles/([-a-z0-9]{1,60})/([0-9]{1,2})/([0-9]{1,8})/([0-9]{1,8})\.mvt", re.ASCII)
_PLAIN = (("content-type", "text/plain; charset=utf-8"),)


@dataclass(frozen=True)
class Answer:
    """A tile ready to be sent."""

    body: bytes
    etag: str  # with its quotation marks


def answer(slug: str, z: int, x: int, y: int, query: str) -> Answer:
    """The tile an address names, for anybody (whoever is signed in sees the same map).

    Args:
        query: the address's query string, without ``?``.

    Raises:
        Refusal: 404 for a cause that is not to be seen or a tile that does not exist; 400 for a filter
            that makes no sense.
    """
    if not (0 <= z <= ZOOM_MAX and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise Refusal(_("There is no such tile."), status=404, code="no-such-tile")
    filters = Filters.parse(QueryDict(query))
    room = room_of(causes.get(AnonymousUser(), slug))
    body = draw(room, filters, (z, x, y))
    return Answer(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


async def handle(request: RawRequest) -> RawResponse:
    """The tile, on the event loop: only the database's part runs on Django's thread."""
    if request.method not in ("GET", "HEAD"):
        return RawResponse(405, b"", (("allow", "GET, HEAD"),))
    address = _ADDRESS.fullmatch(request.path)
    if address is None:
        return RawResponse(404, b"There is no such tile.\n", _PLAIN)
    slug, z, x, y = address[1], int(address[2]), int(address[3]), int(address[4])
    try:
        found = await request.in_django(answer, slug, z, x, y, request.query)
    except Refusal as refusal:
        return RawResponse(refusal.status, f"{refusal}\n".encode(), _PLAIN)
    headers = [
        ("content-type", MEDIA_TYPE),
        ("cache-control", CACHE_CONTROL),
        ("etag", found.etag),
        ("vary", "Accept-Encoding"),
        ("access-control-allow-origin", "*"),  # other sites may draw our map
        ("x-content-type-options", "nosniff"),
    ]
    if found.etag in request.headers.get("if-none-match", ""):
        return RawResponse(304, b"", tuple(headers))
    body = found.body
    if len(body) > GZIP_MIN and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 5, mtime=0)
        headers.append(("content-encoding", "gzip"))
    return RawResponse(200, b"" if request.method == "HEAD" else body, tuple(headers))


def draw(room: Room, filters: Filters, tile: Tile) -> bytes:
    """The vector tile ``tile`` of what ``filters`` keeps."""
    found = squares(room, filters, tile)
    return mvt.tile(
        {
            "areas": [_area(area, tile) for area in areas(room, filters, tile)],
            "clusters": [_cluster(square, tile) for square in found if not _is_point(square)],
            "points": [_point(square, tile) for square in found if _is_point(square)],
        }
    )


def _is_point(square: Square) -> bool:
    return square.only is not None and square.areas == 0


def _cluster(square: Square, tile: Tile) -> mvt.Feature:
    properties: dict[str, mvt.Value] = {
        "tile": _square_name(square, tile),
        "count": square.count,
        "areas": square.areas,
        "open": square.open,
        "urgent": square.urgent,
    }
    properties |= square.standing
    if square.only:
        properties["ref"], properties["title"], properties["language"] = _shortened(square.only)
    return mvt.Feature.point(*_units(square, tile), properties)


def _point(square: Square, tile: Tile) -> mvt.Feature:
    assert square.only is not None
    ref, title, language = _shortened(square.only)
    properties: dict[str, mvt.Value] = {
        "tile": _square_name(square, tile),
        "ref": ref,
        "title": title,
        "language": language,
        "standing": next(iter(square.standing)),
        "open": bool(square.open),
        "urgent": bool(square.urgent),
    }
    return mvt.Feature.point(*_units(square, tile), properties)


def _area(area: Area, tile: Tile) -> mvt.Feature:
    zoom, tile_x, tile_y = tile

    def along(cell: int, origin: int) -> int:
        """A cell's edge in tile units, at most a margin beyond the tile."""
        edge = _scaled((cell << places.BITS - area.zoom) - (origin << places.BITS - zoom), zoom)
        return max(-MARGIN, min(mvt.EXTENT + MARGIN, edge))

    return mvt.Feature.box(
        along(area.x, tile_x),
        along(area.y, tile_y),
        along(area.x + 1, tile_x),
        along(area.y + 1, tile_y),
        {"count": area.count},
    )


def _units(square: Square, tile: Tile) -> tuple[int, int]:
    zoom, x, y = tile
    shift = places.BITS - zoom
    return _scaled(square.x - (x << shift), zoom), _scaled(square.y - (y << shift), zoom)


def _scaled(grid_units: int, zoom: int) -> int:
    return grid_units * mvt.EXTENT >> places.BITS - zoom


def _square_name(square: Square, tile: Tile) -> str:
    """The square as a tile of its own: what ``?tile=`` takes, so that a cluster opens as a list."""
    zoom = tile[0] + GRID_BITS
    x, y = places.tile_of(places.Point(square.x, square.y), zoom)
    return f"{zoom}/{x}/{y}"


def _shortened(only: tuple[str, str, str]) -> tuple[str, str, str]:
    ref, title, language = only
    return ref, title if len(title) <= TITLE_MAX else title[: TITLE_MAX - 1] + "…", language
