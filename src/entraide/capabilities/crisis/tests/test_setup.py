"""The stewards' pages."""

from __future__ import annotations

from typing import Any

import pytest

from entraide.capabilities.crisis.actions import publishing, setup, steps
from entraide.capabilities.crisis.models import Category, Publication, Setup
from entraide.capabilities.crisis.tests import sample
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db

PAGES = ["categories/", "categories/new/", "privacy/", "texts/", "texts/risk_note/"]


def code_of(act: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        act(*args, **kwargs)
    return refusal.value.code


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_are_the_stewards(client: Any, lumi: Any, alice: Any, bob: Any, page: str) -> None:
    client.force_login(bob)
    assert client.get(f"/crisis/lumi/set-up/{page}").status_code == 403
    client.force_login(alice)
    assert client.get(f"/crisis/lumi/set-up/{page}").status_code == 200


def test_a_category_is_added_changed_moved_and_archived(client: Any, lumi: Any, alice: Any, bob: Any) -> None:
    client.force_login(alice)
    new = "/crisis/lumi/set-up/categories/new/"
    values = {
        "name_en": "Water",
        "name_fr": "Eau",
        "icon": "water",
        "sensitivity": "open",
        "precision": "area-small",
    }
    assert client.post(new, values).status_code == 302
    water = Category.objects.get()
    assert (water.slug, water.names, water.icon) == ("water", {"en": "Water", "fr": "Eau"}, "water")
    assert "There is a category of this name" in client.post(new, values).content.decode()
    assert client.post(new, {**values, "name_en": "", "name_fr": ""}).status_code == 400
    assert client.post(new, {**values, "name_en": "Wells", "parent": "water"}).status_code == 302
    assert client.post(new, {**values, "name_en": "Food"}).status_code == 302
    food = Category.objects.get(slug="food")
    page = client.get("/crisis/lumi/set-up/categories/").content.decode()
    assert page.index("Water") < page.index("Wells") < page.index("Food")
    edit = f"/crisis/lumi/set-up/categories/{food.pk}/"
    assert "Food" in client.get(edit).content.decode()
    assert client.post(edit, {**values, "name_en": "Rice", "sensitivity": "guarded"}).status_code == 302
    assert client.post(f"{edit}up/").status_code == 302
    food.refresh_from_db()
    assert (food.names["en"], food.slug, food.position) == ("Rice", "food", 0)
    assert client.post(f"{edit}down/").status_code == 302
    assert client.post(f"/crisis/lumi/set-up/categories/{water.pk}/archive/").status_code == 409
    assert client.post(f"{edit}archive/").status_code == 302
    assert "(archived)" in client.get("/crisis/lumi/set-up/categories/").content.decode()
    assert client.post(f"{edit}restore/").status_code == 302
    assert client.post(f"{edit}dance/").status_code == 404
    assert client.get("/crisis/lumi/set-up/categories/999/").status_code == 404
    client.force_login(bob)
    assert client.post(f"{edit}archive/").status_code == 403


def test_the_tree_keeps_its_shape(lumi: Any, alice: Any, bob: Any) -> None:
    top = sample.category(lumi, alice, "Top", sensitivity="guarded")
    assert code_of(sample.category, lumi, alice, "Child", parent=top) == "less-careful-than-parent"
    child = sample.category(lumi, alice, "Child", parent=top, sensitivity="guarded")
    assert (
        code_of(
            setup.save_category,
            lumi,
            category=top,
            names={"en": "Top"},
            parent=child,
            sensitivity="guarded",
            by=alice,
        )
        == "parent-below-itself"
    )
    assert code_of(sample.category, lumi, bob, "Other") == "no-right"
    setup.save_category(lumi, category=top, names={"en": "Top"}, sensitivity="closed", by=alice)
    child.refresh_from_db()
    assert child.sensitivity == "closed"
    named = setup.save_category(lumi, names={"ar": "ماء"}, by=alice)
    assert named.slug


def test_a_more_careful_category_makes_its_publications_coarser(lumi: Any, alice: Any, bob: Any) -> None:
    water = sample.category(lumi, alice, "Water", precision="exact")
    report = sample.placed(sample.made(lumi), bob)
    steps.edit(report, by=bob, categories=[water])
    publishing.publish(report, by=bob)
    assert Publication.objects.get().shape == "point"
    setup.save_category(lumi, category=water, names={"en": "Water"}, precision="hidden", by=alice)
    assert Publication.objects.get().shape == "none"
    setup.save_category(lumi, category=water, names={"en": "Water"}, precision="exact", by=alice)
    assert Publication.objects.get().shape == "none"  # never finer afterwards, by itself
    setup.save_category(lumi, category=water, names={"en": "Water"}, sensitivity="guarded", by=alice)
    assert not Publication.objects.exists()


def test_privacy(client: Any, lumi: Any, alice: Any, bob: Any) -> None:
    client.force_login(alice)
    address = "/crisis/lumi/set-up/privacy/"
    assert client.post(address, {"two_person": "on", "delay_hours": "24"}).status_code == 302
    kept = Setup.objects.get()
    assert (kept.two_person, kept.delay_hours, kept.map_frozen) == (True, 24, False)
    assert client.post(address, {"delay_hours": "73"}).status_code == 400
    assert client.post(address, {"delay_hours": "0", "map_frozen": "on"}).status_code == 302
    assert "The map is frozen" in client.get(address).content.decode()
    values = {"two_person": False, "map_frozen": False}
    assert code_of(setup.set_privacy, lumi, **values, delay_hours=73, by=alice) == "delay-too-long"
    assert code_of(setup.set_privacy, lumi, **values, delay_hours=1, by=bob) == "no-right"


def test_texts(client: Any, lumi: Any, alice: Any, bob: Any) -> None:
    client.force_login(alice)
    address = "/crisis/lumi/set-up/texts/receipt/"
    assert client.post(address, {"text_en": "Got it", "text_sw": "Asante"}).status_code == 302
    assert Setup.objects.get().texts == {"receipt": {"en": "Got it", "sw": "Asante"}}
    assert "Got it" in client.get(address).content.decode()
    assert client.post(address, {"text_en": "x" * 321}).status_code == 400
    assert client.get("/crisis/lumi/set-up/texts/nosuch/").status_code == 404
    assert client.post("/crisis/lumi/set-up/texts/risk_note/", {"text_en": "Careful"}).status_code == 302
    assert Setup.objects.get().risk_note == {"en": "Careful"}
    assert (
        code_of(setup.set_texts, lumi, key="receipt", by_language={"en": "x" * 321}, by=alice)
        == "text-too-long"
    )
    assert code_of(setup.set_texts, lumi, key="nosuch", by_language={}, by=alice) == "text-unknown"
    assert code_of(setup.set_texts, lumi, key="receipt", by_language={}, by=bob) == "no-right"
