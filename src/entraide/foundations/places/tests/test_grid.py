"""The grid and its cells hold for every point, not for examples."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entraide.foundations.places.rules import (
    BITS,
    SIZE,
    Point,
    cell_of,
    cell_range,
    distance_m,
    from_grid,
    metres_per_unit,
    parent,
    point_of,
    tile_centre,
    tile_edge_m,
    tile_of,
    to_grid,
)

units = st.integers(0, SIZE - 1)
points = st.builds(Point, units, units)
zooms = st.integers(0, BITS)


@given(points)
def test_a_cell_gives_its_point_back_and_fits_a_signed_bigint(point: Point) -> None:
    cell = cell_of(point)
    assert point_of(cell) == point
    assert -(2**63) <= cell < 2**63


@given(points, points)
def test_cells_keep_the_z_order(a: Point, b: Point) -> None:
    def interleaved(point: Point) -> int:
        return sum((point.x >> i & 1) << 2 * i | (point.y >> i & 1) << 2 * i + 1 for i in range(BITS))

    assert (cell_of(a) < cell_of(b)) == (interleaved(a) < interleaved(b))


@given(points, points, zooms)
def test_a_tile_s_range_holds_exactly_the_points_of_the_tile(a: Point, b: Point, zoom: int) -> None:
    low, high = cell_range(zoom, *tile_of(a, zoom))
    assert low <= cell_of(a) <= high
    assert (low <= cell_of(b) <= high) == (tile_of(a, zoom) == tile_of(b, zoom))
    assert high - low + 1 == 4 ** (BITS - zoom)


@given(points, zooms)
def test_a_parent_names_its_tile(point: Point, zoom: int) -> None:
    assert parent(cell_of(point), zoom) == cell_range(zoom, *tile_of(point, zoom))[0]
    assert tile_of(tile_centre(zoom, *tile_of(point, zoom)), zoom) == tile_of(point, zoom)


@given(st.floats(-85, 85), st.floats(-180, 180, exclude_max=True))
def test_degrees_come_back_within_a_centimetre(lat: float, lon: float) -> None:
    point = to_grid(lat, lon)
    lat_, lon_ = from_grid(point)
    assert abs(lat - lat_) < 1e-7
    assert abs(lon - lon_) < 1e-7
    assert to_grid(lat_, lon_) == point


def test_edges_of_the_world() -> None:
    assert to_grid(90, 180) == Point(SIZE - 1, 0)
    assert to_grid(-90, -180) == Point(0, SIZE - 1)
    assert to_grid(0, 190) == to_grid(0, -170)
    for lat, lon in ((91, 0), (float("nan"), 0), (0, float("inf"))):
        with pytest.raises(ValueError, match="not a position"):
            to_grid(lat, lon)
    for tile in ((1, 2, 0), (1, 0, -1), (33, 0, 0), (-1, 0, 0)):
        with pytest.raises(ValueError, match="no such tile"):
            cell_range(*tile)


def test_metres() -> None:
    port_au_prince, jacmel = to_grid(18.5392, -72.335), to_grid(18.2342, -72.5347)
    assert distance_m(port_au_prince, jacmel) == pytest.approx(39_900, rel=0.01)
    assert metres_per_unit(SIZE // 2) * SIZE == pytest.approx(40_075_016.7)
    assert metres_per_unit(to_grid(60, 0).y) * SIZE == pytest.approx(40_075_016.7 / 2, rel=1e-6)
    assert tile_edge_m(14, to_grid(0, 0).y) == pytest.approx(2446, rel=1e-3)
    assert math.isclose(distance_m(jacmel, jacmel), 0)
