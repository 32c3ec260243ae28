"""Who is handed what: the order of the line, rights, languages, leases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from entraide.foundations.causes import actions as causes
from entraide.foundations.desk import actions, queries, rules
from entraide.foundations.desk.models import Skip, State, WorkItem
from entraide.foundations.people import actions as people
from entraide.foundations.people.models import Grant
from entraide.foundations.people.rules import Role
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


def age(item: WorkItem, **ago: float) -> None:
    """Make an item older, as if it had been put then."""
    born = timezone.now() - timedelta(**ago)
    WorkItem.objects.filter(pk=item.pk).update(created_at=born, due_at=rules.due_at(born, item.priority))


def end_lease(item: WorkItem) -> None:
    """Let an item's lease run out."""
    now = timezone.now()
    WorkItem.objects.filter(pk=item.pk).update(
        leased_at=now - timedelta(hours=1), lease_until=now - timedelta(minutes=1)
    )


def test_putting_is_idempotent_while_unfinished(put: Any, bob: Any) -> None:
    item = put("message:1")
    assert put("message:1").pk == item.pk
    assert WorkItem.objects.count() == 1
    actions.withdraw(queue="practice.read", subject="message:1")
    again = put("message:1")
    assert again.pk != item.pk


def test_putting_again_with_more_priority_moves_it_forward_never_back(put: Any) -> None:
    item = put("message:1", priority=2)
    assert put("message:1", priority=5, language="sw").priority == 5
    item.refresh_from_db()
    assert item.due_at == rules.due_at(item.created_at, 5)
    assert item.language == "sw"
    put("message:1", priority=0, language="ar")
    item.refresh_from_db()
    assert (item.priority, item.language) == (5, "sw")


def test_an_unknown_queue_is_a_fault_of_the_room_that_names_it(put: Any) -> None:
    with pytest.raises(KeyError):
        put("message:1", queue="nobody.knows")


def test_two_unfinished_items_about_one_subject_are_refused_by_the_database(put: Any, lumi: Any) -> None:
    put("message:1")
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkItem.objects.create(queue="practice.read", subject="message:1", cause=lumi, due_at=timezone.now())


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "leased"},
        {"state": "lost"},
        {"state": "done"},
        {"finished_at": timezone.now()},
        {"answers_needed": 0},
        {"lease_until": timezone.now()},
        {"due_at": None},
    ],
)
def test_the_database_refuses_items_that_make_no_sense(put: Any, wrong: dict[str, Any]) -> None:
    item = put("message:1")
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkItem.objects.filter(pk=item.pk).update(**wrong)


def test_the_oldest_comes_first(put: Any, bob: Any) -> None:
    for number, minutes in enumerate([5, 20, 10]):
        age(put(f"message:{number}"), minutes=minutes)
    order = []
    while item := actions.next_item(person=bob):
        order.append(item.subject)
        actions.skip(item=item, person=bob)
    assert order == ["message:1", "message:2", "message:0"]


def test_urgent_goes_first_but_what_has_waited_longer_than_its_head_start_goes_before_it(
    put: Any, bob: Any
) -> None:
    ordinary = put("message:ordinary")
    age(ordinary, minutes=50)
    urgent = put("message:urgent", priority=1)
    assert actions.next_item(person=bob) == urgent
    actions.release(item=urgent, person=bob)
    age(ordinary, minutes=70)
    assert actions.next_item(person=bob) == ordinary


def test_nobody_is_handed_an_item_without_the_queues_right_in_its_cause(
    put: Any, bob: Any, vera: Any, charlie: Any
) -> None:
    put("message:1")
    assert actions.next_item(person=charlie) is None
    assert actions.next_item(person=vera) is None, "a verifier does not triage"
    assert actions.next_item(person=bob, queue="practice.check") is None
    assert actions.next_item(person=bob, queue="practice.read") is not None


def test_a_right_in_one_cause_opens_no_line_of_another(put: Any, alice: Any, bob: Any) -> None:
    other = causes.create(slug="other", texts={"en": {"title": "Other", "summary": "Other."}}, by=alice)
    put("message:1", cause=other)
    assert actions.next_item(person=bob) is None
    assert actions.next_item(person=alice) is not None


def test_a_right_that_ended_ends_the_work(put: Any, bob: Any) -> None:
    item = put("message:1")
    assert actions.next_item(person=bob) == item
    Grant.objects.filter(person=bob).update(ended_at=timezone.now())
    with pytest.raises(Refusal) as refusal:
        actions.answer(item=item, person=bob, data={"verdict": "about-this"})
    assert refusal.value.status == 403
    with pytest.raises(Refusal):
        actions.take(item=item, person=bob)


