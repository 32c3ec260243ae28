"""Language tags: their canonical form, the way their script runs, the best one to show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

Direction = Literal["ltr", "rtl", "auto"]

# Scripts written from right to left (Unicode property Bidi_Class R or AL), and the languages that use one
# of them where the tag names no script (CLDR likelySubtags).
RIGHT_TO_LEFT_SCRIPTS = frozenset(
    {"arab", "aran", "hebr", "thaa", "syrc", "nkoo", "adlm", "rohg", "mand", "samr", "mend", "hung", "yezi"}
)
RIGHT_TO_LEFT_LANGUAGES = frozenset(
    {"ar", "arc", "ary", "arz", "apc", "acm", "aeb", "ajp", "acq", "ars", "azb", "bal", "bgn", "bqi", "brh"}
    | {"ckb", "dv", "fa", "glk", "he", "khw", "ks", "lrc", "mzn", "nqo", "prs", "ps", "rhg", "sd", "sdh"}
    | {"skr", "syr", "ug", "ur", "yi"}
)
# Codes that were withdrawn or renamed, and are still sent by browsers, libraries and old telephones.
RENAMED = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "jw": "jv",
    "mo": "ro",
    "sh": "sr-Latn",
    "nb": "no",
    "tl": "fil",
}

_SHAPE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")


def tag(code: str) -> str:
    """The canonical spelling of a BCP 47 tag: ``pt_br`` becomes ``pt-BR``, ``iw`` becomes ``he``.

    Anything that has not the shape of a tag becomes ``"und"``: what we print in a ``lang`` attribute is
    then always well-formed.
    """
    code = code.strip().replace("_", "-")
    if len(code) > 35 or not _SHAPE.match(code):
        return "und"
    first, *rest = code.split("-")
    parts = [RENAMED.get(first.lower(), first.lower())]
    for part in rest:
        if len(part) == 4 and part.isalpha():
            parts.append(part.title())
        elif len(part) == 2 and part.isalpha():
            parts.append(part.upper())
        else:
            parts.append(part.lower())
    return "-".join(parts)


def direction(language: str) -> Direction:
    """Which way a language runs: by its script where the tag names one, else by its usual script.

    An unknown language is ``"auto"``: the browser then decides by the first strong letter.
    """
    first, *rest = tag(language).lower().split("-")
    if first == "und" and not rest:
        return "auto"
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    if script:
        return "rtl" if script in RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if first in RIGHT_TO_LEFT_LANGUAGES else "ltr"


def best(available: Iterable[str], wanted: Sequence[str] | str) -> str:
    """Of the languages a text exists in, the one to show to somebody who reads ``wanted`` (best first).

    The same tag wins, then the same language in another region or script (``pt`` for ``pt-BR``), then the
    first available. ``""`` where nothing is available. The answer is spelled as in ``available``.
    """
    there = list(available)
    wishes = [wanted] if isinstance(wanted, str) else list(wanted)
    for wish in wishes:
        exact = tag(wish)
        for candidate in there:
            if tag(candidate) == exact:
                return candidate
        for candidate in there:
            if tag(candidate).split("-")[0] == exact.split("-")[0]:
                return candidate
    return there[0] if there else ""
