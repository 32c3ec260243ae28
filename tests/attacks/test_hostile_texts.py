"""A text made to be slow must not stop the house: whatever reads words takes time in step with their length.

The intake reads each message while it holds the database's pen; a mail of a megabyte comes from anybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from entraide.capabilities.crisis import rules as crisis
from entraide.foundations.channels.rules import mask
from entraide.foundations.channels.rules.mail import mail_key, read_mail, shown_of, text_of_html
from entraide.foundations.languages.rules import guess, normalise
from entraide.foundations.places.rules import find_coordinates, parse_coordinates

LENGTH = 30_000
SECONDS = 2.0  # what is linear takes a tenth of it; what is quadratic takes minutes

BRICKS = [
    "a", "1", "1 ", "@", "a@", "a.", "a-", "<", "<!--", "<![", "</", "<a ", "<a b='", "<?", "&#", "_", "-", "+",
    "1.", "12°", "1.123456,", "t.me/", "www.", ">\n", "geo:", "N 1 ", "8FVC+", "POINT(1 1", "https://",
    "https://maps.google.com/dir/", "🎉", "\u0301", "\u202e", "ก", "水", "…", "'", "\n", " ", "AB1",
]  # fmt: skip
WALLS = [brick * (LENGTH // len(brick)) for brick in BRICKS] + [
    "1" * LENGTH + "x",
    "1.111" + " " * LENGTH + "x",
    "a@" + "a-" * (LENGTH // 2),
    "<a " + "a=a " * (LENGTH // 4) + ">",
]


def _mail(text: str) -> Any:
    line = text.replace("\n", " ").encode()
    return read_mail(b"Subject: " + line + b"\r\nFrom: " + line + b"\r\n\r\n" + text.encode())


READERS: list[Callable[[str], Any]] = [
    mask,
    find_coordinates,
    parse_coordinates,
    guess,
    normalise,
    text_of_html,
    shown_of,
    crisis.title_of,
    crisis.words_of,
    _mail,
    lambda text: mail_key(text.encode()),
]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: getattr(reader, "__name__", "reader"))
def test_time_grows_with_the_text_and_no_faster(reader):
    reader("warm")  # models and tables are loaded once
    for wall in WALLS:
        began = time.process_time()
        reader(wall)
        taken = time.process_time() - began
        assert taken < SECONDS, f"{reader} took {taken:.1f} s of {wall[:12]!r}…"


def test_words_of_a_page_outlive_the_taming_of_its_markup():
    page = (
        "<!doctype html><html><head><style>p{}</style></head><body><!-- x > y --><p title='a>b'>Dlo  3 < 5"
        "<br>pwòp &amp; vit<![endif]--><p>Wi</body></html>"
    )
    assert text_of_html(page).splitlines()[-1] == "Wi"
    assert "3 < 5\npwòp & vit" in text_of_html(page)
