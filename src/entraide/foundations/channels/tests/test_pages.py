"""The stewards' pages: each for those who have the right, in plain words."""

from __future__ import annotations

import pytest
from django.utils import timezone

from entraide.foundations.channels import actions, inbox, queries
from entraide.foundations.channels.models import Contact, Door, Outgoing, Stuck
from entraide.foundations.channels.rules import seal

pytestmark = pytest.mark.django_db


@pytest.fixture
def outgoing(lumi, door):
    contact = Contact.objects.create(channel="sms", digest="d", sealed=seal("+50937123456"))
    return actions.reply(contact_id=contact.pk, cause=lumi, text="Mèsi", language="ht", about="report:abc")


PAGES = ["doors/", "deliveries/", "stuck/"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_for_stewards(client, lumi, alice, charlie, bob, page):
    address = f"/channels/lumi/{page}"
    assert client.get(address).status_code == 302
    client.force_login(charlie)
    assert client.get(address).status_code == 403
    client.force_login(alice)
    assert client.get(address).status_code == 200


def test_the_index(client, lumi, alice, charlie):
    client.force_login(charlie)
    assert "no cause" in client.get("/channels/").content.decode()
    client.force_login(alice)
    assert "/channels/lumi/doors/" in client.get("/channels/").content.decode()


@pytest.mark.parametrize("kind", ["smssync", "webhook", "mail"])
def test_opening_a_door_tells_what_to_type(client, lumi, alice, kind):
    client.force_login(alice)
    answer = client.post(
        "/channels/lumi/doors/",
        {"kind": kind, "label": "Office", "country": "ht", "address": ""},
        follow=True,
    )
    page = answer.content.decode()
    door = Door.objects.get()
    assert door.settings == {"country": "HT"}
    assert door.token in page
    if kind == "smssync":
        assert f"/door/smssync/{door.token}" in page
        assert "Sync URL" in page
    assert client.get("/channels/lumi/doors/").content.decode().count("Office") == 1


@pytest.mark.parametrize("more", [{"country": "Haiti"}, {"country": "H1"}, {"kind": "web"}, {"label": ""}])
def test_a_misshapen_door_is_refused(client, lumi, alice, more):
    client.force_login(alice)
    answer = client.post("/channels/lumi/doors/", {"kind": "smssync", "label": "Office"} | more)
    assert answer.status_code == 422
    assert not Door.objects.exists()


def test_a_refusal_of_a_rule_is_shown_in_the_form(client, lumi, alice, monkeypatch):
    from entraide.refusal import Refusal

    def refuse(**_):
        raise Refusal("No more doors.", where="kind")

    monkeypatch.setattr(actions, "open_door", refuse)
    client.force_login(alice)
    answer = client.post("/channels/lumi/doors/", {"kind": "smssync", "label": "Office"})
    assert "No more doors." in answer.content.decode()


def test_a_door_s_acts(client, door, alice):
    client.force_login(alice)
    address = f"/channels/lumi/doors/{door.pk}/"
    assert "1234" not in client.get(address).content.decode()
    shown = client.post(address, {"act": "show"})
    assert "<code>1234</code>" in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert "<code>1234</code>" not in client.post(address, {"act": "rotate"}).content.decode()
    assert client.post(address, {"act": "freeze"}).status_code == 302
    assert "Frozen" in client.get("/channels/lumi/doors/").content.decode()
    client.post(address, {"act": "thaw"})
    door.refresh_from_db()
    assert door.state == "open"
    assert client.post(address, {"act": "burn"}).status_code == 400
    assert client.get("/channels/lumi/doors/987/").status_code == 404


def test_a_door_s_acts_are_for_stewards(client, door, charlie):
    client.force_login(charlie)
    for act in ("show", "rotate", "freeze", "thaw"):
        assert client.post(f"/channels/lumi/doors/{door.pk}/", {"act": act}).status_code == 403


def test_a_door_without_secret_and_the_form_s_door(client, lumi, open_door, alice):
    client.force_login(alice)
    door = open_door(secret="")
    assert "asks none" in client.get(f"/channels/lumi/doors/{door.pk}/").content.decode()
    web = actions.standing_door(cause=lumi, kind="web")
    actions.accept_web(cause=lumi, fields={"text": "a"}, key="1")
    actions.take_in()
    assert client.get(f"/channels/lumi/doors/{web.pk}/").status_code == 200
    assert client.get("/channels/lumi/doors/").status_code == 200


def test_deliveries(client, outgoing, alice):
    client.force_login(alice)
    page = client.get("/channels/lumi/deliveries/").content.decode()
    assert "report:abc" in page
    assert "37123456" not in page
    Outgoing.objects.update(state="failed", error="no credit")
    page = client.get("/channels/lumi/deliveries/?state=failed").content.decode()
    assert "no credit" in page
    assert "report:abc" not in client.get("/channels/lumi/deliveries/?state=sent").content.decode()
    answer = client.post("/channels/lumi/deliveries/?state=failed", {"uuid": outgoing.uuid})
    assert answer.status_code == 302
    outgoing.refresh_from_db()
    assert outgoing.state == "queued"
    for name in ("nonsense", "8b0d1f6e-0000-4000-8000-000000000000"):
        assert client.post("/channels/lumi/deliveries/", {"uuid": name}).status_code == 404
    Outgoing.objects.update(state="sent", door=None)
    assert client.get("/channels/lumi/deliveries/?state=nonsense").status_code == 200


def test_stuck_messages(client, door, alice):
    inbox.writer().accept(
        inbox.Arrival(door_id=door.pk, channel="sms", key="k", fields={"text": "a"})
    ).result(5)
    [row] = inbox.read(0, 1)
    Stuck.objects.create(inbox_id=row.id, door=door, error="ValueError", next_attempt_at=timezone.now())
    client.force_login(alice)
    assert "ValueError" in client.get("/channels/lumi/stuck/").content.decode()
    assert "1 message got through" in client.post("/channels/lumi/stuck/", follow=True).content.decode()
    assert "Nothing is stuck" in client.get("/channels/lumi/stuck/").content.decode()


def test_the_set_up_page_of_a_cause_leads_here_and_says_what_needs_a_look(
    client, outgoing, door, lumi, alice, bob, charlie
):
    client.force_login(alice)
    page = client.get("/causes/lumi/set-up/").content.decode()
    for name in ("doors", "deliveries", "stuck"):
        assert f'href="/channels/lumi/{name}/"' in page
    assert "1 waiting" in page
    assert "failed" not in page
    Outgoing.objects.update(state="failed")
    Stuck.objects.create(inbox_id=1, door=door, error="ValueError", next_attempt_at=timezone.now())
    page = client.get("/causes/lumi/set-up/").content.decode()
    assert "1 failed" in page
    assert "1 stuck" in page
    assert [str(link.label) for link in queries.set_up_links(bob, lumi)] == ["Deliveries"]  # a triager
    assert queries.set_up_links(charlie, lumi) == []


def test_pages_in_french(client, door, alice):
    client.force_login(alice)
    client.cookies["language"] = "fr"
    page = client.get(f"/channels/lumi/doors/{door.pk}/").content.decode()
    assert 'lang="fr"' in page


def test_french_is_complete():
    from pathlib import Path

    from babel.messages.pofile import read_po

    room = Path(__file__).parents[1]
    with (room / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    for message in catalogue:
        if message.id:
            assert all(message.string if message.pluralizable else [message.string]), message.id
            assert not list(message.check()), message.id
