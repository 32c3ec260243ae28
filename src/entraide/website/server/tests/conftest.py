"""A real server process for the tests that need the wire."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from entraide.foundations.causes import actions as causes
from entraide.foundations.channels import actions
from entraide.foundations.people.models import Person
by = Person.objects.create_user(email="alice@example.org", display_name="Alice")
cause = causes.create(slug="lumi", texts={"en": {"title": "Lumi", "summary": "Water.", "body": ""}}, languages=["en"], by=by)
causes.open_cause(cause=cause, by=by)
door = actions.open_door(cause=cause, kind="smssync", label="Phone", by=by, secret="1234")
print(door.token, cause.public_id)
"""


@dataclass
class Served:
    """A running ``serve`` with a home of its own."""

    process: subprocess.Popen[bytes]
    home: Path
    port: int
    lmtp: int
    token: str
    cause: str
    environment: dict[str, str]

    def run(self, code: str) -> str:
        """Run Python against the same instance; returns what it printed."""
        return run(code, self.environment)


def run(code: str, environment: dict[str, str]) -> str:
    """Run Python with Django's settings; its last line is the answer."""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def start(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """Begin ``serve`` and wait until it listens."""
    command = [sys.executable, "-m", "django", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process
        except OSError:
            assert process.poll() is None, "the server ended at once"
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture(scope="module")
def served(tmp_path_factory: Any) -> Any:
    """One server a module."""
    home = tmp_path_factory.mktemp("home")
    lmtp = free_port()
    environment = os.environ | {
        "ENTRAIDE_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "entraide.website.settings",
        "PYTHONPATH": "src",
        "ENTRAIDE_LMTP": f"127.0.0.1:{lmtp}",
    }
    environment.pop("DATABASE_URL", None)
    token, cause = run(PREPARE, environment).split()[-2:]
    (home / "static").mkdir(exist_ok=True)
    (home / "static" / "hello.txt").write_text("hello " * 100_000)
    port = free_port()
    made = Served(start(environment, port), home, port, lmtp, token, cause, environment)
    yield made
    made.process.send_signal(signal.SIGTERM)
    assert made.process.wait(20) == 0
