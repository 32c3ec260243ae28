"""Programs in a process and an instance of their own: for threads that meet, and for the plug pulled."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

PREPARE = """
import os, sys, threading
import django
django.setup()
from django.core.management import call_command
from django.db import connections
call_command("migrate", verbosity=0)
from django.conf import settings
from entraide.foundations.causes import actions as causes
from entraide.foundations.people import actions as people
from entraide.foundations.people.models import Person
from entraide.capabilities.crisis.tests import sample

def cast():
    alice = Person.objects.create_user("alice@example.org", display_name="Alice")
    texts = {"en": {"title": "Lumi", "summary": "x"}}
    lumi = causes.create(slug="lumi", texts=texts, languages=["en"], countries=["MG"], by=alice)
    lumi = causes.open_cause(cause=lumi, by=alice) or lumi
    def with_role(name, role):
        person = Person.objects.create_user(name + "@example.org", display_name=name)
        people.grant(person=person, role=role, cause_id=lumi.public_id, by=alice)
        return person
    return lumi, alice, with_role("bob", "triager"), with_role("vera", "verifier")

def at_once(*acts):
    start, problems = threading.Barrier(len(acts)), []
    def run(act):
        try:
            start.wait(20)
            act()
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return problems
"""


def environment(home: Path) -> dict[str, str]:
    """That of an instance whose home is ``home``, on SQLite."""
    values = {**os.environ, "ENTRAIDE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "entraide.website.settings"}
    values.pop("DATABASE_URL", None)
    source = Path(__file__).resolve().parents[4]
    values["PYTHONPATH"] = str(source)
    return values


def program(home: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` after :data:`PREPARE`, on an instance of its own."""
    return subprocess.run(
        [sys.executable, "-c", PREPARE + textwrap.dedent(code)],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
