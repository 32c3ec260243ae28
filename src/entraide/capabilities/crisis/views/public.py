"""Pages anybody may read: the map, its list twin, one report; and tiles where only Django runs."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from entraide.capabilities.crisis import tiles
from entraide.capabilities.crisis.models import Publication, Standing
from entraide.capabilities.crisis.queries import public, squares
from entraide.capabilities.crisis.queries.filters import ANSWERED, Box, Filters
from entraide.capabilities.crisis.queries.public import Room
from entraide.capabilities.crisis.views.filter_bar import filter_bar
from entraide.foundations.causes import queries as causes
from entraide.foundations.places import rules as places
from entraide.refusal import Refusal

STATIC_MAP_MARKS = 400  # places drawn on the map that needs no JavaScript
MAPS_AT_ONCE = 12


@require_safe
def maps(request: HttpRequest) -> HttpResponse:
    """The maps there are; where there is only one, that one."""
    found = [cause for cause in causes.visible(request.user)[: MAPS_AT_ONCE + 1] if cause.state != "draft"]
    if len(found) == 1:
        query = request.META.get("QUERY_STRING", "")
        return redirect(reverse("crisis:map", args=[found[0].slug]) + (f"?{query}" if query else ""))
    cards = [
        {"cause": cause, "summary": public.summary(public.room_of(cause))} for cause in found[:MAPS_AT_ONCE]
    ]
    return render(request, "crisis/map_choose.html", {"cards": cards, "more": len(found) > MAPS_AT_ONCE})


@require_safe
def map_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The map of one cause. Without JavaScript or WebGL: a drawn map, and the list one click away."""
    cause = causes.get(request.user, slug)
    filters = Filters.parse(request.GET)
    room = public.room_of(cause)
    bounds = squares.extent(room, filters) or cause.area or (-180.0, -60.0, 180.0, 80.0)
    context = _shared(cause, room, filters) | {
        "bounds": _padded(bounds),
        "marks": _marks(room, filters, bounds),
        "bounds_text": ",".join(f"{degrees:.5f}" for degrees in _padded(bounds)),
        "land_url": reverse("places:land"),
        "style_url": settings.MAP_STYLE_URL,
        "tiles": f"/tiles/{cause.slug}/{{z}}/{{x}}/{{y}}.mvt",
    }
    return render(request, "crisis/map.html", context)


@require_safe
def list_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The same reports as the map, as a list, newest first."""
    cause = causes.get(request.user, slug)
    filters = Filters.parse(request.GET)
    room = public.room_of(cause)
    after = request.GET.get("after", "")
    page = public.newest(room, filters, after=after)
    context = _shared(cause, room, filters) | {
        "page": page,
        "first_page": not after,
        "rows": [(publication, _named(publication, room)) for publication in page.rows],
        "days": _histogram(public.by_day(room, filters)),
    }
    return render(request, "crisis/list.html", context)


@require_safe
def report_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One published report, its place as exact as it is published, and what became of it."""
    publication, cause, room = find(request.user, ref)
    context = {
        "cause": cause,
        "publication": publication,
        "categories": _named(publication, room),
        "subject": f"report:{publication.ref}",
        "address": settings.SITE_URL + reverse("crisis:report", args=[publication.ref]),
        "marks": [mark(publication)] if publication.shape != Publication.Shape.NONE else [],
        "bounds": _around(publication),
        "topic": f"map:{cause.public_id}",
    }
    return render(request, "crisis/report.html", context)


@require_safe
def tile(request: HttpRequest, slug: str, z: int, x: int, y: int) -> HttpResponse:
    """One map tile; see ``tiles.py``."""
    found = tiles.answer(slug, z, x, y, request.META.get("QUERY_STRING", ""))
    response: HttpResponse = HttpResponse(found.body, content_type=tiles.MEDIA_TYPE)
    response.headers["ETag"] = found.etag
    patch_cache_control(response, public=True, max_age=1)
    return get_conditional_response(request, etag=found.etag, response=response) or response


