"""Taking one's data along, and being erased: nothing of her is left, and the journal still holds."""

import json
import time
import uuid
from dataclasses import dataclass
from typing import ClassVar

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import QuerySet

from entraide.capability import Capability
from entraide.foundations.journal import actions as journal_actions
from entraide.foundations.journal import contributions
from entraide.foundations.journal import queries as journal
from entraide.foundations.journal.contributions import Contribution
from entraide.foundations.people import actions, queries
from entraide.foundations.people.models import Grant, Invitation, Person
from entraide.foundations.people.rules import Purpose, Role
from entraide.foundations.people.tests.cast import PASSWORD, make_person
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db

SECRET_WORDS = ("ann@example.org", "Ann Secret", "secret skill", "secret office", "secret particulars")


@dataclass(frozen=True, kw_only=True)
class Gave(Contribution):
    """Somebody gave something, for this test."""

    kind: ClassVar[str] = "test.gave"
    unit: ClassVar[str] = "hour"
    sentence: ClassVar[str] = "gave an hour"


@pytest.fixture
def ann():
    return make_person("Ann Secret", "ann@example.org", languages=["ht"], skills=["secret skill"])


@pytest.fixture
def full(ann, monkeypatch):
    """Ann with a trace in every corner."""
    monkeypatch.setattr(contributions, "kinds", lambda: {"test.gave": Gave})
    boss = make_person("Boss", "boss@example.org")
    house = actions.create_organisation(name="House", by=boss)
    actions.add_member(person=ann, organisation=house, role="secret office", by=boss)
    cause = uuid.uuid4()
    actions.grant(person=boss, role=Role.STEWARD, cause_id=cause, by=boss)
    actions.grant(person=ann, role=Role.STEWARD, cause_id=cause, by=boss)
    actions.invite(role=Role.TRIAGER, cause_id=cause, by=ann)
    actions.give_consent(person=ann, purpose=Purpose.PUBLIC_NAME)
    RecoveryCodes.activate(ann)
    LogEntry.objects.create(
        user=boss,
        content_type=ContentType.objects.get_for_model(Person),
        object_id=str(ann.pk),
        object_repr="Ann Secret",
        action_flag=CHANGE,
        change_message="Ann Secret",
    )
    with transaction.atomic():
        journal_actions.record(
            Gave(actor=str(ann.public_id), cause=""), particulars={"note": "secret particulars"}
        )
    return ann


