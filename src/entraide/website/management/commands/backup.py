"""``entraide backup FILE``: one archive of databases and media, and the keys in FILE.keys."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entraide.refusal import Refusal
from entraide.website.archive import backup


class Command(BaseCommand):
    help = "Write databases and media to one archive, and the keys to a second file beside it."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", nargs="?", help="default: entraide-<date>.tar.gz in this folder")

    def handle(self, *args: Any, **options: Any) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        archive = Path(options["file"] or f"entraide-{stamp}.tar.gz").resolve()
        if archive.exists():
            raise CommandError(f"{archive} is already there; nothing was written.")
        try:
            keys = backup(archive)
        except Refusal as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{archive}  {archive.stat().st_size / 1e6:.1f} MB: databases and media")
        self.stdout.write(f"{keys}  the keys: keep them in another place than the archive")
