"""A living demonstration in a process of its own, and a real Chromium to walk through it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
AXE = next((ROOT / "src/entraide/foundations/design/tests/vendored").glob("axe-core-*/axe.min.js"), None)


@dataclass
class Site:
    """Where the demonstration answers, and how its cast signs in."""

    url: str
    password: str


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """``entraide demo`` as a person would start it, once for all journeys.

    ``ENTRAIDE_JOURNEYS="http://localhost:8000 the-password"`` walks through one that runs already.
    """
    if running := os.environ.get("ENTRAIDE_JOURNEYS"):
        yield Site(*running.split())
        return
    home = tmp_path_factory.mktemp("demonstration")
    port = free_port()
    environment = {
        **os.environ,
        "ENTRAIDE_HOME": str(home),
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "entraide.website.settings",
    }
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "entraide.website.command_line", "demo"]
    with subprocess.Popen(
        [*command, "--port", str(port), "--quick", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        try:
            ready = next((json.loads(line) for line in process.stdout if line.startswith("{")), None)
            if ready is None:
                pytest.fail(f"the demonstration did not start: exit {process.wait(10)}")
            yield Site(ready["url"], ready["password"])
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright; WebGL by software."""
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=[
                "--no-sandbox",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--use-angle=swiftshader",
                "--enable-unsafe-swiftshader",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, site: Site) -> Iterator[Any]:
    """A fresh page on the demonstration; any console error or request to another host fails the test."""
    context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    opened.on(
        "console",
        lambda message: faults.append(f"console: {message.text}") if message.type == "error" else None,
    )
    opened.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((site.url, "data:", "blob:"))
            else faults.append(f"third party: {request.url}")
        ),
    )
    yield opened
    context.close()
    # A refused form (4xx) is reported by Chromium as a console error; that is the journey's business.
    faults = [fault for fault in faults if "Failed to load resource" not in fault]
    assert not faults, "\n".join(faults)


def sign_in(page: Any, site: Site, who: str) -> None:
    """Sign in as one of the cast, through the form."""
    page.goto("/account/login/")
    page.fill("input[name=login]", f"{who}@demo.example")
    page.fill("input[name=password]", site.password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/account/login" not in url)


def axe_violations(page: Any) -> list[str]:
    """What axe finds wrong on the page as it stands, one line each."""
    assert AXE is not None, "axe-core is not vendored"
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text() + "; undefined")
    found = page.evaluate(
        """async () => (await axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            resultTypes: ["violations"],
        })).violations.map(({ id, help, nodes }) => `${id}: ${help} — ` + nodes.slice(0, 3).map(
            (node) => `${node.target.join(" ")} ${node.failureSummary}`).join(" | "))"""
    )
    return list(found)


def sticking_out(page: Any) -> list[str]:
    """What makes the page wider than its window, if it is; the page must then be scrolled sideways."""
    found = page.evaluate(
        """() => {
            const wide = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= wide) return [];
            const out = [...document.querySelectorAll("body *")].filter((element) => {
                const box = element.getBoundingClientRect();
                return box.width && (box.right > wide + 1 || box.left < -1);
            }).slice(0, 4).map((element) => `${element.tagName} ${element.className}`);
            return [`${document.documentElement.scrollWidth} px in ${wide}: ${out.join(", ")}`];
        }"""
    )
    return list(found)


def tab_to(page: Any, selector: str, most: int = 120) -> None:
    """Press Tab until an element that fits has the focus, as somebody without a mouse does."""
    for _ in range(most):
        if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never reaches {selector} on {page.url}")


def until(page: Any, expression: str, seconds: float = 10) -> None:
    """Wait until something holds on the page. (Playwright's own way needs ``eval``, which our policy forbids.)"""
    for _ in range(int(seconds * 20)):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never true on {page.url}: {expression}")
