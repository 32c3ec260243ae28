"""Causes: who may draft, set up, open and close; what rules and database refuse."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from entraide.foundations.causes import actions, queries, rules
from entraide.foundations.causes.models import Cause, Goal, State
from entraide.foundations.journal import queries as journal
from entraide.foundations.people import actions as people
from entraide.foundations.people import queries as people_queries
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db
TEXTS = {"en": {"title": "School roof", "summary": "A roof before the rain.", "body": "Long."}}


def refused(act: Any, **fields: Any) -> Refusal:
    """The refusal of an action."""
    with pytest.raises(Refusal) as refusal:
        act(**fields)
    return refusal.value


@pytest.fixture
def draft(charlie: Any) -> Cause:
    """A draft of Charlie's."""
    return actions.create(slug="roof", texts=TEXTS, by=charlie)


def test_any_person_may_draft_and_becomes_its_steward(draft: Cause, charlie: Any, bob: Any) -> None:
    assert draft.state == State.DRAFT
    assert people_queries.may(charlie, Right.CAUSE_SET_UP, cause_id=draft.public_id)
    assert not people_queries.may(bob, Right.CAUSE_SET_UP, cause_id=draft.public_id)
    assert [steward.public_id for steward in queries.stewards(draft)] == [charlie.public_id]


def test_a_visitor_may_not(charlie: Any) -> None:
    assert refused(actions.create, slug="roof", texts=TEXTS, by=AnonymousUser()).status == 403
    charlie.is_active = False
    assert refused(actions.create, slug="roof", texts=TEXTS, by=charlie).status == 403


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"slug": "Roof"}, "slug"),
        ({"slug": "new"}, "slug"),
        ({"slug": "a--b"}, "slug"),
        ({"slug": "a" * 61}, "slug"),
        ({"texts": {}}, "title"),
        ({"texts": {"en": {"title": " "}}}, "title"),
        ({"texts": {"English": {"title": "x"}}}, "languages"),
        ({"languages": ["en", "not a code"]}, "languages"),
        ({"countries": ["MG", "ZZ"]}, "countries"),
        ({"sdgs": [1, 18]}, "sdgs"),
        ({"area": (10, 5, 20, 5)}, "area"),
        ({"area": (10, -95, 20, 5)}, "area"),
        ({"area": (10, 0, 10, 5)}, "area"),
    ],
)
def test_what_is_misshapen_is_refused(charlie: Any, wrong: dict[str, Any], where: str) -> None:
    refusal = refused(actions.create, **{"slug": "roof", "texts": TEXTS, "by": charlie, **wrong})
    assert (refusal.status, refusal.where) == (400, where)
    assert not Cause.objects.exists()


def test_an_address_is_taken_once(draft: Cause, charlie: Any) -> None:
    refusal = refused(actions.create, slug="roof", texts=TEXTS, by=charlie)
    assert (refusal.status, refusal.where) == (409, "slug")


def test_only_its_steward_puts_a_cause_under_an_organisation(draft: Cause, charlie: Any, bob: Any) -> None:
    ours = people.create_organisation(slug="ours", name="Ours", by=charlie)
    theirs = people.create_organisation(slug="theirs", name="Theirs", by=bob)
    assert actions.edit(cause=draft, by=charlie, organisation=ours).organisation == ours
    assert refused(actions.edit, cause=draft, by=charlie, organisation=theirs).status == 403
    assert refused(actions.create, slug="other", texts=TEXTS, organisation=theirs, by=charlie).status == 403
    assert actions.create(slug="other", texts=TEXTS, organisation=ours, by=charlie).organisation == ours
    assert list(queries.organisations_for(charlie, draft)) == [ours]
    assert actions.edit(cause=draft, by=charlie, organisation=None).organisation is None


def test_opening_is_recorded_with_what_was_promised(draft: Cause, charlie: Any) -> None:
    actions.open_cause(cause=draft, by=charlie)
    assert draft.state == State.OPEN
    [entry] = queries.history(draft)
    assert entry.kind == "causes.opened"
    assert entry.actor == str(charlie.public_id)
    assert entry.evidence_hash == hashlib.sha256(rules.promise(draft)).hexdigest()
    assert b"A roof before the rain." in rules.promise(draft)
    assert journal.names_of([str(draft.public_id)]) == {str(draft.public_id): "roof"}
    assert refused(actions.open_cause, cause=draft, by=charlie).code == "open-already"


