"""Handing many messages in as machines do: keep-alive HTTP and LMTP, with the patience of a telephone.

Used by ``entraide replay`` and the benchmarks. A message that is refused for now (503, a broken connection)
is tried again; only a final refusal is counted as such.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
import smtplib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

TEXT_NAMES = ("message", "text", "body", "original", "content")
NUMBER_NAMES = ("message_id", "id", "uuid", "key")
SENDER_NAMES = ("from", "sender", "phone", "msisdn", "contact")
TIME_NAMES = ("sent_timestamp", "sent_at", "time", "timestamp", "date", "created_at")
PATIENCE = 40  # attempts
ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a file."""

    number: str
    sender: str
    text: str
    sent_at: str


@dataclass(slots=True)
class Tally:
    """What came of the deliveries."""

    sent: int = 0
    acknowledged: int = 0
    refused: int = 0
    retried: int = 0
    acknowledged_lines: set[str] = field(default_factory=set)
    answers: dict[int, int] = field(default_factory=dict)

    def count(self, line: Line, status: int) -> None:
        """One final answer."""
        self.answers[status] = self.answers.get(status, 0) + 1
        if 200 <= status < 400:
            self.acknowledged += 1
            self.acknowledged_lines.add(line.number)
        else:
            self.refused += 1


def read_file(path: Path) -> tuple[list[Line], dict[str, str]]:
    """The messages of a CSV, CSV.gz or JSON-lines file, and which column was taken for what.

    A row without text is left out. Where no column tells the sender, each row gets a number of its own
    under a country code nobody has.

    Raises:
        ValueError: no column holds texts.
    """
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    text = data.decode("utf-8-sig", "replace")
    if path.name.removesuffix(".gz").endswith((".jsonl", ".ndjson", ".json")):
        rows: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines() if line.strip()]
    else:
        csv.field_size_limit(10_000_000)
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    names = list(rows[0]) if rows else []

    def first(wanted: Iterable[str]) -> str:
        by_plain = {name.strip().lower(): name for name in names if name}
        return next((by_plain[name] for name in wanted if name in by_plain), "")

    columns = {
        "text": first(TEXT_NAMES),
        "id": first(NUMBER_NAMES),
        "from": first(SENDER_NAMES),
        "time": first(TIME_NAMES),
    }
    if not columns["text"]:
        raise ValueError(f"no column of texts; looked for {', '.join(TEXT_NAMES)} among {', '.join(names)}")
    return list(_lines(rows, columns)), columns


def _lines(rows: list[dict[str, Any]], columns: dict[str, str]) -> Iterator[Line]:
    for position, row in enumerate(rows, 1):

        def value(what: str, row: dict[str, Any] = row) -> str:
            found = row.get(columns[what]) if columns[what] else None
            return "" if found is None else str(found)

        if value("text"):
            number = value("id") or str(position)
            yield Line(number, value("from") or f"+999{position:08d}", value("text"), value("time"))


# -- HTTP --------------------------------------------------------------------------------------------


def sms_body(line: Line, secret: str) -> bytes:
    """What SMSSync would post."""
    said = {"from": line.sender, "message": line.text, "message_id": line.number, "secret": secret}
    if line.sent_at:
        said["sent_timestamp"] = line.sent_at
    return urlencode(said).encode()


def form_body(line: Line, secret: str) -> bytes:
    """What the site's form would post."""
    return urlencode({"text": line.text, "contact": line.sender, "key": f"replay-{line.number}"}).encode()


async def post_all(
    deliveries: Iterable[tuple[Line, bytes]], *, host: str, port: int, path: str, concurrency: int
) -> Tally:
    """Post every delivery over so many keep-alive connections."""
    waiting = deque(deliveries)
    tally = Tally(sent=len(waiting))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    )

    async def connection() -> None:
        reader: asyncio.StreamReader | None = None
        writer: asyncio.StreamWriter | None = None
        while waiting:
            line, body = waiting.popleft()
            for attempt in range(PATIENCE):
                try:
                    if writer is None or reader is None:
                        reader, writer = await asyncio.open_connection(host, port)
                    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                    status = await asyncio.wait_for(_answer(reader), ANSWER_SECONDS)
                except (OSError, EOFError, TimeoutError):
                    status = 0
                    if writer is not None:
                        writer.close()
                    reader = writer = None
                if status not in (0, 429, 502, 503, 504):
                    break
                tally.retried += 1
                await asyncio.sleep(min(0.05 * 2**attempt, 2.0))
            tally.count(line, status)
        if writer is not None:
            writer.close()

    await asyncio.gather(*(connection() for _ in range(concurrency)))
    return tally


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one answer whole; returns its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    length, chunked = 0, False
    for name, _, value in (header.partition(":") for header in head[1:]):
        if name.lower() == "content-length":
            length = int(value)
        elif name.lower() == "transfer-encoding":
            chunked = "chunked" in value.lower()
    if chunked:
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    elif length:
        await reader.readexactly(length)
    return int(head[0].split(" ", 2)[1])


# -- LMTP --------------------------------------------------------------------------------------------


def mail_of(line: Line, recipient: str) -> bytes:
    """What a mail server would hand on."""
    mail = EmailMessage()
    mail["From"] = f"{line.sender.strip('+')}@replay.invalid" if "@" not in line.sender else line.sender
    mail["To"] = recipient
    mail["Subject"] = "Message"
    mail["Message-ID"] = f"<{line.number}@replay.invalid>"
    mail.set_content(line.text, charset="utf-8", cte="base64")
    return mail.as_bytes()


def mail_all(deliveries: list[Line], *, host: str, port: int, recipient: str, concurrency: int) -> Tally:
    """Hand every delivery over by LMTP, over so many sessions."""
    from concurrent.futures import ThreadPoolExecutor

    tally = Tally(sent=len(deliveries))
    waiting = deque(deliveries)

    def session() -> list[tuple[Line, int]]:
        done: list[tuple[Line, int]] = []
        with smtplib.LMTP(host, port, timeout=ANSWER_SECONDS) as server:
            while True:
                try:
                    line = waiting.popleft()
                except IndexError:
                    return done
                try:
                    server.sendmail("replay@replay.invalid", [recipient], mail_of(line, recipient))
                    done.append((line, 250))
                except smtplib.SMTPRecipientsRefused as error:
                    done.append((line, next(iter(error.recipients.values()))[0]))
                except smtplib.SMTPResponseException as error:
                    done.append((line, error.smtp_code))

    with ThreadPoolExecutor(concurrency) as pool:
        for results in pool.map(lambda _: session(), range(concurrency)):
            for line, status in results:
                tally.count(line, status)
    return tally
