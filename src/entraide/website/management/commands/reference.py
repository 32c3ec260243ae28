"""``manage.py reference``: print docs/reference.md from the code, so that it cannot disagree with it."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.utils import translation

from entraide.capability import Capability, cards
from entraide.website.command_line import COMMANDS


class Command(BaseCommand):
    help = "Print the reference page (docs/reference.md) from the code."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            self.stdout.write(reference(), ending="")


def reference() -> str:
    """The whole page as Markdown."""
    lines = [
        "# Reference",
        "",
        "Made from the code by `python manage.py reference > docs/reference.md`; a test compares them.",
        "",
        "## Commands",
        "",
        "| command | what it does |",
        "|---|---|",
        *(f"| `entraide {name}` | {what} |" for name, what in COMMANDS.items()),
        "",
        "## Capabilities",
        "",
        "| name | what people give |",
        "|---|---|",
        *(f"| {card.name} | {card.sentence} |" for card in cards()),
        "",
        "## Slots of a card",
        "",
        "| slot | type |",
        "|---|---|",
        *(
            f"| `{name}` | `{field.type}` |".replace(" | None", " or None")
            for name, field in Capability.__dataclass_fields__.items()
        ),
        "",
        "## Contribution kinds",
        "",
        "| kind | unit | public | what it says |",
        "|---|---|---|---|",
    ]
    for kind in contribution_kinds():
        first = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        lines.append(f"| `{kind.kind}` | {kind.unit} | {'yes' if kind.public else 'sealed'} | {first} |")
    lines += ["", "## Rights of each role", "", "| role | rights |", "|---|---|"]
    rules = import_module("entraide.foundations.people.rules")
    for role, rights in rules.RIGHTS_OF.items():
        lines.append(f"| {role.value} | {', '.join(f'`{right.value}`' for right in sorted(rights))} |")
    return "\n".join(lines) + "\n"


def contribution_kinds() -> list[Any]:
    """Every kind of the foundations and of the cards, by name."""
    base = import_module("entraide.foundations.journal.contributions").Contribution
    kinds = {kind for card in cards() for kind in card.contributions}
    for config in apps.get_app_configs():
        if config.name.startswith("entraide.foundations."):
            try:
                module = import_module(f"{config.name}.contributions")
            except ModuleNotFoundError:
                continue
            kinds |= {
                value
                for value in vars(module).values()
                if isinstance(value, type) and issubclass(value, base) and value is not base
            }
    return sorted(kinds, key=lambda kind: kind.kind)