def test_closing_and_opening_again(draft: Cause, charlie: Any) -> None:
    assert refused(actions.close, cause=draft, by=charlie).code == "not-open"
    actions.open_cause(cause=draft, by=charlie)
    actions.close(cause=draft, by=charlie)
    assert draft.state == State.CLOSED
    assert draft.closed_at is not None
    actions.open_cause(cause=draft, by=charlie)
    assert draft.closed_at is None
    assert [entry.kind for entry in queries.history(draft)] == [
        "causes.opened",
        "causes.closed",
        "causes.opened",
    ]


def test_a_cause_that_says_nothing_is_not_opened(charlie: Any) -> None:
    mute = actions.create(slug="mute", texts={"en": {"title": "Mute"}}, by=charlie)
    assert refused(actions.open_cause, cause=mute, by=charlie).where == "summary"
    mute.refresh_from_db()
    assert mute.state == State.DRAFT


def test_only_stewards_set_up(draft: Cause, charlie: Any, bob: Any, vera: Any) -> None:
    goal = actions.set_goal(cause=draft, label={"en": "Roofs"}, unit="roof", target=3, by=charlie)
    for person in (bob, vera):
        for act, fields in (
            (actions.open_cause, {"cause": draft}),
            (actions.close, {"cause": draft}),
            (actions.edit, {"cause": draft, "countries": ["MG"]}),
            (actions.set_text, {"cause": draft, "language": "fr", "title": "Toit"}),
            (actions.remove_text, {"cause": draft, "language": "en"}),
            (actions.set_goal, {"cause": draft, "label": {"en": "x"}, "unit": "hour", "target": 1}),
            (actions.remove_goal, {"goal": goal}),
        ):
            assert refused(act, by=person, **fields).status == 403, act.__name__


def test_editing_changes_what_is_named_and_nothing_else(draft: Cause, charlie: Any) -> None:
    actions.edit(cause=draft, by=charlie, countries=["MG", "MG"], languages=["mg", "fr"], sdgs=[13, 6])
    actions.edit(cause=draft, by=charlie, area=(43.0, -26.0, 51.0, -11.5), slug="roof-2026")
    draft.refresh_from_db()
    assert (draft.countries, draft.languages, draft.sdgs) == (["MG"], ["mg", "fr"], [6, 13])
    assert draft.area == (43.0, -26.0, 51.0, -11.5)
    actions.edit(cause=draft, by=charlie, area=None)
    assert draft.area is None
    with pytest.raises(TypeError):
        actions.edit(cause=draft, by=charlie, colour="red")


def test_a_public_address_stays(draft: Cause, charlie: Any, lumi: Any) -> None:
    assert refused(actions.edit, cause=draft, by=charlie, slug="lumi").status == 409
    draft.refresh_from_db()
    actions.open_cause(cause=draft, by=charlie)
    assert refused(actions.edit, cause=draft, by=charlie, slug="other").code == "slug-public"
    assert actions.edit(cause=draft, by=charlie, slug="roof").slug == "roof"


def test_texts_fall_back_to_the_original(draft: Cause, charlie: Any) -> None:
    actions.set_text(cause=draft, language="fr", title="Le toit", summary="Avant la pluie.", by=charlie)
    cause = queries.by_id(draft.public_id)
    assert cause.text_for("fr-CA").title == "Le toit"
    assert cause.text_for("sw").title == "School roof"
    assert cause.text_for(None).language == "en"
    with translation.override("fr"):
        assert (cause.title, cause.summary) == ("Le toit", "Avant la pluie.")
    assert refused(actions.remove_text, cause=draft, language="en", by=charlie).status == 409
    actions.remove_text(cause=draft, language="fr", by=charlie)
    assert queries.by_id(draft.public_id).text_for("fr").language == "en"


def test_a_cause_without_its_original_text_still_has_a_name(draft: Cause) -> None:
    draft.texts.update(language="ht")
    assert queries.by_id(draft.public_id).text_for("en").language == "ht"
    draft.texts.all().delete()
    assert queries.by_id(draft.public_id).title == "roof"


@pytest.mark.parametrize(
    ("wrong", "where"),
    [({"label": {"en": " "}}, "label"), ({"unit": "Big Unit"}, "unit"), ({"target": 0}, "target")],
)
def test_goals_that_are_none(draft: Cause, charlie: Any, wrong: dict[str, Any], where: str) -> None:
    fields = {"cause": draft, "label": {"en": "Hours"}, "unit": "hour", "target": 5, "by": charlie}
    assert refused(actions.set_goal, **{**fields, **wrong}).where == where


