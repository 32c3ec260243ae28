"""The team's pages: who sees what, and every deed by its button."""

from __future__ import annotations

from typing import Any

import pytest

from entraide.capabilities.crisis.actions import publishing, steps
from entraide.capabilities.crisis.models import Publication, Report, Standing, Step
from entraide.capabilities.crisis.tests import sample
from entraide.capabilities.crisis.views import team
from entraide.foundations.journal.models import Entry
from entraide.foundations.places import actions as places_actions

pytestmark = pytest.mark.django_db

LIST = "/crisis/lumi/"


def page_of(client: Any, report: Report) -> str:
    answer = client.get(f"/crisis/lumi/reports/{report.ref}/")
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def do(client: Any, report: Report, deed: str, **values: Any) -> int:
    client.query_budget = 70  # history, journal, outbox and live news are written with the deed
    status: int = client.post(f"/crisis/lumi/reports/{report.ref}/do/{deed}/", values).status_code
    client.query_budget = 45
    return status


@pytest.fixture
def wide(client: Any) -> Any:
    client.query_budget = 45  # one report's page looks at messages, history, likeness and rights
    return client


def test_who_sees_the_list(
    client: Any, lumi: Any, bob: Any, vera: Any, rosa: Any, charlie: Any, alice: Any
) -> None:
    sample.made(lumi)
    assert "/account/login" in client.get(LIST).headers["Location"]
    client.force_login(charlie)
    assert client.get(LIST).status_code == 403
    for person in (alice, bob, vera, rosa):
        client.force_login(person)
        assert "Water needed" in client.get(LIST).content.decode()


def test_the_list_does_not_ask_more_for_more(client: Any, lumi: Any, bob: Any) -> None:
    client.force_login(bob)
    for _ in range(30):
        sample.made(lumi)
    assert client.get(LIST).status_code == 200  # within the budget of the strict client


def test_filters(client: Any, lumi: Any, bob: Any, alice: Any) -> None:
    water = sample.category(lumi, alice, "Water")
    one = sample.placed(sample.made(lumi, "Water at the bay", language="sw"), bob)
    steps.edit(one, by=bob, categories=[water])
    publishing.publish(one, by=bob)
    sample.made(lumi, "Bridge broken")
    client.force_login(bob)
    for query in (
        "step=located",
        "language=sw",
        "category=water",
        "shown=yes",
        "q=bay",
        f"q={one.ref.upper()}",
    ):
        page = client.get(f"{LIST}?{query}").content.decode()
        assert "Water at the bay" in page, query
        assert "Bridge broken" not in page, query
    for query in ("shown=no", "step=new", "q=bridge"):
        page = client.get(f"{LIST}?{query}").content.decode()
        assert "Bridge broken" in page, query
        assert "Water at the bay" not in page, query
    assert "No report matches" in client.get(f"{LIST}?standing=refuted").content.decode()
    assert "No report matches" in client.get(f"{LIST}?shown=second").content.decode()


def test_the_page_hides_numbers_and_the_place_from_those_without_the_right(
    wide: Any, lumi: Any, bob: Any, alice: Any, vera: Any
) -> None:
    report = sample.placed(sample.told(lumi, "Call +261 34 12 345 67", place="the school"), bob)
    wide.force_login(bob)
    page = page_of(wide, report)
    assert "345 67" not in page
    assert "Open the exact place" in page
    assert "-14.27" not in page
    wide.force_login(alice)
    assert "345 67" in page_of(wide, report)


