"""The book of doors: soon right, never in the way."""

from __future__ import annotations

import asyncio

import pytest

from entraide.foundations.channels.doors import book as books
from entraide.foundations.channels.doors.book import Book, Entry


class Clock:
    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(books, "time", made)
    return made


class Doors:
    """A database of doors that counts how often it is asked."""

    def __init__(self, *tokens):
        self.tokens, self.asked, self.slow = list(tokens), 0, 0.0

    async def __call__(self, function, *arguments):
        self.asked += 1
        await asyncio.sleep(self.slow)
        if self.tokens is None:
            raise RuntimeError("gone")
        return {token: Entry(1, "mail", token, "open", "", {"address": "A@b.c"}) for token in self.tokens}


def run(coroutine):
    return asyncio.run(coroutine)


def test_known_doors_are_renewed_beside_the_request(clock):
    doors = Doors("a")

    async def story():
        book = Book()
        assert await book.find("a", doors)
        assert await book.find("a", doors)
        assert doors.asked == 1
        clock.now += 1.5
        assert await book.find("a", doors)  # served from the old book
        await asyncio.sleep(0.01)
        assert doors.asked == 2

    run(story())


def test_a_stale_book_is_waited_for(clock):
    doors = Doors("a")

    async def story():
        book = Book()
        await book.find("a", doors)
        doors.tokens = []
        clock.now += 3
        assert await book.find("a", doors) is None

    run(story())


def test_an_unknown_token_is_looked_up_afresh_but_not_endlessly(clock):
    doors = Doors()

    async def story():
        book = Book()
        assert await book.find("new", doors) is None
        doors.tokens = ["new"]
        clock.now += 0.1
        assert await book.find("new", doors) is None
        assert doors.asked == 1
        clock.now += 0.3
        assert await book.find("new", doors)

    run(story())


def test_many_callers_share_one_renewal(clock):
    doors = Doors("a")

    async def story():
        book = Book()
        found = await asyncio.gather(*(book.find("a", doors) for _ in range(64)))
        assert all(found)
        assert doors.asked == 1

    run(story())


@pytest.mark.logs_errors
def test_without_a_database_the_old_book_serves(clock):
    doors = Doors("a")

    async def story():
        book = Book()
        await book.find("a", doors)
        doors.tokens = None
        clock.now += 60
        assert await book.find("a", doors)

    run(story())


def test_a_slow_page_costs_no_message(clock, monkeypatch):
    monkeypatch.setattr(books, "PATIENCE_SECONDS", 0.02)
    doors = Doors("a")

    async def story():
        book = Book()
        await book.find("a", doors)
        doors.slow = 0.1
        clock.now += 60
        assert await book.find("a", doors)
        await asyncio.sleep(0.15)

    run(story())


def test_an_address_of_its_own(clock):
    async def story():
        book = Book()
        await book.find("x", Doors("a"))
        assert book.with_address("a@B.C")
        assert book.with_address("b@b.c") is None

    run(story())
