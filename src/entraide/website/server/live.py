"""Live updates by server-sent events.

One thread asks the database for new notices four times a second; each batch of a topic is encoded once,
and everybody who listens to it awaits one shared future. So five thousand readers cost one encoding and at
most four frames a second each. Who comes back says the last id she saw and gets what she missed from a
bounded memory, or ``{"change": "reload"}`` where that no longer reaches back.

A frame is one write of one or several events::

    id: 4711
    data: {"ref": "ab23…", "change": "published"}
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.db.utils import DatabaseError

from entraide.capability import cards
from entraide.foundations.channels import queries
from entraide.foundations.people.queries import may
from entraide.foundations.people.rules import Right
from entraide.raw import RawRequest, RawResponse

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25
HEARTBEAT_SECONDS = 15.0
# A stream ends after ten minutes and the page opens a new one, so that a right taken away is soon felt.
STREAM_SECONDS = 600.0
TOPIC = re.compile(r"[a-z]{1,20}:[a-z0-9-]{1,40}", re.ASCII)
LAST_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
MEMORY = 4_000  # notices kept for those who come back
STREAMS_MAX = 20_000

STREAM_HEADERS = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-accel-buffering", "no"),  # nginx would otherwise hold frames back
)
PLAIN = (("content-type", "text/plain; charset=utf-8"),)


RELOAD = '{"change":"reload"}'


def frame(notices: list[tuple[int, str]]) -> bytes:
    """One frame of a topic's notices: (id, JSON on one line)."""
    return "".join(f"id: {number}\ndata: {data}\n\n" for number, data in notices).encode()


class Hub:
    """All listeners of one process. Its methods run on the event loop unless said otherwise."""

    def __init__(self, in_django: Any) -> None:
        self._in_django = in_django
        self._next: dict[str, asyncio.Future[bytes]] = {}
        self._memory: deque[tuple[int, str, str]] = deque(maxlen=MEMORY)  # id, topic, JSON
        self._forgotten = 0  # greatest id no longer remembered
        self._last = 0
        self._streams = 0
        self._listeners: Counter[str] = Counter()
        self._closing = asyncio.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def streams(self) -> int:
        """How many listen now."""
        return self._streams

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin asking the database, on a thread of its own."""
        self._thread = threading.Thread(target=self._poll, args=(loop,), name="live", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End every stream, so that the process can stop gracefully."""
        self._closing.set()
        self._stop.set()
        for future in self._next.values():
            if not future.done():
                future.cancel()

    # -- the thread ----------------------------------------------------------------------------------

    def _poll(self, loop: asyncio.AbstractEventLoop) -> None:
        watch = queries.LiveWatch()
        while not self._stop.wait(POLL_SECONDS):
            try:
                close_old_connections()
                notices = watch.new()
            except DatabaseError:
                log.warning("live notices could not be read", exc_info=True)
                continue
            if notices:
                try:
                    loop.call_soon_threadsafe(self.publish, notices)
                except RuntimeError:
                    return  # the loop has ended
        close_old_connections()

    # -- the loop ------------------------------------------------------------------------------------

    def publish(self, notices: list[tuple[int, str, str]]) -> None:
        """Hand (id, topic, JSON) to those who listen, one frame a topic."""
        by_topic: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for number, topic, data in notices:
            if len(self._memory) == MEMORY:
                self._forgotten = max(self._forgotten, self._memory[0][0])
            self._memory.append((number, topic, data))
            by_topic[topic].append((number, data))
            self._last = max(self._last, number)
        for topic, batch in by_topic.items():
            future = self._next.pop(topic, None)
            if future is not None and not future.done():
                future.set_result(frame(batch))

    async def handle(self, request: RawRequest) -> RawResponse:
        """``GET /live/<topic>``."""
        topic = request.path.removeprefix("/live/")
        if request.method != "GET":
            return RawResponse(405, b"", (("allow", "GET"),))
        if not TOPIC.fullmatch(topic):
            return RawResponse(404, b"There is no such topic.\n", PLAIN)
        if self._closing.is_set() or self._streams >= STREAMS_MAX:
            return RawResponse(503, b"Come back soon.\n", (*PLAIN, ("retry-after", "10")))
        if not topic.startswith("map:"):
            cookie = _cookie(request.headers.get("cookie", ""), settings.SESSION_COOKIE_NAME)
            if not await self._in_django(may_listen, cookie, topic):
                return RawResponse(403, b"This is not yours to hear.\n", PLAIN)
        last = request.headers.get("last-event-id", "")
        return RawResponse(
            200, b"", STREAM_HEADERS, self._stream(topic, int(last) if LAST_ID.fullmatch(last) else None)
        )

    def missed(self, topic: str, last: int) -> bytes:
        """What a listener missed since ``last``, as one frame; b"" for nothing."""
        if last < self._forgotten or last > max(self._last, self._forgotten):
            # Too long away, or from before a restart that remembers less: the page must read itself anew.
            return frame([(self._last, RELOAD)]) if last != self._last else b""
        return frame(
            [(number, data) for number, name, data in self._memory if number > last and name == topic]
        )

    async def _stream(self, topic: str, last: int | None) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        ends = loop.time() + STREAM_SECONDS
        self._streams += 1
        self._listeners[topic] += 1
        try:
            # The listener waits before it is told it may: nothing falls between the two.
            future = self._future(topic)
            yield b"retry: 2000\n\n" + (self.missed(topic, last) if last is not None else b"")
            while not self._closing.is_set() and loop.time() < ends:
                try:
                    piece = await asyncio.wait_for(asyncio.shield(future), HEARTBEAT_SECONDS)
                    future = self._future(topic)
                except TimeoutError:
                    piece = b": here\n\n"
                except asyncio.CancelledError:
                    if self._closing.is_set():
                        return
                    raise
                yield piece
        finally:
            self._streams -= 1
            self._listeners[topic] -= 1
            if not self._listeners[topic]:
                # Nobody listens any more: names somebody made up must not fill the memory.
                del self._listeners[topic]
                self._next.pop(topic, None)

    def _future(self, topic: str) -> asyncio.Future[bytes]:
        future = self._next.get(topic)
        if future is None or future.done():
            future = self._next[topic] = asyncio.get_running_loop().create_future()
        return future


def _cookie(header: str, name: str) -> str:
    from http.cookies import CookieError, SimpleCookie

    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


class _Asking:
    """As much of a request as Django's session needs to say who asks."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.META: dict[str, str] = {}


def may_listen(session_key: str, topic: str) -> bool:
    """Whether whoever holds a session may hear a topic. Asks the database: on Django's thread."""
    from importlib import import_module

    if topic.startswith("map:"):
        return True
    store = import_module(settings.SESSION_ENGINE).SessionStore
    person = get_user(_Asking(store(session_key)))  # type: ignore[arg-type]
    if any(card.may_listen(person, topic) for card in cards() if card.may_listen is not None):
        return True
    kind, _, name = topic.partition(":")
    if kind != "desk":
        return False
    try:
        cause_id = UUID(name)
    except ValueError:
        return False
    return any(may(person, right, cause_id=cause_id) for right in (Right.REPORT_TRIAGE, Right.REPORT_VERIFY))
