"""What a language is called, in the reader's language (Unicode CLDR through Babel)."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from .tags import tag

# CLDR keeps these under another code.
_IN_CLDR = {"no": "nb"}


def name_of(code: str, in_language: str = "") -> str:
    """The name of a language for a reader of ``in_language`` (default: the active one).

    ``name_of("ht", "fr")`` is ``"créole haïtien"``. An unknown language is "unknown language"; a code
    that CLDR does not know is given back as it is.
    """
    from babel import Locale, UnknownLocaleError

    language = tag(code)
    if language == "und":
        return _("unknown language")
    try:
        reader = Locale.parse(tag(in_language or translation.get_language() or "en"), sep="-")
    except (UnknownLocaleError, ValueError):
        reader = Locale("en")
    first, *rest = language.split("-")
    name: str | None = reader.languages.get(language.replace("-", "_")) or reader.languages.get(
        _IN_CLDR.get(first, first)
    )
    if name is None:
        return language
    if rest and language.replace("-", "_") not in reader.languages:
        details = [reader.scripts.get(part) or reader.territories.get(part) for part in rest]
        known = [detail for detail in details if detail]
        return f"{name} ({', '.join(known)})" if known else name
    return name
