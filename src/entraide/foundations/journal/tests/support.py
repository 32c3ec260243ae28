"""Helpers for tests: kinds that exist for one test, and flushing a database that refuses to be emptied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.test import TransactionTestCase

from entraide.foundations.journal import contributions
from entraide.foundations.journal.contributions import Contribution

TABLES = ("journal_entry", "journal_checkpoint")


@contextmanager
def registered(*kinds: type[Contribution]) -> Iterator[None]:
    """Declare kinds for one test, as if a card named them."""
    declared: Mapping[str, type[Contribution]] = {
        **contributions.kinds(),
        **{contribution.kind: contribution for contribution in kinds},
    }
    genuine = contributions.kinds
    contributions.kinds = lambda: declared  # type: ignore[assignment]
    try:
        yield
    finally:
        contributions.kinds = genuine


@contextmanager
def without_triggers(alias: str = "default") -> Iterator[None]:
    """Lift the journal's protection; put it back exactly as the database itself described it."""
    connection = connections[alias]
    marks = ", ".join(f"'{table}'" for table in TABLES)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({marks})"
            )
            triggers = cursor.fetchall()
            lift = [f"DROP TRIGGER {name}" for name, _sql in triggers]
            restore = [sql for _name, sql in triggers]
        else:
            lift = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES]
            restore = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in TABLES]
        for statement in lift:
            cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for statement in restore:
                cursor.execute(statement)


def allow_flush() -> None:
    """Let Django empty the test database between tests that commit (``TransactionTestCase``).

    Call once, from the root ``conftest.py``. Only the emptying itself goes without triggers; the tests run
    with them.
    """
    if getattr(TransactionTestCase, "_journal_may_be_flushed", False):
        return
    tear_down = TransactionTestCase._fixture_teardown

    def without_protection(case: Any) -> None:
        with without_triggers():
            tear_down(case)

    TransactionTestCase._fixture_teardown = without_protection  # type: ignore[method-assign]
    TransactionTestCase._journal_may_be_flushed = True  # type: ignore[attr-defined]
