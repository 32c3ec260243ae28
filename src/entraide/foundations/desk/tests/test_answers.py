"""Answering, second looks, undoing, and the honest measure of work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from entraide.foundations.desk import actions, queries, rules
from entraide.foundations.desk.models import Answer, State, WorkItem
from entraide.foundations.journal import queries as journal
from entraide.foundations.people import actions as people
from entraide.foundations.people.rules import Role
from entraide.refusal import Refusal

from .test_line import end_lease

pytestmark = pytest.mark.django_db
YES, NO = {"verdict": "about-this"}, {"verdict": "not-about-this"}


def handed_in(lumi: Any) -> int:
    """How many answers the journal counts."""
    return journal.totals(cause=str(lumi.public_id)).get(("desk.answered", "item"), 0)


@pytest.fixture
def verifiers(vera: Any, alice: Any, bob: Any, lumi: Any) -> list[Any]:
    """Three people who may check."""
    people.grant(person=bob, role=Role.VERIFIER, cause_id=lumi.public_id, by=alice)
    return [vera, bob, alice]


def give(person: Any, data: dict[str, str], queue: str | None = None) -> Answer:
    """Take the next item and answer it."""
    item = actions.next_item(person=person, queue=queue)
    assert item is not None
    return actions.answer(item=item, person=person, data=data)


def test_an_answer_finishes_the_item_and_is_counted_once(put: Any, bob: Any, lumi: Any) -> None:
    item = put("message:1")
    given = give(bob, YES)
    item.refresh_from_db()
    assert (item.state, item.holder) == (State.DONE, None)
    assert given.decision["verdict"] == "about-this"
    assert handed_in(lumi) == 1
    [entry] = journal.entries_about(f"item:{item.public_id}")
    assert entry.sequence == given.entry
    assert entry.actor == str(bob.public_id)
    assert "message:1" not in str(entry.body)
    with pytest.raises(Refusal) as refusal:
        actions.answer(item=item, person=bob, data=YES)
    assert refusal.value.status == 410
    assert handed_in(lumi) == 1


def test_what_the_queue_refuses_changes_nothing(put: Any, bob: Any, lumi: Any) -> None:
    item = put("message:1")
    with pytest.raises(Refusal) as refusal:
        give(bob, {})
    assert refusal.value.where == "verdict"
    item.refresh_from_db()
    assert (item.state, item.holder) == (State.LEASED, bob)
    assert handed_in(lumi) == 0
    assert not Answer.objects.exists()


def test_nobody_answers_what_was_not_handed_to_her(put: Any, bob: Any, alice: Any) -> None:
    item = put("message:1")
    with pytest.raises(Refusal):
        actions.answer(item=item, person=bob, data=YES)
    actions.next_item(person=bob)
    with pytest.raises(Refusal) as refusal:
        actions.answer(item=item, person=alice, data=YES)
    assert refusal.value.code == "not-yours"


def test_an_answer_after_the_lease_counts_if_nobody_took_the_item_but_not_its_seconds(
    put: Any, bob: Any
) -> None:
    item = put("message:1")
    actions.next_item(person=bob)
    end_lease(item)
    given = actions.answer(item=item, person=bob, data=YES)
    assert given.seconds is None
    assert queries.median_seconds(bob) is None
    assert queries.day(bob) == queries.Day(answers=1, minutes=0)


def test_seconds_run_from_lease_to_answer(put: Any, bob: Any) -> None:
    for number, seconds in enumerate([10, 40, 100]):
        put(f"message:{number}")
        item = actions.next_item(person=bob)
        now = timezone.now()
        WorkItem.objects.filter(pk=item.pk).update(leased_at=now - timedelta(seconds=seconds))
        assert actions.answer(item=item, person=bob, data=YES).seconds in (seconds, seconds + 1)
    assert queries.median_seconds(bob) in (40, 41)
    assert queries.day(bob) == queries.Day(answers=3, minutes=2)


def test_two_people_who_agree_finish_a_second_look(put: Any, verifiers: list[Any], lumi: Any) -> None:
    item = put("message:1", queue="practice.check")
    assert item.answers_needed == 2
    give(verifiers[0], YES, "practice.check")
    item.refresh_from_db()
    assert item.state == State.WAITING
    assert actions.next_item(person=verifiers[0], queue="practice.check") is None, "not the same person twice"
    give(verifiers[1], YES, "practice.check")
    item.refresh_from_db()
    assert (item.state, item.disputed) == (State.DONE, False)
    assert handed_in(lumi) == 2


def test_where_two_disagree_a_third_decides(put: Any, verifiers: list[Any]) -> None:
    item = put("message:1", queue="practice.check")
    give(verifiers[0], YES, "practice.check")
    give(verifiers[1], NO, "practice.check")
    item.refresh_from_db()
    assert (item.state, item.disputed) == (State.WAITING, True)
    give(verifiers[2], NO, "practice.check")
    item.refresh_from_db()
    assert (item.state, item.disputed) == (State.DONE, True)


def test_a_second_look_can_be_asked_for_one_item(put: Any, bob: Any) -> None:
    item = put("message:1", answers_needed=2)
    give(bob, YES)
    item.refresh_from_db()
    assert item.state == State.WAITING


@pytest.mark.parametrize(
    ("needed", "decisions", "missing"),
    [
        (1, [], 1),
        (1, [{"v": 1}], 0),
        (2, [{"v": 1}], 1),
        (2, [{"v": 1}, {"v": 1, "undo": 9}], 0),
        (2, [{"v": 1}, {"v": 2}], 1),
        (2, [{"v": 1}, {"v": 2}, {"v": 3}], 0),
    ],
)
def test_answers_missing(needed: int, decisions: list[Any], missing: int) -> None:
    assert rules.answers_missing(needed, decisions) == missing


def test_undo_takes_back_answer_count_and_place(put: Any, bob: Any, lumi: Any, practice: Any) -> None:
    put("message:0")
    item = put("message:1", priority=1)
    given = give(bob, YES)
    assert queries.newest_answer(bob) == given
    undone = actions.undo(answer=given, person=bob)
    assert undone == item
    assert list(practice.UNDONE) == [(item.pk, given.decision)]
    assert handed_in(lumi) == 0
    assert queries.newest_answer(bob) is None
    again = actions.next_item(person=bob)
    assert again == item, "it returns to the head of the line, and to her too"
    assert actions.answer(item=again, person=bob, data=NO).decision["verdict"] == "not-about-this"
    assert handed_in(lumi) == 1


def test_undo_is_for_oneself_once_and_soon(put: Any, bob: Any, alice: Any, lumi: Any) -> None:
    put("message:1")
    given = give(bob, YES)
    with pytest.raises(Refusal) as refusal:
        actions.undo(answer=given, person=alice)
    assert refusal.value.status == 404
    Answer.objects.update(at=timezone.now() - timedelta(minutes=11))
    with pytest.raises(Refusal) as refusal:
        actions.undo(answer=given, person=bob)
    assert refusal.value.code == "undo-too-late"
    assert queries.newest_answer(bob) is None
    Answer.objects.update(at=timezone.now())
    actions.undo(answer=given, person=bob)
    with pytest.raises(Refusal) as refusal:
        actions.undo(answer=given, person=bob)
    assert refusal.value.code == "undone-already"
    assert handed_in(lumi) == 0


def test_what_others_built_on_is_not_undone(put: Any, verifiers: list[Any]) -> None:
    put("message:1", queue="practice.check")
    first = give(verifiers[0], YES, "practice.check")
    second = give(verifiers[1], YES, "practice.check")
    with pytest.raises(Refusal) as refusal:
        actions.undo(answer=first, person=verifiers[0])
    assert refusal.value.code == "answered-since"
    item = actions.undo(answer=second, person=verifiers[1])
    assert item.state == State.WAITING
    assert actions.undo(answer=first, person=verifiers[0]).state == State.WAITING


def test_undo_in_a_second_look_leaves_the_item_in_the_hands_it_is_in(put: Any, verifiers: list[Any]) -> None:
    put("message:1", queue="practice.check")
    first = give(verifiers[0], YES, "practice.check")
    held = actions.next_item(person=verifiers[1], queue="practice.check")
    item = actions.undo(answer=first, person=verifiers[0])
    assert (item.state, item.holder) == (State.LEASED, verifiers[1])
    actions.answer(item=held, person=verifiers[1], data=YES)
    item.refresh_from_db()
    assert item.state == State.WAITING, "one answer of two"


def test_a_queue_may_refuse_to_undo(put: Any, bob: Any, lumi: Any) -> None:
    put("cannot-be-undone")
    given = give(bob, YES)
    with pytest.raises(Refusal) as refusal:
        actions.undo(answer=given, person=bob)
    assert refusal.value.code == "sent"
    given.refresh_from_db()
    assert given.undone_at is None
    assert handed_in(lumi) == 1


def test_a_subject_that_is_in_line_again_is_not_doubled_by_undo(put: Any, bob: Any) -> None:
    put("message:1")
    given = give(bob, YES)
    put("message:1")
    with pytest.raises(Refusal) as refusal:
        actions.undo(answer=given, person=bob)
    assert refusal.value.code == "in-line-again"


def test_the_database_refuses_a_second_standing_answer_of_one_person(put: Any, bob: Any) -> None:
    item = put("message:1")
    give(bob, YES)
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(item=item, person=bob, at=timezone.now())


def test_names_for_people(put: Any, bob: Any) -> None:
    item = put("message:1")
    given = give(bob, YES)
    assert str(item) == "practice.read message:1"
    assert str(item.pk) in str(given)
