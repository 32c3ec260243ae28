"""Strings that break programs, from the witness's form to every export: shown as they are, never run."""

from __future__ import annotations

import csv
import io
import json
import random
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from django.test import Client

from entraide.capabilities.crisis.actions import publishing
from entraide.capabilities.crisis.models import Publication, Report
from entraide.capabilities.crisis.tests.sample import again, placed
from entraide.foundations.channels import actions as channels
from entraide.foundations.channels.models import Message, Stuck

pytestmark = pytest.mark.django_db

OURS = [
    "\x00", "a\x00b", "\ud800", "\u202eevil\u2066", "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "\t=1", "\r\n=1", "]]>",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "{% debug %}", "%(x)s", "%s%n", "${7*7}",
    "' OR 1=1--", "\\", '"', "a,b;c", "\u2028\u2029\x85", "\ufffe\uffff", "𝕬" * 50, "e\u0301" * 40, "&amp;&#0;&lt;", "﷽" * 20,
    "javascript:alert(1)", "a" * 7_000, "\x1b[31m", "../../etc/passwd", "file:///etc/passwd", "\r\nSet-Cookie: a=b",
]  # fmt: skip


def strings(shared_data: Path) -> list[str]:
    """Ours and the big list of naughty strings."""
    listed = json.loads((shared_data / "naughty_strings" / "blns_shared.json").read_text())
    return [*OURS, *listed]


def tell(client: Client, cause: Any, text: str, number: int) -> int:
    """Fill every field of the form with a text."""
    form = {
        "text": f"{number} {text}", "place": text[:290], "contact": text[:190], "category": text[:50], "language": text[:20],
        "lat": text[:20], "lon": text[:20], "accuracy_m": text[:20], "key": f"{number}", "website": "",
    }  # fmt: skip
    # As a browser sends it, halves of characters included.
    encoded = urlencode(form, encoding="utf-8", errors="surrogatepass")
    return client.post(
        f"/tell/{cause.slug}/", encoded, content_type="application/x-www-form-urlencoded"
    ).status_code


@pytest.mark.slow
def test_the_big_list_from_the_form_to_every_export(lumi, alice, shared_data, monkeypatch):
    from_the_form_to_every_export(lumi, alice, strings(shared_data), monkeypatch)


def test_ours_from_the_form_to_every_export(lumi, alice, monkeypatch):
    from_the_form_to_every_export(lumi, alice, OURS, monkeypatch)


def from_the_form_to_every_export(lumi: Any, alice: Any, texts: list[str], monkeypatch: Any) -> None:
    """Every text in every field of the form, read, published, exported, shown.

    A text with NUL is refused with a form to correct (a browser cannot send one).
    """
    # The form counts callers, and reads a crowd's messages later: not our question here.
    monkeypatch.setattr("entraide.capabilities.crisis.views.tell.crowded", lambda request: False)
    client, told = Client(), 0
    for number, text in enumerate(texts):
        status = tell(client, lumi, text, number)
        assert status in {302, 400}, (number, text[:60], status)
        told += status == 302
    while channels.take_in():
        pass
    assert told == sum("\x00" not in text for text in texts)
    assert (Message.objects.count(), Stuck.objects.count()) == (told, 0)
    for report in Report.objects.order_by("pk"):
        publishing.publish(again(placed(report, alice)), by=alice)
    channels.deliver()
    assert Publication.objects.count() == told
    _exports_hold(client, lumi, told)
    _pages_hold(client, lumi, alice)


def _exports_hold(client: Client, cause: Any, told: int) -> None:
    def get(name: str) -> bytes:
        response = client.get(f"/crisis/{cause.slug}/reports.{name}")
        assert response.status_code == 200
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "Content-Security-Policy" in response
        return response.getvalue()

    assert len(json.loads(get("geojson"))["features"]) == told
    for name in ("kml", "atom", "rss"):
        ElementTree.fromstring(get(name))
    rows = list(csv.reader(io.StringIO(get("csv").decode("utf-8-sig"), newline="")))
    assert len(rows) == told + 2
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = [cell for row in rows[2:] for cell in row if not _is_number(cell)]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert client.get(f"/api/crisis/{cause.slug}/reports?size=200").json()["total"] == told


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


class Running(HTMLParser):
    """What a browser would run of a page though we did not write it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def of(cls, page: str) -> list[str]:
        """Handlers, scripts without an address of ours, images and links that run."""
        reader = cls()
        reader.feed(page)
        return reader.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag."""
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and given.get("type") not in {"importmap", "application/json"}:
            self.found += [] if given.get("src", "").startswith("/") else [f"script {given}"]
        self.found += [f"{tag} {name}" for name in given if name.startswith("on")]
        self.found += [
            f"{tag} {value}"
            for value in given.values()
            if value.lower().startswith("javascript:") and tag not in {"input", "textarea", "option"}
        ]
        if tag in {"iframe", "object", "embed", "base"}:
            self.found.append(tag)


