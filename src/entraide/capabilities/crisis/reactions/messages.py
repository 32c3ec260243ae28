"""Messages arrived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entraide.capabilities.crisis.actions import intake


def on_messages(messages: Sequence[Any]) -> None:
    """Make a report of each and send receipts; see :func:`intake.take_in`. Imports make their own reports."""
    intake.take_in([received for received in messages if received.channel != "import"])
