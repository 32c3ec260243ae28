"""Texts as they come in: made safe to keep and to show, never changed in what they say."""

from __future__ import annotations

import re
import unicodedata

# Line ends of every make become \n. NEL, LS and PS break lines in some programs and not in others.
_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029\v\f]")
# Controls, lone surrogates, non-characters and byte-order marks say nothing and break XML, logs and SQL.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_OPENERS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"}
_ISOLATES = {"\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
_CLOSERS = frozenset("\u202c\u2069")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


def normalise(text: str) -> str:
    """The text in one form (Unicode NFC, ``\\n`` line ends), without controls, with balanced bidi marks.

    Joiners (Persian, Indic scripts, emoji) and direction marks are kept: they are spelling. Idempotent.
    """
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))
    return balanced(unicodedata.normalize("NFC", text))


def balanced(text: str) -> str:
    """The text with every bidi embedding, override and isolate closed on its line, and no stray closer.

    A sender must not be able to turn round what stands after her words on a page: an unclosed override
    (U+202E) would, and so would a stray U+2069, which ends the isolate that ``dir`` makes around a passage.
    """
    if not _BIDI.search(text):
        return text
    return "\n".join(_balanced_line(line) for line in text.split("\n"))


def paragraphs(text: str) -> list[str]:
    """The text cut at blank lines; no empty paragraph."""
    return [part.strip("\n") for part in re.split(r"\n(?:[ \t]*\n)+", normalise(text)) if part.strip()]


def _balanced_line(line: str) -> str:
    kept: list[str] = []
    waiting: list[str] = []  # the closers that are due, innermost last
    for character in line:
        if character in _OPENERS or character in _ISOLATES:
            waiting.append(_OPENERS.get(character) or _ISOLATES[character])
        elif character in _CLOSERS:
            if character not in waiting:
                continue
            if character == "\u202c" and waiting[-1] != character:
                continue  # PDF does not reach out of an isolate (Unicode bidi algorithm, BD16 and X7)
            while waiting[-1] != character:  # PDI also ends the embeddings opened inside its isolate
                kept.append(waiting.pop())
            waiting.pop()
        kept.append(character)
    return "".join(kept + waiting[::-1])
