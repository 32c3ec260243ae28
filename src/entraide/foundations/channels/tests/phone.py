"""A scripted SMSSync: sends what the Java client sends, believes what it believes.

``MessageHttpClient``, ``PostMessage`` and ``ProcessMessageResult`` of SMSSync 3.x, by behaviour: the secret
is left out of ``task=sent``, ``message_result`` is a string holding JSON, XML travels under a JSON type.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

Transport = Callable[[str, str, dict[str, str], bytes], tuple[int, bytes]]  # method, target, headers, body

TEST_SENTENCE = "Test integration of SMSsync with the web service"  # any fixed sentence


@dataclass
class Telephone:
    """One telephone with the app."""

    transport: Transport
    path: str
    secret: str = ""
    method: str = "POST"
    scheme: str = "URLEncoded"  # JSON, XML
    names: dict[str, str] = field(default_factory=dict)  # renamed fields
    message_results: bool = True
    sent_by_radio: list[tuple[str, str]] = field(default_factory=list)
    queue: list[dict[str, str]] = field(default_factory=list)

    def _call(self, method: str, query: str, kind: str, body: bytes) -> tuple[int, Any]:
        headers = {"user-agent": "SMSSync-Android/v3.1.1", "content-type": kind}
        status, answer = self.transport(method, self.path + query, headers, body)
        return status, json.loads(answer) if answer else None

    def _encode(self, fields: dict[str, str]) -> tuple[str, bytes]:
        named = {self.names.get(name, name): value for name, value in fields.items()}
        if self.scheme == "JSON":
            return "application/json; charset=utf-8", json.dumps(named).encode()
        if self.scheme == "XML":
            inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in named.items())
            # The client's own mistake: XML under a JSON type.
            return "application/json; charset=utf-8", f"<payload>{inside}</payload>".encode()
        return "application/x-www-form-urlencoded", urlencode(named).encode()

    def receive(
        self,
        sender: str,
        text: str,
        *,
        timestamp: str = "1700000000000",
        number: str | None = None,
        **more: str,
    ) -> tuple[int, Any]:
        """An SMS came: post it (call 1)."""
        fields = {"secret": self.secret} if self.secret else {}
        fields |= {"from": sender, "message": text, "sent_timestamp": timestamp, "sent_to": "+50922222222"}
        fields |= {"message_id": number or str(uuid.uuid4()), "device_id": "d1"} | more
        kind, body = self._encode(fields)
        return self._call(self.method, "", kind, body)

    def believes(self, answer: tuple[int, Any]) -> bool:
        """Whether the app takes an answer for success; else it tries again, and deletes at last."""
        status, content = answer
        payload = (content or {}).get("payload") or {}
        return status in (200, 201) and payload.get("success") in (True, "true") and not payload.get("error")

    def test_integration(self) -> tuple[int, Any]:
        """The button (call 6): no time, no id."""
        fields = {"secret": self.secret, "from": "+000000000000", "message": TEST_SENTENCE}
        kind, body = self._encode(fields)
        return self._call(self.method, "", kind, body)

    def poll(self) -> tuple[int, Any]:
        """Call 2, and 3 where "Message Results" is on; what it may send it sends."""
        secret = f"&secret={self.secret}" if self.secret else ""
        status, answer = self._call("GET", f"?task=send{secret}", "", b"")
        payload = (answer or {}).get("payload") or {}
        if status != 200 or payload.get("task") != "send" or payload.get("secret", "") != self.secret:
            return status, answer
        messages = list(payload["messages"])  # unguarded, as in the app
        if self.message_results and messages:
            queued = json.dumps({"queued_messages": [message["uuid"] for message in messages]}).encode()
            _status, echoed = self._call("POST", "?task=sent", "application/json", queued)
            messages = [message for message in messages if message["uuid"] in echoed["message_uuids"]]
        self.sent_by_radio += [(message["to"], message["message"]) for message in messages]
        self.queue += messages
        return status, answer

    def wanted(self) -> list[str]:
        """Call 4."""
        _status, answer = self._call("GET", f"?task=result&secret={self.secret}", "", b"")
        return list(answer["message_uuids"])

    def report(
        self, uuids: list[str], *, delivered: int = 0, as_text: bool = True, **more: Any
    ) -> tuple[int, Any]:
        """Call 5."""
        results: Any = [
            {
                "uuid": each,
                "sent_result_code": "",  # never filled by 3.x
                "sent_result_message": "SMSSync Message Sent",
                "delivered_result_code": delivered,
                "delivered_result_message": "",
                "sent_timestamp": "14 janv. 2010 05:12:44",
                "delivered_timestamp": "",
            }
            | more
            for each in uuids
        ]
        body = {"message_result": json.dumps(results) if as_text else results}
        return self._call(
            "POST", f"?task=result&secret={self.secret}", "application/json", json.dumps(body).encode()
        )
