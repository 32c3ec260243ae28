"""What the crisis room shows on other pages: the home page's opening, and a panel on a cause's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from entraide.capabilities.crisis.queries import public, squares
from entraide.capabilities.crisis.queries.filters import Filters
from entraide.capabilities.crisis.views.public import drawn
from entraide.foundations.causes import queries as causes

EVERYTHING = Filters()


def home_panel(_subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The open cause with the most published reports; None where nothing is on any map."""
    busiest: dict[str, Any] | None = None
    for cause in causes.visible(request.user):
        room = public.room_of(cause)
        summary = public.summary(room)
        if summary.total and (busiest is None or summary.total > busiest["summary"].total):
            busiest = {"cause": cause, "room": room, "summary": summary}
    return _with_map(busiest) if busiest else None


def cause_panel(cause: Any, request: HttpRequest) -> dict[str, Any] | None:
    """How many reports, how sure, how many answered, and the map; None where none is published."""
    room = public.room_of(cause)
    summary = public.summary(room)
    return _with_map({"cause": cause, "room": room, "summary": summary}) if summary.total else None


def _with_map(shown: dict[str, Any]) -> dict[str, Any]:
    room, cause = shown["room"], shown["cause"]
    bounds = squares.extent(room, EVERYTHING) or cause.area or (-180.0, -60.0, 180.0, 80.0)
    return {
        **shown,
        **drawn(room, EVERYTHING, bounds),
        "languages": len(public.by_language(room)),
        "categories": [row for row in public.by_category(room) if row[1] == 0 and row[2]][:6],
    }
