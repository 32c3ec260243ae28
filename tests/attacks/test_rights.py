"""Every address, asked by everybody who has no business there.

An address that is new must be put in one of the tables below, or the first test fails: nobody adds a page
without saying who may open it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from entraide.capabilities.crisis.actions import bulk, publishing
from entraide.capabilities.crisis.models import Change
from entraide.capabilities.crisis.tests.sample import placed, told
from entraide.foundations.causes import actions as causes
from entraide.foundations.channels import actions as channels
from entraide.foundations.channels.models import Outgoing
from entraide.foundations.desk import actions as desk
from entraide.foundations.journal import queries as journal
from entraide.foundations.people import actions as people
from entraide.foundations.people import rules
from entraide.foundations.people.rules import Right, Role
from entraide.foundations.people.tests.cast import make_person

pytestmark = pytest.mark.django_db


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


PUBLIC = words(
    """home tour about health robots sitemap security-txt problem api-root crisis-api:reports design:gallery
    design:stylesheet journal:index journal:export journal:verifier journal:entry people:organisation people:person
    people:invitation places:index places:thanks places:land places:None languages:choose causes:list causes:cause
    desk:desk crisis:map crisis:list crisis:report crisis:tile crisis:data crisis:geojson crisis:csv crisis:kml
    crisis:network-kml crisis:atom crisis:rss crisis:tell crisis:tell-cause crisis:follow"""
)
# Anybody signed in, and each sees her own alone.
OWN = words(
    """people:me people:rights people:consents people:data people:export people:erase people:organisations
    people:organisation-new causes:new channels:index desk:lines desk:next desk:break desk:look-again"""
)
ALLAUTH = ("account_", "mfa_")  # another house's pages, tested there

TEAM = {
    Right.REPORT_TRIAGE,
    Right.REPORT_VERIFY,
    Right.REPORT_PUBLISH,
    Right.REPORT_ROUTE,
    Right.REPORT_TAKE,
}
SET_UP = {Right.CAUSE_SET_UP}
# name -> the rights of which one is needed; empty: nobody but the person concerned
GUARDED: dict[str, set[Right]] = {
    "people:membership": set(),
    "people:leave": set(),
    "people:organisation-team": {Right.TEAM_MANAGE},
    "people:team": {Right.TEAM_MANAGE},
    "people:end-grant": {Right.TEAM_MANAGE},
    "people:withdraw-invitation": {Right.TEAM_MANAGE},
    "places:load": set(),  # the operator
    "causes:set-up": SET_UP,
    "causes:state": SET_UP,
    "causes:about": SET_UP,
    "causes:area": SET_UP,
    "causes:text-new": SET_UP,
    "causes:text": SET_UP,
    "causes:goal-new": SET_UP,
    "causes:goal": SET_UP,
    "channels:doors": SET_UP,
    "channels:door": SET_UP,
    "channels:deliveries": {Right.CONTACT_REPLY},
    "channels:stuck": SET_UP,
    "desk:item": {Right.REPORT_TRIAGE},
    "crisis:team": TEAM,
    "crisis:team-report": TEAM,
    "crisis:exact-place": {Right.REPORT_SEE_EXACT},
    "crisis:act": TEAM,
    "crisis:places": {Right.REPORT_TRIAGE},
    "crisis:bulk-ask": {Right.REPORT_PUBLISH, Right.REPORT_TRIAGE},
    "crisis:bulk": TEAM,
    "crisis:bulk-undo": {Right.REPORT_PUBLISH},
    "crisis:set-up-categories": SET_UP,
    "crisis:set-up-category-new": SET_UP,
    "crisis:set-up-category": SET_UP,
    "crisis:set-up-category-deed": SET_UP,
    "crisis:set-up-privacy": SET_UP,
    "crisis:set-up-texts": SET_UP,
    "crisis:set-up-text": SET_UP,
}
# Acts: a link, a crawler or a preview must never set them off.
POST_ONLY = words(
    """people:membership people:leave people:end-grant people:withdraw-invitation languages:choose causes:state
    desk:next desk:break desk:look-again crisis:exact-place crisis:act crisis:bulk-ask crisis:bulk-undo
    crisis:set-up-category-deed"""
)
REFUSED = {403, 404, 405}


def names(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """The full name of every address but those of Django's admin."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            if pattern.namespace != "admin":
                yield from names(pattern, f"{pattern.namespace}:" if pattern.namespace else prefix)
        else:
            yield f"{prefix}{pattern.name}"


