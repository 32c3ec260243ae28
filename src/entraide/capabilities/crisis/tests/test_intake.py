"""One message, one report, one receipt."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from entraide.capabilities.crisis.actions import intake
from entraide.capabilities.crisis.models import Report, Step
from entraide.capabilities.crisis.queries import texts
from entraide.capabilities.crisis.reactions import messages
from entraide.capabilities.crisis.tests import sample
from entraide.foundations.channels import actions as channels
from entraide.foundations.channels.models import LiveEvent, Outgoing, Stuck
from entraide.foundations.channels.rules import unseal_text
from entraide.foundations.desk.models import WorkItem
from entraide.foundations.journal.models import Entry

pytestmark = pytest.mark.django_db


def test_a_message_becomes_one_report_one_item_one_entry(lumi: Any) -> None:
    report = sample.told(lumi, "Water is gone. Call me: +261 34 12 345 67", contact="ana@example.org")
    assert report.step == Step.NEW
    assert report.title == "Water is gone."
    assert "345" not in report.text
    assert report.text.startswith("Water is gone. Call me:")
    item = WorkItem.objects.get(queue="crisis.triage")
    assert item.subject == f"report:{report.ref}"
    assert item.priority == 0
    [entry] = Entry.objects.filter(kind="crisis.told")
    assert entry.public
    assert entry.actor == ""


def test_the_same_message_again_changes_nothing(lumi: Any) -> None:
    for _ in range(5):
        sample.received(lumi, "Water", contact="ana@example.org", key="one-form")
    assert Report.objects.count() == 1
    assert Outgoing.objects.count() == 1
    assert Entry.objects.filter(kind="crisis.told").count() == 1


def test_the_receipt_is_in_her_language_and_names_nothing(lumi: Any) -> None:
    sample.told(lumi, "Tunahitaji maji safi hapa shuleni", language="sw", contact="ana@example.org")
    [sent] = Outgoing.objects.all()
    assert sent.language == "sw"
    assert unseal_text(sent.sealed_text) == texts.defaults()["receipt"]["sw"]
    for sealed in (sent.sealed_text, sent.sealed_subject):
        assert "Lumi" not in unseal_text(sealed)


def test_without_a_contact_nobody_is_told(lumi: Any) -> None:
    sample.told(lumi, "Water")
    assert not Outgoing.objects.exists()


def test_who_opted_out_gets_no_receipt(lumi: Any) -> None:
    sample.told(lumi, "Water", contact="ana@example.org")
    [sent] = Outgoing.objects.all()
    sent.contact.opt_outs.create(cause=lumi)
    sample.told(lumi, "More water", contact="ana@example.org")
    assert Report.objects.count() == 2
    assert Outgoing.objects.count() == 1


def test_the_stewards_words_win(lumi: Any, alice: Any) -> None:
    from entraide.capabilities.crisis.actions import setup

    setup.set_texts(lumi, key="receipt", by_language={"en": "Got it.", "fr": ""}, by=alice)
    sample.told(lumi, "Water is needed in the school", language="en", contact="ana@example.org")
    sample.told(lumi, "Il faut de l'eau", language="fr", contact="bea@example.org")
    said = [unseal_text(sent.sealed_text) for sent in Outgoing.objects.order_by("pk")]
    assert said == ["Got it.", texts.defaults()["receipt"]["fr"]]


def test_an_unknown_language_gets_the_causes_own(lumi: Any) -> None:
    assert texts.text_for(texts.Setup(cause=lumi), "receipt", "qaa")[0] == "en"
    assert texts.text_for(texts.Setup(cause=lumi), "receipt", "pt-BR")[0] == "pt"


def test_what_the_form_gave_is_filled_in(lumi: Any, alice: Any) -> None:
    water = sample.category(lumi, alice, "Water")
    report = sample.told(lumi, "Help", category="water", place="Anse", lat=-14.27, lon=50.17, accuracy_m=30)
    assert list(report.categories.all()) == [water]
    assert report.exact_x == sample.BAY.x
    assert report.exact_radius_m == 30
    assert report.place_name == "Anse"


def test_pasted_coordinates_are_a_place_and_names_are_only_words(lumi: Any) -> None:
    report = sample.told(lumi, "Help", place="-14.27000, 50.17000")
    assert report.exact_x == sample.BAY.x
    report = sample.told(lumi, "Help again", place="near the church")
    assert report.exact_x is None
    assert report.place_name == "near the church"


@pytest.mark.parametrize("lat", ["91", "nan", "", "north", None, "1e999"])
def test_a_position_that_is_none_is_left_out(lumi: Any, lat: Any) -> None:
    assert intake.place_given({"lat": lat, "lon": "5"}) == (None, None)


def test_a_closed_category_goes_to_named_persons(lumi: Any, alice: Any) -> None:
    sample.category(lumi, alice, "Violence", sensitivity="closed")
    sample.told(lumi, "Help", category="violence")
    assert WorkItem.objects.get().queue == "crisis.closed"


def test_an_archived_or_foreign_category_is_no_choice(lumi: Any, alice: Any) -> None:
    from entraide.capabilities.crisis.actions import setup

    water = sample.category(lumi, alice, "Water")
    setup.archive_category(water, archived=True, by=alice)
    assert not sample.told(lumi, "Help", category="water").categories.exists()


def test_doubtful_messages_are_read_later_not_dropped(lumi: Any) -> None:
    sample.told(lumi, "Help", doubtful=True)
    assert WorkItem.objects.get().priority == -1


def test_nothing_happens_in_the_future(lumi: Any) -> None:
    report = sample.told(lumi, "Help", sent_at=(timezone.now() + timedelta(days=3)).isoformat())
    assert report.happened_at <= timezone.now()


def test_imported_messages_make_no_report_here(lumi: Any) -> None:
    message = channels.import_message(cause=lumi, key="row 1", text="Water")
    from entraide.foundations.channels import queries as channel_queries

    messages.on_messages(channel_queries.received([message.pk]))
    assert not Report.objects.exists()


def test_a_crowds_messages_are_taken_in_together(lumi: Any, alice: Any) -> None:
    water = sample.category(lumi, alice, "Water")
    violence = sample.category(lumi, alice, "Violence", sensitivity="closed")
    for number in range(24):
        category = ("", "water", "violence")[number % 3]
        channels.accept_web(
            cause=lumi,
            fields={"text": f"Message {number}", "contact": f"w{number}@example.org", "category": category},
            key=f"crowd-{number}",
        )
    LiveEvent.objects.all().delete()
    with CaptureQueriesContext(connection) as queries:
        assert channels.take_in() == 24
    assert len(queries) < 60, "what is the same for all must not be asked for each"
    assert Report.objects.count() == Outgoing.objects.count() == 24
    assert Entry.objects.filter(kind="crisis.told").count() == 24
    for report in Report.objects.order_by("pk"):
        number = int(report.title.removeprefix("Message "))
        assert list(report.categories.all()) == [[], [water], [violence]][number % 3]
        [source] = report.sources.all()
        [answer] = Outgoing.objects.filter(about=f"report:{report.ref}")
        assert answer.in_reply_to_id == source.message_id
        assert unseal_text(answer.contact.sealed) == f"w{number}@example.org"
        item = WorkItem.objects.get(subject=f"report:{report.ref}")
        assert item.queue == ("crisis.closed" if number % 3 == 2 else "crisis.triage")
    notices = LiveEvent.objects.order_by("pk").values_list("topic", flat=True)
    assert list(notices) == [f"desk:{lumi.public_id}"] * 3  # a line each, and how many messages


def test_one_message_the_room_fails_on_holds_up_no_other(lumi: Any, monkeypatch: Any) -> None:
    title_of = intake.rules.title_of

    def choosy(text: str) -> str:
        if text == "poison":
            raise ValueError
        return title_of(text)

    monkeypatch.setattr(intake.rules, "title_of", choosy)
    for text in ("one", "poison", "three"):
        channels.accept_web(cause=lumi, fields={"text": text, "contact": "ana@example.org"}, key=text)
    assert channels.take_in() == 3
    assert set(Report.objects.values_list("title", flat=True)) == {"one", "three"}
    assert Outgoing.objects.count() == Entry.objects.filter(kind="crisis.told").count() == 2
    monkeypatch.undo()
    assert channels.retry_stuck(ids=list(Stuck.objects.values_list("pk", flat=True))) == 1
    assert Report.objects.count() == Outgoing.objects.count() == 3


def test_every_shipped_text_is_short_and_in_the_same_languages() -> None:
    for key in texts.KEYS:
        assert list(texts.defaults()[key]) == texts.languages()
        for language, text in texts.defaults()[key].items():
            assert len(text) <= 160, (key, language)
    assert len(texts.languages()) >= 12
