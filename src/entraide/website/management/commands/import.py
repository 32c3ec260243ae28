"""``entraide import ushahidi FILE --cause SLUG``: reports from another map, every row accounted for."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from entraide.capabilities.crisis.importing import ushahidi
from entraide.capabilities.crisis.models import Precision
from entraide.foundations.causes import actions as causes
from entraide.foundations.causes import queries as cause_queries
from entraide.refusal import Refusal

SHOWN = 50  # problems printed; --all prints every one


class Command(BaseCommand):
    help = (
        "Import reports from a file: import ushahidi FILE --cause SLUG. Run again, it goes on where it stood."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=["ushahidi"])
        parser.add_argument("file", type=Path, help="CSV, or CSV packed with gzip")
        parser.add_argument("--cause", required=True, help="slug of the cause; made and opened if missing")
        parser.add_argument("--title", default="", help="title of a cause that is made (default: its slug)")
        parser.add_argument("--countries", default="", help="ISO codes for a cause that is made: HT,DO")
        parser.add_argument("--languages", default="", help="BCP 47 codes for a cause that is made: ht,fr,en")
        parser.add_argument(
            "--area", default="", help="west,south,east,north in degrees; points outside are named"
        )
        parser.add_argument("--by", default="", help="e-mail of the person who leads a cause that is made")
        parser.add_argument(
            "--precision",
            choices=[str(value) for value in Precision.values],
            default=Precision.AREA_SMALL.value,
            help="how exactly the categories that are made show places (default: %(default)s)",
        )
        parser.add_argument("--all", action="store_true", help="print every problem, not the first 50")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        cause = self._cause(options)
        started = time.monotonic()

        def progress(tally: ushahidi.Tally) -> None:
            if options["verbosity"] > 0:
                self.stderr.write(f"{tally.rows} rows read, {tally.imported} imported …")

        try:
            tally = ushahidi.import_file(path, cause=cause, precision=options["precision"], progress=progress)
        except ushahidi.NotUshahidi as missing:
            raise CommandError(f"This is not an Ushahidi export: columns missing: {missing}") from None
        seconds = time.monotonic() - started
        for title, problems in (("refused", tally.refused), ("imported with a doubt", tally.doubtful)):
            for problem in problems if options["all"] else problems[:SHOWN]:
                self.stdout.write(f"{title}: {problem}")
            if len(problems) > SHOWN and not options["all"]:
                self.stdout.write(f"{title}: {len(problems) - SHOWN} more, shown with --all")
        self.stdout.write(
            f"{tally.rows} rows: {tally.imported} imported, {tally.already} already there, "
            f"{len(tally.refused)} refused. Of the imported, {tally.published} published, {tally.private} kept "
            f"private, {tally.verified} verified. {tally.categories} categories made. {seconds:.1f} s."
        )
        if tally.imported + tally.already + len(tally.refused) != tally.rows:
            raise CommandError("The rows do not add up; please report this.")

    def _cause(self, options: dict[str, Any]) -> Any:
        """The cause of that slug; made and opened where it is missing."""
        by = self._person(options["by"])
        try:
            return cause_queries.get(by, options["cause"])
        except Refusal as refusal:
            if refusal.status != 404:
                raise CommandError(str(refusal)) from None
        if by is None:
            # Nobody is here yet. The import must not wait for that, and an operator can name stewards later.
            people = get_user_model().objects
            by = people.filter(email="import@localhost").first() or people.create_user(
                "import@localhost", display_name="Import"
            )
        title = options["title"] or options["cause"].replace("-", " ").title()
        area = [float(part) for part in options["area"].split(",")] if options["area"] else None
        try:
            cause = causes.create(
                slug=options["cause"],
                texts={"en": {"title": title, "summary": f"Reports imported from {options['file'].name}."}},
                languages=[code for code in options["languages"].split(",") if code] or ["en"],
                countries=[code for code in options["countries"].split(",") if code],
                area=area,
                by=by,
            )
            return causes.open_cause(cause=cause, by=by) or cause
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None

    def _person(self, email: str) -> Any:
        """The person named; otherwise the operator who has been here longest; None without any."""
        people = get_user_model().objects.filter(is_active=True)
        if email:
            found = people.filter(email__iexact=email).first()
            if found is None:
                raise CommandError(f"Nobody here has the address {email}.")
            return found
        return people.filter(is_superuser=True).order_by("pk").first()
