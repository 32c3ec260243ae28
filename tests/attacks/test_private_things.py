"""What the public journal, the live news and the tables could tell of a witness, and must not."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from entraide.capabilities.crisis.actions import publishing, setup, verifying
from entraide.capabilities.crisis.models import Change, ReportMessage
from entraide.capabilities.crisis.tests.sample import again, placed, told
from entraide.foundations.channels.models import LiveEvent
from entraide.foundations.journal import queries as journal

pytestmark = pytest.mark.django_db


def exported() -> list[dict[str, Any]]:
    """The public journal, as anybody downloads it."""
    return [json.loads(line) for line in journal.export_lines()]


def test_the_journal_tells_no_minute_at_which_somebody_wrote(lumi):
    """Publications round to the hour; whoever sees which telephone wrote when must not find it here."""
    report = told(lumi, "Water is gone")
    [entry] = [
        line["body"]
        for line in exported()
        if line.get("type") == "entry" and line["body"]["subject"] == f"report:{report.ref}"
    ]
    assert entry["kind"] == "crisis.told"
    for moment in (entry["happened_at"], entry["recorded_at"]):
        assert moment.endswith(":00:00.000000Z")
    stored = journal.entries_about(f"report:{report.ref}").get()
    assert (stored.happened_at.minute, stored.recorded_at.minute, stored.recorded_at.second) == (0, 0, 0)
    assert journal.verify()["entries"] >= 1


def test_a_number_given_as_evidence_is_not_found_by_trying_all_numbers(lumi, alice):
    report = placed(told(lumi, "Bridge down"), alice)
    verifying.verify(report, standing="verified", by=alice, why="asked", evidence="37123456")
    plain = {hashlib.sha256(told.encode()).hexdigest() for told in ("37123456", "+50937123456")}
    hashes = {line["body"]["evidence_hash"] for line in exported() if "body" in line}
    assert hashes - {""}
    assert not hashes & plain


def test_evidence_is_sealed_and_reasons_are_masked(lumi, alice):
    report = placed(told(lumi, "Bridge down"), alice)
    verifying.verify(report, standing="refuted", by=alice, why="3712 3456 says no", evidence="37123456")
    change = Change.objects.filter(report=report, what="standing").latest("pk")
    assert change.why == "… says no"
    assert b"37123456" not in bytes(change.sealed_evidence)
    assert change.evidence == "37123456"


def test_the_place_in_the_writers_words_is_masked(lumi):
    report = told(lumi, "Help", place="behind the church, call 3712 3456")
    assert report.place_name == "behind the church, call …"


def test_only_our_own_form_makes_a_secret_address(lumi, alice):
    """A partner's program that may speak at a webhook cannot choose the address of a follow-up page."""
    from entraide.capabilities.crisis.actions import intake
    from entraide.foundations.channels import queries as channels

    report = told(lumi, "Help", follow_digest="a" * 64)
    assert ReportMessage.objects.get(report=report).follow_digest == "a" * 64
    [message] = channels.received([report.sources.get().message_id])
    assert intake.follow_digest(message) == "a" * 64
    assert intake.follow_digest(type(message)(**{**vars(message), "channel": "webhook"})) is None


def test_a_report_withdrawn_before_its_delay_was_over_leaves_no_news(lumi, alice):
    setup.set_privacy(lumi, two_person=False, delay_hours=24, map_frozen=False, by=alice)
    LiveEvent.objects.all().delete()
    report = placed(told(lumi, "Soldiers at the bridge"), alice)
    publishing.publish(report, by=alice)
    publishing.withdraw(report, by=alice, why="too dangerous")
    news = [event.data for event in LiveEvent.objects.filter(topic=f"map:{lumi.public_id}")]
    assert not any(report.ref in data for data in news)


def test_a_report_withdrawn_after_it_was_seen_leaves_the_maps(lumi, alice):
    report = placed(told(lumi, "Water"), alice)
    publishing.publish(report, by=alice)
    publishing.withdraw(report, by=alice, why="wrong")
    last = LiveEvent.objects.filter(topic=f"map:{lumi.public_id}").latest("pk")
    assert json.loads(last.data) == {"ref": report.ref, "change": "withdrawn"}


def test_what_becomes_of_a_very_long_message_is_bounded(lumi):
    report = told(lumi, "w " * 30_000)
    assert len(report.text) <= 20_000


def test_reports_keep_their_own_time(lumi):
    """Only the journal rounds: the team still sees when it was."""
    before = timezone.now()
    report = again(told(lumi, "Water"))
    assert abs(report.happened_at - before) < timedelta(minutes=1)
