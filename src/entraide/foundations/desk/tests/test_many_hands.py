"""Many hands at once: nobody holds what another holds, nothing is lost, nothing is counted twice."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from entraide.foundations.desk import actions
from entraide.foundations.desk.models import Answer, State, WorkItem
from entraide.foundations.journal import queries as journal
from entraide.foundations.people.models import Grant, Person
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db(transaction=True)
YES = {"verdict": "about-this"}


@pytest.fixture
def hands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Run functions in threads of their own, all at once, on one database as in production.

    The test suite's SQLite lives in memory, which has other locks than a file: so the threads work on a
    copy in a file. What is to be asserted about it runs in a thread too.
    """

    def run(functions: list[Callable[[], Any]]) -> list[Any]:
        if connection.vendor == "sqlite" and not (tmp_path / "copy.sqlite3").exists():
            copy = sqlite3.connect(tmp_path / "copy.sqlite3")
            connection.ensure_connection()
            connection.connection.backup(copy)
            copy.close()
            monkeypatch.setitem(connections.settings["default"], "NAME", str(tmp_path / "copy.sqlite3"))

        def closing(function: Callable[[], Any]) -> Any:
            try:
                return function()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(closing, functions))

    return run


def many(lumi: Any, alice: Any, count: int) -> list[Person]:
    """So many triagers of Lumi."""
    persons = Person.objects.bulk_create(
        Person(email=f"hand{number}@example.org", languages=["en"]) for number in range(count)
    )
    Grant.objects.bulk_create(
        Grant(person=person, role="triager", cause_id=lumi.public_id, given_by=alice) for person in persons
    )
    return persons


@pytest.mark.parametrize(("people", "items"), [(12, 36), pytest.param(64, 200, marks=pytest.mark.slow)])
def test_many_people_answer_many_items_each_once(
    put: Any, lumi: Any, alice: Any, hands: Any, people: int, items: int
) -> None:
    persons = many(lumi, alice, people)
    for number in range(items):
        put(f"message:{number}", priority=number % 3)

    def work(person: Person) -> list[int]:
        done = []
        while (item := actions.next_item(person=person)) is not None:
            assert item.holder == person
            actions.answer(item=item, person=person, data=YES)
            done.append(item.pk)
        return done

    def state() -> tuple[Any, ...]:
        return (
            WorkItem.objects.filter(state=State.DONE).count(),
            WorkItem.objects.exclude(state=State.DONE).count(),
            Answer.objects.count(),
            journal.totals(cause=str(lumi.public_id))["desk.answered", "item"],
        )

    answered = Counter(
        pk for done in hands([lambda person=person: work(person) for person in persons]) for pk in done
    )
    assert max(answered.values()) == 1
    assert len(answered) == items
    assert hands([state]) == [(items, 0, items, items)]


def test_of_two_taps_on_undo_one_undoes(put: Any, lumi: Any, bob: Any, hands: Any) -> None:
    put("message:1")
    item = actions.next_item(person=bob)
    answer = actions.answer(item=item, person=bob, data=YES)

    def undo() -> str:
        try:
            actions.undo(answer=answer, person=bob)
        except Refusal as refusal:
            return refusal.code
        return "undone"

    assert Counter(hands([undo] * 8)) == {"undone": 1, "undone-already": 7}
    assert hands([lambda: journal.totals(cause=str(lumi.public_id))["desk.answered", "item"]]) == [0]


def test_of_two_taps_on_answer_one_counts(put: Any, lumi: Any, bob: Any, hands: Any) -> None:
    put("message:1")
    item = actions.next_item(person=bob)

    def answer() -> str:
        try:
            actions.answer(item=item, person=bob, data=YES)
        except Refusal as refusal:
            return refusal.code
        return "answered"

    assert Counter(hands([answer] * 8)) == {"answered": 1, "item-settled": 7}


def test_many_workers_put_one_item(put: Any, hands: Any) -> None:
    numbers = hands([lambda: put("message:1").pk] * 16)
    assert len(set(numbers)) == 1
    assert hands([WorkItem.objects.count]) == [1]
