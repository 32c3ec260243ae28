"""Addresses of the crisis room, mounted at the root."""

from __future__ import annotations

from django.urls import path

from entraide.capabilities.crisis.views import exports, public

app_name = "crisis"

urlpatterns = [
    # what anybody may read
    path("map/", public.maps, name="map"),
    path("map/<slug:slug>/", public.map_page, name="map"),
    path("list/<slug:slug>/", public.list_page, name="list"),
    path("reports/<slug:ref>/", public.report_page, name="report"),
    path("tiles/<slug:slug>/<int:z>/<int:x>/<int:y>.mvt", public.tile, name="tile"),
    path("crisis/<slug:slug>/data/", exports.data_page, name="data"),
    path("crisis/<slug:slug>/reports.geojson", exports.as_geojson, name="geojson"),
    path("crisis/<slug:slug>/reports.csv", exports.as_csv, name="csv"),
    path("crisis/<slug:slug>/reports.kml", exports.as_kml, name="kml"),
    path("crisis/<slug:slug>/live.kml", exports.as_network_kml, name="network-kml"),
    path("crisis/<slug:slug>/reports.atom", exports.as_atom, name="atom"),
    path("crisis/<slug:slug>/reports.rss", exports.as_rss, name="rss"),
]
