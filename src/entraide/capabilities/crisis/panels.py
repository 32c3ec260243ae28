"""Small answers of the card: where a subject of the journal is seen, who may hear live news."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from entraide.capabilities.crisis.models import Publication
from entraide.capabilities.crisis.queries import reports as queries


def subject_url(subject: str) -> str | None:
    """The public page of ``"report:<ref>"``, for entries of the journal; None where it is not public."""
    room, _colon, ref = subject.partition(":")
    if room != "report" or not Publication.objects.filter(ref=ref, announced_at__isnull=False).exists():
        return None
    return reverse("crisis:report", args=[ref])


def may_listen(person: Any, topic: str) -> bool:
    """Whether a person may hear a report's changes: its team, and for closed ones those with that right.

    The map's news are public; the desk answers for its own.
    """
    room, _colon, name = topic.partition(":")
    if room == "map":
        return True
    if room != "report":
        return False
    report = queries.by_ref(name)
    if report is None:
        return False
    return queries.visible(queries.rights(person, report.cause), report.cause).filter(pk=report.pk).exists()
