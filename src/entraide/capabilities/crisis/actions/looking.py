"""Opening an exact place. It is a right, and each use of it is on the (sealed) record."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from entraide.capabilities.crisis import contributions
from entraide.capabilities.crisis.actions import record
from entraide.capabilities.crisis.models import Report
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.people.rules import Right
from entraide.foundations.places import rules as places


@transaction.atomic
def open_exact_place(report: Report, *, by: Any) -> tuple[float, float, int] | None:
    """Latitude and longitude in degrees and the radius in metres, for those who may know; noted sealed.

    Raises:
        Refusal: 403 without the right to see exact places.
    """
    queries.demand(by, Right.REPORT_SEE_EXACT, report.cause)
    if report.exact_x is None or report.exact_y is None or report.exact_radius_m is None:
        return None
    record.entry(contributions.ExactPlaceSeen, report, by=by)
    lat, lon = places.from_grid(places.Point(report.exact_x, report.exact_y))
    return lat, lon, report.exact_radius_m
