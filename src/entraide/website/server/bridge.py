"""From the event loop to Django's WSGI handler on one pool thread, and back.

The body is read on the loop (bounded); the answer is pulled in pieces, so that an export of a million rows
never stands in memory whole.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from entraide.raw import RawResponse

BODY_MAX = 32_000_000  # uploads of stewards; Django's own limits are stricter for forms
PIECE = 262_144  # pulled from a streaming answer a hop

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class _Pieces:
    """A WSGI answer, pulled about 256 KB at a time; closed when it ends, as WSGI asks."""

    def __init__(self, answer: Iterable[bytes]) -> None:
        self._answer = answer
        self._iterator: Iterator[bytes] = iter(answer)
        self._closed = False

    def pull(self) -> tuple[bytes, bool]:
        """(bytes, whether that was all)."""
        found: list[bytes] = []
        size = 0
        try:
            for piece in self._iterator:
                found.append(piece)
                size += len(piece)
                if size >= PIECE:
                    return b"".join(found), False
        except BaseException:
            self.close()
            raise
        self.close()
        return b"".join(found), True

    def close(self) -> None:
        """Tell Django the request is over."""
        if not self._closed:
            self._closed = True
            close = getattr(self._answer, "close", None)
            if close is not None:
                close()


class DjangoThread:
    """The one thread on which Django runs."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="django")

    async def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function that touches the database."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, _clean, function, *arguments)

    async def answer(self, environ: Environ) -> RawResponse:
        """Let Django answer one request."""
        loop = asyncio.get_running_loop()
        status, headers, pieces, first, ended = await loop.run_in_executor(self._pool, self._begin, environ)
        if ended:
            return RawResponse(status, first, headers)
        return RawResponse(status, b"", headers, self._rest(pieces, first))

    def _begin(self, environ: Environ) -> tuple[int, tuple[tuple[str, str], ...], _Pieces, bytes, bool]:
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            head[:] = [int(status[:3]), tuple((name.lower(), value) for name, value in headers)]

        pieces = _Pieces(self._application(environ, start_response))
        first, ended = pieces.pull()
        return head[0], head[1], pieces, first, ended

    async def _rest(self, pieces: _Pieces, first: bytes) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        try:
            yield first
            ended = False
            while not ended:
                piece, ended = await loop.run_in_executor(self._pool, pieces.pull)
                if piece:
                    yield piece
        finally:
            # Also where the reader hung up half-way; on Django's thread, as it closes the request.
            self._pool.submit(pieces.close)

    def close(self) -> None:
        """Let what runs end, begin nothing new."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _clean(function: Callable[..., Any], *arguments: Any) -> Any:
    close_old_connections()
    try:
        return function(*arguments)
    finally:
        close_old_connections()


def caller(peer: str, headers: Iterable[tuple[str, str]], proxies: int) -> str:
    """Whose request it is: the peer's address, or what our own proxies say of theirs.

    Each proxy appends the address it heard to ``X-Forwarded-For``; only as many entries from the right as we
    have proxies are ours, the rest anybody may have written. Without it every visitor would be the proxy, and
    limits meant for one (tries to sign in, messages in ten minutes) would count for all.
    """
    told = [
        entry.strip()
        for name, value in headers
        if name.lower() == "x-forwarded-for"
        for entry in value.split(",")
    ]
    if proxies and len(told) >= proxies:
        return told[-proxies][:64]
    return peer.rpartition(":")[0].strip("[]") or peer


def environ_of(
    *,
    method: str,
    path: str,
    query: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    client: str,
    server: str,
    scheme: str,
    protocol: str,
) -> Environ:
    """A WSGI environ (PEP 3333): text as bytes read as Latin-1."""
    headers = list(headers)
    name, _, port = server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": name or server or "localhost",
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": f"HTTP/{protocol}",
        "REMOTE_ADDR": caller(client, headers, settings.TRUSTED_PROXIES),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in headers:
        name = name.upper().replace("-", "_")
        if name == "CONTENT_TYPE":
            environ["CONTENT_TYPE"] = value
        elif name not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            key = f"HTTP_{name}"
            joint = "; " if name == "COOKIE" else ","
            environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    return environ


def joined(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Headers by lower-case name, repeated ones joined."""
    found: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
