"""Each test of the crisis room has an inbox of its own: a row that outlives its test would be taken in again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entraide.foundations.channels import inbox


@pytest.fixture(autouse=True)
def own_inbox(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.INBOX_FILE = tmp_path / "inbox.sqlite3"
    yield
    inbox.close()
