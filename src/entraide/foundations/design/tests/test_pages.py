"""The base page, the bare page, the stylesheets and the gallery, as a strict client sees them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.template.loader import render_to_string

from entraide.foundations.design import bundles, specimens, vendored

TELL_MAX_BYTES = 30_000


SITE = {
    "name": "Rano",
    "operator": "Rano Madio",
    "contact": "hello@rano.example",
    "security_contact": "https://rano.example/security",
    "source_url": "https://rano.example/source",
}


@pytest.fixture
def alone(settings):
    """The room by itself: the addresses of no other room exist."""
    settings.ROOT_URLCONF = "entraide.foundations.design.tests.urls"


@pytest.mark.parametrize("template", ["design/base.html", "design/bare.html"])
def test_pages_bear_the_absence_of_everything(alone, template):
    page = render_to_string(template, {"LANGUAGE_CODE": "en"})
    assert "undefined" not in page
    assert 'href="#main"' in page
    assert '<main id="main"' in page
    assert "languages" not in page


def test_the_base_page_says_who_runs_the_site_and_what_to_do(alone):
    page = render_to_string(
        "design/base.html",
        {
            "LANGUAGE_CODE": "en",
            "site": SITE,
            "navigation": [
                {"label": "Map", "url": "/map/", "current": True},
                {"label": "Desk", "url": "/desk/", "current": False},
            ],
            "primary_action": {"label": "Tell what is happening", "url": "/tell/"},
        },
    )
    assert '<a href="/map/" aria-current="page">Map</a>' in page
    assert '<a href="/desk/">Desk</a>' in page
    assert page.count('class="button primary') == 2, "once in the head, once at the thumb on a telephone"
    assert 'href="mailto:hello@rano.example"' in page
    assert 'href="https://rano.example/security"' in page
    assert "This site is run by Rano Madio." in page


def test_the_direction_of_the_page_is_that_of_its_language(alone):
    page = render_to_string("design/base.html", {"LANGUAGE_CODE": "ar", "LANGUAGE_BIDI": True})
    assert re.search(r'<html lang="ar"\s+dir="rtl">', page)
    page = render_to_string("design/base.html", {"LANGUAGE_CODE": "en"})
    assert re.search(r'<html lang="en"\s+dir="ltr">', page)


def test_scripts_carry_the_nonce_of_the_policy(db, client):
    response = client.get("/design/")
    nonce = re.search(r"'nonce-([^']+)'", response["Content-Security-Policy"])[1]
    page = response.content.decode()
    assert f'<script type="importmap" nonce="{nonce}">' in page
    assert page.index("importmap") < page.index('type="module"'), "a module before the map voids the map"


@pytest.mark.parametrize("pane", ["", *[pane.name for pane in specimens.PANES]])
def test_the_gallery_shows_every_component_in_every_pane(db, client, pane):
    client.query_budget = 0
    page = client.get("/design/", {"pane": pane} if pane else {}).content.decode()
    for component in specimens.COMPONENTS:
        assert f'id="c-{component}"' in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted({each for each in ids if ids.count(each) > 1}) == []
    targets = re.findall(r'\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"', page)
    assert {target for names in targets for target in names.split()} <= set(ids)


def test_an_unknown_pane_shows_them_side_by_side(db, client):
    assert client.get("/design/?pane=nonsense").content.count(b'gallery-pane"') > len(specimens.COMPONENTS)


@pytest.mark.parametrize("sheet", bundles.SHEETS)
def test_stylesheets_are_one_file_kept_for_a_year(db, client, sheet):
    response = client.get(f"/design/{sheet}.{bundles.digest(sheet)}.css")
    assert response["Content-Type"].startswith("text/css")
    assert "immutable" in response["Cache-Control"]
    old = client.get(f"/design/{sheet}.0123456789ab.css")
    assert old.content == response.content
    assert "immutable" not in old["Cache-Control"]


def test_there_is_no_other_stylesheet(db, client):
    assert client.get("/design/nonsense.0123456789ab.css").status_code == 404


def test_addresses_in_stylesheets_are_those_of_the_static_files(settings):
    settings.STATIC_URL = "/static/"
    house = bundles._joined("house")
    fonts = re.findall(r'url\("([^"]+)"\)', house)
    assert fonts
    for font in fonts:
        assert (bundles.SOURCES.parents[1] / font.removeprefix("/static/")).is_file(), font


def test_while_building_every_change_shows_at_once(settings, monkeypatch):
    assert bundles.sheet("bare") is bundles.sheet("bare")
    settings.DEBUG = True
    monkeypatch.setitem(bundles.SHEETS, "bare", ["layers"])
    assert bundles.sheet("bare") == "@layer reset,tokens,base,layout,components,rooms,utilities;"


def test_the_bare_page_is_light():
    page = render_to_string("design/bare.html", {"LANGUAGE_CODE": "en", "site": SITE}).encode()
    assert len(page) + len(bundles.sheet("bare").encode()) < TELL_MAX_BYTES * 0.8, "leave room for the form"
    assert b"@font-face" not in bundles.sheet("bare").encode()


def test_a_page_of_text_stays_below_a_hundred_kilobytes():
    def compressed(text: str | bytes) -> int:
        return len(gzip.compress(text.encode() if isinstance(text, str) else text))

    fonts = [
        vendored.path("@fontsource-variable/fraunces", "made/fraunces-latin.woff2"),
        vendored.path(
            "@fontsource-variable/atkinson-hyperlegible-next",
            "made/atkinson-latin.woff2",
        ),
    ]
    scripts = [vendored.path("htmx.org", "dist/htmx.min.js"), *(bundles.SOURCES.parent / "js").glob("*.js")]
    total = (
        compressed(bundles.sheet("house"))
        + sum(font.stat().st_size for font in fonts)
        + sum(compressed(script.read_bytes()) for script in scripts if script.name != "live.js")
    )
    assert total < 100_000


def test_french_is_complete_in_this_room():
    catalogue = Path(bundles.__file__).parent / "locale/fr/LC_MESSAGES/django.po"
    with catalogue.open("rb") as file:
        messages = [message for message in read_po(file, locale="fr") if message.id]
    assert messages
    empty = [
        message.id
        for message in messages
        if message.fuzzy or not all([message.string] if isinstance(message.string, str) else message.string)
    ]
    assert empty == []
