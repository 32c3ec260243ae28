"""Words find reports, in any script, and nothing a visitor types breaks the search."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entraide.capabilities.crisis.models import Publication
from entraide.capabilities.crisis.queries import public, search
from entraide.capabilities.crisis.queries.filters import Filters
from entraide.capabilities.crisis.tests.public.sample import publication

pytestmark = pytest.mark.django_db

NAUGHTY = [
    '"', "'", "\\", "%", "_", "*", "a*", '"a', "a OR", "NOT a", "NEAR(a b)", "title:a", "a AND", "(", ")", "^a", "-a",
    "a:*", "a & | !", "<->", "--", "';DROP TABLE x", "\u0000", "a\u0000b", "%s", "{}", "�", "\u202e", "👩‍👩‍👧", "़", "ˈ",
    "𝒳", "a" * 200, " ".join("abcdefghijklmnop"),
]  # fmt: skip


def found(cause, text: str) -> set[str]:
    return {row.title for row in public.published(cause, Filters(q=text))}


def test_words_are_found_by_their_beginning_and_without_accents(lumi):
    publication(lumi, "Dlo potab à Jérémie", text="Nou bezwen dlo", language="ht")
    publication(lumi, "পানীয় জল দরকার", language="bn")
    publication(lumi, "नदी का पानी", language="hi")
    publication(lumi, "نحتاج ماء", language="ar")
    publication(lumi, "需要饮用水", language="zh")
    assert found(lumi, "jeremie") == {"Dlo potab à Jérémie"}
    assert found(lumi, "JÉRÉ") == {"Dlo potab à Jérémie"}
    assert found(lumi, "dlo bezwen") == {"Dlo potab à Jérémie"}
    assert found(lumi, "dlo bread") == set()
    assert found(lumi, "জল") == {"পানীয় জল দরকার"}
    assert found(lumi, "पानी") == {"नदी का पानी"}
    assert found(lumi, "ماء") == {"نحتاج ماء"}
    assert found(lumi, "饮用水") == {"需要饮用水"}
    assert found(lumi, "?!") == set()


def test_the_index_follows_each_change(lumi):
    made = publication(lumi, "bridge")
    assert found(lumi, "bridge") == {"bridge"}
    Publication.objects.filter(pk=made.pk).update(title="ferry")
    assert found(lumi, "bridge") == set()
    assert found(lumi, "ferry") == {"ferry"}
    made.delete()
    assert found(lumi, "ferry") == set()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO crisis_search (crisis_search, rank) VALUES ('integrity-check', 1)")


def test_the_place_is_searched_as_it_is_published(lumi):
    publication(lumi, "well", place_label="near Toamasina")
    assert found(lumi, "toamasina") == {"well"}
    assert found(lumi, "Exact Street") == set()  # the private name of the place


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_words_find_something_or_nothing_but_never_fail(lumi, text):
    publication(lumi, "a house")
    found(lumi, text)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40))
def test_any_text_may_be_asked(lumi, text):
    public.published(lumi, Filters(q=text)).count()


@given(st.text(max_size=60))
def test_words_hold_nothing_a_query_language_could_read(text):
    assert not set("\"'\\*:()&|!^-+ \x00") & set("".join(search.words(text)))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="triggers are SQLite's way")
def test_no_migration_has_dropped_the_triggers():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'crisis_publication'"
        )
        names = {name for (name,) in cursor.fetchall()}
    assert {"crisis_search_insert", "crisis_search_update", "crisis_search_delete"} <= names
