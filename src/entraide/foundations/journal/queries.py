"""Reads of the journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet, Sum

from .models import Checkpoint, Entry, Particular


def entries(
    *, cause: str = "", kind: str = "", actor: str = "", before: int | None = None, public_only: bool = True
) -> QuerySet[Entry]:
    """Entries, latest first; ``before`` is the sequence at which an earlier page ended (exclusive)."""
    found = Entry.objects.order_by("-sequence")
    if public_only:
        found = found.filter(public=True)
    if cause:
        found = found.filter(cause=cause)
    if kind:
        found = found.filter(kind=kind)
    if actor:
        found = found.filter(actor=actor)
    if before is not None:
        found = found.filter(sequence__lt=before)
    return found


def entries_about(subject: str, *, public_only: bool = True) -> QuerySet[Entry]:
    """What was recorded about one subject, oldest first."""
    found = Entry.objects.filter(subject=subject).order_by("sequence")
    return found.filter(public=True) if public_only else found


def entry(sequence: int) -> Entry | None:
    """The entry with this sequence, sealed or not: the caller must not show what is sealed."""
    return Entry.objects.filter(sequence=sequence).first()


def particulars(sequence: int) -> dict[str, Any] | None:
    """The erasable side of an entry, or None. The caller asks first whether the person may see it."""
    found = Particular.objects.filter(sequence=sequence).first()
    return found.data if found else None


def totals(
    *, cause: str = "", kinds: Iterable[str] | None = None, unit: str | None = None, public_only: bool = True
) -> dict[tuple[str, str], int]:
    """Sums by (kind, unit), corrections included, over one cause or (with "") over all.

    Sealed entries count only where ``public_only`` is False: a public number is one that anybody can
    recompute from the export.
    """
    found = Entry.objects.order_by("kind", "unit")
    if public_only:
        found = found.filter(public=True)
    if cause:
        found = found.filter(cause=cause)
    if kinds is not None:
        found = found.filter(kind__in=list(kinds))
    if unit is not None:
        found = found.filter(unit=unit)
    return {
        (row["kind"], row["unit"]): row["total"]
        for row in found.values("kind", "unit").annotate(total=Sum("quantity"))
    }


def last_checkpoint() -> Checkpoint | None:
    """The checkpoint signed last."""
    return Checkpoint.objects.order_by("-pk").first()
