"""The map, its list twin and the report page, as anybody reads them."""

from __future__ import annotations

import re

import pytest

from entraide.capabilities.crisis.models import Publication
from entraide.capabilities.crisis.tests.public.sample import NOON, category, publication, setup

pytestmark = pytest.mark.django_db


def page(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response
    return response.content.decode()


@pytest.fixture
def three(lumi):
    """One of each shape."""
    food = category(lumi, "food", names={"en": "Food", "fr": "Vivres"})
    return [
        publication(lumi, "نحتاج ماء", language="ar", categories=[food], standing="verified", text="اليوم"),
        publication(lumi, "Roofs gone", precision="area-small", place_label="near Antananarivo"),
        publication(lumi, "No place", at=None, urgent=True, step="done", senders=3, checked_at=NOON),
    ]


def test_map_and_list_say_the_same_counts(client, three):
    for query in (
        "",
        "?standing=verified",
        "?urgent=1",
        "?q=roofs",
        "?category=food",
        "?step=answered",
        "?q=nothing",
    ):
        counts = [
            re.search(r'id="crisis-counts".*?</p>', page(client, f"/{twin}/lumi/{query}"), re.DOTALL)[0]
            for twin in ("map", "list")
        ]
        assert counts[0] == counts[1]
    whole = page(client, "/list/lumi/")
    assert "3 reports" in whole
    assert "1 without a place" in whole


def test_map_and_list_link_to_each_other_with_the_filters(client, three):
    assert "/list/lumi/?standing=verified" in page(client, "/map/lumi/?standing=verified&utm_source=x")
    assert "/map/lumi/?standing=verified" in page(client, "/list/lumi/?standing=verified")


def test_the_map_works_without_javascript(client, three):
    whole = page(client, "/map/lumi/")
    assert "<svg" in whole
    assert "<noscript>" in whole
    assert 'data-topic="map:' in whole
    assert 'data-tiles="/tiles/lumi/{z}/{x}/{y}.mvt"' in whole


def test_each_text_carries_its_language_and_direction(client, three):
    assert re.search(r'<span lang="ar" dir="rtl">نحتاج ماء</span>', page(client, "/list/lumi/"))


def test_one_map_is_shown_at_once_and_several_are_offered(client, lumi, alice):
    assert client.get("/map/?q=x").headers["Location"] == "/map/lumi/?q=x"
    from entraide.foundations.causes import actions as causes

    other = causes.create(slug="other", texts={"en": {"title": "The Other", "summary": "Elsewhere.", "body": ""}}, languages=["en"], countries=[],
                          sdgs=[], area=None, by=alice)  # fmt: skip
    assert client.get("/map/").status_code == 302  # a draft is nobody's business
    causes.open_cause(cause=other, by=alice)
    publication(other)
    whole = page(client, "/map/")
    assert "The Other" in whole
    assert "Cyclone Lumi" in whole
    assert "1 report" in whole


def test_without_any_cause_the_map_says_so(client, db):
    assert "There is no map yet" in page(client, "/map/")


def test_the_list_says_when_nothing_fits_and_when_nothing_is_there(client, lumi):
    assert "Nothing is published yet" in page(client, "/list/lumi/")
    assert "No report fits" in page(client, "/list/lumi/?q=nothing")
    page(client, "/map/lumi/")


def test_the_list_turns_pages(client, lumi):
    for i in range(60):
        publication(lumi, f"report-{i:02d}")
    first = page(client, "/list/lumi/?standing=unverified")
    assert "report-59" in first
    assert "report-09" not in first
    older = re.search(r'rel="next"\s+href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = page(client, older)
    assert "report-09" in second
    assert 'rel="next"' not in second


def test_a_filter_in_use_is_shown_and_can_be_taken_away(client, three):
    whole = page(
        client,
        "/list/lumi/?category=food&standing=verified&step=open&language=ar&channel=sms&q=%D9%85&since=2026-01-01"
        "&until=2026-12-31&bbox=0.0,-30.0,60.0,0.0&tile=1/1/1",
    )
    assert whole.count("remove this filter") == 9
    assert 'name="tile" value="1/1/1"' in whole
    whole = page(client, "/list/lumi/?urgent=1&language=sw")
    assert whole.count("remove this filter") == 2


def test_a_bad_filter_is_a_kind_page(client, lumi):
    for twin in ("map", "list"):
        response = client.get(f"/{twin}/lumi/?standing=sure")
        assert response.status_code == 400
        assert "This choice does not exist" in response.content.decode()


def test_a_report_has_a_page(client, three):
    arabic, area, nowhere = three
    whole = page(client, f"/reports/{arabic.ref}/")
    assert re.search(r'<p lang="ar" dir="rtl">اليوم</p>', whole)
    assert "Food" in whole
    assert f"http://localhost:8000/reports/{arabic.ref}/" in whole
    whole = page(client, f"/reports/{area.ref}/")
    assert "Somewhere in the area shown" in whole
    assert "<svg" in whole
    assert "Exact Street" not in whole
    whole = page(client, f"/reports/{nowhere.ref}/")
    assert "Without a place" in whole
    assert "3 independent senders" in whole


def test_every_standing_has_its_words(client, lumi):
    for standing, words in (
        ("unverified", "Nobody has checked this yet"),
        ("refuted", "found to be wrong"),
        ("out-of-date", "no longer so"),
    ):
        assert words in page(client, f"/reports/{publication(lumi, standing=standing).ref}/")


def test_what_is_not_published_looks_like_what_never_was(client, lumi, alice):
    from entraide.foundations.causes import actions as causes

    draft = causes.create(slug="draft", texts={"en": {"title": "Draft"}}, languages=["en"], countries=[],
                          sdgs=[], area=None, by=alice)  # fmt: skip
    hidden = [publication(draft), publication(lumi, step="merged"), publication(lumi, step="set-aside")]
    never = client.get("/reports/zzzzzzzzzz/")
    assert never.status_code == 404
    for made in hidden:
        response = client.get(f"/reports/{made.ref}/")
        assert response.status_code == 404
        assert "There is no published report at this address" in response.content.decode()
    shown = publication(lumi)
    assert client.get(f"/reports/{shown.ref}/").status_code == 200
    setup(lumi, map_frozen=True)
    assert client.get(f"/reports/{shown.ref}/").status_code == 404
    Publication.objects.all().delete()


def test_pages_ask_no_more_of_the_database_when_there_is_more_to_show(
    client, lumi, django_assert_max_num_queries
):
    food = category(lumi, "food")
    for _ in range(30):
        publication(lumi, categories=[food])
    for address in ("/map/lumi/", "/list/lumi/"):
        with django_assert_max_num_queries(18):
            page(client, address)


def test_in_french(client, three):
    whole = client.get("/list/lumi/", headers={"Accept-Language": "fr"}).content.decode()
    assert "Vivres" in whole
