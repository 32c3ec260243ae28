"""The languages room as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LanguagesConfig(AppConfig):
    """No tables: languages are rules, a middleware and template tags."""

    name = "entraide.foundations.languages"
    label = "languages"
    verbose_name = _("Languages")
