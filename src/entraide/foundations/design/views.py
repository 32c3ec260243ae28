"""The joined stylesheets, and the gallery."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from entraide.foundations.design import bundles, specimens


def stylesheet(request: HttpRequest, name: str, digest: str) -> HttpResponse:
    """A joined stylesheet. An address of yesterday gets today's content, kept for a short while only."""
    if name not in bundles.SHEETS:
        raise Http404
    response = HttpResponse(bundles.sheet(name), content_type="text/css; charset=utf-8")
    current = digest == bundles.digest(name)
    response["Cache-Control"] = "public, max-age=31536000, immutable" if current else "public, max-age=60"
    return response


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every theme and in both directions of writing."""
    return render(request, "design/gallery.html", specimens.context(request))
