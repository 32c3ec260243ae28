"""The parts of the server without a wire: the bridge, the hub, the worker, files of messages."""

from __future__ import annotations

import asyncio
import gzip
import json
import signal
import threading
import time

import pytest
from django.db import DatabaseError

from entraide.capability import Capability, RawRoute, Retention
from entraide.foundations.channels import actions
from entraide.foundations.channels.tests.helpers import on_a_loop, request_of
from entraide.raw import RawRequest, RawResponse
from entraide.website.server import courier, live, raw, worker
from entraide.website.server.asgi import Application
from entraide.website.server.bridge import PIECE, DjangoThread, environ_of, joined
from entraide.website.server.live import MEMORY, Hub, frame, may_listen

# -- the bridge --------------------------------------------------------------------------------------


def serve(application, **more):
    """Answer one request with a WSGI application; returns the answer and its whole body."""
    thread = DjangoThread(application)

    async def story():
        said = {"method": "GET", "path": "/é", "query": "a=1", "headers": [("Host", "x"), ("Cookie", "a=1")]}
        said |= {
            "body": b"",
            "client": "1.2.3.4:5",
            "server": "x:80",
            "scheme": "http",
            "protocol": "1.1",
        } | more
        response = await thread.answer(environ_of(**said))
        body = response.body
        if response.stream is not None:
            async for piece in response.stream:
                body += piece
        return response, body

    try:
        return asyncio.run(story())
    finally:
        thread.close()


class Answer(list):
    closed = 0

    def close(self):
        Answer.closed += 1


@pytest.fixture(autouse=True)
def nothing_closed():
    Answer.closed = 0


def test_the_environ():
    environ = environ_of(
        method="POST", path="/é", query="q", body=b"abc", client="[::1]:5", server="example.org:8000",
        scheme="https", protocol="1.1",
        headers=[("Content-Type", "text/plain"), ("cookie", "a=1"), ("cookie", "b=2"), ("X-A", "1"), ("x-a", "2"),
                 ("Transfer-Encoding", "chunked"), ("Content-Length", "99")],
    )  # fmt: skip
    assert environ["PATH_INFO"] == "/Ã©"
    assert environ["CONTENT_LENGTH"] == "3"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_X_A"] == "1,2"
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert environ["REMOTE_ADDR"] == "::1"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("example.org", "8000")
    assert "HTTP_TRANSFER_ENCODING" not in environ
    assert environ["wsgi.input"].read() == b"abc"


def test_repeated_headers_are_joined():
    assert joined([("A", "1"), ("a", "2"), ("B", "3")]) == {"a": "1, 2", "b": "3"}


