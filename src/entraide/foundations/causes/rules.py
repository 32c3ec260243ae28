"""Pure decisions of the causes room: what a cause may be called, where it is, how its figures are said."""

from __future__ import annotations

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext as _

from entraide.foundations.causes.models import Cause, Goal, State
from entraide.foundations.design import words
from entraide.refusal import Refusal

__all__ = ["Area", "State", "amount", "plain_slug", "progress", "sdg_names"]

Area = tuple[float, float, float, float]  # west, south, east, north in degrees

SLUG_SHAPE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LANGUAGE_SHAPE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
UNIT_SHAPE = re.compile(r"[a-z][a-z0-9-]*")  # as in the journal
MONEY_SHAPE = re.compile(r"([a-z]{3})-cent")
FORBIDDEN_SLUGS = frozenset({"new"})

MANY = 1000  # a number that takes the plural in every language we speak

# How a quantity is said in each unit the house counts in. A unit without a line here says its own name.
UNITS: dict[str, Any] = {
    "act": ngettext_lazy("%(count)s act", "%(count)s acts", "count"),
    "answer": ngettext_lazy("%(count)s answer", "%(count)s answers", "count"),
    "cause": ngettext_lazy("%(count)s cause", "%(count)s causes", "count"),
    "day": ngettext_lazy("%(count)s day", "%(count)s days", "count"),
    "hour": ngettext_lazy("%(count)s hour", "%(count)s hours", "count"),
    "idea": ngettext_lazy("%(count)s idea", "%(count)s ideas", "count"),
    "item": ngettext_lazy("%(count)s item", "%(count)s items", "count"),
    "kilometre": ngettext_lazy("%(count)s kilometre", "%(count)s kilometres", "count"),
    "litre": ngettext_lazy("%(count)s litre", "%(count)s litres", "count"),
    "meal": ngettext_lazy("%(count)s meal", "%(count)s meals", "count"),
    "message": ngettext_lazy("%(count)s message", "%(count)s messages", "count"),
    "minute": ngettext_lazy("%(count)s minute", "%(count)s minutes", "count"),
    "need": ngettext_lazy("%(count)s need met", "%(count)s needs met", "count"),
    "person": ngettext_lazy("%(count)s person", "%(count)s persons", "count"),
    "place": ngettext_lazy("%(count)s place", "%(count)s places", "count"),
    "post": ngettext_lazy("%(count)s post", "%(count)s posts", "count"),
    "publication": ngettext_lazy("%(count)s publication", "%(count)s publications", "count"),
    "report": ngettext_lazy("%(count)s report", "%(count)s reports", "count"),
    "seat": ngettext_lazy("%(count)s seat", "%(count)s seats", "count"),
    "share": ngettext_lazy("%(count)s share", "%(count)s shares", "count"),
    "translation": ngettext_lazy("%(count)s translation", "%(count)s translations", "count"),
    "tree": ngettext_lazy("%(count)s tree", "%(count)s trees", "count"),
    "vote": ngettext_lazy("%(count)s vote", "%(count)s votes", "count"),
    "word": ngettext_lazy("%(count)s word", "%(count)s words", "count"),
}


