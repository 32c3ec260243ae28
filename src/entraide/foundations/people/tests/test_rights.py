"""Who may do what: every role against every right, on both sides."""

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from entraide.foundations.people import actions, queries
from entraide.foundations.people.models import Grant, Invitation, Organisation
from entraide.foundations.people.rules import RIGHT_LABELS, RIGHTS_OF, ROLE_SENTENCES, Right, Role, labels_of
from entraide.foundations.people.tests.cast import make_person
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db

# Written out by hand, so that a change of the table has to be meant.
TABLE = {
    "cause.set-up": {"steward"},
    "team.manage": {"steward"},
    "report.triage": {"steward", "triager"},
    "report.verify": {"steward", "verifier"},
    "report.publish": {"steward", "triager", "verifier"},
    "report.see-exact": {"steward", "triager", "verifier", "responder"},
    "report.see-closed": {"steward"},
    "report.route": {"steward", "triager"},
    "report.take": {"steward", "responder"},
    "contact.reply": {"steward", "triager", "verifier", "responder"},
    "contact.see": {"steward"},
    "text.edit": {"steward", "editor"},
    "text.translate": {"steward", "editor", "translator"},
    "books.keep": {"treasurer"},
    "books.audit": {"auditor"},
}


@pytest.fixture
def cause():
    return uuid.uuid4()


@pytest.fixture
def steward(cause):
    person = make_person("Stella", "stella@example.org")
    actions.grant(person=person, role=Role.STEWARD, cause_id=cause, by=person)
    return person


@pytest.fixture
def somebody():
    return make_person("Sam", "sam@example.org")


@pytest.mark.parametrize("right", list(Right))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_gives_its_rights_and_no_other(role, right, cause, steward, somebody):
    actions.grant(person=somebody, role=role, cause_id=cause, by=steward)
    allowed = role.value in TABLE[right.value]
    assert queries.may(somebody, right, cause_id=cause) is allowed
    assert (cause in queries.causes_with(somebody, right)) is allowed
    assert not queries.may(somebody, right, cause_id=uuid.uuid4())
    assert not queries.may(somebody, right)
    if allowed:
        queries.demand(somebody, right, cause_id=cause)
    else:
        with pytest.raises(Refusal) as refused:
            queries.demand(somebody, right, cause_id=cause)
        assert refused.value.status == 403


def test_tables_know_every_role_and_right():
    assert set(RIGHTS_OF) == set(Role) == set(ROLE_SENTENCES)
    assert set(TABLE) == {right.value for right in Right}
    assert set(RIGHT_LABELS) == set(Right)
    assert labels_of(Role.TREASURER) == ["keep the books"]


def test_nobody_a_visitor_and_a_barred_person_may_nothing(cause, steward):
    for right in Right:
        assert not queries.may(None, right, cause_id=cause)
        assert not queries.may(AnonymousUser(), right, cause_id=cause)
    steward.is_active = False
    assert not any(queries.may(steward, right, cause_id=cause) for right in Right)
    assert queries.causes_with(steward, Right.TEAM_MANAGE) == set()
    assert queries.causes_with(AnonymousUser(), Right.TEAM_MANAGE) == set()
    with pytest.raises(Refusal, match="Sign in"):
        queries.demand(AnonymousUser(), Right.TEAM_MANAGE, cause_id=cause)


def test_the_operator_repairs_teams_but_reads_nothing(cause):
    operator = make_person("Olga", "olga@example.org", is_superuser=True, is_staff=True)
    allowed = {right for right in Right if queries.may(operator, right, cause_id=cause)}
    assert allowed == {Right.CAUSE_SET_UP, Right.TEAM_MANAGE}


def test_an_organisations_role_counts_where_it_is_named_only(somebody, cause):
    house = actions.create_organisation(name="House", by=somebody)
    assert queries.may(somebody, Right.TEXT_EDIT, organisation=house)
    assert queries.may(somebody, Right.TEXT_EDIT, cause_id=cause, organisation=house)
    assert not queries.may(somebody, Right.TEXT_EDIT, cause_id=cause)


def test_only_who_leads_the_team_gives_roles(cause, steward, somebody):
    bob = make_person("Bob", "bob2@example.org")
    actions.grant(person=bob, role=Role.TRIAGER, cause_id=cause, by=steward)
    for giver in (bob, somebody):
        with pytest.raises(Refusal) as refused:
            actions.grant(person=somebody, role=Role.TRANSLATOR, cause_id=cause, by=giver)
        assert refused.value.status == 403
    with pytest.raises(Refusal):  # of another cause
        actions.grant(person=somebody, role=Role.TRIAGER, cause_id=uuid.uuid4(), by=steward)


