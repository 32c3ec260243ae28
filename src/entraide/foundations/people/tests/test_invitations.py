"""Invitation links: made, read, accepted, refused."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from entraide.foundations.people import actions, queries
from entraide.foundations.people.models import Grant, Invitation, Membership
from entraide.foundations.people.rules import Right, Role
from entraide.foundations.people.tests.cast import make_person
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def cause():
    return uuid.uuid4()


@pytest.fixture
def steward(cause):
    person = make_person("Stella", "stella@example.org")
    actions.grant(person=person, role=Role.STEWARD, cause_id=cause, by=person)
    return person


@pytest.fixture
def guest():
    return make_person("Gus", "gus@example.org")


def refusal(token, person):
    with pytest.raises(Refusal) as refused:
        actions.accept_invitation(token=token, person=person)
    return refused.value.status, refused.value.code


def test_accepting_gives_the_role_once(cause, steward, guest):
    invitation, token = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward)
    actions.accept_invitation(token=token, person=guest)
    assert queries.may(guest, Right.REPORT_TRIAGE, cause_id=cause)
    grant = Grant.objects.get(person=guest)
    assert (grant.given_by, grant.invitation) == (steward, invitation)
    assert refusal(token, make_person("Late", "late@example.org")) == (410, "invitation-used-up")


def test_the_token_is_stored_nowhere(cause, steward):
    _invitation, token = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_invitation")
        assert token not in repr(cursor.fetchall())
    assert len(token) >= 43  # 256 bits


def test_somebody_who_is_in_uses_nothing_up(cause, steward, guest):
    invitation, token = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward, uses_max=2)
    actions.accept_invitation(token=token, person=guest)
    actions.accept_invitation(token=token, person=guest)
    invitation.refresh_from_db()
    assert invitation.uses == 1


def test_refusals_are_clear(cause, steward, guest):
    assert refusal("nonsense", guest) == (404, "no-such-invitation")
    invitation, token = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward)
    actions.withdraw_invitation(invitation=invitation, by=steward)
    assert refusal(token, guest) == (410, "invitation-withdrawn")
    invitation, token = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())
    assert refusal(token, guest) == (410, "invitation-expired")


def test_an_invitation_falls_with_its_maker(cause, steward, guest):
    _invitation, token = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward)
    second = make_person("Second", "second@example.org")
    actions.grant(person=second, role=Role.STEWARD, cause_id=cause, by=steward)
    actions.end_grant(grant=queries.grants_of(steward).get(), by=second)
    assert refusal(token, guest) == (410, "invitation-withdrawn")
    assert queries.open_invitations(cause_id=cause, organisation=None) == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.STEWARD])
def test_nobody_but_a_steward_invites(role, cause, steward, guest):
    actions.grant(person=guest, role=role, cause_id=cause, by=steward)
    for wanted in Role:
        with pytest.raises(Refusal) as refused:
            actions.invite(role=wanted, cause_id=cause, by=guest)
        assert refused.value.status == 403


def test_a_steward_invites_to_her_own_cause_only(steward):
    with pytest.raises(Refusal):
        actions.invite(role=Role.TRIAGER, cause_id=uuid.uuid4(), by=steward)


def test_limits(cause, steward):
    now = timezone.now()
    wrong = [
        {"uses_max": 0},
        {"uses_max": 501},
        {"expires_at": now},
        {"expires_at": now + timedelta(days=91)},
        {"role": ""},
    ]
    for fields in wrong:
        with pytest.raises(Refusal) as refused:
            actions.invite(**{"role": Role.TRIAGER, "cause_id": cause, "by": steward, **fields})
        assert refused.value.where
    actions.invite(
        role=Role.TRIAGER, cause_id=cause, by=steward, uses_max=500, expires_at=now + timedelta(days=90)
    )


def test_ones_own_invitation_raises_nobody(cause, steward):
    _invitation, token = actions.invite(role=Role.TREASURER, cause_id=cause, by=steward)
    assert refusal(token, steward) == (403, "not-to-yourself")


def test_a_link_does_not_bring_back_whose_role_was_ended(cause, steward, guest):
    _invitation, token = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward, uses_max=5)
    actions.accept_invitation(token=token, person=guest)
    actions.end_grant(grant=queries.grants_of(guest).get(), by=steward)
    assert refusal(token, guest) == (403, "role-was-ended")
    _invitation, newer = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward)
    actions.accept_invitation(token=newer, person=guest)
    assert queries.may(guest, Right.REPORT_TRIAGE, cause_id=cause)


def test_who_gave_a_role_up_may_come_back(cause, steward, guest):
    _invitation, token = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward, uses_max=5)
    actions.accept_invitation(token=token, person=guest)
    actions.end_grant(grant=queries.grants_of(guest).get(), by=guest)
    actions.accept_invitation(token=token, person=guest)
    assert queries.may(guest, Right.REPORT_TRIAGE, cause_id=cause)


def test_an_organisation_invites_members_without_a_role(steward, guest):
    house = actions.create_organisation(name="House", by=steward)
    _invitation, token = actions.invite(organisation=house, by=steward)
    actions.accept_invitation(token=token, person=guest)
    actions.accept_invitation(token=token, person=guest)
    assert Membership.objects.filter(person=guest, organisation=house).exists()
    assert not queries.rights(guest, organisation=house)


def test_an_organisations_role_makes_a_member_too(steward, guest):
    house = actions.create_organisation(name="House", by=steward)
    _invitation, token = actions.invite(role=Role.EDITOR, organisation=house, by=steward)
    actions.accept_invitation(token=token, person=guest)
    assert Membership.objects.filter(person=guest, organisation=house).exists()
    assert queries.may(guest, Right.TEXT_EDIT, organisation=house)
    assert not queries.may(guest, Right.TEAM_MANAGE, organisation=house)


def test_only_leaders_withdraw(cause, steward, guest):
    invitation, _token = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward)
    with pytest.raises(Refusal):
        actions.withdraw_invitation(invitation=invitation, by=guest)


# -- on the pages ----------------------------------------------------------------------------------


def test_a_visitor_reads_what_it_gives_and_is_sent_to_sign_up(client, cause, steward):
    _invitation, token = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward)
    path = f"/people/invitations/{token}/"
    page = client.get(path)
    text = page.content.decode()
    assert "Triager" in text
    assert "read messages and sort them" in text
    assert "Stella" not in text  # she did not agree to show her name
    assert f"/account/signup/?next={path}" in text
    assert "no-store" in page["Cache-Control"]
    assert client.post(path).status_code == 200
    assert Grant.objects.count() == 1


def test_accepting_on_the_page(client, cause, steward, guest):
    _invitation, token = actions.invite(role=Role.TRIAGER, cause_id=cause, by=steward)
    client.force_login(guest)
    assert b"Accept" in client.get(f"/people/invitations/{token}/").content
    assert client.post(f"/people/invitations/{token}/").status_code == 302
    assert queries.may(guest, Right.REPORT_TRIAGE, cause_id=cause)
    assert client.get(f"/people/invitations/{token}/").status_code == 302
    client.logout()
    assert client.get(f"/people/invitations/{token}/").status_code == 410
    assert client.get("/people/invitations/none/").status_code == 404


def test_the_team_page_makes_a_link_and_withdraws_it(client, cause, steward, guest):
    client.force_login(steward)
    page = client.post(f"/people/team/{cause}/", {"role": "triager", "uses_max": "3", "days": "7"})
    link = page.context["link"]
    assert link in page.content.decode()
    assert "/people/invitations/" in link
    again = client.get(f"/people/team/{cause}/").content.decode()
    assert link not in again
    assert "used 0 of 3" in again
    invitation = Invitation.objects.get()
    client.force_login(guest)
    assert client.post(f"/people/invitations/{invitation.pk}/withdraw/").status_code == 404
    client.force_login(steward)
    assert client.post(f"/people/invitations/{invitation.pk}/withdraw/").status_code == 302
    assert client.post("/people/invitations/999999/withdraw/").status_code == 404
    invitation.refresh_from_db()
    assert invitation.withdrawn_at


def test_the_team_page_says_what_is_wrong(client, cause, steward, monkeypatch):
    client.force_login(steward)
    page = client.post(f"/people/team/{cause}/", {"role": "king", "uses_max": "0", "days": "7"})
    assert set(page.context["form"].errors) == {"role", "uses_max"}

    def refuse(**_asked):
        raise Refusal("Not now.", where="elsewhere")

    monkeypatch.setattr(actions, "invite", refuse)
    page = client.post(f"/people/team/{cause}/", {"role": "triager", "uses_max": "1", "days": "7"})
    assert "Not now." in page.content.decode()


def test_the_team_page_is_for_leaders(client, cause, steward, guest):
    assert client.get(f"/people/team/{cause}/").status_code == 302
    actions.grant(person=guest, role=Role.TRIAGER, cause_id=cause, by=steward)
    client.force_login(guest)
    assert client.get(f"/people/team/{cause}/").status_code == 403
    assert client.post(f"/people/team/{cause}/", {"role": "steward"}).status_code == 403


def test_ending_a_role_on_the_page(client, cause, steward, guest):
    grant = actions.grant(person=guest, role=Role.TRIAGER, cause_id=cause, by=steward)
    other = make_person("Eve", "eve@example.org")
    client.force_login(other)
    assert client.post(f"/people/grants/{grant.pk}/end/").status_code == 404
    assert client.post("/people/grants/999999/end/").status_code == 404
    client.force_login(steward)
    assert client.get(f"/people/grants/{grant.pk}/end/").status_code == 405
    assert client.post(f"/people/grants/{grant.pk}/end/")["Location"] == f"/people/team/{cause}/"
    mine = queries.grants_of(steward).get()
    assert client.post(f"/people/grants/{mine.pk}/end/").status_code == 409
    actions.grant(person=guest, role=Role.STEWARD, cause_id=cause, by=steward)
    assert client.post(f"/people/grants/{mine.pk}/end/")["Location"] == "/people/rights/"
