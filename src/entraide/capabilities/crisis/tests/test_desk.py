"""The panels at the desk: context, answer, undo, through the desk itself."""

from __future__ import annotations

import io
from typing import Any

import pytest

from entraide.capabilities.crisis.actions import publishing, steps
from entraide.capabilities.crisis.models import Publication, Standing, Step
from entraide.capabilities.crisis.queries import places as place_queries
from entraide.capabilities.crisis.reactions import check, triage
from entraide.capabilities.crisis.tests import sample
from entraide.foundations.causes import actions as causes
from entraide.foundations.desk import actions as desk
from entraide.foundations.desk.models import WorkItem
from entraide.foundations.journal import queries as journal
from entraide.foundations.places import actions as places_actions
from entraide.foundations.places import rules as places
from entraide.foundations.places.models import Place
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def anse(alice: Any) -> None:
    """A place the operator knows."""
    lat, lon = places.from_grid(sample.BAY)
    file = io.StringIO(f"name,lat,lon,radius_m\nAnse-Tamarin,{lat},{lon},2000\n")
    loaded = places_actions.load_csv(file, country="MG", source="Lumi", licence="", by=alice)
    assert loaded.added == 1, loaded


def item_for(person: Any, queue: str = "crisis.triage") -> Any:
    item = desk.next_item(person=person, queue=queue)
    assert item is not None
    return item


def decide(person: Any, queue: str = "crisis.triage", **values: Any) -> Any:
    return desk.answer(item=item_for(person, queue), person=person, data=sample.posted(**values))


def total(kind: str) -> int:
    return sum(number for (one, _unit), number in journal.totals().items() if one == kind)


def test_the_panel_shows_words_categories_places_and_the_same(
    lumi: Any, bob: Any, alice: Any, anse: None
) -> None:
    for name in ("Water", "Food"):
        sample.category(lumi, alice, name)
    sample.made(lumi, "No water in Anse-Tamarin at the school since monday")
    sample.told(
        lumi, "No water in Anse-Tamarin at the school! Call +261 34 12 345 67", contact="ana@example.org"
    )
    context = triage.context(item=item_for(bob), person=bob)
    [message] = context["originals"]
    assert "345" not in message["text"]  # a triager may not see contacts
    assert [one["key"] for one in context["categories"]] == ["1", "2"]
    assert context["places"][0]["key"] == "q"
    assert context["places"][0]["suggestion"].label.startswith("Anse-Tamarin")
    assert context["places"][0]["suggestion"].kilometres == "2.0"
    assert len(context["candidates"]) == 1
    assert context["may_publish"]


def test_a_steward_sees_the_number(lumi: Any, alice: Any) -> None:
    sample.told(lumi, "Call +261 34 12 345 67")
    [message] = triage.context(item=item_for(alice), person=alice)["originals"]
    assert "345" in message["text"]


def test_pass_on_decides_everything_at_once_and_undo_restores(lumi: Any, bob: Any, alice: Any) -> None:
    water = sample.category(lumi, alice, "Water")
    report = sample.told(lumi, "No water in the bay")
    place = place_queries.Suggestion(label="The bay", point=sample.BAY, radius_m=900, source="operator")
    answer = decide(
        bob, decision="pass", categories=[water.pk], place=place.value, urgent="1", title="No water", text="Help us",
        language="en",
    )  # fmt: skip
    report = sample.again(report)
    assert (report.step, report.title, report.urgent) == (Step.LOCATED, "No water", True)
    assert (report.exact_x, report.exact_radius_m, report.place_name) == (sample.BAY.x, 900, "The bay")
    assert list(report.categories.all()) == [water]
    assert total("crisis.triaged") == total("crisis.located") == 1
    check_item = WorkItem.objects.get(queue="crisis.check")
    assert check_item.priority == 1
    desk.undo(answer=answer, person=bob)
    report = sample.again(report)
    assert (report.step, report.title, report.urgent) == (Step.NEW, "No water in the bay", False)
    assert report.exact_x is None
    assert not report.categories.exists()
    assert total("crisis.triaged") == total("crisis.located") == 0
    assert not WorkItem.objects.filter(queue="crisis.check", state="waiting").exists()
    assert WorkItem.objects.filter(queue="crisis.triage", state="waiting").count() == 1


