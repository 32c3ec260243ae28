"""The house answers who writes; nobody may turn that into a flood, a loop, or a blocked outbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from entraide.capabilities.crisis.actions.telling import RECEIPTS_AN_HOUR
from entraide.capabilities.crisis.tests.sample import received
from entraide.foundations.causes import actions as causes
from entraide.foundations.channels import actions, inbox
from entraide.foundations.channels.models import Contact, Door, Message, Outgoing

pytestmark = pytest.mark.django_db


def elsewhere(charlie: Any) -> Any:
    """A cause of somebody else's."""
    texts = {"en": {"title": "Elsewhere", "summary": "Another cause.", "body": ""}}
    return causes.open_cause(cause=causes.create(slug="elsewhere", texts=texts, by=charlie), by=charlie)


def test_a_form_filled_with_somebody_elses_address_does_not_flood_her(lumi):
    for number in range(RECEIPTS_AN_HOUR + 10):
        received(lumi, f"hello {number}", contact="victim@example.org")
    assert Outgoing.objects.count() == RECEIPTS_AN_HOUR
    Outgoing.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    received(lumi, "an hour later", contact="victim@example.org")
    assert Outgoing.objects.count() == RECEIPTS_AN_HOUR + 1


def test_a_flood_in_one_batch_is_counted_too(lumi):
    for number in range(RECEIPTS_AN_HOUR + 10):
        actions.accept_web(
            cause=lumi, key=f"k{number}", fields={"text": f"t{number}", "contact": "victim@example.org"}
        )
    while actions.take_in():
        pass
    assert Message.objects.count() == RECEIPTS_AN_HOUR + 10
    assert Outgoing.objects.count() == RECEIPTS_AN_HOUR


def test_what_looks_doubtful_is_read_and_not_answered(lumi):
    received(lumi, "buy this", contact="victim@example.org", doubtful=True)
    assert Message.objects.count() == 1
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize(
    "contact", ["a,b@example.org", "<x>@example.org", "a;b@c,d@e", "é@é.é", "a@" + "b" * 250]
)
def test_an_address_no_mail_can_be_written_to_holds_up_nobody(lumi, contact):
    received(lumi, "first", contact=contact)
    received(lumi, "second", contact="marie@example.org")
    actions.deliver()
    assert ["marie@example.org"] in [sent.to for sent in mail.outbox]
    assert not Outgoing.objects.filter(state="queued").exists()


def test_our_own_receipt_coming_back_is_not_answered(lumi, alice):
    """An auto-responder, or a list, sends our receipt back to our door: no loop begins."""
    door = actions.open_door(cause=lumi, kind="mail", label="Mail", by=alice)
    body = (
        b"From: entraide@localhost\r\nTo: x\r\nSubject: Re: Entraide\r\nMessage-ID: <%d@x>\r\n"
        b"Auto-Submitted: auto-replied\r\n\r\nWe got your message."
    )
    inbox.writer().accept(inbox.Arrival(door_id=door.pk, channel="mail", key="1", body=body % 1)).result()
    actions.take_in()
    assert not Outgoing.objects.exists()
    # And one that says nothing of being automatic is answered a few times, not for ever.
    plain = body.replace(b"Auto-Submitted: auto-replied\r\n", b"")
    for number in range(2, 20):
        arrival = inbox.Arrival(door_id=door.pk, channel="mail", key=str(number), body=plain % number)
        inbox.writer().accept(arrival).result()
        actions.take_in()
    assert Outgoing.objects.count() == RECEIPTS_AN_HOUR


def test_a_steward_erases_for_her_own_cause_alone(lumi, alice, charlie):
    """Anybody may begin a cause and have a number "write" to it: that must not erase what others hold."""
    other = elsewhere(charlie)
    received(lumi, "for Lumi", contact="marie@example.org")
    received(other, "not from Marie", contact="marie@example.org")
    contact = Contact.objects.get()
    actions.wipe_contact(contact_id=contact.pk, cause=other, by=charlie)
    contact.refresh_from_db()
    assert contact.wiped_at is None
    assert bytes(Message.objects.get(cause=lumi).sealed_text)
    gone = Message.objects.get(cause=other)
    assert (bytes(gone.sealed_text), gone.contact) == (b"", None)
    actions.wipe_contact(contact_id=contact.pk, cause=lumi, by=alice)
    contact.refresh_from_db()
    assert contact.wiped_at is not None
    assert Door.objects.count() == 2
