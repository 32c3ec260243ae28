"""The desk's pages: what each person sees, with and without htmx, and that looking takes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from entraide.foundations.causes import actions as causes
from entraide.foundations.desk import actions, queries
from entraide.foundations.desk.models import Answer, Skip, State, WorkItem

from .test_line import age, end_lease

pytestmark = pytest.mark.django_db
DESK = "/desk/"
YES = {"verdict": "about-this"}


@pytest.fixture
def bobs(client: Any, bob: Any) -> Any:
    """Bob's browser. With htmx one request both acts and draws the desk anew."""
    client.force_login(bob)
    client.query_budget = 32
    return client


def page(response: Any) -> str:
    """The text of a page that answered well."""
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def item_address(item: WorkItem, query: str = "") -> str:
    """The address of an item."""
    return reverse("desk:item", args=[item.pk]) + query


def test_a_visitor_learns_what_the_desk_is_and_how_to_join(client: Any, lumi: Any) -> None:
    text = page(client.get(DESK))
    assert "To read" in text
    assert "Cyclone Lumi" in text
    assert reverse("account_signup") in text


def test_a_person_without_rights_learns_whom_to_ask(client: Any, lumi: Any, charlie: Any) -> None:
    client.force_login(charlie)
    text = page(client.get(DESK))
    assert "ask one of its stewards" in text
    assert reverse("causes:cause", args=["lumi"]) in text


def test_without_any_cause_one_may_begin_the_first(client: Any, charlie: Any) -> None:
    client.force_login(charlie)
    assert reverse("causes:new") in page(client.get(DESK))


@pytest.mark.parametrize("path", ["next/", "break/", "look-again/", "items/1/"])
def test_a_visitor_can_do_nothing(client: Any, lumi: Any, path: str) -> None:
    response = client.post(DESK + path)
    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]


def test_a_person_without_rights_can_take_nothing(client: Any, put: Any, charlie: Any) -> None:
    item = put()
    client.force_login(charlie)
    assert client.get(item_address(item)).status_code == 404
    assert client.post(item_address(item), {"desk-action": "take"}).status_code == 404
    client.post(DESK + "next/")
    item.refresh_from_db()
    assert item.state == State.WAITING


def test_looking_takes_nothing(bobs: Any, put: Any) -> None:
    item = put(language="sw")
    text = page(bobs.get(DESK))
    assert "Take the next one" in text
    assert "Swahili" in text
    page(bobs.get(item_address(item)))
    page(bobs.get("/desk/lines/?idle=1"))
    item.refresh_from_db()
    assert item.state == State.WAITING


def test_a_whole_turn_without_javascript(bobs: Any, bob: Any, put: Any) -> None:
    first, second = put("message:1"), put("message:2")
    age(first, minutes=5)
    response = bobs.post("/desk/next/?queue=practice.read")
    assert response["Location"] == item_address(first, "?queue=practice.read")
    text = page(bobs.get(response["Location"]))
    assert "Message message:1" in text
    assert "Keep it" in text
    response = bobs.post(response["Location"], YES)
    assert response["Location"] == item_address(second, "?queue=practice.read")
    text = page(bobs.get(response["Location"]))
    assert "Undo" in text
    assert "1 item" in text
    response = bobs.post(response["Location"], YES)
    assert response["Location"] == DESK + "?queue=practice.read"
    assert "Nothing waits. Thank you." in page(bobs.get(response["Location"]))
    assert queries.day(bob).answers == 2


def test_a_turn_with_htmx_swaps_the_region_and_moves_the_address(bobs: Any, put: Any) -> None:
    first, second = put("message:1"), put("message:2")
    age(first, minutes=5)
    htmx = {"HTTP_HX_REQUEST": "true"}
    response = bobs.post("/desk/next/", **htmx)
    assert response["HX-Push-Url"] == item_address(first)
    text = page(response)
    assert 'id="desk-work"' in text
    assert "<html" not in text
    assert text.count('hx-swap-oob="true"') == 2
    response = bobs.post(item_address(first), YES, **htmx)
    assert response["HX-Push-Url"] == item_address(second)
    assert "Message message:2" in page(response)


