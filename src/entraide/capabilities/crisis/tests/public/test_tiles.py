"""Tiles say what the list says: nothing lost, nothing counted twice, at any zoom and filter."""

from __future__ import annotations

import gzip
import random
from datetime import timedelta

import mapbox_vector_tile
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entraide.capabilities.crisis import tiles
from entraide.capabilities.crisis.exports import mvt
from entraide.capabilities.crisis.models import Publication, Standing
from entraide.capabilities.crisis.queries import public
from entraide.capabilities.crisis.queries.filters import Filters
from entraide.capabilities.crisis.tests.public.sample import NOON, category, publication
from entraide.foundations.places import rules as places
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


def read(body: bytes) -> dict:
    """The tile as an independent reader sees it, y growing downwards as in the specification."""
    return mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}) if body else {}


def crowd(cause, n: int, seed: int) -> None:
    """``n`` reports around a few towns, near edges of the map, and without a place."""
    chance = random.Random(seed)
    food, water = category(cause, "food"), category(cause, "water")
    towns = [(-18.9, 47.5), (18.5, -72.3), (0.0, 0.0), (85.0, 179.99), (-85.0, -180.0), (-17.7, 178.0)]
    for i in range(n):
        lat, lon = chance.choice(towns)
        at = None if i % 9 == 0 else (
            max(-89.0, min(89.0, lat + chance.gauss(0, 0.05))), lon + chance.choice([0.0, chance.gauss(0, 0.05)])
        )  # fmt: skip
        publication(
            cause,
            f"r{i}",
            at=at,
            precision=chance.choice(["exact", "displaced", "area-small", "area-large"]),
            exact_radius_m=chance.choice([10, 3000]),
            standing=chance.choice(Standing.values),
            step=chance.choice(["triaged", "done", "told"]),
            urgent=chance.random() < 0.2,
            categories=chance.sample([food, water], chance.randrange(3)),
            happened_at=NOON + timedelta(days=chance.randrange(5)),
        )


@pytest.fixture
def crowded(lumi):
    crowd(lumi, 120, seed=7)
    return lumi


