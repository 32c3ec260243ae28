"""Hostile callers need a house with something in it."""

from __future__ import annotations

from typing import Any

import pytest

from entraide.capabilities.crisis.tests.sample import category


@pytest.fixture
def water(lumi: Any, alice: Any) -> Any:
    """An open category: published as an area."""
    return category(lumi, alice, "Water")


@pytest.fixture
def alone(lumi: Any, alice: Any) -> Any:
    """A closed category: children who are alone."""
    return category(lumi, alice, "Child alone", sensitivity="closed", precision="hidden")
