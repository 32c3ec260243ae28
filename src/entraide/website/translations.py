"""Compile each room's catalogue (``locale/*/LC_MESSAGES/django.po``) with Babel; extract with GNU gettext.

Compiled files are made, never committed: they would only be a second copy that can disagree.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HOUSE = Path(__file__).resolve().parents[1]


def rooms_with_texts() -> list[Path]:
    """Every room that has a ``locale`` folder."""
    return sorted(folder.parent for folder in HOUSE.rglob("locale") if folder.is_dir())


def compile_all() -> int:
    """Write each .mo that is older than its .po; returns how many were written."""
    written = 0
    for source in sorted(HOUSE.rglob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parents[1].name)
        partial = target.with_suffix(f".{os.getpid()}.tmp")
        with partial.open("wb") as file:
            write_mo(file, catalogue)
        partial.replace(target)
        written += 1
    return written


def extract_all() -> None:
    """Run makemessages in every room."""
    for room in rooms_with_texts():
        subprocess.run(
            [sys.executable, "-m", "django", "makemessages", "-l", "fr", "--no-wrap", "--no-obsolete"],
            cwd=room,
            check=True,
        )


if __name__ == "__main__":
    if sys.argv[1:] == ["extract"]:
        extract_all()
    else:
        compile_all()
