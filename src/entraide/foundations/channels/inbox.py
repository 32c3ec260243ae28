"""The inbox: where a message is safe before anybody says so.

One append-only SQLite file of its own (WAL, ``synchronous=FULL``), so that a crowd of messages never waits
for a page's transaction nor a page for the crowd. One writer thread takes all that waits, one transaction,
one flush, and only then resolves the futures: a message acknowledged is a message on disk.

* No linger: a lone message is flushed at once; under load the queue that grows during a flush is the batch.
* No random unique index: ids are microseconds since 1970, so they rise, and stay unique even where the file
  was lost and begun anew. Exact repeats are known from a window of recent keys, reloaded from the file's
  tail; older ones are caught by a constraint when they are taken in.
* Content is sealed. Triggers refuse every change but one: emptying a row's content, for erasure.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import os
import sqlite3
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Collection, Iterable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from entraide.foundations.channels.rules.sealing import seal, subkey, unseal

log = logging.getLogger(__name__)

CAPACITY = 20_000  # messages waiting for a flush; beyond it the door says 503
BATCH = 2_000  # messages a transaction
WINDOW = 100_000  # recent keys remembered
CHECKPOINT_PAGES = 16_000
IDLE_SECONDS = 5.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS arrival (
    id INTEGER PRIMARY KEY,          -- microseconds since 1970, bumped where taken
    door INTEGER NOT NULL,
    key BLOB NOT NULL,               -- 16 bytes of a keyed hash: what makes a repeat a repeat
    sealed BLOB NOT NULL             -- head (JSON), a newline, the raw body
) STRICT;
CREATE TRIGGER IF NOT EXISTS arrival_never_deleted BEFORE DELETE ON arrival
BEGIN SELECT RAISE(ABORT, 'the inbox is append-only'); END;
CREATE TRIGGER IF NOT EXISTS arrival_only_emptied BEFORE UPDATE ON arrival
WHEN NEW.id IS NOT OLD.id OR NEW.door IS NOT OLD.door OR NEW.key IS NOT OLD.key OR length(NEW.sealed) > 0
BEGIN SELECT RAISE(ABORT, 'the inbox is append-only'); END;
"""


