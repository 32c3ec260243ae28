"""French is complete: every text of every room, no leftovers, the same placeholders."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from entraide.website.translations import HOUSE, compile_all, rooms_with_texts

CATALOGUES = sorted(HOUSE.rglob("locale/fr/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[3].name)
def test_every_text_has_its_french(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale="fr")
    for message in catalogue:
        if not message.id:
            continue
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(texts), f"{path.parents[3].name}: no French for {message.id!r}"
        assert not message.fuzzy, f"{path.parents[3].name}: fuzzy {message.id!r}"
        wanted = set(PLACEHOLDER.findall(str(message.id if isinstance(message.id, str) else message.id[1])))
        for text in texts[-1:]:
            assert set(PLACEHOLDER.findall(text)) == wanted, f"{message.id!r} → {text!r}"


@pytest.mark.parametrize("room", rooms_with_texts(), ids=lambda room: room.name)
def test_the_catalogue_holds_every_text_of_the_room(room: Path, tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("GNU gettext is not installed")
    copy = tmp_path / room.name
    shutil.copytree(room, copy, ignore=shutil.ignore_patterns("__pycache__", "vendored", "*.mo", "tests"))
    po = copy / "locale/fr/LC_MESSAGES/django.po"
    with po.open("rb") as file:
        before = {message.id for message in read_po(file)}
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "-l", "fr", "--no-obsolete", "--ignore", "tests/*"],
        cwd=copy, check=True, capture_output=True,
        # Not measured: away from the repository coverage finds no settings, and its figures do not add up.
        env={name: value for name, value in os.environ.items() if not name.startswith("COV")},
    )  # fmt: skip
    with po.open("rb") as file:
        after = {message.id for message in read_po(file)}
    assert after - before == set(), "run make messages and translate"


def test_every_room_that_speaks_has_a_catalogue() -> None:
    speaks = re.compile(r"\{% (?:block)?translate |import (?:p?gettext|ngettext)")
    for folder in [
        *(HOUSE / "foundations").iterdir(),
        *(HOUSE / "capabilities").iterdir(),
        HOUSE / "website",
    ]:
        files = [*folder.rglob("*.html"), *folder.rglob("*.py")]
        if any(speaks.search(file.read_text()) for file in files if "tests" not in file.parts):
            assert (folder / "locale/fr/LC_MESSAGES/django.po").exists(), f"{folder.name} speaks no French"


def test_compiling_is_repeatable() -> None:
    compile_all()
    assert compile_all() == 0
