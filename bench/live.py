"""How soon a message is on the triage desk, and a publication on every open map, at 50 messages a second.

One server process as ``entraide serve`` runs it, on SQLite with every transaction flushed. A telephone posts
messages at a steady rate; a desk page and some hundred map pages listen. Three times are taken:

- post → acknowledged: the gateway's HTTP answer (the message is on disk);
- post → desk: a listener of the desk's stream is told, looks, and finds the message's item in the line;
- published → maps: from the commit of the publication until the *last* of the open maps was told which
  report changed.

Baseline in the same run: the same listeners and a server that receives nothing, so that the cost of load
shows as a ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Listeners(threading.Thread):
    """Many open maps: each a live stream; notes when each was told of each report."""

    def __init__(self, port: int, topic: str, number: int) -> None:
        super().__init__(daemon=True)
        self.port, self.topic, self.number = port, topic, number
        self.last: dict[str, float] = {}  # ref → when the latest listener was told
        self.told: dict[str, int] = {}  # ref → how many were told
        self.open = 0

    def run(self) -> None:
        asyncio.run(self._all())

    async def _all(self) -> None:
        await asyncio.gather(*(self._one() for _ in range(self.number)))

    async def _one(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(
            f"GET /live/{self.topic} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")
        self.open += 1
        while line := await reader.readline():
            if line.startswith(b"data:"):
                now = time.monotonic()
                ref = json.loads(line[5:]).get("ref")
                if ref:
                    self.last[ref] = now
                    self.told[ref] = self.told.get(ref, 0) + 1


class Desk(threading.Thread):
    """One desk page: told by its stream that something waits, it looks and notes what it finds."""

    def __init__(self, port: int, topic: str, cookie: str, look: Any) -> None:
        super().__init__(daemon=True)
        self.port, self.topic, self.cookie, self.look = port, topic, cookie, look
        self.found: dict[str, float] = {}
        self.ready = threading.Event()

    def run(self) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/live/{self.topic}", headers={"Cookie": self.cookie}
        )
        with urllib.request.urlopen(request, timeout=600) as stream:
            self.ready.set()
            for line in stream:
                if line.startswith(b"data:"):
                    for key in self.look():
                        self.found.setdefault(key, time.monotonic())


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench live")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rate", type=int, default=50, help="messages a second")
    parser.add_argument("--maps", type=int, default=200, help="open maps")
    parser.add_argument("--publish-rate", type=float, default=3, help="publications a second")
    options = parser.parse_args(arguments)
    home = Path(tempfile.mkdtemp(prefix="entraide-bench-"))
    os.environ["ENTRAIDE_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.website.settings")
    sys.path.insert(0, str(ROOT / "src"))
    server = None
    try:
        scene = Scene()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-m", "entraide.website.command_line", "serve", "--port", str(port)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "ENTRAIDE_URL": f"http://localhost:{port}"},
            stdout=subprocess.DEVNULL,
        )
        wait(port)
        maps = Listeners(port, f"map:{scene.cause.public_id}", options.maps)
        maps.start()
        desk = Desk(port, f"desk:{scene.cause.public_id}", scene.cookie(), scene.waiting)
        desk.start()
        desk.ready.wait(10)
        until = time.monotonic() + 20
        while maps.open < options.maps and time.monotonic() < until:
            time.sleep(0.1)
        quiet = measure(scene, port, maps, desk, seconds=10, rate=1, publish_rate=1.0, prefix="q")
        loaded = measure(
            scene, port, maps, desk,
            seconds=options.seconds, rate=options.rate, publish_rate=options.publish_rate, prefix="m",
        )  # fmt: skip
        report(options, maps.open, quiet, loaded)
    finally:
        if server:
            server.terminate()
            server.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def wait(port: int) -> None:
    """Return once the server answers."""
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not answer")


class Scene:
    """A cause with a telephone and a steward, in a database of its own."""

    def __init__(self) -> None:
        from django.core.management import call_command

        from entraide.website.command_line import prepare

        prepare()
        call_command("migrate", verbosity=0)
        from entraide.foundations.channels.actions import secret_of
        from entraide.website.demonstration import cast, scene

        self.cast = cast.gather()
        self.cause = scene.build(self.cast)
        self.phone, _mailbox = scene.doors(self.cause, self.cast)
        self.secret = secret_of(door=self.phone, by=self.cast["aina"])

    def cookie(self) -> str:
        """A session of the steward, as her browser would hold it."""
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.contrib.sessions.backends.db import SessionStore

        aina = self.cast["aina"]
        session = SessionStore()
        session[SESSION_KEY] = str(aina.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = aina.get_session_auth_hash()
        session.save()
        return f"sessionid={session.session_key}"

    def waiting(self) -> list[str]:
        """Keys of the messages whose reports stand in the triage line and were not seen yet."""
        from entraide.capabilities.crisis.models import ReportMessage
        from entraide.foundations.desk.models import WorkItem

        self.seen = getattr(self, "seen", 0)
        found = []
        rows = ReportMessage.objects.filter(pk__gt=self.seen).order_by("pk")
        for pk, ref, title in rows.values_list("pk", "report__ref", "report__title"):
            if not WorkItem.objects.filter(subject=f"report:{ref}").exists():
                break
            self.seen = pk
            found.append(title.split(" ", 1)[0])
        return found

    def publish(self, title_word: str) -> tuple[str, float]:
        """Read and publish the report of one message; returns its ref and the moment after the commit."""
        from entraide.capabilities.crisis.actions import publishing, steps
        from entraide.capabilities.crisis.models import Category, Report
        from entraide.foundations.places import rules as places

        report = Report.objects.select_related("cause").filter(title__startswith=f"{title_word} ").get()
        water = Category.objects.get(cause=self.cause, slug="water")
        place = steps.Place(point=places.to_grid(-18.15, 49.4), radius_m=500, name="Toamasina")
        report = steps.edit(report, by=self.cast["aina"], categories=[water], place=place)
        steps.pass_on(report, by=self.cast["aina"])
        publishing.publish(report, by=self.cast["aina"])
        return report.ref, time.monotonic()


def measure(
    scene: Scene,
    port: int,
    maps: Listeners,
    desk: Desk,
    *,
    seconds: int,
    rate: int,
    publish_rate: float,
    prefix: str,
) -> dict[str, Any]:
    """Post at ``rate`` for ``seconds`` while publishing at ``publish_rate``; returns the times in seconds."""
    posted: dict[str, float] = {}
    acknowledged: list[float] = []
    published: dict[str, float] = {}
    stop = threading.Event()

    def post() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        began = time.monotonic()
        for number in range(seconds * rate):
            due = began + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            name = f"{prefix}{number:06d}"
            body = urlencode(
                {
                    "secret": scene.secret, "from": f"+26132{number % 9_000_000:07d}",
                    "message": f"{name} No drinking water here since Wednesday, 25 people, children are ill",
                    "sent_timestamp": int(time.time() * 1000), "message_id": name, "device_id": "bench",
                }
            )  # fmt: skip
            start = time.monotonic()
            connection.request(
                "POST",
                f"/door/smssync/{scene.phone.token}",
                body,
                {"Content-Type": "application/x-www-form-urlencoded"},
            )
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 200, text
            acknowledged.append(time.monotonic() - start)
            posted[name] = start

    def publish() -> None:
        done: set[str] = set()
        began = time.monotonic()
        while not stop.is_set():
            time.sleep(max(0.0, began + len(done) / publish_rate - time.monotonic()))
            ready = next(
                (name for name in list(desk.found) if name.startswith(prefix) and name not in done), None
            )
            if ready is None:
                time.sleep(0.05)
                continue
            done.add(ready)
            ref, moment = scene.publish(ready)
            published[ref] = moment

    poster, publisher = threading.Thread(target=post), threading.Thread(target=publish, daemon=True)
    poster.start()
    publisher.start()
    poster.join()
    until = time.monotonic() + 60
    while time.monotonic() < until and not all(name in desk.found for name in posted):
        time.sleep(0.1)
    stop.set()
    publisher.join(30)
    time.sleep(2)
    on_desk = [desk.found[name] - start for name, start in posted.items() if name in desk.found]
    on_maps = [maps.last[ref] - moment for ref, moment in published.items() if ref in maps.last]
    return {
        "posted": len(posted),
        "acknowledged": acknowledged,
        "desk": on_desk,
        "desk_missing": len(posted) - len(on_desk),
        "maps": on_maps,
        "published": len(published),
        "maps_missing": sum(maps.open - maps.told.get(ref, 0) for ref in published),
    }


def report(options: argparse.Namespace, maps: int, quiet: dict[str, Any], loaded: dict[str, Any]) -> None:
    """The table, and one JSON line."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite; {maps} open maps"
    )
    print(
        f"{options.rate} messages/s for {options.seconds} s: {loaded['posted']} posted, {loaded['desk_missing']} not on the desk,"
    )
    print(f"{loaded['published']} published meanwhile, {loaded['maps_missing']} notices missing on maps\n")
    print(f"{'':<22}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}{'quiet p95':>11}{'ratio':>7}   goal")
    figures: dict[str, Any] = {"bench": "live", "rate": options.rate, "open_maps": maps}
    for key, title, goal in (
        ("acknowledged", "post → acknowledged", 0.5),
        ("desk", "post → desk", 2.0),
        ("maps", "published → every map", 5.0),
    ):
        values, before = loaded[key], percentile(quiet[key], 0.95)
        p50, p95, worst = statistics.median(values), percentile(values, 0.95), max(values)
        verdict = "kept" if p95 < goal else "MISSED"
        print(
            f"{title:<22}{p50 * 1000:>9.0f}{p95 * 1000:>9.0f}{worst * 1000:>9.0f}{before * 1000:>11.0f}"
            f"{p95 / before:>7.1f}   p95 < {goal:g} s {verdict}"
        )
        figures[key] = {
            "p50_ms": round(p50 * 1000),
            "p95_ms": round(p95 * 1000),
            "max_ms": round(worst * 1000),
            "ratio": round(p95 / before, 2),
        }
    figures["lost"] = loaded["desk_missing"] + loaded["maps_missing"]
    print()
    print(json.dumps(figures))
