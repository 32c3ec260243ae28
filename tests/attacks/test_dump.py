"""A stolen database and inbox, without the keys, tell no number and no address of a witness.

Planted through every door and every field where people may type one, then looked for in every column of
every table and in the raw bytes of the inbox. Left out, with its reason: ``ENTRAIDE_HOME/mail``, into which
mail goes where no mail server is set (a trial; the doctor says so), since a letter names whom it is for.
"""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from entraide.capabilities.crisis.actions import bulk, merging, publishing, steps, verifying
from entraide.capabilities.crisis.models import Report
from entraide.capabilities.crisis.tests.sample import again, placed, posted
from entraide.foundations.channels import actions, inbox
from entraide.foundations.channels.doors import webhook
from entraide.foundations.channels.tests.helpers import call
from entraide.foundations.desk import actions as desk
from entraide.foundations.desk.models import Answer

pytestmark = pytest.mark.django_db

# One number for each place it is planted in, as people write them.
SHAPES = [
    "+509 3712 {:04}", "3712{:04}", "3712-{:04}", "(509) 3712 {:04}", "0050937{:06}", "37 12 {:02} 99", "tel.3712{:04}",
]  # fmt: skip
planted: list[str] = []


def plant() -> str:
    """A number nobody else has, in the next shape."""
    number = 1000 + 7 * len(planted)
    shape = SHAPES[len(planted) % len(SHAPES)]
    planted.append(shape.format(number % 100 if "{:02}" in shape else number))
    return planted[-1]


def plant_address() -> str:
    """A mail address nobody else has."""
    planted.append(f"planted{len(planted)}@example.org")
    return planted[-1]


def forms_of(secret: str) -> set[str]:
    """How a planted thing may stand in a table: as typed, its digits alone, and without the country."""
    if "@" in secret:
        return {secret.lower(), secret.split("@", maxsplit=1)[0]}
    typed = secret.removeprefix("tel.")
    digits = "".join(letter for letter in typed if letter.isdigit())
    return {typed, digits, digits.removeprefix("00").removeprefix("509")}


