"""Sixty-four threads with one single-use link: exactly one comes in."""

import os
import subprocess
import sys

import pytest

RACE = """
import threading, uuid
import django
django.setup()
from django.core.management import call_command
from django.db import connections
call_command("migrate", verbosity=0)
from entraide.foundations.people import actions
from entraide.foundations.people.models import Grant, Invitation, Person
from entraide.refusal import Refusal

THREADS = 64
boss = Person.objects.create_user("boss@example.org")
cause = uuid.uuid4()
actions.grant(person=boss, role="steward", cause_id=cause, by=boss)
guests = [Person.objects.create_user(f"guest{n}@example.org") for n in range(THREADS)]
invitation, token = actions.invite(role="triager", cause_id=cause, by=boss)
start, came_in, refused = threading.Barrier(THREADS), [], []

def accept(guest):
    start.wait()
    try:
        actions.accept_invitation(token=token, person=guest)
        came_in.append(guest)
    except Refusal as refusal:
        refused.append(refusal.code)
    finally:
        connections.close_all()

threads = [threading.Thread(target=accept, args=(guest,)) for guest in guests]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert len(came_in) == 1, came_in
assert refused == ["invitation-used-up"] * (THREADS - 1), refused
assert Grant.objects.filter(role="triager").count() == 1
assert Invitation.objects.get().uses == 1

# Two stewards who remove each other at the same moment: one stays.
second = guests[0]
theirs = actions.grant(person=second, role="steward", cause_id=cause, by=boss)
mine = Grant.objects.get(person=boss, role="steward")
start = threading.Barrier(2)

def end(grant, by):
    start.wait()
    try:
        actions.end_grant(grant=grant, by=by)
    except Refusal:
        pass
    finally:
        connections.close_all()

threads = [threading.Thread(target=end, args=pair) for pair in ((theirs, boss), (mine, second))]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert Grant.objects.filter(role="steward", ended_at=None).count() == 1
print("one came in, one stayed")
"""


@pytest.mark.slow
def test_a_single_use_link_admits_one_of_many_at_once(tmp_path):
    # A process of its own: threads need a database file, which a test's transaction hides from them.
    environment = {
        **os.environ,
        "ENTRAIDE_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "entraide.website.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    environment.pop("DATABASE_URL", None)
    ran = subprocess.run(
        [sys.executable, "-c", RACE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "one came in, one stayed" in ran.stdout, ran.stderr[-3000:]
