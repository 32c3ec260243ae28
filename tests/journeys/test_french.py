"""A French reader meets no English of ours: every text on the main pages against every catalogue."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from babel.messages.pofile import read_po

from tests.journeys.conftest import ROOT, Site, sign_in

pytestmark = pytest.mark.browser

PUBLIC = [
    "/", "/tour/", "/about/", "/causes/", "/causes/lumi/", "/map/", "/map/lumi/", "/list/lumi/", "/tell/",
    "/tell/lumi/", "/journal/", "/journal/1/", "/desk/", "/account/login/", "/account/signup/",
    "/account/password/reset/", "/crisis/lumi/data/", "/places/thanks/", "/no/such/page",
]  # fmt: skip
OF_A_STEWARD = [
    "/desk/", "/people/", "/people/rights/", "/people/consents/", "/people/data/", "/causes/lumi/set-up/",
    "/causes/new/", "/crisis/lumi/", "/crisis/lumi/set-up/categories/", "/crisis/lumi/set-up/privacy/",
    "/crisis/lumi/set-up/texts/", "/channels/lumi/doors/", "/channels/lumi/deliveries/", "/account/2fa/",
]  # fmt: skip
# Every text and spoken name that does not say it is in a language of its own.
TEXTS = """() => {
    const said = [];
    const foreign = (element) => {
        const marked = element.closest("[lang]");
        return (marked && marked !== document.documentElement) || element.closest("script, style, [translate=no], [aria-hidden=true]");
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (!foreign(walker.currentNode.parentElement)) said.push(walker.currentNode.data);
    for (const element of document.querySelectorAll("[aria-label], [placeholder], [title]")) {
        if (foreign(element)) continue;
        for (const name of ["aria-label", "placeholder", "title"]) said.push(element.getAttribute(name) ?? "");
    }
    return [document.title.split(" · ")[0], ...said].map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""


@cache
def english() -> frozenset[str]:
    """Every English text of our catalogues that is no French text of theirs."""
    asked, answered = set(), set()
    for path in sorted((ROOT / "src" / "entraide").rglob("locale/fr/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                asked |= {*(message.id if isinstance(message.id, tuple) else [message.id])}
                answered |= {*(message.string if isinstance(message.string, tuple) else [message.string])}
    return frozenset(asked - answered - {""})


def leftovers(page: Any, paths: list[str]) -> list[str]:
    """English of ours on these pages, as they are shown now."""
    found = []
    for path in paths:
        page.goto(path)
        page.wait_for_timeout(50)
        found += [f"{path}: {text}" for text in page.evaluate(TEXTS) if text in english()]
    return found


def in_french(chromium: Any, site: Site) -> Any:
    """A page of a browser that asks for French."""
    return chromium.new_context(
        base_url=site.url, viewport={"width": 1280, "height": 900}, locale="fr-FR"
    ).new_page()


def test_a_french_visitor_reads_no_english_of_ours(chromium: Any, site: Site) -> None:
    page = in_french(chromium, site)
    found = leftovers(page, PUBLIC)
    assert page.evaluate("document.documentElement.lang") == "fr"
    page.context.close()
    assert not found, "\n".join(found)


def test_a_french_steward_reads_no_english_of_ours(chromium: Any, site: Site) -> None:
    page = in_french(chromium, site)
    sign_in(page, site, "aina")
    found = leftovers(page, OF_A_STEWARD)
    page.context.close()
    assert not found, "\n".join(found)


def test_the_search_for_english_finds_english(page: Any) -> None:
    """What keeps the two tests above honest: the English pages are full of it."""
    assert len(leftovers(page, ["/", "/causes/lumi/", "/map/lumi/"])) > 30
