"""The signed webhook: the published vector, and everything unsigned, altered or stale refused."""

from __future__ import annotations

import json
import time

import pytest

from entraide.foundations.channels import inbox
from entraide.foundations.channels.doors import webhook
from entraide.foundations.channels.doors.book import Entry
from entraide.foundations.channels.tests.helpers import call_raw, messages_of
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db
SECRET = "correct horse battery staple"
VECTOR = "b34b7b8cb5ce19aa8354044d73439bcf38806c399370f6ef358f649e4ad640cf"


@pytest.fixture
def hook(open_door):
    return open_door("webhook", SECRET)


def send(hook, content, *, secret=SECRET, at=None, alter=lambda body: body, **headers):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    timestamp = str(int(time.time()) if at is None else at)
    headers = {
        "X-Entraide-Timestamp": timestamp,
        "X-Entraide-Signature": webhook.signature(secret, timestamp, body),
    } | headers
    response = call_raw("POST", f"/door/webhook/{hook.token}", headers, alter(body))
    return response.status, json.loads(response.body)


def test_the_published_vector():
    assert webhook.signature(SECRET, "1700000000", b'{"id":"1","text":"Water please"}') == VECTOR
    assert VECTOR in webhook.__doc__


def test_a_signed_message(hook):
    said = {
        "id": 7,
        "text": "Water",
        "from": "+50937123456",
        "language": "en",
        "sent_at": 1700000000,
        "x": [1],
    }
    assert send(hook, said) == (202, {"accepted": True, "repeated": False})
    assert send(hook, said) == (202, {"accepted": True, "repeated": True})
    [message] = messages_of(hook)
    assert (message.text, message.language, message.language_sure) == ("Water", "en", True)
    assert message.channel == "webhook"
    assert message.fields == {"x": [1]}
    assert message.contact_id


def test_the_sender_cannot_set_a_message_aside(hook):
    send(hook, {"id": "1", "text": "Water", "set_aside": "test"})
    assert messages_of(hook)[0].set_aside == ""


def test_a_prefixed_signature(hook):
    body = b'{"id":"1","text":"Water please"}'
    timestamp = str(int(time.time()))
    given = "sha256=" + webhook.signature(SECRET, timestamp, body).upper()
    assert send(hook, body, **{"X-Entraide-Signature": given, "X-Entraide-Timestamp": timestamp})[0] == 202


@pytest.mark.parametrize(
    "more",
    [
        {"secret": "another secret of sixteen"},
        {"alter": lambda body: body.replace(b"Water", b"Wader")},
        {"alter": lambda body: body + b" "},
        {"X-Entraide-Signature": ""},
        {"X-Entraide-Timestamp": "1"},
        {"at": time.time() - 400},
        {"at": int(time.time()) - 400},
        {"at": int(time.time()) + 400},
        {"at": "soon"},
        {"at": "²"},
        {"X-Entraide-Signature": "é"},
    ],
)
def test_unsigned_altered_or_stale(hook, more):
    status, problem = send(hook, {"id": "1", "text": "Water"}, **more)
    assert status == 401
    assert problem["status"] == 401
    assert inbox.read(0, 1) == []


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b"", {"text": "Water"}, {"id": "1"}, {"id": True, "text": "a"}, {"id": "", "text": "a"},
     {"id": [], "text": "a"}, {"id": "1", "text": ""}, {"id": "1", "text": 5}],
)  # fmt: skip
def test_signed_but_unreadable(hook, content):
    assert send(hook, content)[0] == 400
    assert inbox.read(0, 1) == []


def test_only_post(hook):
    assert call_raw("GET", f"/door/webhook/{hook.token}").status == 405


def test_a_frozen_door(hook):
    hook.state = "frozen"
    hook.save()
    status, _problem = send(hook, {"id": "1", "text": "Water"})
    assert status == 503


def test_a_door_without_secret_takes_nothing():
    entry = Entry(1, "webhook", "t", "open", "")
    from entraide.foundations.channels.tests.helpers import request_of

    timestamp = str(int(time.time()))
    headers = {
        "X-Entraide-Timestamp": timestamp,
        "X-Entraide-Signature": webhook.signature("", timestamp, b"{}"),
    }
    assert webhook.read(request_of(None, "POST", "/x", headers, b"{}"), entry).status == 401


def test_a_short_secret_is_refused(open_door):
    with pytest.raises(Refusal, match="16"):
        open_door("webhook", "short")
