"""What the desk's tests share: the practice room, and persons who may work in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from entraide.capability import cards
from entraide.foundations.desk import actions
from entraide.foundations.desk.models import WorkItem
from entraide.foundations.journal.tests.support import allow_flush

from .practice import capability as practice_room

allow_flush()  # the threads' tests commit, and the journal refuses to be emptied

PRACTICE = "entraide.foundations.desk.tests.practice"


@pytest.fixture(autouse=True)
def practice(settings: Any) -> Iterator[Any]:
    """The practice room beside the real capabilities."""
    templates = deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [Path(__file__).parent / "practice" / "templates"]
    settings.TEMPLATES = templates
    settings.CAPABILITIES = [*settings.CAPABILITIES, PRACTICE]
    cards.cache_clear()
    practice_room.UNDONE.clear()
    yield practice_room
    cards.cache_clear()


@pytest.fixture
def put(lumi: Any) -> Callable[..., WorkItem]:
    """Put an item into the practice room's line."""

    def put_item(subject: str = "message:1", queue: str = "practice.read", **fields: Any) -> WorkItem:
        return actions.put(queue=queue, subject=subject, **{"cause": lumi, **fields})

    return put_item
