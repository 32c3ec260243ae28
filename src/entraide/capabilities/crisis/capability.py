"""The card of the crisis room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from entraide.capabilities.crisis import tiles
from entraide.capabilities.crisis.contributions import EVERY_KIND
from entraide.capability import Capability, Feed, Page, RawRoute

CARD = Capability(
    name="crisis",
    label=_("Crisis map"),
    sentence=_("What people in need tell, read and checked by volunteers, shown on a map, answered."),
    urls="entraide.capabilities.crisis.urls",
    api_urls="entraide.capabilities.crisis.api",
    pages=[Page(label=_("Map"), url_name="crisis:map", order=20)],
    contributions=EVERY_KIND,
    raw_routes=[RawRoute(prefix=tiles.PREFIX, handle=tiles.handle)],
    feeds=[
        Feed(label=_("Atom"), url_name="crisis:atom", media_type="application/atom+xml"),
        Feed(label=_("GeoJSON"), url_name="crisis:geojson", media_type="application/geo+json"),
        Feed(label=_("CSV"), url_name="crisis:csv", media_type="text/csv"),
        Feed(label=_("KML"), url_name="crisis:kml", media_type="application/vnd.google-earth.kml+xml"),
    ],
)
