"""What an import checker cannot see: relations, addresses and templates keep to their room.

The third promise, that the house passes ``check`` with any one capability switched off, is kept here too.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

HOUSE = Path(__file__).resolve().parents[2] / "src" / "entraide"
FOUNDATIONS = sorted(
    folder.name for folder in (HOUSE / "foundations").iterdir() if (folder / "apps.py").exists()
)
CAPABILITIES = [dotted.rsplit(".", 1)[1] for dotted in settings.CAPABILITIES]
LEVEL = {
    "journal": 0,
    "design": 0,
    "people": 1,
    "languages": 2,
    "places": 2,
    "causes": 3,
    "desk": 4,
    "channels": 4,
    "ledger": 4,
}
# What a capability may import from a foundation.
OFFERED = {"actions", "queries", "rules", "templatetags", "contributions"}
ORDER_IN_A_ROOM = [
    {"capability"}, {"urls"}, {"views", "api"}, {"forms", "reactions"}, {"actions"}, {"queries"}, {"rules"},
    {"models", "contributions"},
]  # fmt: skip


def room_of(model: type) -> str:
    """The app label of a model is its room."""
    return model._meta.app_label


def test_no_relation_leaves_its_room_except_towards_a_foundation() -> None:
    for model in apps.get_models():
        room = room_of(model)
        if room not in (*FOUNDATIONS, *CAPABILITIES):
            continue
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not target or field.auto_created or room_of(target) in (room, "contenttypes", "auth"):
                continue
            assert room_of(target) in FOUNDATIONS, (
                f"{model.__name__}.{field.name} points to {target.__name__}"
            )
            if room in FOUNDATIONS:
                assert LEVEL[room_of(target)] < LEVEL[room], f"{model.__name__}.{field.name} points upward"


@pytest.mark.parametrize("room", [*FOUNDATIONS, *CAPABILITIES])
def test_no_room_names_the_addresses_or_templates_of_a_room_above_or_beside_it(room: str) -> None:
    folder = HOUSE / ("foundations" if room in FOUNDATIONS else "capabilities") / room
    forbidden = set(CAPABILITIES) - {room}
    if room in FOUNDATIONS and room != "design":  # the base page is the one place that names the front doors
        forbidden |= set()
    names = re.compile(
        r"""(?:\{%\s*url\s+|reverse\(|redirect\(|\{%\s*(?:extends|include)\s+|render\([^,]+,\s*|template(?:_name)?=)"""
        r"""["'](?P<room>[a-z_]+)[:/]"""
    )
    for path in [*folder.rglob("*.py"), *folder.rglob("*.html")]:
        if "tests" in path.parts:
            continue
        for found in names.finditer(path.read_text()):
            assert found["room"] not in forbidden, f"{path.relative_to(HOUSE)} names {found.group()}"


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_the_house_passes_check_with_a_capability_switched_off(capability: str, tmp_path: Path) -> None:
    switched_off = tmp_path / "switched_off.py"
    switched_off.write_text(
        "from entraide.website import settings_test as s\n"
        "globals().update({n: getattr(s, n) for n in dir(s) if n.isupper()})\n"
        f"CAPABILITIES = [c for c in s.CAPABILITIES if not c.endswith('.{capability}')]\n"
        f"INSTALLED_APPS = [a for a in s.INSTALLED_APPS if not a.endswith('.{capability}')]\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(HOUSE.parent)]),
        "DJANGO_SETTINGS_MODULE": "switched_off",
        "ENTRAIDE_HOME": str(tmp_path / "home"),
    }
    script = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('check')\n"
        "call_command('migrate', verbosity=0)\n"
        "from django.test import Client\n"
        "for page in ('/', '/causes/', '/journal/', '/desk/', '/about/', '/api/'):\n"
        "    response = Client().get(page)\n"
        "    assert response.status_code == 200, (page, response.status_code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def imports_of(path: Path) -> list[str]:
    """Dotted names a module imports, type-checking blocks left out."""
    tree = ast.parse(path.read_text())
    guarded = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for child in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_a_capability_uses_only_what_foundations_offer(capability: str) -> None:
    folder = HOUSE / "capabilities" / capability
    for path in folder.rglob("*.py"):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        for name in imports_of(path):
            parts = name.split(".")
            if parts[:2] == ["entraide", "foundations"]:
                assert set(parts[3:4]) & OFFERED, f"{path.relative_to(HOUSE)} imports {name}"
            if parts[:2] == ["entraide", "website"]:
                pytest.fail(f"{path.relative_to(HOUSE)} imports {name}")


@pytest.mark.parametrize("room", [*FOUNDATIONS, *CAPABILITIES])
def test_inside_a_room_imports_go_down(room: str) -> None:
    kind = "foundations" if room in FOUNDATIONS else "capabilities"
    folder = HOUSE / kind / room
    rank = {name: level for level, names in enumerate(ORDER_IN_A_ROOM) for name in names}
    for path in folder.rglob("*.py"):
        part = path.relative_to(folder).parts[0].removesuffix(".py")
        if part not in rank:
            continue
        for name in imports_of(path):
            parts = name.split(".")
            if (
                parts[:3] == ["entraide", kind, room]
                and len(parts) > 3
                and parts[3] in rank
                and parts[3] != part
            ):
                assert rank[parts[3]] > rank[part], f"{path.relative_to(HOUSE)} imports {name}: that goes up"
