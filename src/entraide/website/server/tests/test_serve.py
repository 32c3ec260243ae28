"""The server process over the wire: doors, pages, files, live streams, replay, and stopping."""

from __future__ import annotations

import http.client
import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time

import pytest

from entraide.foundations.channels.tests.phone import Telephone
from entraide.website.server.tests.conftest import free_port, start


def ask(served, method, target, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.request(method, target, body, headers or {})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, dict(response.getheaders()), content


def transport(served):
    def send(method, target, headers, body):
        status, _headers, content = ask(served, method, target, body, headers)
        return status, content

    return send


def wait_for(served, question, answer):
    deadline = time.monotonic() + 20
    code = f"import django; django.setup()\nfrom entraide.foundations.channels.models import *\nprint({question})"
    while (found := served.run(code)) != answer:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def listen(served, topic, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.request("GET", f"/live/{topic}", headers=headers or {})
    return connection, connection.getresponse()


@pytest.mark.parametrize("scheme", ["URLEncoded", "JSON", "XML"])
def test_a_telephone_over_the_wire(served, scheme):
    phone = Telephone(transport(served), f"/door/smssync/{served.token}", "1234", scheme=scheme)
    assert phone.believes(phone.receive("+50937123456", f"Dlo é ض {scheme}"))
    assert phone.poll()[1]["payload"]["messages"] == []
    phone.secret = "wrong"
    assert phone.receive("+50937123456", "no")[0] == 403


def test_the_worker_takes_in_what_comes(served):
    phone = Telephone(transport(served), f"/door/smssync/{served.token}", "1234")
    phone.receive("+50937000000", "Hello from the wire", number="wire")
    wait_for(served, 'Contact.objects.filter(channel="sms").count() >= 1', "True")


def test_mail_over_the_wire(served):
    code = """
import django; django.setup()
from entraide.foundations.causes.models import Cause
from entraide.foundations.channels import actions
print(actions.open_door(cause=Cause.objects.get(), kind="mail", label="Mail", by=None).token)"""
    token = served.run(code)
    with smtplib.LMTP("127.0.0.1", served.lmtp, timeout=20) as server:
        server.sendmail("a@b.c", [f"entraide+{token}@x"], b"From: a@b.c\r\nSubject: s\r\n\r\nDlo")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            server.sendmail("a@b.c", ["entraide+nobody@x"], b"From: a@b.c\r\n\r\nDlo")
    wait_for(served, 'Message.objects.filter(channel="mail").count()', "1")


def test_a_door_s_body_is_bounded(served):
    status, _headers, _body = ask(served, "POST", f"/door/smssync/{served.token}", b"x" * 1_000_001)
    assert status == 413


def test_a_body_in_chunks(served):
    pieces = iter([b"secret=1234&from=+50937111111", b"&message=in+chunks"])
    status, _headers, body = ask(served, "POST", f"/door/smssync/{served.token}", pieces)
    assert (status, json.loads(body)["payload"]["success"]) == (200, True)
    status, _headers, _body = ask(served, "POST", f"/door/smssync/{served.token}", iter([b"x" * 600_000] * 2))
    assert status == 413


def test_pages_come_from_django(served):
    status, headers, body = ask(served, "GET", "/robots.txt?a=%C3%A9")
    assert status == 200
    assert b"Disallow: /door/" in body
    assert "content-security-policy" in {name.lower() for name in headers}


def test_files_are_streamed_and_revalidated(served):
    status, headers, body = ask(served, "GET", "/static/hello.txt")
    assert (status, len(body)) == (200, 600_000)
    etag = {name.lower(): value for name, value in headers.items()}.get("last-modified")
    status, _headers, body = ask(served, "GET", "/static/hello.txt", headers={"If-Modified-Since": etag})
    assert (status, body) == (304, b"")
    status, headers, body = ask(served, "HEAD", "/static/hello.txt")
    assert (status, body) == (200, b"")


def test_a_live_stream(served):
    connection, response = listen(served, "map:abc")
    assert response.status == 200
    assert response.getheader("content-type").startswith("text/event-stream")
    assert response.readline() == b"retry: 2000\n"
    response.readline()
    time.sleep(0.6)  # the hub's first look has passed
    served.run(
        "import django; django.setup()\nfrom entraide.foundations.channels import actions\n"
        "actions.announce('map:abc', {'ref': 'x', 'change': 'published'})"
    )
    number = response.readline()
    assert number.startswith(b"id: ")
    assert response.readline() == b'data: {"ref":"x","change":"published"}\n'
    connection.close()
    last = str(int(number.split()[1]) - 1)
    connection, response = listen(served, "map:abc", {"Last-Event-ID": last})
    response.readline()
    response.readline()
    assert response.readline() == number
    connection.close()


def test_desks_are_not_anybody_s_to_hear(served):
    connection, response = listen(served, f"desk:{served.cause}")
    assert response.status == 403
    connection.close()
    assert ask(served, "POST", "/live/map:abc")[0] == 405


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "door", ["smssync", pytest.param("mail", marks=SLOW), pytest.param("web", marks=SLOW)]
)
def test_replay(served, tmp_path, door):
    path = tmp_path / "messages.csv"
    rows = [f"{number},Text {number % 7} of the replay,\n" for number in range(40)]
    path.write_text("id,message,genre\n" + "".join(rows))
    command = [sys.executable, "-m", "django", "replay", str(path), "--door", door, "--cause", "replayed"]
    done = subprocess.run(
        [*command, "--to", f"http://127.0.0.1:{served.port}"],
        env=served.environment, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout.strip().splitlines()[-1])["replay"]
    assert (result["messages"], result["lost"], result["doubled"]) == (40, 0, 0)
    assert (result["sent"], result["acknowledged"]) == (120, 120)


def test_stopping_with_open_streams(served):
    port = free_port()
    environment = served.environment | {"ENTRAIDE_LMTP": ""}
    process = start(environment, port)
    second = type(served)(process, served.home, port, 0, served.token, served.cause, environment)
    connection, response = listen(second, "map:abc")
    response.readline()
    began = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    response.read()
    assert process.wait(20) == 0
    assert time.monotonic() - began < 7  # it was not killed
    connection.close()
    response.close()


def test_killed_outright_the_server_leaves_no_worker_behind(served):
    port = free_port()
    process = start(served.environment | {"ENTRAIDE_LMTP": ""}, port)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(5)
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except ConnectionRefusedError:
            break
        assert time.monotonic() < deadline, "an orphan goes on serving"
        time.sleep(0.2)