def test_a_closed_cause_hands_out_nothing(put: Any, bob: Any, lumi: Any, alice: Any) -> None:
    put("message:1")
    causes.close(cause=lumi, by=alice)
    assert actions.next_item(person=bob) is None
    causes.open_cause(cause=lumi, by=alice)
    assert actions.next_item(person=bob) is not None


def test_an_item_is_one_persons_until_its_lease_ends(put: Any, bob: Any, alice: Any) -> None:
    item = put("message:1")
    mine = actions.next_item(person=bob)
    assert mine == item
    assert mine.lease_until - mine.leased_at == timedelta(seconds=300)
    assert actions.next_item(person=alice) is None
    assert actions.take(item=item, person=alice) is None
    end_lease(item)
    assert actions.next_item(person=alice) == item
    with pytest.raises(Refusal) as refusal:
        actions.answer(item=item, person=bob, data={"verdict": "about-this"})
    assert (refusal.value.status, refusal.value.code) == (409, "not-yours")


def test_what_she_holds_comes_first(put: Any, bob: Any, lumi: Any) -> None:
    put("message:1")
    put("message:2")
    first = actions.next_item(person=bob)
    assert actions.next_item(person=bob) == first
    assert actions.next_item(person=bob, queue="practice.read", cause=lumi) == first
    assert actions.next_item(person=bob, language="sw") is None
    assert list(queries.held_by(bob)) == [first]


def test_not_before(put: Any, bob: Any) -> None:
    item = put("message:1", not_before=timezone.now() + timedelta(minutes=5))
    assert actions.next_item(person=bob) is None
    WorkItem.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert actions.next_item(person=bob) == item


def test_her_languages_first_then_the_others(put: Any, bob: Any) -> None:
    age(put("message:fr", language="fr"), minutes=9)
    age(put("message:any"), minutes=8)
    age(put("message:sw-KE", language="sw-KE"), minutes=7)
    age(put("message:und", language="und"), minutes=6)
    order = []
    while item := actions.next_item(person=bob):
        order.append(item.subject)
        actions.skip(item=item, person=bob)
    assert order == ["message:any", "message:sw-KE", "message:und", "message:fr"]


def test_others_languages_wait_for_their_readers_but_not_for_ever(put: Any, bob: Any) -> None:
    item = put("message:fr", language="fr")
    assert actions.next_item(person=bob, others_languages=False) is None
    assert actions.next_item(person=bob, language="fr") == item
    actions.release(item=item, person=bob)
    age(item, minutes=31)
    assert actions.next_item(person=bob, others_languages=False) == item


def test_whoever_names_no_languages_is_offered_all(put: Any, bob: Any) -> None:
    bob.languages = []
    bob.save()
    put("message:fr", language="fr")
    assert actions.next_item(person=bob, others_languages=False) is not None


@pytest.mark.parametrize(
    ("languages", "language", "read"),
    [
        (["fr"], "fr", True),
        (["fr"], "fr-CA", True),
        (["fr-CA"], "fr", True),
        (["fr"], "frr", False),
        (["fr"], "", True),
        (["fr"], "und", True),
        ([], "sw", True),
        (["fr"], "sw", False),
    ],
)
def test_reading(put: Any, languages: list[str], language: str, read: bool) -> None:
    put("message:1", language=language)
    assert rules.reads(languages, language) is read
    assert WorkItem.objects.filter(rules.readable(languages)).exists() is read


def test_skipped_items_go_to_others_until_one_looks_again(put: Any, bob: Any, alice: Any) -> None:
    item = put("message:1")
    actions.skip(item=actions.next_item(person=bob), person=bob)
    assert actions.next_item(person=bob) is None
    assert queries.skipped_count(bob) == 1
    assert actions.next_item(person=alice) == item
    actions.release(item=item, person=alice)
    assert actions.look_again(person=bob) == 1
    assert actions.next_item(person=bob) == item


def test_one_can_only_let_go_of_what_one_holds(put: Any, bob: Any, alice: Any) -> None:
    item = put("message:1")
    actions.next_item(person=bob)
    for act in (actions.release, actions.skip, actions.extend):
        with pytest.raises(Refusal) as refusal:
            act(item=item, person=alice)
        assert refusal.value.code == "not-yours"
    assert not Skip.objects.exists()


