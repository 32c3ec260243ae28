"""Tiles on the event loop: what the house's server asks of ``tiles.handle``."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import mapbox_vector_tile
import pytest

from entraide.capabilities.crisis import tiles
from entraide.capabilities.crisis.tests.public.sample import publication
from entraide.capability import slot
from entraide.raw import RawRequest, RawResponse

pytestmark = pytest.mark.django_db


def ask(path: str, query: str = "", method: str = "GET", **headers: str) -> RawResponse:
    """The handler's answer; the database's part runs at once, on this thread."""
    later: list[Any] = []

    async def in_django(function: Any, *args: Any) -> Any:
        # Django forbids its database on a running loop: hand the work out, and its result back in.
        future = asyncio.get_running_loop().create_future()
        later.append((future, function, args))
        return await future

    request = RawRequest(
        method=method,
        path=path,
        query=query,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        in_django=in_django,
    )
    handling = tiles.handle(request)
    loop = asyncio.new_event_loop()
    try:
        task = loop.create_task(handling)
        loop.run_until_complete(asyncio.sleep(0))
        for future, function, args in later:
            try:
                future.set_result(function(*args))
            except Exception as problem:
                future.set_exception(problem)
        return loop.run_until_complete(task)
    finally:
        loop.close()


def test_the_card_hands_tiles_to_the_loop():
    assert any(route.prefix == "/tiles/" and route.handle is tiles.handle for route in slot("raw_routes"))


def test_the_loop_answers_as_django_does(lumi, client):
    for i in range(40):
        publication(lumi, f"Water {i}", at=(-18.9 + i / 9, 47.5))
    loop = ask("/tiles/lumi/5/20/17.mvt", "standing=unverified", accept_encoding="gzip, br")
    django = client.get("/tiles/lumi/5/20/17.mvt?standing=unverified")
    headers = dict(loop.headers)
    assert loop.status == 200
    assert gzip.decompress(loop.body) == django.content
    assert headers["content-encoding"] == "gzip"
    assert headers["etag"] == django.headers["ETag"]
    assert headers["cache-control"] == django.headers["Cache-Control"]
    assert mapbox_vector_tile.decode(gzip.decompress(loop.body))
    assert ask("/tiles/lumi/5/20/17.mvt", "standing=unverified").body == django.content
    assert ask("/tiles/lumi/5/20/17.mvt", method="HEAD").body == b""
    again = ask("/tiles/lumi/5/20/17.mvt", "standing=unverified", if_none_match=f"W/{headers['etag']}")
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("path", "query", "method", "status"),
    [
        ("/tiles/lumi/0/0/0.mvt", "", "POST", 405),
        ("/tiles/lumi/0/0/0.png", "", "GET", 404),
        ("/tiles/lumi/0/0/٠.mvt", "", "GET", 404),
        ("/tiles/lumi/1/2/0.mvt", "", "GET", 404),
        ("/tiles/lumi/99/0/0.mvt", "", "GET", 404),
        ("/tiles/nowhere/0/0/0.mvt", "", "GET", 404),
        ("/tiles/lumi/0/0/0.mvt", "standing=sure", "GET", 400),
        ("/tiles/lumi/0/0/0.mvt", "category=none", "GET", 400),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(lumi, path, query, method, status):
    assert ask(path, query, method).status == status
