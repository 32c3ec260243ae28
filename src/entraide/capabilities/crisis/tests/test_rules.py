"""Pure decisions: both sides of each."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from entraide.capabilities.crisis import rules
from entraide.capabilities.crisis.models import Precision, Sensitivity, Standing, Step
from entraide.foundations.design.templatetags.design import icon
from entraide.refusal import Refusal


@pytest.mark.parametrize(
    ("before", "after"), [(b, a) for b, many in rules.NEXT_STEPS.items() for a in sorted(many)]
)
def test_steps_that_may_follow_are_let_through(before: str, after: str) -> None:
    rules.check_step(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [(b, a) for b in Step.values for a in Step.values if a not in rules.NEXT_STEPS[b]],
)
def test_every_other_step_is_refused(before: str, after: str) -> None:
    with pytest.raises(Refusal) as refusal:
        rules.check_step(before, after)
    assert refusal.value.status == 409


def test_every_step_has_its_right_and_its_followers() -> None:
    assert set(rules.RIGHT_FOR_STEP) == set(rules.NEXT_STEPS) == set(Step.values)


def standing(
    after: str, *, before: str = "unverified", why: str = "seen", evidence: str = "", sources: int = 0
) -> None:
    rules.check_standing(before, after, why=why, evidence=evidence, independent_sources=sources)


def test_a_standing_needs_its_reasons() -> None:
    standing(Standing.VERIFIED, evidence="called the school")
    standing(Standing.CORROBORATED, sources=2)
    standing(Standing.OUT_OF_DATE)
    for wrong, code in [
        ({"after": "sure"}, "standing-unknown"),
        ({"after": Standing.UNVERIFIED}, "same-standing"),
        ({"after": Standing.OUT_OF_DATE, "why": "  "}, "why-missing"),
        ({"after": Standing.VERIFIED}, "evidence-missing"),
        ({"after": Standing.REFUTED}, "evidence-missing"),
        ({"after": Standing.CORROBORATED, "sources": 1}, "sources-too-few"),
    ]:
        with pytest.raises(Refusal) as refusal:
            standing(**wrong)  # type: ignore[arg-type]
        assert refusal.value.code == code


def test_the_most_careful_category_decides() -> None:
    assert rules.precision_of([]) == Precision.AREA_SMALL
    assert rules.precision_of(["exact"]) == Precision.EXACT
    assert rules.precision_of(["exact", "hidden", "area-small"]) == Precision.HIDDEN
    assert rules.sensitivity_of([]) == Sensitivity.OPEN
    assert rules.sensitivity_of(["open", "closed", "guarded"]) == Sensitivity.CLOSED


def test_two_people_agree_where_it_is_guarded_or_the_cause_says_so() -> None:
    assert rules.approvals_needed(sensitivity="open", two_person=False) == 1
    assert rules.approvals_needed(sensitivity="guarded", two_person=False) == 2
    assert rules.approvals_needed(sensitivity="open", two_person=True) == 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sensitivity": "closed"}, "closed-category"),
        ({"map_frozen": True}, "map-frozen"),
        ({"step": "new"}, "not-read-yet"),
        ({"step": "set-aside"}, "not-read-yet"),
        ({"step": "merged"}, "not-read-yet"),
        ({"title": " "}, "title-missing"),
    ],
)
def test_what_must_not_be_published_is_refused(changed: dict[str, object], code: str) -> None:
    fine = {"step": "located", "sensitivity": "open", "map_frozen": False, "title": "Water"}
    rules.check_publishable(**fine)  # type: ignore[arg-type]
    with pytest.raises(Refusal) as refusal:
        rules.check_publishable(**{**fine, **changed})  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_the_public_learns_the_hour_unless_the_place_is_exact() -> None:
    moment = datetime(2031, 3, 2, 14, 37, 55, 12, tzinfo=UTC)
    assert rules.public_time(moment, Precision.EXACT) == moment
    assert rules.public_time(moment, Precision.DISPLACED) == datetime(2031, 3, 2, 14, tzinfo=UTC)


def test_senders_without_a_name_count_as_one() -> None:
    assert rules.independent_senders([]) == 1
    assert rules.independent_senders(["a", "a", "b"]) == 2
    assert rules.independent_senders(["a", "", "", ""]) == 2
    assert rules.independent_senders(["", ""]) == 1


def test_titles_are_the_first_words() -> None:
    assert rules.title_of("Water is gone. We are 40.") == "Water is gone."
    assert rules.title_of("পানি নেই। আমরা চল্লিশ জন।") == "পানি নেই।"
    assert rules.title_of("  one\ntwo") == "one"
    long = rules.title_of("word " * 60)
    assert len(long) <= 90
    assert long.endswith("word…")
    assert rules.title_of("x" * 300) == "x" * 89 + "…"
    assert rules.title_of("") == ""


def test_likeness_counts_shared_words_in_any_script() -> None:
    same = rules.words_of("পানির খুব দরকার স্কুলে")
    assert rules.likeness(same, rules.words_of("পানির খুব দরকার স্কুলে!")) == 1.0
    assert rules.likeness(rules.words_of("water at the school"), rules.words_of("bridge is broken")) == 0.0
    assert rules.likeness(rules.words_of("我们需要干净的水"), rules.words_of("需要干净的水")) > 0.5
    assert rules.likeness(frozenset(), frozenset()) == 0.0


def test_a_child_is_not_less_careful() -> None:
    rules.check_not_less_careful("guarded", "open")
    with pytest.raises(Refusal):
        rules.check_not_less_careful("open", "guarded")


def test_names_fall_back_to_something_readable() -> None:
    names = {"fr": "Eau", "en": "Water"}
    assert rules.name_in(names, "fr-CA") == "Eau"
    assert rules.name_in(names, "sw") == "Water"
    assert rules.name_in({"ht": "Dlo"}, "sw") == "Dlo"
    assert rules.name_in({}, "sw", "water") == "water"


@pytest.mark.parametrize("name", rules.ICONS)
def test_every_icon_a_steward_may_choose_exists(name: str) -> None:
    assert "<svg" in icon(name)
