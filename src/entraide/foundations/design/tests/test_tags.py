"""What the template tags write."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from entraide.foundations.design import icons, words


def write(tags: str, **context):
    return Template("{% load design %}" + tags).render(Context(context))


@pytest.mark.parametrize("name", icons.DRAWINGS)
def test_every_icon_can_be_drawn(name):
    drawn = write("{% icon name %}", name=name)
    assert drawn.startswith('<svg class="icon"')
    assert 'aria-hidden="true"' in drawn
    assert ("data-mirrored" in drawn) == (name in icons.DIRECTIONAL)


def test_an_icon_nobody_knows_draws_a_circle_and_is_logged(caplog):
    icons.drawing.cache_clear()
    with caplog.at_level("CRITICAL", logger="entraide"):
        assert write("{% icon 'nonsense' %}") == write("{% icon 'other' %}")


def test_icons_for_categories_exist():
    assert set(icons.FOR_CATEGORIES) <= set(icons.DRAWINGS)
    assert set(icons.DRAWINGS) >= icons.DIRECTIONAL


@pytest.mark.parametrize("state", words.STATES)
def test_a_state_has_a_drawing_a_word_and_a_name_for_its_shape(state):
    shown = write("{% status state %}", state=state)
    assert f'data-state="{state}"' in shown
    assert str(words.STATES[state]) in shown
    assert state in icons.DRAWINGS


def test_a_state_may_be_called_otherwise_and_is_escaped():
    assert "<span>&lt;b&gt;</span>" in write("{% status 'new' label %}", label="<b>")


def test_progress_stops_at_its_goal_but_says_the_truth():
    shown = write("{% progress 130 100 'report' 'Answered' %}")
    assert re.search(r'value="100"\s+max="100"', shown)
    assert "130 of 100 reports" in shown
    assert "<progress" not in write("{% progress 41 0 'hour' 'Given' %}")
    assert "41 hours" in write("{% progress 41 None 'hour' 'Given' %}")


def test_numbers_and_money_follow_the_language():
    assert write("{% number 1204567 %}") == "1,204,567"
    assert write("{% number None %}") == ""
    assert write("{% quantity 1 'message' %}") == "1 message"
    assert write("{% quantity 9 'item' %}") == "9 items"
    assert write("{% quantity 1 'publication' %}") == "1 publication"
    assert write("{% quantity 2400 'eur-cent' %}") == "€24"
    assert write("{% quantity 2405 'eur-cent' %}") == "€24.05"
    assert write("{% quantity 3 'sack' %}") == "3 sack"
    assert words.quantity(100, "eur-cent", of=500) == "€1 of €5"
    with translation.override("fr"):
        assert write("{% number 1204 %}").replace("\u202f", " ").replace("\xa0", " ") == "1 204"
        assert (
            write("{% quantity 2405 'eur-cent' %}").replace("\xa0", " ").replace("\u202f", " ") == "24,05 €"
        )
        assert write("{% quantity 2 'message' %}") == "2 messages"


def test_times_say_their_zone_and_machines_can_read_them():
    moment = datetime(2026, 1, 15, 14, 2, tzinfo=UTC)
    shown = write("{% local_time moment %}", moment=moment)
    assert 'datetime="2026-01-15T14:02:00+00:00"' in shown
    assert "UTC" in shown
    with timezone.override("Indian/Antananarivo"):
        assert 'datetime="2026-01-15T17:02:00+03:00"' in write("{% local_time moment %}", moment=moment)
    assert write("{% local_time moment %}{% ago moment %}", moment=None) == ""


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (timedelta(seconds=-20), ">just now<"),
        (timedelta(minutes=-4, seconds=-1), ">4\xa0minutes ago<"),
        (timedelta(hours=2, seconds=30), ">in 2\xa0hours<"),
    ],
)
def test_how_long_ago(away, said):
    assert said in write("{% ago moment %}", moment=timezone.now() + away)


def test_pages_keep_the_filters_of_the_address():
    request = RequestFactory().get("/list/", {"category": "water", "page": "2"})
    shown = write("{% pages page %}", page=Paginator(range(95), 10).page(2), request=request)
    assert 'href="?category=water&amp;page=3"' in shown
    assert 'href="?category=water&amp;page=1"' in shown
    assert 'aria-current="page">2</a>' in shown
    first = write("{% pages page %}", page=Paginator(range(95), 10).page(1), request=request)
    assert 'rel="prev"' not in first
    last = write("{% pages page %}", page=Paginator(range(95), 10).page(10), request=request)
    assert 'rel="next"' not in last
    assert write("{% pages page %}", page=Paginator(range(5), 10).page(1), request=request).strip() == ""


def test_tones_of_messages():
    shown = write(
        "{% for level in levels %}{{ level|tone }} {% endfor %}",
        levels=["success", "warning", "error", "debug"],
    )
    assert shown == "done urgent error info "


def test_field_is_the_same_as_the_group():
    class Form(forms.Form):
        name = forms.CharField()

    form = Form()
    assert write("{% field form.name %}", form=form) == form["name"].as_field_group()
