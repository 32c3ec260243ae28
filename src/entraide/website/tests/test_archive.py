"""A backup of a living instance, restored elsewhere, is the same instance."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[3]


def entraide(home: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "ENTRAIDE_HOME": str(home),
        "PYTHONPATH": str(SRC),
        "DJANGO_SETTINGS_MODULE": "entraide.website.settings",
    }
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "entraide.website.command_line", *arguments],
        env=environment, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert not check or done.returncode == 0, done.stderr[-3000:]
    return done


FILL = """
import django; django.setup()
from entraide.foundations.causes import actions
from entraide.foundations.people.models import Person
alice = Person.objects.create_user("alice@example.org", password="x" * 12, display_name="Alice")
cause = actions.create(slug="lumi", texts={"en": {"title": "Lumi", "summary": "A storm.", "body": ""}}, by=alice)
actions.open_cause(cause=cause, by=alice)
"""


@pytest.mark.slow
def test_backup_and_restore(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    entraide(first, "migrate", "--verbosity", "0")
    subprocess.run(
        [sys.executable, "-c", FILL], check=True, timeout=60,
        env={**os.environ, "ENTRAIDE_HOME": str(first), "PYTHONPATH": str(SRC), "DATABASE_URL": "",
             "DJANGO_SETTINGS_MODULE": "entraide.website.settings"},
    )  # fmt: skip
    archive = tmp_path / "backup.tar.gz"
    told = entraide(first, "backup", str(archive)).stdout
    assert "keep them in another place" in told
    keys = tmp_path / "backup.tar.gz.keys"
    assert archive.stat().st_mode & 0o077 == 0
    assert keys.stat().st_mode & 0o077 == 0

    refused = entraide(first, "backup", str(archive), check=False)
    assert "already there" in refused.stderr
    refused = entraide(first, "restore", str(archive), check=False)
    assert "already holds an instance" in refused.stderr
    refused = entraide(second, "restore", str(archive), "--keys", str(tmp_path / "none"), check=False)
    assert "without it no contact can be read" in refused.stderr
    refused = entraide(second, "restore", str(keys), check=False)
    assert refused.returncode != 0

    told = entraide(second, "restore", str(archive)).stdout
    assert "Restored" in told
    with sqlite3.connect(second / "entraide.sqlite3") as database:
        assert database.execute("SELECT slug FROM causes_cause").fetchall() == [("lumi",)]
    for key in (first / "keys").glob("*.key"):
        assert (second / "keys" / key.name).read_bytes() == key.read_bytes()


def test_the_command_line_says_what_it_can_do(tmp_path: Path) -> None:
    assert "doctor" in entraide(tmp_path, "help").stdout
    unknown = entraide(tmp_path, "frobnicate", check=False)
    assert unknown.returncode == 2
    assert "no command 'frobnicate'" in unknown.stderr


def test_a_key_is_one_key_however_many_ask_at_once(tmp_path: Path) -> None:
    script = "from entraide.website.home import key; print(key('race').hex())"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "ENTRAIDE_HOME": str(tmp_path), "PYTHONPATH": str(SRC)},
        )
        for _ in range(8)
    ]  # fmt: skip
    assert len({process.communicate(timeout=30)[0] for process in running}) == 1


def test_a_key_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from entraide.website.home import key

    monkeypatch.setenv("ENTRAIDE_KEY_VAULT_ONE", "00ff")
    assert key("vault-one") == b"\x00\xff"


@pytest.mark.service
def test_backup_and_restore_on_postgresql(tmp_path: Path) -> None:
    """Into a second, empty database of the same server; needs DATABASE_URL and PostgreSQL's own programs."""
    url = os.environ.get("DATABASE_URL", "")
    assert url.startswith("postgresql:"), "run by make test-full, which starts PostgreSQL"
    server, _slash, _name = url.rpartition("/")
    for name in ("entraide_first", "entraide_second"):
        subprocess.run(["psql", url, "-qc", f"CREATE DATABASE {name}"], check=True)
    try:
        first = {"ENTRAIDE_HOME": str(tmp_path / "first"), "DATABASE_URL": f"{server}/entraide_first"}
        second = {"ENTRAIDE_HOME": str(tmp_path / "second"), "DATABASE_URL": f"{server}/entraide_second"}
        on_postgresql(first, "migrate", "--verbosity", "0")
        subprocess.run(
            [sys.executable, "-c", FILL], check=True, timeout=60,
            env={**os.environ, **first, "PYTHONPATH": str(SRC), "DJANGO_SETTINGS_MODULE": "entraide.website.settings"},
        )  # fmt: skip
        archive = tmp_path / "backup.tar.gz"
        on_postgresql(first, "backup", str(archive))
        assert "Restored" in on_postgresql(second, "restore", str(archive))
        asked = subprocess.run(
            ["psql", second["DATABASE_URL"], "-Atc", "SELECT slug FROM causes_cause"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        assert asked.stdout.strip() == "lumi"
        refused = subprocess.run(
            ["psql", second["DATABASE_URL"], "-c", "UPDATE journal_entry SET quantity = 2"],
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert refused.returncode != 0, "the restored journal must refuse changes as the first did"
    finally:
        for name in ("entraide_first", "entraide_second"):
            subprocess.run(["psql", url, "-qc", f"DROP DATABASE {name} WITH (FORCE)"], check=True)


def on_postgresql(instance: dict[str, str], *arguments: str) -> str:
    """Run a command of the console on an instance in PostgreSQL; returns what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "entraide.website.command_line", *arguments],
        env={**os.environ, **instance, "PYTHONPATH": str(SRC), "DJANGO_SETTINGS_MODULE": "entraide.website.settings"},
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
