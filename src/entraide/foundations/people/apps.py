"""The people room as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Persons, organisations, and who may do what."""

    name = "entraide.foundations.people"
    label = "people"
    verbose_name = _("People")