def test_a_place_chosen_by_hand_teaches_how_witnesses_call_it(
    lumi: Any, bob: Any, alice: Any, anse: None, client: Any
) -> None:
    report = sample.told(lumi, "No water", place="Kalanoro beach")
    assert place_queries.search(lumi, "Kalanoro beach") == []
    decide(bob, decision="pass", place="typed", place_text="Anse-Tamarin")
    placed = sample.again(report)
    [found] = place_queries.search(lumi, "kalanoro beach")
    assert (found.point.x, found.radius_m) == (placed.exact_x, placed.exact_radius_m)
    sample.told(lumi, "No water either", place="Kalanoro beach")
    choices = triage.context(item=item_for(bob), person=bob)["places"]
    assert choices[0]["suggestion"].point == found.point
    assert "Kalanoro" not in client.get("/places/", {"text": "x"}).content.decode()
    other = causes.create(slug="other", texts={"en": {"title": "Other", "summary": "."}}, by=alice)
    other.countries = lumi.countries
    assert place_queries.search(other, "Kalanoro beach") == []


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("Kay Wozefin", "-14.27000, 50.17000"),  # a name would tell an exact place
        ("call +261 34 12 345 67", ""),
        ("behind the big church on the road to the old market", ""),
        ("-14.27, 50.17", ""),
        ("", ""),
    ],
)
def test_what_may_tell_too_much_is_not_learnt(lumi: Any, bob: Any, anse: None, said: str, typed: str) -> None:
    sample.told(lumi, "No water", place=said)
    decide(bob, decision="pass", place="typed", place_text=typed or "Anse-Tamarin")
    learnt = Place.objects.filter(source__startswith="learnt:").values_list("name", flat=True)
    assert set(learnt) <= {"Anse-Tamarin"}


def test_nothing_is_learnt_of_a_closed_report(lumi: Any, alice: Any, anse: None) -> None:
    closed = sample.category(lumi, alice, "Violence", sensitivity="closed")
    sample.told(lumi, "Help", place="Kalanoro beach")
    decide(alice, decision="pass", place="typed", place_text="Anse-Tamarin", categories=[closed.pk])
    assert not Place.objects.filter(source__startswith="learnt:").exists()


def test_publish_from_triage_and_undo_withdraws(lumi: Any, bob: Any) -> None:
    sample.told(lumi, "No water in the bay")
    answer = decide(bob, decision="publish", place="none")
    assert Publication.objects.count() == 1
    desk.undo(answer=answer, person=bob)
    assert not Publication.objects.exists()


def test_same_as_another_and_undo(lumi: Any, bob: Any) -> None:
    other = sample.made(lumi)
    report = sample.told(lumi, "No water in the bay")
    answer = decide(bob, decision="same", same=other.ref)
    assert sample.again(report).merged_into == other
    desk.undo(answer=answer, person=bob)
    report = sample.again(report)
    assert (report.step, report.merged_into) == (Step.NEW, None)
    assert total("crisis.merged") == 0
    assert WorkItem.objects.filter(queue="crisis.triage", state="waiting").count() == 1


def test_not_about_this_and_undo(lumi: Any, bob: Any) -> None:
    report = sample.told(lumi, "Buy shoes")
    answer = decide(bob, decision="aside")
    assert sample.again(report).step == Step.SET_ASIDE
    desk.undo(answer=answer, person=bob)
    assert sample.again(report).step == Step.NEW
    assert total("crisis.set-aside") == 0


