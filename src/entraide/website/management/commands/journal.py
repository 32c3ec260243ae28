"""``entraide journal verify | export | checkpoint``."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entraide.foundations.journal import actions, queries, verify_journal
from entraide.refusal import Refusal


class Command(BaseCommand):
    """Verify, export or sign the public journal."""

    help = "Verify, export or sign the public journal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command each, with its options."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="check the journal here, or an export")
        verify.add_argument("file", nargs="?", type=Path, help="an export; without it, the database")
        verify.add_argument("--key", default="", help="the public key you trust (with a file)")
        verify.add_argument(
            "--seen", default="", help="an entry you saw earlier, SEQUENCE:HASH (with a file)"
        )
        export = verbs.add_parser("export", help="write the public export")
        export.add_argument("file", nargs="?", type=Path, help="where to; without it, to standard output")
        verbs.add_parser("checkpoint", help="sign the journal as it stands")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Run the verb; exit code 1 where something is wrong."""
        try:
            getattr(self, verb)(**options)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        except verify_journal.Bad as bad:
            raise CommandError(f"BAD  {bad.args[0]}") from bad

    def verify(self, file: Path | None, key: str, seen: str, **options: Any) -> None:
        """Say what holds, or name the first entry that does not."""
        if file is None:
            if missing := queries.missing_triggers():
                raise CommandError(
                    f"The database does not protect the journal; missing: {', '.join(missing)}"
                )
            proved = queries.verify()
        else:
            with file.open("rb") as lines:
                proved = verify_journal.verify(lines, key, seen)
        said = "OK  {entries} entries ({sealed} sealed), {checkpoints} checkpoints by {signer}\nlast {last}"
        self.stdout.write(said.format(**proved))

    def export(self, file: Path | None, **options: Any) -> None:
        """Write all of the export, or nothing under its name."""
        if file is None:
            sys.stdout.buffer.writelines(queries.export_lines())
            return
        partial = file.with_name(f".{file.name}.partial")
        with partial.open("wb") as lines:
            lines.writelines(queries.export_lines())
        partial.replace(file)
        self.stdout.write(f"Written: {file}")

    def checkpoint(self, **options: Any) -> None:
        """Sign, and say what was signed."""
        signed = actions.checkpoint()
        self.stdout.write(f"Signed: {signed.sequence}:{signed.hash} with {signed.public_key}")
