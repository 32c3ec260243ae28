"""``entraide restore FILE``: put an archive's content into an empty ENTRAIDE_HOME."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from entraide.refusal import Refusal
from entraide.website.archive import restore


class Command(BaseCommand):
    help = "Put an archive's content into an empty ENTRAIDE_HOME, bring it to this version and verify the journal."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file")
        parser.add_argument("--keys", help="default: FILE.keys")

    def handle(self, *args: Any, **options: Any) -> None:
        archive = Path(options["file"]).resolve()
        if not archive.exists():
            raise CommandError(f"{archive} is not there.")
        try:
            restore(archive, Path(options["keys"]).resolve() if options["keys"] else None)
        except Refusal as error:
            raise CommandError(str(error)) from error
        call_command("migrate", verbosity=0)
        call_command("journal", "verify", stdout=self.stdout)
        self.stdout.write("Restored. Start it with: entraide serve")
