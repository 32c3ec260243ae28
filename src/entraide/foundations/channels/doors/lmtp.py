"""The mail door: an LMTP listener to which the machine's mail server hands mail on.

``anything+<token>@anywhere`` or a door's own address (``settings["address"]``) leads to a door. 250 is said
only after the flush; a frozen door and a full inbox say 451, so that the mail server keeps the mail and
tries again. Which mails are automatic is decided at the intake: nothing is lost here.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from django.db import close_old_connections

from entraide.foundations.channels import inbox
from entraide.foundations.channels.doors.book import Book, Entry
from entraide.foundations.channels.models import Door
from entraide.foundations.channels.rules.mail import mail_key, with_envelope

log = logging.getLogger(__name__)

SIZE_MAX = 25_000_000
LATER = "451 4.3.0 Come back later"


class Handler:
    """What aiosmtpd asks of us. Lives on the listener's own event loop and thread."""

    def __init__(self) -> None:
        self._book = Book()
        # Its own thread for the database: a mail must not wait for a page.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="lmtp-doors")

    async def _in_django(self, function: Any, *arguments: Any) -> Any:
        def run() -> Any:
            close_old_connections()
            try:
                return function(*arguments)
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._pool, run)

    async def door_of(self, recipient: str) -> Entry | None:
        """The mail door a recipient's address leads to."""
        local = recipient.rsplit("@", 1)[0]
        token = local.rsplit("+", 1)[-1].casefold()
        door = await self._book.find(token, self._in_django)
        if door is None:
            door = self._book.with_address(recipient)
        return door if door is not None and door.kind == Door.Kind.MAIL else None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Only addresses of doors are taken."""
        door = await self.door_of(address)
        if door is None:
            return "550 5.1.1 There is no such address here"
        if door.state == Door.State.FROZEN:
            return "451 4.2.1 This address takes no mail at the moment"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Store once a recipient; one answer each, as LMTP has it (RFC 2033)."""
        data = bytes(envelope.original_content or envelope.content)
        stored = with_envelope(envelope.mail_from or "", data)
        return "\r\n".join([await self._store(address, data, stored) for address in envelope.rcpt_tos])

    async def _store(self, address: str, original: bytes, stored: bytes) -> str:
        door = await self.door_of(address)
        if door is None:
            return LATER
        arrival = inbox.Arrival(
            door_id=door.id,
            channel="mail",
            key=mail_key(original),
            content_type="message/rfc822",
            body=stored,
        )
        try:
            await inbox.writer().accepted(arrival)
        except inbox.Full:
            return LATER
        except Exception:
            log.exception("a mail could not be stored")
            return LATER
        return "250 2.0.0 Stored"

    def close(self) -> None:
        """End the thread of the database."""
        self._pool.shutdown(wait=False)


class Listener(Controller):
    """The LMTP server in a thread of its own."""

    def factory(self) -> LMTP:
        """One session."""
        return LMTP(self.handler, data_size_limit=SIZE_MAX, enable_SMTPUTF8=True, ident="Entraide")


def listen(address: str) -> Listener:
    """Listen at ``"127.0.0.1:8024"``; ``stop()`` ends it. Port 0 is not allowed (nobody could find it)."""
    host, _, port = address.rpartition(":")
    listener = Listener(Handler(), hostname=host or "127.0.0.1", port=int(port))
    listener.start()
    return listener
