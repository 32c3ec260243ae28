"""What the house writes to witnesses: the stewards' words, or the plain ones of ``receipts.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from entraide.capabilities.crisis.models import Setup

KEYS = ("receipt", "published", "routed", "taken", "done")


@cache
def defaults() -> dict[str, dict[str, str]]:
    """``{key: {language: text}}`` as shipped."""
    with (Path(__file__).parent.parent / "receipts.toml").open("rb") as file:
        return tomllib.load(file)


def text_for(setup: Setup, key: str, language: str) -> tuple[str, str]:
    """The text to send, and the language it is in.

    The stewards' text in her language wins; then the shipped one in her language; then the same two in
    the language of the cause; then English.

    Args:
        setup: the cause's (perhaps unsaved) set-up.
        key: one of ``KEYS``.
        language: BCP 47, or "" / "und" where nobody knows.

    Returns:
        ``(language, text)``.
    """
    own = setup.texts.get(key, {})
    shipped = defaults()[key]
    cause: Any = setup.cause
    for wanted in (language, cause.original_language, *cause.languages, "en"):
        for code in (wanted, wanted.split("-")[0]):
            if own.get(code):
                return code, own[code]
            if code in shipped:
                return code, shipped[code]
    return "en", shipped["en"]


def languages() -> list[str]:
    """The languages the shipped texts exist in."""
    return list(defaults()["receipt"])
