"""The gallery, the scripts and the map library in a real Chromium, under our own content policy."""

from __future__ import annotations

import shutil

import pytest

from entraide.foundations.design import specimens, vendored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = vendored.path("axe-core", "axe.min.js")


@pytest.fixture(scope="module")
def chromium():
    """One browser for all tests here; each gets a page of its own."""
    playwright = pytest.importorskip("playwright.sync_api")
    executable = shutil.which("chromium") or pytest.skip("Chromium is not installed")
    with pytest.MonkeyPatch.context() as environment, playwright.sync_playwright() as machine:
        # Playwright's loop runs in this thread, which makes Django fear for its database.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = machine.chromium.launch(
            executable_path=executable,
            args=[
                "--no-sandbox",
                "--enable-unsafe-swiftshader",
                "--disable-quic",
                "--disable-background-networking",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, live_server):
    """A fresh page; what the console complains of fails the test, except an answer the test refused."""
    complaints: list[str] = []
    context = chromium.new_context(base_url=live_server.url)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert [complaint for complaint in complaints if "409" not in complaint] == []


@pytest.mark.parametrize(
    ("pane", "scheme"), [("", "light"), ("", "dark"), *[(pane.name, "light") for pane in specimens.PANES]]
)
def test_there_is_no_barrier_in_the_gallery(page, pane, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"/design/?pane={pane}")
    page.evaluate(AXE.read_text())
    barriers = page.evaluate("axe.run()")["violations"]
    assert [(barrier["id"], [node["html"][:120] for node in barrier["nodes"]]) for barrier in barriers] == []


@pytest.mark.parametrize("pane", ["light", "rtl"])
def test_a_telephone_never_scrolls_sideways(page, pane):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/design/?pane={pane}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_fingers_hit_what_they_aim_at(page):
    page.goto("/design/?pane=light")
    small = page.evaluate(
        """[...document.querySelectorAll("a.button, button.button, .field input:not([type=checkbox]), .tabs a, .pagination li a")]
        .filter((element) => element.getClientRects().length)
        .map((element) => [element.textContent.trim(), element.getBoundingClientRect().height])
        .filter(([, height]) => height < 43.5)"""
    )
    assert small == []