def find(person: Any, ref: str) -> tuple[Publication, Any, Room]:
    """A published report with its cause.

    Raises:
        Refusal: 404, in the same words whether it never was, is not published, or belongs to a cause
            that is not to be seen.
    """
    slug = Publication.objects.filter(ref=ref).values_list("cause__slug", flat=True).first()
    if slug is None:
        raise public.no_such_report()
    try:
        cause = causes.get(person, slug)
    except Refusal:
        raise public.no_such_report() from None
    room = public.room_of(cause)
    return public.one(room, ref), cause, room


def mark(publication: Publication) -> dict[str, Any]:
    """A publication for ``{% static_map %}``."""
    assert publication.x is not None
    assert publication.y is not None
    return {
        "x": publication.x,
        "y": publication.y,
        "shape": publication.shape,
        "cell_zoom": publication.cell_zoom,
        "radius_m": publication.radius_m,
        "state": _state(publication.step not in ANSWERED, publication.standing == Standing.UNVERIFIED),
    }


def _state(open_: int, unchecked: bool) -> str:
    """The sign of a mark: answered, not yet checked, or open."""
    return "answered" if not open_ else "unchecked" if unchecked else "open"


def _shared(cause: Any, room: Room, filters: Filters) -> dict[str, Any]:
    """What the map and its list twin show alike."""
    return {
        "cause": cause,
        "room": room,
        "filters": filters,
        "summary": public.summary(room, filters),
        "bar": filter_bar(room, filters),
        "topic": f"map:{cause.public_id}",
    }


def _named(publication: Publication, room: Room) -> list[dict[str, str]]:
    return [
        {"icon": category.icon, "name": public.name_of(category), "slug": category.slug}
        for category in public.names(publication, room)
    ]


def drawn(room: Room, filters: Filters, bounds: Box) -> dict[str, Any]:
    """What ``{% static_map %}`` needs: marks, and bounds with a little air around."""
    return {"bounds": _padded(bounds), "marks": _marks(room, filters, bounds)}


def _marks(room: Room, filters: Filters, bounds: Box) -> list[dict[str, Any]]:
    """Clusters for the drawn map, in squares fine enough for its size."""
    west, _south, east, _north = bounds
    zoom = max(4, min(14, math.floor(math.log2(360 / max(0.05, east - west if east > west else 360)) + 4)))
    return [
        {
            "x": square.x,
            "y": square.y,
            # Several are a count, drawn as a disc; one alone that is an area is never drawn as a point.
            "shape": "area" if square.count == square.areas == 1 else "point",
            "cell_zoom": zoom if square.count == square.areas == 1 else None,
            "count": square.count,
            "state": _state(square.open, square.standing.get(Standing.UNVERIFIED) == square.count),
        }
        for square in squares.overview(room, filters, zoom)[:STATIC_MAP_MARKS]
    ]


def _padded(bounds: Box) -> Box:
    """A little air around what is shown, and never less than about 20 km."""
    west, south, east, north = bounds
    air_x = max(0.1, (east - west) * 0.08) if east >= west else 0.0
    air_y = max(0.1, (north - south) * 0.08)
    return (
        max(-180.0, west - air_x),
        max(-85.0, south - air_y),
        min(180.0, east + air_x),
        min(85.0, north + air_y),
    )


def _around(publication: Publication) -> Box | None:
    if publication.x is None or publication.y is None:
        return None
    lat, lon = places.from_grid(places.Point(publication.x, publication.y))
    half = 180.0 / (1 << publication.cell_zoom) if publication.cell_zoom is not None else 0.0
    return _padded((lon - 4 * half, lat - 3 * half, lon + 4 * half, lat + 3 * half))


def _histogram(days: list[tuple[Any, int]]) -> list[dict[str, Any]]:
    """Bars of a chart 100 units high."""
    most = max((n for _day, n in days), default=0)
    return [
        {
            "day": day,
            "count": n,
            "x": i * 10,
            "height": round(100 * n / most),
            "y": 100 - round(100 * n / most),
        }
        for i, (day, n) in enumerate(days)
    ]
