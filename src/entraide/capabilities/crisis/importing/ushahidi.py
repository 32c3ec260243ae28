"""Import of Ushahidi's CSV: the export of version 2 and the public Haiti 2010 file.

Rows go in by batches of 200 in one transaction
each; a row's name (``import_key``) is its number in the file where it has one, and otherwise a hash of
it, so running again, or after a kill, goes on where it stood and doubles nothing. Each row ends in exactly one
of three ways: imported, already there, or refused with its number, column and reason. A reason speaks
of the shape of a value, never of its words: the file is full of personal data.

Source of the columns: Ushahidi 2 "Download Reports" ("#", "INCIDENT TITLE", "INCIDENT DATE", "LOCATION",
"DESCRIPTION", "CATEGORY", "LATITUDE", "LONGITUDE", "APPROVED", "VERIFIED"); the Haiti file calls the first one
"Serial" and may carry "datetime" (ISO).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.text import slugify

from entraide.capabilities.crisis import contributions, rules
from entraide.capabilities.crisis.actions import learning, publishing, record
from entraide.capabilities.crisis.actions.intake import CHECK, TRIAGE
from entraide.capabilities.crisis.models import (
    Category,
    Precision,
    Report,
    ReportMessage,
    Setup,
    Standing,
    Step,
)
from entraide.foundations.channels import actions as channels
from entraide.foundations.channels.rules import mask
from entraide.foundations.desk import actions as desk
from entraide.foundations.journal import actions as journal
from entraide.foundations.places import queries as places_queries
from entraide.foundations.places import rules as places

BATCH = 200
SHARED_BY = 10  # a point that many rows share is the middle of a town, not a house
RADIUS_M = 1_000  # the file says nothing of how sure a point is; nearer would be a claim
RADIUS_SHARED_M = 5_000
NEEDED = ("INCIDENT TITLE", "INCIDENT DATE", "LATITUDE", "LONGITUDE")
NUMBER_COLUMNS = ("#", "Serial")
CATEGORY_NUMBER = re.compile(r"^\s*(\d+)\s*([a-z]?)\s*\.\s*(.+)$", re.IGNORECASE)
# Where one category ends and the next begins; names themselves may hold commas.
CATEGORY_BREAK = re.compile(r",\s*(?=\d+\s*[a-z]?\s*\.)|,\s*$", re.IGNORECASE)
DATE_SHAPES = (
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d",
)
TRUE_WORDS, FALSE_WORDS = {"YES", "Y", "1", "TRUE"}, {"NO", "N", "0", "FALSE", ""}


class Refused(Exception):
    """A row that cannot be imported."""

    def __init__(self, column: str, shape: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.shape, self.reason = column, shape, reason


class NotUshahidi(Exception):
    """The file is not an Ushahidi export; says which columns are missing."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A row that was refused, or imported without its place.

    Attributes:
        row: its number, the first after the header being 1.
        column: which value.
        shape: what the value looks like ("12 characters", "-200.5"), never its words.
        reason: in words.
    """

    row: int
    column: str
    shape: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column} ({self.shape}): {self.reason}"


@dataclass(kw_only=True)
class Tally:
    """What became of every row. ``imported + already + len(refused) == rows``."""

    rows: int = 0
    imported: int = 0
    already: int = 0
    published: int = 0
    private: int = 0
    verified: int = 0
    categories: int = 0
    refused: list[Problem] = field(default_factory=list)
    doubtful: list[Problem] = field(default_factory=list)  # imported, without the value named


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row, read."""

    number: int
    key: str
    title: str
    happened_at: datetime
    location: str
    description: str
    categories: tuple[tuple[str, dict[str, str]], ...]
    lat: float | None
    lon: float | None
    approved: bool
    verified: bool
    doubt: Problem | None = None


def opened(path: Path) -> IO[str]:
    """The file as text: UTF-8 (with or without mark), otherwise Windows-1252; unpacked where it is gzip."""
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return io.StringIO(text, newline="")


def read(path: Path) -> Iterator[Row | Problem]:
    """Every row of the file, or what is wrong with it.

    Raises:
        NotUshahidi: a needed column is missing.
    """
    with opened(path) as file:
        reader = csv.DictReader(file)
        header = {(name or "").strip().strip('"').upper(): name for name in reader.fieldnames or ()}
        missing = [name for name in NEEDED if name not in header]
        if missing:
            raise NotUshahidi(", ".join(missing))
        for number, raw in enumerate(reader, start=1):
            values = {name: (raw.get(column) or "").strip() for name, column in header.items()}
            try:
                yield read_row(number, values)
            except Refused as refused:
                yield Problem(row=number, column=refused.column, shape=refused.shape, reason=refused.reason)


