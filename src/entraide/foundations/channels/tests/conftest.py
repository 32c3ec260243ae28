"""Doors of the channels tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from entraide.foundations.channels import actions
from entraide.foundations.channels.tests.helpers import call
from entraide.foundations.channels.tests.phone import Telephone


@pytest.fixture(autouse=True)
def no_card_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """The room is tested without capabilities; a test that wants one brings its own."""
    monkeypatch.setattr("entraide.foundations.channels.actions.intake.cards", tuple)


@pytest.fixture
def open_door(lumi: Any, alice: Any) -> Callable[..., Any]:
    """Open a door of Lumi."""

    def make(kind: str = "smssync", secret: str | None = "1234", **settings: Any) -> Any:
        return actions.open_door(
            cause=lumi,
            kind=kind,
            label="Door",
            by=alice,
            secret=secret,
            settings={"country": "HT"} | settings,
        )

    return make


@pytest.fixture
def door(open_door: Callable[..., Any]) -> Any:
    """A telephone's door with the secret 1234."""
    return open_door()


@pytest.fixture
def telephone(door: Any) -> Telephone:
    """The telephone at it."""
    return Telephone(call, f"/door/smssync/{door.token}", "1234")
