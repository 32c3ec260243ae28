"""Addresses of the places room, mounted at /places/."""

from django.urls import path

from . import views
from .basemap import VERSION

app_name = "places"

urlpatterns = [
    path("", views.index, name="index"),
    path("load/", views.load, name="load"),
    path("thanks/", views.thanks, name="thanks"),
    # `{% url "places:land" %}` is the map for countries, `{% url "places:land" "110m" %}` the world's.
    path(f"land/{VERSION}/50m.json", views.land, {"detail": "50m"}, name="land"),
    path(f"land/{VERSION}/<slug:detail>.json", views.land, name="land"),
    path("land/<slug:detail>.json", views.land_of_today),
]
