"""What the public map answers, and what it never does."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.http import QueryDict
from django.utils import timezone

from entraide.capabilities.crisis import tiles
from entraide.capabilities.crisis.queries import public, squares
from entraide.capabilities.crisis.queries.filters import Filters
from entraide.capabilities.crisis.tests.public.sample import NOON, category, publication, setup
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


def titles(cause, query="") -> set[str]:
    return {row.title for row in public.published(cause, Filters.parse(QueryDict(query)))}


def test_a_category_includes_what_is_below_it(lumi):
    need = category(lumi, "need")
    water = category(lumi, "water", need)
    publication(lumi, "well", categories=[water])
    publication(lumi, "both", categories=[water, need])
    publication(lumi, "none")
    assert titles(lumi, "category=need") == {"well", "both"}
    assert titles(lumi, "category=water&category=need") == {"well", "both"}
    counts = {c.slug: (depth, n) for c, depth, n in public.by_category(public.room_of(lumi))}
    assert counts == {"need": (0, 2), "water": (1, 2)}


def test_an_unknown_category_is_refused(lumi):
    with pytest.raises(Refusal) as refused:
        public.published(lumi, Filters(category=("gold",)))
    assert refused.value.where == "category"


def test_every_filter_keeps_what_it_says(lumi):
    publication(lumi, "a", standing="verified", language="ht", channel="sms", urgent=True)
    publication(
        lumi, "b", step="done", language="fr-CA", channel="mail", happened_at=NOON - timedelta(days=40)
    )
    publication(lumi, "c", step="told", language="", at=None)
    publication(lumi, "d", at=(-17.0, 179.9))
    assert titles(lumi) == {"a", "b", "c", "d"}
    assert titles(lumi, "standing=verified") == {"a"}
    assert titles(lumi, "step=answered") == {"b", "c"}
    assert titles(lumi, "step=open") == {"a", "d"}
    assert titles(lumi, "language=fr") == {"b"}
    assert titles(lumi, "language=und") == {"c"}
    assert titles(lumi, "channel=mail") == {"b"}
    assert titles(lumi, "urgent=1") == {"a"}
    assert titles(lumi, "until=2026-02-01") == {"b"}
    assert titles(lumi, "since=2026-02-01&language=ht") == {"a"}
    assert titles(lumi, "bbox=170,-20,-170,-10") == {"d"}
    assert titles(lumi, "bbox=40,-20,50,-10") == {"a", "b"}
    assert titles(lumi, "tile=1/1/1") == {"a", "b", "d"}
    assert titles(lumi, "tile=8/255/140&tile=8/161/141") == {"a", "b", "d"}
    assert titles(lumi, "tile=8/161/141") == {"a", "b"}


def test_a_frozen_map_shows_nothing(lumi):
    publication(lumi)
    setup(lumi, map_frozen=True)
    assert public.count(lumi) == 0


def test_a_delayed_map_shows_each_report_when_its_time_has_come(lumi):
    setup(lumi, delay_hours=24)
    publication(lumi, "old", published_at=timezone.now() - timedelta(hours=25))
    publication(lumi, "young", published_at=timezone.now() - timedelta(hours=23))
    assert titles(lumi) == {"old"}


def test_set_aside_merged_and_closed_are_never_shown(lumi):
    closed = category(lumi, "child-alone")
    below = category(lumi, "child-alone-baby", closed)
    publication(lumi, "shown", categories=[category(lumi, "food")])
    publication(lumi, "aside", step="set-aside")
    publication(lumi, "merged", step="merged")
    publication(lumi, "closed", categories=[closed])
    publication(lumi, "closed too", categories=[below])
    # The database would refuse all this with the reports' own categories: here is the second fence.
    closed.sensitivity = "closed"
    closed.save()
    assert titles(lumi) == {"shown"}
    for slug in ("child-alone", "child-alone-baby", "there-is-none"):
        with pytest.raises(Refusal) as refused:
            titles(lumi, f"category={slug}")
        assert "does not exist" in str(refused.value)
    assert [c.slug for c, _depth, _n in public.by_category(public.room_of(lumi))] == ["food"]


def test_another_causes_reports_stay_there(lumi, alice):
    from entraide.foundations.causes import actions as causes

    other = causes.create(slug="other", texts={"en": {"title": "Other"}}, languages=["en"], countries=[], sdgs=[],
                          area=None, by=alice)  # fmt: skip
    publication(other, "elsewhere")
    assert titles(lumi) == set()


def test_a_summary_counts_in_one_query(lumi, django_assert_num_queries):
    publication(lumi, standing="verified", urgent=True)
    publication(lumi, step="done", at=None)
    room = public.room_of(lumi)
    with django_assert_num_queries(1):
        found = public.summary(room)
    assert (found.total, found.placed, found.without_place) == (2, 1, 1)
    assert (found.open, found.answered, found.urgent) == (1, 1, 1)
    assert found.standing["verified"] == 1
    assert found.standing["unverified"] == 1


def test_the_etag_changes_with_everything_the_answer_depends_on(lumi):
    seen = set()

    def look() -> None:
        etag = public.summary(public.room_of(lumi)).etag
        assert etag not in seen
        seen.add(etag)

    look()
    made = publication(lumi)
    look()
    made.updated_at += timedelta(seconds=1)
    made.save()
    look()
    category(lumi, "food")
    look()
    setup(lumi, delay_hours=1)
    look()
    # one goes and another comes, nothing newer than before
    stamp = made.updated_at
    made.delete()
    publication(lumi, updated_at=stamp)
    look()


def test_pages_follow_each_other_without_gap_or_repeat_while_reports_come(lumi):
    moment = NOON
    refs = {
        publication(lumi, f"r{i}", published_at=moment + timedelta(minutes=i // 3)).ref for i in range(10)
    }
    room = public.room_of(lumi)
    page = public.newest(room, Filters(), size=4)
    seen = [row.ref for row in page.rows]
    publication(lumi, "new", published_at=moment + timedelta(hours=1))
    while page.after:
        page = public.newest(room, Filters(), after=page.after, size=4)
        seen += [row.ref for row in page.rows]
    assert len(seen) == len(set(seen))
    assert set(seen) == refs


@pytest.mark.parametrize(
    "after", ["x", "1", "1.", ".a", "-5.a", "9" * 50 + ".a", "1.a b", "²2.a", "1.a" + "b" * 99]
)
def test_a_made_up_place_in_the_list_is_refused(lumi, after):
    with pytest.raises(Refusal) as refused:
        public.newest(public.room_of(lumi), Filters(), after=after)
    assert refused.value.where == "after"


def test_days_without_any_report_are_counted_too(lumi):
    publication(lumi, happened_at=NOON)
    publication(lumi, happened_at=NOON + timedelta(days=2))
    publication(lumi, happened_at=NOON + timedelta(days=2, hours=3))
    assert [n for _day, n in public.by_day(public.room_of(lumi))] == [1, 0, 2]
    assert public.by_day(public.room_of(lumi), Filters(urgent=True)) == []


def test_languages_are_counted(lumi):
    publication(lumi, language="ht")
    publication(lumi, language="ht")
    publication(lumi, language="")
    publication(lumi, language="und")
    publication(lumi, language="ar")
    assert public.by_language(public.room_of(lumi))[0] == ("ht", 2)
    assert dict(public.by_language(public.room_of(lumi))) == {"ht": 2, "und": 2, "ar": 1}


def test_names_fall_back_to_a_language_there_is(lumi):
    made = category(lumi, "food", names={"fr": "Nourriture", "en": "Food"})
    assert public.name_of(made, "fr-CA") == "Nourriture"
    assert public.name_of(made, "sw") == "Food"
    assert public.name_of(category(lumi, "x", names={"ht": "Dlo"}), "fr") == "Dlo"
    assert public.name_of(category(lumi, "bare", names={}), "fr") == "bare"


def test_the_public_side_names_nothing_private():
    """No module of the public side imports reports or touches an exact field, so that none can leak one."""
    room = Path(tiles.__file__).parent
    modules = [
        room / "tiles.py",
        room / "api.py",
        *(room / "exports").glob("*.py"),
        *(room / "queries" / f"{name}.py" for name in ("public", "filters", "search", "squares")),
        *(room / "views" / f"{name}.py" for name in ("public", "exports", "filter_bar")),
    ]
    private = {"Report", "ReportMessage", "Change", "Approval", "report_id", "report__", "exact", "exact_x",
               "exact_y", "exact_radius_m", "place_name", "happened_exactly"}  # fmt: skip
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text())):
            names = set()
            if isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
                assert (node.module or "") != "entraide.capabilities.crisis.queries.reports", module
            elif isinstance(node, ast.Attribute):
                names = {node.attr} - ({"report"} if module.name == "urls.py" else set())
            elif isinstance(node, ast.Name):
                names = {node.id}
            elif isinstance(node, ast.keyword) and node.arg:
                names = {node.arg, node.arg.split("__")[0] + "__"}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
                names = {node.value, node.value.split("__")[0] + "__" if "__" in node.value else ""}
            assert not names & private, f"{module.name}:{getattr(node, 'lineno', '?')} {names & private}"
            if isinstance(node, ast.Attribute):
                assert node.attr != "report", f"{module.name}:{node.lineno}"


def test_the_extent_holds_areas_whole(lumi):
    assert squares.extent(public.room_of(lumi), Filters()) is None
    made = publication(lumi, precision="area-small")
    west, south, east, north = squares.extent(public.room_of(lumi), Filters())
    assert west < 47.5 < east
    assert south < -18.9 < north
    assert east - west == pytest.approx(360 / 2**made.cell_zoom)