def test_desk_pages_are_never_stored(bobs: Any, put: Any) -> None:
    put()
    assert "no-store" in bobs.get(DESK)["Cache-Control"]


def test_a_refused_answer_keeps_the_item_and_says_why(bobs: Any, put: Any) -> None:
    item = put()
    bobs.post("/desk/next/")
    response = bobs.post(item_address(item), {})
    assert response.status_code == 400
    assert "Choose one of the two." in response.content.decode()
    assert "Message message:1" in response.content.decode()
    response = bobs.post(item_address(item), {}, HTTP_HX_REQUEST="true")
    assert response["HX-Retarget"] == "#work-refusal"
    assert "Message message:1" not in page(response), "what she chose stays in the form"


def test_an_answer_to_a_lost_item_says_so_and_offers_the_next(bobs: Any, put: Any, alice: Any) -> None:
    item, _other = put("message:1"), put("message:2")
    age(item, minutes=5)
    bobs.post("/desk/next/")
    end_lease(item)
    actions.take(item=item, person=alice)
    response = bobs.post(item_address(item), YES)
    assert response.status_code == 409
    text = response.content.decode()
    assert "not in your hands" in text
    assert "Take the next one" in text
    assert 'role="alert"' in page(bobs.post(item_address(item), YES, HTTP_HX_REQUEST="true"))
    assert not Answer.objects.exists()


def test_skip_release_keep_take_and_undo(bobs: Any, bob: Any, put: Any) -> None:
    item = put()
    address = item_address(item)
    bobs.post("/desk/next/")
    before = WorkItem.objects.get().lease_until
    assert bobs.post(address, {"desk-action": "keep"})["Location"] == address
    assert WorkItem.objects.get().lease_until >= before
    assert bobs.post(address, {"desk-action": "release"})["Location"] == DESK
    assert WorkItem.objects.get().state == State.WAITING
    assert "Take it if it is free" in page(bobs.get(address))
    assert bobs.post(address, {"desk-action": "take"})["Location"] == address
    bobs.post(address, YES)
    assert "This item is done." in page(bobs.get(address))
    assert bobs.post(address, {"desk-action": "undo"})["Location"] == address
    assert queries.held_by(bob).get() == item
    assert bobs.post(address, {"desk-action": "undo"}).status_code == 409
    assert bobs.post(address, {"desk-action": "skip"})["Location"] == DESK
    assert Skip.objects.count() == 1
    assert "1 that you left to others still waits." in page(bobs.get(DESK))
    assert bobs.post("/desk/look-again/")["Location"] == DESK
    assert "Take the next one" in page(bobs.get(DESK))


def test_what_cannot_be_taken_is_said(bobs: Any, put: Any, alice: Any) -> None:
    item = put()
    actions.take(item=item, person=alice)
    assert "Somebody else may be working on this item." in page(bobs.get(item_address(item)))
    response = bobs.post(item_address(item), {"desk-action": "take"})
    assert response.status_code == 409
    actions.withdraw(queue=item.queue, subject=item.subject)
    assert "needs no answer any more" in page(bobs.get(item_address(item)))


def test_keeping_with_htmx_redraws_the_clock_alone(bobs: Any, put: Any) -> None:
    item = put()
    bobs.post("/desk/next/")
    text = page(bobs.post(item_address(item), {"desk-action": "keep"}, HTTP_HX_REQUEST="true"))
    assert 'id="desk-lease"' in text
    assert "Message" not in text, "what she has typed must stay"
    WorkItem.objects.update(leased_at=timezone.now() - timedelta(minutes=59))
    response = bobs.post(item_address(item), {"desk-action": "keep"}, HTTP_HX_REQUEST="true")
    assert "kept this for an hour" in page(response)
    assert response["HX-Retarget"] == "#work-refusal"


def test_enter_presses_the_panels_own_button(bobs: Any, put: Any) -> None:
    put()
    text = page(bobs.post("/desk/next/", follow=True))
    form = text[text.index("desk-item") :]
    first = form[form.index('type="submit"') :]
    assert 'form="desk-keep"' in first[:80], "keeping belongs to another form"
    second = first[first.index('type="submit"', 10) :]
    assert 'value="answer"' in second[:120]


