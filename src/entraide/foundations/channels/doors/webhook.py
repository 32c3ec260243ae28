"""The signed webhook: any program that can compute an HMAC may hand messages in.

Request: ``POST`` of a JSON object with

* ``id`` (required): the sender's own name for the message; the same again is the same message;
* ``text`` (required); ``from``, ``subject``, ``language`` (BCP 47), ``sent_at`` (ISO 8601 or Unix time);
  anything else is kept.

Headers: ``X-Entraide-Timestamp`` (Unix seconds, at most five minutes off) and ``X-Entraide-Signature``
(hexadecimal HMAC-SHA256 under the door's secret, over the timestamp's digits followed directly by the raw
body). Test vector: secret ``correct horse battery staple``, timestamp ``1700000000``, body
``{"id":"1","text":"Water please"}`` gives
``b34b7b8cb5ce19aa8354044d73439bcf38806c399370f6ef358f649e4ad640cf``.

Answers: 202 ``{"accepted": true, "repeated": false}``; 400 unreadable; 401 unsigned, altered or stale;
413 too long; 503 with Retry-After: send again.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

import orjson

from entraide.foundations.channels.doors.book import Entry
from entraide.foundations.channels.inbox import Accepted, Arrival
from entraide.raw import RawRequest, RawResponse

WINDOW_SECONDS = 300
JSON_TYPE = (("content-type", "application/json"), ("cache-control", "no-store"))


def refused(status: int, error: str, retry_after: int | None = None) -> RawResponse:
    """Problem JSON (RFC 9457)."""
    headers = [("content-type", "application/problem+json"), ("cache-control", "no-store")]
    if retry_after:
        headers.append(("retry-after", str(retry_after)))
    return RawResponse(status, orjson.dumps({"title": error, "status": status}), tuple(headers))


def stored(accepted: Accepted) -> RawResponse:
    """The message is on disk."""
    return RawResponse(202, orjson.dumps({"accepted": True, "repeated": accepted.repeated}), JSON_TYPE)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What the sender must put into ``X-Entraide-Signature``."""
    return hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).hexdigest()


def read(request: RawRequest, door: Entry) -> Arrival | RawResponse:
    """Check the signature over the raw body, then understand it. Pure but for the clock."""
    if request.method != "POST":
        return RawResponse(405, b"", (("allow", "POST"),))
    timestamp = request.headers.get("x-entraide-timestamp", "").strip()
    given = request.headers.get("x-entraide-signature", "").strip().lower().removeprefix("sha256=")
    expected = signature(door.secret, timestamp, request.body)
    if not door.secret or not hmac.compare_digest(given.encode(), expected.encode()):
        return refused(401, "The signature is missing or wrong.")
    # After the signature: a stranger learns nothing about our clock.
    if (
        not (timestamp.isascii() and timestamp.isdigit())
        or abs(time.time() - int(timestamp)) > WINDOW_SECONDS
    ):
        return refused(401, "The timestamp is more than five minutes off.")
    try:
        said: Any = orjson.loads(request.body)
    except ValueError:
        return refused(400, "The body is no JSON.")
    if not isinstance(said, dict):
        return refused(400, "The body is no JSON object.")
    number, text = said.pop("id", None), said.get("text")
    if not isinstance(number, str | int) or isinstance(number, bool) or str(number) == "":
        return refused(400, "Missing id.")
    if not isinstance(text, str) or not text:
        return refused(400, "Missing text.")
    said.pop("set_aside", None)  # ours to decide
    return Arrival(
        door_id=door.id,
        channel="webhook",
        key=str(number),
        content_type=request.headers.get("content-type", "")[:200],
        headers={"user-agent": request.headers.get("user-agent", "")[:200]},
        body=request.body,
        fields=said,
    )


async def ask(asked: Any, request: RawRequest, door: Entry) -> RawResponse:
    """A webhook asks nothing."""
    raise NotImplementedError
