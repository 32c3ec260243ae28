"""The crisis room as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrisisConfig(AppConfig):
    name = "entraide.capabilities.crisis"
    label = "crisis"
    verbose_name = _("Crisis")
