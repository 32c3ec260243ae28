"""The moving map in a real browser, under our content policy: marks, counts, keyboard, the fall-back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from entraide.capabilities.crisis.tests.public.sample import publication

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Debian's Chromium, WebGL by software."""
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("Chromium is not installed (Debian: apt-get install chromium)")
    # Playwright runs a loop in this thread; the test's own queries are over or done between its calls.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        )
        yield browser
        browser.close()


@pytest.fixture
def crowded(lumi: Any) -> Any:
    """Thirty placed reports in three towns, two without a place."""
    for i in range(30):
        at = [(-18.9, 47.5), (-15.7, 46.3), (-23.4, 43.7)][i % 3]
        publication(lumi, f"Water {i}", at=at, precision=["exact", "area-small", "displaced"][i % 3])
    for i in range(2):
        publication(lumi, f"Nowhere {i}", at=None)
    return lumi


def opened(browser: Any, address: str, **context: Any) -> tuple[Any, list[str]]:
    """A page with what went wrong on it; the live stream is not served here."""
    faults: list[str] = []
    page = browser.new_context(locale="en", **context).new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: (
            faults.append(message.text)
            if message.type == "error" and "/live/" not in message.location.get("url", "")
            else None
        ),
    )
    page.goto(address)
    return page, faults


def test_marks_add_up_to_the_placed_reports_and_open_by_keyboard(chromium, live_server, crowded):
    page, faults = opened(chromium, f"{live_server.url}/map/lumi/", viewport={"width": 1200, "height": 900})
    page.wait_for_selector("[data-entraide-crisis-map][data-ready]", timeout=30_000)
    labels = [mark.get_attribute("aria-label") for mark in page.locator(".map-live .crisis-mark").all()]
    assert sum(int(re.search(r"(\d+) reports?", label)[1]) for label in labels) == 30
    assert any("somewhere in this area" in label for label in labels)
    stops = page.locator('.map-live .crisis-mark[tabindex="0"]')
    assert stops.count() == 1
    stops.focus()
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.className").startswith("crisis-mark"), first
    page.keyboard.press("Enter")
    page.wait_for_selector(".crisis-card a[href^='/reports/']")
    page.keyboard.press("Escape")
    assert page.locator(".crisis-card").count() == 0
    assert faults == []


def test_without_webgl_the_drawn_map_stays(chromium, live_server, crowded):
    context = chromium.new_context()
    page = context.new_page()
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(f"{live_server.url}/map/lumi/")
    page.get_by_text("This browser cannot show the moving map").wait_for(timeout=30_000)
    assert page.locator("[data-entraide-crisis-map] > svg").is_visible()
    context.close()