def test_undo_after_somebody_went_on_is_refused(lumi: Any, bob: Any, rosa: Any) -> None:
    report = sample.told(lumi, "No water")
    answer = decide(bob, decision="pass")
    steps.take(report, by=rosa)
    with pytest.raises(Refusal) as refusal:
        desk.undo(answer=answer, person=bob)
    assert refusal.value.code == "worked-on-since"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "decision-missing"),
        ({"decision": "same"}, "same-missing"),
        ({"decision": "same", "same": "nosuchrefx"}, "same-missing"),
        ({"decision": "pass", "categories": [99999]}, "category-gone"),
        ({"decision": "pass", "place": "typed"}, "place-missing"),
        ({"decision": "pass", "place": "1:2"}, "place-missing"),
        ({"decision": "pass", "place_text": "Xqzwvk"}, "place-unknown"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_done(lumi: Any, bob: Any, values: Any, code: str) -> None:
    report = sample.told(lumi, "No water")
    with pytest.raises(Refusal) as refusal:
        decide(bob, **values)
    assert refusal.value.code == code
    assert sample.again(report).step == Step.NEW


def test_typed_places(lumi: Any, bob: Any, anse: None) -> None:
    report = sample.told(lumi, "No water")
    decide(bob, decision="pass", place="none", place_text="-14.27000, 50.17000")
    assert sample.again(report).exact_x == sample.BAY.x
    report = sample.told(lumi, "No water either")
    decide(bob, decision="pass", place_text="Anse-Tamarin")
    assert sample.again(report).exact_radius_m == 2_000


def test_two_places_of_one_name_are_asked_back(lumi: Any, bob: Any, alice: Any) -> None:
    for lat in (-14.0, -20.0):
        places_actions.learn(
            name="Twinville",
            point=places.to_grid(lat, 47.0),
            radius_m=1_000,
            country="MG",
            by=alice,
            scope=str(lumi.public_id),
        )
    sample.told(lumi, "No water")
    with pytest.raises(Refusal) as refusal:
        decide(bob, decision="pass", place_text="Twinville")
    assert refusal.value.code == "place-ambiguous"


def test_what_the_witness_gave_is_kept(lumi: Any, bob: Any) -> None:
    report = sample.told(lumi, "No water", lat=-14.27, lon=50.17)
    item = item_for(bob)
    assert triage.context(item=item, person=bob)["has_place"]
    desk.answer(item=item, person=bob, data=sample.posted(decision="pass", place="keep"))
    assert sample.again(report).exact_x == sample.BAY.x


def test_an_archived_category_stays_on_the_report(lumi: Any, bob: Any, alice: Any) -> None:
    from entraide.capabilities.crisis.actions import setup

    water, food = (sample.category(lumi, alice, name) for name in ("Water", "Food"))
    report = sample.told(lumi, "No water", category="water")
    setup.archive_category(water, archived=True, by=alice)
    decide(bob, decision="pass", categories=[food.pk])
    assert set(report.categories.all()) == {water, food}


def test_closed_messages_wait_for_named_persons(lumi: Any, bob: Any, alice: Any) -> None:
    sample.category(lumi, alice, "Violence", sensitivity="closed")
    sample.told(lumi, "Help", category="violence")
    assert desk.next_item(person=bob) is None
    item = desk.next_item(person=alice)
    assert item is not None
    assert item.queue == "crisis.closed"


def test_without_the_right_the_desk_hands_out_nothing(lumi: Any, bob: Any, vera: Any, charlie: Any) -> None:
    sample.told(lumi, "No water")
    assert desk.next_item(person=charlie) is None
    assert desk.next_item(person=vera, queue="crisis.triage") is None


def test_a_report_erased_meanwhile_is_said_to_be_gone(lumi: Any, bob: Any) -> None:
    report = sample.told(lumi, "No water")
    item = item_for(bob)
    report.delete()
    with pytest.raises(Refusal) as refusal:
        triage.context(item=item, person=bob)
    assert refusal.value.status == 410


# Checking


def test_check_and_undo(lumi: Any, bob: Any, vera: Any) -> None:
    report = sample.placed(sample.told(lumi, "No water"), bob)
    publishing.publish(report, by=bob)
    context = check.context(item=item_for(vera, "crisis.check"), person=vera)
    assert [one["key"] for one in context["standings"]] == ["1", "2", "3", "4"]
    answer = decide(
        vera, "crisis.check", decision="check", standing="verified", why="asked", evidence="the teacher",
        independent_sources="2",
    )  # fmt: skip
    report = sample.again(report)
    assert report.standing == Standing.VERIFIED
    assert Publication.objects.get().standing == Standing.VERIFIED
    desk.undo(answer=answer, person=vera)
    report = sample.again(report)
    assert (report.standing, report.checked_at) == (Standing.UNVERIFIED, None)
    assert Publication.objects.get().standing == Standing.UNVERIFIED
    assert total("crisis.verified") == 0


def test_a_check_without_reasons_is_refused(lumi: Any, bob: Any, vera: Any) -> None:
    sample.placed(sample.told(lumi, "No water"), bob)
    with pytest.raises(Refusal) as refusal:
        decide(vera, "crisis.check", standing="verified", why="", independent_sources="many")
    assert refusal.value.code == "why-missing"


def test_undoing_a_check_that_was_checked_again_is_refused(
    lumi: Any, bob: Any, vera: Any, alice: Any
) -> None:
    from entraide.capabilities.crisis.actions import verifying

    report = sample.placed(sample.told(lumi, "No water"), bob)
    answer = decide(vera, "crisis.check", standing="out-of-date", why="old")
    verifying.verify(report, standing="refuted", by=alice, why="no", evidence="seen")
    with pytest.raises(Refusal) as refusal:
        desk.undo(answer=answer, person=vera)
    assert refusal.value.code == "worked-on-since"


def test_the_panels_render_at_the_desk(
    lumi: Any, bob: Any, vera: Any, alice: Any, client: Any, anse: None
) -> None:
    client.query_budget = 60
    sample.category(lumi, alice, "Water")
    sample.made(lumi, "No water in Anse-Tamarin at the school since monday")
    sample.told(lumi, "No water in Anse-Tamarin at the school", place="the school")
    item = item_for(bob)
    client.force_login(bob)
    page = client.get(f"/desk/items/{item.pk}/").content.decode()
    assert 'lang="en"' in page
    assert "Anse-Tamarin" in page
    assert 'data-entraide-key="q"' in page
    response = client.post(f"/desk/items/{item.pk}/", {"decision": "pass", "place": "none"})
    assert response.status_code in {200, 302, 303}
    client.force_login(vera)
    item = item_for(vera, "crisis.check")
    assert "evidence" in client.get(f"/desk/items/{item.pk}/").content.decode()
