"""Two kinds that exist for these tests, and a journal to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from django.db import transaction

from entraide.foundations.journal import actions
from entraide.foundations.journal.contributions import Contribution
from entraide.foundations.journal.models import Entry

from .support import allow_flush, registered

allow_flush()


@dataclass(frozen=True, kw_only=True)
class Loaf(Contribution):
    """Somebody gave bread."""

    kind: ClassVar[str] = "bakery.gave"
    unit: ClassVar[str] = "loaf"
    sentence: ClassVar[Any] = "Somebody gave %(quantity)s loaves of %(flour)s."

    flour: str = "rye"
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Shelter(Contribution):
    """Somebody was taken in; where must never be known."""

    kind: ClassVar[str] = "shelter.took-in"
    unit: ClassVar[str] = "person"
    public: ClassVar[bool] = False


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    with registered(Loaf, Shelter):
        yield


def record(contribution: Contribution, **options: Any) -> Entry:
    """Record in a transaction of its own."""
    with transaction.atomic():
        return actions.record(contribution, **options)


@pytest.fixture
def small_journal(db: Any) -> list[Entry]:
    """Six entries, one of them sealed, one a correction; signed twice, the last entry not yet."""
    entries = [
        record(Loaf(cause="c1", quantity=3, actor="p1", subject="oven:1"), particulars={"name": "Ada"}),
        record(Shelter(cause="c1", actor="p1", subject="house:1"), particulars={"address": "7 Elm St"}),
        record(Loaf(cause="c2", quantity=2, flour="épeautre 🌾")),
    ]
    actions.checkpoint()
    entries.append(record(Loaf(cause="c1", quantity=-1, corrects=1, subject="oven:1")))
    entries.append(
        record(Loaf(flour='"quoted"\n\u2028', notes={"oven": {"type": "end"}, "tries": [1, None, True]}))
    )
    actions.checkpoint()
    entries.append(
        record(Loaf(cause="c1", evidence_hash="ab" * 32, evidence_ref="photo:1", attested_by="p2"))
    )
    return entries
