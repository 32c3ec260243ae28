"""One process: Django's thread, the hub of live streams, the worker, the mail listener, the inbox's writer.

The adapters for granian (``rsgi``) and uvicorn (``asgi``) differ in wire only; what they share is here.
"""

from __future__ import annotations

import asyncio
import logging
import os

from django.conf import settings

from entraide.foundations.channels import inbox
from entraide.foundations.channels.doors import lmtp
from entraide.website.server.bridge import DjangoThread
from entraide.website.server.live import Hub
from entraide.website.server.raw import Routes
from entraide.website.server.worker import Worker
from entraide.website.wsgi import application

log = logging.getLogger(__name__)


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
