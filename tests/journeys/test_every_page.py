"""Every page of the house, as a stranger, a steward and the rest of the cast meet it: no fault anywhere."""

from __future__ import annotations

import re
from collections import deque
from itertools import pairwise
from typing import Any

import pytest

from tests.journeys.conftest import Site, axe_violations, sign_in, sticking_out, until

pytestmark = pytest.mark.browser

DESKTOP, TELEPHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# 1280 px at 200 % zoom; and the narrowest window of WCAG 2.2, 1.4.10.
ZOOMED, NARROWEST = {"width": 640, "height": 450}, {"width": 320, "height": 640}

START = ["/", "/tour/", "/desk/", "/design/", "/account/login/", "/problems/bad-filter", "/places/"]
FILES = re.compile(
    r"\.(csv|kml|kmz|geojson|json|jsonl|atom|rss|xml|py|txt|toml)(\?|$)|/export|/logout|/operator/"
)
NAMES = re.compile(
    r"(?<=/reports/)[a-z0-9]{10}|(?<=/people/team/)[0-9a-f-]{36}|(?<=/people/)[0-9a-f-]{36}"
    r"|(?<=/texts/)[a-z]{2}(?=/)|\b\d+\b"
)
# One form in many addresses: their looks are the same whatever their subject.
SECOND_CAUSE = re.compile(r"/schools/(?!$)")
MAIN = [
    "/", "/causes/", "/causes/lumi/", "/map/", "/map/lumi/", "/list/lumi/", "/tell/lumi/", "/journal/",
    "/desk/", "/account/login/", "/account/signup/", "/no/such/page",
]  # fmt: skip


def faults_of(page: Any, path: str) -> list[str]:
    """Open a page and look at it: axe, sideways scrolling at each width and from right to left."""
    page.set_viewport_size(DESKTOP)
    response = page.goto(path)
    if response is None or response.status >= 400:
        return [f"{path}: {response and response.status}"]
    page.wait_for_timeout(100)
    found = [f"{path}: {violation}" for violation in axe_violations(page)]
    for direction in ("ltr", "rtl"):
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        for window in (DESKTOP, ZOOMED, NARROWEST):
            page.set_viewport_size(window)
            found += [f"{path} {direction} {window['width']}: {fault}" for fault in sticking_out(page)]
    return found


def walk(page: Any, start: list[str]) -> tuple[set[str], list[str]]:
    """Follow every link, once per kind of address. Returns the kinds met and what is wrong."""
    met: set[str] = set()
    faults: list[str] = []
    waiting = deque(start)
    while waiting:
        path = waiting.popleft().split("#")[0]
        kind = NAMES.sub("N", path.split("?")[0])
        if kind in met or FILES.search(path) or SECOND_CAUSE.search(path):
            continue
        met.add(kind)
        faults += faults_of(page, path)
        waiting += page.eval_on_selector_all(
            "a[href^='/']", "links => links.map(a => a.getAttribute('href'))"
        )
    return met, faults


def test_a_stranger_meets_no_fault_on_any_page(page: Any) -> None:
    met, faults = walk(page, START)
    assert {"/map/lumi/", "/list/lumi/", "/tell/lumi/", "/reports/N/", "/journal/N/", "/causes/lumi/"} <= met
    assert len(met) >= 20
    assert not faults, "\n".join(faults)


def test_a_steward_meets_no_fault_on_any_page(page: Any, site: Site) -> None:
    sign_in(page, site, "aina")
    met, faults = walk(page, ["/causes/lumi/set-up/", "/people/", "/desk/", "/crisis/lumi/", "/causes/new/"])
    assert {
        "/people/team/N/",
        "/channels/lumi/doors/",
        "/crisis/lumi/reports/N/",
        "/causes/lumi/set-up/area/",
    } <= met
    assert len(met) >= 40
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("bakari", ["/desk/", "/crisis/lumi/", "/people/rights/"]),
        ("esra", ["/desk/", "/crisis/lumi/"]),
        ("farida", ["/desk/", "/crisis/lumi/"]),
        ("gaspard", ["/desk/", "/people/", "/causes/lumi/"]),
    ],
)
def test_the_cast_meets_no_fault_on_its_pages(page: Any, site: Site, who: str, paths: list[str]) -> None:
    sign_in(page, site, who)
    faults = [fault for path in paths for fault in faults_of(page, path)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("look", ["telephone", "dark", "contrast"])
def test_axe_finds_nothing_in_any_look(page: Any, look: str) -> None:
    if look == "telephone":
        page.set_viewport_size(TELEPHONE)
    else:
        page.emulate_media(
            color_scheme="dark" if look == "dark" else "light",
            contrast="more" if look == "contrast" else None,
        )
    faults = []
    for path in MAIN:
        page.goto(path)
        page.wait_for_timeout(100)
        faults += [f"{path}: {violation}" for violation in axe_violations(page)]
    assert not faults, "\n".join(faults)


def test_the_search_for_faults_finds_faults(page: Any) -> None:
    """What keeps the tests above honest: a page with planted faults does not pass."""
    page.goto("/causes/")
    page.evaluate(
        """() => {
            document.querySelector("main").insertAdjacentHTML("beforeend", "<img src='/static/x.png'><p id='wide'>x</p>");
            document.querySelector("#wide").style.inlineSize = "200vw";
        }"""
    )
    assert any(violation.startswith("image-alt") for violation in axe_violations(page))
    assert sticking_out(page)


def test_headings_landmarks_and_focus_hold_together(page: Any, site: Site) -> None:
    """One h1, no level left out, every word inside a landmark, and the skip link leads into main."""
    faults = []
    for path in MAIN:
        page.goto(path)
        levels = page.eval_on_selector_all("h1,h2,h3,h4,h5,h6", "all => all.map(h => Number(h.tagName[1]))")
        if levels.count(1) != 1 or levels[0] != 1:
            faults.append(f"{path}: headings {levels}")
        if any(after > before + 1 for before, after in pairwise(levels)):
            faults.append(f"{path}: a level left out in {levels}")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        if page.evaluate("document.activeElement.id") != "main":
            faults.append(
                f"{path}: the skip link leads to {page.evaluate('document.activeElement.outerHTML')[:80]}"
            )
    assert not faults, "\n".join(faults)


def test_the_bottom_bar_never_covers_the_focus(page: Any) -> None:
    page.set_viewport_size(TELEPHONE)
    for path in ("/list/lumi/", "/causes/lumi/"):
        page.goto(path)
        assert page.locator(".bottom-bar").is_visible()
        for _ in range(45):
            page.keyboard.press("Tab")
            hidden = page.evaluate(
                """() => {
                    const bar = document.querySelector(".bottom-bar");
                    const focus = document.activeElement;
                    if (focus === document.body || bar.contains(focus)) return "";
                    const box = focus.getBoundingClientRect();
                    const shown = box.top < bar.getBoundingClientRect().top - 1 && box.bottom > 0;
                    return shown || !box.height ? "" : focus.outerHTML.slice(0, 120);
                }"""
            )
            assert not hidden, f"{path}: {hidden}"


def test_a_form_that_comes_back_puts_the_focus_on_what_is_wrong(page: Any, site: Site) -> None:
    sign_in(page, site, "aina")
    page.goto("/causes/new/")
    page.eval_on_selector("main form", "form => { form.noValidate = true }")
    page.click("main form button.primary")
    page.wait_for_selector(".error-summary")
    until(page, "document.activeElement.matches('.error-summary')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
