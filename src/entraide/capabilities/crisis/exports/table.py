"""CSV (RFC 4180) with a row of HXL hashtags below the headings (https://hxlstandard.org), for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from entraide.capabilities.crisis.exports.rows import Row, moment

MEDIA_TYPE = "text/csv; charset=utf-8"
# Without it Excel reads Bengali as Latin-1.
BYTE_ORDER_MARK = "\ufeff"
# A cell that begins so is run as a formula by spreadsheets (OWASP, "CSV injection"), full-width forms too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# heading, hashtag, value
COLUMNS: list[tuple[str, str, Callable[[Row], Any]]] = [
    ("ref", "#meta+id", lambda row: row.publication.ref),
    ("url", "#meta+url", lambda row: row.address),
    ("title", "#description+title", lambda row: safe(row.publication.title)),
    ("text", "#description+text", lambda row: safe(row.publication.text)),
    ("language", "#meta+lang", lambda row: row.publication.language or "und"),
    ("categories", "#sector+list", lambda row: safe("; ".join(row.category_names))),
    ("standing", "#status+standing", lambda row: row.publication.standing),
    ("step", "#status+step", lambda row: row.publication.step),
    ("urgent", "#severity+urgent", lambda row: int(row.publication.urgent)),
    ("senders", "#meta+senders+num", lambda row: row.publication.senders),
    ("channel", "#meta+channel", lambda row: safe(row.publication.channel)),
    ("place", "#loc+name", lambda row: safe(row.publication.place_label)),
    ("shape", "#geo+shape", lambda row: row.publication.shape),
    ("latitude", "#geo+lat", lambda row: row.position[1] if row.position else ""),
    ("longitude", "#geo+lon", lambda row: row.position[0] if row.position else ""),
    ("radius_m", "#geo+radius+m", lambda row: _or_empty(row.publication.radius_m)),
    ("happened_at", "#date+occurred", lambda row: moment(row.publication.happened_at)),
    ("checked_at", "#date+checked", lambda row: moment(row.publication.checked_at)),
    ("published_at", "#date+published", lambda row: moment(row.publication.published_at)),
    ("updated_at", "#date+updated", lambda row: moment(row.publication.updated_at)),
]


def table(rows: Iterable[Row]) -> Iterator[str]:
    """The table in pieces: headings, hashtags, then one line for each report."""
    yield BYTE_ORDER_MARK + _line([heading for heading, _tag, _value in COLUMNS])
    yield _line([tag for _heading, tag, _value in COLUMNS])
    for row in rows:
        yield _line([value(row) for _heading, _tag, value in COLUMNS])


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes before it, as people do."""
    return f"'{text}" if text.startswith(_FORMULA) else text.replace("\x00", "")


def _or_empty(value: int | None) -> int | str:
    return "" if value is None else value


def _line(cells: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
