"""The causes' pages, for visitors and stewards."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from entraide.capability import Capability, Feed, Panel, SetUpPage, cards
from entraide.foundations.causes import actions
from entraide.foundations.causes.models import Cause, State
from entraide.foundations.people import actions as people
from entraide.foundations.people.rules import Right
from entraide.foundations.places import queries as places
from entraide.foundations.places.queries import Answer
from entraide.foundations.places.rules import to_grid

pytestmark = pytest.mark.django_db


def page(response: Any, status: int = 200) -> str:
    """The text of a page."""
    assert response.status_code == status, response.status_code
    return response.content.decode()


@pytest.fixture
def alices(client: Any, alice: Any, lumi: Any) -> Any:
    """The browser of Lumi's steward."""
    client.force_login(alice)
    return client


def test_the_list_shows_what_is_needed_and_no_drafts_of_others(
    client: Any, lumi: Any, alice: Any, charlie: Any
) -> None:
    actions.set_goal(cause=lumi, label={"en": "Reports read"}, unit="report", target=500, by=alice)
    actions.create(slug="roof", texts={"en": {"title": "School roof"}}, by=charlie)
    text = page(client.get("/causes/"))
    assert "Cyclone Lumi" in text
    assert "Reports read" in text
    assert "0 of 500 reports" in text
    assert "School roof" not in text
    client.force_login(charlie)
    assert "School roof" in page(client.get("/causes/"))


def test_an_empty_house_invites(client: Any) -> None:
    assert "Begin the first one" in page(client.get("/causes/"))


def test_the_cause_page_answers_the_four_questions(client: Any, lumi: Any, alice: Any) -> None:
    organisation = people.create_organisation(slug="care", name="Care for all", by=alice)
    actions.edit(cause=lumi, by=alice, organisation=organisation)
    actions.set_goal(
        cause=lumi, label={"en": "Openings"}, unit="cause", target=2, kinds=["causes.opened"], by=alice
    )
    text = page(client.get("/causes/lumi/"))
    assert "1 of 2 causes" in text
    assert f"/journal/?cause={lumi.public_id}&amp;kind=causes.opened#entries" in text
    assert "The cause was opened." in text
    assert "Care for all" in text
    assert "Madagascar" in text
    assert "Clean water and sanitation" in text
    assert "Set up" not in text
    assert "Alice" not in text, "she has not agreed to show her name"


def test_each_reader_sees_her_language_first_and_the_others_one_tap_away(
    client: Any, lumi: Any, alice: Any
) -> None:
    actions.set_text(
        cause=lumi, language="ar", title="إعصار لومي", summary="ماء وأسقف.", body="قصة", by=alice
    )
    actions.set_text(cause=lumi, language="fr", title="Cyclone Lumi : l’eau", summary="De l’eau.", by=alice)
    text = page(client.get("/causes/lumi/", HTTP_ACCEPT_LANGUAGE="fr"))
    assert '<h1 lang="fr" dir="ltr">Cyclone Lumi : l’eau</h1>' in text
    assert "?text=ar" in text
    text = page(client.get("/causes/lumi/?text=ar", HTTP_ACCEPT_LANGUAGE="fr"))
    assert '<h1 lang="ar" dir="rtl">إعصار لومي</h1>' in text
    assert "?text=fr" in text
    assert "Cyclone Lumi : l’eau" in page(client.get("/causes/lumi/?text=xx", HTTP_ACCEPT_LANGUAGE="fr"))


def test_a_draft_is_not_there_for_others(client: Any, charlie: Any, bob: Any) -> None:
    actions.create(slug="roof", texts={"en": {"title": "School roof"}}, by=charlie)
    assert client.get("/causes/roof/").status_code == 404
    client.force_login(bob)
    assert client.get("/causes/roof/").status_code == 404
    client.force_login(charlie)
    text = page(client.get("/causes/roof/"))
    assert "This is a draft." in text
    assert "Set up" in text


def test_a_closed_cause_stays_to_be_read(alices: Any, lumi: Any, alice: Any) -> None:
    actions.close(cause=lumi, by=alice)
    text = page(alices.get("/causes/lumi/"))
    assert "This cause is closed." in text
    assert "The cause was closed." in text


