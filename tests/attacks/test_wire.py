"""Answers given before Django: doors, live streams, tiles."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from entraide.foundations.channels.tests.helpers import on_a_loop, request_of
from entraide.website.server.live import Hub
from entraide.website.server.raw import TOO_LARGE, Routes, answer

pytestmark = pytest.mark.django_db

ADDRESSES = [
    ("POST", "/door/smssync/nobody"),
    ("POST", "/door/webhook/nobody"),
    ("GET", "/door/nothing/at-all"),
    ("POST", "/door/"),
    ("GET", "/live/desk:00000000-0000-0000-0000-000000000000"),
    ("GET", "/live/report:abcdefghij"),
    ("POST", "/live/map:x"),
    ("GET", "/tiles/lumi/0/0/0.mvt"),
    ("GET", "/tiles/lumi/99/0/0.mvt"),
    ("GET", "/tiles/nobody/0/0/0.mvt"),
    ("GET", "/tiles/lumi/0/0/0.mvt?bbox=x"),
    ("DELETE", "/tiles/lumi/0/0/0.mvt"),
]


def ask(method: str, target: str, headers: dict[str, str] | None = None) -> Any:
    """One raw answer."""

    async def begin(in_django: Any) -> Any:
        routes = Routes(Hub(in_django))
        request = request_of(in_django, method, target, headers)
        return await answer(routes.find(request.path), request)

    return on_a_loop(begin)


@pytest.mark.parametrize(("method", "target"), ADDRESSES)
def test_no_raw_answer_is_taken_for_a_page(lumi, method, target):
    told = dict(ask(method, target).headers)
    assert told["x-content-type-options"] == "nosniff"
    assert told["content-security-policy"].startswith("default-src 'none'")


def test_neither_is_a_refusal_of_a_body_too_large():
    assert dict(TOO_LARGE.headers)["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "map:",
        "map:" + "a" * 60,
        "map:a b",
        "map:../x",
        "MAP:a",
        "desk",
        "report:x:y",
        "map:%0a",
        "x" * 5_000,
    ],
)
def test_topics_that_cannot_be_are_refused(topic):
    assert ask("GET", f"/live/{topic}").status in (403, 404)


@pytest.mark.parametrize("last", ["9" * 5_000, "-1", "١٢", "1e9", "0x1", " ", "\x00"])
def test_a_strange_last_id_is_no_fault(lumi, last):
    assert ask("GET", f"/live/map:{lumi.public_id}", {"Last-Event-ID": last}).status == 200


def test_made_up_topics_leave_nothing_in_memory():
    async def listen(in_django: Any) -> Any:
        hub = Hub(in_django)
        for number in range(50):
            stream = hub._stream(f"map:{number}", None)
            await anext(stream)
            await stream.aclose()
        return hub

    hub = on_a_loop(listen)
    assert (hub.streams, len(hub._next), len(hub._listeners)) == (0, 0, 0)


def test_two_listeners_of_one_topic_both_hear(lumi):
    async def listen(in_django: Any) -> Any:
        hub = Hub(in_django)
        first, second, gone = (hub._stream("map:x", None) for _ in range(3))
        for stream in (first, second, gone):
            await anext(stream)
        await gone.aclose()
        hearing = [asyncio.ensure_future(anext(stream)) for stream in (first, second)]
        await asyncio.sleep(0)
        hub.publish([(1, "map:x", "{}")])
        return await asyncio.gather(*hearing)

    assert on_a_loop(listen) == [b"id: 1\ndata: {}\n\n"] * 2


class Silent:
    """A granian protocol whose peer sends nothing, or goes away."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.answered: list[int] = []

    async def __call__(self) -> bytes:
        if self.error:
            raise self.error
        await asyncio.Event().wait()
        return b""

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        """What granian would send."""
        self.answered.append(status)


class RSGIProtocolClosed(Exception):
    """Named as granian's own."""


def _begun(protocol: Any) -> None:
    from types import SimpleNamespace

    from entraide.website.server import rsgi

    async def begin(in_django: Any) -> None:
        application = rsgi.Application()
        application._house = SimpleNamespace(routes=Routes(Hub(in_django)))  # type: ignore[assignment]
        scope = SimpleNamespace(
            proto="http", path="/tell/x/", method="POST", headers={"content-length": "1000"}
        )
        await application.__rsgi__(scope, protocol)

    on_a_loop(begin)


def test_a_body_that_never_comes_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr("entraide.website.server.rsgi.BODY_SECONDS", 0.05)
    protocol = Silent()
    _begun(protocol)
    assert protocol.answered == [408]


def test_who_hangs_up_while_sending_is_no_fault_of_ours():
    protocol = Silent(RSGIProtocolClosed("closed"))
    _begun(protocol)
    assert protocol.answered == []
    with pytest.raises(RuntimeError):
        _begun(Silent(RuntimeError("ours")))


@pytest.mark.parametrize(
    ("told", "proxies", "address"),
    [
        ([], 0, "10.0.0.1"),
        (["6.6.6.6"], 0, "10.0.0.1"),  # nobody stands in front: anybody may have written it
        (["6.6.6.6, 1.2.3.4"], 1, "1.2.3.4"),  # the proxy appended the last
        (["6.6.6.6", "1.2.3.4"], 1, "1.2.3.4"),
        (["6.6.6.6, 1.2.3.4, 10.0.0.9"], 2, "1.2.3.4"),
        ([], 1, "10.0.0.1"),
        (["1.2.3.4"], 2, "10.0.0.1"),
        (["x" * 9_000], 1, "x" * 64),
    ],
)
def test_whose_request_it_is(told, proxies, address):
    from entraide.website.server.bridge import caller

    headers = [("Accept", "x"), *(("X-Forwarded-For", value) for value in told)]
    assert caller("10.0.0.1:4711", headers, proxies) == address