random_filters = st.builds(
    Filters,
    category=st.sampled_from([(), ("food",), ("water",), ("food", "water")]),
    standing=st.sampled_from([(), ("verified",), ("refuted", "unverified")]),
    step=st.sampled_from(["", "open", "answered"]),
    since=st.sampled_from([None, NOON.date() + timedelta(days=2)]),
    urgent=st.booleans(),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(zoom=st.integers(0, 16), filters=random_filters)
def test_counts_over_all_tiles_are_the_lists_count(crowded, zoom, filters):
    room = public.room_of(crowded)
    rows = list(public.published(room, filters).values_list("x", "y", "ref"))
    placed = {places.tile_of(places.Point(x, y), zoom) for x, y, _ref in rows if x is not None}
    total, singles, seen_squares = 0, [], []
    for x, y in placed:
        layers = read(tiles.draw(room, filters, (zoom, x, y)))
        for name in ("clusters", "points"):
            for feature in layers.get(name, {"features": []})["features"]:
                properties = feature["properties"]
                count = properties.get("count", 1)
                total += count
                seen_squares.append(properties["tile"])
                if "ref" in properties:
                    singles.append(properties["ref"])
                if name == "clusters":
                    assert sum(properties.get(s, 0) for s in Standing.values) == count
                # the square opens as a list of exactly as many
                square = tuple(int(part) for part in properties["tile"].split("/"))
                assert public.count(room, Filters(**{**vars(filters), "tile": (square,)})) == count
    summary = public.summary(room, filters)
    assert total + summary.without_place == summary.total == len(rows) == public.count(room, filters)
    assert len(seen_squares) == len(set(seen_squares))
    assert len(singles) == len(set(singles))


def test_the_reader_reads_what_we_packed(lumi):
    publication(lumi, "Pont détruit", at=(0.0, 0.0), standing="verified", urgent=True)
    room = public.room_of(lumi)
    layers = read(tiles.draw(room, Filters(), (1, 1, 1)))
    assert set(layers) == {"points"}
    (point,) = layers["points"]["features"]
    assert point["geometry"] == {"type": "Point", "coordinates": [0, 0]}
    assert point["properties"]["title"] == "Pont détruit"
    assert point["properties"]["standing"] == "verified"
    assert point["properties"]["urgent"] is True
    assert point["properties"]["tile"] == "5/16/16"
    assert layers["points"]["extent"] == mvt.EXTENT
    assert layers["points"]["version"] == 2


def test_an_area_is_drawn_as_its_cell_and_never_as_a_point(lumi):
    made = publication(lumi, "somewhere", precision="area-small")
    room = public.room_of(lumi)
    for zoom in range(19):
        tile = (zoom, *places.tile_of(places.Point(made.x, made.y), zoom))
        layers = read(tiles.draw(room, Filters(), tile))
        assert "points" not in layers
        (cluster,) = layers["clusters"]["features"]
        assert cluster["properties"]["areas"] == cluster["properties"]["count"] == 1
        assert cluster["properties"]["ref"] == made.ref
        # where the cell is larger than a square of the grid its outline is drawn
        assert ("areas" in layers) == (made.cell_zoom < zoom + 4)
        if "areas" in layers:
            (area,) = layers["areas"]["features"]
            corners = area["geometry"]["coordinates"][0]
            assert area["geometry"]["type"] == "Polygon"
            xs, ys = [x for x, _y in corners], [y for _x, y in corners]
            side = mvt.EXTENT * 2 ** (zoom - made.cell_zoom)
            assert max(xs) - min(xs) == pytest.approx(
                min(side, mvt.EXTENT + 2 * tiles.MARGIN), abs=1 + tiles.MARGIN
            )
            assert max(ys) > min(ys)


def test_an_area_reaches_into_every_tile_it_covers(lumi):
    made = publication(lumi, "somewhere", precision="area-large")
    room = public.room_of(lumi)
    x, y = places.tile_of(places.Point(made.x, made.y), made.cell_zoom)
    corner = (made.cell_zoom + 3, x << 3, y << 3)
    layers = read(tiles.draw(room, Filters(), corner))
    assert set(layers) == {"areas"}  # counted elsewhere, drawn here
    beside = (made.cell_zoom, x + 1, y)
    assert tiles.draw(room, Filters(), beside) == b""


def test_a_hundred_reports_of_one_home_are_one_cluster_with_its_counts(lumi):
    for i in range(7):
        publication(lumi, precision="displaced", standing="verified" if i else "refuted", step="done")
    room = public.room_of(lumi)
    made = Publication.objects.first()
    tile = (16, *places.tile_of(places.Point(made.x, made.y), 16))
    (cluster,) = read(tiles.draw(room, Filters(), tile))["clusters"]["features"]
    assert cluster["properties"] | {"tile": ""} == {
        "tile": "", "count": 7, "areas": 0, "open": 0, "urgent": 0, "verified": 6, "refuted": 1,
    }  # fmt: skip


def test_long_titles_are_shortened(lumi):
    publication(lumi, "x" * 200)
    (point,) = read(tiles.draw(public.room_of(lumi), Filters(), (0, 0, 0)))["points"]["features"]
    assert len(point["properties"]["title"]) == tiles.TITLE_MAX


@pytest.mark.parametrize("tile", [(21, 0, 0), (1, 2, 0), (1, 0, 2), (0, 0, 1)])
def test_a_tile_that_does_not_exist_is_refused(lumi, tile):
    with pytest.raises(Refusal) as refused:
        tiles.answer("lumi", *tile, "")
    assert refused.value.status == 404


def test_a_tile_over_http_is_conditional_and_short_lived(lumi, client):
    publication(lumi)
    first = client.get("/tiles/lumi/0/0/0.mvt")
    assert first.headers["Content-Type"] == tiles.MEDIA_TYPE
    assert first.headers["Cache-Control"] == tiles.CACHE_CONTROL
    again = client.get("/tiles/lumi/0/0/0.mvt", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    publication(lumi, at=(10.0, 10.0))
    changed = client.get("/tiles/lumi/0/0/0.mvt", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_full_tile_is_at_most_50_kb_packed(lumi):
    chance = random.Random(3)
    for i in range(256):
        publication(
            lumi, f"Nou bezwen dlo nan {chance.random()} " * 4, at=(80 - (i // 16) * 10, -175 + i % 16 * 22.5)
        )
    assert len(gzip.compress(tiles.draw(public.room_of(lumi), Filters(), (0, 0, 0)))) < 50_000


@given(
    st.lists(
        st.tuples(
            st.integers(-256, 4352),
            st.integers(-256, 4352),
            st.dictionaries(
                st.text(min_size=1, max_size=8),
                st.text(max_size=20) | st.integers(0, 2**60) | st.booleans(),
                max_size=4,
            ),
        ),
        max_size=20,
    )
)
def test_any_points_and_properties_survive_packing(points):
    body = mvt.tile({"points": [mvt.Feature.point(*point) for point in points]})
    features = read(body).get("points", {"features": []})["features"]
    assert [(*f["geometry"]["coordinates"], f["properties"]) for f in features] == points


def test_counts_are_never_negative():
    with pytest.raises(ValueError, match="unsigned"):
        mvt.tile({"points": [mvt.Feature.point(0, 0, {"count": -1})]})