def locale(language: str | None = None) -> Locale:
    """Babel's locale for a BCP 47 code (default: the reader's); English where Babel does not know it."""
    code = language or get_language() or "en"
    for candidate in (code, code.split("-")[0]):
        try:
            return Locale.parse(candidate, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def amount(quantity: int, unit: str) -> str:
    """A quantity with its unit, for people: "1 report", "2,500 reports", "€12.50", "3 wheel"."""
    if money := MONEY_SHAPE.fullmatch(unit):
        return words.money(quantity, money[1].upper())
    count = format_decimal(quantity, locale=locale())
    said = UNITS.get(unit)
    if said is None:
        return f"{count} {unit}"
    # The plural turns on the number; what is shown is the number as the reader writes it.
    return str(said % {"count": quantity}).replace(str(quantity), count, 1)


def bare_amount(quantity: int, unit: str) -> str:
    """The quantity beside another that says the unit: the "9" of "9 of 20 reports", the "€9" of "€9 of €20"."""
    return (
        amount(quantity, unit) if MONEY_SHAPE.fullmatch(unit) else format_decimal(quantity, locale=locale())
    )


def unit_name(unit: str) -> str:
    """A unit as a plain plural, for a list to choose from: "reports", "euros"."""
    if money := MONEY_SHAPE.fullmatch(unit):
        return str(locale().currencies.get(money[1].upper(), money[1].upper()))
    said = UNITS.get(unit)
    return unit if said is None else str(said % {"count": MANY}).replace(str(MANY), "").strip()


def progress(given: Mapping[tuple[str, str], int], goal: Goal) -> int:
    """How much of a goal's unit was given, from the journal's totals by kind and unit."""
    return sum(
        quantity
        for (kind, unit), quantity in given.items()
        if unit == goal.unit and (not goal.kinds or kind in goal.kinds)
    )


@cache
def _sdgs() -> dict[str, dict[int, str]]:
    with (Path(__file__).parent / "data" / "sdgs.toml").open("rb") as file:
        data = tomllib.load(file)
    return {
        language: {int(number): name for number, name in names.items()} for language, names in data.items()
    }


def sdg_names(language: str | None = None) -> dict[int, str]:
    """Number → name of the 17 Sustainable Development Goals, in the language or else in English."""
    code = (language or get_language() or "en").split("-")[0]
    return _sdgs().get(code, _sdgs()["en"])


# Babel names these too: unions, the unknown, and codes for tests.
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


@cache
def country_codes() -> frozenset[str]:
    """The ISO 3166-1 alpha-2 codes Babel has names for."""
    codes = {str(code) for code in Locale("en").territories}
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - NO_COUNTRIES


def country_names(language: str | None = None) -> dict[str, str]:
    """Code → name of every country, in the reader's language, sorted by name."""
    names = locale(language).territories
    known = {code: str(names.get(code, code)) for code in country_codes()}
    return dict(sorted(known.items(), key=lambda item: item[1].casefold()))


def parse_countries(text: str) -> tuple[list[str], list[str]]:
    """Read a list such as "Madagascar, MZ": (codes, each once, in order; words not understood)."""
    by_name = {name.casefold(): code for code, name in country_names("en").items()}
    by_name |= {name.casefold(): code for code, name in country_names().items()}
    codes: dict[str, None] = {}
    unknown: list[str] = []
    for word in filter(None, (part.strip() for part in re.split(r"[,;،、\n]", text))):
        code = word.upper() if word.upper() in country_codes() else by_name.get(word.casefold())
        if code is None:
            unknown.append(word)
        else:
            codes[code] = None
    return list(codes), unknown


def plain_slug(slug: str) -> str:
    """The slug, if it is fit for an address. Raises Refusal otherwise."""
    if not SLUG_SHAPE.fullmatch(slug) or slug in FORBIDDEN_SLUGS or len(slug) > 60:
        raise Refusal(
            _("The address may hold small letters a–z, digits, and single hyphens between them."),
            where="slug",
            code="bad-slug",
        )
    return slug


def known_languages(codes: Iterable[str]) -> list[str]:
    """The codes without repeats, in their order. Raises Refusal for what is no language code."""
    found = list(dict.fromkeys(codes))
    for code in found:
        if not LANGUAGE_SHAPE.fullmatch(code) or len(code) > 35:
            raise Refusal(
                _("“%(code)s” is not a language code.") % {"code": code},
                where="languages",
                code="bad-language",
            )
    return found


def known_countries(codes: Iterable[str]) -> list[str]:
    """The codes without repeats, in their order. Raises Refusal for what is no ISO 3166 code."""
    found = list(dict.fromkeys(codes))
    for code in found:
        if code not in country_codes():
            raise Refusal(
                _("“%(code)s” is not a country code.") % {"code": code}, where="countries", code="bad-country"
            )
    return found


def known_sdgs(numbers: Iterable[int]) -> list[int]:
    """The numbers, sorted, without repeats. Raises Refusal for any outside 1–17."""
    found = sorted(set(numbers))
    if any(number not in range(1, 18) for number in found):
        raise Refusal(
            _("The goals of the United Nations have the numbers 1 to 17."), where="sdgs", code="bad-sdg"
        )
    return found


def known_area(area: Sequence[float] | None) -> Area | None:
    """West, south, east, north as the tables hold them. Raises Refusal for a box that is none."""
    if area is None:
        return None
    west, south, east, north = area
    on_the_globe = all(-180 <= value <= 180 for value in (west, east)) and -90 <= south < north <= 90
    if not on_the_globe or west == east:
        raise Refusal(
            _("The area needs a west, south, east and north that hold some land between them."),
            where="area",
            code="bad-area",
        )
    return (west, south, east, north)


METRES_PER_DEGREE = 111_320  # of latitude
SMALLEST_REACH_M = 5_000


def area_around(lat: float, lon: float, radius_m: int) -> Area:
    """The box that holds a circle: west, south, east, north in degrees, to a hundredth (about a kilometre).

    Args:
        lat, lon: its middle, in degrees.
        radius_m: its radius in metres; a cause is never smaller than 5 km.
    """
    reach = max(radius_m, SMALLEST_REACH_M) / METRES_PER_DEGREE
    wide = min(179.0, reach / max(0.0001, math.cos(math.radians(lat))))
    west, east = ((lon + shift + 180) % 360 - 180 for shift in (-wide, wide))
    south, north = max(-90.0, lat - reach), min(90.0, lat + reach)
    return (round(west, 2), round(south, 2), round(east, 2), round(north, 2))


def promise(cause: Cause) -> bytes:
    """What a cause says of itself and hopes for, as canonical JSON: the evidence of its opening."""
    texts = {
        text.language: [text.title, text.summary, text.body] for text in cause.texts.order_by("language")
    }
    goals = [
        [goal.label, goal.unit, goal.target, goal.kinds] for goal in cause.goals.order_by("position", "pk")
    ]
    body = {"slug": cause.slug, "texts": texts, "goals": goals}
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def promise_hash(cause: Cause) -> str:
    """SHA-256 of :func:`promise`, hexadecimal."""
    return hashlib.sha256(promise(cause)).hexdigest()
