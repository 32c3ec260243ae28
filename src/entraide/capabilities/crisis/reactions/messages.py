"""A message arrived."""

from __future__ import annotations

from typing import Any

from entraide.capabilities.crisis.actions import intake


def on_message(received: Any) -> None:
    """Make a report of it and send a receipt; see :func:`intake.take_in`. Imports make their own reports."""
    if received.channel != "import":
        intake.take_in(received)