def read_row(number: int, values: dict[str, str]) -> Row:
    """One row from its values by upper-case column name.

    Raises:
        Refused: with the column, the shape of its value and the reason.
    """
    title, description = values.get("INCIDENT TITLE", ""), values.get("DESCRIPTION", "")
    if not title and not description:
        raise Refused("INCIDENT TITLE", "empty", "a report needs a title or a description")
    lat, lon, doubt = read_point(number, values["LATITUDE"], values["LONGITUDE"])
    return Row(
        number=number,
        key=key_of(values),
        title=title,
        happened_at=read_date(values.get("DATETIME", ""), values["INCIDENT DATE"]),
        location=values.get("LOCATION", ""),
        description=description,
        categories=tuple(read_categories(values.get("CATEGORY", ""))),
        lat=lat,
        lon=lon,
        approved=read_yes(values, "APPROVED"),
        verified=read_yes(values, "VERIFIED"),
        doubt=doubt,
    )


def key_of(values: dict[str, str]) -> str:
    """The name of a row that stays the same from run to run: its number there, or a hash of it."""
    for column in NUMBER_COLUMNS:
        if values.get(column.upper()):
            return f"ushahidi:{values[column.upper()][:60]}"
    told = "\x1f".join(values.get(name, "") for name in (*NEEDED, "LOCATION", "DESCRIPTION"))
    return f"ushahidi:{hashlib.sha256(told.encode()).hexdigest()[:40]}"


def read_date(iso: str, source: str) -> datetime:
    """The time of the incident, taken as UTC: the file names no zone. Day before month."""
    for text in (iso, source):
        for shape in DATE_SHAPES:
            try:
                return datetime.strptime(text, shape).replace(tzinfo=UTC)
            except ValueError:
                continue
    raise Refused("INCIDENT DATE", shape_of(source), "not a date: expected day/month/year or ISO 8601")


def read_yes(values: dict[str, str], column: str) -> bool:
    """YES or NO, or nothing, which is no."""
    value = values.get(column, "").upper()
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise Refused(column, shape_of(value), "expected YES or NO")


