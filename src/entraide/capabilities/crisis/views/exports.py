"""The same reports for other programs: GeoJSON, CSV, KML, Atom, RSS; and the page that explains them.

Each takes the filters of the map and list. Each carries an ETag made from everything it depends on, and
answers 304 to it. ``Last-Modified`` is told, but never trusted: a withdrawal leaves no newer date behind,
and a reader that only compares dates would keep what was withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from entraide.capabilities.crisis.exports import feeds, geojson, kml, table
from entraide.capabilities.crisis.exports.rows import Row, address, row, rows
from entraide.capabilities.crisis.queries import public, squares
from entraide.capabilities.crisis.queries.filters import Filters
from entraide.capabilities.crisis.queries.public import Room, Summary
from entraide.foundations.causes import queries as causes

Body = Callable[[Iterable[Row]], Any]


@require_safe
def data_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What to click in Google Earth, QGIS and a spreadsheet."""
    cause = causes.get(request.user, slug)
    filters = Filters.parse(request.GET)
    room = public.room_of(cause)
    query = f"?{filters.query_string}" if filters.active else ""
    formats = ("geojson", "csv", "kml", "network-kml", "atom", "rss")
    context = {
        "cause": cause,
        "filters": filters,
        "summary": public.summary(room, filters),
        "urls": {
            name.replace("-", "_"): address(reverse(f"crisis:{name}", args=[cause.slug])) + query
            for name in formats
        }
        | {
            "api": address(reverse("crisis-api:reports", args=[cause.slug])) + query,
            "tiles": address(f"/tiles/{cause.slug}/{{z}}/{{x}}/{{y}}.mvt") + query,
        },
    }
    return render(request, "crisis/map_data.html", context)


@require_safe
def as_geojson(request: HttpRequest, slug: str) -> HttpResponseBase:
    """GeoJSON (RFC 7946) with bbox."""

    def body(found: Iterable[Row], room: Room, filters: Filters) -> Any:
        return geojson.collection(found, squares.extent(room, filters))

    return _stream(request, slug, geojson.MEDIA_TYPE, "geojson", body)


@require_safe
def as_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """CSV with HXL hashtags."""
    return _stream(request, slug, table.MEDIA_TYPE, "csv", lambda found, room, filters: table.table(found))


@require_safe
def as_kml(request: HttpRequest, slug: str) -> HttpResponseBase:
    """KML: all that the filters keep, in one document."""

    def body(found: Iterable[Row], room: Room, filters: Filters) -> Any:
        return kml.document(found, title=settings.SITE_NAME, categories=room.shown)

    return _stream(request, slug, kml.MEDIA_TYPE, "kml", body)


@require_safe
def as_network_kml(request: HttpRequest, slug: str) -> HttpResponse:
    """The small KML file that fetches the other one for what is in view."""
    cause = causes.get(request.user, slug)
    filters = Filters.parse(request.GET).without("bbox")
    href = address(reverse("crisis:kml", args=[cause.slug]))
    href += f"?{filters.query_string}" if filters.active else ""
    response = HttpResponse(kml.network_link(title=cause.title, href=href), content_type=kml.MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{cause.slug}-live.kml"'
    return response


@require_safe
def as_atom(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Atom with GeoRSS: the hundred changed last."""
    return _feed(request, slug, "atom")


@require_safe
def as_rss(request: HttpRequest, slug: str) -> HttpResponseBase:
    """RSS 2.0 with GeoRSS."""
    return _feed(request, slug, "rss")


def _stream(request: HttpRequest, slug: str, media_type: str, suffix: str, body: Any) -> HttpResponseBase:
    cause = causes.get(request.user, slug)
    filters = Filters.parse(request.GET)
    room = public.room_of(cause)
    summary = public.summary(room, filters)

    def answer() -> HttpResponseBase:
        found = rows(room, filters, cause.public_id)
        response = StreamingHttpResponse(body(found, room, filters), content_type=media_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{cause.slug}.{suffix}"'
        return response

    return _conditional(request, summary, suffix, answer)


def _feed(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    cause = causes.get(request.user, slug)
    filters = Filters.parse(request.GET)
    room = public.room_of(cause)
    summary = public.summary(room, filters)
    query = f"?{filters.query_string}" if filters.active else ""

    def answer() -> HttpResponseBase:
        found = [
            row(publication, room, cause.public_id)
            for publication in public.latest(room, filters, feeds.ENTRIES)
        ]
        about: dict[str, Any] = {
            "title": f"{cause.title} – {settings.SITE_NAME}",
            "page": address(reverse("crisis:list", args=[cause.slug])) + query,
            "here": address(reverse(f"crisis:{kind}", args=[cause.slug])) + query,
            "updated": summary.latest,
        }
        if kind == "atom":
            urn = f"urn:uuid:{cause.public_id}"
            text = feeds.atom(found, urn=urn, author=settings.SITE_OPERATOR or settings.SITE_NAME, **about)
            return HttpResponse(text, content_type=feeds.ATOM)
        return HttpResponse(feeds.rss(found, **about), content_type=feeds.RSS)

    return _conditional(request, summary, kind, answer)


def _conditional(
    request: HttpRequest, summary: Summary, kind: str, answer: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    etag = f'"{kind}-{summary.etag}"'
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged if unchanged is not None and unchanged.status_code == 304 else answer()
    response.headers["ETag"] = etag
    if summary.latest:
        response.headers["Last-Modified"] = http_date(summary.latest.timestamp())
    # For anybody's reading; some programs read from pages of other sites.
    response.headers["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, no_cache=True)
    return response
