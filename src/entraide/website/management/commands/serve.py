"""``entraide serve``: the site, the message doors, live updates and the worker, in one process."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

BACKLOG = 2_048
# Granian lets so many requests run at once; each live stream is one for as long as it is open. Its
# default is the backlog, beyond which every further request would hang.
BACKPRESSURE = 50_000
STOP_SECONDS = 8


class GracefulServer(MPServer):
    """Granian, which on a signal first has its worker end the open streams."""

    def _stop_workers(self) -> None:
        for worker in self.wrks:
            with suppress(ProcessLookupError, AttributeError):
                os.kill(worker.inner.pid, signal.SIGUSR1)
        super()._stop_workers()


class Command(BaseCommand):
    """Serve until told to stop."""

    help = "Serve the site, the message doors and the worker in one process."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
        parser.add_argument(
            "--no-worker", action="store_true", help="take messages and serve pages only; work waits"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run granian with one worker process; it stops gracefully on SIGTERM and SIGINT."""
        # A connection must not be shared with the process that is about to be forked off.
        connections.close_all()
        if options["no_worker"]:
            os.environ["ENTRAIDE_NO_WORKER"] = "1"
        os.environ["SERVING_PROCESS"] = str(os.getpid())  # house.Orphanage
        host, port = options["host"], options["port"]
        shown = f"[{host}]" if ":" in host else host
        self.stdout.write(f"Entraide answers at http://{shown}:{port}/  (Ctrl-C stops it)")
        self.stdout.flush()
        GracefulServer(
            "entraide.website.server.rsgi:app",
            address=host,
            port=port,
            interface=Interfaces.RSGI,
            workers=1,
            websockets=False,
            backlog=BACKLOG,
            backpressure=BACKPRESSURE,
            workers_kill_timeout=STOP_SECONDS,
            log_level=LogLevels.warning,
        ).serve()