def test_every_address_is_in_a_table():
    known = PUBLIC | OWN | set(GUARDED)
    unknown = {name for name in names() if name not in known and not name.startswith(ALLAUTH)}
    assert not unknown, "say in this module who may open them"
    assert known <= set(names())


@pytest.fixture
def world(lumi: Any, alice: Any, bob: Any, water: Any) -> dict[str, Any]:
    """Something behind every address, in the cause Lumi."""
    placed(told(lumi, "Bridge down", contact="marie@example.org"), alice)
    report = placed(told(lumi, "Water is gone", category=water.slug), alice)
    publishing.publish(report, by=alice)
    told(lumi, "Somebody shouts")
    item = desk.next_item(person=bob, queue="crisis.triage")
    assert item is not None
    door = channels.open_door(cause=lumi, kind="smssync", label="Phone", by=alice)
    goal = causes.set_goal(cause=lumi, label={"en": "Water"}, unit="report", target=5, by=alice)
    invitation, _token = people.invite(role="triager", cause_id=lumi.public_id, by=alice)
    organisation = people.create_organisation(name="Lakay", by=alice)
    grant = people.grant(person=bob, role=Role.TRIAGER, cause_id=lumi.public_id, by=alice)
    asked = bulk.ask(lumi, deed="publish", refs=[report.ref], by=alice)
    return {
        "slug": lumi.slug, "ref": report.ref, "item": item.pk, "door": door.pk, "goal": goal.pk, "grant": grant.pk,
        "invitation": invitation.pk, "organisation": organisation.slug, "bulk": asked.pk, "category": water.pk,
        "cause_id": lumi.public_id,
    }  # fmt: skip


def address(name: str, there: dict[str, Any]) -> str:
    """An address with the arguments that lead to something."""
    slug = there["slug"]
    arguments: dict[str, list[Any]] = {
        "people:membership": [there["organisation"]],
        "people:leave": [there["organisation"]],
        "people:organisation-team": [there["organisation"]],
        "people:team": [there["cause_id"]],
        "people:end-grant": [there["grant"]],
        "people:withdraw-invitation": [there["invitation"]],
        "places:load": [],
        "causes:text": [slug, "en"],
        "causes:goal": [slug, there["goal"]],
        "channels:door": [slug, there["door"]],
        "desk:item": [there["item"]],
        "crisis:team-report": [slug, there["ref"]],
        "crisis:exact-place": [slug, there["ref"]],
        "crisis:act": [slug, there["ref"], "withdraw"],
        "crisis:bulk": [slug, there["bulk"]],
        "crisis:bulk-undo": [slug, there["bulk"]],
        "crisis:set-up-category": [slug, there["category"]],
        "crisis:set-up-category-deed": [slug, there["category"], "archive"],
        "crisis:set-up-text": [slug, "receipt"],
    }
    own = {"languages:choose", *OWN}
    return reverse(name, args=arguments.get(name, [] if name in own else [slug]))


DATA = {
    "why": "x", "state": "closed", "act": "show", "desk-action": "answer", "decision": "aside", "deed": "withdraw",
    "title": "x", "summary": "x", "body": "x", "language": "en", "label_en": "x", "remove": "1", "delay_hours": "0",
    "name_en": "x", "icon": "water", "sensitivity": "open", "precision": "exact", "role": "steward", "uses_max": "1",
    "days": "7",
}  # fmt: skip


def state() -> tuple[int, int, int]:
    """What must not have moved."""
    return journal.last_sequence(), Change.objects.count(), Outgoing.objects.count()


