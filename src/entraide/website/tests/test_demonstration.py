"""The play itself: enough languages and scripts, places that exist, nothing that could be somebody's."""

from __future__ import annotations

import unicodedata

from entraide.website.demonstration.cast import CAST, password
from entraide.website.demonstration.script import lines, spots


def test_two_hundred_messages_twelve_languages_six_scripts():
    script = lines()
    assert len(script) >= 200
    assert len({line.language for line in script}) >= 12
    names = {unicodedata.name(char, "").split()[0] for line in script for char in line.text if char.isalpha()}
    assert {"LATIN", "ARABIC", "BENGALI", "DEVANAGARI", "TAMIL", "CJK", "CYRILLIC", "ETHIOPIC"} <= names
    assert {line.outcome for line in script} == {"pass", "same", "noise"}
    assert {line.channel for line in script} == {"sms", "mail", "web"}


def test_every_place_is_known_and_every_text_once():
    script = lines()
    known = spots()
    assert all(line.place in known for line in script if line.outcome != "noise")
    assert (
        len({line.text for line in script}) == len(script) - 1
    )  # one telephone repeats itself word for word


def test_somebody_reads_every_language_and_something_is_left_for_the_visitor():
    read = {language for part in CAST for language in part.languages}
    assert {line.language for line in lines()} - read <= {"zh", "am"}  # Aina passes these on
    assert sum(line.left_unread for line in lines()) > 20


def test_the_password_is_the_instances_own(settings):
    assert password() == password()
    before = password()
    settings.ENTRAIDE_KEY = lambda name, length=32: b"another"
    assert password() != before
