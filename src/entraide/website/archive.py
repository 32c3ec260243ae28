"""Backup and restore: one archive of databases and media, and the keys in a file apart.

The keys open what is sealed in the databases. They go into a second file so that the two can be kept in
two places; an archive that is stolen alone tells no contact and no message.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from entraide import refusal

FORMAT = 1
SQLITE_FILES = ("entraide.sqlite3", "inbox.sqlite3")


def backup(archive: Path) -> Path:
    """Write ``archive`` (.tar.gz) and ``archive`` + ``.keys`` beside it; returns the path of the keys' file.

    Works on a running instance: SQLite files are copied through its online backup, which sees one moment;
    PostgreSQL through pg_dump. Written under another name first, so that a crash leaves no half archive.
    The inbox is copied *after* the database: a message may then be in the copy of the inbox and not yet in
    the database's (it is simply taken in again), but never the reverse.
    """
    home = Path(settings.ENTRAIDE_HOME)
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        folder = Path(scratch)
        if connection.vendor == "postgresql":
            dump_postgresql(folder / "entraide.pgdump")
        for name in SQLITE_FILES:
            if (home / name).exists() and not (name == "entraide.sqlite3" and connection.vendor != "sqlite"):
                copy_sqlite(home / name, folder / name)
        about = {"format": FORMAT, "at": datetime.now(UTC).isoformat(), "database": connection.vendor}
        (folder / "about.json").write_text(json.dumps(about))
        partial = archive.with_name(f".{archive.name}.partial")
        with tarfile.open(partial, "w:gz") as tar:
            for path in sorted(folder.iterdir()):
                tar.add(path, arcname=path.name)
            if (home / "media").is_dir():
                tar.add(home / "media", arcname="media")
        partial.chmod(0o600)
        partial.replace(archive)
    keys = archive.with_name(archive.name + ".keys")
    with tarfile.open(keys, "w:gz") as tar:
        tar.add(home / "keys", arcname="keys")
    keys.chmod(0o600)
    return keys


def restore(archive: Path, keys: Path | None) -> None:
    """Put an archive's content into an ENTRAIDE_HOME that holds no instance yet.

    Raises:
        Refusal: where an instance already lives there, the keys are missing, or the archive is not ours.
    """
    home = Path(settings.ENTRAIDE_HOME)
    there = [name for name in SQLITE_FILES if (home / name).exists()]
    if there:
        raise refusal.Refusal(
            f"{home} already holds an instance ({', '.join(there)}): restore into an empty ENTRAIDE_HOME.",
            status=409,
        )
    keys = keys or archive.with_name(archive.name + ".keys")
    if not keys.exists():
        raise refusal.Refusal(
            f"The keys' file {keys} is not there: without it no contact can be read.", where="keys"
        )
    with tarfile.open(archive) as tar:
        try:
            about = json.load(tar.extractfile("about.json") or io.BytesIO(b"{}"))
        except KeyError as error:
            raise refusal.Refusal(f"{archive} is not an archive of Entraide.", where="archive") from error
        if about.get("format") != FORMAT:
            raise refusal.Refusal(
                f"{archive} is of format {about.get('format')}; this version reads {FORMAT}."
            )
        if about["database"] != connection.vendor:
            raise refusal.Refusal(
                f"{archive} was made from {about['database']}; DATABASE_URL is {connection.vendor}."
            )
        connection.close()
        tar.extractall(home, filter="data")
    with tarfile.open(keys) as tar:
        shutil.rmtree(home / "keys", ignore_errors=True)
        tar.extractall(home, filter="data")
    for path in (home / "keys").glob("*.key"):
        path.chmod(0o600)
    dump = home / "entraide.pgdump"
    if dump.exists():
        restore_postgresql(dump)
        dump.unlink()
    (home / "about.json").unlink()


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a live SQLite file through its online backup."""
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as live, sqlite3.connect(target) as copy:
        live.backup(copy)


def dump_postgresql(target: Path) -> None:
    """pg_dump in its own format, in one snapshot."""
    run_postgresql("pg_dump", "--format=custom", "--no-owner", f"--file={target}")


def restore_postgresql(dump: Path) -> None:
    """pg_restore into the (empty) database, all or nothing."""
    run_postgresql(
        "pg_restore",
        "--no-owner",
        "--single-transaction",
        "--dbname",
        settings.DATABASES["default"]["NAME"],
        str(dump),
    )


def run_postgresql(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs with the instance's own connection."""
    database = settings.DATABASES["default"]
    environment = {
        **os.environ,
        "PGHOST": database.get("HOST") or database.get("OPTIONS", {}).get("host", ""),
        "PGPORT": str(database.get("PORT") or ""),
        "PGUSER": database.get("USER", ""),
        "PGPASSWORD": database.get("PASSWORD", ""),
        "PGDATABASE": str(database["NAME"]),
    }
    if shutil.which(program) is None:
        raise refusal.Refusal(f"{program} is not installed.")
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise refusal.Refusal(f"{program} failed: {done.stderr.strip()[-400:]}")
