"""What the doctor looks at. Each examination returns findings in plain words; none changes anything."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from entraide.foundations.journal import queries as journal

FREE_BYTES_MIN = 500_000_000


@dataclass(frozen=True)
class Finding:
    """``grade`` is ``good``, ``advice`` (may be wanted so) or ``mend`` (unsafe or broken)."""

    grade: str
    what: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Every examination's findings, in order; one that breaks is itself a finding."""
    findings: list[Finding] = []
    for look in EXAMINATIONS:
        try:
            findings += look()
        except Exception as error:  # the doctor must speak whatever is broken
            findings.append(
                Finding("mend", f"{(look.__doc__ or look.__name__).strip()} could not be examined: {error}")
            )
    return findings


def database() -> Iterable[Finding]:
    """The database"""
    vendor = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, connection.vendor)
    try:
        plan = MigrationExecutor(connection)
        waiting = plan.migration_plan(plan.loader.graph.leaf_nodes())
    except DatabaseError as error:
        yield Finding("mend", f"The database ({vendor}) does not answer: {error}", "Check DATABASE_URL.")
        return
    if waiting:
        yield Finding(
            "mend",
            f"The database ({vendor}) is not at this version: {len(waiting)} steps wait.",
            "Run: entraide migrate",
        )
    else:
        yield Finding("good", f"The database ({vendor}) answers and is at this version.")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous")
            if cursor.fetchone()[0] < 2:
                yield Finding(
                    "mend", "SQLite does not flush each transaction: power loss may lose answers given."
                )


def journal_triggers() -> Iterable[Finding]:
    """The journal's lock"""
    missing = journal.missing_triggers()
    if missing:
        yield Finding(
            "mend",
            f"The database would let somebody change journal entries: {', '.join(missing)} not there.",
            "Run: entraide migrate, then entraide journal verify",
        )
    else:
        yield Finding("good", "The database refuses changes to journal entries.")


def keys() -> Iterable[Finding]:
    """The keys"""
    folder = Path(settings.ENTRAIDE_HOME) / "keys"
    loose = [path.name for path in folder.glob("*.key") if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if loose:
        yield Finding(
            "mend",
            f"Others on this machine may read the keys: {', '.join(loose)}.",
            f"Run: chmod 600 {folder}/*.key",
        )
    else:
        yield Finding("good", "The keys are readable by their owner alone, outside the database.")


def addresses() -> Iterable[Finding]:
    """The site's address"""
    if settings.DEBUG:
        yield Finding(
            "mend", "ENTRAIDE_DEBUG is on: faults show the inside of the house.", "Unset ENTRAIDE_DEBUG."
        )
    if settings.SECURE_SITE:
        yield Finding("good", f"The site is served as {settings.SITE_URL}.")
    else:
        yield Finding(
            "advice",
            f"The site's address is {settings.SITE_URL}: passwords and testimonies would travel in the clear.",
            "For anything but a trial, put a TLS proxy in front and set ENTRAIDE_URL=https://…",
        )
    for name, value, why in (
        ("ENTRAIDE_OPERATOR", settings.SITE_OPERATOR, "Readers cannot see who runs this site."),
        ("ENTRAIDE_CONTACT", settings.SITE_CONTACT, "Readers cannot write to whoever runs this site."),
        ("ENTRAIDE_SECURITY_CONTACT", settings.SECURITY_CONTACT, "Whoever finds a weakness cannot tell you."),
    ):
        if not value:
            yield Finding("advice", why, f"Set {name}.")


def mail() -> Iterable[Finding]:
    """Mail"""
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        yield Finding(
            "advice",
            f"Mail goes to files in {settings.EMAIL_FILE_PATH}, not to people: login codes and receipts stay here, with the addresses they are for readable in them.",
            "Set ENTRAIDE_SMTP=host:port (and ENTRAIDE_SMTP_USER, ENTRAIDE_SMTP_PASSWORD, ENTRAIDE_SMTP_TLS=1).",
        )
    else:
        yield Finding("good", f"Mail leaves by {settings.EMAIL_HOST}:{settings.EMAIL_PORT}.")
    if not settings.LMTP_LISTEN:
        yield Finding(
            "advice",
            "No mail door is open.",
            "Set ENTRAIDE_LMTP=127.0.0.1:8024 and point your mail server at it.",
        )


def disk() -> Iterable[Finding]:
    """The disk"""
    free = shutil.disk_usage(settings.ENTRAIDE_HOME).free
    grade = "good" if free >= FREE_BYTES_MIN else "mend"
    remedy = (
        ""
        if grade == "good"
        else "When the disk is full, messages are answered 503 and phones keep them. Make room."
    )
    yield Finding(grade, f"{free / 1e9:.1f} GB free where the instance lives.", remedy)


def inbox() -> Iterable[Finding]:
    """The inbox"""
    path = Path(settings.ENTRAIDE_HOME) / "inbox.sqlite3"
    if not path.exists():
        yield Finding("good", "The inbox file will be made when the first message comes.")
        return
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
        verdict = file.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict == "ok":
        yield Finding("good", "The inbox file is whole.")
    else:
        yield Finding(
            "mend",
            f"The inbox file is damaged: {verdict}",
            "Stop the site, keep a copy, restore the last backup.",
        )


def operators() -> Iterable[Finding]:
    """The operator"""
    from django.contrib.auth import get_user_model

    if not get_user_model().objects.filter(is_superuser=True, is_active=True).exists():
        yield Finding(
            "advice",
            "No operator has an account.",
            "Run: python manage.py createsuperuser (only for the operator's pages).",
        )


EXAMINATIONS: list[Callable[[], Iterable[Finding]]] = [
    database, journal_triggers, keys, addresses, mail, disk, inbox, operators,
]  # fmt: skip