def test_only_the_first_steward_appoints_herself(cause, steward, somebody):
    with pytest.raises(Refusal):
        actions.grant(person=somebody, role=Role.STEWARD, cause_id=cause, by=somebody)
    with pytest.raises(Refusal):
        actions.grant(person=somebody, role=Role.TRIAGER, cause_id=uuid.uuid4(), by=somebody)


def test_a_cause_that_had_a_steward_once_cannot_be_taken_by_a_stranger(cause, steward, somebody):
    Grant.objects.update(ended_at="2036-01-01T00:00Z")
    with pytest.raises(Refusal):
        actions.grant(person=somebody, role=Role.STEWARD, cause_id=cause, by=somebody)


def test_nobody_raises_herself(cause, steward):
    actions.grant(person=steward, role=Role.TRIAGER, cause_id=cause, by=steward)
    with pytest.raises(Refusal) as refused:
        actions.grant(person=steward, role=Role.TREASURER, cause_id=cause, by=steward)
    assert refused.value.code == "not-to-yourself"


def test_books_and_audit_are_two_persons(cause, steward, somebody):
    actions.grant(person=somebody, role=Role.TREASURER, cause_id=cause, by=steward)
    with pytest.raises(Refusal) as refused:
        actions.grant(person=somebody, role=Role.AUDITOR, cause_id=cause, by=steward)
    assert refused.value.code == "books-apart"


def test_a_role_given_twice_is_one_grant(cause, steward, somebody):
    first = actions.grant(person=somebody, role=Role.EDITOR, cause_id=cause, by=steward)
    assert actions.grant(person=somebody, role=Role.EDITOR, cause_id=cause, by=steward) == first
    assert [grant.person for grant in queries.team(cause)] == [steward, somebody]


def test_who_cannot_sign_in_gets_no_role(cause, steward, somebody):
    somebody.is_active = False
    with pytest.raises(Refusal):
        actions.grant(person=somebody, role=Role.EDITOR, cause_id=cause, by=steward)


def test_a_role_ends_by_its_holder_or_a_steward_and_nobody_else(cause, steward, somebody):
    stranger = make_person("Eve", "eve@example.org")
    grant = actions.grant(person=somebody, role=Role.TRIAGER, cause_id=cause, by=steward)
    with pytest.raises(Refusal):
        actions.end_grant(grant=grant, by=stranger)
    actions.end_grant(grant=grant, by=somebody)
    assert not queries.may(somebody, Right.REPORT_TRIAGE, cause_id=cause)
    again = actions.grant(person=somebody, role=Role.TRIAGER, cause_id=cause, by=steward)
    actions.end_grant(grant=again, by=steward)
    actions.end_grant(grant=again, by=steward)  # twice changes nothing
    assert not queries.may(somebody, Right.REPORT_TRIAGE, cause_id=cause)
    again.refresh_from_db()
    assert again.ended_by == steward


def test_the_last_steward_stays(cause, steward, somebody):
    [grant] = queries.team(cause)
    with pytest.raises(Refusal) as refused:
        actions.end_grant(grant=grant, by=steward)
    assert (refused.value.status, refused.value.code) == (409, "last-steward")
    actions.grant(person=somebody, role=Role.STEWARD, cause_id=cause, by=steward)
    somebody.is_active = False
    somebody.save()
    with pytest.raises(Refusal):  # a steward who cannot sign in leads nobody
        actions.end_grant(grant=grant, by=steward)
    somebody.is_active = True
    somebody.save()
    actions.end_grant(grant=grant, by=steward)
    assert [one.person for one in queries.team(cause)] == [somebody]


def test_the_database_holds_the_rules(cause, somebody):
    house = Organisation.objects.create(name="House", slug="house")
    wrong = [
        {"role": "steward"},
        {"role": "steward", "cause_id": cause, "organisation": house},
        {"role": "king", "cause_id": cause},
        {"role": "steward", "cause_id": cause, "ended_at": "2001-01-01T00:00Z"},
    ]
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.create(person=somebody, **fields)
    for scope in ({"cause_id": cause}, {"organisation": house}):
        Grant.objects.create(person=somebody, role="editor", **scope)
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.create(person=somebody, role="editor", **scope)
        Grant.objects.create(person=somebody, role="editor", ended_at="2036-01-01T00:00Z", **scope)
    wrong = [
        {"role": "", "cause_id": cause},
        {"role": "king", "cause_id": cause},
        {"role": "editor"},
        {"role": "editor", "cause_id": cause, "uses_max": 0},
        {"role": "editor", "cause_id": cause, "uses_max": 1, "uses": 2},
    ]
    for number, fields in enumerate(wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.create(
                token_hash=str(number), by=somebody, expires_at="2036-01-01T00:00Z", **fields
            )
