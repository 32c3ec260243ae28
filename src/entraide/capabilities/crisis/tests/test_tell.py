"""The witness's pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from entraide.capabilities.crisis.actions import setup, steps
from entraide.capabilities.crisis.models import Report
from entraide.capabilities.crisis.tests import sample
from entraide.capabilities.crisis.views import tell
from entraide.foundations.causes import actions as causes
from entraide.foundations.channels import actions as channels
from entraide.foundations.channels.models import Message
from entraide.foundations.design import bundles
from entraide.foundations.desk.models import WorkItem

pytestmark = pytest.mark.django_db


def filled(client: Any, **values: Any) -> dict[str, Any]:
    """The form as a browser would send it."""
    page = client.get("/tell/lumi/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    return {"key": key[1], "text": "No water here", "website": "", **values}


def test_one_open_cause_goes_straight_to_the_form(client: Any, lumi: Any, alice: Any) -> None:
    assert client.get("/tell/").headers["Location"] == "/tell/lumi/"
    other = causes.create(
        slug="other", texts={"en": {"title": "Other", "summary": "x"}}, languages=["en"], by=alice
    )
    causes.open_cause(cause=other, by=alice)
    page = client.get("/tell/").content.decode()
    assert "/tell/other/" in page
    assert "/tell/lumi/" in page


def test_no_open_cause_says_so(client: Any, db: Any) -> None:
    assert "No event is open" in client.get("/tell/").content.decode()


def test_telling_and_following(client: Any, lumi: Any, bob: Any) -> None:
    answer = client.post("/tell/lumi/", filled(client, place="the school", contact="ana@example.org"))
    assert answer.status_code == 302
    page = client.get(answer.headers["Location"])
    assert "Thank you" in page.content.decode()
    assert "Waiting to be taken in" in page.content.decode()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    channels.take_in()
    follow = answer.headers["Location"].split("?")[0]
    assert "waits to be read" in client.get(follow).content.decode()
    report = sample.newest(lumi)
    assert report.place_name == "the school"
    steps.pass_on(report, by=bob)
    assert "has read it" in client.get(follow).content.decode()
    steps.route(report, organisation=None, by=bob)
    assert "not a promise" in client.get(follow).content.decode()


@pytest.mark.parametrize(
    ("step", "words"),
    [("taken", "looking after"), ("done", "marked as done"), ("set-aside", "does not belong")],
)
def test_each_stage_has_its_words(client: Any, lumi: Any, step: str, words: str) -> None:
    answer = client.post("/tell/lumi/", filled(client))
    channels.take_in()
    Report.objects.update(step=step)
    assert words in client.get(answer.headers["Location"]).content.decode()


def test_a_double_click_is_one_message_and_one_address(client: Any, lumi: Any) -> None:
    data = filled(client, contact="ana@example.org")
    first, second = client.post("/tell/lumi/", data), client.post("/tell/lumi/", data)
    assert first.headers["Location"] == second.headers["Location"]
    channels.take_in()
    assert Message.objects.count() == Report.objects.count() == 1


def test_going_back_and_writing_something_else_is_a_second_message(client: Any, lumi: Any) -> None:
    data = filled(client)
    client.post("/tell/lumi/", data)
    client.post("/tell/lumi/", {**data, "text": "Now the bridge is gone too"})
    channels.take_in()
    assert Report.objects.count() == 2


def test_nothing_written_keeps_the_rest_and_says_what_is_missing(client: Any, lumi: Any) -> None:
    answer = client.post("/tell/lumi/", filled(client, text="  ", place="the school"))
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "the school" in page
    assert "Write a few words" in page


def test_a_strange_choice_or_position_does_not_stop_a_person(client: Any, lumi: Any) -> None:
    answer = client.post(
        "/tell/lumi/", filled(client, category="nosuch", language="xx", lat="north", lon="5")
    )
    assert answer.status_code == 302


def test_no_cookie_and_no_token_are_needed(lumi: Any) -> None:
    bare = Client(enforce_csrf_checks=True)
    assert bare.post("/tell/lumi/", {"text": "No water"}).status_code == 302


def test_the_trap_orders_and_never_discards(client: Any, lumi: Any) -> None:
    client.post("/tell/lumi/", filled(client, website="https://example.org"))
    channels.take_in()
    assert WorkItem.objects.get().priority == -1


def test_a_crowd_from_one_address_is_read_later(client: Any, lumi: Any) -> None:
    for number in range(tell.CROWD + 2):
        client.post("/tell/lumi/", filled(client, text=f"No water {number}"))
    channels.take_in()
    assert Report.objects.count() == tell.CROWD + 2
    assert WorkItem.objects.filter(priority=-1).count() == 2


@pytest.mark.logs_errors  # Django logs every answer of 500 and more
def test_a_frozen_door_keeps_what_was_written(client: Any, lumi: Any, alice: Any) -> None:
    door = channels.standing_door(cause=lumi, kind="web")
    channels.freeze_door(door=door, by=alice)
    answer = client.post("/tell/lumi/", filled(client))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "No water here" in answer.content.decode()
    assert "What you wrote is still here" in answer.content.decode()


def test_a_closed_cause_and_a_draft(client: Any, lumi: Any, alice: Any) -> None:
    causes.close(cause=lumi, by=alice)
    assert client.get("/tell/lumi/").status_code == 410
    causes.create(slug="draft", texts={"en": {"title": "Draft"}}, languages=["en"], by=alice)
    assert client.get("/tell/draft/").status_code == 404
    assert client.get("/tell/nosuch/").status_code == 404


def test_the_risk_note_and_categories_are_shown(client: Any, lumi: Any, alice: Any) -> None:
    page = client.get("/tell/lumi/").content.decode()
    assert 'name="category"' not in page
    setup.set_texts(lumi, key="risk_note", by_language={"en": "Phones are read here."}, by=alice)
    sample.category(lumi, alice, "Water")
    page = client.get("/tell/lumi/").content.decode()
    assert "Phones are read here." in page
    assert "Water" in page


def test_the_whole_page_is_at_most_30_kb(client: Any, lumi: Any, alice: Any) -> None:
    for name in ("Water", "Food", "Shelter", "Health", "Missing people", "Roads", "Power", "Danger"):
        sample.category(lumi, alice, name)
    page = client.get("/tell/lumi/").content
    ours = Path(tell.__file__).parents[1] / "static" / "crisis"
    files = [
        bundles.sheet("bare").encode(),
        *((ours / name).read_bytes() for name in ("tell.css", "tell.js")),
    ]
    size = len(page) + sum(map(len, files))
    assert size <= 30 * 1024, size


def test_follow_is_found_by_name_only(client: Any, lumi: Any) -> None:
    page = client.get(reverse("crisis:follow", args=["lumi", "x" * 26]))
    assert page.status_code == 200
    assert "check that the address is whole" in page.content.decode()