def whole_database():
    """Every cell of every table, as one text."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found.append(f"{table}: {cursor.fetchall()!r}")
    return "\n".join(found)


def test_an_export_tells_everything(full, monkeypatch):
    card = Capability(
        name="room", label="Room", sentence="", export_person=lambda person: {"heard": person.email}
    )
    monkeypatch.setattr(queries, "cards", lambda: (card,))
    found = queries.export(full)
    text = json.dumps(found, ensure_ascii=False)
    for word in SECRET_WORDS:
        assert word in text
    assert found["rooms"] == {"room": {"heard": "ann@example.org"}}
    assert found["consents"][0]["given"] is True
    assert found["roles"][0]["role"] == "steward"
    assert found["ways_to_sign_in"][0]["kind"] == "recovery_codes"
    assert "people.Invitation.by" in found["traces"]
    assert "token" not in text
    assert "seed" not in text


def test_an_export_forgets_no_table(ann, monkeypatch):
    """Whatever points at a person is told in full or named among the traces."""
    walked = set()
    walk = QuerySet.filter

    def filter_(self, *args, **kwargs):
        walked.add(self.model)
        return walk(self, *args, **kwargs)

    monkeypatch.setattr(QuerySet, "filter", filter_)
    queries.export(ann)
    pointing = {
        model for model in apps.get_models() for field in model._meta.fields if field.related_model is Person
    }
    assert len(pointing) > 10
    assert pointing <= walked
    LogEntry.objects.create(
        user=ann, object_repr="x", action_flag=CHANGE, change_message="somebody else's secret"
    )
    traces = queries.export(ann)["traces"]
    assert list(traces) == ["admin.LogEntry.user"]
    assert "somebody else's secret" not in json.dumps(traces)


def test_erasing_leaves_nothing_and_the_journal_holds(full, client, monkeypatch):
    erased_by_card = []
    card = Capability(name="room", label="Room", sentence="", erase_person=erased_by_card.append)
    monkeypatch.setattr(actions, "cards", lambda: (card,))
    client.post("/account/login/", {"login": "ann@example.org", "password": PASSWORD})
    client.force_login(full)
    assert all(word in whole_database() for word in SECRET_WORDS)
    before = [entry.hash for entry in journal.entries(public_only=False)]
    public_id, password = full.public_id, full.password

    actions.erase(person=full, by=full)

    left = whole_database()
    for word in SECRET_WORDS:
        assert word not in left
    assert password not in left
    person = Person.objects.get(public_id=public_id)
    assert person.erased_at
    assert not person.is_active
    assert (person.languages, person.skills, person.display_name, person.last_login) == ([], [], "", None)
    assert person.email.endswith("@erased.invalid")
    assert erased_by_card == [full]
    assert not EmailAddress.objects.filter(user=person).exists()
    assert not Authenticator.objects.filter(user=person).exists()
    assert not Session.objects.exists()
    assert client.get("/people/").status_code == 302
    assert not queries.grants_of(person).exists()
    assert Invitation.objects.get(by=person).withdrawn_at
    assert not queries.consents_to(person, Purpose.PUBLIC_NAME)
    assert [entry.hash for entry in journal.entries(public_only=False)] == before
    assert journal.particulars(journal.entries(public_only=False)[0].sequence) is None
    assert Grant.objects.filter(person=person).count() == 1  # who decided what stays answerable, by number


def test_the_journal_verifies_after_an_erasure(full):
    journal_actions.checkpoint()
    actions.erase(person=full, by=full)
    journal_actions.checkpoint()
    assert journal.verify()["entries"] == 1  # raises where anything does not hold


def test_the_address_is_free_again(ann):
    actions.erase(person=ann, by=ann)
    again = make_person("Ann", "ann@example.org")
    assert again.public_id != ann.public_id


def test_only_oneself_or_the_operator_erases(ann):
    with pytest.raises(Refusal):
        actions.erase(person=ann, by=make_person("Eve", "eve@example.org"))
    operator = make_person("Olga", "olga@example.org", is_superuser=True, is_staff=True)
    actions.erase(person=ann, by=operator)
    ann.refresh_from_db()
    assert ann.erased_at


def test_the_last_steward_hands_over_first(ann, client):
    cause = uuid.uuid4()
    house = actions.create_organisation(name="House", by=ann)
    actions.grant(person=ann, role=Role.STEWARD, cause_id=cause, by=ann)
    with pytest.raises(Refusal, match="House") as refused:
        actions.erase(person=ann, by=ann)
    assert refused.value.code == "last-steward"
    client.post("/account/login/", {"login": ann.email, "password": PASSWORD})
    for path in ("/people/data/", "/people/data/erase/"):
        page = client.get(path).content.decode()
        assert f"/people/team/{cause}/" in page
        assert f"/people/organisations/{house.slug}/team/" in page
        assert "Erase me for good" not in page
    assert client.post("/people/data/erase/", {"email": ann.email}).status_code == 409
    other = make_person("Boss", "boss@example.org")
    actions.grant(person=other, role=Role.STEWARD, cause_id=cause, by=ann)
    actions.grant(person=other, role=Role.STEWARD, organisation=house, by=ann)
    assert queries.led_alone(ann) == []


def test_erasing_on_the_page(client, ann):
    client.post("/account/login/", {"login": ann.email, "password": PASSWORD})
    assert b"Erase me for good" in client.get("/people/data/erase/").content
    wrong = client.post("/people/data/erase/", {"email": "eve@example.org"})
    assert wrong.context["form"].errors
    ann.refresh_from_db()
    assert ann.erased_at is None
    client.query_budget = 60  # everything about her, in one request of her life
    done = client.post("/people/data/erase/", {"email": "ANN@example.org"})
    assert "Your data are erased" in done.content.decode()
    ann.refresh_from_db()
    assert ann.erased_at
    client.post("/account/login/", {"login": "ann@example.org", "password": PASSWORD})
    assert client.get("/people/").status_code == 302


def test_export_on_the_page(client, ann):
    client.post("/account/login/", {"login": ann.email, "password": PASSWORD})
    client.query_budget = 40
    answer = client.get("/people/data/export.json")
    assert answer["Content-Type"].startswith("application/json")
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert json.loads(answer.content)["person"]["email"] == "ann@example.org"


@pytest.mark.parametrize("path", ["/people/data/export.json", "/people/data/erase/"])
def test_an_old_session_is_not_enough(client, ann, path):
    client.post("/account/login/", {"login": ann.email, "password": PASSWORD})
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - 601
    session.save()
    assert client.get(path)["Location"].startswith("/account/reauthenticate/?next=/people/data/") or (
        "%2Fpeople%2Fdata%2F" in client.get(path)["Location"]
    )
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.query_budget = 40
    assert client.get(path).status_code == 200


def test_who_has_no_password_signs_in_anew(client):
    plain = Person.objects.create_user("plain@example.org")
    client.force_login(plain)
    answer = client.get("/people/data/erase/")
    assert answer["Location"].startswith("/account/logout/?next=%2Faccount%2Flogin%2F")
    page = client.get(answer["Location"]).content.decode()
    assert "/account/login/?next=" in page
