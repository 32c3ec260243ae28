"""An act that is cut off half-way leaves nothing: the desk, the report and the journal move together."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from entraide.capabilities.crisis.actions import publishing, steps
from entraide.capabilities.crisis.models import Change, Publication, Report
from entraide.capabilities.crisis.tests.sample import BAY, again, category, posted, told
from entraide.foundations.channels import actions as channels
from entraide.foundations.channels import inbox
from entraide.foundations.channels.models import Message
from entraide.foundations.desk import actions as desk
from entraide.foundations.desk.models import Answer
from entraide.foundations.journal import queries as journal
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


class PowerCut(BaseException):
    """As sudden as a kill: nobody catches it."""


@pytest.mark.parametrize(
    "where",
    [
        "entraide.foundations.desk.actions.journal.record",
        "entraide.foundations.desk.actions._settle",
        "entraide.capabilities.crisis.actions.telling.tell",
        "entraide.capabilities.crisis.actions.publishing._announce",
        "entraide.capabilities.crisis.reactions.triage.publishing.publish",
    ],
)
def test_an_answer_cut_off_anywhere_changes_nothing(lumi, bob, where, monkeypatch):
    report = told(lumi, "Water is gone", contact="marie@example.org")
    steps.edit(report, by=bob, place=steps.Place(point=BAY, radius_m=50))
    item = desk.next_item(person=bob)
    before = (journal.last_sequence(), Change.objects.count(), Report.objects.values().get(pk=report.pk))

    def cut(*_args: Any, **_kwargs: Any) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(where, cut)
        data = posted(decision="publish", title="Water", text="Water is gone", language="en")
        with pytest.raises(PowerCut):
            desk.answer(item=item, person=bob, data=data)
    assert before == (
        journal.last_sequence(),
        Change.objects.count(),
        Report.objects.values().get(pk=report.pk),
    )
    assert not Answer.objects.exists()
    assert not Publication.objects.exists()
    item.refresh_from_db()
    assert (item.state, item.holder) == ("leased", bob)


@pytest.mark.logs_errors
def test_a_full_disk_acknowledges_nothing(lumi, monkeypatch):
    def full(*_args: Any) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(inbox.Writer, "_store", full)
    with pytest.raises(Refusal) as refused:
        channels.accept_web(cause=lumi, fields={"text": "Help"}, key="k")
    assert refused.value.status == 503
    assert Message.objects.count() == 0


@pytest.mark.logs_errors
def test_the_form_says_so_in_words_where_the_disk_is_full(client, lumi, monkeypatch):
    def full(*_args: Any) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(inbox.Writer, "_store", full)
    answer = client.post(f"/tell/{lumi.slug}/", {"text": "Help, water", "key": "k"})
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "Help, water" in answer.content.decode()  # what she wrote is still there


def test_an_exact_category_shows_no_minute_beside_an_area(lumi, alice):
    """A place known to 3 km is an area, and its time is told to the hour, whatever the category allows."""
    need = category(lumi, alice, "Road", precision="exact")
    report = told(lumi, "Road cut", category=need.slug)
    Report.objects.filter(pk=report.pk).update(
        happened_at=timezone.now().replace(minute=17) - timedelta(days=1)
    )
    steps.edit(again(report), by=alice, place=steps.Place(point=BAY, radius_m=3_000))
    steps.pass_on(again(report), by=alice)
    shown = publishing.publish(again(report), by=alice)
    assert shown is not None
    assert (shown.shape, shown.happened_at.minute) == ("area", 0)
    with pytest.raises(Refusal):
        publishing.withdraw(again(report), by=alice, why="")