def test_a_break_returns_everything(put: Any, bob: Any, alice: Any) -> None:
    item = put("message:1")
    before = item.due_at
    actions.next_item(person=bob)
    assert actions.release_all(person=bob) == 1
    assert actions.release_all(person=bob) == 0
    item.refresh_from_db()
    assert (item.state, item.due_at) == (State.WAITING, before)
    assert actions.next_item(person=alice) == item


def test_keeping_an_item_has_an_end(put: Any, bob: Any) -> None:
    item = put("message:1")
    actions.next_item(person=bob)
    soon = timezone.now() + timedelta(seconds=10)
    WorkItem.objects.update(leased_at=soon - timedelta(minutes=5), lease_until=soon)
    kept = actions.extend(item=item, person=bob)
    assert kept.lease_until > soon + timedelta(minutes=4)
    WorkItem.objects.update(leased_at=soon - timedelta(minutes=59))
    with pytest.raises(Refusal) as refusal:
        actions.extend(item=item, person=bob)
    assert refusal.value.code == "held-long-enough"


def test_withdrawn_work_needs_no_answer(put: Any, bob: Any) -> None:
    item = put("message:1")
    actions.next_item(person=bob)
    assert actions.withdraw(queue="practice.read", subject="message:1") == 1
    assert actions.withdraw(queue="practice.read", subject="message:1") == 0
    with pytest.raises(Refusal) as refusal:
        actions.answer(item=item, person=bob, data={"verdict": "about-this"})
    assert refusal.value.status == 410


def test_work_of_a_room_that_was_switched_off_rests(put: Any, bob: Any, settings: Any) -> None:
    from entraide.capability import cards

    item = put("message:1")
    settings.CAPABILITIES = settings.CAPABILITIES[:-1]
    cards.cache_clear()
    assert actions.next_item(person=bob) is None
    with pytest.raises(Refusal) as refusal:
        queries.queue_of(item)
    assert refusal.value.status == 410


def test_counts_say_what_waits_for_whom(put: Any, bob: Any, vera: Any, charlie: Any) -> None:
    age(put("message:1", language="sw"), minutes=3)
    age(put("message:2", language="sw"), minutes=6)
    put("message:3", language="fr")
    put("message:4", queue="practice.check", language="ar")
    [line] = queries.counts(bob)
    assert line.queue.name == "practice.read"
    assert (line.waiting, line.readable) == (3, 2)
    assert line.languages == {"sw": 2, "fr": 1}
    assert line.oldest_at is not None
    assert timedelta(minutes=5) < timezone.now() - line.oldest_at < timedelta(minutes=7)
    assert [line.queue.name for line in queries.counts(vera)] == ["practice.check"]
    assert queries.counts(charlie) == []


def test_a_steward_sees_every_line_in_the_order_of_the_cards(put: Any, alice: Any) -> None:
    put("message:1", queue="practice.check")
    put("message:2")
    assert [line.queue.name for line in queries.counts(alice)] == ["practice.read", "practice.check"]


def test_an_item_is_shown_only_to_those_who_may_work_on_it(put: Any, bob: Any, vera: Any) -> None:
    item = put("message:1")
    assert queries.item_for(bob, item.pk) == item
    for person, pk in ((vera, item.pk), (bob, item.pk + 1)):
        with pytest.raises(Refusal) as refusal:
            queries.item_for(person, pk)
        assert refusal.value.status == 404


def test_open_desks_hear_that_a_line_changed(put: Any, bob: Any, lumi: Any, settings: Any) -> None:
    HEARD.clear()
    settings.LIVE_ANNOUNCE = f"{__name__}.hear"
    put("message:1")
    put("message:1", priority=1)
    item = actions.next_item(person=bob)
    actions.release(item=item, person=bob)
    assert list(HEARD) == [(f"desk:{lumi.public_id}", {"queue": "practice.read"})] * 4


HEARD: list[tuple[str, dict[str, str]]] = []


def hear(topic: str, data: dict[str, str]) -> None:
    """Stand where channels' announce stands."""
    HEARD.append((topic, data))


def test_a_team_member_of_two_causes_is_served_from_both(put: Any, alice: Any, bob: Any) -> None:
    other = causes.create(slug="other", texts={"en": {"title": "Other", "summary": "Other."}}, by=alice)
    people.grant(person=bob, role=Role.TRIAGER, cause_id=other.public_id, by=alice)
    age(put("message:1"), minutes=1)
    age(put("message:1b", cause=other), minutes=2)
    assert actions.next_item(person=bob, cause=other).cause == other
    assert len(queries.counts(bob)) == 2 - 1  # one is in his hands
    assert len(queries.counts(bob, cause=other)) == 0


