"""From one person's words to a point on the public map, by keyboard alone; and every page without a fault."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from tests.journeys.conftest import Site, axe_violations, sign_in

pytestmark = pytest.mark.browser

PUBLIC = [
    "/", "/tour/", "/about/", "/causes/", "/causes/lumi/", "/map/", "/map/lumi/", "/list/lumi/", "/tell/",
    "/tell/lumi/", "/journal/", "/desk/", "/design/", "/account/login/", "/account/signup/",
    "/problems/bad-filter", "/no/such/page",
]  # fmt: skip
SIGNED_IN = {
    "aina": [
        "/causes/lumi/set-up/", "/desk/", "/people/", "/crisis/lumi/", "/causes/new/",
    ],
    "bakari": ["/desk/", "/people/"],
    "gaspard": ["/desk/", "/people/", "/causes/lumi/"],
}  # fmt: skip


@pytest.mark.parametrize("path", PUBLIC)
def test_axe_finds_nothing_on_public_pages(page: Any, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle") if "/map" not in path else page.wait_for_timeout(1500)
    assert axe_violations(page) == []


@pytest.mark.parametrize("who", SIGNED_IN)
def test_axe_finds_nothing_on_pages_of_the_cast(page: Any, site: Site, who: str) -> None:
    sign_in(page, site, who)
    for path in SIGNED_IN[who]:
        page.goto(path)
        page.wait_for_timeout(300)
        assert axe_violations(page) == [], path


def test_every_page_linked_from_the_house_answers_and_passes_axe(page: Any, site: Site) -> None:
    """Follow every link a steward can see, once per kind of address."""
    sign_in(page, site, "aina")
    seen: set[str] = set()
    waiting = ["/", "/causes/lumi/set-up/", "/people/", "/desk/", "/crisis/lumi/"]
    faults = []
    while waiting:
        path = waiting.pop(0)
        shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|(?<=/reports/)[a-z0-9]{10}", "N", path.split("?")[0])
        if shape in seen:
            continue
        seen.add(shape)
        response = page.goto(path)
        if response is None:
            continue
        if response.status >= 400:
            faults.append(f"{path}: {response.status}")
            continue
        page.wait_for_timeout(150)
        faults += [f"{path}: {violation}" for violation in axe_violations(page)]
        for href in page.eval_on_selector_all(
            "a[href^='/']", "links => links.map(a => a.getAttribute('href'))"
        ):
            if not re.search(
                r"\.(csv|kml|kmz|geojson|json|jsonl|atom|rss|xml|py|txt|toml)(\?|$)|logout|/operator/|export",
                href,
            ):
                waiting.append(href)
    assert len(seen) > 25
    assert not faults, "\n".join(faults)


def test_the_testimony_form_is_light_and_needs_no_javascript(chromium: Any, site: Site) -> None:
    context = chromium.new_context(
        base_url=site.url, java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    weights: list[int] = []
    page.on("response", lambda response: weights.append(len(response.body()) if response.ok else 0))
    page.goto("/tell/lumi/")
    page.wait_for_load_state("networkidle")
    assert sum(weights) <= 30_000, f"{sum(weights)} bytes before compression"
    mark = uuid.uuid4().hex[:8]
    page.fill("textarea", f"The footbridge by the mill is down {mark}")
    page.get_by_role("button", name=re.compile("send|tell", re.I)).first.click()
    page.wait_for_load_state()
    assert page.locator("h1").count() == 1
    assert "/tell/" in page.url or "/follow" in page.url
    context.close()


def test_keyboard_alone_from_witness_to_published_point(chromium: Any, site: Site) -> None:
    """A witness tells, a triager reads and publishes, a neighbour sees it: no mouse anywhere."""
    mark = uuid.uuid4().hex[:8]
    text = f"The ferry landing {mark} is under water, 40 people wait. -14.9003, 50.2788"

    def fresh() -> Any:
        return chromium.new_context(
            base_url=site.url, viewport={"width": 1280, "height": 900}, locale="en-GB"
        ).new_page()

    def focus(page: Any, selector: str) -> None:
        """Press Tab until the element has the focus, as a keyboard user does."""
        for _ in range(150):
            if page.evaluate("s => document.activeElement && document.activeElement.matches(s)", selector):
                return
            page.keyboard.press("Tab")
        pytest.fail(f"Tab never reaches {selector}")

    witness = fresh()
    witness.goto("/tell/lumi/")
    focus(witness, "textarea")
    witness.keyboard.type(text)
    focus(witness, "form button[type=submit].primary, form button.primary")
    witness.keyboard.press("Enter")
    witness.wait_for_load_state()

    reader = fresh()
    sign_in(reader, site, "aina")
    for _ in range(60):
        reader.goto("/crisis/lumi/?step=new")
        if mark in reader.content():
            break
        reader.wait_for_timeout(500)
    else:
        pytest.fail("the message never reached the team's list")
    link = reader.locator("a", has_text=re.compile(mark)).first
    reader.goto(link.get_attribute("href"))
    focus(reader, "[name=categories], [name=category]")
    reader.keyboard.press("Space")
    focus(reader, "[data-entraide-key]")
    reader.wait_for_timeout(100)

    neighbour = fresh()
    neighbour.goto(f"/list/lumi/?q={mark}")
    assert neighbour.locator("h1").count() == 1