def read_point(
    number: int, latitude: str, longitude: str
) -> tuple[float | None, float | None, Problem | None]:
    """Degrees, or none at all, with what is doubtful about them.

    A row without a usable point is a report without a place, not a row to lose: it is imported, and the
    doubt is named.
    """
    if not latitude and not longitude:
        return None, None, None

    def doubt(column: str, shape: str, reason: str) -> tuple[None, None, Problem]:
        return None, None, Problem(row=number, column=column, shape=shape, reason=reason)

    try:
        lat, lon = float(latitude.replace(",", ".")), float(longitude.replace(",", "."))
    except ValueError:
        column, value = ("LATITUDE", latitude) if not _is_number(latitude) else ("LONGITUDE", longitude)
        return doubt(column, shape_of(value), "not a number of degrees; imported without a place")
    if not (math.isfinite(lat) and -90 <= lat <= 90):
        return doubt("LATITUDE", latitude[:12], "beyond 90 degrees; imported without a place")
    if not (math.isfinite(lon) and -180 <= lon <= 180):
        return doubt("LONGITUDE", longitude[:12], "beyond 180 degrees; imported without a place")
    if lat == 0 and lon == 0:
        return doubt("LATITUDE", "0, 0", "nobody's place in the ocean; imported without a place")
    return lat, lon, None


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def read_categories(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """``(code, {"fr": …, "en": …})`` of each: "1a. Titre | Title, 2. Eau" has two. Code "" without number."""
    seen = set()
    for part in CATEGORY_BREAK.split(text):
        part = part.strip().strip(",").strip()
        if not part:
            continue
        match = CATEGORY_NUMBER.match(part)
        code = f"{match[1]}{match[2].lower()}" if match else ""
        names = match[3] if match else part
        # Without numbers, a comma is the only thing that can part them.
        for name in [names] if code else names.split(","):
            first, _bar, second = (piece.strip() for piece in name.partition("|"))
            both = {"fr": first, "en": second} if second else {"en": first}
            if both["en"] and (code, both["en"]) not in seen:
                seen.add((code, both["en"]))
                yield code, {language: one[:120] for language, one in both.items() if one}


def shape_of(value: str) -> str:
    """What a value looks like, without its words."""
    return f"{len(value)} characters" if value else "empty"


def shared_points(path: Path) -> set[tuple[float, float]]:
    """Points that many rows share: middles of towns that were never anybody's house."""
    points: Counter[tuple[float, float]] = Counter()
    for row in read(path):
        if isinstance(row, Row) and row.lat is not None and row.lon is not None:
            points[row.lat, row.lon] += 1
    return {point for point, times in points.items() if times >= SHARED_BY}


def area_doubt(cause: Any, row: Row) -> Problem | None:
    """A point outside of the cause's area (by a degree): named, and kept, since a person should look."""
    if row.lat is None or row.lon is None or cause.area is None:
        return None
    west, south, east, north = cause.area
    inside_lon = (
        west - 1 <= row.lon <= east + 1 if west <= east else row.lon >= west - 1 or row.lon <= east + 1
    )
    if inside_lon and south - 1 <= row.lat <= north + 1:
        return None
    return Problem(
        row=row.number,
        column="LATITUDE, LONGITUDE",
        shape=f"{row.lat:.0f}, {row.lon:.0f}",
        reason="outside of the cause's area; imported, not placed",
    )


def import_file(
    path: Path, *, cause: Any, precision: str = Precision.AREA_SMALL, progress: Any = None
) -> Tally:
    """Import a file into a cause.

    APPROVED rows are published (masked, at the precision given), unless the cause asks for two persons
    or is frozen; the others wait at the desk. VERIFIED rows stand as verified.

    Args:
        cause: the Cause.
        precision: what new categories publish.
        progress: called with the tally after each batch.

    Raises:
        NotUshahidi: the file is something else.
    """
    tally = Tally()
    # The gazetteer is indexed on first use, once an instance: not while a transaction holds the database.
    places_queries.label(places.to_grid(0, 0), 14)
    centres = shared_points(path)
    importer = _Importer(cause, precision=precision, centres=centres, tally=tally)
    batch: list[Row] = []
    for row in read(path):
        tally.rows += 1
        if isinstance(row, Problem):
            tally.refused.append(row)
            continue
        batch.append(row)
        if len(batch) == BATCH:
            importer.take(batch)
            batch = []
            if progress:
                progress(tally)
    if batch:
        importer.take(batch)
    if progress:
        progress(tally)
    learning.learn_from_import(cause, placed_names(cause, path))
    return tally


def placed_names(cause: Any, path: Path) -> Iterator[tuple[str, places.Point]]:
    """Where the other map, which had published them, puts which names."""
    for row in read(path):
        if (
            isinstance(row, Row)
            and row.approved
            and row.location
            and row.lat is not None
            and row.lon is not None
            and row.doubt is None
            and area_doubt(cause, row) is None
        ):
            yield row.location, places.to_grid(row.lat, row.lon)


class _Importer:
    """What a run remembers: the categories made and the shared points."""

    def __init__(
        self, cause: Any, *, precision: str, centres: set[tuple[float, float]], tally: Tally
    ) -> None:
        self.cause, self.precision, self.centres, self.tally = cause, precision, centres, tally
        self.categories: dict[str, Category] = {
            category.slug: category for category in Category.objects.filter(cause=cause).order_by("pk")
        }
        self.setup = Setup.objects.filter(cause=cause).first() or Setup(cause=cause)

    def take(self, batch: list[Row]) -> None:
        """One batch, whole or not at all. Its counts only count once it is on disk."""
        done = Tally()
        remembered = dict(self.categories)
        try:
            with transaction.atomic():
                self._take(batch, done)
        except BaseException:
            self.categories = remembered
            raise
        for name in ("imported", "already", "published", "private", "verified", "categories"):
            setattr(self.tally, name, getattr(self.tally, name) + getattr(done, name))
        self.tally.doubtful += done.doubtful
        self.tally.refused += done.refused

    def _take(self, batch: list[Row], done: Tally) -> None:
        keys = [row.key for row in batch]
        known = set(
            Report.objects.filter(cause=self.cause, import_key__in=keys)
            .order_by("pk")
            .values_list("import_key", flat=True)
        )
        new: dict[str, Row] = {}
        for row in batch:
            if row.key in new:
                done.refused.append(
                    Problem(
                        row=row.number, column="#", shape="repeated", reason="another row has this number"
                    )
                )
            elif row.key in known:
                done.already += 1
            else:
                new[row.key] = row
                done.imported += 1
        told = self._reports(list(new.values()), done)
        # In two strokes, because the journal hands out the pen once: all were told, then what was known of
        # them was said, in the order of the file.
        journal.record_many(
            contributions.Told(
                cause=str(self.cause.public_id),
                subject=record.subject(report),
                happened_at=row.happened_at,
                channel="import",
            )
            for report, row in told
        )
        for report, row in told:
            self._stand(report, row, done)

    def _reports(self, rows: list[Row], done: Tally) -> list[tuple[Report, Row]]:
        """The rows' messages and reports, written together."""
        messages = channels.import_messages(
            cause=self.cause,
            rows=[
                channels.Imported(
                    key=row.key,
                    text=row.description or row.title,
                    subject=row.title if row.description else "",
                    sent_at=row.happened_at,
                    fields={"place": row.location},
                )
                for row in rows
            ],
        )
        reports = Report.objects.bulk_create(
            [self._report(row, message.language, done) for row, message in zip(rows, messages, strict=True)]
        )
        ReportMessage.objects.bulk_create(
            ReportMessage(report=report, message=message, channel="import")
            for report, message in zip(reports, messages, strict=True)
        )
        told = list(zip(reports, rows, strict=True))
        belongs_to = Report.categories.through
        belongs_to.objects.bulk_create(
            [
                belongs_to(report=report, category=category)
                for report, row in told
                for category in {self._category(code, names, done) for code, names in row.categories}
            ]
        )
        return told

    def _report(self, row: Row, language: str, done: Tally) -> Report:
        """The report of a row, not yet saved."""
        doubt = row.doubt or area_doubt(self.cause, row)
        if doubt is not None:
            done.doubtful.append(doubt)
        point = None
        if row.lat is not None and row.lon is not None and doubt is None:
            point = places.to_grid(row.lat, row.lon)
        shared = (row.lat, row.lon) in self.centres
        text = mask(row.description)
        return Report(
            cause=self.cause,
            title=(mask(row.title) or rules.title_of(text))[:200],
            text=text,
            language="" if language == "und" else language,
            exact_x=point.x if point else None,
            exact_y=point.y if point else None,
            exact_radius_m=(RADIUS_SHARED_M if shared else RADIUS_M) if point else None,
            place_name=mask(row.location)[:300],
            happened_at=row.happened_at,
            import_key=row.key,
        )

    def _stand(self, report: Report, row: Row, done: Tally) -> None:
        """What the other map had decided of the row, told as such in its history."""
        if row.approved:
            report.step = rules.step_after_triage(report.exact_x is not None)
            record.change(report, "step", before=Step.NEW, after=report.step, why="Ushahidi: APPROVED")
        if row.verified:
            report.standing, report.checked_at = Standing.VERIFIED, row.happened_at
            record.change(
                report,
                "standing",
                before=Standing.UNVERIFIED,
                after=Standing.VERIFIED,
                why="Ushahidi: VERIFIED",
            )
            record.entry(contributions.Verified, report, standing=Standing.VERIFIED.value)
            done.verified += 1
        if row.approved or row.verified:
            report.save(update_fields=["step", "standing", "checked_at"])
        if row.approved and publishing.publish_imported(report, setup=self.setup) is not None:
            done.published += 1
            return
        done.private += 1
        desk.put(
            queue=CHECK if row.approved else TRIAGE,
            subject=record.subject(report),
            cause=self.cause,
            language=report.language,
        )

    def _category(self, code: str, names: dict[str, str], done: Tally) -> Category:
        """The category of that number and name; made on first sight, "1a" below "1"."""
        slug = (f"{code}-{slugify(names['en'])}" if code else slugify(names["en"]))[:60].strip("-")
        slug = slug or hashlib.sha256(names["en"].encode()).hexdigest()[:12]
        if slug not in self.categories:
            above = re.sub(r"[a-z]$", "", code)
            parent = None
            if above != code:
                parent = next(
                    (
                        category
                        for category in self.categories.values()
                        if category.parent_id is None and category.slug.startswith(f"{above}-")
                    ),
                    None,
                )
            self.categories[slug] = Category.objects.create(
                cause=self.cause,
                parent=parent,
                slug=slug,
                names=names,
                precision=self.precision,
                # A child is never less careful than the one above it.
                **({"sensitivity": parent.sensitivity} if parent else {}),
                position=int(re.sub(r"\D", "", code) or 500) % 30_000,
            )
            done.categories += 1
            if code and above == code:
                self._adopt(self.categories[slug], code)
        return self.categories[slug]

    def _adopt(self, parent: Category, code: str) -> None:
        """Put "2a", "2b" … below "2" where the file named them first."""
        for child in self.categories.values():
            if child.parent_id is None and re.match(rf"{code}[a-z]-", child.slug):
                child.parent = parent
                child.save(update_fields=["parent"])
