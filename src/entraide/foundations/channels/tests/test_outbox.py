"""The outbox: which way leads to a contact, retries, giving up, and the steward's second try."""

from __future__ import annotations

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from entraide.foundations.channels import actions, queries
from entraide.foundations.channels.actions import outbox
from entraide.foundations.channels.models import Contact, Door, LiveEvent, Message, OptOut, Outgoing
from entraide.foundations.channels.rules import Address, digest, seal
from entraide.foundations.channels.tests.helpers import messages_of
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db


def contact(channel, value):
    return Contact.objects.create(channel=channel, digest=digest(Address(channel, value)), sealed=seal(value))


@pytest.fixture
def marie(db):
    return contact("mail", "marie@example.org")


def write(to, cause, **more):
    return actions.reply(
        contact_id=to.pk, cause=cause, text="Merci", language="fr", about="report:abc", **more
    )


def fail_with(monkeypatch, error):
    def send(self, fail_silently=False):
        raise error

    monkeypatch.setattr(outbox.EmailMessage, "send", send)


def test_a_mail_leaves_once(marie, lumi):
    outgoing = write(marie, lumi)
    assert actions.deliver() == 1
    assert actions.deliver() == 0
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.attempts) == ("sent", 1)
    [sent] = mail.outbox
    assert sent.to == ["marie@example.org"]
    assert sent.subject == "Entraide"  # never the event: a mailbox may be looked at by others
    assert sent.extra_headers["Auto-Submitted"] == "auto-replied"
    assert str(outgoing.uuid) in sent.extra_headers["Message-ID"]


def test_an_answer_to_a_mail_keeps_its_thread_and_address(open_door, lumi):
    from entraide.foundations.channels import inbox

    door = open_door("mail", "", address="help@lumi.example")
    raw = b"From: marie@example.org\r\nSubject: Dlo\r\nMessage-ID: <1@x>\r\n\r\nNou bezwen dlo"
    inbox.writer().accept(inbox.Arrival(door_id=door.pk, channel="mail", key="1", body=raw)).result(5)
    [received] = messages_of(door)
    to = Contact.objects.get()
    outgoing = write(to, lumi, in_reply_to=received.message_id)
    assert outgoing.door == door
    actions.deliver()
    [sent] = mail.outbox
    assert sent.subject == "Re: Dlo"
    assert sent.from_email == "help@lumi.example"
    assert sent.extra_headers["In-Reply-To"] == "<1@x>"


def test_a_busy_mail_server_is_asked_again_later(marie, lumi, monkeypatch):
    outgoing = write(marie, lumi)
    fail_with(monkeypatch, ConnectionRefusedError())
    assert actions.deliver() == 0
    outgoing.refresh_from_db()
    assert (outgoing.state, outgoing.attempts, outgoing.error) == ("queued", 1, "ConnectionRefusedError")
    assert outgoing.next_attempt_at > timezone.now()
    assert actions.deliver() == 0
    outgoing.refresh_from_db()
    assert outgoing.attempts == 1


@pytest.mark.parametrize(
    ("error", "state", "shown"),
    [
        (
            smtplib.SMTPRecipientsRefused({"marie@example.org": (550, b"no marie@example.org")}),
            "failed",
            "550",
        ),
        (smtplib.SMTPRecipientsRefused({"marie@example.org": (450, b"later")}), "queued", "450"),
        (smtplib.SMTPDataError(554, b"spam"), "failed", "554"),
        (smtplib.SMTPDataError(421, b"later"), "queued", "421"),
    ],
)
def test_what_a_mail_server_says(marie, lumi, monkeypatch, error, state, shown):
    outgoing = write(marie, lumi)
    fail_with(monkeypatch, error)
    actions.deliver()
    outgoing.refresh_from_db()
    assert outgoing.state == state
    assert shown in outgoing.error
    assert "marie" not in outgoing.error


def test_giving_up_after_two_days(marie, lumi, monkeypatch):
    outgoing = write(marie, lumi)
    fail_with(monkeypatch, TimeoutError())
    waited = timedelta()
    for _ in range(outbox.ATTEMPTS_MAX):
        Outgoing.objects.update(next_attempt_at=timezone.now())
        actions.deliver()
        outgoing.refresh_from_db()
        if outgoing.next_attempt_at:
            waited += outgoing.next_attempt_at - timezone.now()
    assert outgoing.state == "failed"
    assert timedelta(days=1) < waited < timedelta(days=3)


def test_a_delivery_that_was_killed_begins_again(marie, lumi):
    outgoing = write(marie, lumi)
    assert outbox._claim(5) == [outgoing.pk]  # killed here
    assert actions.deliver() == 0
    Outgoing.objects.update(next_attempt_at=timezone.now())
    assert actions.deliver() == 1


def test_who_said_stop_meanwhile_gets_nothing(marie, lumi):
    outgoing = write(marie, lumi)
    OptOut.objects.create(contact=marie, cause=lumi)
    assert actions.deliver() == 0
    outgoing.refresh_from_db()
    assert outgoing.state == "failed"
    assert mail.outbox == []


def test_ways_that_lead_nowhere(lumi, marie):
    assert write(contact("other", "digicel"), lumi) is None
    assert write(contact("sms", "+50937123456"), lumi) is None  # the cause has no telephone
    assert actions.reply(contact_id=marie.pk, cause=lumi, text=" ", language="", about="") is None
    assert actions.reply(contact_id=987, cause=lumi, text="a", language="", about="") is None


