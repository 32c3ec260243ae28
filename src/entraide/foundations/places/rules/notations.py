"""Coordinates as people write and paste them, in some twenty notations.

``find_coordinates`` reads a free text, ``parse_coordinates`` a field. A pair is taken exactly as written:
it never moves, and says how finely its notation rounds. What cannot be a position on Earth is named
(``problem``) instead of guessed at. Telephone numbers, dates, prices, versions and addresses of machines
are left alone: two plain numbers count only with four decimals or more, or with a mark (sign, degree sign,
hemisphere, label, link) that says what they are.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import grids
from .grid import Point, to_grid
from .links import in_link

METRES_PER_DEGREE = 111_320
FIELD_MAX = 400  # characters; what is longer is a text, not a field
# Patterns below take at most four spaces where people write one: their time must grow with the text, no faster.
RADIUS_MIN_M = 10  # no telephone knows better, however many digits it writes


@dataclass(frozen=True)
class Found:
    """One position found in a text.

    Attributes:
        lat, lon: degrees, WGS 84, as written.
        notation: ``"decimal"``, ``"dms"``, ``"map-link"``, ``"plus-code"`` … (docs: this module's tests).
        radius_m: half the last digit of the notation, at least 10 m.
        start, end: where it stands in the text.
        problem: ``""``, ``"swapped"`` (longitude was written first; put right here) or ``"out-of-range"``
            (no such place; ``point`` is None).
    """

    lat: float
    lon: float
    notation: str
    radius_m: int
    start: int
    end: int
    problem: str = ""

    @property
    def point(self) -> Point | None:
        """The position on the grid, None where there is no such position."""
        return None if self.problem == "out-of-range" else to_grid(self.lat, self.lon)

    @property
    def exchanged(self) -> Point | None:
        """The position with latitude and longitude exchanged, for "did you mean"; None if that is none."""
        if self.problem == "out-of-range" or abs(self.lon) > 90:
            return None
        return to_grid(self.lon, self.lat)


def parse_coordinates(text: str) -> Found | None:
    """The position a field holds: the first one found; shorter decimals suffice if nothing else is there."""
    plain = _ascii_digits(text)
    whole = _SHORT_PAIR.fullmatch(plain.strip()) if len(plain) <= FIELD_MAX else None
    if whole is not None and not _thousands(whole):
        found = _pair(whole, "decimal-comma" if "," in whole["lat"] else "decimal", at=0)
        if found is not None:
            return found
    return next(iter(find_coordinates(text)), None)


def find_coordinates(text: str) -> list[Found]:
    """Every position in a free text, in the order written."""
    plain = _ascii_digits(text)
    found: list[Found] = []
    read = bytearray(len(plain))  # 1 where a position was read
    for reader in _READERS:
        before = len(found)
        for one in reader(plain):
            # A reader has several patterns: what a stronger one read is not read again.
            if not any(read[one.start : one.end]):
                found.append(one)
                read[one.start : one.end] = b"\1" * (one.end - one.start)
        # Nor does a weaker reader see what was read.
        if len(found) > before:
            plain = "".join("\0" if done else letter for letter, done in zip(plain, read, strict=True))
    return sorted(found, key=lambda one: one.start)


def _ascii_digits(text: str) -> str:
    """Digits and signs of every script as ASCII ones, character for character."""
    if text.isascii():
        return text
    return "".join(
        character
        if character.isascii()
        else _SIGNS.get(character)
        or (str(unicodedata.decimal(character)) if character.isdecimal() else character)
        for character in text
    )


# Whatever keyboards and word processors make of a sign, one character for one character.
_SIGNS = {
    plain: sign
    for sign, plains in {
        "-": "−–‐‑－",
        "+": "＋",
        ".": "٫．",
        ",": "،，",
        ";": "；",
        ":": "：",
        "=": "＝",
        "°": "º˚⁰",
        "'": "′’‘ʹ´",
        '"': "″”“ʺ",
        " ": "\u00a0\u202f\u2009\u200e\u200f",
    }.items()
    for plain in plains
}


# ---- numbers -> Found -------------------------------------------------------------------------------


def _found(lat: float, lon: float, notation: str, step_degrees: float, span: tuple[int, int]) -> Found:
    problem = ""
    if abs(lat) > 90 and abs(lon) <= 90 and abs(lat) <= 180:
        lat, lon, problem = lon, lat, "swapped"
    elif abs(lat) > 90 or abs(lon) > 180:
        problem = "out-of-range"
    radius_m = max(RADIUS_MIN_M, math.ceil(step_degrees / 2 * METRES_PER_DEGREE * math.sqrt(2)))
    return Found(lat, lon, notation, radius_m, *span, problem)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _decimals(text: str) -> int:
    return len(re.split("[.,]", text)[1]) if re.search("[.,]", text) else 0


def _step(*texts: str) -> float:
    return float(10.0 ** -min(_decimals(text) for text in texts))


# ---- plain decimals ---------------------------------------------------------------------------------

_EDGE = r"(?<![\w.,:/@+\-$€£])"
_END = r"(?!\s?[%€$£]|\w|[.,]\d)"
_SEPARATOR = r"(?:\s{0,4}[;|/]\s{0,4}|\s{0,4},\s{0,4}|\s{1,4})"
# Decimal points; decimal commas (the separator may then not be a bare comma between digits).
_PLAIN = re.compile(
    rf"{_EDGE}\(?(?P<lat>[+-]?\d{{1,3}}\.\d{{4,}}){_SEPARATOR}(?P<lon>[+-]?\d{{1,3}}\.\d{{4,}}){_END}"
)
_COMMAS = re.compile(
    rf"{_EDGE}\(?(?P<lat>[+-]?\d{{1,3}},\d{{4,}}){_SEPARATOR}(?P<lon>[+-]?\d{{1,3}},\d{{4,}}){_END}"
)
# Three decimals may be thousands ("1.500"): a minus sign says that they are not.
_SIGNED = re.compile(
    rf"{_EDGE}\(?(?=[^\n]{{0,16}}-\d)"
    rf"(?P<lat>[+-]?\d{{1,3}}[.,]\d{{3,}}){_SEPARATOR}(?P<lon>[+-]?\d{{1,3}}[.,]\d{{3,}}){_END}"
)
# A whole field may hold three decimals, or fewer with a sign.
_SHORT_PAIR = re.compile(
    rf"[(\[]?(?=.*[.,]\d{{3}}.*[.,]\d{{3}}|.*(?:^|[\s,;(])-\d)"
    rf"(?P<lat>[+-]?\d{{1,3}}[.,]\d+){_SEPARATOR}(?P<lon>[+-]?\d{{1,3}}[.,]\d+)[)\]]?"
)


def _pair(match: re.Match[str], notation: str, at: int | None = None) -> Found | None:
    lat, lon = match["lat"], match["lon"]
    start, end = (match.start(), match.end()) if at is None else (at, at + match.end())
    # Mixed marks ("1.2345,6.7") are a list of something else.
    if ("," in lat) != ("," in lon):
        return None
    return _found(_number(lat), _number(lon), notation, _step(lat, lon), (start, end))


def _thousands(match: re.Match[str]) -> bool:
    """True for "1.500 2.300": exactly three digits, ending in zeros, no sign."""
    numbers = (match["lat"], match["lon"])
    return all(_decimals(number) == 3 and number.endswith("00") and number[0] != "-" for number in numbers)


def _plain(text: str) -> Iterator[Found]:
    for pattern, notation in ((_PLAIN, "decimal"), (_COMMAS, "decimal-comma"), (_SIGNED, "decimal")):
        for match in pattern.finditer(text):
            if found := _pair(match, notation):
                yield found


# ---- labels, machine forms --------------------------------------------------------------------------

_LABELLED = re.compile(
    r"\b(?P<first>lat(?:itude)?|lon(?:gitude)?|lng|long)[^\w+\-]{0,4}(?P<a>[+-]?\d{1,3}(?:[.,]\d+)?)°?"
    r"[^\w+\-]{1,5}(?P<second>lat(?:itude)?|lon(?:gitude)?|lng|long)[^\w+\-]{0,4}(?P<b>[+-]?\d{1,3}(?:[.,]\d+)?)",
    re.IGNORECASE,
)
_GEO_URI = re.compile(
    r"\bgeo:(?P<lat>-?\d{1,3}(?:\.\d+)?),(?P<lon>-?\d{1,3}(?:\.\d+)?)(?:,-?[\d.]+)?"
    r"(?P<rest>(?:;[\w-]+(?:=[\w.\-]*)?)*(?:\?[^\s<>\"]*)?)",
    re.IGNORECASE,
)
_GEO_QUERY = re.compile(r"[?&]q=(?P<lat>-?\d{1,3}\.\d+)(?:,|%2C)\+?(?P<lon>-?\d{1,3}\.\d+)", re.IGNORECASE)
_UNCERTAINTY = re.compile(r";u=(\d+(?:\.\d+)?)", re.IGNORECASE)
_GEOJSON = re.compile(
    r"\"?coordinates\"?\s{0,4}:\s{0,4}\[\s{0,4}(?P<lon>-?\d{1,3}(?:\.\d+)?)\s{0,4},\s{0,4}(?P<lat>-?\d{1,3}(?:\.\d+)?)[^\]]{0,200}\]"
)
_WKT = re.compile(
    r"\bPOINT\s{0,4}Z?\s{0,4}\(\s{0,4}(?P<lon>-?\d{1,3}(?:\.\d+)?)\s{1,4}(?P<lat>-?\d{1,3}(?:\.\d+)?)[^)]{0,200}\)",
    re.IGNORECASE,
)
_ISO_6709 = re.compile(r"(?<!\S)(?P<lat>[+-]\d{2}\.\d+)(?P<lon>[+-]\d{3}\.\d+)(?:[+-][\d.]+)?/?(?!\S)")


def _machine_forms(text: str) -> Iterator[Found]:
    for match in _GEO_URI.finditer(text):
        inner = _GEO_QUERY.search(match["rest"]) or match
        found = _found(
            float(inner["lat"]),
            float(inner["lon"]),
            "geo-uri",
            _step(inner["lat"], inner["lon"]),
            match.span(),
        )
        uncertain = _UNCERTAINTY.search(match["rest"])
        if uncertain:
            radius_m = max(RADIUS_MIN_M, math.ceil(float(uncertain[1])))
            found = Found(found.lat, found.lon, "geo-uri", radius_m, found.start, found.end, found.problem)
        yield found
    for pattern, notation in ((_GEOJSON, "geojson"), (_WKT, "wkt"), (_ISO_6709, "iso-6709")):
        for match in pattern.finditer(text):
            lat, lon = match["lat"], match["lon"]
            yield _found(float(lat), float(lon), notation, _step(lat, lon), match.span())


def _labelled(text: str) -> Iterator[Found]:
    for match in _LABELLED.finditer(text):
        first_is_lat = match["first"].lower().startswith("lat")
        if first_is_lat == match["second"].lower().startswith("lat"):
            continue
        lat, lon = (match["a"], match["b"]) if first_is_lat else (match["b"], match["a"])
        found = _found(_number(lat), _number(lon), "labelled", _step(lat, lon), match.span())
        if found.problem == "swapped":  # the labels say which is which: then it is simply wrong
            found = Found(
                _number(lat), _number(lon), "labelled", found.radius_m, *match.span(), "out-of-range"
            )
        yield found


# ---- degrees, minutes, seconds ----------------------------------------------------------------------

_HEMISPHERES = {
    "N": ("n", "north", "nord", "norte", "nò", "شمال", "شمالا"),
    "S": ("s", "south", "sud", "sur", "sul", "sid", "جنوب", "جنوبا"),
    "E": ("e", "east", "est", "este", "leste", "lès", "شرق", "شرقا"),
    "W": ("w", "o", "west", "ouest", "oeste", "ovest", "lwès", "غرب", "غربا"),
}
_HEMISPHERE_OF = {word: letter for letter, words in _HEMISPHERES.items() for word in words}
_WORD = "(?:" + "|".join(sorted(map(re.escape, _HEMISPHERE_OF), key=len, reverse=True)) + r")(?![^\W\d_])"
_NUMBER = r"\d{1,3}(?:[.,]\d+)?"


def _angle(n: int, degree_sign: str) -> str:
    return (
        rf"(?P<sign{n}>[+-])?(?P<d{n}>{_NUMBER})\s{{0,4}}{degree_sign}"
        rf"(?:(?<=[°\s])\s{{0,4}}(?P<m{n}>\d{{1,2}}(?:[.,]\d+)?)\s{{0,4}}'?(?!')"
        rf"(?:(?<=['\s])\s{{0,4}}(?P<s{n}>\d{{1,2}}(?:[.,]\d+)?)\s{{0,4}}(?:\"|''|&quot;)?)?)?"
    )


_BETWEEN = r"\s{0,4}[,;/|]?\s{0,4}"
_AFTER = re.compile(
    rf"{_EDGE}{_angle(1, '°?')}\s{{0,4}}(?P<h1>{_WORD}){_BETWEEN}{_angle(2, '°?')}\s{{0,4}}(?P<h2>{_WORD})(?!\w)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?<!\w)(?P<h1>{_WORD})\s{{0,4}}{_angle(1, '°?')}{_BETWEEN}(?P<h2>{_WORD})\s{{0,4}}{_angle(2, '°?')}(?![\w.])",
    re.IGNORECASE,
)
_NEITHER = re.compile(rf"{_EDGE}{_angle(1, '°')}{_BETWEEN}{_angle(2, '°')}(?!\w)", re.IGNORECASE)


def _degrees(text: str) -> Iterator[Found]:
    for pattern in (_AFTER, _BEFORE, _NEITHER):
        for match in pattern.finditer(text):
            if found := _from_angles(match):
                yield found


def _from_angles(match: re.Match[str]) -> Found | None:
    parts = match.groupdict()
    if not re.search(r"[°.,']|\d\s+\d", match.group()):
        return None  # "5 N 10 E" is too little to be a position
    values, steps, notations = [], [], []
    for n in "12":
        value, step, notation = _one_angle(parts["d" + n], parts["m" + n], parts["s" + n])
        values.append(-value if parts["sign" + n] == "-" else value)
        steps.append(step)
        notations.append(notation)
    letters = [_HEMISPHERE_OF[parts[name].lower()] for name in ("h1", "h2") if parts.get(name)]
    sides = ["NS" if letter in "NS" else "EW" for letter in letters]
    if letters and sorted(sides) != ["EW", "NS"]:
        return None
    values = [-v if i < len(letters) and letters[i] in "SW" else v for i, v in enumerate(values)]
    if sides == ["EW", "NS"]:  # "W 72.3 N 18.5": the letters say which is which
        values.reverse()
    notation = max(notations, key=["decimal-hemisphere", "degrees-minutes", "dms"].index)
    bad = any(
        part is not None and _number(part) >= 60
        for part in (match["m1"], match["m2"], match["s1"], match["s2"])
    )
    found = _found(values[0], values[1], notation, min(steps), match.span())
    if bad or (letters and found.problem):
        return Found(values[0], values[1], notation, found.radius_m, *match.span(), "out-of-range")
    return found


def _one_angle(degrees: str, minutes: str | None, seconds: str | None) -> tuple[float, float, str]:
    """An angle in degrees, what its last digit is worth, and its notation."""
    value = _number(degrees)
    if minutes is None:
        return value, _step(degrees), "decimal-hemisphere"
    value += _number(minutes) / 60
    if seconds is None:
        return value, _step(minutes) / 60, "degrees-minutes"
    return value + _number(seconds) / 3600, _step(seconds) / 3600, "dms"


# ---- links and codes --------------------------------------------------------------------------------

_LINK = re.compile(r"\b(?:https?://|maps\.|www\.|goo\.gl/)[^\s<>\"\0]+", re.IGNORECASE)
_PLUS_CODE = re.compile(
    r"(?<![\w+])(?P<code>[23456789C][23456789CFGHJMPQRV](?:[23456789CFGHJMPQRVWX]{6}|[23456789CFGHJMPQRVWX]{4}00)\+"
    r"(?:[23456789CFGHJMPQRVWX]{2,7})?)(?![\w+])",
    re.IGNORECASE,
)
_GEOHASH = re.compile(
    r"\bgeohash(?:\.org/|\s{0,4}[:=]\s{0,4}|\s{1,4})(?P<code>[0-9b-hjkmnp-z]{4,12})(?!\w)", re.IGNORECASE
)
_MGRS = re.compile(
    r"(?<![\w.])(?P<zone>\d{1,2})\s?(?P<band>[C-HJ-NP-X])\s?(?P<square>[A-HJ-NP-Z][A-HJ-NP-V])\s?"
    r"(?P<digits>\d{2,5}\s\d{2,5}|\d{4,10})(?![\w.])"
)
_UTM = re.compile(
    r"(?<![\w.])(?:UTM\W{0,3})?(?P<zone>\d{1,2})\s?(?P<band>[C-HJ-NP-X])\s{1,4}(?P<east>\d{6}(?:\.\d+)?)\s{0,4}(?:mE)?\s{0,4},?\s{0,4}"
    r"(?P<north>\d{1,8}(?:\.\d+)?)\s{0,4}(?:mN)?(?![\w.])"
)


def _links(text: str) -> Iterator[Found]:
    for match in _LINK.finditer(text):
        link = match.group().rstrip(".,;)]")
        pair = in_link(link)
        if pair is not None:
            lat, lon = pair
            span = (match.start(), match.start() + len(link))
            yield _found(float(lat), float(lon), "map-link", _step(lat, lon), span)


def _codes(text: str) -> Iterator[Found]:
    for match in _PLUS_CODE.finditer(text):
        lat, lon, height = grids.from_plus_code(match["code"])
        yield _found(lat, lon, "plus-code", height, match.span())
    for match in _GEOHASH.finditer(text):
        lat, lon, height = grids.from_geohash(match["code"])
        yield _found(lat, lon, "geohash", height, match.span())
    for pattern, notation, read in ((_MGRS, "mgrs", grids.from_mgrs), (_UTM, "utm", grids.from_utm_text)):
        for match in pattern.finditer(text):
            square = read(match)
            if square is not None:
                lat, lon, step_m = square
                yield _found(lat, lon, notation, step_m / METRES_PER_DEGREE, match.span())


# Strongest mark first: each blanks out what it read before the next looks.
_READERS: tuple[Callable[[str], Iterator[Found]], ...] = (
    _links,
    _machine_forms,
    _codes,
    _labelled,
    _degrees,
    _plain,
)
