"""What somebody tries who holds SQL, a thread, or the plug."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import DatabaseError, connection, transaction

from entraide.foundations.journal import actions, queries, verify_journal
from entraide.foundations.journal.models import Checkpoint, Entry
from entraide.refusal import Refusal

from .conftest import Loaf, record
from .support import without_triggers

COPY = (
    "sequence, kind, cause, quantity, unit, happened_at, recorded_at, actor, subject, evidence_hash,"
    " evidence_ref, attested_by, corrects, public, body, body_hash"
)

HOSTILE = [
    "UPDATE journal_entry SET quantity = 1000000",
    "UPDATE journal_entry SET sequence = 100 WHERE sequence = 6",
    "UPDATE journal_entry SET body = '{}' WHERE sequence = 1",
    "DELETE FROM journal_entry",
    "DELETE FROM journal_entry WHERE sequence = 6",
    "UPDATE journal_checkpoint SET signature = ''",
    "DELETE FROM journal_checkpoint",
    # An entry that leaves a gap, repeats a number, or does not follow the last.
    f"INSERT INTO journal_entry ({COPY}, previous_hash, hash) SELECT 9{COPY[8:]}, hash, hash"
    " FROM journal_entry WHERE sequence = 6",
    f"INSERT INTO journal_entry ({COPY}, previous_hash, hash) SELECT 6{COPY[8:]}, previous_hash, hash"
    " FROM journal_entry WHERE sequence = 6",
    f"INSERT INTO journal_entry ({COPY}, previous_hash, hash) SELECT 7{COPY[8:]}, previous_hash, hash"
    " FROM journal_entry WHERE sequence = 6",
    # A checkpoint of a journal that never was.
    "INSERT INTO journal_checkpoint (sequence, hash, signed_at, key_id, public_key, signature)"
    " SELECT sequence, 'ab', signed_at, 'other', public_key, signature FROM journal_checkpoint WHERE sequence = 3",
]
BY_VENDOR = {
    "sqlite": [
        "INSERT OR REPLACE INTO journal_entry SELECT * FROM journal_entry WHERE sequence = 6",
        "REPLACE INTO journal_checkpoint SELECT * FROM journal_checkpoint",
        "UPDATE OR REPLACE journal_entry SET sequence = 5 WHERE sequence = 6",
        "DELETE FROM journal_checkpoint WHERE 1",
    ],
    "postgresql": [
        "TRUNCATE journal_entry",
        "TRUNCATE journal_checkpoint CASCADE",
        "INSERT INTO journal_entry SELECT * FROM journal_entry WHERE sequence = 6"
        " ON CONFLICT (sequence) DO UPDATE SET quantity = 9",
        "WITH gone AS (DELETE FROM journal_entry RETURNING *) SELECT * FROM gone",
    ],
}


@pytest.mark.parametrize("statement", [*HOSTILE, *BY_VENDOR[connection.vendor]])
def test_the_database_refuses(small_journal: list[Entry], statement: str) -> None:
    before = list(queries.export_lines())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(queries.export_lines()) == before


def test_the_same_statements_pass_without_triggers_which_shows_that_they_are_what_refuses(
    small_journal: list[Entry],
) -> None:
    with without_triggers(), connection.cursor() as cursor:
        assert len(queries.missing_triggers()) == (6 if connection.vendor == "sqlite" else 8)
        cursor.execute(HOSTILE[0])
    assert queries.missing_triggers() == []
    with pytest.raises(verify_journal.Bad):
        queries.verify()


def test_the_orm_is_refused_too(small_journal: list[Entry]) -> None:
    entry, checkpoint = small_journal[0], Checkpoint.objects.earliest("pk")
    for attempt in (
        lambda: Entry.objects.update(quantity=9),
        entry.save,
        entry.delete,
        checkpoint.delete,
        checkpoint.save,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def elsewhere(home: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code in another process, on a database file of its own, or on PostgreSQL on the test database."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "entraide.website.settings",
        "ENTRAIDE_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    prepare = "import django; django.setup()\nfrom entraide.foundations.journal.tests.elsewhere import *\n"
    if connection.vendor == "postgresql":
        database = {name: quote(str(value), safe="") for name, value in connection.settings_dict.items()}
        environment["DATABASE_URL"] = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    else:
        environment.pop("DATABASE_URL", None)
        prepare += 'call_command("migrate", "journal", verbosity=0)\n'
    program = prepare + textwrap.dedent(code)
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_write_one_chain_without_a_gap(tmp_path: Path) -> None:
    """Every fifth transaction is undone on purpose."""
    done = elsewhere(
        tmp_path,
        """
        def write(number):
            start.wait(20)
            for turn in range(12):
                try:
                    with transaction.atomic():
                        actions.record(Loaf(subject=f"oven:{number}", quantity=turn))
                        if turn % 5 == 4:
                            raise InterruptedError
                except InterruptedError:
                    pass
            connections.close_all()

        start = Barrier(16)
        with registered(Loaf), ThreadPoolExecutor(16) as pool:
            list(pool.map(write, range(16)))
            assert queries.verify()["entries"] == 16 * 10
        for number in range(16):
            about = queries.entries_about(f"oven:{number}").values_list("quantity", flat=True)
            assert list(about) == [0, 1, 2, 3, 5, 6, 7, 8, 10, 11]
        """,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_inside_its_transaction_leaves_a_valid_chain(tmp_path: Path) -> None:
    killed = elsewhere(
        tmp_path,
        """
        with registered(Loaf):
            with transaction.atomic():
                actions.record_many([Loaf(), Loaf()])
            with transaction.atomic():
                actions.record_many([Loaf() for _ in range(2_000)])
                os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    after = elsewhere(
        tmp_path,
        """
        with registered(Loaf):
            assert queries.verify()["entries"] == 2
            with transaction.atomic():
                assert actions.record(Loaf()).sequence == 3
            assert queries.verify()["entries"] == 3
        """,
    )
    assert after.returncode == 0, after.stderr


@pytest.mark.django_db(transaction=True)
def test_a_database_can_be_emptied_between_tests() -> None:
    """The next test that commits begins with an empty journal, protected again."""
    assert queries.last_sequence() == 0
    record(Loaf())
    actions.checkpoint()
    assert queries.missing_triggers() == []


test_a_database_was_emptied = test_a_database_can_be_emptied_between_tests


def test_checkpoints_are_signed_when_due(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert actions.checkpoint_if_due() == 0
    with pytest.raises(Refusal):
        actions.checkpoint()
    record(Loaf())
    assert actions.checkpoint_if_due() == 1
    assert actions.checkpoint_if_due() == 0  # nothing new
    record(Loaf())
    assert actions.checkpoint_if_due() == 0  # new, but signed a moment ago
    with monkeypatch.context() as patch:
        patch.setattr(actions, "CHECKPOINT_AFTER_ENTRIES", 1)
        assert actions.checkpoint_if_due() == 1
    record(Loaf())
    monkeypatch.setattr(actions, "CHECKPOINT_EVERY", timedelta(0))
    assert actions.checkpoint_if_due() == 1
    assert queries.verify()["checkpoints"] == 3
