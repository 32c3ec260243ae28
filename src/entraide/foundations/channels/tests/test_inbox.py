"""The inbox: acknowledged means on disk; repeats are one; nothing is changed but emptied."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from entraide.foundations.channels import inbox
from entraide.foundations.channels.inbox import Arrival, Full, Writer


def arrival(key="k", **more):
    return Arrival(door_id=1, channel="sms", key=key, body=b"secret=1&from=2", **more)


@pytest.fixture
def writer(tmp_path):
    made = Writer(tmp_path / "box.sqlite3")
    yield made
    made.close()


def count(writer):
    with sqlite3.connect(writer.path) as connection:
        return connection.execute("SELECT count(*) FROM arrival").fetchone()[0]


def test_what_is_accepted_can_be_read_back(settings):
    given = arrival(
        "é\ud83d", content_type="text/plain", headers={"user-agent": "x"}, fields={"text": "a\nb"}
    )
    accepted = inbox.writer().accept(given).result(5)
    assert not accepted.repeated
    [row] = inbox.read(0, 10)
    assert row.id == accepted.id
    found = row.arrival()
    assert (found.body, found.fields, found.headers) == (given.body, {"text": "a\nb"}, {"user-agent": "x"})
    assert inbox.read(row.id, 10) == []
    assert inbox.waiting(0) == 1


def test_the_file_is_its_owner_s_alone(writer):
    assert writer.path.stat().st_mode & 0o777 == 0o600


def test_no_file_no_rows():
    assert inbox.read(0, 1) == []
    assert inbox.read_these([1]) == {}
    assert inbox.waiting(0) == 0
    assert inbox.empty([1]) == 0


def test_a_repeat_gets_the_first_one_s_id(writer):
    first = writer.accept(arrival()).result(5)
    again = writer.accept(arrival()).result(5)
    assert (again.id, again.repeated) == (first.id, True)
    assert count(writer) == 1


def test_a_repeat_of_a_pending_one_waits_for_its_flush(writer, monkeypatch):
    may_flush = threading.Event()
    store = writer._store

    def slowly(batch):
        may_flush.wait(5)
        return store(batch)

    monkeypatch.setattr(writer, "_store", slowly)
    futures = [writer.accept(arrival()) for _ in range(50)]
    time.sleep(0.05)
    assert not any(future.done() for future in futures)
    may_flush.set()
    found = [future.result(5) for future in futures]
    assert {each.id for each in found} == {found[0].id}
    assert [each.repeated for each in found].count(False) == 1
    assert count(writer) == 1


def test_the_window_is_read_from_the_file_s_tail(tmp_path):
    path = tmp_path / "box.sqlite3"
    first = Writer(path)
    number = first.accept(arrival()).result(5).id
    first.close()
    second = Writer(path)
    again = second.accept(arrival()).result(5)
    second.close()
    assert (again.id, again.repeated) == (number, True)


def test_the_window_forgets_the_oldest(tmp_path):
    writer = Writer(tmp_path / "box.sqlite3", window=2, capacity=1)
    for key in "abcd":
        writer.accept(arrival(key)).result(5)
    assert writer.accept(arrival("d")).result(5).repeated
    assert not writer.accept(arrival("a")).result(5).repeated
    writer.close()


def test_a_full_queue_refuses(tmp_path, monkeypatch):
    writer = Writer(tmp_path / "box.sqlite3", capacity=2)
    may_flush = threading.Event()
    store = writer._store
    monkeypatch.setattr(writer, "_store", lambda batch: (may_flush.wait(5), store(batch))[1])
    waiting = [writer.accept(arrival("0"))]
    time.sleep(0.05)  # the thread holds the first
    waiting += [writer.accept(arrival(str(number))) for number in (1, 2)]
    with pytest.raises(Full):
        writer.accept(arrival("3"))
    may_flush.set()
    assert all(future.result(5) for future in waiting)
    assert not writer.accept(arrival("3")).result(5).repeated
    writer.close()


@pytest.mark.logs_errors
def test_a_failed_flush_is_told_to_everybody_and_forgotten(writer, monkeypatch):
    store = writer._store

    def fail(batch):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(writer, "_store", fail)

    async def both():
        return await asyncio.gather(
            writer.accepted(arrival()), writer.accepted(arrival()), return_exceptions=True
        )

    with pytest.raises(sqlite3.OperationalError):
        writer.accept(arrival("other")).result(5)
    assert all(isinstance(each, sqlite3.OperationalError) for each in asyncio.run(both()))
    monkeypatch.setattr(writer, "_store", store)
    assert not writer.accept(arrival()).result(5).repeated


@pytest.mark.logs_errors
def test_a_transaction_that_fails_leaves_nothing(writer):
    class Broken:
        def __init__(self, real):
            self.real = real

        def __getattr__(self, name):
            return getattr(self.real, name)

        def executemany(self, *_):
            raise sqlite3.OperationalError("full")

    real = writer._connection
    writer._connection = Broken(real)
    with pytest.raises(sqlite3.OperationalError):
        writer.accept(arrival()).result(5)
    writer._connection = real
    writer.accept(arrival()).result(5)
    assert count(writer) == 1


def test_callers_who_hung_up_harm_nobody(writer):
    async def impatient():
        one = asyncio.ensure_future(writer.accepted(arrival()))
        await asyncio.sleep(0)
        one.cancel()
        return await writer.accepted(arrival())

    assert asyncio.run(impatient()).repeated


def test_after_close_nothing_is_taken(tmp_path):
    writer = Writer(tmp_path / "box.sqlite3")
    writer.close()
    with pytest.raises(Full):
        writer.accept(arrival())


def test_an_idle_writer_folds_its_log(tmp_path, monkeypatch):
    monkeypatch.setattr(inbox, "IDLE_SECONDS", 0.05)
    writer = Writer(tmp_path / "box.sqlite3")
    writer.accept(arrival()).result(5)
    time.sleep(0.3)
    writer.close()
    assert count(writer) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM arrival",
        "UPDATE arrival SET sealed = x'00'",
        "UPDATE arrival SET door = 2, sealed = x''",
        "UPDATE arrival SET key = x'00', sealed = x''",
        "UPDATE arrival SET id = 1, sealed = x''",
    ],
)
def test_the_file_refuses_changes(writer, statement):
    writer.accept(arrival()).result(5)
    connection = sqlite3.connect(writer.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
    assert count(writer) == 1


def test_emptying_is_the_one_change(settings):
    number = inbox.writer().accept(arrival()).result(5).id
    assert inbox.empty([number, 1]) == 1
    assert inbox.empty([number]) == 0
    [row] = inbox.read(0, 10)
    assert row.arrival() is None


def test_two_processes_may_write_one_file(tmp_path):
    one, two = Writer(tmp_path / "box.sqlite3"), Writer(tmp_path / "box.sqlite3")
    futures = [(one, two)[number % 2].accept(arrival(str(number))) for number in range(400)]
    assert len({future.result(10).id for future in futures}) == 400
    one.close()
    two.close()


def test_64_callers_with_repeats_lose_and_double_nothing(writer):
    acknowledged: set[int] = set()

    def caller(seed):
        for number in range(50):
            key = str((number * 7 + seed) % 400)
            acknowledged.add(writer.accept(arrival(key)).result(10).id)

    threads = [threading.Thread(target=caller, args=(seed,)) for seed in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = {str((number * 7 + seed) % 400) for number in range(50) for seed in range(64)}
    assert count(writer) == len(acknowledged) == len(keys)


def kill_and_look(tmp_path: Path, seconds: float) -> int:
    """Kill a process that accepts; every message it acknowledged must be in the file. Returns how many."""
    path = tmp_path / f"killed-{time.monotonic_ns()}.sqlite3"
    process = subprocess.Popen(
        [sys.executable, "-m", "entraide.foundations.channels.tests.killed", str(path)],
        stdout=subprocess.PIPE,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "entraide.website.settings", "PYTHONPATH": "src"},
    )
    first = os.read(process.stdout.fileno(), 100)  # it has begun

    said = [first]
    reader = threading.Thread(target=lambda: said.append(process.stdout.read()))
    reader.start()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    reader.join()
    process.stdout.close()
    keys = b"".join(said).rpartition(b"\n")[0].decode().split()
    connection = sqlite3.connect(path)
    stored = {row[0] for row in connection.execute("SELECT key FROM arrival")}
    connection.close()
    missing = [key for key in keys if inbox.key_of(arrival(key)) not in stored]
    assert missing == []
    return len(keys)


def test_killed_under_load_nothing_acknowledged_is_missing(tmp_path):
    assert kill_and_look(tmp_path, 0.4) > 50


@pytest.mark.slow
def test_killed_at_twenty_moments(tmp_path):
    assert sum(kill_and_look(tmp_path, 0.05 + 0.07 * turn) for turn in range(20)) > 5_000
