"""The way of a report, and who may bring it along."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from entraide.capabilities.crisis.actions import looking, merging, publishing, steps, verifying
from entraide.capabilities.crisis.models import Change, Publication, Report, Standing, Step
from entraide.capabilities.crisis.queries import follow, reports, similar
from entraide.capabilities.crisis.tests import sample
from entraide.foundations.channels.models import Outgoing
from entraide.foundations.channels.rules import unseal_text
from entraide.foundations.desk.models import WorkItem
from entraide.foundations.journal.models import Entry
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


def code_of(act: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        act(*args, **kwargs)
    return refusal.value.code


def waiting(queue: str) -> int:
    return WorkItem.objects.filter(queue=queue, state__in=["waiting", "leased"]).count()


def test_from_message_to_told(lumi: Any, bob: Any, vera: Any, rosa: Any) -> None:
    report = sample.told(lumi, "Maji hakuna", language="sw", contact="ana@example.org")
    assert waiting("crisis.triage") == 1
    report = sample.placed(report, bob)
    assert report.step == Step.LOCATED
    assert (waiting("crisis.triage"), waiting("crisis.check")) == (0, 1)
    verifying.verify(report, standing="verified", by=vera, why="seen", evidence="called the school")
    publishing.publish(report, by=bob)
    steps.route(report, organisation=None, by=bob)
    steps.take(report, by=rosa)
    assert steps.finish(report, by=rosa, why="brought 200 litres") == 1
    report = sample.again(report)
    assert (report.step, report.standing) == (Step.TOLD, Standing.VERIFIED)
    assert Publication.objects.get().step == Step.TOLD
    kinds = list(
        Entry.objects.filter(subject=f"report:{report.ref}")
        .order_by("sequence")
        .values_list("kind", flat=True)
    )
    assert kinds == [
        "crisis.told",
        "crisis.triaged",
        "crisis.located",
        "crisis.verified",
        "crisis.published",
        "crisis.told-back",
        "crisis.routed",
        "crisis.told-back",
        "crisis.taken",
        "crisis.told-back",
        "crisis.done",
        "crisis.told-back",
    ]
    said = [sent.language for sent in Outgoing.objects.all()]
    assert said == ["sw"] * 5
    assert all(change.at for change in Change.objects.all())


def test_no_place_and_no_words_enter_the_journal(lumi: Any, bob: Any, vera: Any) -> None:
    report = sample.placed(
        sample.told(lumi, "Secret words here", contact="ana@example.org"), bob, name="Hidden cove"
    )
    verifying.verify(report, standing="verified", by=vera, why="because", evidence="asked the teacher")
    publishing.publish(report, by=bob)
    everything = " ".join(str(vars(entry)) for entry in Entry.objects.all())
    for secret in ("Secret words", "Hidden cove", "teacher", str(sample.BAY.x), "ana@"):
        assert secret not in everything


def test_rights_both_ways(lumi: Any, bob: Any, vera: Any, rosa: Any, charlie: Any) -> None:
    report = sample.made(lumi)
    for person in (vera, rosa, charlie):
        assert code_of(steps.pass_on, report, by=person) == "no-right"
        assert code_of(steps.edit, report, by=person, title="x") == "no-right"
        assert code_of(steps.set_aside, report, by=person) == "no-right"
        assert code_of(steps.route, report, organisation=None, by=person) == "no-right"
    for person in (bob, rosa, charlie):
        assert code_of(verifying.verify, report, standing="out-of-date", by=person, why="old") == "no-right"
    for person in (bob, vera, charlie):
        assert code_of(steps.take, report, by=person) == "no-right"
    steps.pass_on(report, by=bob)
    steps.take(report, by=rosa)
    assert sample.again(report).taken_by == rosa


def test_without_a_place_it_is_read_not_placed(lumi: Any, bob: Any) -> None:
    report = sample.made(lumi)
    entries = steps.pass_on(report, by=bob)
    assert [entry.kind for entry in entries] == ["crisis.triaged"]
    assert sample.again(report).step == Step.TRIAGED
    assert steps.pass_on(report, by=bob) == []
    steps.edit(report, by=bob, place=steps.Place(point=sample.BAY, radius_m=50))
    assert [entry.kind for entry in steps.pass_on(report, by=bob)] == ["crisis.located"]
    steps.edit(report, by=bob, place=None)
    assert sample.again(report).exact_x is None


def test_passing_on_does_not_send_back(lumi: Any, bob: Any, rosa: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    steps.take(report, by=rosa)
    assert steps.pass_on(report, by=bob) == []
    assert sample.again(report).step == Step.TAKEN


def test_set_aside_and_back(lumi: Any, bob: Any) -> None:
    report = sample.told(lumi, "Buy my shoes")
    steps.set_aside(report, by=bob)
    assert waiting("crisis.triage") == 0
    assert code_of(steps.put_back, report, by=bob, why="") == "why-missing"
    steps.put_back(report, by=bob, why="it was about help after all")
    assert sample.again(report).step == Step.NEW
    assert waiting("crisis.triage") == 1
    assert code_of(steps.put_back, report, by=bob, why="again") == "step-cannot-follow"


def test_one_person_takes_it(lumi: Any, bob: Any, rosa: Any, alice: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    steps.take(report, by=rosa)
    assert code_of(steps.take, report, by=alice) == "already-taken"
    assert code_of(steps.hand_back, report, by=rosa, why="") == "why-missing"
    assert code_of(steps.set_aside, report, by=bob) == "step-cannot-follow"
    steps.hand_back(report, by=rosa, why="no car")
    assert sample.again(report).taken_by is None
    steps.take(report, by=alice)
    assert code_of(steps.hand_back, report, by=rosa, why="not mine") == "no-right"
    steps.hand_back(report, by=bob, why="she is away")  # who may route can free it


def test_done_needs_a_taker_and_can_be_reopened(lumi: Any, bob: Any, rosa: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    assert code_of(steps.finish, report, by=rosa, why="done") == "step-cannot-follow"
    assert code_of(steps.reopen, report, by=rosa, why="not") == "step-cannot-follow"
    steps.take(report, by=rosa)
    assert code_of(steps.finish, report, by=rosa, why=" ") == "why-missing"
    assert steps.finish(report, by=rosa, why="brought") == 0  # nobody left a way to be told
    assert sample.again(report).step == Step.DONE
    assert code_of(steps.reopen, report, by=rosa, why=" ") == "why-missing"
    steps.reopen(report, by=rosa, why="was stolen")
    assert sample.again(report).step == Step.TAKEN


def test_routing_a_taken_report_frees_it(lumi: Any, bob: Any, rosa: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    steps.take(report, by=rosa)
    steps.route(report, organisation=None, by=bob)
    report = sample.again(report)
    assert (report.step, report.taken_by) == (Step.ROUTED, None)


def test_a_foreign_category_is_refused(lumi: Any, bob: Any, alice: Any) -> None:
    from entraide.foundations.causes import actions as causes

    other = causes.create(slug="other", texts={"en": {"title": "Other"}}, languages=["en"], by=alice)
    category = sample.category(other, alice, "Water")
    assert code_of(steps.edit, sample.made(lumi), by=bob, categories=[category]) == "foreign-category"


def test_standing_is_told_with_reasons(lumi: Any, vera: Any) -> None:
    report = sample.made(lumi)
    entry = verifying.verify(report, standing="refuted", by=vera, why="asked", evidence="the bridge stands")
    assert len(entry.body) > 0 if hasattr(entry, "body") else entry.sequence > 0
    change = Change.objects.get(what="standing")
    assert (change.before, change.after, change.evidence) == ("unverified", "refuted", "the bridge stands")
    assert sample.again(report).checked_at is not None


# The exact place


def test_the_exact_place_is_seen_by_right_and_noted_sealed(lumi: Any, bob: Any, charlie: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    assert code_of(looking.open_exact_place, report, by=charlie) == "no-right"
    assert not Entry.objects.filter(kind="crisis.exact-place-seen").exists()
    seen = looking.open_exact_place(report, by=bob)
    assert seen is not None
    assert round(seen[0], 4) == -14.27
    [entry] = Entry.objects.filter(kind="crisis.exact-place-seen")
    assert not entry.public
    assert looking.open_exact_place(sample.made(lumi), by=bob) is None


# Joining


def test_joining_keeps_every_voice_and_can_be_undone(lumi: Any, bob: Any) -> None:
    one, two, three = (sample.placed(sample.made(lumi, f"Water {n}"), bob) for n in range(3))
    publishing.publish(one, by=bob)
    publishing.publish(two, by=bob)
    merging.merge(two, into=one, by=bob)
    assert Publication.objects.get().senders == 2
    merging.merge(three, into=two, by=bob)  # into what the other was joined with
    assert sample.again(three).merged_into == one
    assert Publication.objects.get().senders == 3
    assert len(reports.sources(sample.again(one))) == 3
    merging.take_apart(two, by=bob, why="another school")
    report = sample.again(two)
    assert (report.step, report.merged_into) == (Step.LOCATED, None)
    assert Publication.objects.get().senders == 2
    assert code_of(merging.take_apart, two, by=bob) == "not-merged"


def test_a_chain_of_voices_is_followed(lumi: Any, bob: Any) -> None:
    one, two, three = (sample.made(lumi, f"Water {n}") for n in range(3))
    merging.merge(one, into=two, by=bob)
    merging.merge(two, into=three, by=bob)
    assert [voice.pk for voice in reports.voices(three)] == [one.pk, two.pk, three.pk]
    assert reports.root(sample.again(one)) == three


def test_joining_in_circles_is_refused(lumi: Any, bob: Any, charlie: Any, alice: Any) -> None:
    one, two, three = (sample.made(lumi, f"Water {n}") for n in range(3))
    assert code_of(merging.merge, one, into=one, by=bob) == "merge-with-itself"
    assert code_of(merging.merge, one, into=two, by=charlie) == "no-right"
    merging.merge(one, into=two, by=bob)
    merging.merge(two, into=three, by=bob)
    assert code_of(merging.merge, three, into=one, by=bob) == "merge-in-a-circle"
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=three.pk).update(merged_into=three, step=Step.MERGED)


def test_joining_what_does_not_belong_together_is_refused(lumi: Any, bob: Any, alice: Any) -> None:
    from entraide.foundations.causes import actions as causes

    other_cause = causes.create(slug="other", texts={"en": {"title": "Other"}}, languages=["en"], by=alice)
    one, two = sample.made(lumi), sample.made(lumi)
    assert code_of(merging.merge, one, into=sample.made(other_cause), by=bob) == "other-cause"
    steps.set_aside(two, by=bob)
    assert code_of(merging.merge, one, into=two, by=bob) == "merge-into-set-aside"
    one.categories.add(sample.category(lumi, alice, "Violence", sensitivity="closed"))
    assert code_of(merging.merge, one, into=sample.made(lumi), by=bob) == "merge-closed-into-open"


def test_perhaps_the_same_looks_at_words_and_place(lumi: Any, bob: Any) -> None:
    words = "The school in the bay has no drinking water"
    first = sample.placed(sample.made(lumi, words), bob)
    near = sample.placed(sample.made(lumi, "No water in the bay, children are ill since monday"), bob)
    sample.made(lumi, "The bridge is broken")
    held = reports.rights(bob, lumi)
    again = sample.placed(sample.made(lumi, words + " today"), bob)
    found = similar.perhaps_the_same(again, held)
    assert [candidate.report for candidate in found] == [first] or found[1].report == near
    assert found[0].percent > 60
    assert similar.perhaps_the_same(again, frozenset()) == []


# Who sees what


def test_closed_reports_are_for_named_persons(lumi: Any, bob: Any, alice: Any, charlie: Any) -> None:
    report = sample.made(lumi)
    assert reports.get(bob, lumi, report.ref) == report
    report.categories.add(sample.category(lumi, alice, "Violence", sensitivity="closed"))
    assert code_of(reports.get, bob, lumi, report.ref) == "no-such-report"
    assert reports.get(alice, lumi, report.ref) == report
    assert code_of(reports.get, charlie, lumi, report.ref) == "no-right"
    assert not reports.visible(frozenset({Right.CAUSE_SET_UP}), lumi).exists()


def test_a_closed_report_is_not_put_before_every_verifier(lumi: Any, alice: Any) -> None:
    report = sample.made(lumi)
    report.categories.add(sample.category(lumi, alice, "Violence", sensitivity="closed"))
    steps.pass_on(report, by=alice)
    assert waiting("crisis.check") == 0


# What the witness sees


def test_the_witness_follows_with_her_secret_alone(lumi: Any, bob: Any) -> None:
    secret = "q" * 26
    report = sample.told(lumi, "Water", follow_digest=follow.digest_of(secret))
    state = follow.state_of(secret)
    assert state is not None
    assert (state.stage, state.public_ref) == ("arrived", "")
    assert follow.state_of("other") is None
    other = sample.placed(sample.made(lumi), bob)
    publishing.publish(other, by=bob)
    merging.merge(report, into=other, by=bob)
    state = follow.state_of(secret)
    assert state is not None
    assert (state.stage, state.public_ref) == ("read", other.ref)
    assert secret not in str(list(report.sources.values()))


def test_opted_out_is_not_told_and_told_is_once_a_person(lumi: Any, bob: Any, rosa: Any) -> None:
    one = sample.told(lumi, "Water please", contact="ana@example.org")
    two = sample.told(lumi, "Water please, again", contact="ana@example.org")
    merging.merge(two, into=one, by=bob)
    steps.pass_on(one, by=bob)
    before = Outgoing.objects.count()
    steps.route(one, organisation=None, by=bob)
    assert Outgoing.objects.count() == before + 1
    assert "promise" in unseal_text(Outgoing.objects.order_by("-pk")[0].sealed_text)