def test_rooms_fill_the_page_through_their_cards(
    alices: Any, lumi: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = Capability(
        name="practice",
        label="Practice",
        sentence="Nothing real.",
        cause_panels=[
            Panel(template="causes/_goal.html", context=lambda cause, request: {
                "label": f"Shown for {cause.slug}", "given": "1", "target": "2", "percent": 50, "url": "/journal/",
            }),
            Panel(template="causes/_goal.html", context=lambda cause, request: None),
        ],
        feeds=[Feed(label="As a list", url_name="causes:cause", media_type="application/atom+xml")],
        set_up_pages=[
            SetUpPage(label="Practice room", sentence="How.", url_name="causes:about", right=Right.CAUSE_SET_UP),
            SetUpPage(label="The books", sentence="How.", url_name="causes:about", right=Right.BOOKS_KEEP),
        ],
    )  # fmt: skip
    monkeypatch.setattr("entraide.capability.cards", lambda: (card,))
    text = page(alices.get("/causes/lumi/"))
    assert "Shown for lumi" in text
    assert "As a list" in text
    text = page(alices.get("/causes/lumi/set-up/"))
    assert "Practice room" in text
    assert "The books" not in text, "only those who hold the right see the page"
    monkeypatch.undo()
    assert cards() is not None


def test_beginning_a_cause(client: Any, charlie: Any) -> None:
    assert client.get("/causes/new/").status_code == 302
    client.force_login(charlie)
    page(client.get("/causes/new/"))
    typed = {
        "title": "Écoles de Toamasina",
        "summary": "Des toits.",
        "language": "Français",
        "slug": "",
        "body": "",
    }
    response = client.post("/causes/new/", typed)
    assert response["Location"] == "/causes/ecoles-de-toamasina/set-up/"
    cause = Cause.objects.get()
    assert (cause.state, cause.original_language) == (State.DRAFT, "fr")
    assert "Another cause has this address already." in page(client.post("/causes/new/", typed), 422)
    assert "Choose an address in Latin letters." in page(
        client.post("/causes/new/", {**typed, "title": "إعصار"}), 422
    )
    assert "Name one language." in page(client.post("/causes/new/", {**typed, "language": "Klingonish"}), 422)
    assert "address may hold" in page(client.post("/causes/new/", {**typed, "slug": "A B"}), 422)


@pytest.mark.parametrize(
    "path", ["", "state/", "about/", "area/", "texts/new/", "texts/en/", "goals/new/", "goals/1/"]
)
def test_only_stewards_reach_the_set_up(client: Any, lumi: Any, bob: Any, path: str) -> None:
    address = f"/causes/lumi/set-up/{path}"
    response = client.post(address)
    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]
    client.force_login(bob)
    assert client.post(address, {"state": "closed", "remove": "1"}).status_code == 403
    lumi.refresh_from_db()
    assert lumi.state == State.OPEN


def test_the_set_up_page(alices: Any, lumi: Any, alice: Any) -> None:
    actions.set_goal(cause=lumi, label={"en": "Reports read"}, unit="report", target=500, by=alice)
    text = page(alices.get("/causes/lumi/set-up/"))
    for words in ("Close the cause", "Reports read", "One more language", "Madagascar", "Team"):
        assert words in text
    assert f"/people/team/{lumi.public_id}/" in text


def test_opening_and_closing(alices: Any, lumi: Any) -> None:
    address = "/causes/lumi/set-up/state/"
    assert "The cause is closed." in page(alices.post(address, {"state": "closed"}, follow=True))
    assert "Open it again" in page(alices.get("/causes/lumi/set-up/"))
    assert "The cause is open." in page(alices.post(address, {"state": "open"}, follow=True))
    assert alices.post(address, {"state": "open"}).status_code == 409
    assert alices.post(address, {"state": "burnt"}).status_code == 400
    assert alices.get(address).status_code == 405


def test_opening_a_draft(client: Any, charlie: Any) -> None:
    actions.create(slug="roof", texts={"en": {"title": "School roof", "summary": "A roof."}}, by=charlie)
    client.force_login(charlie)
    assert "Open the cause" in page(client.get("/causes/roof/set-up/"))
    client.post("/causes/roof/set-up/state/", {"state": "open"})
    assert Cause.objects.get().state == State.OPEN


def test_who_and_where(alices: Any, lumi: Any, alice: Any) -> None:
    address = "/causes/lumi/set-up/about/"
    assert "Madagascar" in page(alices.get(address))
    typed = {
        "languages": "Malagasy, French",
        "countries": "Mozambique, MG",
        "sdgs": ["1", "13"],
        "organisation": "",
    }
    assert "Kept." in page(alices.post(address, typed, follow=True))
    lumi.refresh_from_db()
    assert (lumi.languages, lumi.countries, lumi.sdgs) == (["mg", "fr"], ["MZ", "MG"], [1, 13])
    text = page(alices.post(address, {**typed, "countries": "Atlantis"}), 422)
    assert "Not understood: Atlantis" in text
    assert page(alices.post(address, {**typed, "sdgs": ["18"]}), 422)


