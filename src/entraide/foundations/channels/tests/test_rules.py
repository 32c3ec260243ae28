"""Sealing, contacts, masking, commands, and what a message says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from entraide.foundations.channels import rules
from entraide.foundations.channels.rules import hearing

# -- sealing -----------------------------------------------------------------------------------------


@given(st.binary())
def test_what_is_sealed_opens(value):
    assert rules.unseal(rules.seal(value)) == value


def test_texts_with_half_characters_open_too():
    assert rules.unseal_text(rules.seal("a\ud83d")) == "a\ud83d"


def test_the_same_value_never_looks_the_same_twice():
    assert rules.seal("dlo") != rules.seal("dlo")


def test_an_altered_seal_is_refused():
    sealed = bytearray(rules.seal("dlo"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        rules.unseal(bytes(sealed))


def test_an_unknown_version_is_refused():
    with pytest.raises(ValueError, match="version"):
        rules.unseal(b"\x02abc")


# -- contacts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "country", "expected"),
    [
        ("37123456", "HT", ("sms", "+50937123456")),
        ("+509 3712-3456", "", ("sms", "+50937123456")),
        ("00509 37 12 34 56", "FR", ("sms", "+50937123456")),
        ("tel:+50937123456", "", ("sms", "+50937123456")),
        ("٣٧١٢٣٤٥٦", "HT", ("sms", "+50937123456")),
        ("＋５０９ ３７１２３４５６", "", ("sms", "+50937123456")),
        ("123456789", "", ("sms", "123456789")),  # as Ushahidi's tests write
        ("4636", "HT", ("sms", "4636")),
        ("+99900000001", "", ("sms", "+99900000001")),
        ("Digicel", "HT", ("other", "digicel")),
        (" Marie@Example.ORG ", "", ("mail", "marie@example.org")),
        ("mailto:a@b.c", "", ("mail", "a@b.c")),
    ],
)
def test_one_spelling(given, country, expected):
    found = rules.address(given, country)
    assert (found.channel, found.value) == expected


@pytest.mark.parametrize("given", ["", "  "])
def test_nobody(given):
    assert rules.address(given) is None


def test_a_digest_tells_people_and_ways_apart():
    digests = {rules.digest(rules.Address(way, value)) for way in ("sms", "other") for value in ("1", "2")}
    assert len(digests) == 4
    assert rules.digest(rules.Address("sms", "1")) == rules.digest(rules.Address("sms", "1"))


# -- masking -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret",
    [
        "+509 3712 3456", "3712-3456", "(509) 37.12.34.56", "0033612345678", "٠١٢٣٤٥٦٧٨", "37123456",
        "marie@example.org", "marie.j+x@mail.example.co.uk", "marie [at] example.org", "@marie_j",
        "https://wa.me/50937123456", "facebook.com/marie.j", "AB1234567", "01-01-99-1980-05-00001",
        "3712\u200b3456", "3712\u20093456", "3712_3456", "3️⃣7️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣", "marie＠example.org",
    ],
)  # fmt: skip
def test_what_reaches_a_person_is_masked(secret):
    masked = rules.mask(f"Rele {secret} souple")
    assert masked == "Rele … souple"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Tel.37123456 souple", "Tel.… souple"),
        ("tel37123456mèsi", "tel…mèsi"),
        ("...3712 3456", "...…"),
        ("18.5392 -72.3350 3712 3456", "18.5392 -72.3350 …"),
        ("18.5392, -72.3350, 37123456", "18.5392, -72.3350, …"),
    ],
)
def test_a_number_is_a_number_whatever_stands_beside_it(text, masked):
    assert rules.mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "18.5392, -72.3350", "18.539212 -72.335043", "2010-01-12", "12/01/2010", "12.01.2010 14:30", "2010-2011",
        "250 people at 14:30", "12 000 familles", "rue 45, n° 123", "Route Nationale 2 km 14.5",
        "5,000,000 gourdes", "x@ y", "12 @ 15",
        "(18.539212", "2010-01-18 10:39:55", "1/18/10 10:39", "18 32 24.5N",
    ],
)  # fmt: skip
def test_what_reaches_nobody_stays(text):
    assert rules.mask(text) == text


def test_masking_twice_changes_nothing():
    once = rules.mask("Rele 3712 3456 oswa marie@example.org, 18.5392, -72.3350")
    assert once == "Rele … oswa …, 18.5392, -72.3350"
    assert rules.mask(once) == once


@given(st.text(max_size=200))
def test_masking_never_fails(text):
    rules.mask(text)


# -- commands ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["STOP", " stop. ", "Stop!", "arrêt", "توقف", "বন্ধ", "стоп", "KANPE", "停止"]
)
def test_stop_in_many_languages(text):
    assert rules.command_in(text) == "stop"


@pytest.mark.parametrize(("text", "expected"), [("START", "start"), ("help", "help"), ("AIDE", "help")])
def test_other_commands(text, expected):
    assert rules.command_in(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The water will not stop", "stop the flood please", "help us at the school", "stopped", "alert",
        "Dlo a pa kanpe", "لا توقف", "off", "", "  ", "stop" * 40, "Il faut un arrêt de bus",
    ],
)  # fmt: skip
def test_a_word_in_a_sentence_is_no_command(text):
    assert rules.command_in(text) == ""


def test_no_word_means_two_things():
    import tomllib

    from entraide.foundations.channels.rules import commands

    seen: dict[str, str] = {}
    for command, languages in tomllib.loads(commands.WORDS_FILE.read_text()).items():
        for words in languages.values():
            for word in words:
                assert seen.setdefault(commands._plain(word), command) == command


# -- what a message says -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [1700000000000, "1700000000000", 1700000000, "1700000000", "2023-11-14T22:13:20Z", "2023-11-14T22:13:20"],
)
def test_moments(value):
    assert hearing.moment(value) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [None, "", True, "soon", "14 janv. 2010", 5, "99999999999999", "1960-01-01", {}]
)
def test_no_moments(value):
    assert hearing.moment(value) is None


def test_reading_fields():
    heard = hearing.from_fields(
        {
            "message": "a",
            "contact": 5,
            "language": "not a tag!",
            "set_aside": "x",
            "place": "Jacmel",
            "sent_at": 0,
        }
    )
    assert (heard.text, heard.sender, heard.language, heard.set_aside) == ("a", "5", "", "")
    assert heard.extra == {"place": "Jacmel"}
