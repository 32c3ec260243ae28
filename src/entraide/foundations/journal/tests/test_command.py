"""``entraide journal …``."""

from __future__ import annotations

from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from entraide.foundations.journal import queries, verify_journal
from entraide.foundations.journal.models import Checkpoint, Entry

from .support import without_triggers


def run(*arguments: Any) -> str:
    out = StringIO()
    call_command("journal", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_verify_the_database(small_journal: list[Entry]) -> None:
    assert "OK  6 entries (1 sealed), 2 checkpoints by" in run("verify")
    with without_triggers():
        with pytest.raises(CommandError, match="journal_entry_no_update"):
            run("verify")
        Entry.objects.filter(sequence=4).update(quantity=7)
    with pytest.raises(CommandError, match="BAD  entry 4: the column quantity"):
        run("verify")


def test_export_and_verify_a_file(small_journal: list[Entry], tmp_path: Path) -> None:
    export = tmp_path / "export.jsonl"
    assert f"Written: {export}" in run("export", export)
    assert export.read_bytes() == b"".join(queries.export_lines())
    assert list(tmp_path.iterdir()) == [export]
    proved = verify_journal.verify(queries.export_lines())
    assert "OK  6 entries" in run("verify", export, "--seen", proved["last"], "--key", proved["signer"])
    with pytest.raises(CommandError, match="entry 6"):
        run("verify", export, "--seen", f"6:{'ab' * 32}")
    export.write_bytes(export.read_bytes().replace(b"rye", b"rue", 1))
    with pytest.raises(CommandError, match="BAD  entry 1"):
        run("verify", export)


def test_export_to_standard_output(small_journal: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    out = TextIOWrapper(BytesIO())
    monkeypatch.setattr("sys.stdout", out)
    call_command("journal", "export")
    assert out.buffer.getvalue() == b"".join(queries.export_lines())  # type: ignore[attr-defined]


def test_checkpoint(small_journal: list[Entry]) -> None:
    assert f"Signed: 6:{small_journal[5].hash} with " in run("checkpoint")
    assert Checkpoint.objects.count() == 3


def test_nothing_to_sign(db: None) -> None:
    with pytest.raises(CommandError, match="nothing to sign"):
        run("checkpoint")


def test_a_verb_is_needed() -> None:
    with pytest.raises(CommandError):
        run()
