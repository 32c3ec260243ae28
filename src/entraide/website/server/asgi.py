"""The same process under any ASGI server (uvicorn): the portable fall-back, used by tests."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from entraide.raw import RawRequest, RawResponse
from entraide.website.server.bridge import BODY_MAX, environ_of, joined
from entraide.website.server.house import House
from entraide.website.server.raw import TOO_LARGE, answer

Receive = Any
Send = Any


class Application:
    """What the ASGI server calls."""

    def __init__(self) -> None:
        self.house: House | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self.house = House()
        self.house.start(asyncio.get_running_loop())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.get_running_loop().run_in_executor(None, self.house.stop)
        await send({"type": "lifespan.shutdown.complete"})

    async def _http(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        house = self.house
        assert house is not None
        route = house.routes.find(scope["path"])
        body = await _body(receive, route.body_max if route else BODY_MAX)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        client = "{}:{}".format(*scope["client"]) if scope.get("client") else ""
        query = scope["query_string"].decode("latin-1")
        if body is None:
            response = TOO_LARGE
        elif route is not None:
            response = await answer(
                route,
                RawRequest(
                    method=scope["method"],
                    path=scope["path"],
                    query=query,
                    headers=joined(headers),
                    body=body,
                    client=client,
                    in_django=house.django.run,
                ),
            )
        else:
            server = scope.get("server") or ("localhost", 80)
            response = await house.django.answer(
                environ_of(
                    method=scope["method"],
                    path=scope["path"],
                    query=query,
                    headers=headers,
                    body=body,
                    client=client,
                    server=f"{server[0]}:{server[1]}",
                    scheme=scope["scheme"],
                    protocol=scope["http_version"],
                )
            )
        await _send(receive, send, response)


async def _body(receive: Receive, limit: int) -> bytes | None:
    """The body; None where it is larger than ``limit``."""
    pieces, size, more = [], 0, True
    while more:
        event = await receive()
        piece = event.get("body", b"")
        size += len(piece)
        if size > limit:
            return None
        pieces.append(piece)
        more = event.get("more_body", False)
    return b"".join(pieces)


async def _send(receive: Receive, send: Send, response: RawResponse) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.stream is None:
        await send({"type": "http.response.body", "body": response.body})
        return
    writing = asyncio.ensure_future(_write(send, response.stream))
    leaving = asyncio.ensure_future(receive())  # http.disconnect: the reader hung up
    await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
    for task in (writing, leaving):
        task.cancel()
    await asyncio.gather(writing, leaving, return_exceptions=True)
    with suppress(Exception):
        await response.stream.aclose()  # type: ignore[attr-defined]


async def _write(send: Send, stream: Any) -> None:
    async for piece in stream:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


app = Application()
