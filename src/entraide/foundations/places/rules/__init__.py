"""Pure decisions about places: grid, cells, notations, names, and what the public may know."""

from .grid import (
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
from .notations import Found, find_coordinates, parse_coordinates
from .publishing import Precision, Published, publish

__all__ = [
    "BITS",
    "SIZE",
    "Found",
    "Point",
    "Precision",
    "Published",
    "cell_of",
    "cell_range",
    "distance_m",
    "find_coordinates",
    "from_grid",
    "metres_per_unit",
    "parent",
    "parse_coordinates",
    "point_of",
    "publish",
    "tile_centre",
    "tile_edge_m",
    "tile_of",
    "to_grid",
]
