"""The book of doors: what the event loop knows of them without asking the database each time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from entraide.foundations.channels.models import Door
from entraide.foundations.channels.rules import unseal_text

log = logging.getLogger(__name__)

FRESH_SECONDS = 1.0  # older: renewed beside the request
STALE_SECONDS = 2.0  # older: the request waits for the renewal
PATIENCE_SECONDS = 1.0  # … but no longer than this: a slow page must not cost a message
UNKNOWN_PAUSE = 0.25  # unknown tokens cause a renewal, at most four a second


@dataclass(frozen=True, slots=True)
class Entry:
    """One door, its secret opened."""

    id: int
    kind: str
    token: str
    state: str
    secret: str
    settings: dict[str, Any] = field(default_factory=dict)


def read_doors() -> dict[str, Entry]:
    """Every door that machines may speak at, by token. Asks the database."""
    found = Door.objects.exclude(kind__in=(Door.Kind.WEB, Door.Kind.IMPORT)).order_by("pk")
    return {
        door.token: Entry(
            door.pk, door.kind, door.token, door.state, unseal_text(door.sealed_secret), door.settings
        )
        for door in found
    }


InDjango = Callable[..., Awaitable[Any]]


class Book:
    """A copy of the doors, renewed at most a second or two after a change. For one event loop."""

    def __init__(self) -> None:
        self._doors: dict[str, Entry] = {}
        self._read_at = float("-inf")
        self._renewal: asyncio.Task[None] | None = None

    async def find(self, token: str, in_django: InDjango) -> Entry | None:
        """The door with a token. An unknown token is looked up afresh."""
        age = time.monotonic() - self._read_at
        known = self._doors.get(token)
        if age > STALE_SECONDS or (known is None and age > UNKNOWN_PAUSE):
            try:
                # Shielded: one impatient caller must not cancel the renewal for the others.
                await asyncio.wait_for(asyncio.shield(self._renewing(in_django)), PATIENCE_SECONDS)
            except TimeoutError:
                log.info("the book of doors is renewed slowly; the old one serves meanwhile")
        elif age > FRESH_SECONDS:
            self._renewing(in_django)
        return self._doors.get(token)

    def with_address(self, address: str) -> Entry | None:
        """The mail door with an address of its own; call :meth:`find` first, which renews the book."""
        wanted = address.casefold()
        for door in self._doors.values():
            if door.kind == Door.Kind.MAIL and str(door.settings.get("address", "")).casefold() == wanted:
                return door
        return None

    def _renewing(self, in_django: InDjango) -> asyncio.Task[None]:
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.ensure_future(self._renew(in_django))
        return self._renewal

    async def _renew(self, in_django: InDjango) -> None:
        asked_at = time.monotonic()
        try:
            self._doors = await in_django(read_doors)
            self._read_at = asked_at
        except Exception:
            # Acceptance does not depend on the database of the pages: the old book serves on.
            log.exception("the doors could not be read")
