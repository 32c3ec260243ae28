"""No location oracle: whatever an anonymous caller asks, and however often, he learns the published
geometry and nothing finer.

Two steps prove it. What is published is a function of the declared cell (first test, through the real
``publish``). Every public answer is a function of what is published: two worlds that differ only in what
is private answer every request with the same bytes. Timing is left out: an answer's work depends on
publications alone, which the architecture test in ``test_queries.py`` holds.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import mapbox_vector_tile
import pytest
from django.forms.models import model_to_dict
from django.test import Client
from django.utils import timezone

from entraide.capabilities.crisis.actions import publishing
from entraide.capabilities.crisis.models import Category, Publication, Report, Standing
from entraide.capabilities.crisis.tests.public.sample import NOON, category, publication, setup
from entraide.foundations.places import rules as places

pytestmark = pytest.mark.django_db

HIDING = ["displaced", "area-small", "area-large", "hidden"]
EXPORTS = [
    "reports.geojson",
    "reports.csv",
    "reports.kml",
    "live.kml",
    "reports.atom",
    "reports.rss",
    "data/",
]
CANARY = "canary"
# What differs from one request to the next by design, and tells nothing: nonces and tokens.
_CHANCE = re.compile(
    rb'nonce="[^"]*"|csrfmiddlewaretoken" value="[^"]*"|data-entraide-csrf="[^"]*"|X-CSRFToken[^}]*'
)


@pytest.fixture
def clock(monkeypatch):
    """Time stands still, so that "5 minutes ago" is the same in both worlds."""
    now = NOON + timedelta(days=30)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


# --- what is published is a function of the cell ---


@pytest.mark.parametrize("precision", [*HIDING, "exact"])
def test_two_places_in_one_cell_are_published_alike(lumi, alice, clock, precision):
    """With the real ``publish``: label, hour and geometry are the same wherever in the cell the house lies."""
    need = category(lumi, "need", precision=precision)
    zoom = {"displaced": 18, "area-small": 14, "area-large": 11, "hidden": 8, "exact": 14}[precision]
    corner = places.tile_of(places.to_grid(-18.9, 47.5), zoom)
    side = 1 << places.BITS - zoom
    chance = random.Random(precision)
    seen = set()
    for i in range(6):
        # an exact category does not make an exact point of a place known to 300 m
        radius_m = 300 if precision == "exact" else 20
        report = Report.objects.create(
            cause=lumi,
            ref=f"{CANARY}{i}",
            step="located",
            title="Water",
            exact_x=(corner[0] << places.BITS - zoom) + chance.randrange(side),
            exact_y=(corner[1] << places.BITS - zoom) + chance.randrange(side),
            exact_radius_m=radius_m,
            place_name=f"house {i}",
            happened_at=NOON if precision == "exact" else NOON + timedelta(minutes=7 * i),
        )
        report.categories.add(need)
        made = publishing.publish(report, by=alice)
        values = model_to_dict(made, exclude=["id", "report", "ref", "categories"])
        seen.add(repr(sorted(values.items(), key=str)))
    assert len(seen) == 1


# --- every answer is a function of what is published ---


def requests(cause: Any, n: int, seed: int = 1) -> Iterator[tuple[str, str, dict[str, str]]]:
    """``n`` requests of a patient attacker: method, address, headers."""
    chance = random.Random(seed)
    refs = [f"world{i:05d}" for i in range(15)]
    categories = ["need", "child-alone"]
    pages = [f"/map/{cause.slug}/", f"/list/{cause.slug}/", f"/api/crisis/{cause.slug}/reports"]
    pages += [f"/crisis/{cause.slug}/{name}" for name in EXPORTS]
    yield from (("GET", page, {}) for page in ["/map/", *pages])
    yield from (("GET", f"/reports/{ref}/", {}) for ref in [*refs, "zzzzzzzzzz"])
    for zoom in range(17):
        x, y = places.tile_of(places.to_grid(-18.9, 47.5), zoom)
        yield "GET", f"/tiles/{cause.slug}/{zoom}/{x}/{y}.mvt", {}
    for i in range(n):
        west, south = (
            47.5 + chance.uniform(-1, 1) / 2 ** (i % 12),
            -18.9 + chance.uniform(-1, 1) / 2 ** (i % 12),
        )
        queries = [
            f"bbox={west},{south},{west + 2.0 ** (1 - i % 20)},{south + 2.0 ** (1 - i % 20)}",
            f"q={chance.choice(['water', 'house', 'street', 'exact', 'canary', '12', 'w', '*', 'a', '!'])}",
            f"standing={chance.choice([*Standing.values, 'sure'])}",
            f"category={chance.choice([*categories, 'none'])}",
            f"since={NOON.date() + timedelta(days=chance.randrange(-2, 3))}",
            f"until={NOON.date() + timedelta(days=chance.randrange(-2, 3))}",
            f"step={chance.choice(['open', 'answered', 'new'])}",
            f"order={chance.choice(['exact_x', 'report__exact_y', '-place_name', 'distance'])}",
            f"near={south},{west}",
            f"report__exact_x__lt={chance.randrange(2**32)}",
            f"after={chance.randrange(2**51)}.{chance.choice([*refs, 'a'])}",
            f"size={chance.choice(['1', '2', '0', 'x'])}",
            "urgent=1", "language=en", "channel=sms", "",
        ]  # fmt: skip
        query = "&".join(chance.sample(queries, chance.choice([1, 1, 2, 3])))
        headers: dict[str, str] = {}
        if chance.random() < 0.15:
            headers["Accept"] = "application/json"
        if chance.random() < 0.1:
            headers["If-None-Match"] = "*"
        if chance.random() < 0.1:
            headers["If-Modified-Since"] = "Sun, 01 Mar 2026 12:00:00 GMT"
        method = chance.choices(["GET", "HEAD", "OPTIONS", "POST"], [90, 7, 2, 1])[0]
        if i % 3 == 0:
            zoom = chance.randrange(17)
            x, y = places.tile_of(places.to_grid(max(-80.0, min(80.0, south)), west), zoom)
            yield method, f"/tiles/{cause.slug}/{zoom}/{x}/{y}.mvt?{query}", headers
        else:
            yield method, f"{chance.choice(pages)}?{query}", headers


def answers(client: Any, cause: Any, n: int) -> tuple[list[str], set[bytes]]:
    """A digest of each answer with its status and headers, and the bodies seen."""
    digests, bodies = [], set()
    for method, address, headers in requests(cause, n):
        response = client.generic(method, address, headers=headers)
        body = _CHANCE.sub(b"", response.getvalue())
        told = sorted((k, v) for k, v in response.headers.items() if k != "Content-Security-Policy")
        bodies.add(body)
        told_bytes = _CHANCE.sub(b"", repr((response.status_code, told)).encode())
        digests.append(f"{method} {address} {hashlib.sha256(told_bytes + body).hexdigest()}")
    return digests, bodies


@pytest.fixture
def world(lumi, clock):
    """Published reports of every precision."""
    need = category(lumi, "need")
    for i, precision in enumerate(["exact", *HIDING] * 3):
        publication(
            lumi,
            f"water {i}",
            ref=f"world{i:05d}",
            at=(-18.9 + i / 50, 47.5 + i / 70),
            precision=precision,
            categories=[need],
            standing=Standing.values[i % 5],
            place_label="near Antananarivo" if precision.startswith("area") else "",
        )
    return lumi


def differential(client: Any, cause: Any, n: int) -> None:
    """Ask, change everything private, ask the same again."""
    before, _bodies = answers(client, cause, n)
    for i, report in enumerate(Report.objects.order_by("pk")):
        report.exact_x = (report.exact_x or 1) ^ 0x3FF
        report.exact_y = (report.exact_y or 1) ^ 0x1FF
        report.exact_radius_m = 5 + i
        report.place_name, report.title, report.text = f"moved {i}", f"moved {i}", f"moved {i}"
        report.happened_at += timedelta(minutes=13)
        report.urgent = not report.urgent
        report.save()
    after, _bodies = answers(client, cause, n)
    assert after == before


def test_answers_do_not_depend_on_anything_private(client, world):
    differential(client, world, 500)


@pytest.mark.slow
def test_ten_thousand_answers_do_not_depend_on_anything_private(world):
    # Django's own client: ours keeps every query of a test.
    differential(Client(), world, 5_000)  # in each of two worlds


# --- the classical attack: halve a box until the house is found ---


def bisect(client: Any, ref: str) -> tuple[int, int]:
    """Where the attacker ends: he halves a tile as long as one half answers that the report is in it."""
    zoom, x, y = 0, 0, 0
    while zoom < 24:
        for child in ((2 * x + i, 2 * y + j) for i in (0, 1) for j in (0, 1)):
            answer = client.get(f"/api/crisis/lumi/reports?tile={zoom + 1}/{child[0]}/{child[1]}").json()
            if ref in {report["id"] for report in answer["reports"]}:
                zoom, (x, y) = zoom + 1, child
                break
        else:
            break
    return (x << places.BITS - zoom, y << places.BITS - zoom)


@pytest.mark.parametrize("precision", ["displaced", "area-small", "area-large"])
def test_halving_boxes_ends_at_the_published_place_wherever_the_house_is(client, lumi, precision):
    zoom = {"displaced": 18, "area-small": 14, "area-large": 11}[precision]
    corner = places.tile_of(places.to_grid(-18.9, 47.5), zoom)
    side = 1 << places.BITS - zoom
    chance = random.Random(5)
    ends = set()
    for i in range(3):
        house = places.Point(
            (corner[0] << places.BITS - zoom) + chance.randrange(side),
            (corner[1] << places.BITS - zoom) + chance.randrange(side),
        )
        lat, lon = places.from_grid(house)
        made = publication(lumi, f"r{i}", at=(lat, lon), precision=precision, ref=f"house{i:05d}")
        end = bisect(client, made.ref)
        assert abs(end[0] - made.x) < 1 << places.BITS - 23
        assert abs(end[1] - made.y) < 1 << places.BITS - 23
        ends.add(end)
    assert len(ends) == 1


def test_a_hidden_place_is_in_no_box_and_no_tile(client, lumi):
    made = publication(lumi, precision="hidden")
    assert bisect(client, made.ref) == (0, 0)
    assert client.get("/tiles/lumi/0/0/0.mvt").content == b""
    answer = client.get("/api/crisis/lumi/reports?bbox=-180,-90,180,90").json()
    assert answer["total"] == 0
    assert client.get("/api/crisis/lumi/reports").json()["without_place"] == 1


def test_five_hundred_views_of_one_report_show_one_displaced_point(client, lumi):
    for i in range(20):
        publication(lumi, f"r{i}", at=(-18.9, 47.5), precision="displaced")
    x, y = places.tile_of(places.to_grid(-18.9, 47.5), 10)
    seen = set()
    for i in range(500):
        features = client.get("/api/crisis/lumi/reports").json()["reports"] if i % 100 == 0 else []
        seen |= {tuple(feature["geometry"]["coordinates"]) for feature in features}
        tile = mapbox_vector_tile.decode(client.get(f"/tiles/lumi/10/{x}/{y}.mvt?{i}").content)
        seen |= {
            ("tile", *f["geometry"]["coordinates"])
            for f in tile.get("clusters", {"features": []})["features"]
        }
    assert len({place for place in seen if place[0] != "tile"}) == 1
    assert len({place for place in seen if place[0] == "tile"}) <= 1


# --- what is not published is in no answer ---


def plant(cause: Any, closed: Category) -> list[Any]:
    """Reports nobody may learn of, each with words that would betray it."""
    planted: list[Any] = [
        Report.objects.create(
            cause=cause, title=f"{CANARY} unpublished", text=CANARY, place_name=CANARY, happened_at=NOON
        )
    ]
    for name, values in {
        "aside": {"step": "set-aside"},
        "merged": {"step": "merged"},
        "young": {"published_at": timezone.now() - timedelta(hours=1), "updated_at": timezone.now()},
        "closed": {"categories": [closed]},
    }.items():
        planted.append(
            publication(
                cause,
                f"{CANARY} {name}",
                text=CANARY,
                place_label=CANARY,
                language="xx",
                at=(-18.9, 47.5),
                **values,
            )
        )
    return planted


@pytest.mark.slow
def test_what_is_not_published_is_in_no_answer_and_changes_none(client, world):
    closed = category(world, "child-alone")
    setup(world, delay_hours=24)
    planted = plant(world, closed)
    closed.sensitivity = "closed"
    closed.save()
    with_them, bodies = answers(client, world, 300)
    never = client.get("/reports/zzzzzzzzzz/")
    for made in planted:
        hidden = client.get(f"/reports/{made.ref}/")
        assert hidden.status_code == never.status_code == 404
        told = _CHANCE.sub(b"", hidden.content).replace(made.ref.encode(), b"zzzzzzzzzz")
        assert told == _CHANCE.sub(b"", never.content)
    asked = re.compile(
        r"q=canary|value=\"canary\"|“canary”".encode()
    )  # the attacker's own words, shown to him
    for body in bodies:
        told = asked.sub(b"", body)
        assert CANARY.encode() not in told
        assert not any(made.ref.encode() in told for made in planted)
    refs = [made.ref for made in planted]
    Publication.objects.filter(ref__in=refs).delete()
    Report.objects.filter(ref__in=refs).delete()
    without_them, _bodies = answers(client, world, 300)
    assert without_them == with_them