def test_the_skip_link_comes_first_and_leads_to_the_content(page):
    page.goto("/design/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_keys_press_buttons_but_not_while_one_types(page):
    page.goto("/design/?pane=light")
    page.evaluate(
        """async () => {
          window.pressed = 0;
          document.querySelector("main").innerHTML =
            '<button id="b" data-entraide-key="n">Not about this</button><input id="i">' +
            '<button id="t" data-entraide-keys-toggle>Keys</button>';
          document.getElementById("b").addEventListener("click", () => window.pressed++);
          await import("entraide/keys");
        }"""
    )
    assert page.inner_text("#b kbd") == "N"
    page.keyboard.press("n")
    assert page.evaluate("pressed") == 1
    page.focus("#i")
    page.keyboard.press("n")
    assert page.evaluate("pressed") == 1
    assert page.input_value("#i") == "n"
    page.keyboard.press("Tab")
    page.keyboard.press("Control+n")
    assert page.evaluate("pressed") == 1
    page.click("#t")
    page.keyboard.press("n")
    assert page.evaluate("pressed") == 1, "keys are switched off"


FORM = """async () => {
  document.querySelector("main").innerHTML = `<form data-entraide-draft="tell" action="/design/">
    <textarea name="text"></textarea><input name="box" type="checkbox" value="a">
    <input name="secret" type="password"><input name="token" type="hidden" value="t"></form>`;
  await import("entraide/drafts");
}"""


def test_what_is_typed_comes_back_but_no_password(page):
    page.goto("/design/?pane=light")
    page.evaluate(FORM)
    page.fill("[name=text]", "Misy rano")
    page.check("[name=box]")
    page.fill("[name=secret]", "sesame")
    page.wait_for_function("() => localStorage.getItem('entraide-draft:tell')?.includes('box')")
    kept = page.evaluate("localStorage.getItem('entraide-draft:tell')")
    assert "Misy rano" in kept
    assert "sesame" not in kept
    assert "token" not in kept
    page.reload()
    page.evaluate(FORM)
    assert page.input_value("[name=text]") == "Misy rano"
    assert page.is_checked("[name=box]")
    page.click("[data-entraide-draft-notice] button")
    assert page.input_value("[name=text]") == ""
    assert page.evaluate("localStorage.getItem('entraide-draft:tell')") is None


def test_a_form_waits_for_its_connection(page):
    page.goto("/design/?pane=light")
    page.evaluate(FORM)
    page.fill("[name=text]", "Misy rano")
    page.context.set_offline(True)
    page.evaluate("document.querySelector('main form').requestSubmit()")
    assert page.is_visible("[data-entraide-draft-notice]")
    with page.expect_navigation(url="**/design/?text=Misy+rano**"):
        page.context.set_offline(False)


def test_live_news_reach_their_listener_and_stop(page):
    page.goto("/design/?pane=light")
    heard = page.evaluate(
        """async () => {
          const opened = [];
          window.EventSource = class {
            static CLOSED = 2;
            constructor(url) { opened.push(this); this.url = url; this.readyState = 1; }
            close() { this.closed = true; }
          };
          const { listen } = await import("entraide/live");
          const heard = [];
          const stop = listen("map:1", (data) => heard.push(data));
          const other = listen("map:1", () => {});
          opened[0].onmessage({ data: '{"ref": "ab"}' });
          opened[0].onmessage({ data: "plain" });
          stop();
          opened[0].onmessage({ data: "unheard" });
          other();
          return { heard, urls: opened.map((source) => source.url), closed: opened[0].closed };
        }"""
    )
    assert heard == {"heard": [{"ref": "ab"}, "plain"], "urls": ["/live/map:1"], "closed": True}


def test_dialogues_menus_and_toasts(page):
    page.goto("/design/?pane=light")
    page.click('[data-entraide-dialog="light-dialog"]')
    assert page.is_visible("#light-dialog")
    page.click("#light-dialog [data-entraide-dialog-close]")
    assert not page.is_visible("#light-dialog")
    page.evaluate("import('entraide/toast').then(({toast}) => toast('Gone', 'error'))")
    page.click("#toasts [data-entraide-toast-close]")
    assert page.locator("#toasts .toast").count() == 0


def test_the_map_library_runs_under_the_policy(page):
    page.goto("/design/?pane=light")
    drawn = page.evaluate(
        """async () => {
          const { Map } = await import("maplibre-gl");
          const place = document.createElement("div");
          place.className = "map-box";
          document.querySelector("main").prepend(place);
          const land = { type: "Feature", properties: {}, geometry: { type: "Polygon",
            coordinates: [[[40, -30], [60, -30], [60, -10], [40, -10], [40, -30]]] } };
          const map = new Map({ container: place, center: [50, -20], zoom: 3, style: { version: 8,
            sources: { land: { type: "geojson", data: land } },
            layers: [{ id: "land", type: "fill", source: "land", paint: { "fill-color":
              getComputedStyle(document.documentElement).getPropertyValue("--coral") } }] } });
          await new Promise((resolve) => map.once("idle", resolve));
          return map.queryRenderedFeatures({ layers: ["land"] }).length;
        }"""
    )
    assert drawn >= 1


def test_fragments_of_htmx_speak_of_their_errors_and_keep_the_focus(page):
    page.goto("/design/?pane=light")
    page.route(
        "**/fragment",
        lambda route: route.fulfill(body='<button id="again">Again</button>', content_type="text/html"),
    )
    page.route(
        "**/refused",
        lambda route: route.fulfill(
            status=409, body="<div class='notice'><p>Somebody was faster.</p></div>", content_type="text/html"
        ),
    )
    tokens: list[str] = []
    page.on(
        "request",
        lambda request: (
            tokens.append(request.headers.get("x-csrftoken", "")) if "/refused" in request.url else None
        ),
    )
    page.evaluate(
        """() => {
          const main = document.querySelector("main");
          main.innerHTML = '<div id="t"><button id="again" hx-get="/fragment" hx-target="#t">Go</button></div>' +
            '<button id="no" hx-post="/refused">No</button>';
          htmx.process(main);
        }"""
    )
    page.click("#again")
    page.wait_for_function("() => document.activeElement.textContent === 'Again'")
    with page.expect_response("**/refused"):
        page.click("#no")
    page.wait_for_selector("#toasts .toast[data-tone=error]")
    assert "Somebody was faster." in page.inner_text("#toasts")
    assert tokens == [page.evaluate("document.body.dataset.entraideCsrf")]
    assert tokens[0], "the token against forgery went along"
