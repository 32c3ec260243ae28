"""The server process under granian (RSGI)."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Any

from entraide.raw import RawRequest, RawResponse
from entraide.website.server.bridge import BODY_MAX, environ_of, joined
from entraide.website.server.house import House
from entraide.website.server.raw import TOO_LARGE, TOO_SLOW, Route, answer


class TooLarge(Exception):
    """The body exceeds what its route allows."""


# Of a body that is too large so much is read and thrown away, so that its sender reads the refusal
# instead of a broken pipe.
PATIENCE_BYTES = 16_000_000
# A body that takes longer does not come at all: whoever opens requests and sends nothing holds no memory.
BODY_SECONDS = 120.0  # 32 MB at 2 Mbit/s


async def body_of(scope: Any, protocol: Any, limit: int) -> bytes:
    """Read a body, never keeping more than ``limit``."""
    length = scope.headers.get("content-length")
    if scope.method in ("GET", "HEAD") and not length:
        return b""
    if length is not None and length.isdecimal() and int(length) <= limit:
        return bytes(await protocol())
    pieces: list[bytes] = []
    size = 0
    async for piece in protocol:
        size += len(piece)
        if size <= limit:
            pieces.append(piece)
        elif size > limit + PATIENCE_BYTES:
            break
    if size > limit:
        raise TooLarge
    return b"".join(pieces)


class Application:
    """What granian calls."""

    def __init__(self) -> None:
        self._house: House | None = None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._house = House()
        self._house.start(loop)
        # ``serve`` sends this before granian's own signal: a stream never ends by itself.
        loop.add_signal_handler(signal.SIGUSR1, self._house.close_streams)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._house is not None:
            self._house.stop()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        house = self._house
        assert house is not None
        if scope.proto != "http":
            protocol.close(404)
            return
        route = house.routes.find(scope.path)
        try:
            reading = body_of(scope, protocol, route.body_max if route else BODY_MAX)
            body = await asyncio.wait_for(reading, BODY_SECONDS)
        except TooLarge:
            await send(protocol, TOO_LARGE)
            return
        except TimeoutError:
            await send(protocol, TOO_SLOW)
            return
        except Exception as error:
            if _hung_up(error):
                return
            raise
        if route is not None:
            response = await self._hot(house, route, scope, body)
        else:
            response = await self._django(house, scope, body)
        await send(protocol, response)

    async def _hot(self, house: House, route: Route, scope: Any, body: bytes) -> RawResponse:
        return await answer(
            route,
            RawRequest(
                method=scope.method,
                path=scope.path,
                query=scope.query_string,
                headers=joined(scope.headers.items()),
                body=body,
                client=scope.client,
                in_django=house.django.run,
            ),
        )

    async def _django(self, house: House, scope: Any, body: bytes) -> RawResponse:
        headers = list(scope.headers.items())
        if scope.authority and "host" not in scope.headers:
            headers.append(("host", scope.authority))  # HTTP/2
        return await house.django.answer(
            environ_of(
                method=scope.method,
                path=scope.path,
                query=scope.query_string,
                headers=headers,
                body=body,
                client=scope.client,
                server=scope.server,
                scheme=scope.scheme,
                protocol=scope.http_version,
            )
        )


def _hung_up(error: Exception) -> bool:
    """True where the other side went away: no fault of ours, and nothing to log."""
    return type(error).__name__ in ("RSGIProtocolClosed", "ProtocolClosed", "RSGIProtocolError")


async def send(protocol: Any, response: RawResponse) -> None:
    """Send an answer; a stream until it ends or the reader hangs up."""
    headers = list(response.headers)
    if response.stream is None:
        if response.body:
            protocol.response_bytes(response.status, headers, response.body)
        else:
            protocol.response_empty(response.status, headers)
        return
    transport = protocol.response_stream(response.status, headers)
    stream = response.stream
    try:
        async for piece in stream:
            await transport.send_bytes(piece)
    except Exception as error:
        if not _hung_up(error):
            raise
    finally:
        with suppress(Exception):
            await stream.aclose()  # type: ignore[attr-defined]


app = Application()