def _pages_hold(client: Client, cause: Any, steward: Any) -> None:
    pages = [f"/map/{cause.slug}/", f"/list/{cause.slug}/", f"/list/{cause.slug}/?q=%00"]
    refs = Publication.objects.order_by("pk").values_list("ref", flat=True)
    pages += [f"/reports/{ref}/" for ref in refs]
    client.force_login(steward)
    pages += [f"/crisis/{cause.slug}/reports/{ref}/" for ref in refs[:60]]
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        assert not Running.of(response.content.decode()), page


# --- strange values in addresses ---

PARAMETERS = [
    "q", "category", "standing", "step", "since", "until", "language", "channel", "urgent", "bbox", "tile", "after",
    "size", "page", "cause", "kind", "before", "text", "country", "state", "queue", "place_text", "next", "new", "shown",
]  # fmt: skip
PAGES = [
    "/", "/map/", "/map/lumi/", "/list/lumi/", "/api/", "/api/crisis/lumi/reports", "/crisis/lumi/data/",
    "/crisis/lumi/reports.csv", "/crisis/lumi/live.kml", "/crisis/lumi/reports.atom", "/journal/", "/causes/",
    "/causes/lumi/", "/places/", "/tell/", "/tell/lumi/", "/desk/", "/crisis/lumi/", "/crisis/lumi/places/",
    "/causes/lumi/set-up/area/", "/channels/lumi/deliveries/", "/tiles/lumi/3/1/2.mvt", "/desk/lines/", "/account/login/",
]  # fmt: skip
VALUES = [
    "%00", "a%00b", "%ED%A0%80", "%FF%FE", "9" * 5_000, "-1", "1e999", "NaN", "..%2F..", "%0d%0aX: y", "%27%22%3C",
    "%E2%80%AE", "١٢", "[]", "a" * 9_000, "0", "%F0%9F%8E%89", "99999999999999999999", "null", "//evil.example",
]  # fmt: skip


def ask(client: Client, page: str, pairs: list[tuple[str, str]]) -> None:
    """Ask a page with each parameter set to each value."""
    for name, value in pairs:
        response = client.get(f"{page}?{name}={value}")
        assert response.status_code < 500, (page, name, value[:40], response.status_code)
        assert not response.get("Location", "").startswith(("//", "http", "/\\"))


@pytest.mark.parametrize("page", PAGES)
def test_strange_values_in_an_address_are_no_fault(lumi, alice, page):
    """A sample; all of them below."""
    client = Client()
    client.force_login(alice)
    pairs = [(name, value) for name in PARAMETERS for value in VALUES]
    ask(client, page, [("q", "%00"), ("page", "9" * 5_000), *random.Random(page).sample(pairs, 6)])


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_every_strange_value_in_an_address_is_no_fault(lumi, alice, page):
    client = Client()
    client.force_login(alice)
    ask(client, page, [(name, value) for name in PARAMETERS for value in VALUES])


@pytest.mark.parametrize(
    "path",
    [
        "/%00", "/map/%00/", "/reports/%00/", "/causes/%FF/", "/journal/" + "9" * 40 + "/", "/desk/items/" + "9" * 40 + "/",
        "/tell/lumi/follow/%00/", "/people/invitations/%00/", "/people/invitations/" + "a" * 5_000 + "/",
        "/\\evil.example", "/static/../../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "/design/x.%00.css",
        "/tiles/lumi/99999999999/0/0.mvt", "/people/00000000-0000-0000-0000-000000000000/", "/problems/%00",
        "/crisis/lumi/set-up/categories/" + "9" * 30 + "/", "/channels/lumi/doors/" + "9" * 30 + "/",
        "/crisis/lumi/bulk/" + "9" * 30 + "/", "/causes/lumi/set-up/goals/" + "9" * 30 + "/", "/people/grants/" + "9" * 30 + "/end/",
    ],
)  # fmt: skip
def test_strange_paths_are_no_fault(lumi, alice, path):
    client = Client()
    client.force_login(alice)
    for method in ("get", "post"):
        response = getattr(client, method)(path)
        assert response.status_code in {301, 302, 400, 403, 404, 405}, (method, path, response.status_code)
        assert not response.get("Location", "").startswith(("//", "http", "/\\"))
