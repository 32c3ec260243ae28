"""The doctor speaks plainly, and sees what is wrong."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from entraide.website import doctor

pytestmark = pytest.mark.django_db


def words() -> str:
    return "\n".join(finding.what for finding in doctor.examine())


def test_a_healthy_instance_needs_no_mending(settings):
    settings.ENTRAIDE_KEY("contacts")
    findings = doctor.examine()
    assert [finding for finding in findings if finding.grade == "mend"] == []
    assert "The database refuses changes to journal entries." in words()


def test_loose_keys_debug_and_a_full_disk_must_be_mended(settings, monkeypatch):
    settings.ENTRAIDE_KEY("loose")
    path = Path(settings.ENTRAIDE_HOME) / "keys" / "loose.key"
    path.chmod(0o644)
    settings.DEBUG = True
    monkeypatch.setattr(doctor, "FREE_BYTES_MIN", 10**18)
    try:
        mend = [finding.what for finding in doctor.examine() if finding.grade == "mend"]
    finally:
        path.unlink()
    assert any("Others on this machine may read the keys: loose.key" in what for what in mend)
    assert any("ENTRAIDE_DEBUG" in what for what in mend)
    assert any("GB free" in what for what in mend)


def test_a_damaged_inbox_is_found(settings, tmp_path):
    settings.ENTRAIDE_HOME = tmp_path
    (tmp_path / "keys").mkdir()
    (tmp_path / "inbox.sqlite3").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    assert any(finding.grade == "mend" and "nbox" in finding.what for finding in doctor.examine())


def test_settings_for_a_public_site(settings):
    settings.SECURE_SITE = True
    settings.SITE_URL = "https://help.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.SITE_OPERATOR = settings.SITE_CONTACT = settings.SECURITY_CONTACT = "us@help.example"
    assert "The site is served as https://help.example." in words()
    assert "Readers cannot see who runs this site." not in words()


def test_the_command_prints_json_and_fails_where_something_must_be_mended(settings, monkeypatch):
    out = StringIO()
    call_command("doctor", "--json", stdout=out)
    assert all(json.loads(line)["grade"] in {"good", "advice"} for line in out.getvalue().splitlines())
    monkeypatch.setattr(doctor, "FREE_BYTES_MIN", 10**18)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    assert "✗" in out.getvalue()
