"""The files of others that we keep and serve ourselves, as ``vendored.toml`` lists them.

Every file stands in ``<place>/<name>-<version>/<path in its package>`` with the hash it must have.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOM = Path(__file__).resolve().parent
LIST = ROOM / "vendored.toml"
STATIC = "static/design/vendored"


@dataclass(frozen=True, kw_only=True)
class Made:
    """A font we cut out of a package's file: ``axes`` pins or limits its axes (``"wght=400:700"``)."""

    source: str
    source_sha256: str
    axes: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Package:
    """One package of the npm registry, of which we keep a few files.

    Attributes:
        place: folder of this room it is kept in; ``static/…`` is served, ``tests/…`` is not.
        files: path inside the package -> SHA-256 in hexadecimal.
        made: path we gave it -> how we made it from a file of the package.
    """

    name: str
    version: str
    licence: str
    why: str
    place: str
    files: dict[str, str]
    made: dict[str, Made] = field(default_factory=dict)

    @property
    def kept(self) -> dict[str, str]:
        """Every file we keep of it -> the hash it must have."""
        return self.files | {path: made.sha256 for path, made in self.made.items()}

    @property
    def folder(self) -> Path:
        """Where its files are kept: scoped names lose their sign (``@a/b`` 1.0 -> ``a-b-1.0``)."""
        return ROOM / self.place / f"{self.name.lstrip('@').replace('/', '-')}-{self.version}"


@cache
def packages() -> tuple[Package, ...]:
    """Every package of the list, in its order."""
    return tuple(_package(entry) for entry in tomllib.loads(LIST.read_text())["package"])


def path(name: str, file: str) -> Path:
    """Where a vendored file lies, whatever the version.

    Raises:
        KeyError: no package of that name, or the file is not listed.
    """
    for package in packages():
        if package.name == name:
            if file not in package.kept:
                raise KeyError(f"{file} of {name} is not in vendored.toml")
            return package.folder / file
    raise KeyError(f"{name} is not in vendored.toml")


def static_path(name: str, file: str) -> str:
    """The same as ``{% static %}`` wants it: relative to the static folder."""
    return path(name, file).relative_to(ROOM / "static").as_posix()


def sha256(file: Path) -> str:
    """The file's hash, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _package(entry: dict[str, Any]) -> Package:
    made = {
        path: Made(
            source=how["from"],
            source_sha256=how["from_sha256"],
            axes=tuple(how["axes"]),
            sha256=how["sha256"],
        )
        for path, how in entry.pop("made", {}).items()
    }
    return Package(**{"place": STATIC, "made": made, **entry})
