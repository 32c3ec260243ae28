from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Leased work items for many hands."""

    name = "entraide.foundations.desk"
    label = "desk"
