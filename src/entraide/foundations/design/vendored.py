"""The files of others that we keep and serve ourselves, as ``vendored.toml`` lists them.

Every file stands in ``<place>/<name>-<version>/<path in its package>`` with the hash it must have.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOM = Path(__file__).resolve().parent
LIST = ROOM / "vendored.toml"
STATIC = "static/design/vendored"


@dataclass(frozen=True, kw_only=True)
class Package:
    """One package of the npm registry, of which we keep a few files.

    Attributes:
        place: folder of this room it is kept in; ``static/…`` is served, ``tests/…`` is not.
        files: path inside the package -> SHA-256 in hexadecimal.
    """

    name: str
    version: str
    licence: str
    why: str
    place: str
    files: dict[str, str]

    @property
    def folder(self) -> Path:
        """Where its files are kept: scoped names lose their sign (``@a/b`` 1.0 -> ``a-b-1.0``)."""
        return ROOM / self.place / f"{self.name.lstrip('@').replace('/', '-')}-{self.version}"


@cache
def packages() -> tuple[Package, ...]:
    """Every package of the list, in its order."""
    return tuple(
        Package(**{"place": STATIC, **entry}) for entry in tomllib.loads(LIST.read_text())["package"]
    )


def path(name: str, file: str) -> Path:
    """Where a vendored file lies, whatever the version.

    Raises:
        KeyError: no package of that name, or the file is not listed.
    """
    for package in packages():
        if package.name == name:
            if file not in package.files:
                raise KeyError(f"{file} of {name} is not in vendored.toml")
            return package.folder / file
    raise KeyError(f"{name} is not in vendored.toml")


def static_path(name: str, file: str) -> str:
    """The same as ``{% static %}`` wants it: relative to the static folder."""
    return path(name, file).relative_to(ROOM / "static").as_posix()


def sha256(file: Path) -> str:
    """The file's hash, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
