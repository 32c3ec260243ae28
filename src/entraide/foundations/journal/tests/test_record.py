"""What may be recorded, what may not, and what follows a recording."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.utils.translation import ngettext_lazy

from entraide.capability import Capability
from entraide.foundations.journal import actions, contributions, queries, rules
from entraide.foundations.journal.contributions import Contribution, UnknownKind
from entraide.foundations.journal.models import Entry, Particular

from .conftest import Loaf, Shelter, record
from .support import registered


def test_an_entry_says_what_was_contributed(db: None) -> None:
    happened = datetime(2026, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=3)))
    entry = record(Loaf(cause="c1", actor="p1", subject="oven:1", quantity=3, happened_at=happened))
    body = json.loads(entry.body)
    assert body.pop("details") == {"flour": "rye", "notes": {}}
    assert len(bytes.fromhex(body.pop("nonce"))) == 16
    assert body.pop("recorded_at") == rules.time_text(entry.recorded_at)
    assert body == {
        "actor": "p1", "attested_by": "", "cause": "c1", "corrects": None, "evidence_hash": "",
        "evidence_ref": "", "happened_at": "2026-02-03T01:05:00.000000Z", "kind": "bakery.gave",
        "quantity": 3, "subject": "oven:1", "unit": "loaf",
    }  # fmt: skip
    entry.refresh_from_db()
    assert (entry.sequence, entry.previous_hash, entry.public) == (1, "0" * 64, True)
    assert rules.contradiction(entry, "0" * 64) == ""


def test_entries_follow_each_other_without_a_gap(small_journal: list[Entry]) -> None:
    assert [entry.sequence for entry in small_journal] == [1, 2, 3, 4, 5, 6]
    for earlier, later in pairwise(small_journal):
        assert later.previous_hash == earlier.hash
    assert str(small_journal[0]) == "1 bakery.gave"


def test_an_undone_transaction_leaves_no_gap(db: None) -> None:
    record(Loaf())
    with transaction.atomic():
        actions.record(Loaf())
        transaction.set_rollback(True)
    assert record(Loaf()).sequence == 2
    assert queries.verify()["entries"] == 2


@pytest.mark.django_db(transaction=True)
def test_recording_needs_the_transaction_of_an_action() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        actions.record(Loaf())
    assert queries.last_sequence() == 0


def test_the_transaction_of_a_test_case_is_not_that_of_an_action(db: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        actions.record(Loaf())


def test_many_are_recorded_in_their_order(db: None) -> None:
    with transaction.atomic():
        entries = actions.record_many([Loaf(quantity=number) for number in range(1201)])
        assert actions.record_many([]) == []
    assert [entry.quantity for entry in entries] == list(range(1201))
    assert queries.verify()["entries"] == 1201


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None, -5]}, '{"a":[true,null,-5],"b":1}'),
        ('é\n"\\\u2028\x00', '"é\\n\\"\\\\\u2028\\u0000"'),
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), '"2026-01-02T03:04:05.000006Z"'),
        (date(2026, 1, 2), '"2026-01-02"'),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        ((Colour.RED,), '["red"]'),
        (2**63 - 1, "9223372036854775807"),
    ],
)
def test_canonical_json(value: Any, text: str) -> None:
    assert rules.canonical(value) == text


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (1.5, TypeError),
        (object(), TypeError),
        ({1: "a"}, TypeError),
        ({"clé": 1}, TypeError),
        ({1, 2}, TypeError),
        (2**63, ValueError),
        (datetime(2026, 1, 2), ValueError),
        ("\ud800", ValueError),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any, error: type[Exception], db: None) -> None:
    with pytest.raises(error):
        record(Loaf(notes={"value": value}))
    assert queries.last_sequence() == 0


@pytest.mark.parametrize(
    "contribution",
    [
        Loaf(quantity=-1),
        Loaf(evidence_hash="not a hash"),
        Loaf(evidence_hash="AB" * 32),
        Loaf(subject="x" * 101),
        Loaf(actor="x" * 65),
        Loaf(quantity=2**63),
        Loaf(happened_at=datetime(2026, 1, 2)),
        Loaf(corrects=1),
        Loaf(corrects=99),
    ],
)
def test_a_contribution_that_breaks_a_rule_is_refused(contribution: Loaf, db: None) -> None:
    with pytest.raises(ValueError):
        record(contribution)
    assert queries.last_sequence() == 0


def test_a_kind_nobody_declared_is_refused(db: None) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Stranger(Contribution):
        kind: ClassVar[str] = "stranger.came"
        unit: ClassVar[str] = "person"

    @dataclass(frozen=True, kw_only=True)
    class Impostor(Contribution):
        kind: ClassVar[str] = "bakery.gave"
        unit: ClassVar[str] = "loaf"

    for contribution in (Stranger(), Impostor()):
        with pytest.raises(UnknownKind):
            record(contribution)


def test_a_correction_adds_to_the_very_total_it_corrects(db: None) -> None:
    record(Loaf(cause="c1", quantity=5))
    record(Loaf(cause="c1", quantity=-2, corrects=1))
    assert queries.totals(cause="c1") == {("bakery.gave", "loaf"): 3}
    wrong = [Loaf(cause="c2", corrects=1), Shelter(cause="c1", corrects=1)]
    for contribution in wrong:
        with pytest.raises(ValueError, match="correction"):
            record(contribution)
    with pytest.raises(ValueError, match="correction"):
        record(Loaf(cause="c1", corrects=1), sealed=True)
    with transaction.atomic():  # within one batch too
        actions.record_many([Loaf(cause="c1"), Loaf(cause="c1", quantity=-1, corrects=3)])
    assert queries.totals(cause="c1") == {("bakery.gave", "loaf"): 3}
    assert [entry.sequence for entry in queries.corrections_of(1)] == [2]


def test_totals_are_sums_of_what_is_public(small_journal: list[Entry]) -> None:
    assert queries.totals() == {("bakery.gave", "loaf"): 6}
    assert queries.totals(cause="c1") == {("bakery.gave", "loaf"): 3}
    assert queries.totals(kinds=["shelter.took-in"]) == {}
    assert queries.totals(kinds=["shelter.took-in"], public_only=False) == {("shelter.took-in", "person"): 1}
    assert queries.totals(unit="person", public_only=False) == {("shelter.took-in", "person"): 1}
    assert queries.totals(unit="hour") == {}
    assert [(row["cause"], row["quantity"], row["entries"]) for row in queries.totals_by_cause()] == [
        ("", 1, 1), ("c1", 3, 3), ("c2", 2, 1),
    ]  # fmt: skip
    assert queries.totals_by_cause(cause="c1", until=1)[0]["quantity"] == 3


def test_entries_are_found_by_what_they_are_about(small_journal: list[Entry]) -> None:
    assert [entry.sequence for entry in queries.entries_about("oven:1")] == [1, 4]
    assert list(queries.entries_about("house:1")) == []
    assert [entry.sequence for entry in queries.entries_about("house:1", public_only=False)] == [2]
    assert [entry.sequence for entry in queries.entries(cause="c1")] == [6, 4, 1]
    assert [entry.sequence for entry in queries.entries(cause="c1", public_only=False)] == [6, 4, 2, 1]
    assert [entry.sequence for entry in queries.entries(kind="bakery.gave", before=4)] == [3, 1]
    assert [entry.sequence for entry in queries.entries(actor="p1", public_only=False)] == [2, 1]


def test_particulars_can_be_erased_and_the_journal_stays_valid(small_journal: list[Entry]) -> None:
    before = queries.verify()
    assert queries.particulars(1) == {"name": "Ada"}
    assert queries.particulars(3) is None
    assert actions.erase_particulars(subject="house:1") == 1
    assert queries.particulars(1) == {"name": "Ada"}
    record(Loaf(actor="p2"), particulars={"name": "Grace"})
    assert actions.erase_particulars(actor="p1") == 1
    assert [str(kept) for kept in Particular.objects.all()] == ["particulars of 7"]
    assert queries.verify()["entries"] == before["entries"] + 1
    with pytest.raises(ValueError):
        actions.erase_particulars()


def test_particulars_are_never_hashed(small_journal: list[Entry]) -> None:
    assert b"Ada" not in b"".join(queries.export_lines())
    assert not any("Ada" in entry.body for entry in Entry.objects.all())


@pytest.mark.logs_errors
def test_reactions_run_after_the_commit_and_one_failure_stops_nobody(
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    heard: list[int] = []

    def fail(entry: Entry) -> None:
        raise RuntimeError("this room is broken")

    def card(reaction: Any) -> Capability:
        return Capability(name="room", label="", sentence="", reactions={"bakery.gave": reaction})

    cards = (card(fail), card(lambda entry: heard.append(entry.sequence)))
    monkeypatch.setattr(actions, "cards", lambda: cards)
    with django_capture_on_commit_callbacks() as callbacks:
        record(Shelter())
        record(Loaf())
        assert heard == []
    for callback in callbacks:
        callback()
    assert heard == [2]
    assert "A reaction to journal entry 2 (bakery.gave) failed" in caplog.text


def test_sentences(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Hour(Contribution):
        kind: ClassVar[str] = "time.gave"
        unit: ClassVar[str] = "hour"
        sentence: ClassVar[Any] = ngettext_lazy("one hour", "%(quantity)s hours", "quantity")

    with registered(Hour):
        assert rules.sentence(record(Hour(quantity=1))) == "one hour"
        entry = record(Hour(quantity=5))
        assert rules.sentence(entry) == "5 hours"
        assert rules.label("time.gave") == "one hour"
    assert rules.sentence(entry) == "time.gave"  # the room is gone, its entries stay
    assert rules.label("time.gave") == "time.gave"
    assert rules.sentence(record(Loaf(quantity=2))) == "Somebody gave 2 loaves of rye."
    assert rules.label("bakery.gave") == "Somebody gave 1 loaves of …."
    assert rules.sentence(record(Shelter())) == "shelter.took-in"


def test_every_declared_kind_has_a_name_a_unit_and_words() -> None:
    for name, contribution in contributions.kinds().items():
        assert name == contribution.kind
        assert contribution.__doc__


@pytest.mark.parametrize("kind", ["bread", "Bakery.gave", "bakery.", "bakery.gave loaf"])
def test_a_misspelt_kind_is_refused_when_the_house_starts(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    misspelt = type("Misspelt", (Contribution,), {"kind": kind, "unit": "loaf"})
    with pytest.raises(ValueError, match="Misspelt"):
        _kinds_with(monkeypatch, misspelt)


def test_two_classes_cannot_claim_one_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (type(name, (Contribution,), {"kind": "a.b", "unit": "c"}) for name in ("One", "Other"))
    assert _kinds_with(monkeypatch, one)["a.b"] is one
    with pytest.raises(ValueError, match="two classes"):
        _kinds_with(monkeypatch, one, other)


def _kinds_with(monkeypatch: pytest.MonkeyPatch, *kinds: type) -> Any:
    from importlib.util import find_spec, module_from_spec

    spec = find_spec(contributions.__name__)
    assert spec
    assert spec.loader
    fresh = module_from_spec(spec)  # a register of its own, so that the real one is not touched
    monkeypatch.setitem(__import__("sys").modules, fresh.__name__, fresh)
    spec.loader.exec_module(fresh)
    monkeypatch.setattr(fresh, "_of_foundations", list)
    monkeypatch.setattr(fresh, "slot", lambda name: list(kinds))
    return fresh.kinds()
