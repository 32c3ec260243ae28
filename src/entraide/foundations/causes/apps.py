from uuid import UUID

from django.apps import AppConfig


class CausesConfig(AppConfig):
    """What people rally around."""

    name = "entraide.foundations.causes"
    label = "causes"

    def ready(self) -> None:
        """Tell the rooms below how causes are called; they may not look up here themselves."""
        from entraide.foundations.people import queries as people

        people.name_causes_by(_title_and_address)


def _title_and_address(public_id: UUID) -> tuple[str, str] | None:
    from django.urls import reverse

    from entraide.foundations.causes import queries

    cause = queries.find(public_id)
    return None if cause is None else (cause.title, reverse("causes:cause", args=[cause.slug]))