def everything() -> list[tuple[str, str]]:
    """(where, content) of every value of every table, the search index included."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    if isinstance(value, bytes | memoryview):
                        value = bytes(value).decode("latin-1")
                    found.append((f"{table}.{name}", str(value).lower()))
    return found


def fill(cause: Any, alice: Any, bob: Any) -> None:
    """Plant something through every door and into every field."""
    sms = actions.open_door(cause=cause, kind="smssync", label="x", by=alice, settings={"country": "HT"})
    secret = actions.secret_of(door=sms, by=alice)
    for words in ("dlo", "manje", "kay"):
        form = {"from": plant(), "message": f"{words} rele {plant()} {plant_address()}", "secret": secret}
        body = json.dumps({**form, "sent_to": plant(), "device_id": plant()}).encode()
        assert call("POST", f"/door/smssync/{sms.token}", {"User-Agent": plant()}, body)[0] == 200
    hook = actions.open_door(cause=cause, kind="webhook", label="x", by=alice)
    body = json.dumps(
        {
            "id": plant(), "text": f"Help {plant()}", "from": plant(), "subject": plant(), "place": plant(),
            "more": {"phone": plant()}, "category": plant(), "language": "en",
        }
    ).encode()  # fmt: skip
    now = str(int(time.time()))
    signed = webhook.signature(actions.secret_of(door=hook, by=alice), now, body)
    headers = {"X-Entraide-Timestamp": now, "X-Entraide-Signature": signed}
    assert call("POST", f"/door/webhook/{hook.token}", headers, body)[0] == 202
    mail = actions.open_door(cause=cause, kind="mail", label="x", by=alice)
    letter = (
        f"From: Marie {plant()} <{plant_address()}>\r\nTo: x\r\nSubject: Call {plant()}\r\n"
        f"Message-ID: <{plant()}@x>\r\n\r\nWater {plant()}\r\n-- \r\nMarie {plant()}"
    )
    arrival = inbox.Arrival(door_id=mail.pk, channel="mail", key=plant(), body=letter.encode())
    inbox.writer().accept(arrival).result()
    for contact in (plant(), plant_address()):
        actions.accept_web(
            cause=cause,
            key=plant(),
            fields={"text": f"Roof gone {plant()}", "contact": contact, "place": f"School, {plant()}"},
        )
    actions.import_message(cause=cause, key=plant(), text=plant(), subject=plant(), fields={"place": plant()})
    while actions.take_in():
        pass


def work(cause: Any, alice: Any, bob: Any, vera: Any, rosa: Any) -> None:
    """What a careless team types."""
    item = desk.next_item(person=bob)
    data = posted(
        decision="pass", title=f"Water {plant()}", text=f"At {plant()} {plant_address()}", language="ht"
    )
    desk.answer(item=item, person=bob, data=data)
    item = desk.next_item(person=bob, queue="crisis.triage")
    desk.answer(item=item, person=bob, data=posted(decision="aside", why=f"Spam of {plant()}"))
    item = desk.next_item(person=vera, queue="crisis.check")
    data = posted(
        standing="verified", why=f"Asked {plant()}", evidence=f"The mayor, {plant()}, {plant_address()}"
    )
    desk.answer(item=item, person=vera, data=data)
    reports = list(Report.objects.filter(cause=cause, step="new").order_by("pk"))
    first, second, third, *rest = (placed(report, alice) for report in reports)
    merging.merge(second, into=first, by=alice, why=f"Same {plant()}")
    steps.edit(first, by=alice, title=f"Help {plant()}", text=f"Dlo {plant()}", place=steps.KEEP)
    steps.edit(
        third, by=alice, place=steps.Place(point=third_point(third), radius_m=50, name=f"At {plant()}'s")
    )
    for report in (first, third):
        publishing.publish(again(report), by=alice)
    publishing.withdraw(third, by=alice, why=f"{plant()} asked us")
    verifying.verify(again(first), standing="refuted", by=alice, why=f"no {plant()}", evidence=plant())
    steps.route(again(first), organisation=None, by=alice, why=f"{plant()}")
    steps.take(again(first), by=rosa)
    steps.finish(again(first), by=rosa, why=f"Brought to {plant()}")
    bulk.ask(cause, deed="set-aside", refs=[rest[0].ref], by=alice, why=f"{plant()} says so")
    bulk.work()
    actions.deliver()


def third_point(report: Report) -> Any:
    """The report's own exact place."""
    from entraide.foundations.places.rules import Point

    assert report.exact_x is not None
    assert report.exact_y is not None
    return Point(report.exact_x, report.exact_y)


def test_nothing_planted_is_found_without_the_keys(lumi, alice, bob, vera, rosa):
    planted.clear()
    fill(lumi, alice, bob)
    work(lumi, alice, bob, vera, rosa)
    assert len(planted) > 60
    assert Report.objects.count() >= 7
    values = everything()
    inbox_bytes = b"".join(path.read_bytes() for path in inbox.path().parent.glob("inbox.sqlite3*"))
    values.append(("inbox", inbox_bytes.decode("latin-1").lower()))
    leaks = [
        f"{where}: {form}"
        for secret in planted
        for form in forms_of(secret)
        for where, content in values
        if form in content
    ]
    assert not leaks


def test_what_undoing_needed_is_forgotten(lumi, alice, bob):
    """The exact place before a decision must not outlive the day in the desk's own table."""
    planted.clear()
    fill(lumi, alice, bob)
    item = desk.next_item(person=bob)
    given = desk.answer(item=item, person=bob, data=posted(decision="pass", title="Water", language="ht"))
    assert desk.forget_decisions(timezone.now()) == 0
    assert desk.forget_decisions(timezone.now() + timedelta(days=2)) == 1
    assert Answer.objects.get(pk=given.pk).decision == {}
