"""Publishing: who may, what crosses, what never does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from entraide.capabilities.crisis.actions import publishing, setup, steps
from entraide.capabilities.crisis.models import Approval, Category, Publication, Setup, Standing
from entraide.capabilities.crisis.tests import sample
from entraide.foundations.channels.models import LiveEvent, Outgoing
from entraide.foundations.journal.models import Entry
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


def refused(code: str, act: Any, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        act(*args, **kwargs)
    assert refusal.value.code == code


def test_only_masked_words_and_the_published_place_cross(lumi: Any, bob: Any, alice: Any) -> None:
    report = sample.placed(sample.made(lumi, "Water needed"), bob)
    steps.edit(report, by=bob, text="At -14.27012, 50.17034 call +261 34 12 345 67 or ana@example.org")
    publication = publishing.publish(report, by=bob)
    assert publication is not None
    assert publication.shape == "area"
    assert (publication.x, publication.y) != (sample.BAY.x, sample.BAY.y)
    for secret in ("14.27", "50.17", "345", "ana@"):
        assert secret not in publication.text
    assert publication.place_label != "The bay"
    assert publication.happened_at.minute == 0
    assert LiveEvent.objects.filter(topic=f"map:{lumi.public_id}").count() == 1


def test_an_exact_category_shows_the_point_and_its_words(lumi: Any, bob: Any, alice: Any) -> None:
    hospital = sample.category(lumi, alice, "Hospital", precision="exact")
    report = sample.placed(sample.made(lumi), bob)
    steps.edit(report, by=bob, categories=[hospital], text="At -14.27012, 50.17034")
    publication = publishing.publish(report, by=bob)
    assert publication is not None
    assert (publication.shape, publication.x, publication.place_label) == ("point", sample.BAY.x, "The bay")
    assert "-14.27012" in publication.text
    assert list(publication.categories.all()) == [hospital]


def test_a_hidden_place_stays_hidden(lumi: Any, bob: Any, alice: Any) -> None:
    hidden = sample.category(lumi, alice, "Shelter", precision="hidden")
    report = sample.placed(sample.made(lumi), bob)
    steps.edit(report, by=bob, categories=[hidden])
    publication = publishing.publish(report, by=bob)
    assert publication is not None
    assert (publication.shape, publication.x, publication.cell, publication.place_label) == (
        "none",
        None,
        None,
        "",
    )


def test_who_may_not_publish_is_refused(lumi: Any, bob: Any, rosa: Any, charlie: Any, vera: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    for person in (rosa, charlie):
        refused("no-right", publishing.publish, report, by=person)
        refused("no-right", publishing.withdraw, report, by=person, why="no")
    assert publishing.publish(report, by=vera) is not None


def test_nothing_unread_merged_or_set_aside_is_published(lumi: Any, bob: Any) -> None:
    report = sample.made(lumi)
    refused("not-read-yet", publishing.publish, report, by=bob)
    steps.set_aside(report, by=bob)
    refused("not-read-yet", publishing.publish, report, by=bob)


def test_two_people_must_agree_for_a_guarded_category(lumi: Any, bob: Any, vera: Any, alice: Any) -> None:
    guarded = sample.category(lumi, alice, "Health", sensitivity="guarded")
    report = sample.placed(sample.made(lumi), bob)
    steps.edit(report, by=bob, categories=[guarded])
    assert publishing.publish(report, by=bob) is None
    assert publishing.publish(report, by=bob) is None  # the same person again is still one
    assert not Publication.objects.exists()
    assert publishing.publish(report, by=vera) is not None
    assert Entry.objects.filter(kind="crisis.published").count() == 1


def test_an_edit_ends_the_agreements(lumi: Any, bob: Any, vera: Any, alice: Any) -> None:
    setup.set_privacy(lumi, two_person=True, delay_hours=0, map_frozen=False, by=alice)
    report = sample.placed(sample.made(lumi), bob)
    assert publishing.publish(report, by=bob) is None
    steps.edit(report, by=bob, text="Other words")
    assert not Approval.objects.exists()
    assert publishing.publish(report, by=vera) is None
    assert publishing.publish(report, by=alice) is not None


def test_an_edit_renews_or_withdraws_what_is_published(lumi: Any, bob: Any, alice: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    publishing.publish(report, by=bob)
    steps.edit(report, by=bob, title="Much water needed")
    assert Publication.objects.get().title == "Much water needed"
    setup.set_privacy(lumi, two_person=True, delay_hours=0, map_frozen=False, by=alice)
    steps.edit(report, by=bob, title="Little water needed")
    assert not Publication.objects.exists()


def test_withdrawing_needs_a_reason_and_a_publication(lumi: Any, bob: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    refused("not-published", publishing.withdraw, report, by=bob, why="wrong")
    publishing.publish(report, by=bob)
    refused("why-missing", publishing.withdraw, report, by=bob, why=" ")
    publishing.withdraw(report, by=bob, why="wrong")
    assert not Publication.objects.exists()
    assert not Approval.objects.exists()
    assert Entry.objects.filter(kind="crisis.withdrawn").count() == 1


def test_a_frozen_map_takes_nothing_new(lumi: Any, bob: Any, alice: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    setup.set_privacy(lumi, two_person=False, delay_hours=0, map_frozen=True, by=alice)
    refused("map-frozen", publishing.publish, report, by=bob)
    setup.set_privacy(lumi, two_person=False, delay_hours=0, map_frozen=False, by=alice)
    assert publishing.publish(report, by=bob) is not None


def test_a_delayed_publication_is_announced_and_told_in_time(lumi: Any, bob: Any, alice: Any) -> None:
    setup.set_privacy(lumi, two_person=False, delay_hours=24, map_frozen=False, by=alice)
    report = sample.placed(sample.told(lumi, "Water", contact="ana@example.org"), bob)
    receipts = Outgoing.objects.count()
    LiveEvent.objects.all().delete()
    publishing.publish(report, by=bob)
    assert not LiveEvent.objects.filter(topic__startswith="map:").exists()
    assert Outgoing.objects.count() == receipts
    assert publishing.announce_due() == 0
    later = timezone.now() + timedelta(hours=25)
    assert publishing.announce_due(later) == 1
    assert publishing.announce_due(later) == 0
    assert LiveEvent.objects.filter(topic__startswith="map:").count() == 1
    assert Outgoing.objects.count() == receipts + 1


def test_published_again_the_witness_is_not_told_again(lumi: Any, bob: Any) -> None:
    report = sample.placed(sample.told(lumi, "Water", contact="ana@example.org"), bob)
    publishing.publish(report, by=bob)
    count = Outgoing.objects.count()
    publishing.withdraw(report, by=bob, why="wrong")
    publishing.publish(report, by=bob)
    assert Outgoing.objects.count() == count == 2


def test_facts_about_our_work_are_renewed_without_asking(lumi: Any, bob: Any) -> None:
    report = sample.placed(sample.made(lumi), bob)
    publishing.publish(report, by=bob)
    report = sample.again(report)
    report.standing = Standing.VERIFIED
    report.save()
    with transaction.atomic():
        publishing.renew(report)
    assert Publication.objects.get().standing == Standing.VERIFIED


# What a steward closed, the database itself refuses to publish.


def raw_publication(report: Any) -> None:
    Publication.objects.create(
        report=report,
        ref=report.ref,
        cause=report.cause,
        title="x",
        step="triaged",
        standing="unverified",
        happened_at=timezone.now(),
        published_at=timezone.now(),
        updated_at=timezone.now(),
    )


def test_a_closed_report_cannot_be_published_by_any_way(lumi: Any, bob: Any, alice: Any) -> None:
    closed = sample.category(lumi, alice, "Violence", sensitivity="closed")
    report = sample.placed(sample.made(lumi), bob)
    report.categories.add(closed)
    refused("closed-category", publishing.publish, report, by=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        raw_publication(report)


def test_a_published_report_cannot_enter_a_closed_category(lumi: Any, bob: Any, alice: Any) -> None:
    closed = sample.category(lumi, alice, "Violence", sensitivity="closed")
    water = sample.category(lumi, alice, "Water")
    report = sample.placed(sample.made(lumi), bob)
    report.categories.add(water)
    publication = publishing.publish(report, by=bob)
    assert publication is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        report.categories.add(closed)
    with pytest.raises(IntegrityError), transaction.atomic():
        publication.categories.add(closed)
    with pytest.raises(IntegrityError), transaction.atomic():
        Category.objects.filter(pk=water.pk).update(sensitivity="closed")
    other = sample.made(lumi)
    other.categories.add(closed)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=publication.pk).update(report=other)


def test_the_actions_withdraw_first_and_then_close(lumi: Any, bob: Any, alice: Any) -> None:
    closed = sample.category(lumi, alice, "Violence", sensitivity="closed")
    water = sample.category(lumi, alice, "Water")
    first, second = (sample.placed(sample.made(lumi), bob) for _ in range(2))
    for report in (first, second):
        steps.edit(report, by=bob, categories=[water])
        publishing.publish(report, by=bob)
    steps.edit(first, by=bob, categories=[closed])
    assert not Publication.objects.filter(report=first).exists()
    setup.save_category(lumi, category=water, names={"en": "Water"}, sensitivity="closed", by=alice)
    assert not Publication.objects.exists()


def test_a_delay_beyond_three_days_is_refused_by_the_database(lumi: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Setup.objects.create(cause=lumi, delay_hours=73)
