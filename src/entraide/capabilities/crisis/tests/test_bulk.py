"""Changes to many: exactly those chosen, watched, left, undone."""

from __future__ import annotations

import time
from typing import Any

import pytest

from entraide.capabilities.crisis.actions import bulk
from entraide.capabilities.crisis.models import Bulk, BulkItem, Publication, Report, Step
from entraide.capabilities.crisis.tests import sample
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


def ready(lumi: Any, bob: Any, number: int) -> list[Report]:
    return [sample.placed(sample.made(lumi, f"Water {n}"), bob) for n in range(number)]


def refs(reports: list[Report]) -> list[str]:
    return [report.ref for report in reports]


def test_publish_and_undo_touch_exactly_those_chosen(lumi: Any, bob: Any) -> None:
    reports = ready(lumi, bob, 5)
    already = sample.made(lumi, "unread")
    asked = bulk.ask(lumi, deed="publish", refs=[*refs(reports[:3]), already.ref], by=bob)
    assert bulk.work() == 4
    assert bulk.work() == 0
    assert set(Publication.objects.values_list("ref", flat=True)) == set(refs(reports[:3]))
    [refused] = asked.items.filter(state="refused")
    assert refused.report == already
    assert "read" in refused.reason
    bulk.ask_undo(asked, by=bob)
    bulk.work()
    assert not Publication.objects.exists()
    with pytest.raises(Refusal) as refusal:
        bulk.ask_undo(asked, by=bob)
    assert refusal.value.code == "already-undone"


def test_withdraw_category_and_set_aside_with_undo(lumi: Any, bob: Any, alice: Any) -> None:
    water = sample.category(lumi, alice, "Water")
    reports = ready(lumi, bob, 3)
    bulk.ask(lumi, deed="publish", refs=refs(reports), by=bob)
    bulk.work()
    withdrawn = bulk.ask(lumi, deed="withdraw", refs=refs(reports[:2]), why="old", by=bob)
    bulk.work()
    assert Publication.objects.count() == 1
    bulk.ask_undo(withdrawn, by=bob)
    bulk.work()
    assert Publication.objects.count() == 3
    sorted_in = bulk.ask(lumi, deed="category", category=water, refs=refs(reports), by=bob)
    bulk.work()
    assert water.reports.count() == 3
    bulk.ask_undo(sorted_in, by=bob)
    bulk.work()
    assert water.reports.count() == 0
    aside = bulk.ask(lumi, deed="set-aside", refs=refs(reports), why="shoes", by=bob)
    bulk.work()
    assert Report.objects.filter(step=Step.SET_ASIDE).count() == 3
    assert not Publication.objects.exists()
    bulk.ask_undo(aside, by=bob)
    bulk.work()
    assert Report.objects.filter(step=Step.LOCATED).count() == 3


def test_undoing_what_has_not_begun_does_nothing(lumi: Any, bob: Any) -> None:
    asked = bulk.ask(lumi, deed="publish", refs=refs(ready(lumi, bob, 2)), by=bob)
    bulk.ask_undo(asked, by=bob)
    assert bulk.work() == 0
    assert asked.items.filter(state="undone").count() == 2


def test_what_cannot_be_asked(lumi: Any, bob: Any, charlie: Any, rosa: Any, alice: Any) -> None:
    report = sample.made(lumi)
    for values, code in [
        ({"deed": "dance"}, "deed-unknown"),
        ({"refs": []}, "nothing-chosen"),
        ({"refs": [f"r{n}" for n in range(1_001)]}, "too-many"),
        ({"refs": ["nosuch"]}, "no-such-report"),
        ({"deed": "category"}, "category-missing"),
        ({"deed": "set-aside"}, "why-missing"),
        ({"deed": "withdraw"}, "why-missing"),
        ({"by": charlie}, "no-right"),
        ({"by": rosa}, "no-right"),
    ]:
        asked = {"deed": "publish", "refs": [report.ref], "by": bob, **values}
        with pytest.raises(Refusal) as refusal:
            bulk.ask(lumi, **asked)
        assert refusal.value.code == code
    report.categories.add(sample.category(lumi, alice, "Violence", sensitivity="closed"))
    with pytest.raises(Refusal) as refusal:
        bulk.ask(lumi, deed="set-aside", refs=[report.ref], why="x", by=bob)
    assert refusal.value.status == 404


def test_the_pages(client: Any, lumi: Any, bob: Any, charlie: Any) -> None:
    reports = ready(lumi, bob, 2)
    client.force_login(bob)
    answer = client.post("/crisis/lumi/bulk/", {"deed": "publish", "ref": refs(reports)})
    address = answer.headers["Location"]
    page = client.get(address).content.decode()
    assert "hx-get" in page
    assert "Undo all of it" in page
    bulk.work()
    page = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert "hx-get" not in page
    assert "Latest changes" in client.get("/crisis/lumi/").content.decode()
    client.force_login(charlie)
    assert client.get(address).status_code == 403
    assert client.post(f"{address}undo/").status_code == 403
    client.force_login(bob)
    assert client.post(f"{address}undo/").status_code == 302
    bulk.work()
    assert not Publication.objects.exists()
    assert "Undo all of it" not in client.get(address).content.decode()
    assert client.get("/crisis/lumi/bulk/999/").status_code == 404


@pytest.mark.slow
def test_a_thousand_reports(lumi: Any, bob: Any) -> None:
    reports = [
        Report(
            cause=lumi,
            title=f"Water {n}",
            text="x",
            language="en",
            step=Step.TRIAGED,
            happened_at=lumi.opened_at,
        )
        for n in range(1_000)
    ]
    Report.objects.bulk_create(reports)
    asked = bulk.ask(lumi, deed="publish", refs=refs(reports), by=bob)
    began = time.monotonic()
    while bulk.work():
        pass
    took = time.monotonic() - began
    assert took < 60, took  # five seconds on the reference machine; a laptop under load takes its time
    assert BulkItem.objects.filter(bulk=asked, state="done").count() == Publication.objects.count() == 1_000
    assert Bulk.objects.count() == 1