def test_a_small_answer_comes_whole():
    def application(environ, start_response):
        start_response("200 OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return Answer([b"a", b"b"])

    response, body = serve(application)
    assert (response.status, body, response.stream) == (200, b"ab", None)
    assert response.headers == (("set-cookie", "a=1"), ("set-cookie", "b=2"))
    assert Answer.closed == 1


def test_a_large_answer_never_stands_in_memory_whole():
    made = []

    def application(environ, start_response):
        start_response("200 OK", [])

        def rows():
            for _ in range(64):
                made.append(1)
                yield b"x" * (PIECE // 8)

        return rows()

    thread = DjangoThread(application)

    async def story():
        environ = environ_of(
            method="GET", path="/", query="", headers=[], body=b"", client="", server="x:1", scheme="http", protocol="1.1"
        )  # fmt: skip
        response = await thread.answer(environ)
        assert len(made) == 8
        async for _piece in response.stream:
            assert len(made) <= 16
            break
        await response.stream.aclose()

    asyncio.run(story())
    thread.close()


def test_a_large_answer_arrives_whole():
    def application(environ, start_response):
        start_response("200 OK", [])
        return iter([b"x" * PIECE, b"y" * PIECE, b"z"])

    assert serve(application)[1] == b"x" * PIECE + b"y" * PIECE + b"z"


def test_a_fault_closes_the_answer():
    class Broken(Answer):
        def __iter__(self):
            raise ValueError("no")
            yield

    def application(environ, start_response):
        start_response("200 OK", [])
        return _Raising()

    class _Raising:
        def __iter__(self):
            return self

        def __next__(self):
            raise ValueError("no")

        def close(self):
            Answer.closed += 1

    with pytest.raises(ValueError, match="no"):
        serve(application)
    assert Answer.closed == 1


def test_functions_run_on_the_one_thread():
    thread = DjangoThread(lambda environ, start_response: [])

    async def story():
        names = await asyncio.gather(*(thread.run(lambda: threading.current_thread().name) for _ in range(5)))
        assert set(names) == {"django_0"}

    asyncio.run(story())
    thread.close()


# -- routes ------------------------------------------------------------------------------------------


def test_cards_add_hot_routes(monkeypatch):
    async def tile(request):
        return RawResponse(200, request.query.encode())

    card = Capability(name="x", label="x", sentence="x", raw_routes=[RawRoute(prefix="/tiles/", handle=tile)])
    monkeypatch.setattr(raw, "slot", lambda name: list(getattr(card, name)))
    routes = raw.Routes(Hub(None))
    request = request_of(None, "GET", "/tiles/a/1/2/3.mvt?category=x")
    assert asyncio.run(raw.answer(routes.find("/tiles/a"), request)).body == b"category=x"
    assert routes.find("/door/smssync/x").body_max == 1_000_000
    assert routes.find("/live/map:1")
    assert routes.find("/") is None


@pytest.mark.logs_errors
def test_a_handler_s_fault_tells_nothing():
    async def fail(request):
        raise ValueError("secret")

    response = asyncio.run(raw.answer(raw.Route("/x/", fail, 0), request_of(None, "GET", "/x/")))
    assert response.status == 500
    assert b"secret" not in response.body


def test_the_last_of_repeated_parameters_wins():
    assert request_of(None, "GET", "/?a=1&a=2&b=").parameters() == {"a": "2", "b": ""}
    assert RawRequest.__slots__


# -- the hub -----------------------------------------------------------------------------------------


def test_one_frame_for_all_listeners_of_a_topic():
    async def story():
        hub = Hub(None)
        streams = [(await hub.handle(request_of(None, "GET", "/live/map:1"))).stream for _ in range(50)]
        assert [await anext(stream) for stream in streams] == [b"retry: 2000\n\n"] * 50
        assert hub.streams == 50
        waiting = [asyncio.ensure_future(anext(stream)) for stream in streams]
        await asyncio.sleep(0)
        hub.publish([(1, "map:1", '{"a":1}'), (2, "map:2", "{}"), (3, "map:1", '{"a":2}')])
        frames = await asyncio.gather(*waiting)
        assert set(frames) == {b'id: 1\ndata: {"a":1}\n\nid: 3\ndata: {"a":2}\n\n'}
        assert len({id(each) for each in frames}) == 1  # encoded once
        hub.close()
        for stream in streams:
            assert [piece async for piece in stream] == []
        assert hub.streams == 0
        refused = await hub.handle(request_of(None, "GET", "/live/map:1"))
        assert refused.status == 503

    asyncio.run(story())


def test_nothing_falls_between_two_frames():
    async def story():
        hub = Hub(None)
        stream = (await hub.handle(request_of(None, "GET", "/live/map:1"))).stream
        await anext(stream)
        hub.publish([(1, "map:1", "{}")])
        assert await anext(stream) == frame([(1, "{}")])
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        hub.publish([(2, "map:1", "{}")])
        assert await waiting == frame([(2, "{}")])
        await stream.aclose()
        assert hub.streams == 0

    asyncio.run(story())


def test_a_heartbeat_and_an_end(monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.05)

    async def story():
        stream = (await Hub(None).handle(request_of(None, "GET", "/live/map:1"))).stream
        pieces = [piece async for piece in stream]
        assert pieces[0] == b"retry: 2000\n\n"
        assert set(pieces[1:]) == {b": here\n\n"}

    asyncio.run(story())


def test_who_comes_back_hears_what_she_missed():
    async def story():
        hub = Hub(None)
        hub.publish([(number, f"map:{number % 2}", str(number)) for number in range(1, MEMORY + 11)])
        assert hub.missed("map:1", MEMORY + 10) == b""
        assert hub.missed("map:1", MEMORY + 6) == frame(
            [(MEMORY + 7, str(MEMORY + 7)), (MEMORY + 9, str(MEMORY + 9))]
        )
        assert b"reload" in hub.missed("map:1", 3)  # too long away
        assert b"reload" in hub.missed("map:1", MEMORY + 99)  # from another life
        request = request_of(None, "GET", "/live/map:1", {"Last-Event-ID": str(MEMORY + 8)})
        stream = (await hub.handle(request)).stream
        assert str(MEMORY + 9).encode() in await anext(stream)
        await stream.aclose()

    asyncio.run(story())


def test_too_many_streams(monkeypatch):
    monkeypatch.setattr(live, "STREAMS_MAX", 0)
    response = asyncio.run(Hub(None).handle(request_of(None, "GET", "/live/map:1")))
    assert response.status == 503
    assert asyncio.run(Hub(None).handle(request_of(None, "POST", "/live/map:1"))).status == 405


@pytest.mark.django_db
def test_who_may_hear_what(client, lumi, alice, bob, vera, charlie, monkeypatch):
    topic = f"desk:{lumi.public_id}"

    def key_of(person):
        client.force_login(person)
        return client.cookies["sessionid"].value

    for person, expected in ((alice, True), (bob, True), (vera, True), (charlie, False)):
        assert may_listen(key_of(person), topic) is expected
    assert not may_listen("", topic)
    assert not may_listen("nonsense", topic)
    assert may_listen("", f"map:{lumi.public_id}")
    for other in ("desk:nonsense", "everything", ""):
        assert not may_listen(key_of(alice), other)
    card = Capability(
        name="x", label="x", sentence="x", may_listen=lambda person, topic: topic == "report:abc"
    )
    monkeypatch.setattr(live, "cards", lambda: (card,))
    assert may_listen("", "report:abc")
    assert not may_listen("", "report:abd")

    def story(cookie):
        async def begin(in_django):
            hub = Hub(in_django)
            return (
                await hub.handle(request_of(in_django, "GET", f"/live/{topic}", {"Cookie": cookie}))
            ).status

        return on_a_loop(begin)

    assert story(f"sessionid={key_of(bob)}") == 200
    assert story(f"sessionid={key_of(charlie)}") == 403
    assert story("") == 403
    assert story("\x00=;;=") == 403


def test_the_hub_asks_the_database(monkeypatch):
    batches = [[(1, "map:1", "{}")], DatabaseError("busy"), [(2, "map:1", "{}")]]

    class Watch:
        def new(self):
            found = batches.pop(0) if batches else []
            if isinstance(found, Exception):
                raise found
            return found

    monkeypatch.setattr(live.queries, "LiveWatch", Watch)
    monkeypatch.setattr(live, "POLL_SECONDS", 0.01)

    async def story():
        hub = Hub(None)
        stream = (await hub.handle(request_of(None, "GET", "/live/map:1"))).stream
        await anext(stream)
        hub.start(asyncio.get_running_loop())
        assert b"id: 1" in await anext(stream)
        assert b"id: 2" in await anext(stream)
        hub.close()
        hub._thread.join()

    asyncio.run(story())


# -- the worker --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_the_worker_sees_to(monkeypatch):
    assert [duty.name for duty in worker.duties()][:2] == ["take the inbox in", "try stuck messages again"]
    assert worker.Worker([]).round() == 0
    assert actions.take_in() == 0


@pytest.mark.django_db
def test_the_worker_forgets_what_is_kept_no_longer(monkeypatch):
    """Each retention of the house and of the cards, a batch at a time until nothing is due, once an hour."""
    left = {"messages": 3, "places": 0}

    def forget(what):
        def purge(now):
            assert now.tzinfo is not None
            left[what] -= 1
            return max(0, left[what] + 1)

        return Retention(what=what, how_long="a day", purge=purge)

    kept = [forget("messages"), forget("places"), Retention(what="the journal", how_long="for ever")]
    monkeypatch.setattr(worker, "retention", lambda: kept)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    duties = [duty for duty in worker.duties() if duty.name == "forget what is kept no longer"]
    assert [duty.every_seconds for duty in duties] == [3_600.0, 3_600.0]
    made = worker.Worker(duties)
    assert made.round() == 3 + 2 + 1
    assert made.round() == 0
    assert left == {"messages": -1, "places": -1}


def test_everything_that_is_kept_for_a_time_only_is_seen_to(monkeypatch):
    told = [kept for kept in worker.retention() if kept.purge is not None]
    assert set(actions.RETENTION) <= set(told)
    assert len(told) >= 3
    calls = []
    monkeypatch.setattr(worker, "PURGE_BATCHES_MAX", 4)
    assert worker.purge(lambda now: calls.append(now) or 1) == 4  # never for ever


@pytest.mark.logs_errors
def test_a_fault_stops_no_other_work(monkeypatch):
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    done = []

    def fail():
        done.append("fault")
        raise ValueError

    work = [worker.Duty("fail", 0.0, fail), worker.Duty("go on", 0.0, lambda: done.append("x") or 1)]
    made = worker.Worker(work)
    assert made.round() == 1
    assert made.round() == 1  # the broken one waits a little
    assert done == ["fault", "x", "x"]


def test_recurring_work_waits_its_time(monkeypatch):
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    count = []
    made = worker.Worker([worker.Duty("now and then", 60.0, lambda: count.append(1) or 0)])
    made.round()
    made.round()
    assert len(count) == 1


def test_the_thread_stops_when_told(monkeypatch):
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    count = []
    made = worker.Worker([worker.Duty("count", 0.0, lambda: count.append(1) or 0)])
    made.start()
    time.sleep(0.25)
    made.stop()
    assert count
    assert not made._thread.is_alive()
    worker.Worker([]).stop()  # never begun


# -- files of messages -------------------------------------------------------------------------------


def test_reading_files(tmp_path):
    table = tmp_path / "a.csv.gz"
    table.write_bytes(gzip.compress("\ufeffID,Original,From,Time\n7,Dlo,37,2010\n8,,,\n9,Manje,,\n".encode()))
    lines, columns = courier.read_file(table)
    assert columns == {"text": "Original", "id": "ID", "from": "From", "time": "Time"}
    assert [(line.number, line.text, line.sender) for line in lines] == [
        ("7", "Dlo", "37"),
        ("9", "Manje", "+99900000003"),
    ]
    listing = tmp_path / "a.jsonl"
    listing.write_text(json.dumps({"text": "Dlo"}) + "\n\n")
    [line] = courier.read_file(listing)[0]
    assert (line.number, line.text, line.sent_at) == ("1", "Dlo", "")
    (tmp_path / "b.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="no column of texts"):
        courier.read_file(tmp_path / "b.csv")


def test_a_courier_has_patience():
    """503, a broken connection, a chunked answer, a refusal: as a telephone meets them."""
    answers = [
        b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n",
        b"",
        b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 403 x\r\nContent-Length: 2\r\n\r\nno",
    ]

    async def story():
        async def one(reader, writer):
            while answers:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
                answer = answers.pop(0)
                if not answer:
                    break
                writer.write(answer)
            writer.close()

        server = await asyncio.start_server(one, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        lines = [courier.Line("1", "a", "b", "5"), courier.Line("2", "a", "b", "")]
        deliveries = [(line, courier.sms_body(line, "s")) for line in lines]
        tally = await courier.post_all(deliveries, host="127.0.0.1", port=port, path="/", concurrency=1)
        assert (tally.sent, tally.acknowledged, tally.refused, tally.retried) == (2, 1, 1, 2)
        assert tally.answers == {200: 1, 403: 1}
        server.close()

    asyncio.run(story())


# -- ASGI --------------------------------------------------------------------------------------------


class House:
    """A house whose Django answers what it was asked."""

    def __init__(self):
        self.started = self.stopped = False

        def application(environ, start_response):
            start_response("200 OK", [("X-Path", environ["PATH_INFO"])])
            return [environ["wsgi.input"].read()]

        self.django = DjangoThread(application)
        self.hub = Hub(self.django.run)
        self.routes = raw.Routes(self.hub)

    def start(self, loop):
        self.started = True

    def close_streams(self):
        self.hub.close()

    def stop(self):
        self.stopped = True
        self.hub.close()
        self.django.close()


def test_asgi(monkeypatch):
    monkeypatch.setattr("entraide.website.server.asgi.House", House)

    async def story():
        application = Application()
        events, sent = asyncio.Queue(), []
        done = asyncio.Event()

        async def send(event):
            sent.append(event)
            done.set()

        await events.put({"type": "lifespan.startup"})
        life = asyncio.ensure_future(application({"type": "lifespan"}, events.get, send))
        await done.wait()
        house = application.house
        assert house.started

        async def ask(method, path, *pieces, leave=False):
            asked, answers = asyncio.Queue(), []
            for number, piece in enumerate(pieces or (b"",), 1):
                more = number < len(pieces)
                await asked.put({"type": "http.request", "body": piece, "more_body": more})
            scope = {
                "type": "http", "method": method, "path": path, "query_string": b"", "scheme": "http",
                "headers": [(b"host", b"x")], "http_version": "1.1", "client": ("1.2.3.4", 5), "server": None,
            }  # fmt: skip

            async def answer(event):
                answers.append(event)
                if leave and event["type"] == "http.response.body":
                    await asked.put({"type": "http.disconnect"})

            await application(scope, asked.get, answer)
            return answers

        answers = await ask("POST", "/page", b"a", b"b")
        assert answers[0]["status"] == 200
        assert (b"x-path", b"/page") in answers[0]["headers"]
        assert answers[1]["body"] == b"ab"
        assert (await ask("POST", "/live/map:1", b"x"))[0]["status"] == 413
        assert (await ask("GET", "/door/fax/x"))[0]["status"] == 404
        stream = await ask("GET", "/live/map:1", leave=True)
        assert stream[1]["body"] == b"retry: 2000\n\n"
        assert house.hub.streams == 0
        closed = []
        await application({"type": "websocket"}, events.get, lambda event: _keep(closed, event))
        assert closed == [{"type": "websocket.close", "code": 1000}]
        await events.put({"type": "lifespan.shutdown"})
        await life
        assert house.stopped
        assert [event["type"] for event in sent] == [
            "lifespan.startup.complete",
            "lifespan.shutdown.complete",
        ]

    asyncio.run(story())


async def _keep(kept, event):
    kept.append(event)


# -- RSGI --------------------------------------------------------------------------------------------


class Scope:
    """A request as granian hands it over."""

    def __init__(self, method="GET", path="/page", headers=(), proto="http"):
        self.method, self.path, self.proto = method, path, proto
        self.headers = Headers(headers)
        self.query_string, self.client, self.server = "", "1.2.3.4:5", "x:80"
        self.scheme, self.http_version, self.authority = "http", "2", "example.org"


class Headers(dict):
    def items(self):
        return list(super().items())


class Protocol:
    """Granian's side of one request; hangs up after ``patience`` pieces of a stream."""

    def __init__(self, *pieces, patience=99):
        self.pieces, self.patience = pieces, patience
        self.status, self.body, self.closed = 0, b"", None

    async def __call__(self):
        return b"".join(self.pieces)

    async def __aiter__(self):
        for piece in self.pieces:
            yield piece

    def close(self, status):
        self.closed = status

    def response_bytes(self, status, headers, body):
        self.status, self.body = status, body

    def response_empty(self, status, headers):
        self.status = status

    def response_stream(self, status, headers):
        self.status = status
        return self

    async def send_bytes(self, piece):
        if self.patience == 0:
            raise ProtocolClosed
        self.patience -= 1
        self.body += piece


class ProtocolClosed(RuntimeError):
    pass


def test_rsgi(monkeypatch):
    from entraide.website.server import rsgi

    monkeypatch.setattr(rsgi, "House", House)
    monkeypatch.setattr(rsgi, "PATIENCE_BYTES", 10)

    async def story():
        application = rsgi.Application()
        application.__rsgi_del__(None)  # never begun
        application.__rsgi_init__(asyncio.get_running_loop())
        house = application._house

        async def ask(scope, *pieces, **more):
            protocol = Protocol(*pieces, **more)
            await application.__rsgi__(scope, protocol)
            return protocol

        answer = await ask(Scope("POST", headers={"content-length": "2"}), b"a", b"b")
        assert (answer.status, answer.body) == (200, b"ab")
        answer = await ask(Scope("POST"), b"a", b"b")  # in chunks
        assert (answer.status, answer.body) == (200, b"ab")
        assert (await ask(Scope())).status == 200
        assert (await ask(Scope("POST", "/live/map:1", {"content-length": "1"}), b"x")).status == 413
        assert (await ask(Scope("POST", "/live/map:1"), b"x" * 9, b"y" * 9, b"z")).status == 413
        assert (await ask(Scope(path="/door/fax/x"))).status == 404
        assert (await ask(Scope(proto="ws"))).closed == 404
        stream = await ask(Scope(path="/live/map:1"), patience=0)
        assert (stream.status, stream.body, house.hub.streams) == (200, b"", 0)
        application.__rsgi_del__(None)
        assert house.stopped
        asyncio.get_running_loop().remove_signal_handler(signal.SIGUSR1)

    asyncio.run(story())


def test_a_fault_in_a_stream_is_not_hidden():
    from entraide.website.server.rsgi import send

    async def broken():
        yield b"a"
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(send(Protocol(), RawResponse(200, stream=broken())))


def test_a_house_begins_and_ends(monkeypatch):
    from entraide.website.server import house as houses

    begun = []

    class Part:
        def __init__(self, *_):
            pass

        def start(self, *_):
            begun.append("start")

        def stop(self):
            begun.append("stop")

    monkeypatch.setattr(houses, "Worker", Part)
    monkeypatch.setattr(houses.lmtp, "listen", lambda address: Part())
    monkeypatch.setattr(Hub, "start", lambda self, loop: None)

    for no_worker, listen in (("", "127.0.0.1:1"), ("1", "")):
        monkeypatch.setenv("ENTRAIDE_NO_WORKER", no_worker)
        monkeypatch.setattr(houses.settings, "LMTP_LISTEN", listen)
        made = houses.House()
        made.start(None)
        made.close_streams()
        made.stop()
    assert begun == ["start", "stop", "stop"]
