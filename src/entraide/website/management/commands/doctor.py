"""``entraide doctor``: say in words what is missing or unsafe. Exit 1 when something must be mended."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from entraide.website.doctor import Finding, examine

MARKS = {"good": "✓", "advice": "·", "mend": "✗"}


class Command(BaseCommand):
    help = "Say in words what is missing or unsafe in this instance."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON line per finding, for monitoring")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine()
        for finding in findings:
            self.stdout.write(as_json(finding) if options["json"] else as_words(finding))
        must_mend = sum(finding.grade == "mend" for finding in findings)
        if must_mend:
            raise SystemExit(1)


def as_words(finding: Finding) -> str:
    """One line, with what to do below it where there is something to do."""
    line = f"{MARKS[finding.grade]} {finding.what}"
    return f"{line}\n    {finding.remedy}" if finding.remedy else line


def as_json(finding: Finding) -> str:
    """One line for a program."""
    return json.dumps({"grade": finding.grade, "what": finding.what, "remedy": finding.remedy})
