"""The doors: addresses at which machines hand messages in, served on the event loop before Django.

``/door/<kind>/<token>``. Each kind has a module with a pure ``read(request, door)`` that returns an
:class:`~entraide.foundations.channels.inbox.Arrival` to store, an answer, or something to ask Django.
"""

from __future__ import annotations

import logging
from types import ModuleType
from typing import Any, Protocol, cast

from entraide.foundations.channels import inbox
from entraide.foundations.channels.doors import smssync, webhook
from entraide.foundations.channels.doors.book import Book, Entry
from entraide.foundations.channels.models import Door
from entraide.raw import RawRequest, RawResponse

log = logging.getLogger(__name__)

PREFIX = "/door/"
BODY_MAX = 1_000_000


class Kind(Protocol):
    """What a module of a kind of door offers."""

    def read(self, request: RawRequest, door: Entry) -> inbox.Arrival | RawResponse | Any:
        """Understand one call: something to store, an answer, or something to ``ask``."""

    async def ask(self, asked: Any, request: RawRequest, door: Entry) -> RawResponse:
        """Answer what needs the database."""

    def stored(self, accepted: inbox.Accepted) -> RawResponse:
        """It is on disk."""

    def refused(self, status: int, error: str, retry_after: int | None = None) -> RawResponse:
        """It is not taken."""


def _kind(module: ModuleType) -> Kind:
    return cast(Kind, module)


KINDS: dict[str, Kind] = {"smssync": _kind(smssync), "webhook": _kind(webhook)}
BUSY_SECONDS = 5
FROZEN_SECONDS = 300


async def handle(request: RawRequest, book: Book) -> RawResponse:
    """Answer one call at a door. Stored first, answered afterwards.

    Args:
        book: the doors as the caller's event loop knows them.
    """
    kind, _, token = request.path.removeprefix(PREFIX).strip("/").partition("/")
    speaks = KINDS.get(kind)
    if speaks is None:
        return RawResponse(404, b"There is no such door.\n", (("content-type", "text/plain"),))
    door = await book.find(token, request.in_django)
    if door is None or door.kind != kind:
        return speaks.refused(404, "There is no such door.")
    if door.state == Door.State.FROZEN:
        # Refused rather than swallowed: telephones and programs keep what they have and come back.
        return speaks.refused(
            503, "This door is frozen by those who run it; come back later.", retry_after=FROZEN_SECONDS
        )
    found = speaks.read(request, door)
    if isinstance(found, RawResponse):
        return found
    if not isinstance(found, inbox.Arrival):
        return await speaks.ask(found, request, door)
    try:
        accepted = await inbox.writer().accepted(found)
    except inbox.Full:
        return speaks.refused(503, "Too many messages wait; come back soon.", retry_after=BUSY_SECONDS)
    except Exception:
        log.exception("a message could not be stored")
        return speaks.refused(503, "The disk does not answer; come back soon.", retry_after=BUSY_SECONDS)
    return speaks.stored(accepted)
