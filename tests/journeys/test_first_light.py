"""From one person's words to a point on the public map, by keyboard alone."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from tests.journeys.conftest import Site, tab_to, until

pytestmark = pytest.mark.browser


def test_keyboard_alone_from_witness_to_published_point(chromium: Any, site: Site) -> None:
    """A witness tells, a triager reads and publishes, a neighbour sees it: no mouse anywhere."""
    mark = "".join(random.choices("bcdfghjklmnpqrstvwz", k=9))
    told = f"The ferry landing {mark} is under water and nobody can cross. -14.9003, 50.2788"
    contexts = []

    def somebody() -> Any:
        contexts.append(
            chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
        )
        return contexts[-1].new_page()

    neighbour = somebody()
    neighbour.goto(f"/map/lumi/?q={mark}#9/-14.9/50.28")
    neighbour.wait_for_selector("#crisis-map[data-ready]")
    neighbour.evaluate("window.never_reloaded = true")
    assert neighbour.inner_text("#crisis-counts strong") == "0 reports"
    assert neighbour.locator("#crisis-map .crisis-mark").count() == 0

    witness = somebody()
    witness.goto("/tell/")
    tab_to(witness, "a[href='/tell/lumi/']")
    witness.keyboard.press("Enter")
    witness.wait_for_url("**/tell/lumi/")
    tab_to(witness, "textarea")
    witness.keyboard.type(told)
    tab_to(witness, "button.primary[type=submit]")
    witness.keyboard.press("Enter")
    witness.wait_for_url("**/follow/**")
    assert "It has arrived" in witness.inner_text("h1")
    follow = witness.url.split("?")[0]

    triager = somebody()
    triager.goto("/account/login/?next=/desk/")
    tab_to(triager, "input[name=login]")
    triager.keyboard.type("chandra@demo.example")
    tab_to(triager, "input[name=password]")
    triager.keyboard.type(site.password)
    triager.keyboard.press("Enter")
    triager.wait_for_url("**/desk/")
    find_at_the_desk(triager, mark)
    press(triager, "5")  # Roads and bridges
    assert triager.is_checked("label:has-text('Roads and bridges') input")
    press(triager, "q")  # the first place that the machine found: the coordinates
    assert triager.evaluate("document.querySelector('input[name=place]:checked').value") != "none"
    with triager.expect_response(lambda response: "/desk/items/" in response.url) as answered:
        press(triager, "p")
    assert answered.value.status == 200
    triager.wait_for_selector(".desk-last")
    assert triager.locator("#work-refusal .notice").count() == 0

    until(neighbour, "document.querySelector('#crisis-counts strong').innerText === '1 report'")
    neighbour.wait_for_selector("#crisis-map .crisis-mark[data-kind='point']")
    assert neighbour.evaluate("window.never_reloaded") is True
    tab_to(neighbour, "#crisis-map .crisis-mark")
    neighbour.keyboard.press("Enter")
    neighbour.wait_for_selector(f"#crisis-card :text('{mark}')")
    neighbour.keyboard.press("Escape")
    # The twin: by its key, the same filter, the same report.
    press(neighbour, "l")
    neighbour.wait_for_url("**/list/lumi/**")
    assert neighbour.inner_text("#crisis-counts strong") == "1 report"
    tab_to(neighbour, ".crisis-row h3 a")
    neighbour.keyboard.press("Enter")
    neighbour.wait_for_url("**/reports/**")
    assert mark in neighbour.inner_text("main")
    assert "The report was published" in neighbour.inner_text("main")

    witness.goto(follow)
    assert "A person has read it" in witness.inner_text("main")
    assert "See what the public sees" in witness.inner_text("main")
    for context in contexts:
        context.close()


def find_at_the_desk(page: Any, mark: str) -> None:
    """Take the next item, and leave to others what comes before ours. The focus is on each new item."""
    item = page.locator(".desk-item")
    for _ in range(80):  # it may not have come through the inbox yet
        if not item.count() and page.locator("[data-entraide-key=n]").count():
            take(page, "n", "**/desk/next/**")
        while item.count():
            if mark in page.inner_text(".desk-item .crisis-original"):
                return
            take(page, "s", re.compile(r"/desk/items/\d+/"))
        page.wait_for_timeout(250)
        page.goto("/desk/")
    pytest.fail("the message never came to the desk")


def take(page: Any, key: str, address: Any) -> None:
    """Press a key that brings another item, or none; what comes has the focus."""
    with page.expect_response(address) as answer:
        press(page, key)
    assert answer.value.ok
    page.wait_for_timeout(150)
    until(page, "!document.querySelector('.desk-item') || document.activeElement?.id === 'desk-item-title'")


def press(page: Any, key: str) -> None:
    """Press one of the keys shown on the page, once it listens to them."""
    page.wait_for_selector(f"[data-entraide-key='{key}' i][aria-keyshortcuts]")
    page.keyboard.press(key)
