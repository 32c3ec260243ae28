"""The public API: ``/api/crisis/<cause>/reports``, JSON, a page at a time; problems as RFC 9457."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from entraide.capabilities.crisis.exports import geojson
from entraide.capabilities.crisis.exports.rows import address, row
from entraide.capabilities.crisis.queries import public
from entraide.capabilities.crisis.queries.filters import Filters
from entraide.foundations.causes import queries as causes
from entraide.refusal import Refusal

app_name = "crisis-api"
SIZE_MAX = 200


@require_safe
def reports(request: HttpRequest, slug: str) -> JsonResponse:
    """Published reports, newest first: ``{"total", "without_place", "next", "reports": [GeoJSON feature]}``.

    Takes the filters of the map, ``size`` (1 to 200) and ``after`` (follow ``next`` instead).
    """
    cause = causes.get(request.user, slug)
    filters = Filters.parse(request.GET)
    size = request.GET.get("size", str(public.PAGE))
    if not (size.isascii() and size.isdigit() and 1 <= int(size[:6]) <= SIZE_MAX):
        raise Refusal(
            _("“size” is a number from 1 to %(most)s.") % {"most": SIZE_MAX}, where="size", code="bad-filter"
        )
    room = public.room_of(cause)
    summary = public.summary(room, filters)
    page = public.newest(room, filters, after=request.GET.get("after", ""), size=int(size))
    following = "&".join(
        part for part in (filters.query_string, f"size={int(size)}", f"after={page.after}") if part
    )
    here = address(reverse("crisis-api:reports", args=[cause.slug]))
    response = JsonResponse(
        {
            "total": summary.total,
            "without_place": summary.without_place,
            "next": f"{here}?{following}" if page.after else None,
            "reports": [
                geojson.feature(row(publication, room, cause.public_id)) for publication in page.rows
            ],
        }
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


urlpatterns = [path("<slug:slug>/reports", reports, name="reports")]
