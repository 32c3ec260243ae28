"""Every write of the places room: places loaded from files, places learnt from people, the gazetteer."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from entraide.refusal import Refusal

from . import geonames
from .models import LEARNT, Kind, Place, PlaceName
from .rules.grid import Point, cell_of, distance_m
from .rules.learning import Learnt, learn_from
from .rules.loading import Row, RowError, geojson_row, named_columns, read_row
from .rules.names import normal, sound

SAME_PLACE_M = 10_000  # two learnt places of one name nearer than this are one
ROWS_MAX = 200_000
_BATCH = 500  # SQLite takes a limited number of parameters


@dataclass
class Loaded:
    """What became of a file's rows; each is counted once."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)


def build_gazetteer() -> Path:
    """Compile GeoNames into ``ENTRAIDE_HOME`` unless that is done; some 12 s once. The file's path."""
    return geonames.build()


def load_csv(file: IO[Any], *, country: str, source: str, licence: str, by: Any) -> Loaded:
    """Load places from a CSV file with a head row; ``name``, ``lat`` and ``lon`` are needed.

    Also understood: ``variants`` (other spellings, ``|`` between), ``admin``, ``kind``, ``radius_m`` and
    ``key`` (a stable name of the row). Loading a file again changes what changed in it and nothing else. A
    bad row is left out and named; the good ones are kept.

    Raises:
        Refusal: where nothing of the file can be read.
    """
    text = _text(file)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = named_columns([name for name in reader.fieldnames or [] if name])
    missing = [name for name in ("name", "lat", "lon") if name not in columns]
    if missing:
        raise Refusal(
            _("The file's first row names no column %(columns)s.") % {"columns": ", ".join(missing)},
            where="file",
            code="missing-column",
        )
    checked: list[Row | RowError] = []
    try:
        for number, row in enumerate(reader, 2):
            _not_too_many(number)
            checked.append(read_row(number, {ours: row.get(head) for ours, head in columns.items()}))
    except csv.Error as error:
        raise Refusal(
            _("The file is not CSV near row %(row)s.") % {"row": len(checked) + 2},
            where="file",
            code="not-csv",
        ) from error
    return _store(checked, country=country, source=source, licence=licence, by=by)


