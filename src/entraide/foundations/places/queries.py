"""Where is that? Offline answers to what people write, each with how sure it is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from entraide.refusal import Refusal

from . import geonames
from .models import LEARNT, Kind, Place, PlaceName
from .rules import BITS, Point, cell_range, distance_m, from_grid
from .rules.names import distance, slips_allowed, sound, sounds_near, tokens
from .rules.notations import Found, find_coordinates, parse_coordinates
from .rules.words import STOP_WORDS, away, moved

WORDS_MAX = 6  # of one name
TOGETHER_M = 12_000  # names this near one another (beyond their radii) speak of one place


@dataclass(frozen=True)
class Answer:
    """One place that may be meant.

    Attributes:
        name: its name as its source spells it.
        label: the name with what it lies in, for people ("Jacmel, Haiti").
        point: its middle on the grid.
        radius_m: how far from there the truth may lie. Never zero: a town's middle is not a house.
        kind: of ``models.Kind``, or ``"coordinates"``.
        source: where we know it from ("GeoNames", an operator's file, "coordinates").
        score: 0..1, how well it fits; compare within one question only.
        start, end: where it stands in the text asked about.
        note: a sentence for the person who decides ("Latitude and longitude were exchanged."), or "".
    """

    name: str
    label: str
    point: Point
    radius_m: int
    kind: str
    source: str
    score: float
    start: int = 0
    end: int = 0
    note: str = ""


def find(
    text: str,
    *,
    countries: Sequence[str] = (),
    near: Point | None = None,
    limit: int = 5,
    learnt: str = "",
) -> list[Answer]:
    """The places a field's text may mean, best first.

    Coordinates win and never move. Then names: the most specific one known that agrees with the rest of
    the text ("Rue X, Delmas, Port-au-Prince" is Delmas where the street is unknown). Operator's and learnt
    places come before GeoNames; slips of the pen, other spellings and other scripts are understood.

    Args:
        countries: ISO 3166-1 codes to look in; empty means everywhere (GeoNames' large towns first).
        near: where such texts usually come from; decides between namesakes.
        learnt: whose learnt names to know too (the scope they were learnt with). What a team learnt from
            private reports is that team's alone; without a scope no learnt name is known.
    """
    written = parse_coordinates(text)
    if written is not None and written.point is not None:
        return _answers_of(written, countries)[:limit]
    return _names_in(text, countries, near, strict=False, learnt=learnt)[:limit]


def find_in_text(
    text: str,
    *,
    countries: Sequence[str] = (),
    near: Point | None = None,
    limit: int = 5,
    learnt: str = "",
) -> list[Answer]:
    """The places a free message speaks of: its coordinates, then its names, best first.

    Stricter than :func:`find`, because most words of a message are not names: a single word counts only
    where it is spelled as the gazetteer has it, or is capitalised and long enough for a slip.
    """
    written = [answer for one in find_coordinates(text) for answer in _answers_of(one, countries)]
    return (written + _names_in(text, countries, near, strict=True, learnt=learnt))[:limit]


def label(point: Point, zoom: int) -> str:
    """The name of the town nearest to a published place, ``""`` where there is none within some 200 km.

    Ask it with the *published* point alone: a label is a function of its argument and must not be finer.
    ``zoom`` is the area's (a larger area is named by a larger town).
    """
    for level in sorted({min(zoom, 12), 9, 7}, reverse=True):
        towns = geonames.towns_in(list(_around(point, level)))
        if towns:
            # A town ten times larger may be as far again: people know it.
            best = min(towns, key=lambda town: distance_m(point, town.point) / (1 + _weight(town.population)))
            return _label(best.name, "", best.country)
    return ""


def country_at(point: Point) -> str:
    """ISO 3166-1 code of the nearest town within some 40 km; "" where there is none."""
    towns = geonames.towns_in(list(_around(point, 10)))
    return min(towns, key=lambda town: distance_m(point, town.point)).country if towns else ""


# ---- coordinates ------------------------------------------------------------------------------------


def _answers_of(found: Found, countries: Sequence[str]) -> list[Answer]:
    """The position as written; where it lies in none of the countries but would with latitude and
    longitude exchanged, the exchanged one first, named as such."""
    if found.point is None:
        return []
    written = _coordinates(found, found.lat, found.lon, found.point)
    if found.problem == "swapped":
        return [replace(written, note=_("Longitude was written first; it was put right."))]
    if not countries or _is_in(found.point, countries):
        return [written]
    other = found.exchanged
    if other is not None and _is_in(other, countries):
        put_right = _coordinates(found, found.lon, found.lat, other)
        return [
            replace(put_right, note=_("Longitude was written first; it was put right.")),
            replace(written, score=0.2, note=_("As written. This lies in another country.")),
        ]
    return [replace(written, note=_("This lies in another country."))]


def _coordinates(found: Found, lat: float, lon: float, point: Point) -> Answer:
    name = f"{lat:.6f}, {lon:.6f}"
    return Answer(
        name, name, point, found.radius_m, "coordinates", "coordinates", 1.0, found.start, found.end
    )


def _is_in(point: Point, countries: Sequence[str]) -> bool:
    """Whether a town of these countries is among those within some 40 km; a border is not a wall."""
    towns = geonames.towns_in(list(_around(point, 10)))
    return any(town.country in countries for town in towns)


# ---- names ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Candidate:
    """One place with one of its spellings as it was met in the text."""

    key: str
    name: str
    admin: str
    country: str
    point: Point
    radius_m: int
    kind: str
    source: str
    population: int
    likeness: float  # 1 spelled so, less for each slip, 0.6 heard only
    start: int
    end: int
    before: str


@dataclass(frozen=True)
class _Span:
    """Some words of the text, one after the other."""

    first: int
    last: int
    start: int
    end: int
    normal: str
    alone: bool


def _names_in(
    text: str, countries: Sequence[str], near: Point | None, *, strict: bool, learnt: str
) -> list[Answer]:
    words = tokens(text)[:200]  # a message, not a book
    spans = _spans(text, words)
    known = _look_up({span.normal for span in spans}, countries, learnt)
    taken: set[int] = set()
    met: list[_Candidate] = []
    for span in spans:  # longest first: "Port-de-Paix" is not "Paix"
        if taken.isdisjoint(range(span.first, span.last + 1)) and span.normal in known:
            found = [c for c in known[span.normal] if not (strict and _too_common(c, span, countries))]
            met += [_at(candidate, span, text) for candidate in found]
            if found:
                taken.update(range(span.first, span.last + 1))
    left = [span for span in spans if taken.isdisjoint(range(span.first, span.last + 1))]
    met += _heard(left, text, countries, strict=strict, learnt=learnt)
    return _ranked(met, near)


def _spans(text: str, words: list[tuple[str, int, int]]) -> list[_Span]:
    spans = []
    for length in range(min(WORDS_MAX, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            some = words[first : first + length]
            start, end = some[0][1], some[-1][2]
            # A name does not reach over a comma or a line end, nor is it made of small words only.
            if length > 1 and any(mark in text[start:end] for mark in ",;\n|()"):
                continue
            said = [word for word, _start, _end in some]
            if all(word in STOP_WORDS or word.isdecimal() or len(word) < 3 for word in said) and all(
                word.isascii() for word in said
            ):
                continue
            spans.append(_Span(first, first + length - 1, start, end, "".join(said), length == 1))
    return spans


def _look_up(normals: set[str], countries: Sequence[str], learnt: str) -> dict[str, list[_Candidate]]:
    """The places spelled exactly so: the operator's where he has any, else GeoNames'."""
    found: dict[str, list[_Candidate]] = {}
    asked = sorted(normals)
    for at in range(0, len(asked), 400):  # SQLite takes a limited number of parameters
        rows = PlaceName.objects.filter(normal__in=asked[at : at + 400])
        for row in _in(rows, countries, learnt):
            found.setdefault(row.normal, []).append(_own(row, 1.0))
    for town in geonames.towns_named([one for one in asked if one not in found], countries):
        found.setdefault(town.normal, []).append(_town(town, 1.0))
    return found


def _heard(
    spans: list[_Span], text: str, countries: Sequence[str], *, strict: bool, learnt: str
) -> list[_Candidate]:
    """Places for the words that no spelling explains: by sound first, then by counting slips."""
    if not countries:
        return []  # the whole world has something that sounds like anything
    asked = [
        span
        for span in spans
        if (len(span.normal) >= 5 or not span.normal.isascii())
        and not (strict and span.alone and text[span.start].isascii() and not text[span.start].isupper())
    ]
    met = _alike(asked, {sound(span.normal) for span in asked}, text, countries, own=True, learnt=learnt)
    if met:
        return met
    near = [sound(span.normal) for span in asked if len(span.normal) >= 6 and span.last - span.first < 3]
    sounds = {one for heard in near if heard for one in sounds_near(heard)}
    # Towns only: the many small names that are loaded and learnt lie too close to one another.
    return _alike(asked, sounds, text, countries, own=False, learnt=learnt)


def _alike(
    spans: list[_Span], heard: set[str], text: str, countries: Sequence[str], *, own: bool, learnt: str
) -> list[_Candidate]:
    """The places with one of these sounds that are spelled like one of the spans; longer spans first."""
    sounds = sorted(heard - {""})
    rows: list[_Candidate] = []
    for at in range(0, len(sounds) if own else 0, 400):
        names = PlaceName.objects.filter(sound__in=sounds[at : at + 400])
        rows += [_own(row, 1.0) for row in _in(names, countries, learnt)]
    rows += [_town(town, 1.0) for town in geonames.towns_sounding(sounds, countries)]
    met: list[_Candidate] = []
    taken: set[int] = set()
    for span in spans:
        if not taken.isdisjoint(range(span.first, span.last + 1)):
            continue
        best: dict[str, _Candidate] = {}
        for row in rows:
            likeness = _likeness(span.normal, row.key)
            if likeness and likeness > getattr(best.get(_identity(row)), "likeness", 0):
                best[_identity(row)] = _at(replace(row, likeness=likeness), span, text)
        if best:
            taken.update(range(span.first, span.last + 1))
            met += best.values()
    return met


def _likeness(written: str, known: str) -> float:
    """1 for the same spelling, less for each slip, 0.6 across scripts where only the sound agrees, else 0."""
    alike = sound(written) == sound(known)
    if written.isascii() != known.isascii():
        # The gazetteer's Latin names heard in another script; the other way round matches too much.
        return 0.6 if alike and not written.isascii() else 0.0
    if written[0] != known[0] or len(written) < 7:
        return 0.0  # the first letter is the one people get right; short names have too many neighbours
    slips = distance(written, known, 3)
    # What sounds the same may be spelled with one slip more.
    return 0.95 - 0.1 * slips if slips <= min(2, slips_allowed(written) + alike) else 0.0


def _identity(candidate: _Candidate) -> str:
    return f"{candidate.source}:{candidate.name}:{candidate.point}"


def _at(candidate: _Candidate, span: _Span, text: str) -> _Candidate:
    return replace(
        candidate, start=span.start, end=span.end, before=text[max(0, span.start - 60) : span.start]
    )


def _too_common(candidate: _Candidate, span: _Span, countries: Sequence[str]) -> bool:
    """A single word of a message that only a small place far away, or a very short name, explains."""
    if not span.alone:
        return False
    short = len(span.normal) < 4 and span.normal.isascii()
    return short or (not countries and candidate.population < 15_000)


def _in(rows: QuerySet[PlaceName], countries: Sequence[str], learnt: str) -> Iterator[PlaceName]:
    hers = ~Q(place__source__startswith=LEARNT)
    if learnt:
        hers |= Q(place__source=f"{LEARNT}{learnt}")
    rows = rows.filter(hers).select_related("place").order_by("pk")
    yield from rows.filter(country__in=countries) if countries else rows


# How much a row of the operator's weighs, in people, where names disagree.
_PEOPLE = {Kind.SPOT: 100, Kind.ROAD: 1_000, Kind.QUARTER: 20_000}


def _own(row: PlaceName, likeness: float) -> _Candidate:
    place = row.place
    point = Point(place.x, place.y)
    return _Candidate(
        row.normal, place.name, place.admin, place.country, point, place.radius_m, place.kind, place.source,
        _PEOPLE.get(Kind(place.kind), 50_000), likeness, 0, 0, "",
    )  # fmt: skip


def _town(town: geonames.Town, likeness: float) -> _Candidate:
    return _Candidate(
        town.normal, town.name, "", town.country, town.point, town.radius_m, Kind.TOWN.value, geonames.SOURCE,
        town.population, likeness, 0, 0, "",
    )  # fmt: skip


# ---- which one --------------------------------------------------------------------------------------


def _ranked(met: list[_Candidate], near: Point | None) -> list[Answer]:
    """Best first: what agrees with most other names of the text, then the most specific of those."""
    met = _without_repeats(met)
    places = [
        (candidate, _agreeing(candidate, met), _fit(candidate, near))
        for candidate in met[:200]  # namesakes beyond this help nobody
    ]
    if not places:
        return []
    best_of_span: dict[int, tuple[int, float]] = {}
    for candidate, agreeing, fit in places:
        best_of_span[candidate.start] = max(best_of_span.get(candidate.start, (0, 0.0)), (agreeing, fit))
    most = max(agreeing for _candidate, agreeing, _fit_ in places)

    def order(item: tuple[_Candidate, int, float]) -> tuple[bool, bool, int, float]:
        candidate, agreeing, fit = item
        first_choice = (agreeing, fit) == best_of_span[candidate.start]
        # Of the names that agree the smallest place tells most; slips make it doubtful. Where none agree
        # ("Boulevard Dessalines, Port-au-Prince": Dessalines is also a town) the likeliest is taken.
        size = round(math.log2(candidate.radius_m / candidate.likeness)) if most else 0
        return not first_choice, agreeing < most, size, -fit

    ordered = sorted(places, key=order)
    return [_answer(candidate, agreeing, most, fit) for candidate, agreeing, fit in ordered]


def _without_repeats(met: list[_Candidate]) -> list[_Candidate]:
    kept: dict[tuple[str, int], _Candidate] = {}
    for candidate in met:
        kept.setdefault((_identity(candidate), candidate.start), candidate)
    return list(kept.values())


def _agreeing(candidate: _Candidate, met: list[_Candidate]) -> int:
    """How many other names of the text have a namesake near this place."""
    return len(
        {
            other.start
            for other in met
            if other.start != candidate.start
            and distance_m(other.point, candidate.point) <= other.radius_m + candidate.radius_m + TOGETHER_M
        }
    )


def _fit(candidate: _Candidate, near: Point | None) -> float:
    """0..1: how it is spelled, how many people live there, how near it is."""
    nearness = 0.0 if near is None else 1 / (1 + distance_m(near, candidate.point) / 50_000)
    return candidate.likeness * (0.7 + 0.15 * _weight(candidate.population) + 0.15 * nearness)


def _weight(population: int) -> float:
    """0..1 over seven powers of ten."""
    return min(1.0, math.log10(population + 1) / 7)


def _answer(candidate: _Candidate, agreeing: int, most: int, fit: float) -> Answer:
    point, radius_m, note = candidate.point, candidate.radius_m, ""
    offset = away(candidate.before)
    if offset is not None:
        metres, bearing = offset
        point = moved(point, metres, bearing)
        radius_m = round(math.hypot(radius_m, metres / 3))  # nobody measures; a third is usual
        note = _("Reckoned from the distance and direction in the text.")
    return Answer(
        name=candidate.name,
        label=_label(candidate.name, candidate.admin, candidate.country),
        point=point,
        radius_m=radius_m,
        kind=candidate.kind,
        source=candidate.source,
        score=round(fit * (1 + agreeing) / (1 + most), 3),
        start=candidate.start,
        end=candidate.end,
        note=note,
    )


def _label(name: str, admin: str, country: str) -> str:
    parts = [
        part for part in (name, admin, country_name(country, translation.get_language() or "en")) if part
    ]
    return ", ".join(dict.fromkeys(parts))


@lru_cache(maxsize=1024)
def country_name(country: str, language: str) -> str:
    """A country's name in a language (CLDR); its code where there is none."""
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return str(locale.territories.get(country, country))


def _around(point: Point, zoom: int) -> Iterator[tuple[int, int]]:
    """The cell ranges of the tile a point is in and of its eight neighbours."""
    x, y = point.x >> (BITS - zoom), point.y >> (BITS - zoom)
    for row in range(max(0, y - 1), min(1 << zoom, y + 2)):
        for column in {(x + step) % (1 << zoom) for step in (-1, 0, 1)}:
            yield cell_range(zoom, column, row)


# ---- what is loaded, and who may load ---------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """One source of loaded places in one country."""

    source: str
    licence: str
    country: str
    places: int


def sources() -> list[Source]:
    """What the operator and the stewards loaded, counted by source and country."""
    rows = (
        Place.objects.exclude(source__startswith=LEARNT)
        .values("source", "licence", "country")
        .annotate(places=Count("pk"))
        .order_by("source", "country", "licence")
    )
    language = translation.get_language() or "en"
    return [
        Source(row["source"], row["licence"], country_name(row["country"], language), row["places"])
        for row in rows
    ]


def may_load(person: Any) -> bool:
    """True for the operator alone: what is loaded answers before GeoNames in every cause of the house, and
    anybody may begin a cause and call herself its steward."""
    return bool(person.is_authenticated and person.is_active and person.is_staff)


def demand_to_load(person: Any) -> None:
    """Nothing where the person may load places; otherwise raises Refusal (403)."""
    if not may_load(person):
        raise Refusal(_("Only the operator loads places."), status=403, code="no-right")


def box_around(point: Point, radius_m: float) -> tuple[float, float, float, float]:
    """``(west, south, east, north)`` in degrees of a box some twelve radii wide, at least 120 km."""
    lat, lon = from_grid(point)
    high = max(60_000.0, 6 * radius_m) / 111_320
    wide = high / max(0.1, math.cos(math.radians(lat)))
    return max(-180.0, lon - wide), max(-85.0, lat - high), min(180.0, lon + wide), min(85.0, lat + high)
