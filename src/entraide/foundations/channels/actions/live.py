"""Live notices: a row in the same transaction as the change it tells of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from django.utils import timezone

from entraide.foundations.channels.models import LiveEvent

KEEP = timedelta(hours=1)  # who was away longer reloads the page


def announce(topic: str, data: dict[str, Any]) -> None:
    """Tell the pages that listen to ``topic``, once the surrounding transaction commits.

    Args:
        topic: ``map:<cause public_id>``, ``desk:<cause public_id>`` or ``report:<ref>``.
        data: JSON-able; no more than any listener of that topic may know.
    """
    LiveEvent.objects.create(topic=topic, data=orjson.dumps(data).decode())


def prune_live() -> int:
    """Delete notices older than an hour. Returns how many."""
    return LiveEvent.objects.filter(at__lt=timezone.now() - KEEP).delete()[0]
