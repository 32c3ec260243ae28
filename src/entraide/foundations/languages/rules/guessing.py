"""Which language a text is in: two independent opinions, and honesty where they differ.

pycld2 (quadgrams, whole words) and py3langid (byte n-grams) err in different ways. Where both name the
same language we say ``sure``; otherwise both choices are shown to a person. The author's own word always
wins over a guess: callers ask us only where she gave none.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any

from .tags import Direction, direction, tag
from .text import normalise

# Fewer letters than this and a guess is noise ("ok", "SOS"), unless the script itself tells.
LETTERS_MIN = 4
# Below this length even two agreeing opinions are often wrong together: shown as a choice.
LETTERS_SURE = 12
# Of a long text the beginning is enough: the opinions do not change, and time would grow with a hostile text.
READ_MAX = 5_000  # characters

# Scripts that one language alone writes in practice: the script answers, however short the text.
LANGUAGE_OF_SCRIPT = {
    "Armn": "hy",
    "Geor": "ka",
    "Grek": "el",
    "Gujr": "gu",
    "Guru": "pa",
    "Hang": "ko",
    "Jpan": "ja",
    "Khmr": "km",
    "Knda": "kn",
    "Laoo": "lo",
    "Mlym": "ml",
    "Mymr": "my",
    "Nkoo": "nqo",
    "Orya": "or",
    "Sinh": "si",
    "Taml": "ta",
    "Telu": "te",
    "Thaa": "dv",
    "Thai": "th",
}
# First word of a letter's Unicode name -> ISO 15924.
_SCRIPTS = {
    "LATIN": "Latn",
    "ARABIC": "Arab",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "HEBREW": "Hebr",
    "DEVANAGARI": "Deva",
    "BENGALI": "Beng",
    "GURMUKHI": "Guru",
    "GUJARATI": "Gujr",
    "ORIYA": "Orya",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "KANNADA": "Knda",
    "MALAYALAM": "Mlym",
    "SINHALA": "Sinh",
    "THAI": "Thai",
    "LAO": "Laoo",
    "TIBETAN": "Tibt",
    "MYANMAR": "Mymr",
    "KHMER": "Khmr",
    "GEORGIAN": "Geor",
    "ARMENIAN": "Armn",
    "ETHIOPIC": "Ethi",
    "HANGUL": "Hang",
    "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan",
    "CJK": "Hani",
    "THAANA": "Thaa",
    "NKO": "Nkoo",
    "TIFINAGH": "Tfng",
    "SYRIAC": "Syrc",
    "ADLAM": "Adlm",
    "MONGOLIAN": "Mong",
}
# Addresses, handles and numbers have no language, and mislead both opinions.
_NO_LANGUAGE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+|\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Guess:
    """What we think a text is written in.

    Attributes:
        language: BCP 47 tag of the first choice, ``"und"`` where there is nothing to go by.
        script: ISO 15924 of most letters (``"Latn"``), ``"Zyyy"`` without letters.
        direction: how to show it.
        sure: both opinions agree on a text long enough (or its script has one language alone).
        choices: up to two ``(tag, confidence 0..1)``, best first; one where sure, none where ``und``.
    """

    language: str
    script: str
    direction: Direction
    sure: bool
    choices: tuple[tuple[str, float], ...]


def guess(text: str) -> Guess:
    """The language of a text. Never raises; offline; safe in threads; some 0.2 ms a message."""
    plain = _NO_LANGUAGE.sub(" ", normalise(text[:READ_MAX]))
    script, letters = _script(plain)
    only = LANGUAGE_OF_SCRIPT.get(script)
    if only is not None and letters >= 2:
        return Guess(only, script, direction(only), sure=True, choices=((only, 1.0),))
    if letters < (2 if script == "Hani" else LETTERS_MIN):
        way: Direction = direction(f"und-{script}") if letters else "auto"
        return Guess("und", script, way, sure=False, choices=())
    first, second = _compact_language_detector(plain), _langid(plain)
    choices = _merge(first, second)
    if not choices:
        return Guess("und", script, direction(f"und-{script}"), sure=False, choices=())
    language = choices[0][0]
    agreed = first is not None and second is not None and first[0] == second[0]
    long_enough = letters >= (4 if script == "Hani" else LETTERS_SURE)
    if agreed and long_enough:
        return Guess(language, script, _way(language, script), sure=True, choices=choices[:1])
    return Guess(language, script, _way(language, script), sure=False, choices=choices)


def script_of(text: str) -> str:
    """ISO 15924 code of the script most letters of the text are in; ``"Zyyy"`` where it has none."""
    return _script(text)[0]


def _script(text: str) -> tuple[str, int]:
    """The script and how many letters speak for it. Any kana makes Han characters Japanese."""
    counts: Counter[str] = Counter()
    for character, times in Counter(text).items():
        if unicodedata.category(character)[0] == "L":
            name = unicodedata.name(character, "").split(" ", 1)[0]
            counts[_SCRIPTS.get(name, "Zzzz")] += times
    if not counts:
        return "Zyyy", 0
    if counts["Jpan"] and counts["Jpan"] * 5 >= counts["Hani"]:
        counts["Jpan"] += counts.pop("Hani", 0)
    return max(counts.items(), key=lambda pair: pair[1])


def _way(language: str, script: str) -> Direction:
    """The direction of a text in ``language`` that is written in ``script`` (Urdu in Latin letters: ltr)."""
    return direction(language) if script in ("Zyyy", "Zzzz") else direction(f"und-{script}")


Opinion = tuple[str, float] | None


def _compact_language_detector(text: str) -> Opinion:
    import pycld2

    try:
        _reliable, _bytes, details = pycld2.detect(text.encode(), isPlainText=True, bestEffort=True)
    except pycld2.error:  # it refuses some valid but unassigned characters
        return None
    _name, code, percent, _score = details[0]
    language = _same_name(code)
    return None if language == "und" else (language, percent / 100)


def _langid(text: str) -> Opinion:
    code, confidence = _identifier().classify(text.replace("\n", " "))
    language = _same_name(code)
    return None if language == "und" else (language, round(float(confidence), 3))


def _same_name(code: str) -> str:
    """One name for what both libraries mean; the script of Chinese and Serbian is told by the letters."""
    if code in ("un", "xx", "und") or code.startswith("xx-"):
        return "und"
    first = tag(code).split("-")[0]
    return {"nn": "no", "plt": "mg", "swh": "sw", "swc": "sw", "pes": "fa", "prs": "fa"}.get(first, first)


def _merge(first: Opinion, second: Opinion) -> tuple[tuple[str, float], ...]:
    if first is not None and second is not None and first[0] == second[0]:
        return ((first[0], max(first[1], second[1])),)
    opinions = [opinion for opinion in (first, second) if opinion is not None]
    return tuple(sorted(opinions, key=lambda opinion: -opinion[1]))


_lock = threading.Lock()
_loaded: list[Any] = []


def _identifier() -> Any:
    """py3langid's model, loaded once on first use (0.6 s); reading it needs no lock."""
    if not _loaded:
        with _lock:
            if not _loaded:
                from py3langid.langid import MODEL_FILE, LanguageIdentifier

                _loaded.append(LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True))
    return _loaded[0]
