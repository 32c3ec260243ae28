"""The documentation cannot lie: rooms, kinds, settings and paths named in it exist, and the reverse."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from entraide.capability import Capability, cards
from entraide.website.command_line import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "src" / "entraide"
ROOMS = sorted(
    Path(config.path)
    for config in apps.get_app_configs()
    if config.name.startswith("entraide.") and config.label != "website"
)
HEADINGS = ["Purpose", "Words", "Rules", "What it records"]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_each_room_has_a_readme_with_the_same_four_headings(room: Path) -> None:
    text = (room / "README.md").read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_each_public_action_query_and_rule_has_a_docstring(room: Path) -> None:
    for part in ("actions", "queries", "rules"):
        files = (
            [room / f"{part}.py"] if (room / f"{part}.py").exists() else sorted((room / part).glob("*.py"))
        )
        for path in files:
            for node in ast.parse(path.read_text()).body:
                public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
                assert not public or ast.get_docstring(node), (
                    f"{path.relative_to(ROOT)}: {node.name} has no docstring"
                )


def test_each_contribution_kind_is_documented() -> None:
    for card in cards():
        for kind in card.contributions:
            assert inspect.cleandoc(kind.__doc__ or ""), kind
            assert kind.kind.startswith(f"{card.name}."), kind


def test_every_slot_and_every_command_is_in_the_reference() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text()
    for slot in Capability.__dataclass_fields__:
        assert f"`{slot}`" in reference, f"docs/reference.md does not name the slot {slot}"
    for command in COMMANDS:
        assert f"`entraide {command}`" in reference, f"docs/reference.md does not name the command {command}"


def test_every_environment_variable_is_in_the_operators_guide() -> None:
    guide = (ROOT / "docs" / "operator.md").read_text()
    names = set()
    for path in (HOUSE / "website").rglob("*.py"):
        names |= set(
            re.findall(
                r"environ(?:\.get)?[\[(]\s*[\"']((?:ENTRAIDE|DATABASE|NATS|STORAGE)_[A-Z_]+)[\"']",
                path.read_text(),
            )
        )
    for name in sorted(names - {"DJANGO_SETTINGS_MODULE"}):
        assert name in guide, f"docs/operator.md does not explain {name}"


def test_paths_and_commands_named_in_the_docs_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text()
        for target in re.findall(r"`make ([a-z-]+)", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page.name} names make {target}"
        for command in re.findall(r"`entraide ([a-z]+)", text):
            assert command in COMMANDS, f"{page.name} names entraide {command}"
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"
        for path in re.findall(r"`((?:src|docs|tests|bench|requirements)/[A-Za-z0-9_./-]+)`", text):
            assert (ROOT / path).exists(), f"{page.name} names {path}"


def test_words_have_one_meaning_each() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\* \|", (ROOT / "docs" / "words.md").read_text(), re.MULTILINE)
    assert len(words) > 20
    assert len(words) == len(set(words))


def test_capabilities_listed_in_settings_have_a_folder_each_and_the_reverse() -> None:
    folders = {path.parent.name for path in (HOUSE / "capabilities").glob("*/capability.py")}
    assert folders == {dotted.rsplit(".", 1)[1] for dotted in settings.CAPABILITIES}


def test_the_reference_page_is_what_the_code_says() -> None:
    from django.utils import translation

    from entraide.website.management.commands.reference import reference

    with translation.override("en"):
        assert (ROOT / "docs" / "reference.md").read_text() == reference(), (
            "run: python manage.py reference > docs/reference.md"
        )
