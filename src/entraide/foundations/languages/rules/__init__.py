"""Pure decisions about language: which one, which way it runs, what it is called, which to show first.

A language is a BCP 47 tag (``"ht"``, ``"pt-BR"``, ``"zh-Hant"``); ``"und"`` says that nobody knows.
"""

from .guessing import Guess, guess, script_of
from .tags import best, direction, tag
from .text import balanced, normalise, paragraphs
from .words import name_of

__all__ = [
    "Guess",
    "balanced",
    "best",
    "direction",
    "guess",
    "name_of",
    "normalise",
    "paragraphs",
    "script_of",
    "tag",
]