def test_progress_comes_from_the_journal(lumi: Any, alice: Any) -> None:
    actions.set_goal(
        cause=lumi, label={"en": "Openings", "fr": "Ouvertures"}, unit="cause", target=4, by=alice
    )
    actions.set_goal(
        cause=lumi, label={"fr": "Fermetures"}, unit="cause", target=1, kinds=["causes.closed"], by=alice
    )
    actions.close(cause=lumi, by=alice)
    both, closings = queries.goals(lumi)
    assert (both.given, both.percent, both.label) == (2, 50, "Openings")
    assert (closings.given, closings.percent, closings.label) == (1, 100, "Fermetures")
    assert queries.goals_of_all([lumi])[lumi.pk] == [both, closings]
    assert queries.goals_of_all([]) == {}


def test_goals_keep_their_order_and_can_be_changed(draft: Cause, charlie: Any) -> None:
    assert queries.goals(draft) == []
    first = actions.set_goal(cause=draft, label={"en": "A"}, unit="hour", target=5, by=charlie)
    second = actions.set_goal(cause=draft, label={"en": "B"}, unit="hour", target=5, by=charlie)
    assert [row.label for row in queries.goals(draft)] == ["A", "B"]
    actions.set_goal(
        cause=draft, goal=first, label={"en": "A2"}, unit="hour", target=9, position=7, by=charlie
    )
    assert [row.label for row in queries.goals(draft)] == ["B", "A2"]
    actions.remove_goal(goal=second, by=charlie)
    assert [row.label for row in queries.goals(draft)] == ["A2"]


def test_a_label_without_words_is_empty() -> None:
    assert queries.label({}) == ""


def test_drafts_are_their_stewards_alone(draft: Cause, charlie: Any, bob: Any, lumi: Any) -> None:
    assert list(queries.visible(charlie)) == [lumi, draft] or list(queries.visible(charlie)) == [draft, lumi]
    assert list(queries.visible(bob)) == [lumi]
    assert list(queries.visible(AnonymousUser())) == [lumi]
    assert list(queries.visible(None)) == [lumi]
    assert queries.get(charlie, "roof") == draft
    for person in (bob, AnonymousUser()):
        assert refused(queries.get, person=person, slug="roof").status == 404
        assert refused(queries.to_set_up, person=person, slug="roof").status == 404
    assert refused(queries.to_set_up, person=bob, slug="lumi").status == 403
    assert refused(queries.get, person=bob, slug="nowhere").status == 404


def test_the_operator_sees_drafts(draft: Cause, charlie: Any) -> None:
    charlie.grants.all().delete()
    assert list(queries.visible(charlie)) == []
    charlie.is_superuser = True
    charlie.save()
    assert list(queries.visible(charlie)) == [draft]
    assert queries.get(charlie, "roof") == draft


def test_by_id(lumi: Any) -> None:
    assert queries.by_id(str(lumi.public_id)) == lumi
    assert refused(queries.by_id, public_id="00000000-0000-0000-0000-000000000000").status == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "open"},
        {"state": "closed"},
        {"state": "burnt"},
        {"opened_at": timezone.now()},
        {"slug": "Roof"},
        {"slug": "new"},
        {"west": 1.0},
        {"west": 1.0, "south": 5.0, "east": 2.0, "north": 4.0},
        {"west": 1.0, "south": 5.0, "east": 1.0, "north": 6.0},
        {"west": -190.0, "south": 5.0, "east": 1.0, "north": 6.0},
    ],
)
def test_the_database_refuses(draft: Cause, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Cause.objects.filter(pk=draft.pk).update(**wrong)


def test_the_database_takes_a_box_across_the_180th_meridian(draft: Cause) -> None:
    Cause.objects.filter(pk=draft.pk).update(west=176.0, south=-21.0, east=-178.0, north=-12.0)


def test_the_database_refuses_goals_and_texts_of_nothing(draft: Cause) -> None:
    for wrong in ({"target": 0}, {"unit": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Goal.objects.create(cause=draft, **{"unit": "hour", "target": 1, **wrong})
    for wrong in ({"title": ""}, {"language": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            draft.texts.create(**{"title": "x", "language": "fr", **wrong})
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.texts.create(title="Again", language="en")


def test_people_learn_how_causes_are_called(lumi: Any) -> None:
    assert people_queries.scope_of(cause_id=lumi.public_id).title == "Cyclone Lumi"
    assert people_queries.scope_of(cause_id=lumi.public_id).url == "/causes/lumi/"


def test_names_for_people(draft: Cause, charlie: Any) -> None:
    goal = actions.set_goal(cause=draft, label={"en": "A"}, unit="hour", target=5, by=charlie)
    assert str(draft) == "roof"
    assert str(draft.texts.get()) == "School roof"
    assert "5 hour" in str(goal)
