"""What the public learns of a place, and what no amount of asking adds to it."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entraide.foundations.places.rules import (
    SIZE,
    Point,
    Precision,
    cell_of,
    distance_m,
    from_grid,
    metres_per_unit,
    publish,
    tile_centre,
    tile_of,
    to_grid,
)

KEY = b"a key of the tests, 32 bytes long"
HOME = to_grid(-18.1492, 49.4023)
latitudes, longitudes = st.floats(-70, 70), st.floats(-180, 180, exclude_max=True)
homes = st.builds(to_grid, latitudes, longitudes)


def published(point: Point | None, precision: str, radius_m: int | None = 20, key: bytes = KEY):
    return publish(exact=point, exact_radius_m=radius_m, precision=precision, key=key)


def test_precisions_are_those_of_the_crisis_room() -> None:
    models = pytest.importorskip("entraide.capabilities.crisis.models")
    assert [one.value for one in Precision] == models.Precision.values


def test_exact_hidden_and_nowhere() -> None:
    exact = published(HOME, "exact")
    assert (exact.shape, exact.x, exact.y, exact.cell) == ("point", HOME.x, HOME.y, cell_of(HOME))
    assert (exact.cell_zoom, exact.radius_m) == (None, 20)
    assert published(HOME, "exact", None).radius_m == 0
    for nothing in (published(HOME, "hidden"), published(None, "exact"), published(None, "displaced", None)):
        assert nothing.shape == "none"
        assert (nothing.x, nothing.y, nothing.cell, nothing.cell_zoom, nothing.radius_m) == (None,) * 5


def test_unknown_precision_and_short_keys_are_refused_not_guessed() -> None:
    with pytest.raises(ValueError, match="roughly"):
        published(HOME, "roughly")
    with pytest.raises(ValueError, match="16 bytes"):
        published(HOME, "hidden", key=b"short")


def test_ten_thousand_publications_of_one_place_are_one() -> None:
    for precision in Precision:
        assert len({published(HOME, precision) for _ in range(10_000 // len(Precision))}) == 1
    assert len({published(HOME, "displaced") for _ in range(10_000)}) == 1


@given(homes, st.integers(0, 2**31), st.integers(0, 2**31))
def test_reports_from_one_seed_cell_share_one_displaced_point(home: Point, dx: int, dy: int) -> None:
    """The offset within the ~150 m cell never leaves: neither by repeats nor by differences."""
    zoom = next(z for z in range(18, 0, -1) if metres_per_unit(_centre(home, z).y) * (SIZE >> z) >= 100)
    x, y = tile_of(home, zoom)
    side = SIZE >> zoom
    neighbour = Point(x * side + dx % side, y * side + dy % side)
    assert published(neighbour, "displaced") == published(home, "displaced")


@given(homes)
def test_a_displaced_point_stays_within_what_it_says(home: Point) -> None:
    made = published(home, "displaced")
    assert made.shape == "point"
    assert distance_m(Point(made.x, made.y), home) <= made.radius_m * 1.01
    assert made.cell == cell_of(Point(made.x, made.y))


def test_another_key_moves_elsewhere() -> None:
    assert published(HOME, "displaced") != published(HOME, "displaced", key=b"another key of some length")


def test_displacement_is_uniform_in_the_disc() -> None:
    """Twelve sectors and five rings of equal area each hold their share (chi-squared, p = 0.001)."""
    sectors, rings, offsets = Counter(), Counter(), []
    count = 6000
    for i in range(count):
        seed = tile_centre(18, 160_000 + i % 80, 140_000 + i // 80)
        made = published(seed, "displaced")
        unit = metres_per_unit(seed.y)
        dx, dy = (made.x - seed.x) * unit, (made.y - seed.y) * unit
        offsets.append((dx, dy))
        sectors[int((math.atan2(dy, dx) + math.pi) / (2 * math.pi) * 12) % 12] += 1
        rings[min(4, int((math.hypot(dx, dy) / 2000) ** 2 * 5))] += 1
    assert _chi_squared(sectors, 12, count) < 31.3
    assert _chi_squared(rings, 5, count) < 18.5
    assert math.hypot(sum(dx for dx, _ in offsets) / count, sum(dy for _, dy in offsets) / count) < 60
    assert max(math.hypot(dx, dy) for dx, dy in offsets) <= 2001


@pytest.mark.parametrize(
    ("precision", "zoom", "edge_min_m"), [("area-small", 14, 1700), ("area-large", 11, 13_600)]
)
@given(home=homes, radius_m=st.one_of(st.none(), st.integers(0, 200_000)))
def test_an_area_is_its_cell_and_covers_what_is_known(
    precision: str, zoom: int, edge_min_m: int, home: Point, radius_m: int | None
) -> None:
    made = published(home, precision, radius_m)
    assert made.shape == "area"
    assert made.cell_zoom <= zoom
    centre = Point(made.x, made.y)
    # Nothing finer than the cell: every point of the cell gives the same centre.
    assert centre == tile_centre(made.cell_zoom, *tile_of(home, made.cell_zoom))
    assert made.cell == cell_of(centre)
    assert metres_per_unit(centre.y) * (SIZE >> made.cell_zoom) >= edge_min_m
    assert distance_m(centre, home) + (radius_m or 0) <= made.radius_m * 1.01


@given(homes, st.integers(151, 50_000), st.sampled_from(["exact", "displaced"]))
def test_a_vague_place_is_an_area_whatever_its_category_asks(
    home: Point, radius_m: int, precision: str
) -> None:
    made = published(home, precision, radius_m)
    assert made.shape == "area"
    assert distance_m(Point(made.x, made.y), home) + radius_m <= made.radius_m * 1.01
    assert made == published(home, "area-small", radius_m)


def test_a_whole_country_is_the_whole_world_s_square_at_most() -> None:
    made = published(HOME, "exact", 20_000_000)
    assert (made.shape, made.cell_zoom) == ("area", 0)


def test_sizes_are_those_promised_at_the_equator() -> None:
    quito = to_grid(-0.18, -78.47)
    assert published(quito, "area-small").cell_zoom == 14
    assert published(quito, "area-large").cell_zoom == 11
    # Cells shrink northwards: Oslo gets the next larger one rather than half the promise.
    assert published(to_grid(59.91, 10.75), "area-small").cell_zoom == 13


def test_the_map_s_edges_hold() -> None:
    for lat, lon in ((84.9, 179.9999), (-84.9, -179.9999)):
        made = published(to_grid(lat, lon), "displaced")
        assert 0 <= made.x < SIZE
        assert 0 <= made.y < SIZE
        assert abs(from_grid(Point(made.x, made.y))[0]) <= 85.06


def _centre(point: Point, zoom: int) -> Point:
    return tile_centre(zoom, *tile_of(point, zoom))


def _chi_squared(counts: Counter[int], classes: int, count: int) -> float:
    expected = count / classes
    return sum((counts[i] - expected) ** 2 / expected for i in range(classes))
