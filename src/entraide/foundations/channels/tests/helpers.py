"""Calls at a door without a server: the handler itself, with a request as the server would make it."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from entraide.foundations.channels import doors
from entraide.foundations.channels.doors.book import Book
from entraide.raw import RawRequest, RawResponse


def on_a_loop(begin: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
    """Run a coroutine on a loop in a thread of its own; what it asks of Django is done here.

    So the event loop stands apart from the database as in the server, and Django's part sees the test's
    transaction. ``begin`` gets the function ``in_django``.
    """
    asked: queue.Queue[Any] = queue.Queue()
    outcome: dict[str, Any] = {}

    async def in_django(function: Any, *arguments: Any) -> Any:
        future = asyncio.get_running_loop().create_future()
        asked.put((function, arguments, future))
        return await future

    def run() -> None:
        try:
            outcome["result"] = asyncio.run(begin(in_django))
        except BaseException as error:
            outcome["error"] = error
        finally:
            asked.put(None)

    thread = threading.Thread(target=run)
    thread.start()
    while (item := asked.get()) is not None:
        function, arguments, future = item
        try:
            result, error = function(*arguments), None
        except Exception as exception:
            result, error = None, exception
        future.get_loop().call_soon_threadsafe(_settle, future, result, error)
    thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]


def _settle(future: Any, result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)


def request_of(
    in_django: Any, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> RawRequest:
    """A request as the server hands it over."""
    path, _, query = target.partition("?")
    headers = {name.lower(): value for name, value in (headers or {}).items()}
    return RawRequest(method=method, path=path, query=query, headers=headers, body=body, in_django=in_django)


def call_raw(
    method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> RawResponse:
    """Call a door once."""

    async def begin(in_django: Any) -> RawResponse:
        return await doors.handle(request_of(in_django, method, target, headers, body), Book())

    return on_a_loop(begin)


def call(method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """The transport of :class:`.phone.Telephone`."""
    response = call_raw(method, target, headers, body)
    return response.status, response.body


def messages_of(door: Any) -> list[Any]:
    """Take the inbox in and open the door's messages, oldest first."""
    from entraide.foundations.channels import actions, queries
    from entraide.foundations.channels.models import Message

    while actions.take_in():
        pass
    return queries.received(Message.objects.filter(door=door).order_by("pk").values_list("pk", flat=True))