def load_geojson(file: IO[Any], *, country: str, source: str, licence: str, by: Any) -> Loaded:
    """Load places from a GeoJSON FeatureCollection; the properties are named as the columns of a CSV.

    A line or an area becomes its middle with a radius. Otherwise as :func:`load_csv`; the first feature
    is row 1.
    """
    try:
        features = json.loads(_text(file))["features"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Refusal(
            _("The file is not a GeoJSON FeatureCollection."), where="file", code="not-geojson"
        ) from error
    if not isinstance(features, list):
        raise Refusal(_("The file is not a GeoJSON FeatureCollection."), where="file", code="not-geojson")
    checked: list[Row | RowError] = []
    for number, feature in enumerate(features, 1):
        _not_too_many(number)
        values, wrong = geojson_row(number, feature)
        checked.append(wrong or read_row(number, values))
    return _store(checked, country=country, source=source, licence=licence, by=by)


@transaction.atomic
def learn(*, name: str, point: Point, radius_m: int, country: str, scope: str, by: Any) -> Place:
    """Keep a name with the place a person gave it, so that the next message needs nobody.

    The same name within 10 km is the same place and takes the newer position; farther away it is a
    namesake.

    Args:
        scope: who may know it: only a search that names the same scope finds it (``queries.find``).

    Raises:
        Refusal: for a name without letters.
    """
    spelled = normal(name)
    if not spelled:
        raise Refusal(_("The name has no letters."), where="name", code="no-name")
    source = learnt_source(scope)
    known = Place.objects.filter(source=source, country=country, names__normal=spelled).order_by("pk")
    place = next((one for one in known if distance_m(Point(one.x, one.y), point) <= SAME_PLACE_M), None)
    if place is None:
        place = Place(
            country=country, source=source, source_key=f"{spelled[:150]}@{cell_of(point)}", kind=Kind.QUARTER
        )
        place.name = name.strip()[:300]
    place.x, place.y = point
    place.cell, place.radius_m, place.by = cell_of(point), max(1, radius_m), by
    place.save()
    PlaceName.objects.get_or_create(
        place=place,
        normal=spelled,
        defaults={"name": name.strip()[:300], "sound": sound(spelled), "country": country},
    )
    return place


def learn_names(
    examples: Iterable[tuple[str, Point]],
    *,
    country: str,
    source: str,
    licence: str,
    by: Any,
    examples_least: int = 1,
) -> Loaded:
    """Learn the names that texts placed by people place tightly: ``(place text, point)`` pairs.

    The rule is ``rules.learning.learn_from``. Learning from more examples later corrects what was learnt.

    Args:
        source: whence; :func:`learnt_source` where the texts are private.
        examples_least: two keep out what one person alone calls a place: her home, say.
    """
    rows = [_learnt_row(one) for one in learn_from(examples) if one.examples >= examples_least]
    return _store(rows, country=country, source=source, licence=licence, by=by)


def learnt_source(scope: str) -> str:
    """The source of names that only a search in this scope may find."""
    return f"{LEARNT}{scope}"


def _learnt_row(learnt: Learnt) -> Row:
    return Row(learnt.name[:300], (), "", Kind.QUARTER, learnt.point, learnt.radius_m, learnt.normal[:150])


# ---- helpers ----------------------------------------------------------------------------------------


def _text(file: IO[Any]) -> str:
    raw = file.read()
    if isinstance(raw, str):
        return raw.removeprefix("\ufeff")
    try:
        return bytes(raw).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(
            _("Save the file as UTF-8 and load it again."), where="file", code="not-utf-8"
        ) from error


def _not_too_many(number: int) -> None:
    if number > ROWS_MAX:
        raise Refusal(
            _("The file has more than %(most)s rows. Cut it in parts.") % {"most": ROWS_MAX},
            where="file",
            code="too-many-rows",
        )


@transaction.atomic
def _store(checked: Sequence[Row | RowError], *, country: str, source: str, licence: str, by: Any) -> Loaded:
    loaded = Loaded(errors=[row for row in checked if isinstance(row, RowError)])
    country = country.upper()
    rows = _with_keys([row for row in checked if isinstance(row, Row)])
    there = {
        place.source_key: place
        for place in Place.objects.filter(source=source, country=country)
        .prefetch_related("names")
        .order_by("pk")
    }
    new: list[Place] = []
    changed: list[Place] = []
    names: list[tuple[Place, Row]] = []
    for key, row in rows:
        place = there.get(key) or Place(source=source, country=country, source_key=key)
        before = (place.name, place.admin, place.kind, place.x, place.y, place.radius_m, place.licence)
        after = (row.name, row.admin, row.kind.value, *row.point, row.radius_m, licence)
        spellings = {one.normal for one in place.names.all()} if place.pk else set()
        if place.pk and before == after and spellings == {normal(name) for name in (row.name, *row.variants)}:
            loaded.unchanged += 1
            continue
        place.name, place.admin, place.kind, place.x, place.y, place.radius_m, place.licence = after
        place.cell, place.by = cell_of(row.point), by
        (changed if place.pk else new).append(place)
        names.append((place, row))
    Place.objects.bulk_create(new, batch_size=_BATCH)
    Place.objects.bulk_update(
        changed, ["name", "admin", "kind", "x", "y", "cell", "radius_m", "licence", "by"], batch_size=50
    )
    for at in range(0, len(changed), _BATCH):
        PlaceName.objects.filter(place__in=changed[at : at + _BATCH]).delete()
    PlaceName.objects.bulk_create(
        [spelling for place, row in names for spelling in _spellings(place, row)], batch_size=_BATCH
    )
    loaded.added, loaded.changed = len(new), len(changed)
    return loaded


def _with_keys(rows: Sequence[Row]) -> list[tuple[str, Row]]:
    """Each row with what names it in its source: its key, else its name and what it lies in.

    Namesakes of one file are numbered in the order they stand.
    """
    counts: Counter[str] = Counter()
    keyed = []
    for row in rows:
        key = row.key or f"{normal(row.name)[:90]}|{normal(row.admin)[:60]}|{row.kind.value}"
        counts[key] += 1
        keyed.append((key if counts[key] == 1 else f"{key}#{counts[key]}", row))
    return keyed


def _spellings(place: Place, row: Row) -> list[PlaceName]:
    spelled = {normal(name): name for name in reversed((row.name, *row.variants))}
    return [
        PlaceName(place=place, name=name, normal=form, sound=sound(form), country=place.country)
        for form, name in spelled.items()
    ]
