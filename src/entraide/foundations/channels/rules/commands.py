"""Commands: a message that is *wholly* one of a few words, per language in ``commands.toml``.

Never a word inside a sentence: "the water will not stop" is a testimony.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

WORDS_FILE = Path(__file__).with_name("commands.toml")
EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", text).casefold()
    return " ".join(EDGES.sub("", text).split())


@cache
def _words() -> dict[str, str]:
    table = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))
    return {
        _plain(word): command
        for command, languages in table.items()
        for words in languages.values()
        for word in words
    }


def command_in(text: str) -> str:
    """Return "stop", "start" or "help" where the whole message is that command, else ""."""
    return _words().get(_plain(text), "") if len(text) <= 60 else ""