def test_opening_the_exact_place_is_noted(wide: Any, lumi: Any, bob: Any, charlie: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    address = f"/crisis/lumi/reports/{report.ref}/place/"
    wide.force_login(charlie)
    assert wide.post(address).status_code == 403
    wide.force_login(bob)
    assert wide.get(address).status_code == 405
    assert "-14.27" in wide.post(address).content.decode()
    assert Entry.objects.filter(kind="crisis.exact-place-seen", public=False).count() == 1


def test_the_whole_way_by_buttons(wide: Any, lumi: Any, bob: Any, vera: Any, rosa: Any) -> None:
    report = sample.told(lumi, "No water", contact="ana@example.org")
    wide.force_login(bob)
    assert do(wide, report, "pass-on") == 302
    assert do(wide, report, "edit", title="No water at all", text="x", place_text="-14.27, 50.17") == 302
    assert do(wide, report, "pass-on") == 302
    assert do(wide, report, "publish") == 302
    assert "Published:" in page_of(wide, report)
    wide.force_login(vera)
    assert (
        do(wide, report, "verify", standing="verified", why="seen", evidence="me", independent_sources="2")
        == 302
    )
    wide.force_login(bob)
    assert do(wide, report, "route") == 302
    wide.force_login(rosa)
    assert do(wide, report, "take") == 302
    assert do(wide, report, "hand-back", why="no car") == 302
    assert do(wide, report, "take") == 302
    assert "It is done" in page_of(wide, report)
    assert do(wide, report, "finish", why="brought") == 302
    report = sample.again(report)
    assert (report.step, report.standing, report.title) == (Step.TOLD, Standing.VERIFIED, "No water at all")
    page = page_of(wide, report)
    assert "The witness is being told" in page
    assert do(wide, report, "reopen", why="stolen") == 302
    wide.force_login(bob)
    assert do(wide, report, "withdraw", why="too old") == 302
    assert not Publication.objects.exists()


def test_aside_back_joined_and_apart_by_buttons(wide: Any, lumi: Any, bob: Any) -> None:
    one, two = sample.made(lumi, "No water in the school"), sample.made(lumi, "No water in the school today")
    wide.force_login(bob)
    assert "words" in page_of(wide, two)
    assert do(wide, two, "set-aside", why="shoes") == 302
    assert do(wide, two, "put-back", why="no, water") == 302
    assert do(wide, two, "merge", same=one.ref) == 302
    assert one.ref in page_of(wide, two)
    assert two.ref in page_of(wide, one)
    assert do(wide, two, "take-apart", why="another") == 302
    assert sample.again(two).step == Step.NEW


@pytest.mark.parametrize("deed", sorted(team.DEEDS))
def test_every_deed_is_refused_to_those_without_the_right(
    client: Any, lumi: Any, charlie: Any, deed: str
) -> None:
    report = sample.made(lumi)
    values = {"title": "x", "why": "x", "standing": "verified", "evidence": "x", "same": "x"}
    client.force_login(charlie)
    assert do(client, report, deed, **values) == 403
    assert sample.again(report).step == Step.NEW


def test_unknown_deeds_and_wrong_input(client: Any, lumi: Any, bob: Any) -> None:
    report = sample.made(lumi)
    client.force_login(bob)
    assert do(client, report, "dance") == 404
    assert do(client, report, "edit", title="") == 400
    assert do(client, report, "edit", title="x", place_text="Xqzwvk") == 400
    assert do(client, report, "merge", same="nosuch") == 404
    assert client.get("/crisis/lumi/reports/nosuch/").status_code == 404


def test_two_people_agree_by_buttons(wide: Any, lumi: Any, bob: Any, vera: Any, alice: Any) -> None:
    guarded = sample.category(lumi, alice, "Health", sensitivity="guarded")
    report = sample.placed(sample.made(lumi), bob)
    steps.edit(report, by=bob, categories=[guarded])
    wide.force_login(bob)
    assert "Agree to publish" in page_of(wide, report)
    do(wide, report, "publish")
    assert "Somebody else must agree" in page_of(wide, report)
    assert "Waits for a second yes" in wide.get(LIST).content.decode()
    assert "Water needed" in wide.get(f"{LIST}?shown=second").content.decode()
    wide.force_login(vera)
    do(wide, report, "publish")
    assert Publication.objects.count() == 1


def test_closed_and_frozen_are_said(wide: Any, lumi: Any, bob: Any, alice: Any) -> None:
    from entraide.capabilities.crisis.actions import setup

    closed, report = sample.category(lumi, alice, "Violence", sensitivity="closed"), sample.made(lumi)
    report.categories.add(closed)
    wide.force_login(alice)
    assert "Closed category" in page_of(wide, report)
    wide.force_login(bob)
    assert wide.get(f"/crisis/lumi/reports/{report.ref}/").status_code == 404
    setup.set_privacy(lumi, two_person=False, delay_hours=0, map_frozen=True, by=alice)
    assert "The map is frozen" in page_of(wide, sample.placed(sample.made(lumi), bob))


def test_places_are_found_as_fragment_and_page(
    client: Any, lumi: Any, bob: Any, rosa: Any, alice: Any
) -> None:
    places_actions.learn(
        name="Anse-Tamarin",
        point=sample.BAY,
        radius_m=2_000,
        country="MG",
        scope=str(lumi.public_id),
        by=alice,
    )
    address = "/crisis/lumi/places/"
    client.force_login(rosa)
    assert client.get(address, {"place_text": "Anse-Tamarin"}).status_code == 403
    client.force_login(bob)
    page = client.get(address, {"place_text": "Anse-Tamarin"}).content.decode()
    assert "<html" in page
    assert "within 2.0 km" in page
    fragment = client.get(
        address, {"place_text": "Anse-Tamarin"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert 'type="radio"' in fragment
    assert "<html" not in fragment
    assert "No place of this name" in client.get(address, {"place_text": "Xqzwvk"}).content.decode()
    assert client.get(address).status_code == 200
