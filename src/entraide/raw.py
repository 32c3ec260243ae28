"""Requests and answers of the hot addresses served on the event loop, before Django.

Independent of the server beneath (granian, uvicorn) and free of imports, so that any room may speak them.
A handler is ``async def handle(request: RawRequest) -> RawResponse``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRequest:
    """One request, its body already read.

    Attributes:
        method: upper case.
        path: decoded, starts with "/".
        query: as sent, without "?".
        headers: names in lower case; a repeated header is joined by ", ".
        body: at most what the server allows for the route (else the caller was told 413).
        client: the peer's address, "" where unknown.
        in_django: ``await request.in_django(function, *args)`` runs ``function`` on the one thread that
            may touch Django's database connections. Never call the ORM on the event loop.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""
    client: str = ""
    in_django: Callable[..., Awaitable[Any]]

    def parameters(self) -> dict[str, str]:
        """The query's parameters; the last one wins where a name is repeated."""
        return {name: values[-1] for name, values in parse_qs(self.query, keep_blank_values=True).items()}


@dataclass(frozen=True, slots=True)
class RawResponse:
    """One answer. Where ``stream`` is given it is sent piece by piece instead of ``body``."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    stream: AsyncIterator[bytes] | None = None
