"""Addresses of the crisis room, mounted at the root."""

from __future__ import annotations

from django.urls import path

from entraide.capabilities.crisis.views import exports, public, setup, team, tell

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
    # what a witness needs
    path("tell/", tell.choose, name="tell"),
    path("tell/<slug:slug>/", tell.tell, name="tell-cause"),
    path("tell/<slug:slug>/follow/<slug:secret>/", tell.follow, name="follow"),
    # what the team needs
    path("crisis/<slug:slug>/", team.reports, name="team"),
    path("crisis/<slug:slug>/reports/<slug:ref>/", team.report, name="team-report"),
    path("crisis/<slug:slug>/reports/<slug:ref>/place/", team.exact_place, name="exact-place"),
    path("crisis/<slug:slug>/reports/<slug:ref>/do/<slug:deed>/", team.act, name="act"),
    path("crisis/<slug:slug>/places/", team.places, name="places"),
    path("crisis/<slug:slug>/bulk/", team.bulk, name="bulk-ask"),
    path("crisis/<slug:slug>/bulk/<int:pk>/", team.bulk_page, name="bulk"),
    path("crisis/<slug:slug>/bulk/<int:pk>/undo/", team.bulk_undo, name="bulk-undo"),
    # what the stewards set up
    path("crisis/<slug:slug>/set-up/categories/", setup.categories, name="set-up-categories"),
    path("crisis/<slug:slug>/set-up/categories/new/", setup.category, name="set-up-category-new"),
    path("crisis/<slug:slug>/set-up/categories/<int:pk>/", setup.category, name="set-up-category"),
    path(
        "crisis/<slug:slug>/set-up/categories/<int:pk>/<slug:deed>/",
        setup.category_deed,
        name="set-up-category-deed",
    ),
    path("crisis/<slug:slug>/set-up/privacy/", setup.privacy, name="set-up-privacy"),
    path("crisis/<slug:slug>/set-up/texts/", setup.words, name="set-up-texts"),
    path("crisis/<slug:slug>/set-up/texts/<slug:key>/", setup.words, name="set-up-text"),
]