def test_an_unknown_button_is_refused(bobs: Any, put: Any) -> None:
    item = put()
    bobs.post("/desk/next/")
    assert bobs.post(item_address(item), {"desk-action": "burn"}).status_code == 400


def test_a_break(bobs: Any, put: Any) -> None:
    put()
    bobs.post("/desk/next/")
    text = page(bobs.post("/desk/break/", follow=True))
    assert "back in line" in text
    assert WorkItem.objects.get().state == State.WAITING
    assert "You hold nothing" in page(bobs.post("/desk/break/", follow=True))


def test_nothing_in_her_languages_offers_the_others(bobs: Any, bob: Any, put: Any) -> None:
    item = put(language="fr")
    text = page(bobs.get(DESK))
    assert "Nothing waits in English or Swahili." in text
    assert "1 waits in French: do you read it?" in text
    assert "Take the next one" not in text
    assert bobs.post("/desk/next/")["Location"] == DESK
    assert bobs.post("/desk/next/?language=fr")["Location"] == item_address(item, "?language=fr")
    actions.release_all(person=bob)
    assert "Nothing waits in Arabic." in page(bobs.get(DESK + "?language=ar"))
    age(item, minutes=40)
    assert "Take the next one" in page(bobs.get(DESK)), "nobody read it for too long"


def test_without_languages_of_her_own(bobs: Any, bob: Any, put: Any) -> None:
    bob.languages = []
    bob.save()
    put(language="fr")
    text = page(bobs.get(DESK))
    assert "You have not said which languages you read." in text
    assert "Take the next one" in text


def test_the_lines_follow_the_wish_and_name_the_topics(bobs: Any, put: Any, lumi: Any) -> None:
    put()
    text = page(bobs.get(DESK + "?queue=practice.read&cause=lumi"))
    assert f"desk:{lumi.public_id}" in text
    assert "Whatever comes first" in text
    text = page(bobs.get("/desk/lines/?queue=practice.read"))
    assert 'id="desk-lines"' in text
    assert 'id="desk-work"' not in text
    assert 'id="desk-work"' in page(bobs.get("/desk/lines/?idle=1"))


def test_an_unknown_wish_is_as_none(bobs: Any, put: Any, alice: Any) -> None:
    causes.create(slug="secret", texts={"en": {"title": "Secret plan"}}, by=alice)
    text = page(bobs.get(DESK + "?queue=nobody.knows&cause=secret"))
    assert "Secret plan" not in text
    assert "Take the next one" not in text


def test_several_causes_are_told_apart(client: Any, put: Any, alice: Any) -> None:
    other = causes.create(
        slug="other", texts={"en": {"title": "Another storm", "summary": "Other."}}, by=alice
    )
    put("message:1")
    put("message:2", cause=other)
    client.force_login(alice)
    text = page(client.get(DESK))
    assert "Another storm" in text
    assert "Cyclone Lumi" in text
    only = client.post("/desk/next/?cause=other")
    assert only["Location"].endswith("?cause=other")


def test_a_dispute_is_told_to_whoever_decides(client: Any, put: Any, alice: Any) -> None:
    put("message:1", queue="practice.check")
    WorkItem.objects.update(disputed=True)
    client.force_login(alice)
    response = client.post("/desk/next/", follow=True)
    assert "Your answer decides." in page(response)


def test_the_desk_asks_the_database_little(bobs: Any, bob: Any, put: Any) -> None:
    for number in range(20):
        put(f"message:{number}", language="sw")
    bobs.query_budget = 18
    page(bobs.get(DESK))
    page(bobs.post("/desk/next/", follow=True))


def test_in_french(bobs: Any, put: Any) -> None:
    put(language="sw")
    text = page(bobs.get(DESK, HTTP_ACCEPT_LANGUAGE="fr"))
    assert "Prendre le suivant" in text
    assert "swahili" in text


def test_a_lease_that_ran_out_while_away(bobs: Any, put: Any) -> None:
    item = put()
    bobs.post("/desk/next/")
    end_lease(item)
    assert "not in your hands" in page(bobs.get(item_address(item)))
    assert queries.seconds_left(item) == 0
    item.lease_until = timezone.now()
    assert queries.seconds_left(item) == 0
