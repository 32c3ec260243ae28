"""Tags, directions, names, and texts that cannot turn a page round."""

from __future__ import annotations

import unicodedata

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from entraide.foundations.languages.rules import (
    balanced,
    best,
    direction,
    name_of,
    normalise,
    paragraphs,
    tag,
)

CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
wild = st.text(
    st.one_of(st.sampled_from(CONTROLS + "\n\r\u2029\x00\x1b<>&\"'אبa1 "), st.characters()), max_size=60
)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("en", "en"),
        ("pt_br", "pt-BR"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("iw", "he"),
        ("in-ID", "id-ID"),
        ("sh", "sr-Latn"),
        ("nb", "no"),
        ("sl-rozaj", "sl-rozaj"),
        ("", "und"),
        ("not a tag", "und"),
        ('"><script>', "und"),
        ("x" * 40, "und"),
    ],
)
def test_tags(written: str, canonical: str) -> None:
    assert tag(written) == canonical


@pytest.mark.parametrize(
    ("language", "way"),
    [
        ("ar", "rtl"), ("he-IL", "rtl"), ("ur", "rtl"), ("dv", "rtl"), ("nqo", "rtl"), ("ckb", "rtl"),
        ("fr", "ltr"), ("ht", "ltr"), ("bn", "ltr"),
        ("ur-Latn", "ltr"), ("ha-Arab", "rtl"), ("pa-Arab-PK", "rtl"), ("und-Arab", "rtl"), ("und-Latn", "ltr"),
        ("und", "auto"), ("?", "auto"),
    ],
)  # fmt: skip
def test_directions(language: str, way: str) -> None:
    assert direction(language) == way


def test_the_best_language_to_show() -> None:
    assert best(["en", "fr"], ["sw", "fr"]) == "fr"
    assert best(["en", "pt"], "pt-BR") == "pt"
    assert best(["en", "pt-BR", "pt"], ["pt"]) == "pt"
    assert best(["en", "zh_Hant"], ["zh-Hant"]) == "zh_Hant"
    assert best(["en", "fr"], ["sw"]) == "en"
    assert best(["en"], []) == "en"
    assert best([], ["en"]) == ""


def test_names_of_languages() -> None:
    assert name_of("ht", "fr") == "créole haïtien"
    assert name_of("ht", "en") == "Haitian Creole"
    assert name_of("zh-Hant", "en") == "Traditional Chinese"
    assert name_of("no", "en") == "Norwegian"
    assert name_of("ar-Latn", "en") == "Arabic (Latin)"
    assert name_of("en-rozaj", "en") == "English"
    assert name_of("qqq", "en") == "qqq"
    assert name_of("fr", "xx-no-such") == "French"
    assert name_of("fr") == "French"
    assert name_of("") == name_of("und") == "unknown language"


def test_normal_texts_keep_their_spelling() -> None:
    assert normalise("e\u0301te\u0301\r\nb\u2028c\x00\x1b[31m\ufeff") == "été\nb\nc[31m"
    for kept in ("می\u200cخواهم", "👩\u200d🚒", "क्\u200dष", "مرحبا\u200f!"):
        assert normalise(kept) == kept
    assert normalise("a\ud800b") == "ab"


@given(wild)
def test_normalise_is_idempotent_and_leaves_no_control(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert not [c for c in once if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]


@given(wild)
def test_no_direction_reaches_out_of_its_line(text: str) -> None:
    for line in balanced(text).split("\n"):
        waiting: list[str] = []
        for character in line:
            if character in "\u202a\u202b\u202d\u202e":
                waiting.append("\u202c")
            elif character in "\u2066\u2067\u2068":
                waiting.append("\u2069")
            elif character in "\u202c\u2069":
                assert waiting, "a stray closer"
                assert waiting.pop() == character
        assert not waiting, "an unclosed opener"


def test_balancing_keeps_what_was_balanced() -> None:
    for text in ("plain", "a \u2067עברית\u2069 b", "\u202bא\u202c"):
        assert balanced(text) == text
    assert balanced("a\u202eb") == "a\u202eb\u202c"
    assert balanced("a\u2069b\u202c") == "ab"
    assert balanced("\u2067\u202bx\u2069y") == "\u2067\u202bx\u202c\u2069y"
    assert balanced("\u202b\u2067x\u202cy") == "\u202b\u2067xy\u2069\u202c"
    assert balanced("\u202ea\nb") == "\u202ea\u202c\nb"


def test_paragraphs() -> None:
    assert paragraphs("a\nb\n\n \nc\r\n\r\n") == ["a\nb", "c"]
    assert paragraphs(" \n\n ") == []


def render(template: str, **context: object) -> str:
    return Template("{% load languages %}" + template).render(Context(context))


def test_a_passage_carries_its_language_and_cannot_leave_it() -> None:
    assert render("{% passage t 'ar' %}", t="مرحبا") == '<span lang="ar" dir="rtl">مرحبا</span>'
    assert render("{% passage t %}", t="?") == '<span lang="" dir="auto">?</span>'
    assert render("{% passage t l %}", t=None, l=None) == '<span lang="" dir="auto"></span>'
    hostile = render("{% passage t l %}", t="<script>\u202e&", l='"><b>')
    assert hostile == '<span lang="" dir="auto">&lt;script&gt;\u202e&amp;\u202c</span>'


def test_a_block_keeps_paragraphs_and_lines() -> None:
    made = render("{% passage_block t 'fr' %}", t="un <b>\ndeux\n\nhttps://trois.example")
    assert made == (
        '<p lang="fr" dir="ltr">un &lt;b&gt;<br>\ndeux</p>\n<p lang="fr" dir="ltr">https://trois.example</p>'
    )
    assert render("{% passage_block t %}", t="") == ""
    assert render("{% passage_block t l %}", t=None, l=None) == ""


@given(wild, st.text(max_size=12))
def test_no_text_opens_a_tag(text: str, language: str) -> None:
    made = render("{% passage t l %}{% passage_block t l %}", t=text, l=language)
    assert made.count("<") == made.count(">")
    assert made.count("<span") == 1
    assert made.count("<") == 2 + 2 * made.count("<p ") + made.count("<br>")


def test_language_names_in_templates() -> None:
    assert render("{% language_name 'sw' %}") == "Swahili"
    assert render("{% language_name 'sw' 'sw' %}") == "Kiswahili"
    assert render("{% language_name l %}", l="") == "unknown language"
    assert render("{{ l|language_direction }}", l="fa") == "rtl"
    assert render("{{ l|language_direction }}", l="") == "auto"
