"""``entraide demo``: fill an instance with a fictional cyclone, through its real doors, and serve it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from entraide.foundations.channels.actions import secret_of
from entraide.website.demonstration import cast as cast_of
from entraide.website.demonstration import scene
from entraide.website.demonstration.deliver import Courier
from entraide.website.demonstration.script import lines
from entraide.website.demonstration.volunteers import Volunteers

PAUSE_SECONDS = 0.2  # between two messages, while you watch
LATE_SECONDS_MAX = 120


class Command(BaseCommand):
    help = "Fill an instance with a fictional cyclone, played through the real doors, and serve it."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--quick", action="store_true", help="no pause between messages")
        parser.add_argument(
            "--json", action="store_true", help="print one JSON line when everything is there"
        )
        parser.add_argument(
            "--once", action="store_true", help="stop when the play is over instead of serving on"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        if not port_is_free(host, port):
            raise CommandError(f"Port {port} is taken. Choose another: make demo PORT=8001")
        call_command("migrate", verbosity=0)
        cast = cast_of.gather()
        lumi = scene.build(cast)
        phone, mailbox = scene.doors(lumi, cast)
        url = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"  # noqa: S104
        lmtp_port = next(
            candidate for candidate in range(port + 24, port + 200) if port_is_free(host, candidate)
        )
        if not options["once"]:
            # Also while the script plays: the server must not outlive the demonstration.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        server = serve(host, port, lmtp_port, url)
        try:
            wait_until_it_answers(url, server)
            self.stdout.write(words(url))
            self.stdout.flush()
            courier = Courier(
                url=url,
                phone=(phone.token, secret_of(door=phone, by=cast["aina"])),
                mailbox=("127.0.0.1", lmtp_port, mailbox.settings["address"]),
                began=phone.created_at.replace(microsecond=0) - timedelta(minutes=210),
            )
            self.play(courier, Volunteers(lumi, cast), 0 if options["quick"] else PAUSE_SECONDS)
            if options["json"]:
                self.stdout.write(json.dumps({"url": url, "password": cast_of.password()}))
                self.stdout.flush()
            if not options["once"]:
                server.wait()
        except KeyboardInterrupt:
            pass
        finally:
            server.terminate()
            server.wait(20)

    def play(self, courier: Courier, volunteers: Volunteers, pause: float) -> None:
        """Send every line and let the cast read what arrives, until all that is to be read was read."""
        script = lines()
        for line in script:
            courier.send(line)
            if line.number % 5 == 4:
                volunteers.work()
            time.sleep(pause)
        until = time.monotonic() + LATE_SECONDS_MAX
        while time.monotonic() < until and not volunteers.met_all(script):
            volunteers.work()
            time.sleep(0.1)
        self.stdout.write(
            f"{len(script)} messages delivered, {volunteers.published} reports brought on the map now."
        )


def serve(host: str, port: int, lmtp_port: int, url: str) -> subprocess.Popen[bytes]:
    """The server, in a process of its own as ``entraide serve`` would be."""
    environment = {**os.environ, "ENTRAIDE_URL": url, "ENTRAIDE_LMTP": f"127.0.0.1:{lmtp_port}"}
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "entraide.website.command_line", "serve", "--host", host, "--port", str(port)],
        env=environment,
    )


def wait_until_it_answers(url: str, server: subprocess.Popen[bytes]) -> None:
    """Return once /health/ answers; raises CommandError where the server ends or stays silent."""
    for _ in range(300):
        if server.poll() is not None:
            raise CommandError(f"the server ended at once (exit {server.returncode}); see above")
        try:
            with urlopen(f"{url}/health/", timeout=2):  # noqa: S310
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise CommandError("the server did not answer within 30 seconds")


def port_is_free(host: str, port: int) -> bool:
    """True where one could listen."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def words(url: str) -> str:
    """The address and the logins, as one screen."""
    width = max(len(part.email) for part in cast_of.CAST)
    logins = "\n".join(f"    {part.email:<{width}}  {part.what}" for part in cast_of.CAST)
    return (
        f"\n  Entraide is at {url}\n\n  Begin with {url}/tour/ — the messages of a cyclone that never was arrive"
        f" while you watch {url}/map/lumi/\n\n  Sign in as ({cast_of.password()} opens each):\n{logins}\n\n"
        "  Ctrl+C stops it. What was played stays; playing again harms nothing.\n"
    )
