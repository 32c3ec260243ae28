"""The witness's form: light, without scripts, on a small telephone."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.journeys.conftest import Site, axe_violations, sticking_out

pytestmark = pytest.mark.browser

MOST_BYTES = 30_000


def test_the_form_needs_no_javascript_to_the_page_that_follows_it(chromium: Any, site: Site) -> None:
    context = chromium.new_context(
        base_url=site.url, java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="en-GB"
    )
    weights: dict[str, int] = {}
    scale = context.new_page()
    scale.on("response", lambda response: weights.update({response.url: len(response.body())}))
    scale.goto("/tell/lumi/")
    scale.wait_for_load_state("networkidle")
    scale.close()
    # Before compression: not every network and telephone knows it.
    assert len(weights) >= 2
    assert sum(weights.values()) <= MOST_BYTES, weights
    page = context.new_page()
    page.goto("/tell/lumi/")
    page.get_by_label("What is happening?").fill(f"The footbridge by the mill is down {uuid.uuid4().hex[:8]}")
    page.get_by_label("Where?").fill("Antalaha")
    page.get_by_role("button", name="Send").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Thank you. It has arrived."
    address = page.get_by_label("Your secret address").input_value()
    page.goto(address)
    assert page.get_by_role("heading", level=1).inner_text() == "What became of it"
    context.close()


def test_with_scripts_the_form_still_fits_in_thirty_kilobytes(page: Any) -> None:
    requests: list[Any] = []
    page.on("requestfinished", lambda request: requests.append(request))
    page.goto("/tell/lumi/")
    page.wait_for_load_state("networkidle")
    sent = {request.url: request.sizes()["responseBodySize"] for request in requests}
    assert any(url.endswith(".js") for url in sent)
    assert sum(sent.values()) <= MOST_BYTES, sent


def test_a_reload_does_not_lose_what_was_begun(page: Any) -> None:
    page.goto("/tell/lumi/")
    page.get_by_label("What is happening?").press_sequentially("The road to the lighthouse")
    page.wait_for_timeout(1200)
    page.reload()
    assert page.get_by_label("What is happening?").input_value() == "The road to the lighthouse"


def test_the_page_that_follows_passes_axe_on_a_telephone(page: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/tell/lumi/")
    page.get_by_label("What is happening?").fill(f"The bakery is open again {uuid.uuid4().hex[:8]}")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/follow/**")
    assert axe_violations(page) == []
    assert sticking_out(page) == []
