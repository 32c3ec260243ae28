"""An address becomes a question, and a question one address."""

from __future__ import annotations

from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from entraide.capabilities.crisis.models import Standing
from entraide.capabilities.crisis.queries.filters import CHANNELS, STEPS, Filters
from entraide.refusal import Refusal

every_filters = st.builds(
    Filters,
    category=st.lists(st.sampled_from(["food", "shelter", "water"]), unique=True).map(sorted).map(tuple),
    standing=st.lists(st.sampled_from(Standing.values), unique=True).map(sorted).map(tuple),
    step=st.sampled_from(["", *STEPS]),
    since=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    until=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    language=st.lists(st.sampled_from(["ht", "fr", "ar", "und"]), unique=True).map(sorted).map(tuple),
    channel=st.lists(st.sampled_from(list(CHANNELS)), unique=True).map(sorted).map(tuple),
    urgent=st.booleans(),
    q=st.sampled_from(["", "dlo potab", "ماء & food", "50%", "a+b=c"]),
    bbox=st.none()
    | st.tuples(st.floats(-180, 180), st.floats(-90, 0), st.floats(-180, 180), st.floats(0, 90)).filter(
        lambda box: box[2] - box[0] < 360
    ),
    tile=st.lists(st.tuples(st.just(3), st.integers(0, 7), st.integers(0, 7)), unique=True, max_size=3)
    .map(sorted)
    .map(tuple),
)


@given(every_filters)
def test_the_address_of_a_question_asks_that_question(filters):
    assert Filters.parse(QueryDict(filters.query_string)) == filters


def test_nothing_asked_is_the_empty_address():
    assert Filters().query_string == ""
    assert not Filters().active
    assert Filters.parse(QueryDict("category=&standing=&step=&since=&q=&utm_source=x")) == Filters()


def test_equal_questions_share_one_address():
    one = Filters.parse(QueryDict("category=water&category=food&q=+bridge+"))
    other = Filters.parse(QueryDict("q=bridge&category=food&category=water&category=water"))
    assert one == other
    assert one.query_string == "category=food&category=water&q=bridge"


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("standing=sure", "standing"),
        ("step=closed", "step"),
        ("since=yesterday", "since"),
        ("since=2026-02-30", "since"),
        ("until=9999-12-31", "until"),
        ("language=fr'--", "language"),
        ("channel=pigeon", "channel"),
        ("urgent=perhaps", "urgent"),
        ("q=" + "a" * 201, "q"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=1,2,3,nan", "bbox"),
        ("bbox=0,50,10,40", "bbox"),
        ("bbox=0,0,0,91", "bbox"),
        ("bbox=-900,0,0,1", "bbox"),
        ("bbox=a,b,c,d", "bbox"),
        ("tile=1/2/0", "tile"),
        ("tile=99/0/0", "tile"),
        ("tile=-1/0/0", "tile"),
        ("tile=1/1", "tile"),
        ("category=Robert');", "category"),
        ("&".join(["category=a"] * 41), "category"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(query, where):
    with pytest.raises(Refusal) as refused:
        Filters.parse(QueryDict(query))
    assert (refused.value.status, refused.value.where) == (400, where)


def test_a_globe_that_sees_all_of_the_earth_gets_all_of_it():
    assert Filters.parse(QueryDict("bbox=-250,-90,250,90")).bbox == (-180.0, -90.0, 180.0, 90.0)
    assert Filters.parse(QueryDict("bbox=170,-20,190,-10")).bbox == (170.0, -20.0, -170.0, -10.0)


def test_days_are_whole_and_both_inclusive():
    filters = Filters.parse(QueryDict("since=2026-01-31&until=2026-01-31"))
    assert (filters.until_moment - filters.since_moment).total_seconds() == 86400