def test_the_address_of_a_draft_can_change(client: Any, charlie: Any, lumi: Any) -> None:
    actions.create(slug="roof", texts={"en": {"title": "School roof"}}, by=charlie)
    client.force_login(charlie)
    address = "/causes/roof/set-up/about/"
    assert "Another cause has this address already." in page(client.post(address, {"slug": "lumi"}), 422)
    assert client.post(address, {"slug": "roofs"})["Location"] == "/causes/roofs/set-up/"


def test_the_area_by_a_places_name(alices: Any, lumi: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "/causes/lumi/set-up/area/"

    def find(text: str, *, countries: Any) -> list[Answer]:
        assert countries == ["MG"]
        toamasina = Answer(
            "Toamasina", "Toamasina, Madagascar", to_grid(-18.15, 49.4), 9000, "town", "GeoNames", 1.0
        )
        return [toamasina] if text == "Toamasina" else []

    monkeypatch.setattr(places, "find", find)
    text = page(alices.get(address, {"q": "Toamasina"}))
    assert "Toamasina" in text
    assert "Around here" in text
    assert 'name="west" value="49.31"' in text
    assert "No place of this name" in page(alices.get(address, {"q": "Xyzzyqwfp"}))
    alices.post(address, {"west": "49.2", "south": "-18.4", "east": "49.6", "north": "-17.9"})
    lumi.refresh_from_db()
    assert lumi.area == (49.2, -18.4, 49.6, -17.9)
    box = {"west": "49.2", "south": "-17", "east": "49.6", "north": "-18"}
    assert "hold some land" in page(alices.post(address, box), 422)
    assert page(alices.post(address, {"west": "x"}), 422)
    alices.post(address, {"none": "1"})
    lumi.refresh_from_db()
    assert lumi.area is None


def test_texts(alices: Any, lumi: Any) -> None:
    address = "/causes/lumi/set-up/texts/"
    assert "The original" in page(alices.get(address + "new/"))
    typed = {"language": "Swahili", "title": "Kimbunga Lumi", "summary": "Maji.", "body": "Hadithi."}
    alices.post(address + "new/", typed)
    assert lumi.texts.get(language="sw").title == "Kimbunga Lumi"
    alices.post(address + "sw/", {**typed, "title": "Kimbunga"})
    assert lumi.texts.get(language="sw").title == "Kimbunga"
    assert page(alices.post(address + "sw/", {"title": ""}), 422)
    assert "Remove" in page(alices.get(address + "sw/"))
    assert "The original" not in page(alices.get(address + "en/"))
    assert alices.get(address + "xx/").status_code == 404
    assert alices.post(address + "en/", {"remove": "1"}).status_code == 409
    alices.post(address + "sw/", {"remove": "1"})
    assert not lumi.texts.filter(language="sw").exists()


def test_goals(alices: Any, lumi: Any) -> None:
    address = "/causes/lumi/set-up/goals/"
    page(alices.get(address + "new/"))
    typed = {"label_en": "Money for roofs", "unit": "eur-cent", "target": "2500.50"}
    alices.post(address + "new/", typed)
    goal = lumi.goals.get()
    assert (goal.unit, goal.target, goal.label) == ("eur-cent", 250050, {"en": "Money for roofs"})
    text = page(alices.get(f"{address}{goal.pk}/"))
    assert "2500.5" in text
    assert "Remove" in text
    half = {"label_en": "Causes", "unit": "cause", "target": "1.5"}
    assert "A whole number, please." in page(alices.post(f"{address}{goal.pk}/", half), 422)
    other = {"label_en": "Causes", "unit": "hour", "target": "1", "kinds": ["causes.opened"]}
    assert "counted in another unit" in page(alices.post(f"{address}{goal.pk}/", other), 422)
    alices.post(f"{address}{goal.pk}/", {**other, "unit": "cause"})
    goal.refresh_from_db()
    assert (goal.unit, goal.target, goal.kinds) == ("cause", 1, ["causes.opened"])
    assert alices.get(f"{address}999/").status_code == 404
    alices.post(f"{address}{goal.pk}/", {"remove": "1"})
    assert not lumi.goals.exists()


def test_a_goal_in_a_unit_of_ones_own_can_be_kept(alices: Any, lumi: Any, alice: Any) -> None:
    goal = actions.set_goal(cause=lumi, label={"en": "Boats"}, unit="boat", target=3, by=alice)
    assert "boat" in page(alices.get(f"/causes/lumi/set-up/goals/{goal.pk}/"))
    alices.post(f"/causes/lumi/set-up/goals/{goal.pk}/", {"label_en": "Boats", "unit": "boat", "target": "4"})
    goal.refresh_from_db()
    assert goal.target == 4
