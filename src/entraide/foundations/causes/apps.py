from django.apps import AppConfig


class CausesConfig(AppConfig):
    """What people rally around."""

    name = "entraide.foundations.causes"
    label = "causes"
