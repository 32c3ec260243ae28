"""The languages a person reads: typed by name or code, kept as BCP 47 codes (names from Unicode CLDR)."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale, UnknownLocaleError
from django.conf import settings

LANGUAGES_MAX = 20
_CODE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


def _locale(code: str) -> Locale | None:
    try:
        return Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None


@cache
def _names(code: str) -> dict[str, str]:
    """Every language CLDR names in one language: small letters -> BCP 47 code."""
    locale = _locale(code)
    return (
        {name.casefold(): key.replace("_", "-") for key, name in locale.languages.items()} if locale else {}
    )


@cache
def _own_names() -> dict[str, str]:
    """Languages by what they call themselves ("Kreyòl ayisyen" is not in CLDR, "Kiswahili" is)."""
    found: dict[str, str] = {}
    for code in map(str, Locale("en").languages):
        locale = _locale(code)
        own = locale.languages.get(code) if locale and locale.language == code else None
        if own:
            found.setdefault(str(own).casefold(), code)
    return found


def _normal(code: str) -> str:
    """``PT_br`` -> ``pt-BR``, ``zh-hant`` -> ``zh-Hant``."""
    language, *rest = re.split(r"[-_]", code.strip())
    parts = [part.title() if len(part) == 4 else part.upper() for part in rest]
    return "-".join([language.lower(), *parts])


def code_of(word: str) -> str | None:
    """The BCP 47 code of a language given as a code or by name: ours, English, or its own."""
    code = _normal(word)
    if _CODE.fullmatch(code) and code.split("-")[0] in Locale("en").languages:
        return code
    name = " ".join(word.split()).casefold()
    for interface_language, _label in settings.LANGUAGES:
        if name in _names(interface_language):
            return _names(interface_language)[name]
    return _own_names().get(name)


def parse_languages(text: str) -> tuple[list[str], list[str]]:
    """Read a list such as "français, English, ht": (codes, each once, in order; words not understood)."""
    codes: dict[str, None] = {}
    unknown = []
    for word in re.split(r"[,;،、\n]", text):
        if not word.strip():
            continue
        code = code_of(word)
        if code:
            codes[code] = None
        else:
            unknown.append(word.strip())
    return list(codes)[:LANGUAGES_MAX], unknown


def language_name(code: str, in_language: str) -> str:
    """What a language is called in another: "ht" in "fr" is "créole haïtien". Its code if CLDR is silent."""
    locale, named = _locale(in_language) or Locale("en"), _locale(code)
    language = code.split("-")[0]
    name = (named.get_display_name(locale) if named else None) or locale.languages.get(language)
    return name or code


def country_name(code: str, in_language: str) -> str:
    """What a country (ISO 3166-1 alpha-2) is called in a language; "" for none."""
    locale = _locale(in_language) or Locale("en")
    return locale.territories.get(code, code) if code else ""
