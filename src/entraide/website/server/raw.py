"""Which address is answered where: the table of hot routes, independent of the server beneath.

Django's ASGI handler costs six times its WSGI handler, and one message through the ORM twenty times one
through the inbox's writer. So message doors, live streams and tiles are answered on the event loop, and
everything else by Django over WSGI on one pool thread (four threads halve it: they fight for the GIL).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from entraide.capability import slot
from entraide.foundations.channels import doors
from entraide.foundations.channels.doors.book import Book
from entraide.raw import RawRequest, RawResponse
from entraide.website.server.live import Hub

__all__ = ["RawRequest", "RawResponse", "Route", "Routes"]

log = logging.getLogger(__name__)

Handle = Callable[[RawRequest], Awaitable[RawResponse]]
PLAIN = (("content-type", "text/plain; charset=utf-8"),)
NO_BODY = 0
# No answer from here is a page: nothing in it may ever be run or framed.
SAFE = (
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
    ("referrer-policy", "no-referrer"),
)


@dataclass(frozen=True, slots=True)
class Route:
    """One hot prefix: who answers, and how large a body may be."""

    prefix: str
    handle: Handle
    body_max: int


class Routes:
    """The hot routes of one process."""

    def __init__(self, hub: Hub) -> None:
        book = Book()

        async def door(request: RawRequest) -> RawResponse:
            return await doors.handle(request, book)

        self._routes = [
            Route(doors.PREFIX, door, doors.BODY_MAX),
            Route("/live/", hub.handle, NO_BODY),
            *(Route(raw.prefix, raw.handle, NO_BODY) for raw in slot("raw_routes")),
        ]

    def find(self, path: str) -> Route | None:
        """The hot route of a path; None: Django's."""
        return next((route for route in self._routes if path.startswith(route.prefix)), None)


async def answer(route: Route, request: RawRequest) -> RawResponse:
    """Run a handler; a fault of ours is logged and told as 500 without its words."""
    try:
        found = await route.handle(request)
    except Exception:
        log.exception("%s %s failed", request.method, route.prefix)
        found = RawResponse(500, b"Something went wrong on our side.\n", PLAIN)
    named = {name.lower() for name, _value in found.headers}
    return replace(found, headers=(*found.headers, *(pair for pair in SAFE if pair[0] not in named)))


TOO_LARGE = RawResponse(413, b"That is too large.\n", (*PLAIN, *SAFE))
TOO_SLOW = RawResponse(408, b"That took too long.\n", (*PLAIN, *SAFE))