class Full(Exception):
    """Too many messages wait for the disk: say 503 and when to come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message as it came.

    Attributes:
        door_id: primary key of the door.
        channel: "sms", "mail", "web", "webhook".
        key: whatever makes a repeat of this message a repeat, at this door.
        received_at_us: microseconds since 1970 (UTC).
        content_type, headers, body: the raw request; headers that carry secrets are left out by the door.
        fields: what the door understood ("from", "text", …); empty where understanding waits (mail).
    """

    door_id: int
    channel: str
    key: str
    received_at_us: int = field(default_factory=lambda: time.time_ns() // 1000)
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is on disk under ``id``. ``repeated``: it had been already."""

    id: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row read back. ``arrival`` is None where its content was emptied."""

    id: int
    door_id: int
    key: bytes
    sealed: bytes

    def arrival(self) -> Arrival | None:
        """Unseal. Raises ValueError or InvalidTag for a row sealed under another key."""
        if not self.sealed:
            return None
        head, _, body = unseal(self.sealed).partition(b"\n")
        return Arrival(**json.loads(head), body=body)


def key_of(arrival: Arrival) -> bytes:
    """16 bytes that name the message at its door; keyed, as numbers and words go into it."""
    said = f"{arrival.door_id}\0{arrival.key}".encode("utf-8", "surrogatepass")
    return hmac.new(subkey("arrival"), said, hashlib.sha256).digest()[:16]


def sealed(arrival: Arrival) -> bytes:
    """The row's content. JSON escapes every newline, so that the first one ends the head."""
    head = {
        "door_id": arrival.door_id,
        "channel": arrival.channel,
        "key": arrival.key,
        "received_at_us": arrival.received_at_us,
        "content_type": arrival.content_type,
        "headers": arrival.headers,
        "fields": arrival.fields,
    }
    try:
        said = orjson.dumps(head)
    except TypeError:  # halves of characters: nothing that comes in may be lost for its letters
        said = json.dumps(head).encode()
    return seal(said + b"\n" + arrival.body)


Waiter = Future[Accepted] | asyncio.Future[Accepted]


class _Pending:
    """A message on its way to the disk, and everybody who waits for it (repeats included)."""

    __slots__ = ("door_id", "key", "sealed", "waiters")

    def __init__(self, door_id: int, key: bytes, sealed: bytes, waiter: Waiter) -> None:
        self.door_id = door_id
        self.key = key
        self.sealed = sealed
        self.waiters: list[Waiter] = [waiter]


def connect(path: Path) -> sqlite3.Connection:
    """Open the file for writing, making it (for its owner alone) where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=20)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")  # an emptied row leaves no trace in free pages
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    connection.executescript(SCHEMA)
    return connection


class Writer:
    """The one thread of this process that appends to the inbox."""

    def __init__(self, path: Path, *, capacity: int = CAPACITY, window: int = WINDOW) -> None:
        self.path = path
        self.capacity = capacity
        self.window_size = window
        self._queue: deque[_Pending] = deque()
        self._window: OrderedDict[bytes, int | _Pending] = OrderedDict()
        self._lock = threading.Lock()
        self._something = threading.Event()
        self._stopping = False
        self._connection = connect(path)
        tail = self._connection.execute("SELECT id, key FROM arrival ORDER BY id DESC LIMIT ?", (window,))
        for number, key in reversed(tail.fetchall()):
            self._window[key] = number
        self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)
        self._thread.start()

    # -- the callers' side ---------------------------------------------------------------------------

    def accept(self, arrival: Arrival) -> Future[Accepted]:
        """Queue a message; the future resolves after the flush. Callable from any thread.

        Raises:
            Full: too many wait.
        """
        future: Future[Accepted] = Future()
        self._submit(arrival, future)
        return future

    async def accepted(self, arrival: Arrival) -> Accepted:
        """The same on the event loop: returns after the flush."""
        future: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._submit(arrival, future)
        return await future

    def _submit(self, arrival: Arrival, waiter: Waiter) -> None:
        # Sealed here, not in the thread: a message that cannot be must fail its caller, not the batch.
        key, content = key_of(arrival), sealed(arrival)
        with self._lock:
            known = self._window.get(key)
            if isinstance(known, int):
                waiter.set_result(Accepted(known, repeated=True))
                return
            if known is not None:
                known.waiters.append(waiter)
                return
            if len(self._queue) >= self.capacity or self._stopping:
                raise Full
            pending = _Pending(arrival.door_id, key, content, waiter)
            self._window[key] = pending
            self._queue.append(pending)
        self._something.set()

    def close(self) -> None:
        """Flush what waits and end the thread; nothing is accepted afterwards."""
        with self._lock:
            self._stopping = True
        self._something.set()
        self._thread.join()
        self._connection.close()

    # -- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        dirty = False
        while True:
            heard = self._something.wait(IDLE_SECONDS if dirty else None)
            self._something.clear()
            with self._lock:
                batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
                more = bool(self._queue)
            if more:
                self._something.set()
            if batch:
                self._flush(batch)
                dirty = True
            elif self._stopping:
                return
            elif not heard:
                # Idle: fold the log into the file now, rather than in the middle of the next crowd.
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                dirty = False

    def _flush(self, batch: list[_Pending]) -> None:
        try:
            number = self._store(batch)
        except Exception as error:
            log.exception("the inbox could not be written")
            with self._lock:
                for pending in batch:
                    del self._window[pending.key]
            self._resolve(batch, None, error)
            return
        with self._lock:
            for offset, pending in enumerate(batch):
                self._window[pending.key] = number + offset
            # Pending ones are the newest, so they are never the ones that fall out.
            while len(self._window) > self.window_size + self.capacity:
                self._window.popitem(last=False)
        self._resolve(batch, number, None)

    def _store(self, batch: list[_Pending]) -> int:
        """One transaction, one flush. Returns the first id given; they follow one another."""
        rows = [(pending.door_id, pending.key, pending.sealed) for pending in batch]
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Read inside the transaction: another process may write to the same file.
            (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM arrival").fetchone()
            first = max(int(last) + 1, time.time_ns() // 1000)
            connection.executemany(
                "INSERT INTO arrival (id, door, key, sealed) VALUES (?, ?, ?, ?)",
                ((first + offset, *row) for offset, row in enumerate(rows)),
            )
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return first

    def _resolve(self, batch: list[_Pending], number: int | None, error: Exception | None) -> None:
        """Tell everybody. Those on an event loop are told by one call a loop, not one each."""
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Accepted], Accepted | None]]] = {}
        for offset, pending in enumerate(batch):
            for position, waiter in enumerate(pending.waiters):
                answer = None if number is None else Accepted(number + offset, repeated=position > 0)
                if isinstance(waiter, asyncio.Future):
                    by_loop.setdefault(waiter.get_loop(), []).append((waiter, answer))
                elif answer is not None:
                    waiter.set_result(answer)
                else:
                    waiter.set_exception(error or RuntimeError("not stored"))
        for loop, answers in by_loop.items():
            try:
                loop.call_soon_threadsafe(_tell, answers, error)
            except RuntimeError:
                log.info("an event loop ended before its answers came; the messages are stored")


def _tell(answers: list[tuple[asyncio.Future[Accepted], Accepted | None]], error: Exception | None) -> None:
    for waiter, answer in answers:
        if waiter.done():
            continue  # the caller hung up
        if answer is not None:
            waiter.set_result(answer)
        else:
            waiter.set_exception(error or RuntimeError("not stored"))


# -- one writer a process and file -------------------------------------------------------------------

_writers: dict[Path, Writer] = {}
_writers_lock = threading.Lock()


def path() -> Path:
    """Where the inbox file is: ``settings.INBOX_FILE``, or ``inbox.sqlite3`` in the instance's home."""
    return Path(getattr(settings, "INBOX_FILE", None) or settings.ENTRAIDE_HOME / "inbox.sqlite3")


def writer() -> Writer:
    """This process's writer for the inbox file; begun on first use."""
    where = path()
    with _writers_lock:
        if where not in _writers:
            _writers[where] = Writer(where)
        return _writers[where]


def close() -> None:
    """Flush and end every writer of this process (graceful stop, end of a test)."""
    with _writers_lock:
        writers = list(_writers.values())
        _writers.clear()
    for each in writers:
        each.close()


# -- reading -----------------------------------------------------------------------------------------


def _reader() -> sqlite3.Connection | None:
    where = path()
    if not where.exists():
        return None
    return sqlite3.connect(where, isolation_level=None, timeout=20)


def read(after: int, limit: int) -> list[Row]:
    """Rows after a position, oldest first."""
    connection = _reader()
    if connection is None:
        return []
    with closing(connection):
        found = connection.execute(
            "SELECT id, door, key, sealed FROM arrival WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
        )
        return [Row(*row) for row in found]


def read_these(ids: Iterable[int]) -> dict[int, Row]:
    """Rows by their ids."""
    connection = _reader()
    if connection is None:
        return {}
    with closing(connection):
        return {
            row[0]: Row(*row)
            for number in ids
            for row in connection.execute("SELECT id, door, key, sealed FROM arrival WHERE id = ?", (number,))
        }


def waiting(after: int) -> int:
    """How many rows stand after a position."""
    connection = _reader()
    if connection is None:
        return 0
    with closing(connection):
        return int(connection.execute("SELECT count(*) FROM arrival WHERE id > ?", (after,)).fetchone()[0])


def full(doors: Collection[int], until: int) -> list[int]:
    """Ids, up to one, of rows of these doors that still hold their content, oldest first."""
    connection = _reader()
    if connection is None or not doors:
        return []
    marks = ",".join("?" * len(doors))
    with closing(connection):
        found = connection.execute(
            f"SELECT id FROM arrival WHERE id <= ? AND door IN ({marks}) AND length(sealed) > 0 ORDER BY id",  # noqa: S608 (question marks alone)
            (until, *doors),
        )
        return [row[0] for row in found]


def empty(ids: Iterable[int]) -> int:
    """Empty the content of rows, for erasure; the rows and their order stay. Returns how many were full."""
    if not path().exists():
        return 0
    with closing(connect(path())) as connection:
        connection.execute("BEGIN IMMEDIATE")
        emptied = sum(
            connection.execute(
                "UPDATE arrival SET sealed = x'' WHERE id = ? AND length(sealed) > 0", (number,)
            ).rowcount
            for number in ids
        )
        connection.execute("COMMIT")
        # The old pages must not survive in the log either.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return emptied
