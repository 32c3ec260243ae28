"""The harness: a small cast, and silent faults made loud.

In every test an undefined template variable, an inline script, style or handler, a warning, a logged
error, a call to the network, a page that asks the database too often, or code that relies on the order
of an unordered query fails.
"""

from __future__ import annotations

import logging
import random
import re
import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

BUDGET_DEFAULT = 20
INLINE_HANDLER = re.compile(r"<[^>]+\son[a-z]+\s*=", re.IGNORECASE)
INLINE_STYLE = re.compile(r"<[^>]+\sstyle\s*=|<style", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>", re.IGNORECASE)


class StrictClient(Client):
    """A test client that reads each page as a strict reviewer would.

    ``query_budget`` bounds the queries of one request; a test that has a reason raises it:
    ``client.query_budget = 30``.
    """

    query_budget: int = BUDGET_DEFAULT

    def request(self, **request: Any) -> Any:
        """Send the request, count its queries, read its page."""
        with CaptureQueriesContext(connection) as queries:
            response = super().request(**request)
        address = f"{request.get('REQUEST_METHOD')} {request.get('PATH_INFO')}"
        if response.status_code < 400 and len(queries) > self.query_budget:
            listing = "\n".join(query["sql"][:160] for query in queries.captured_queries)
            pytest.fail(
                f"{address} asked {len(queries)} queries, its budget is {self.query_budget}:\n{listing}"
            )
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            check_page(response.content.decode(), address)
        return response


def check_page(page: str, address: str) -> None:
    """Fail on undefined variables, unrendered tags and anything the content policy would block."""
    if "⟦undefined:" in page:
        at = page.index("⟦undefined:")
        pytest.fail(f"{address} shows an undefined template variable: …{page[max(0, at - 120) : at + 60]}…")
    for pattern, what in ((INLINE_HANDLER, "inline handler"), (INLINE_STYLE, "inline style")):
        if found := pattern.search(re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)):
            pytest.fail(f"{address} has an {what}: {found.group()[:160]}")
    for attributes in SCRIPT.findall(page):
        if (
            "src=" not in attributes
            and "importmap" not in attributes
            and "application/json" not in attributes
        ):
            pytest.fail(f"{address} has an inline script: <script{attributes}>")


@pytest.fixture
def client() -> StrictClient:
    """A strict client, signed out."""
    return StrictClient()


@pytest.fixture(autouse=True)
def unordered_queries_are_shuffled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give rows of an unordered query in random order, so that code relying on luck fails soon."""
    compile_plainly = SQLCompiler.execute_sql

    def execute_sql(self: SQLCompiler, result_type: Any = "multi", *args: Any, **kwargs: Any) -> Any:
        rows = compile_plainly(self, result_type, *args, **kwargs)
        query = self.query
        ordered = bool(
            query.extra_order_by
            or query.order_by
            or (query.default_ordering and query.get_meta() and query.get_meta().ordering)
            or query.is_sliced
            or query.combinator
        )
        if ordered or result_type != "multi" or rows is None or type(self) is not SQLCompiler:
            return rows
        chunks = [list(chunk) for chunk in rows]
        flat = [row for chunk in chunks for row in chunk]
        random.shuffle(flat)
        return iter([flat]) if flat else iter([])

    monkeypatch.setattr(SQLCompiler, "execute_sql", execute_sql)


@pytest.fixture(autouse=True)
def logged_errors_fail(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Any:
    """An ERROR in the log fails the test unless it carries ``@pytest.mark.logs_errors``."""
    yield
    if request.node.get_closest_marker("logs_errors"):
        return
    errors = [
        record.getMessage()
        for phase in ("setup", "call")
        for record in caplog.get_records(phase)
        if record.levelno >= logging.ERROR
    ]
    if errors:
        pytest.fail("logged errors: " + " | ".join(errors[:5]))


@pytest.fixture(autouse=True)
def network_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine may be called."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test called the network: {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def an_inbox_of_its_own(settings: Any, tmp_path: Path) -> Any:
    """The inbox is a file, which no rollback empties: what one test accepted, the next must not see."""
    from entraide.foundations.channels import inbox

    settings.INBOX_FILE = tmp_path / "inbox.sqlite3"
    yield
    inbox.close()


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    """What one test cached, the next must not see."""
    cache.clear()


@pytest.fixture(autouse=True)
def every_test_begins_in_english() -> None:
    """A request in French leaves its thread speaking French; the next test must not inherit it."""
    translation.activate("en")


# The cast. Alice leads the cause Lumi, Bob reads messages, Vera checks, Rosa answers needs,
# Charlie has an account and no right at all.


@pytest.fixture
def alice(db: Any) -> Any:
    """A person who leads the cause Lumi (where the test asks for it)."""
    return make("Alice", ["en", "fr"])


@pytest.fixture
def lumi(alice: Any) -> Any:
    """An open cause on a fictional cyclone; Alice is its steward."""
    from entraide.foundations.causes import actions as causes

    cause = causes.create(
        slug="lumi",
        texts={"en": {"title": "Cyclone Lumi", "summary": "Water, roofs, news of families.", "body": ""}},
        languages=["en", "fr", "sw", "ar"],
        countries=["MG"],
        sdgs=[6, 11],
        area=(43.0, -26.0, 51.0, -11.5),
        by=alice,
    )
    return causes.open_cause(cause=cause, by=alice) or cause


@pytest.fixture
def bob(lumi: Any, alice: Any) -> Any:
    """A triager of Lumi."""
    return make("Bob", ["en", "sw"], role="triager", cause=lumi, by=alice)


@pytest.fixture
def vera(lumi: Any, alice: Any) -> Any:
    """A verifier of Lumi."""
    return make("Vera", ["en", "ar"], role="verifier", cause=lumi, by=alice)


@pytest.fixture
def rosa(lumi: Any, alice: Any) -> Any:
    """A responder of Lumi."""
    return make("Rosa", ["en"], role="responder", cause=lumi, by=alice)


@pytest.fixture
def charlie(db: Any) -> Any:
    """A person without any role."""
    return make("Charlie", ["en"])


def make(name: str, languages: list[str], role: str = "", cause: Any = None, by: Any = None) -> Any:
    """A person of the cast, with a role in a cause where one is named."""
    from entraide.foundations.people import actions as people
    from entraide.foundations.people.rules import Role
    from entraide.foundations.people.tests.cast import make_person

    person = make_person(name, f"{name.lower()}@example.org", languages=languages)
    if role:
        people.grant(person=person, role=Role(role), cause_id=cause.public_id, by=by)
    return person


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the checkout; a test that wants it skips, with that reason, where it is absent."""
    folder = Path(__file__).resolve().parent.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is absent")
    return folder


@pytest.fixture(scope="session", autouse=True)
def the_journal_lets_tests_begin_anew() -> None:
    """Tests that commit are followed by emptied tables, which the journal's triggers would refuse."""
    from entraide.foundations.journal.tests.support import allow_flush

    allow_flush()
