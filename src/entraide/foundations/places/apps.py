"""The places room as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    """Gazetteer, grid, published geometry, base map."""

    name = "entraide.foundations.places"
    label = "places"
    verbose_name = _("Places")
