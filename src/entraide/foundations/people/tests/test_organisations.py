"""Organisations: made, shown, joined, left."""

import pytest

from entraide.foundations.people import actions, queries
from entraide.foundations.people.models import Membership, Organisation
from entraide.foundations.people.rules import Right, Role
from entraide.foundations.people.tests.cast import make_person
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def founder():
    return make_person("Fanta", "fanta@example.org")


@pytest.fixture
def guest():
    return make_person("Gus", "gus@example.org")


@pytest.fixture
def house(founder):
    return actions.create_organisation(name="Maison Lumi", country="MG", by=founder)


def test_its_maker_leads_it(founder, house):
    assert house.slug == "maison-lumi"
    assert queries.may(founder, Right.TEAM_MANAGE, organisation=house)
    assert [membership.organisation for membership in queries.organisations_of(founder)] == [house]


def test_short_names_are_free_and_never_an_address_of_ours(founder):
    slugs = [
        actions.create_organisation(name=name, by=founder).slug
        for name in ("New", "new", "助けあい", "New 1")
    ]
    assert slugs == ["new-1", "new-2", "organisation", "new-1-2"]


def test_a_name_must_show_and_five_a_day_are_enough(founder):
    with pytest.raises(Refusal) as refused:
        actions.create_organisation(name="\u202e", by=founder)
    assert refused.value.where == "name"
    for number in range(5):
        actions.create_organisation(name=f"N{number}", by=founder)
    with pytest.raises(Refusal) as refused:
        actions.create_organisation(name="N5", by=founder)
    assert refused.value.status == 429


def test_only_leaders_add_members(founder, guest, house):
    with pytest.raises(Refusal):
        actions.add_member(person=guest, organisation=house, by=guest)
    membership = actions.add_member(person=guest, organisation=house, role="nurse\u202e", by=founder)
    assert membership.role == "nurse"
    assert not queries.may(guest, Right.TEAM_MANAGE, organisation=house)


def test_members_are_seen_by_members_and_by_others_if_they_wish(founder, guest, house):
    eve = make_person("Eve", "eve@example.org")
    membership = actions.add_member(person=guest, organisation=house, by=founder)
    assert {one.person for one in queries.members(house, guest)} == {founder, guest}
    assert list(queries.members(house, eve)) == []
    assert list(queries.members(house, None)) == []
    with pytest.raises(Refusal):
        actions.describe_membership(membership=membership, role="", public=True, by=founder)
    actions.describe_membership(membership=membership, role="nurse", public=True, by=guest)
    assert [one.person for one in queries.members(house, eve)] == [guest]


def test_who_leaves_loses_her_roles_there(founder, guest, house):
    membership = actions.add_member(person=guest, organisation=house, by=founder)
    actions.grant(person=guest, role=Role.EDITOR, organisation=house, by=founder)
    with pytest.raises(Refusal):
        actions.end_membership(membership=membership, by=make_person("Eve", "eve@example.org"))
    actions.end_membership(membership=membership, by=guest)
    assert not queries.may(guest, Right.TEXT_EDIT, organisation=house)
    with pytest.raises(Refusal) as refused:
        actions.end_membership(membership=Membership.objects.get(person=founder), by=founder)
    assert refused.value.code == "last-steward"
    again = actions.add_member(person=guest, organisation=house, by=founder)
    actions.end_membership(membership=again, by=founder)


def test_pages(client, founder, guest):
    client.force_login(founder)
    assert b"None yet" in client.get("/people/organisations/").content
    form = client.get("/people/organisations/new/").content.decode()
    assert "Madagascar" in form
    sent = {"name": "Maison \u202eLumi", "kind": "association", "country": "MG", "website": "example.org"}
    made = client.post("/people/organisations/new/", sent)
    assert made["Location"] == "/people/organisations/maison-lumi/"
    house = Organisation.objects.get()
    assert (house.name, house.website) == ("Maison Lumi", "https://example.org")
    page = client.get(made["Location"]).content.decode()
    assert "Lead the team" in page
    assert "Fanta" in page
    assert b"Maison Lumi" in client.get("/people/organisations/").content
    assert client.get("/people/organisations/maison-lumi/team/").status_code == 200
    client.post("/people/organisations/maison-lumi/me/", {"role": "head", "public": "on"})
    client.logout()
    page = client.get(made["Location"]).content.decode()
    assert "head" in page
    assert "Lead the team" not in page
    client.force_login(guest)
    assert client.get("/people/organisations/maison-lumi/team/").status_code == 403
    assert client.post("/people/organisations/maison-lumi/me/", {"role": "x"}).status_code == 404
    assert client.post("/people/organisations/maison-lumi/leave/").status_code == 404
    assert client.get("/people/organisations/none/").status_code == 404
    bad = client.post(
        "/people/organisations/new/", {"name": "\u202e", "kind": "army", "website": "javascript:alert(1)"}
    )
    assert set(bad.context["form"].errors) == {"name", "kind", "website"}


def test_leaving_on_the_page(client, founder, guest, house):
    actions.add_member(person=guest, organisation=house, by=founder)
    client.force_login(guest)
    client.post(f"/people/organisations/{house.slug}/me/", {"role": "x" * 81})
    assert client.post(f"/people/organisations/{house.slug}/leave/")["Location"] == "/people/organisations/"
    client.force_login(founder)
    assert client.post(f"/people/organisations/{house.slug}/leave/").status_code == 409