def assert_refused(client: Client, there: dict[str, Any], allowed: frozenset[str] = frozenset()) -> None:
    """Every guarded address refuses, by GET and by POST."""
    before = state()
    for name in GUARDED:
        if name in allowed:
            continue
        for method in ("get", "post"):
            data = {**DATA, "ref": there["ref"]} if method == "post" else {}
            response = getattr(client, method)(address(name, there), data)
            to_sign_in = response.status_code == 302 and "/account/login/" in response["Location"]
            assert response.status_code in REFUSED or to_sign_in, (name, method, response.status_code)
            assert "Water is gone" not in response.content.decode()
    assert state() == before


def test_a_visitor_is_refused(world):
    assert_refused(Client(), world)


def test_somebody_without_a_role_is_refused(world, charlie):
    client = Client()
    client.force_login(charlie)
    assert_refused(client, world)


def test_the_steward_of_another_cause_is_refused(world, charlie):
    """… in Lumi, and with Lumi's numbers under her own cause's address."""
    texts = {"en": {"title": "Elsewhere", "summary": "x", "body": ""}}
    own = causes.open_cause(cause=causes.create(slug="elsewhere", texts=texts, by=charlie), by=charlie)
    client = Client()
    client.force_login(charlie)
    assert_refused(client, world)
    mine = words(
        """people:team causes:set-up causes:state causes:about causes:area causes:text-new causes:text
        causes:goal-new channels:doors channels:deliveries channels:stuck crisis:team crisis:places
        crisis:set-up-categories crisis:set-up-category-new crisis:set-up-privacy crisis:set-up-texts
        crisis:set-up-text"""
    )
    assert_refused(client, {**world, "slug": own.slug}, mine)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_what_it_allows_and_no_more(world, lumi, alice, role):
    person = make_person("Role", "role@example.org")
    people.grant(person=person, role=role, cause_id=lumi.public_id, by=alice)
    client = Client()
    client.force_login(person)
    allowed = {name for name, rights in GUARDED.items() if rules.RIGHTS_OF[role] & rights}
    assert_refused(client, world, frozenset(allowed - {"people:organisation-team"}))


def test_the_operator_reads_no_testimony(world, charlie):
    charlie.is_superuser = charlie.is_staff = True
    charlie.save()
    client = Client()
    client.force_login(charlie)
    hers = {name for name, rights in GUARDED.items() if rights & rules.OPERATORS_RIGHTS} | {"places:load"}
    assert_refused(client, world, frozenset(hers))
    listed = client.get("/operator/").content.decode()
    assert not any(word in listed for word in ("crisis", "channels", "/desk/", "journal"))


def test_somebody_who_is_barred_is_refused(world, alice):
    client = Client()
    client.force_login(alice)
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert_refused(client, world)


@pytest.mark.parametrize("name", sorted(POST_ONLY))
def test_an_act_is_never_done_by_a_link(world, alice, name):
    client = Client()
    client.force_login(alice)
    before = state()
    assert client.get(address(name, world)).status_code == 405
    assert client.head(address(name, world)).status_code == 405
    assert state() == before


def test_no_act_is_done_without_its_token(world, alice):
    """Every post of somebody signed in needs the form's token; only the witness's form needs none."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    before = state()
    for name in [*GUARDED, *OWN, "languages:choose"]:
        assert client.post(address(name, world), DATA).status_code in {403, 405}, name
    assert state() == before


def test_a_page_that_is_public_shows_no_private_report(world, lumi, bob):
    """Signed out, none of the public pages knows the report that is not published."""
    client = Client()
    for name in sorted(PUBLIC - {"journal:verifier", "design:gallery", "design:stylesheet"}):
        if name in {"problem", "journal:entry", "people:organisation", "people:person", "people:invitation"}:
            continue
        try:
            there = reverse(name)
        except Exception:
            try:
                there = reverse(name, args=[lumi.slug])
            except Exception:
                continue
        response = client.get(there)
        body = response.getvalue().decode(errors="replace")
        assert "Bridge down" not in body, name
        assert "Somebody shouts" not in body, name
        assert "marie@example.org" not in body, name
