"""One process: Django's thread, the hub of live streams, the worker, the mail listener, the inbox's writer.

The adapters for granian (``rsgi``) and uvicorn (``asgi``) differ in wire only; what they share is here.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time

from django.conf import settings

from entraide.foundations.channels import inbox
from entraide.foundations.channels.doors import lmtp
from entraide.website.server.bridge import DjangoThread
from entraide.website.server.live import Hub
from entraide.website.server.raw import Routes
from entraide.website.server.worker import Worker
from entraide.website.wsgi import application

log = logging.getLogger(__name__)

PARENT = "SERVING_PROCESS"  # set by ``serve``: whose worker process this is
ORPHAN_SECONDS = 8.0


class Orphanage(threading.Thread):
    """Ends this process once the one that serves through it was killed.

    Killed outright, ``serve`` cannot stop its worker process, which would go on holding the port beside the
    next one, and no Ctrl-C would reach it.
    """

    def __init__(self, parent: int, *, look_every_seconds: float = 0.5) -> None:
        super().__init__(name="orphanage", daemon=True)
        self.parent, self.look_every_seconds = parent, look_every_seconds

    def run(self) -> None:
        while os.getppid() == self.parent:
            time.sleep(self.look_every_seconds)
        log.warning("the server process was killed; its worker ends too")
        os.kill(os.getpid(), signal.SIGUSR1)  # open streams first, as when stopping (see ``serve``)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(ORPHAN_SECONDS)
        os._exit(1)  # what was accepted is on disk


class House:
    """Everything one server process runs."""

    def __init__(self) -> None:
        self.django = DjangoThread(application)
        self.hub = Hub(self.django.run)
        self.routes = Routes(self.hub)
        self._worker: Worker | None = None
        self._mail: lmtp.Listener | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin everything that has a thread of its own."""
        if os.environ.get(PARENT) == str(os.getppid()):
            Orphanage(os.getppid()).start()
        inbox.writer()
        self.hub.start(loop)
        if settings.LMTP_LISTEN:
            self._mail = lmtp.listen(settings.LMTP_LISTEN)
        if os.environ.get("ENTRAIDE_NO_WORKER") != "1":
            self._worker = Worker()
            self._worker.start()

    def close_streams(self) -> None:
        """First step of stopping: open streams would keep the server from ending."""
        self.hub.close()

    def stop(self) -> None:
        """End everything, what is in hand first. What was accepted is on disk already."""
        self.hub.close()
        if self._mail is not None:
            self._mail.stop()
        if self._worker is not None:
            self._worker.stop()
        self.django.close()
        inbox.close()
