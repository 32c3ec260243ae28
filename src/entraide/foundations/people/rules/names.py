"""Names and short words that people type, made safe to show beside other people's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

WORDS_MAX = 20
WORD_LENGTH_MAX = 40
MARKS_IN_A_ROW = 4  # real scripts need no more; "zalgo" piles dozens over the neighbours' lines

# Joiners shape letters in Persian and Indian scripts and in emoji. Every other invisible sign can turn
# the direction of the text around a name or make two names look alike.
_JOINERS = {"\u200c", "\u200d"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_FILLERS = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}  # letters and signs that show nothing


def _visible(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for sign in unicodedata.normalize("NFC", text):
        category = unicodedata.category(sign)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category in ("Zs", "Zl", "Zp") or sign in "\t\r\n" or sign in _FILLERS:
            kept.append(" ")
        elif (category not in _INVISIBLE or sign in _JOINERS) and marks <= MARKS_IN_A_ROW:
            kept.append(sign)
    return " ".join("".join(kept).split())


def clean_name(text: str, length: int = 80) -> str:
    """One line in NFC without control, direction or filler signs; "" where nothing visible is left."""
    cleaned = _visible(text)[:length].strip()
    return (
        cleaned if any(sign not in _JOINERS and not unicodedata.combining(sign) for sign in cleaned) else ""
    )


def clean_words(words: str | Iterable[str]) -> list[str]:
    """Short words, each once whatever its capitals, in their order.

    Args:
        words: several, or one text with commas, semicolons or line breaks between them.
    """
    if isinstance(words, str):
        words = re.split(r"[,;،、\n]", words)
    found: dict[str, str] = {}
    for word in words:
        cleaned = clean_name(word, WORD_LENGTH_MAX)
        if cleaned:
            found.setdefault(cleaned.casefold(), cleaned)
    return list(found.values())[:WORDS_MAX]


def pseudonym(public_id: UUID) -> str:
    """What stands in public for somebody who did not agree to show her name."""
    return _("Person %(mark)s") % {"mark": public_id.hex[:4].upper()}
