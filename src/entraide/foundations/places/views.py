"""Pages of the places room: search, loading of places, whom we thank; and the base map as GeoJSON."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from entraide.refusal import Refusal

from . import actions, basemap, queries
from .forms import FindForm, LoadForm
from .rules import from_grid

ONE_YEAR = 365 * 24 * 3600
ERRORS_SHOWN = 200


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Find a place, see what is loaded, and (for stewards and the operator) the way to load more."""
    form = FindForm(request.GET if "text" in request.GET else None)
    answers: list[queries.Answer] = []
    asked = False
    if form.is_bound and form.is_valid():
        country = form.cleaned_data["country"]
        asked = bool(form.cleaned_data["text"].strip())
        answers = queries.find(form.cleaned_data["text"], countries=[country] if country else [], limit=8)
    context = {
        "form": form,
        "asked": asked,
        "answers": [(answer, *from_grid(answer.point)) for answer in answers],
        "marks": [
            {"x": answer.point.x, "y": answer.point.y, "radius_m": answer.radius_m, "label": answer.label}
            for answer in answers[:1]
        ],
        "box": queries.box_around(answers[0].point, answers[0].radius_m) if answers else None,
        "sources": queries.sources(),
        "may_load": queries.may_load(request.user),
    }
    return render(request, "places/index.html", context)


@require_http_methods(["GET", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    """Load a CSV or GeoJSON file; each row that could not be taken is named with its reason."""
    queries.demand_to_load(request.user)
    form = LoadForm(request.POST or None, request.FILES or None)
    loaded = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        read = actions.load_geojson if file.name.lower().endswith("json") else actions.load_csv
        details = {name: form.cleaned_data[name] for name in ("country", "source", "licence")}
        try:
            loaded = read(file, **details, by=request.user)
        except Refusal as refusal:
            form.add_error("file", str(refusal))
    context = {
        "form": form,
        "loaded": loaded,
        "errors": loaded.errors[:ERRORS_SHOWN] if loaded else [],
        "more_errors": max(0, len(loaded.errors) - ERRORS_SHOWN) if loaded else 0,
    }
    refused = form.is_bound and loaded is None
    return render(request, "places/load.html", context, status=422 if refused else 200)


@require_GET
def thanks(request: HttpRequest) -> HttpResponse:
    """Whose work the map and the gazetteer are, and under which licence."""
    return render(request, "places/thanks.html", {"sources": queries.sources(), "atlas": basemap.VERSION})


@require_GET
def land(request: HttpRequest, detail: str) -> HttpResponse:
    """Land and borders as GeoJSON. The address carries the data's version, so that it may be kept a year."""
    try:
        body = basemap.geojson(detail)
    except KeyError:
        raise Http404(_("There is no such map.")) from None
    response = HttpResponse(body, content_type="application/geo+json")
    response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    return response


@require_GET
def land_of_today(request: HttpRequest, detail: str) -> HttpResponse:
    """The address without a version leads to the one with it."""
    if detail not in basemap.DETAILS:
        raise Http404(_("There is no such map."))
    return redirect("places:land", detail=detail)
