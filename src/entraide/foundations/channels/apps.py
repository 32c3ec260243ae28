"""The channels room: every message in and out."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    """Django's name for the room."""

    name = "entraide.foundations.channels"
    label = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        """Put our pages on the set-up page of each cause; causes, below us, may not look up here."""
        from entraide.foundations.causes import queries as causes
        from entraide.foundations.channels import queries

        causes.set_up_links_by(queries.set_up_links)
