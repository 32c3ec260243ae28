"""What the card answers: subjects, listening, retention, a person who leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from entraide.capabilities.crisis import panels
from entraide.capabilities.crisis.actions import keeping, publishing, setup, steps
from entraide.capabilities.crisis.models import Approval, Change, Report, Step
from entraide.capabilities.crisis.tests import sample
from entraide.foundations.causes import actions as causes

pytestmark = pytest.mark.django_db


def test_a_subject_leads_to_its_public_page_only(lumi: Any, bob: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    assert panels.subject_url(f"report:{report.ref}") is None
    publishing.publish(report, by=bob)
    assert panels.subject_url(f"report:{report.ref}") == f"/reports/{report.ref}/"
    assert panels.subject_url("post:1") is None


def test_who_may_listen(lumi: Any, bob: Any, alice: Any, charlie: Any) -> None:
    report = sample.made(lumi)
    topic = f"report:{report.ref}"
    assert panels.may_listen(charlie, f"map:{lumi.public_id}")
    assert panels.may_listen(bob, topic)
    assert not panels.may_listen(charlie, topic)
    report.categories.add(sample.category(lumi, alice, "Violence", sensitivity="closed"))
    assert not panels.may_listen(bob, topic)
    assert panels.may_listen(alice, topic)
    assert not panels.may_listen(alice, "report:nosuch")
    assert not panels.may_listen(alice, "desk:1")


def test_what_was_set_aside_is_emptied_in_time(lumi: Any, bob: Any) -> None:
    report = sample.told(lumi, "Buy shoes", place="-14.27, 50.17", follow_digest="d" * 64)
    kept = sample.told(lumi, "No water")
    steps.set_aside(report, by=bob)
    assert keeping.purge_set_aside(timezone.now()) == 0
    assert keeping.purge_set_aside(timezone.now() + timedelta(days=91)) == 1
    report = sample.again(report)
    assert (report.title, report.text, report.exact_x, report.place_name) == ("", "", None, "")
    assert report.sources.get().follow_digest is None
    assert sample.again(kept).text == "No water"
    assert keeping.purge_set_aside(timezone.now() + timedelta(days=91)) == 0


def test_exact_places_are_forgotten_a_year_after(lumi: Any, bob: Any, alice: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    later = timezone.now() + timedelta(days=366)
    assert keeping.purge_exact_places(later) == 0
    causes.close(cause=lumi, by=alice)
    assert keeping.purge_exact_places(timezone.now()) == 0
    assert keeping.purge_exact_places(later) == 1
    assert sample.again(report).exact_x is None


def test_a_person_takes_her_data_along_and_leaves(lumi: Any, bob: Any, rosa: Any, alice: Any) -> None:
    setup.set_privacy(lumi, two_person=True, delay_hours=0, map_frozen=False, by=alice)
    report = sample.placed(sample.made(lumi), bob)
    publishing.publish(report, by=bob)
    steps.take(report, by=rosa)
    told = keeping.export_person(bob)
    assert told["approvals"][0]["report"] == report.ref
    assert {change["report"] for change in told["changes"]} == {report.ref}
    assert keeping.export_person(rosa)["taken"] == [report.ref]
    keeping.erase_person(rosa)
    keeping.erase_person(bob)
    assert sample.again(report).step == Step.ROUTED
    assert not Approval.objects.exists()
    assert not Change.objects.filter(by__in=[bob, rosa]).exists()
    assert not Report.objects.filter(taken_by=rosa).exists()