def test_names_of_languages_in_a_phrase() -> None:
    from django.utils import translation

    from entraide.foundations.desk.templatetags.desk import clock, languages_in_words

    with translation.override("zz"):
        assert languages_in_words(["fr", "sw"]) == "French or Swahili"
    assert clock(None) == ""


def test_a_visitor_has_no_place_of_work(db: None) -> None:
    from django.contrib.auth.models import AnonymousUser

    assert queries.places_of_work(AnonymousUser()) == {}


def test_the_line_is_one_range_of_one_index_and_never_sorted(put: Any, bob: Any) -> None:
    for number in range(30):
        put(f"message:{number}")
    line = queries.line_for(bob, queries.lines_of(bob, queue="practice.read"))
    line = line.filter(rules.readable(bob.languages))
    if connection.vendor == "postgresql":  # which would rather read so small a table whole
        with connection.cursor() as cursor:
            for habit in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
                cursor.execute(f"SET LOCAL {habit} = off")
    plan = line.select_related("cause")[:1].explain()
    assert "desk_item_in_line" in plan, plan
    if connection.vendor == "sqlite":
        assert "desk_item_in_line (queue=? AND cause_id=? AND due_at>?)" in plan, plan
        assert "TEMP B-TREE" not in plan, plan
    else:
        assert "Sort" not in plan, plan


def test_what_is_finished_has_no_place_in_line(put: Any, bob: Any, lumi: Any) -> None:
    done, withdrawn = put("message:1"), put("message:2")
    given = actions.answer(item=actions.next_item(person=bob), person=bob, data={"verdict": "about-this"})
    actions.withdraw(queue="practice.read", subject="message:2")
    for item, state in ((done, State.DONE), (withdrawn, State.WITHDRAWN)):
        item.refresh_from_db()
        assert (item.state, item.due_at) == (state, None)
    actions.undo(answer=given, person=bob)
    done.refresh_from_db()
    assert done.due_at == rules.due_at(done.created_at, rules.UNDO_POINTS)


def test_many_are_put_at_once(put: Any, bob: Any, lumi: Any, settings: Any) -> None:
    standing = put("message:1", priority=1)
    HEARD.clear()
    settings.LIVE_ANNOUNCE = f"{__name__}.hear"
    items = actions.put_many(
        queue="practice.read",
        cause=lumi,
        items=[actions.Put(subject=f"message:{number}", language="sw", priority=2) for number in (1, 2, 3)],
    )
    assert [item.subject for item in items] == ["message:1", "message:2", "message:3"]
    assert items[0].pk == standing.pk
    assert {item.priority for item in WorkItem.objects.all()} == {2}
    assert len(HEARD) == 1
    same = [actions.Put(subject="message:9"), actions.Put(subject="message:9", priority=4)]
    first, second = actions.put_many(queue="practice.read", cause=lumi, items=same)
    assert first.pk == second.pk
    assert WorkItem.objects.get(subject="message:9").priority == 4
    HEARD.clear()
    assert actions.put_many(queue="practice.read", cause=lumi, items=[]) == []
    assert len(HEARD) == 0


def test_where_another_worker_put_one_in_the_meantime_the_rest_is_put_all_the_same(
    put: Any, lumi: Any, monkeypatch: Any
) -> None:
    standing = put("message:1")
    look = actions._locked
    looks: list[Any] = []

    def too_early(found: Any) -> Any:
        looks.append(found)
        return found.none() if len(looks) == 1 else look(found)

    monkeypatch.setattr(actions, "_locked", too_early)
    wanted = [actions.Put(subject="message:1"), actions.Put(subject="message:2")]
    items = actions.put_many(queue="practice.read", cause=lumi, items=wanted)
    assert items[0].pk == standing.pk
    assert WorkItem.objects.count() == 2


def test_the_earliest_of_several_lines_comes_first(put: Any, alice: Any, bob: Any) -> None:
    other = causes.create(slug="other", texts={"en": {"title": "Other", "summary": "Other."}}, by=alice)
    people.grant(person=bob, role=Role.TRIAGER, cause_id=other.public_id, by=alice)
    for number, cause in enumerate([None, other, None, other]):
        age(put(f"message:{number}", **({"cause": cause} if cause else {})), minutes=10 - number)
    order = []
    while item := actions.next_item(person=bob):
        order.append(item.subject)
        actions.skip(item=item, person=bob)
    assert order == [f"message:{number}" for number in range(4)]
