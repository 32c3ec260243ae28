"""SMSSync, the Android app: six calls and the quirks of its real client.

The app is unmaintained since 2017, still installed, and its protocol is copied by other gateways. What it
documents and what it sends differ; each difference has a test (``tests/test_smssync.py``).

=====  ===============================================  ===============================================
call   request                                          answer
=====  ===============================================  ===============================================
1      POST or PUT, the message's fields                ``payload.success``
2      GET ``?task=send``                               ``payload.task, secret, messages``
3      POST ``?task=sent``, ``queued_messages`` (no     ``message_uuids``: it sends those echoed
       secret: the path and known uuids must do)
4      GET ``?task=result``                             ``message_uuids`` whose reports we want
5      POST ``?task=result``, ``message_result``        200
6      POST, the app's own test                         as 1
=====  ===============================================  ===============================================
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
import orjson
from defusedxml.common import DefusedXmlException

from entraide.foundations.channels import actions
from entraide.foundations.channels.doors.book import Entry
from entraide.foundations.channels.inbox import Accepted, Arrival
from entraide.foundations.channels.rules.hearing import without_surrogates
from entraide.raw import RawRequest, RawResponse

FIELDS = ("secret", "from", "message", "sent_timestamp", "sent_to", "message_id", "device_id")
TEST_NUMBER = re.compile(r"\+?0{6,}")
JSON_TYPE = (("content-type", "application/json; charset=utf-8"), ("cache-control", "no-store"))
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Ask:
    """A call that needs the database: the queue of answers, or what became of them."""

    task: str  # "send", "sent", "wanted", "result"
    values: tuple[Any, ...] = ()
    secret: str = ""


def answer(
    content: dict[str, Any], status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> RawResponse:
    """A JSON answer."""
    return RawResponse(status, orjson.dumps(content), JSON_TYPE + headers)


def refused(status: int, error: str, retry_after: int | None = None) -> RawResponse:
    """A refusal in the app's words; it shows ``error`` to whoever holds the telephone."""
    headers = (("retry-after", str(retry_after)),) if retry_after else ()
    return answer({"payload": {"success": False, "error": error}}, status, headers)


def stored(accepted: Accepted) -> RawResponse:
    """The message is on disk; a repeat gets the same answer, or the telephone would never stop."""
    return answer({"payload": {"success": True, "error": None}})


def read(request: RawRequest, door: Entry) -> Arrival | RawResponse | Ask:
    """Understand one call. Pure."""
    parameters = request.parameters()
    if request.method not in ("GET", "POST", "PUT"):
        return answer(
            {"payload": {"success": False, "error": "Use POST"}}, 405, (("allow", "GET, POST, PUT"),)
        )
    said = read_body(request.body)
    if said is None:
        return refused(400, "The message could not be read")
    fields = renamed(said, door.settings.get("fields"))
    secret = fields.get("secret") or parameters.get("secret", "")
    task = parameters.get("task") or _text(said.get("task"))
    if task == "sent" and request.method != "GET":
        # The real client sends no secret here.
        return Ask("sent", tuple(_list(said.get("queued_messages"))))
    if door.secret and not hmac.compare_digest(secret.encode(), door.secret.encode()):
        return refused(403, "The secret is wrong")
    if task == "send":
        return Ask("send", secret=secret)
    if task == "result":
        if request.method == "GET":
            return Ask("wanted")
        return Ask("result", tuple(_list(said.get("message_result"))))
    if request.method == "GET":
        return refused(400, "Missing message")
    return message(request, fields, door)


def message(request: RawRequest, fields: dict[str, str], door: Entry) -> Arrival | RawResponse:
    """Call 1 and call 6."""
    sender, text = fields.get("from", "").strip(), fields.get("message", "")
    if not sender:
        return refused(400, "Missing from value")
    if not text:
        return refused(400, "Missing message")
    sent_at, number = fields.get("sent_timestamp", ""), fields.get("message_id", "")
    heard: dict[str, Any] = {"from": sender, "text": text, "sent_at": sent_at}
    if TEST_NUMBER.fullmatch(sender):
        heard["set_aside"] = "test"
    heard |= {name: fields[name] for name in ("sent_to", "device_id") if fields.get(name)}
    # One id for two texts exists in old apps, and many ids for one text in others' copies of the
    # protocol; so the words count too. Without id and time a day's repeats are one message.
    when = sent_at or ("" if number else f"day {int(time.time() // DAY)}")
    words = hashlib.sha256("\0".join((sender, text, when)).encode()).hexdigest()
    return Arrival(
        door_id=door.id,
        channel="sms",
        key=f"{number}\0{words}",
        content_type=request.headers.get("content-type", "")[:200],
        headers={"user-agent": request.headers.get("user-agent", "")[:200]},
        body=request.body,
        fields=heard,
    )


async def ask(asked: Ask, request: RawRequest, door: Entry) -> RawResponse:
    """Calls 2 to 5."""
    if asked.task == "send":
        waiting = await request.in_django(_hand_out, door.id)
        # Always the list: the client loops over it unguarded. The secret must equal the telephone's.
        return answer({"payload": {"task": "send", "secret": asked.secret, "messages": waiting}})
    if asked.task == "sent":
        return answer({"message_uuids": await request.in_django(_sent, door.id, asked.values)})
    if asked.task == "wanted":
        return answer({"message_uuids": await request.in_django(_wanted, door.id)})
    await request.in_django(_reports, door.id, asked.values)
    return answer({"payload": {"success": True, "error": None}})


def _hand_out(door_id: int) -> list[dict[str, str]]:
    return actions.hand_out(door_id=door_id)


def _sent(door_id: int, uuids: tuple[Any, ...]) -> list[str]:
    return actions.acknowledge_handed(door_id=door_id, uuids=uuids)


def _wanted(door_id: int) -> list[str]:
    return actions.wanted_reports(door_id=door_id)


def _reports(door_id: int, reports: tuple[Any, ...]) -> int:
    return actions.take_reports(door_id=door_id, reports=reports)


# -- bodies ------------------------------------------------------------------------------------------


def read_body(body: bytes) -> dict[str, Any] | None:
    """A form, JSON or XML (root ``payload``), told apart by the first letter: the app sends XML under a
    JSON content type. None where it is none of them."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"["):
        return _json(body)
    if start == b"<":
        return _xml(body)
    text = body.decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200, errors="replace"))
    except ValueError:
        return None


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        # Not orjson: halves of characters and control letters in texts must not cost a message.
        found = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict) and isinstance(found.get("payload"), dict):
        found = found["payload"]
    return found if isinstance(found, dict) else None


def _xml(body: bytes) -> dict[str, Any] | None:
    try:
        root = defusedxml.ElementTree.fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return {child.tag: child.text or "" for child in root}


def renamed(said: dict[str, Any], names: Any) -> dict[str, str]:
    """The app's fields under their own names, where a user renamed them in her "sync scheme"."""
    names = names if isinstance(names, dict) else {}
    found: dict[str, str] = {}
    for name in FIELDS:
        value = said.get(str(names.get(name) or name), said.get(name))
        if value is not None:
            found[name] = _text(value)
    return found


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        value = json.dumps(value)
    return without_surrogates("" if value is None else str(value))


def _list(value: Any) -> list[Any]:
    """A list, or the string holding one that the real client sends."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    if isinstance(value, dict):
        value = [value]
    return value[:1000] if isinstance(value, list) else []
