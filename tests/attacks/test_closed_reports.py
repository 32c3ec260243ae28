"""Closed reports (children alone, violence against women) are read by named persons: whatever way in, and
whenever they became closed."""

from __future__ import annotations

from typing import Any

import pytest

from entraide.capabilities.crisis.actions import bulk, merging, setup, steps
from entraide.capabilities.crisis.models import BulkItem, Report
from entraide.capabilities.crisis.tests.sample import again, made, placed, posted, told
from entraide.foundations.desk import actions as desk
from entraide.foundations.desk.models import WorkItem
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


def lines_of(report: Report) -> set[str]:
    """The lines in which a report waits."""
    waiting = WorkItem.objects.filter(subject=f"report:{report.ref}", state__in=["waiting", "leased"])
    return set(waiting.values_list("queue", flat=True))


def test_a_report_closed_by_an_edit_leaves_the_line_of_all(lumi, alice, bob, alone, water):
    report = told(lumi, "A girl is alone at the bus stop")
    assert lines_of(report) == {"crisis.triage"}
    steps.edit(report, by=alice, categories=[alone])
    assert lines_of(report) == {"crisis.closed"}
    assert desk.next_item(person=bob) is None
    steps.edit(report, by=alice, categories=[water])
    assert lines_of(report) == {"crisis.triage"}


def test_a_report_closed_after_it_was_read_leaves_the_line_of_verifiers(lumi, alice, vera, alone):
    report = placed(told(lumi, "A girl is alone"), alice)
    assert lines_of(report) == {"crisis.check"}
    steps.edit(report, by=alice, categories=[alone])
    assert lines_of(report) == set()
    assert desk.next_item(person=vera) is None


def test_a_category_that_becomes_closed_takes_its_reports_out_of_the_line(lumi, alice, bob, water):
    report = told(lumi, "Help", category="water")
    setup.save_category(lumi, category=water, names={"en": "Water"}, sensitivity="closed", by=alice)
    assert lines_of(report) == {"crisis.closed"}
    assert desk.next_item(person=bob) is None


def test_an_item_in_hand_is_not_shown_once_its_report_is_closed(client, lumi, bob, alone):
    report = told(lumi, "A girl is alone at the bus stop")
    item = desk.next_item(person=bob)
    report.categories.set([alone])  # however it happened
    client.force_login(bob)
    page = client.get(f"/desk/items/{item.pk}/")
    assert page.status_code == 403
    assert "bus stop" not in page.content.decode()
    with pytest.raises(Refusal):
        desk.answer(item=item, person=bob, data=posted(decision="aside"))


def test_trying_refs_does_not_tell_which_closed_reports_exist(lumi, alice, bob, alone):
    closed = made(lumi, "A girl")
    closed.categories.set([alone])
    told(lumi, "Something else")
    item = desk.next_item(person=bob, queue="crisis.triage")
    refusals = []
    for ref in (closed.ref, "zzzzzzzzzz"):
        with pytest.raises(Refusal) as refused:
            desk.answer(item=item, person=bob, data=posted(decision="same", same=ref))
        refusals.append(str(refused.value))
    assert refusals[0] == refusals[1]


def test_who_may_see_closed_reports_still_joins_them(lumi, alice, alone):
    first, second = made(lumi, "A girl"), made(lumi, "The same girl")
    for report in (first, second):
        report.categories.set([alone])
    merging.merge(second, into=first, by=alice)
    assert again(second).merged_into == first


def test_the_page_of_a_bulk_change_names_no_closed_report(client, lumi, alice, bob, alone):
    report = made(lumi, "A girl")
    report.categories.set([alone])
    asked = bulk.ask(lumi, deed="publish", refs=[report.ref], by=alice)
    BulkItem.objects.filter(bulk=asked).update(state="refused", reason="closed")
    for person, shown in ((alice, True), (bob, False)):
        client.force_login(person)
        page = client.get(f"/crisis/{lumi.slug}/bulk/{asked.pk}/").content.decode()
        assert (report.ref in page) is shown


def test_the_way_of_a_closed_report_from_the_form(lumi, bob, alone):
    report: Any = told(lumi, "Alone", category="child-alone")
    assert lines_of(report) == {"crisis.closed"}
    assert desk.next_item(person=bob) is None
