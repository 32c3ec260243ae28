"""Where an instance keeps what it owns: ``ENTRAIDE_HOME`` (default ``var/`` beside ``manage.py``).

Databases, keys and media live below it and nowhere else, so that "copy this folder" is a backup and
"mount this folder" an installation.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


def instance_home() -> Path:
    """The instance's folder, made on first use with rights for its owner alone."""
    home = Path(os.environ.get("ENTRAIDE_HOME") or REPOSITORY / "var").resolve()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home / "keys").mkdir(exist_ok=True, mode=0o700)
    return home


def key(name: str, length: int = 32) -> bytes:
    """The instance's secret called ``name``, ``length`` random bytes made on first use.

    Kept outside the database on purpose: a stolen dump must not open what is sealed in it.
    The environment variable ``ENTRAIDE_KEY_<NAME>`` (hexadecimal) wins over the file, for those whose
    secrets come from a vault.
    """
    from_environment = os.environ.get(f"ENTRAIDE_KEY_{name.upper().replace('-', '_')}")
    if from_environment:
        return bytes.fromhex(from_environment)
    path = instance_home() / "keys" / f"{name}.key"
    if not path.exists():
        # Written whole under another name and linked into place: two processes that start together
        # must agree on one key, and a crash must not leave half of one.
        partial = path.with_name(f".{name}.{secrets.token_hex(4)}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(length))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return bytes.fromhex(path.read_text().strip())
