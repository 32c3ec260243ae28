"""``entraide replay``: deliver a file of messages through a real door, and count what arrived."""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from entraide.foundations.causes import actions as causes
from entraide.foundations.causes.models import Cause
from entraide.foundations.channels import actions, inbox
from entraide.foundations.channels.models import Door, IntakePosition, Message, Stuck
from entraide.foundations.channels.rules import unseal_text
from entraide.foundations.channels.views import address_of
from entraide.foundations.people.models import Person
from entraide.website.server import courier

START_SECONDS = 60
TAKE_IN_SECONDS = 3_600


class Command(BaseCommand):
    """Deliver, wait until everything was taken in, and account for each row."""

    help = "Deliver a file of messages (CSV, CSV.gz, JSON lines) through a real door, and count what arrived."

    def add_arguments(self, parser: CommandParser) -> None:
        """What, where to, how often."""
        parser.add_argument("file", type=Path, help="CSV, CSV.gz or JSON lines with a column of texts")
        parser.add_argument("--door", choices=["smssync", "mail", "web"], default="smssync")
        parser.add_argument(
            "--cause", default="replay", help="slug of the cause; made where missing (replay)"
        )
        parser.add_argument("--times", type=int, default=3, help="how often each message is delivered (3)")
        parser.add_argument(
            "--shuffle", type=int, default=1, help="seed of the random order (1); -1: in order"
        )
        parser.add_argument("--to", default="", help="address of a running server of this same instance")
        parser.add_argument("--concurrency", type=int, default=64, help="connections at once (64)")
        parser.add_argument("--limit", type=int, default=0, help="only the first so many messages")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; exit code 1 where a message was lost or doubled."""
        try:
            lines, columns = courier.read_file(options["file"])
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        lines = lines[: options["limit"] or None]
        if not lines:
            raise CommandError("The file holds no message.")
        taken = ", ".join(f"{what} from “{name}”" for what, name in columns.items() if name)
        made = [what for what in ("id", "from") if not columns[what]]
        self.stdout.write(
            f"{len(lines)} messages: {taken}" + (f"; made up: {', '.join(made)}" if made else "")
        )
        door = self._door(options["door"], options["cause"])
        last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        deliveries = [line for _ in range(options["times"]) for line in lines]
        if options["shuffle"] >= 0:
            random.Random(options["shuffle"]).shuffle(deliveries)  # noqa: S311 (an order, not a secret)
        server, host, port, lmtp = self._server(options["to"], options["door"])
        try:
            began = time.monotonic()
            if options["door"] == "mail":
                tally = courier.mail_all(
                    deliveries,
                    host=lmtp[0],
                    port=lmtp[1],
                    recipient=address_of(door),
                    concurrency=min(options["concurrency"], 32),
                )
            else:
                tally = self._post(door, deliveries, host, port, options["concurrency"])
            delivered = time.monotonic()
            self._wait_for_the_worker(server)
            ended = time.monotonic()
        finally:
            if server is not None:
                server.terminate()
                server.wait(30)
        self._account(door, lines, last, tally, delivered - began, ended - began)

    # -- before --------------------------------------------------------------------------------------

    def _door(self, kind: str, slug: str) -> Door:
        """The cause's web door, or a fresh door of the kind; the cause is made where it is missing."""
        cause = Cause.objects.filter(slug=slug).first()
        if cause is None:
            operator = Person.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
            if operator is None:
                operator = Person.objects.create_user(email="replay@replay.invalid", display_name="Replay")
            texts = {
                "en": {"title": f"Replay ({slug})", "summary": "Messages played from a file.", "body": ""}
            }
            cause = causes.create(slug=slug, texts=texts, languages=["en"], by=operator)
            causes.open_cause(cause=cause, by=operator)
            cause.refresh_from_db()
            self.stdout.write(f"Made the cause “{slug}”.")
        if kind == Door.Kind.WEB:
            return actions.standing_door(cause=cause, kind=Door.Kind.WEB)
        label = f"Replay {time.strftime('%Y-%m-%d %H:%M:%S')}"
        return actions.open_door(cause=cause, kind=kind, label=label, by=None)

    def _server(self, to: str, kind: str) -> tuple[subprocess.Popen[bytes] | None, str, int, tuple[str, int]]:
        """(our own server or None, host, port, where LMTP listens)."""
        if to:
            address = urlsplit(to if "//" in to else f"//{to}")
            lmtp_host, _, lmtp_port = (settings.LMTP_LISTEN or "127.0.0.1:0").rpartition(":")
            if kind == "mail" and not settings.LMTP_LISTEN:
                raise CommandError("Say where the server takes mail: ENTRAIDE_LMTP=127.0.0.1:8024")
            return None, address.hostname or "127.0.0.1", address.port or 80, (lmtp_host, int(lmtp_port))
        port, lmtp = free_port(), free_port()
        environment = dict(os.environ)
        environment.setdefault("DJANGO_SETTINGS_MODULE", "entraide.website.settings")
        if kind == "mail":
            environment["ENTRAIDE_LMTP"] = f"127.0.0.1:{lmtp}"
        command = [sys.executable, "-m", "django", "serve", "--port", str(port)]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 (our own)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", lmtp if kind == "mail" else port), 1).close()
                return server, "127.0.0.1", port, ("127.0.0.1", lmtp)
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    server.terminate()
                    raise CommandError("The server did not start.") from None
                time.sleep(0.1)

    # -- during --------------------------------------------------------------------------------------

    def _post(
        self, door: Door, deliveries: list[courier.Line], host: str, port: int, concurrency: int
    ) -> courier.Tally:
        if door.kind == Door.Kind.WEB:
            body_of, path = courier.form_body, f"/tell/{door.cause.slug}/"
        else:
            body_of, path = courier.sms_body, f"/door/smssync/{door.token}"
        secret = unseal_text(door.sealed_secret)
        bodies = ((line, body_of(line, secret)) for line in deliveries)
        return asyncio.run(courier.post_all(bodies, host=host, port=port, path=path, concurrency=concurrency))

    def _wait_for_the_worker(self, server: subprocess.Popen[bytes] | None) -> None:
        """Until the inbox is taken in."""
        deadline = time.monotonic() + TAKE_IN_SECONDS
        while True:
            position = IntakePosition.objects.filter(pk=1).values_list("position", flat=True).first() or 0
            if not inbox.waiting(position):
                return
            if time.monotonic() > deadline or (server is not None and server.poll() is not None):
                raise CommandError("The worker stopped before everything was taken in.")
            time.sleep(0.2)

    # -- after ---------------------------------------------------------------------------------------

    def _account(
        self,
        door: Door,
        lines: list[courier.Line],
        last: int,
        tally: courier.Tally,
        delivering: float,
        all_in_all: float,
    ) -> None:
        """Compare what arrived with the file, text by text: counts alone could hide a loss in a double."""
        lines = list({line.number: line for line in lines}.values())
        told = Counter(_plain(line.text) for line in lines if line.number in tally.acknowledged_lines)
        sealed = (
            Message.objects.filter(door=door, pk__gt=last)
            .order_by("pk")
            .values_list("sealed_text", flat=True)
        )
        arrived = Counter(_plain(unseal_text(text)) for text in sealed.iterator())
        messages = arrived.total()
        stuck = Stuck.objects.filter(door=door, resolved_at=None).count()
        result = {
            "file_messages": len(lines),
            "sent": tally.sent,
            "acknowledged": tally.acknowledged,
            "refused": tally.refused,
            "sent_again_after_503": tally.retried,
            "messages": messages,
            "stuck": stuck,
            "lost": (told - arrived).total(),
            "doubled": (arrived - told).total(),
            "deliveries_per_second": round(tally.sent / delivering, 1),
            "messages_per_second": round(messages / all_in_all, 1),
            "seconds": round(all_in_all, 1),
        }
        for name, value in result.items():
            self.stdout.write(f"  {name.replace('_', ' '):<22} {value:>12}")
        self.stdout.write(json.dumps({"replay": result}))
        if result["lost"] or result["doubled"] or tally.refused or stuck:
            raise CommandError("Not every message arrived exactly once; see above.", returncode=1)


def _plain(text: str) -> str:
    """A text as every door keeps it: mail and forms may change how lines end."""
    return "\n".join(text.strip().splitlines())


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
