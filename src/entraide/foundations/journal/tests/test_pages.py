"""The public pages: what they show, and what they must not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.template import Context, Template

from entraide.capability import Capability
from entraide.foundations.journal import actions, queries, verify_journal
from entraide.foundations.journal.contributions import Contribution
from entraide.foundations.journal.models import Entry
from entraide.foundations.journal.templatetags import journal as tags
from entraide.refusal import Refusal

from .conftest import Loaf, Shelter, record
from .support import registered


@dataclass(frozen=True, kw_only=True)
class Opened(Contribution):
    """A cause began."""

    kind: ClassVar[str] = "bakery.opened"
    unit: ClassVar[str] = "bakery"
    sentence: ClassVar[Any] = "A bakery opened."

    slug: str


def test_an_empty_journal_says_so(client: Any, db: None) -> None:
    page = client.get("/journal/").content.decode()
    assert "Nothing was given yet." in page
    assert "There is no entry here." in page
    assert "Nothing is signed yet" in page


def test_the_index_shows_totals_with_the_entries_behind_them(client: Any, small_journal: list[Entry]) -> None:
    client.query_budget = 10
    page = client.get("/journal/").content.decode()
    assert "3 loaf" in page
    assert 'href="?cause=c1&amp;kind=bakery.gave#entries"' in page
    assert "Somebody gave 3 loaves of rye." in page
    assert "| python3 verify_journal.py -" in page
    assert "Signed up to entry 5" in page
    assert "A sealed entry" in page


def test_what_is_sealed_is_shown_nowhere(client: Any, small_journal: list[Entry]) -> None:
    for address in ("/journal/", "/journal/2/", "/journal/export.jsonl", "/journal/?kind=shelter.took-in"):
        response = client.get(address)
        content = response.getvalue().decode()
        assert response.status_code == 200
        assert "house:1" not in content
        # p1 is named by a public entry in the export. (Two letters alone also stand in random tokens.)
        named = '"p1"' in content or "p1&quot;" in content or ">p1<" in content
        assert not named or address == "/journal/export.jsonl"
        assert "Elm St" not in content
    assert "This entry is sealed" in client.get("/journal/2/").content.decode()
    for address in ("/journal/", "/journal/2/"):
        assert "shelter" not in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("cause=c1", [6, 4, 1]),
        ("kind=bakery.gave", [6, 5, 4, 3, 1]),
        ("cause=c1&kind=bakery.gave&before=4", [1]),
        ("before=4", [3, 2, 1]),
        ("cause=nowhere", []),
        ("kind=shelter.took-in", []),
    ],
)
def test_filters(client: Any, small_journal: list[Entry], query: str, shown: list[int]) -> None:
    response = client.get(f"/journal/?{query}")
    assert [entry.sequence for entry in response.context["entries"]] == shown


def test_pages_by_sequence(client: Any, db: None) -> None:
    with transaction.atomic():
        actions.record_many([Loaf(cause="c1") for _ in range(120)])
    seen: list[int] = []
    query = "cause=c1"
    while query:
        response = client.get(f"/journal/?{query}")
        seen += [entry.sequence for entry in response.context["entries"]]
        query = response.context["older"]
    assert seen == list(range(120, 0, -1))
    assert "Latest entries</a>" in response.content.decode()


@pytest.mark.parametrize("before", ["x", "-1", "1.5", "٣", "9" * 30])
def test_a_senseless_place_to_begin_is_refused(client: Any, small_journal: list[Entry], before: str) -> None:
    assert client.get("/journal/", {"before": before}).status_code == 400


def test_an_entry_shows_what_was_hashed(client: Any, small_journal: list[Entry]) -> None:
    page = client.get("/journal/1/").content.decode()
    entry = small_journal[0]
    for shown in (entry.hash, entry.body_hash, entry.previous_hash, "oven:1", "p1", "flour", "nonce"):
        assert shown in page
    assert 'href="/journal/4/">Entry 4</a> corrects this one' in page
    assert "Signed up to entry 3" in page
    assert "Ada" not in page
    correction = client.get("/journal/4/").content.decode()
    assert 'corrects <a href="/journal/1/">entry 1</a>' in correction
    last = client.get("/journal/6/").content.decode()
    assert "comes with the next checkpoint" in last
    assert "Entry after" not in last
    for shown in ("ab" * 32, "photo:1", "p2"):
        assert shown in last


def test_words_of_others_cannot_break_out(client: Any, db: None) -> None:
    record(Loaf(flour="<script>alert(1)</script>"))
    for address in ("/journal/", "/journal/1/"):
        assert "<script>alert" not in client.get(address).content.decode()


def test_an_entry_that_is_not_there(client: Any, small_journal: list[Entry]) -> None:
    assert client.get("/journal/7/").status_code == 404
    assert client.get("/journal/0/").status_code == 404


def test_the_export_is_streamed_and_true(client: Any, small_journal: list[Entry]) -> None:
    response = client.get("/journal/export.jsonl")
    assert response.streaming
    assert response["Content-Type"] == "application/jsonl; charset=utf-8"
    lines = [line + b"\n" for line in response.getvalue().split(b"\n")[:-1]]
    assert verify_journal.verify(lines)["totals"] == queries.totals_by_cause()


def test_the_verifier_is_served_as_it_is(client: Any, db: None) -> None:
    response = client.get("/journal/verify_journal.py")
    with open(verify_journal.__file__) as file:
        assert response.content.decode() == file.read()
    assert response["Content-Type"].startswith("text/x-python")


def test_a_cause_is_named_by_what_its_own_entries_state(client: Any, db: None) -> None:
    cause = "0b2d4a86-0000-4000-8000-000000000001"
    with registered(Loaf, Shelter, Opened):
        record(Loaf(cause=cause, subject=f"cause:{cause}"))
        assert queries.names_of([cause, ""]) == {}
        assert ">0b2d4a86</a>" in client.get("/journal/").content.decode()
        record(Opened(cause=cause, subject=f"cause:{cause}", slug="old-name"))
        record(Opened(cause=cause, subject=f"cause:{cause}", slug="village-oven"))
        assert ">village-oven</a>" in client.get("/journal/").content.decode()
        assert ">village-oven</a>" in client.get("/journal/1/").content.decode()


def test_entries_lead_to_what_they_are_about(
    small_journal: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    def where(subject: str) -> str | None:
        return f"/ovens/{subject[5:]}/" if subject.startswith("oven:") else None

    silent = Capability(name="silent", label="", sentence="")
    knowing = Capability(name="bakery", label="", sentence="", subject_url=where)
    monkeypatch.setattr(tags, "cards", lambda: (silent, knowing))
    assert tags.sentence_linked(small_journal[0]) == '<a href="/ovens/1/">Somebody gave 3 loaves of rye.</a>'
    assert tags.sentence_linked(small_journal[2]) == "Somebody gave 2 loaves of épeautre 🌾."
    monkeypatch.setattr(Loaf, "said", {"flour": {"rye": "the dark flour"}})
    assert tags.sentence(small_journal[0]) == "Somebody gave 3 loaves of the dark flour."
    assert tags.sentence(small_journal[2]) == "Somebody gave 2 loaves of épeautre 🌾."
    assert tags.subject_url("house:1") == ""
    assert tags.subject_url("") == ""


def rendered(template: str, **context: Any) -> str:
    return Template("{% load journal %}" + template).render(Context(context))


def test_the_entries_about_one_subject(small_journal: list[Entry]) -> None:
    page = rendered("{% entries_of subject %}", subject="oven:1")
    assert 'href="/journal/1/"' in page
    assert 'href="/journal/4/"' in page
    assert "Somebody gave -1 loaves of rye." in page
    for subject in ("house:1", "nothing:1"):  # sealed, or not there: the same to a reader
        assert "The journal says nothing of this yet." in rendered("{% entries_of s %}", s=subject)


def test_the_totals_of_a_cause(small_journal: list[Entry]) -> None:
    page = rendered("{% totals_of cause %}", cause="c1")
    assert "3 loaf" in page
    assert "/journal/?cause=c1&amp;kind=bakery.gave#entries" in page
    assert "Nothing was given yet." in rendered("{% totals_of cause %}", cause="c9")


def test_the_refusals_of_views_are_refusals(rf: Any, db: None) -> None:
    from entraide.foundations.journal import views

    with pytest.raises(Refusal):
        views.entry(rf.get("/journal/9/"), 9)
