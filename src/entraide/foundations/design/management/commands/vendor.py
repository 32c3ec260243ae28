"""``manage.py vendor``: fetch the files of others again and compare them with what we keep."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entraide.foundations.design import vendored


class Command(BaseCommand):
    """Fetches each package of ``vendored.toml`` with ``npm pack`` (from the registry npm is set to)."""

    help = "Fetch the vendored front-end files again and compare their hashes with vendored.toml."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """``--write`` puts what was fetched in place, once the hashes are right."""
        parser.add_argument("--write", action="store_true", help="put the fetched files in place")
        parser.add_argument("--only", help="one package by name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say per file what is different; fail when anything is."""
        wrong = 0
        for package in vendored.packages():
            if options["only"] in (None, package.name):
                wrong += self.compare(package, write=options["write"])
        if wrong:
            raise CommandError(
                f"{wrong} files differ from vendored.toml. If the list is to change (a new version), write the"
                " hashes printed above into it, and say in the commit what changed upstream."
            )
        self.stdout.write("Every file is what vendored.toml says.")

    def compare(self, package: vendored.Package, *, write: bool) -> int:
        """Fetch one package; how many of its files are not as listed."""
        wrong = 0
        with tempfile.TemporaryDirectory() as folder:
            fetch(package, Path(folder))
            unpacked = Path(folder) / "package"
            wrong += self.compare_made(package, unpacked)
            for file, expected in package.kept.items():
                fetched = unpacked / file
                if file in package.made and not fetched.exists():
                    continue  # not made again, said above
                found = vendored.sha256(fetched) if fetched.is_file() else "no such file"
                if found != expected:
                    wrong += 1
                    self.stderr.write(f'{package.name} {package.version}: "{file}" = "{found}"')
                elif write:
                    kept = package.folder / file
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    kept.write_bytes(fetched.read_bytes())
        return wrong

    def compare_made(self, package: vendored.Package, unpacked: Path) -> int:
        """Make the fonts of a package again, where fontTools is there; how many originals are wrong."""
        wrong = 0
        for file, made in package.made.items():
            original = unpacked / made.source
            if vendored.sha256(original) != made.source_sha256:
                wrong += 1
                self.stderr.write(f"{package.name} {package.version}: {made.source} is another file")
            elif shutil.which("fonttools") is None:
                self.stdout.write(f"{file} was not made again: fontTools is not installed.")
            else:
                make(original, unpacked / file, made.axes)
        return wrong


def make(original: Path, file: Path, axes: tuple[str, ...]) -> None:
    """Cut the part of the design space that ``axes`` names out of a variable font."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part.woff2")
    for command in (
        ["fonttools", "varLib.instancer", "-q", str(original), *axes, "-o", str(part)],
        [
            "fonttools",
            "subset",
            str(part),
            "--unicodes=*",
            "--layout-features=*",
            "--flavor=woff2",
            f"--output-file={file}",
        ],
    ):
        subprocess.run(command, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": "0"})  # noqa: S603


def fetch(package: vendored.Package, folder: Path) -> None:
    """Unpack a package of the npm registry below ``folder``.

    Raises:
        CommandError: npm is missing, or the registry did not give the package.
    """
    try:
        packed = subprocess.run(  # noqa: S603 - the name and version are our own list's
            ["npm", "pack", "--silent", f"{package.name}@{package.version}"],  # noqa: S607
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError as error:
        raise CommandError("npm is needed to fetch vendored files") from error
    except subprocess.CalledProcessError as error:
        raise CommandError(f"npm could not fetch {package.name} {package.version}: {error.stderr}") from error
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        archive.extractall(folder, filter="data")