def test_a_form_s_number_is_answered_by_the_telephone_heard_last(lumi, open_door):
    open_door()
    heard = open_door()
    Door.objects.filter(pk=heard.pk).update(last_heard_at=timezone.now())
    frozen = open_door()
    Door.objects.filter(pk=frozen.pk).update(last_heard_at=timezone.now(), state="frozen")
    actions.accept_web(cause=lumi, fields={"text": "a", "contact": "+50937123456"}, key="1")
    actions.take_in()
    message = Message.objects.get()
    outgoing = write(message.contact, lumi, in_reply_to=message)
    assert outgoing.door == heard
    assert actions.deliver() == 0  # telephones fetch theirs
    assert len(actions.hand_out(door_id=heard.pk)) == 1


def test_a_header_in_a_subject_stays_a_subject(marie, lumi):
    write(marie, lumi, subject="Hello\r\nBcc: all@example.org")
    actions.deliver()
    assert mail.outbox[0].subject == "Hello Bcc: all@example.org"


def test_a_steward_tries_again(marie, lumi, alice, charlie):
    outgoing = write(marie, lumi)
    with pytest.raises(Refusal) as refused:
        actions.retry(outgoing=outgoing, by=alice)
    assert refused.value.status == 409
    Outgoing.objects.update(state="failed")
    with pytest.raises(Refusal) as refused:
        actions.retry(outgoing=outgoing, by=charlie)
    assert refused.value.status == 403
    actions.retry(outgoing=outgoing, by=alice)
    assert actions.deliver() == 1


def test_counts(marie, lumi):
    write(marie, lumi)
    counts = queries.delivery_counts(lumi.pk)
    assert counts["queued"] == 1
    assert counts["failed"] == 0


# -- doors and notices -------------------------------------------------------------------------------


def test_only_stewards_open_freeze_and_rekey(lumi, alice, charlie, door):
    for act in (
        lambda: actions.open_door(cause=lumi, kind="smssync", label="x", by=charlie),
        lambda: actions.freeze_door(door=door, by=charlie),
        lambda: actions.thaw_door(door=door, by=charlie),
        lambda: actions.rotate_secret(door=door, by=charlie),
        lambda: actions.secret_of(door=door, by=charlie),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.status == 403
    assert actions.secret_of(door=door, by=alice) == "1234"
    secret = actions.rotate_secret(door=door, by=alice)
    assert actions.secret_of(door=door, by=alice) == secret != "1234"


def test_doors_that_cannot_be(lumi, alice):
    with pytest.raises(Refusal):
        actions.open_door(cause=lumi, kind="fax", label="x", by=alice)
    web = actions.standing_door(cause=lumi, kind="web")
    assert actions.standing_door(cause=lumi, kind="web") == web
    with pytest.raises(Refusal) as refused:
        actions.open_door(cause=lumi, kind="web", label="x", by=alice)
    assert refused.value.status == 409
    with pytest.raises(Refusal):
        actions.rotate_secret(door=web, by=alice)
    assert (
        len(
            actions.secret_of(
                door=actions.open_door(cause=lumi, kind="smssync", label=" ", by=None), by=alice
            )
        )
        == 16
    )


def test_notices_are_seen_once_and_forgotten():
    watch = queries.LiveWatch()
    actions.announce("map:1", {"n": 0})
    assert watch.new() == []  # older than the watch
    actions.announce("map:1", {"n": 1})
    actions.announce("map:2", {"n": "ض"})
    assert [(topic, data) for _id, topic, data in watch.new()] == [
        ("map:1", '{"n":1}'),
        ("map:2", '{"n":"ض"}'),
    ]
    assert watch.new() == []
    watch._seen = dict.fromkeys(watch._seen, timezone.now() - timedelta(minutes=1))
    assert watch.new() == []
    assert watch._seen == {}
    actions.announce("map:1", {"n": 2})
    assert len(watch.new()) == 1
    assert actions.prune_live() == 0
    LiveEvent.objects.update(at=timezone.now() - timedelta(hours=2))
    assert actions.prune_live() == 4


def test_a_notice_that_commits_late_is_not_missed():
    """On PostgreSQL a lower id may commit after a higher one."""
    watch = queries.LiveWatch()
    actions.announce("a", {})
    watch.new()
    actions.announce("late", {})
    late = LiveEvent.objects.latest("pk")
    number = late.pk
    late.delete()
    LiveEvent.objects.create(pk=number + 1, topic="early", data="{}")
    assert [topic for _id, topic, _data in watch.new()] == ["early"]
    LiveEvent.objects.create(pk=number, topic="late", data="{}")
    assert [topic for _id, topic, _data in watch.new()] == ["late"]


def test_names_for_the_log(door, marie, lumi):
    outgoing = write(marie, lumi)
    assert str(door) == "Door"
    assert str(marie) == f"contact {marie.pk}"
    assert str(outgoing) == f"outgoing {outgoing.uuid}"
    assert str(Message(pk=1)) == "message 1"
    from entraide.foundations.channels.models import IntakePosition, Stuck

    assert str(Stuck(inbox_id=1)) == "stuck 1"
    assert str(IntakePosition(position=2)) == "2"
    assert str(LiveEvent(pk=1, topic="a")) == "a 1"
