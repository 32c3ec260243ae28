"""The channels room: every message in and out."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    """Django's name for the room."""

    name = "entraide.foundations.channels"
    label = "channels"
    verbose_name = _("Channels")
