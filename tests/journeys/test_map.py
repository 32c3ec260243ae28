"""The moving map against its twin: the same counts at each zoom and filter, by mouse and by keyboard."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.journeys.conftest import Site, until

pytestmark = pytest.mark.browser

ANTALAHA = "-14.90/50.28"


def open_map(page: Any, query: str = "", view: str = "") -> None:
    """Open the map and wait until it has drawn all it has."""
    page.goto("about:blank")  # a change of the fragment alone would not load the page
    page.goto(f"/map/lumi/{query}{'#' + view if view else ''}")
    page.wait_for_selector("#crisis-map[data-ready]")
    page.wait_for_timeout(300)


def numbers(text: str) -> list[int]:
    """The whole numbers in a text."""
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", text)]


def counts(page: Any) -> tuple[int, int]:
    """Reports in all, and those without a place, from the line that map and list share."""
    text = page.inner_text("#crisis-counts")
    without = re.search(r"([\d,]+) without a place", text)
    return numbers(text)[0], numbers(without[1])[0] if without else 0


def marks(page: Any) -> list[int]:
    """How many reports each mark on the map stands for, from what a screen reader hears."""
    said = page.eval_on_selector_all(
        "#crisis-map .crisis-mark", "all => all.map(mark => mark.getAttribute('aria-label'))"
    )
    return [numbers(found[0])[0] for name in said if (found := re.search(r"[\d,]+(?= reports?\b)", name))]


@pytest.mark.parametrize(
    "query",
    ["", "?step=open", "?step=answered", "?standing=verified", "?category=water", "?category=food&category=medical",
     "?language=fr", "?q=eau", "?urgent=1&step=open"],
)  # fmt: skip
def test_the_marks_add_up_to_the_list(page: Any, query: str) -> None:
    open_map(page, query)
    on_map, without_place = counts(page)
    assert sum(marks(page)) == on_map - without_place
    page.goto(f"/list/lumi/{query}")
    assert counts(page) == (on_map, without_place)


def test_filters_do_keep_less(page: Any) -> None:
    """Else the test above would compare one number with itself."""
    seen = []
    for query in ("", "?step=answered", "?category=water", "?q=eau"):
        page.goto(f"/list/lumi/{query}")
        seen.append(counts(page)[0])
    assert seen[0] > max(seen[1:]) > 0
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    ("zoom", "query"), [(4, ""), (6, ""), (8, ""), (11, ""), (6, "?step=open"), (8, "?category=water")]
)
def test_each_mark_has_as_many_reports_as_its_list(page: Any, zoom: int, query: str) -> None:
    """At several zooms: what a mark says is what the list says for the squares it stands for."""
    open_map(page, query, f"{zoom}/{ANTALAHA}")
    inside = page.evaluate(
        """() => {
            const frame = document.querySelector("#crisis-map").getBoundingClientRect();
            return [...document.querySelectorAll("#crisis-map .crisis-mark")].map((mark, number) => {
                const box = mark.getBoundingClientRect();
                mark.dataset.number = number;
                const seen = box.left > frame.left && box.right < frame.right && box.top > frame.top && box.bottom < frame.bottom;
                return seen ? number : -1;
            }).filter((number) => number >= 0);
        }"""
    )
    assert inside
    for number in inside[:6]:
        mark = page.locator(f"#crisis-map .crisis-mark[data-number='{number}']")
        said = numbers(re.search(r"[\d,]+(?= reports?\b)", mark.get_attribute("aria-label"))[0])[0]  # type: ignore[index]
        with page.expect_response(lambda response: "/reports" in urlsplit(response.url).path) as answer:
            mark.focus()
            page.keyboard.press("Enter")
        page.wait_for_selector("#crisis-card .crisis-card")
        tiles = urlsplit(answer.value.url).query
        page.keyboard.press("Escape")
        listed = page.context.request.get(f"/list/lumi/?{tiles}").text()
        block = re.search(r'id="crisis-counts".*?<strong>\s*([\d,]+)', listed, re.DOTALL)
        assert block is not None
        assert numbers(block[1])[0] == said == answer.value.json()["total"], tiles


def test_the_keyboard_goes_from_mark_to_mark_and_back(page: Any) -> None:
    open_map(page)
    assert page.locator("#crisis-map .crisis-mark[tabindex='0']").count() == 1
    page.locator("#crisis-map .crisis-mark[tabindex='0']").focus()
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement.getAttribute('aria-label')") != first:
            break
    else:
        pytest.fail("no arrow leads to another mark")
    second = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.matches('.crisis-card')")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == second


def test_without_webgl_the_drawn_map_stays(chromium: Any, site: Site) -> None:
    context = chromium.new_context(base_url=site.url, locale="en-GB")
    page = context.new_page()
    page.add_init_script(
        """HTMLCanvasElement.prototype.getContext = ((real) => function (kind, ...more) {
            return kind.startsWith("webgl") ? null : real.call(this, kind, ...more);
        })(HTMLCanvasElement.prototype.getContext)"""
    )
    page.goto("/map/lumi/")
    page.wait_for_selector("text=This browser cannot show the moving map")
    assert page.locator("#crisis-map svg.places-map").is_visible()
    context.close()


def test_from_right_to_left_the_card_leaves_the_map_its_buttons(page: Any) -> None:
    def turned(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('dir="ltr"', 'dir="rtl"', 1))

    page.route("**/map/lumi/", turned)
    open_map(page)
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    assert sum(marks(page)) > 50
    page.locator("#crisis-map .crisis-mark[tabindex='0']").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#crisis-card .crisis-card")
    card = page.locator("#crisis-card .crisis-card").bounding_box()
    button = page.locator("#crisis-map .maplibregl-ctrl-zoom-in").bounding_box()
    assert card["x"] + card["width"] <= button["x"]
