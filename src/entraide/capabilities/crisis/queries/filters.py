"""What a visitor asks of the public map, the same for the map, the list, tiles, feeds, exports and API.

An address says it all: ``?category=water&standing=verified&q=bridge``. :meth:`Filters.parse` reads it,
:attr:`Filters.query_string` writes it back in one canonical form, so that equal questions share one
address (and one place in a cache).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from entraide.capabilities.crisis.models import Standing, Step
from entraide.refusal import Refusal

ANSWERED = (Step.DONE.value, Step.TOLD.value)
STEPS: dict[str, Promise] = {"open": _("Still open"), "answered": _("Answered")}
CHANNELS: dict[str, Promise] = {
    "sms": _("SMS"),
    "mail": _("E-mail"),
    "web": _("Web form"),
    "webhook": _("Partner system"),
    "import": _("Import"),
}
TEXT_MAX = 200  # characters of a search; longer is a mistake or mischief
CHOICES_MAX = 40  # values of one field
ZOOM_MAX = 24
YEARS = (1900, 2200)

Box = tuple[float, float, float, float]  # west, south, east, north in degrees
Tile = tuple[int, int, int]  # zoom, x, y

# Control characters mean nothing in a search, and PostgreSQL refuses NUL outright.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}", re.IGNORECASE | re.ASCII)
_SLUG = re.compile(r"[-a-z0-9_]{1,60}", re.IGNORECASE | re.ASCII)


def _wrong(name: str, sentence: Any) -> Refusal:
    return Refusal(sentence, status=400, where=name, code="bad-filter")


@dataclass(frozen=True)
class Filters:
    """A question to the public map. Several values of one field mean "any of these".

    Attributes:
        category: slugs; each includes what is below it in the tree.
        standing: how sure (``models.Standing``).
        step: ``"open"``, ``"answered"`` or ``""`` for both.
        since, until: days in UTC, both inclusive, compared with when it happened.
        language: BCP 47; ``"ht"`` finds ``ht-HT`` too, ``"und"`` finds texts of unknown language.
        channel: how the first message came in.
        urgent: urgent reports alone.
        q: words all of which must be there, each as the beginning of a word.
        bbox: degrees; ``west > east`` crosses the 180th meridian. Compares *published* places: an area
            belongs to the box that holds its centre.
        tile: squares of the web-mercator grid, compared likewise.
    """

    category: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    step: str = ""
    since: date | None = None
    until: date | None = None
    language: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    urgent: bool = False
    q: str = ""
    bbox: Box | None = None
    tile: tuple[Tile, ...] = ()

    @classmethod
    def parse(cls, query: QueryDict) -> Filters:
        """Read an address's query. Empty values and names we do not know are passed over.

        Raises:
            Refusal: 400, ``where`` names the field whose value makes no sense.
        """
        return cls(
            category=_several(query, "category", _slug),
            standing=_several(query, "standing", _one_of(Standing.values)),
            step=_single(query, "step", _one_of(list(STEPS))) or "",
            since=_single(query, "since", _day),
            until=_single(query, "until", _day),
            language=_several(query, "language", _language),
            channel=_several(query, "channel", _one_of(list(CHANNELS))),
            urgent=bool(_single(query, "urgent", _one_of(["1"]))),
            q=_single(query, "q", _text) or "",
            bbox=_single(query, "bbox", _box),
            tile=_several(query, "tile", _tile),
        )

    @property
    def query_string(self) -> str:
        """The canonical query, without ``?``; empty where nothing is asked."""
        return urlencode(self.pairs)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The canonical query as names and values, for hidden inputs."""
        pairs: list[tuple[str, str]] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if not value:
                continue
            if field.name == "bbox":
                pairs.append(("bbox", ",".join(repr(degrees) for degrees in value)))
            elif field.name == "tile":
                pairs.extend(("tile", "/".join(map(str, tile))) for tile in value)
            elif isinstance(value, tuple):
                pairs.extend((field.name, part) for part in value)
            elif value is True:
                pairs.append((field.name, "1"))
            else:
                pairs.append((field.name, str(value)))
        return pairs

    @property
    def active(self) -> bool:
        """True where anything at all is asked."""
        return self != Filters()

    @property
    def since_moment(self) -> datetime | None:
        """The first moment of ``since``."""
        return datetime.combine(self.since, time(), UTC) if self.since else None

    @property
    def until_moment(self) -> datetime | None:
        """The first moment after ``until``."""
        return datetime.combine(self.until + timedelta(days=1), time(), UTC) if self.until else None

    def without(self, *names: str) -> Filters:
        """The same question without some of its fields."""
        nothing = Filters()
        return replace(self, **{name: getattr(nothing, name) for name in names})


def _several(query: QueryDict, name: str, read: Any) -> tuple[Any, ...]:
    values = [value for value in query.getlist(name) if value]
    if len(values) > CHOICES_MAX:
        raise _wrong(name, _("Too many values were chosen at once. Choose fewer."))
    return tuple(sorted({read(name, value) for value in values}))


def _single(query: QueryDict, name: str, read: Any) -> Any:
    value = query.get(name)
    return read(name, value) if value else None


def _one_of(choices: Sequence[str]) -> Any:
    def read(name: str, value: str) -> str:
        if value not in choices:
            raise _wrong(name, _("This choice does not exist. Choose one from the list."))
        return value

    return read


def _slug(name: str, value: str) -> str:
    # Whether it exists only the cause's tree can say; see queries.public.
    if not _SLUG.fullmatch(value):
        raise _wrong(name, _("This choice does not exist. Choose one from the list."))
    return value


def _language(name: str, value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise _wrong(name, _("This is not a language code such as “en” or “ht”."))
    return value.lower()


def _day(name: str, value: str) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or not YEARS[0] <= day.year <= YEARS[1]:
        raise _wrong(name, _("Write the day as year-month-day, for example 2026-01-31."))
    return day


def _text(name: str, value: str) -> str:
    text = _UNPRINTABLE.sub(" ", value).strip()
    if len(text) > TEXT_MAX:
        raise _wrong(name, _("The search is too long. Two or three words find more."))
    return text


def _box(name: str, value: str) -> Box:
    try:
        west, south, east, north = (float(part) for part in value.split(","))
    except ValueError:
        west = south = east = north = math.nan
    sound = all(map(math.isfinite, (west, south, east, north)))
    # Globe viewers send up to 540 degrees of longitude when they see all of the earth.
    if not sound or max(abs(west), abs(east)) > 540 or max(abs(south), abs(north)) > 90 or south > north:
        raise _wrong(name, _("Write the box as west,south,east,north in degrees."))
    if east - west >= 360:
        return (-180.0, south, 180.0, north)
    return (_wrapped(west), south, _wrapped(east), north)


def _wrapped(longitude: float) -> float:
    return longitude if -180 <= longitude <= 180 else (longitude + 180) % 360 - 180


def _tile(name: str, value: str) -> Tile:
    parts = value.split("/")
    if len(parts) == 3 and all(re.fullmatch(r"[0-9]{1,8}", part) for part in parts):
        zoom, x, y = (int(part) for part in parts)
        if zoom <= ZOOM_MAX and x < 1 << zoom and y < 1 << zoom:
            return (zoom, x, y)
    raise _wrong(name, _("Write the tile as zoom/x/y."))
