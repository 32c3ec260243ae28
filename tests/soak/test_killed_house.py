"""The whole house under load, killed with SIGKILL again and again: nothing acknowledged is lost or doubled.

A tenth of the time in continuous integration; ``make soak`` runs it whole (ENTRAIDE_SOAK=1).
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WHOLE = os.environ.get("ENTRAIDE_SOAK") == "1"
SECONDS = 300 if WHOLE else 30
SENDERS = 8
SEED = 20261124

SET_UP = """
import json, django; django.setup()
from entraide.foundations.channels.actions import secret_of
from entraide.website.demonstration import cast, scene
people = cast.gather(); cause = scene.build(people); phone, _ = scene.doors(cause, people)
print(json.dumps({"token": phone.token, "secret": secret_of(door=phone, by=people["aina"])}))
"""
COUNT = """
import json, django; django.setup()
from collections import Counter
from entraide.capabilities.crisis.models import Report, ReportMessage
from entraide.foundations.channels.models import IntakePosition, Message, Outgoing, Stuck
from entraide.foundations.desk.models import WorkItem
from entraide.foundations.journal.models import Entry
from entraide.foundations.channels import queries
texts = Counter(m.text for m in queries.received(Message.objects.values_list("pk", flat=True)))
print(json.dumps({
    "texts": texts, "reports": Report.objects.count(), "sources": ReportMessage.objects.count(),
    "items": WorkItem.objects.filter(queue="crisis.triage").count(), "stuck": Stuck.objects.filter(resolved_at=None).count(),
    "receipts": Outgoing.objects.count(), "told": Entry.objects.filter(kind="crisis.told").count(),
}))
"""


class House:
    """One instance whose server is started and killed."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {
            **os.environ,
            "ENTRAIDE_HOME": str(home),
            "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "entraide.website.settings",
        }
        self.environment.pop("DATABASE_URL", None)
        self.process: subprocess.Popen[bytes] | None = None

    def python(self, script: str) -> dict:
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "entraide.website.command_line", *arguments],
            env=self.environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "entraide.website.command_line", "serve", "--port", str(self.port)],
            env=self.environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL to the server and every process it started, at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def post(self, path: str, body: str) -> bytes:
        """One request on a connection of its own; raises OSError or HTTPException where it is cut."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        with closing(connection):
            connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            return answer.read() if answer.status == 200 else b"{}"

    def answers(self) -> bool:
        """True while the server answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        with closing(connection):
            try:
                connection.request("GET", "/health/")
                return connection.getresponse().status == 200
            except (OSError, HTTPException):
                return False


def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(tmp_path: Path) -> None:
    house = House(tmp_path)
    assert house.command("migrate", "--verbosity", "0").returncode == 0
    door = house.python(SET_UP)
    sent: set[str] = set()
    acknowledged: set[str] = set()
    over = threading.Event()

    def send(sender: int) -> None:
        chance = random.Random(SEED + sender)
        number = 0
        while not over.is_set():
            name = f"s{sender}-{number}"
            text = f"{name} The well is dry, {chance.randint(2, 90)} people here need water"
            sent.add(text)
            body = urlencode(
                {"secret": door["secret"], "from": f"+2613{sender:02d}{number:06d}", "message": text,
                 "message_id": name, "sent_timestamp": 1_795_000_000_000 + number}
            )  # fmt: skip
            # As a telephone does: again and again until it is told that the message arrived.
            while not over.is_set():
                try:
                    answer = json.loads(house.post(f"/door/smssync/{door['token']}", body))
                    if answer.get("payload", {}).get("success"):
                        acknowledged.add(text)
                        break
                except (OSError, HTTPException, ValueError):
                    pass
                time.sleep(0.05)
            number += 1
            time.sleep(chance.uniform(0.05, 0.2))

    senders = [threading.Thread(target=send, args=(sender,)) for sender in range(SENDERS)]
    chance = random.Random(SEED)
    house.start()
    for thread in senders:
        thread.start()
    kills, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        while not house.answers():
            time.sleep(0.05)
        time.sleep(chance.uniform(0.2, 3.0))
        house.kill()
        kills += 1
        house.start()
    over.set()
    for thread in senders:
        thread.join(20)
    expected = len(acknowledged)
    assert kills >= 5
    assert expected > SECONDS

    counted: dict = {}
    for _ in range(120):  # what was accepted is worked off
        counted = house.python(COUNT)
        if acknowledged <= set(counted["texts"]) and counted["sources"] == len(counted["texts"]):
            break
        time.sleep(1)
    house.kill()
    lost = acknowledged - set(counted["texts"])
    doubled = [text for text, times in counted["texts"].items() if times > 1]
    print(
        f"\n{kills} kills in {SECONDS} s, {len(sent)} sent, {expected} acknowledged, {len(lost)} lost, {len(doubled)} doubled"
    )
    assert not lost
    assert not doubled
    assert set(counted["texts"]) <= sent
    number = len(counted["texts"])
    assert counted["stuck"] == 0
    assert (
        counted["reports"],
        counted["sources"],
        counted["items"],
        counted["receipts"],
        counted["told"],
    ) == (number,) * 5
    verified = house.command("journal", "verify")
    assert verified.returncode == 0, verified.stdout
