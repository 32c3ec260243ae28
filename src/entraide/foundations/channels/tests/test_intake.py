"""The intake: exactly once, nothing blocks, STOP obeyed, languages remembered, nothing readable at rest."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from entraide.foundations.causes import actions as causes
from entraide.foundations.channels import actions, inbox, queries
from entraide.foundations.channels.actions import intake
from entraide.foundations.channels.models import Contact, IntakePosition, LiveEvent, Message, Stuck
from entraide.foundations.channels.tests.helpers import call, messages_of
from entraide.foundations.channels.tests.phone import Telephone
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db

ENGLISH = "We need clean drinking water for forty families in the school near the river"
FRENCH = "Nous avons besoin d'eau potable pour quarante familles dans l'école près de la rivière"


@pytest.fixture
def heard(monkeypatch):
    """A capability that listens."""
    told = []
    card = SimpleNamespace(on_messages=told.extend)
    monkeypatch.setattr(intake, "cards", lambda: (card, SimpleNamespace(on_messages=None)))
    return told


def stuck():
    return list(Stuck.objects.filter(resolved_at=None).order_by("pk"))


def test_a_capability_is_told_once(telephone, heard):
    telephone.receive("37123456", ENGLISH)
    assert actions.take_in() == 1
    assert actions.take_in() == 0
    [told] = heard
    assert told.text == ENGLISH
    assert (told.language, told.language_sure) == ("en", True)
    assert told.cause_public_id
    event = LiveEvent.objects.get()
    assert event.topic == f"desk:{told.cause_public_id}"
    assert event.data == '{"change":"messages","count":1}'


def test_the_limit_is_kept(telephone):
    for number in range(7):
        telephone.receive("37123456", f"m{number}")
    assert actions.take_in(limit=5) == 5
    assert actions.take_in() == 2


def test_a_kill_before_the_commit_repeats_and_loses_nothing(telephone, heard, monkeypatch):
    telephone.receive("37123456", "dlo")
    save = IntakePosition.save

    def die(self, *args, **kwargs):
        if self.position:
            raise KeyboardInterrupt
        save(self, *args, **kwargs)

    monkeypatch.setattr(IntakePosition, "save", die)
    with pytest.raises(KeyboardInterrupt):
        actions.take_in()
    assert Message.objects.count() == 0
    monkeypatch.setattr(IntakePosition, "save", save)
    actions.take_in()
    actions.take_in()
    assert Message.objects.count() == 1


def test_where_another_worker_was_faster_the_batch_is_thrown_away(telephone, heard, monkeypatch):
    telephone.receive("37123456", "dlo")
    prepare = intake._prepare

    def slowly(row, doors):
        IntakePosition.objects.update_or_create(pk=1, defaults={"position": row.id})
        return prepare(row, doors)

    monkeypatch.setattr(intake, "_prepare", slowly)
    assert actions.take_in() == 0
    assert heard == []


def test_a_poisonous_message_is_kept_and_blocks_nothing(telephone, monkeypatch):
    heard = []

    def hear(messages):
        for received in messages:
            if "poison" in received.text:
                Message.objects.update(language="xx")  # taken back with the savepoint
                raise ValueError(received.text)
        heard.append([received.text for received in messages])

    monkeypatch.setattr(intake, "cards", lambda: (SimpleNamespace(on_messages=hear),))
    for text in ("one", "poison 37123456", "three"):
        telephone.receive("37123456", text)
    assert actions.take_in() == 3
    assert heard == [["one"], ["three"]]  # first all at once, then each alone
    assert Message.objects.count() == 2
    assert not Message.objects.filter(language="xx").exists()
    [row] = stuck()
    assert "ValueError" in row.error
    assert "37123456" not in row.error
    assert actions.retry_stuck() == 0  # not yet due
    Stuck.objects.update(next_attempt_at=timezone.now())
    assert actions.retry_stuck() == 0
    [row] = stuck()
    assert row.attempts == 2
    assert row.next_attempt_at > timezone.now()
    monkeypatch.setattr(intake, "cards", lambda: (SimpleNamespace(on_messages=lambda received: None),))
    assert actions.retry_stuck(ids=[row.pk]) == 1
    assert stuck() == []
    assert Message.objects.count() == 3
    assert actions.retry_stuck(ids=[row.pk]) == 0


def test_the_database_s_trouble_is_not_the_message_s(telephone, monkeypatch):
    def hear(received):
        raise OperationalError("database is locked")

    monkeypatch.setattr(intake, "cards", lambda: (SimpleNamespace(on_messages=hear),))
    telephone.receive("37123456", "dlo")
    with pytest.raises(OperationalError):
        actions.take_in()
    assert stuck() == []
    assert Message.objects.count() == 0


def test_a_batch_the_database_refuses_is_taken_one_by_one(telephone, heard, monkeypatch):
    for text in ("one", "two", "three"):
        telephone.receive("37123456", text)
    save = Message.save

    def choosy(self, *args, **kwargs):
        if self.inbox_id == second:
            raise ValueError("no")
        save(self, *args, **kwargs)

    def refuse(rows):
        raise ValueError("one of these")

    second = inbox.read(0, 3)[1].id
    monkeypatch.setattr(Message.objects, "bulk_create", refuse)
    monkeypatch.setattr(Message, "save", choosy)
    actions.take_in()
    assert [received.text for received in heard] == ["one", "three"]
    assert [row.inbox_id for row in stuck()] == [second]


def test_rows_nobody_can_read_are_stuck(telephone, door, heard):
    telephone.receive("37123456", "emptied")
    inbox.empty([inbox.read(0, 1)[0].id])
    inbox.writer().accept(inbox.Arrival(door_id=987654, channel="sms", key="k")).result(5)
    telephone.receive("37123456", "whole")
    actions.take_in()
    assert [row.error for row in stuck()] == ["its content was emptied", "its door is not there"]
    assert len(heard) == 1


def test_a_stuck_row_that_left_the_inbox(door):
    Stuck.objects.create(inbox_id=5, door=door, error="x", next_attempt_at=timezone.now())
    assert actions.retry_stuck() == 0
    assert stuck()[0].error == "its row is not in the inbox"


def test_stop_and_start(telephone, door, heard, lumi, alice):
    telephone.receive("37123456", "Bonjour")
    telephone.receive("37123456", " Stop! ")
    assert [message.set_aside for message in messages_of(door)] == ["", "command"]
    contact = Contact.objects.get()
    assert contact.opt_outs.get().cause == lumi
    answer = {"contact_id": contact.pk, "cause": lumi, "text": "a", "language": "fr", "about": ""}
    assert actions.reply(**answer) is None
    elsewhere = causes.create(slug="elsewhere", texts={"en": {"title": "Elsewhere"}}, by=alice)
    actions.open_door(cause=elsewhere, kind="smssync", label="Another telephone", by=alice)
    # Nobody is silenced by what came through another cause's door.
    assert actions.reply(**(answer | {"cause": elsewhere})) is not None
    telephone.receive("37123456", "START")
    messages_of(door)
    assert actions.reply(**answer) is not None
    assert len(heard) == 1
    assert len(inbox.read(0, 9)) == 3  # the raw bytes are kept


def test_help_may_be_a_cry_for_help(telephone, heard):
    telephone.receive("37123456", "HELP")
    actions.take_in()
    assert heard[0].fields["command"] == "help"


def test_commands_never_eat_content(telephone, door, heard):
    sentences = {
        "en": "Please {} the flood near the school", "fr": "Il faut {} tout de suite ici", "ht": "Dlo a {} nan kay la",
        "es": "El agua no {} en la calle", "sw": "Maji haya {} katika nyumba", "pt": "A água não {} na rua",
        "tr": "Su {} evde", "id": "Air {} di rumah", "ru": "Вода {} в доме", "ar": "الماء {} في البيت",
    }  # fmt: skip
    words = ["off", "alert", "stop", "help", "STOP", "start", "aide", "kanpe", "توقف", "стоп"]
    texts = [sentence.format(word) for sentence in sentences.values() for word in words]
    for number, text in enumerate(texts):
        telephone.receive("37123456", text, number=str(number))
    actions.take_in()
    assert [received.text for received in heard] == texts


def test_the_author_s_word_on_her_language_wins(lumi):
    accepted = actions.accept_web(cause=lumi, fields={"text": ENGLISH, "language": "ht"}, key="1")
    actions.take_in()
    message = Message.objects.get(inbox_id=accepted.id)
    assert (message.language, message.language_sure) == ("ht", True)


def test_a_contact_s_language_is_remembered(telephone, door):
    telephone.receive("37123456", FRENCH)
    telephone.receive("37123456", "ok")
    messages_of(door)
    telephone.receive("37123456", "12 34")
    first, _second, third = messages_of(door)
    assert first.language == Contact.objects.get().language == "fr"
    assert (third.language, third.language_sure) == ("fr", False)


def test_a_dump_without_the_key_tells_nothing(telephone, door, lumi, tmp_path):
    planted = ["37123456", "+50937123456", "50937123456", "marie@example.org", "Rue Capois", "Nou bezwen"]
    telephone.receive("37123456", "Nou bezwen dlo, Rue Capois, rele +50937123456")
    actions.accept_web(cause=lumi, fields={"text": "Rue Capois", "contact": "marie@example.org"}, key="1")
    messages_of(door)
    for contact in Contact.objects.order_by("pk"):
        actions.reply(contact_id=contact.pk, cause=lumi, text="Rue Capois", language="fr", about="")
    inbox.close()
    files = list(tmp_path.glob("inbox.sqlite3*"))
    dump = b"".join(path.read_bytes() for path in files)
    assert len(dump) > 1000
    if connection.vendor == "sqlite":
        connection.connection.execute("SELECT 1")
        dump += connection.connection.serialize()
    for secret in planted:
        assert secret.encode() not in dump, secret
        assert hashlib.sha256(secret.encode()).hexdigest().encode() not in dump, secret


def test_who_may_see_a_number(telephone, door, alice, bob, charlie):
    telephone.receive("37123456", "dlo")
    messages_of(door)
    contact = Contact.objects.get()
    assert queries.contact_value(contact, by=alice) == "+50937123456"
    assert queries.contact_value(contact.pk, by=alice) == "+50937123456"
    for stranger in (charlie, None):
        with pytest.raises(Refusal) as refused:
            queries.contact_value(contact, by=stranger)
        assert refused.value.status == 404


def test_wiping_a_contact(telephone, door, lumi, alice, charlie):
    telephone.receive("37123456", "dlo")
    telephone.receive("37123457", "manje")
    messages_of(door)
    contact = Contact.objects.order_by("pk")[0]
    actions.reply(contact_id=contact.pk, cause=lumi, text="a", language="ht", about="")
    with pytest.raises(Refusal):
        actions.wipe_contact(contact_id=contact.pk, cause=lumi, by=charlie)
    with pytest.raises(Refusal):
        actions.wipe_contact(contact_id=987, cause=lumi, by=alice)
    actions.wipe_contact(contact_id=contact.pk, cause=lumi, by=alice)
    assert [message.text for message in messages_of(door)] == ["", "manje"]
    assert [row.arrival() is None for row in inbox.read(0, 9)] == [True, False]
    with pytest.raises(Refusal) as refused:
        queries.contact_value(contact, by=alice)
    assert refused.value.status == 410
    assert actions.reply(contact_id=contact.pk, cause=lumi, text="a", language="ht", about="") is None
    assert actions.hand_out(door_id=door.pk) == []
    telephone.receive("37123456", "again")
    messages_of(door)
    assert Contact.objects.count() == 3


def test_retention(telephone, door, monkeypatch):
    telephone.receive("37123456", "old")
    messages_of(door)
    inbox.writer().accept(inbox.Arrival(door_id=987654, channel="sms", key="k")).result(5)
    actions.take_in()  # stuck: nobody has read it
    later = timezone.now()
    telephone.receive("37123456", "new")
    assert actions.purge(later) == 1
    assert actions.purge(later) == 0
    assert [row.sealed == b"" for row in inbox.read(0, 9)] == [True, False, False]
    assert [message.text for message in messages_of(door)] == ["", "new"]


def test_ninety_days_after_a_cause_is_closed_nobody_is_known_any_more(telephone, door, lumi, alice):
    other = causes.create(slug="other", texts={"en": {"title": "Other", "summary": "."}}, by=alice)
    causes.open_cause(cause=other, by=alice)
    elsewhere = actions.open_door(
        cause=other, kind="smssync", label="Other", by=alice, secret="1234", settings={"country": "HT"}
    )
    telephone.receive("37123456", "Rue Capois")
    telephone.receive("37999999", "also there")
    Telephone(call, f"/door/smssync/{elsewhere.token}", "1234").receive("37999999", "elsewhere")
    actions.take_in()
    inbox.writer().accept(inbox.Arrival(door_id=door.pk, channel="mail", key="k", body=b"\xff")).result(5)
    Stuck.objects.create(
        inbox_id=inbox.read(0, 9)[-1].id, door=door, error="", next_attempt_at=timezone.now()
    )
    IntakePosition.objects.update(position=inbox.read(0, 9)[-1].id)
    message = Message.objects.filter(cause=lumi).earliest("pk")
    answer = actions.reply(
        contact_id=message.contact_id, cause=lumi, text="Capois", language="fr", about="", in_reply_to=message
    )
    later = timezone.now() + timedelta(days=91)
    assert actions.purge_closed(later) == 0, "an open cause forgets nothing"
    causes.close(cause=lumi, by=alice)
    assert actions.purge_closed(later - timedelta(days=2)) == 0
    assert actions.purge_closed(later) == 3  # two messages, one contact
    assert actions.purge_closed(later) == 0
    assert {bytes(m.sealed_text) for m in Message.objects.filter(cause=lumi)} == {b""}
    assert [text.text for text in messages_of(elsewhere)] == ["elsewhere"]
    assert [row.sealed == b"" for row in inbox.read(0, 9)] == [True, True, False, True]
    gone, kept = Contact.objects.order_by("pk")
    assert (bytes(gone.sealed), gone.digest[:6]) == (b"", "wiped-")
    assert actions.unseal(kept.sealed).endswith(b"37999999")
    answer.refresh_from_db()
    assert (bytes(answer.sealed_text), answer.state) == (b"", "failed")
    assert stuck() == []
    assert actions.retry_stuck() == 0


def test_what_comes_after_the_end_waits_its_own_ninety_days(telephone, lumi, alice):
    causes.close(cause=lumi, by=alice)
    type(lumi).objects.update(
        opened_at=timezone.now() - timedelta(days=500), closed_at=timezone.now() - timedelta(days=400)
    )
    telephone.receive("37123456", "Is somebody there?")
    actions.take_in()
    assert actions.purge_closed(timezone.now()) == 0
    assert actions.purge_closed(timezone.now() + timedelta(days=91)) == 2


def test_masked_and_sealed_are_reachable_for_capabilities():
    assert actions.mask("rele 37123456") == "rele …"
    assert actions.unseal(actions.seal("a")) == b"a"


# -- other ways in -----------------------------------------------------------------------------------


def test_the_form(lumi, heard):
    fields = {"message": "Dlo", "contact": "37123456", "place": "Jacmel", "lat": 18.2, "bad": "a\ud83d"}
    first = actions.accept_web(cause=lumi, fields=fields, key="k")
    again = actions.accept_web(cause=lumi, fields=fields, key="k")
    assert (again.id, again.repeated) == (first.id, True)
    actions.take_in()
    assert heard[0].fields == {"place": "Jacmel", "lat": 18.2, "bad": "a�"}
    assert heard[0].channel == "web"


def test_the_form_refuses_nothing_said(lumi):
    with pytest.raises(Refusal) as refused:
        actions.accept_web(cause=lumi, fields={"text": " "}, key="k")
    assert refused.value.where == "message"


def test_a_frozen_form(lumi, alice):
    door = actions.standing_door(cause=lumi, kind="web")
    actions.freeze_door(door=door, by=alice)
    with pytest.raises(Refusal) as refused:
        actions.accept_web(cause=lumi, fields={"text": "a"}, key="k")
    assert refused.value.status == 503


def test_a_form_while_the_inbox_is_full(lumi, monkeypatch):
    def full(self, arrival):
        raise inbox.Full

    monkeypatch.setattr(inbox.Writer, "accept", full)
    with pytest.raises(Refusal) as refused:
        actions.accept_web(cause=lumi, fields={"text": "a"}, key="k")
    assert refused.value.retry_after == 5


def test_imported_messages(lumi, heard):
    first = actions.import_message(cause=lumi, key="row 1", text=FRENCH, fields={"a": 1}, subject="s")
    assert actions.import_message(cause=lumi, key="row 1", text="changed") == first
    other = actions.import_message(cause=lumi, key="row 2", text=FRENCH, language="ht")
    one, two = queries.received([first.pk, other.pk])
    assert (one.text, one.subject, one.language, one.fields) == (FRENCH, "s", "fr", {"a": 1})
    assert (two.language, two.channel, two.sender_key) == ("ht", "import", "")
    assert heard == []
    assert queries.received([987, other.pk]) == [two]


def test_64_telephones_at_once_600_repeats(door, heard):
    """The #1520 case: each message many times, fifty at once; one message, one report, one answer each."""
    import asyncio

    from entraide.foundations.channels import doors
    from entraide.foundations.channels.doors.book import Book
    from entraide.foundations.channels.tests.helpers import on_a_loop, request_of

    async def begin(in_django):
        book = Book()

        async def one(number):
            body = (
                f"secret=1234&from=37123456&message=dlo&message_id={number % 5}&sent_timestamp=1700000000000"
            )
            request = request_of(in_django, "POST", f"/door/smssync/{door.token}", {}, body.encode())
            return (await doors.handle(request, book)).status

        return await asyncio.gather(*(one(number) for number in range(64 * 10)))

    assert set(on_a_loop(begin)) == {200}
    actions.take_in()
    assert len(heard) == 5
    assert len(inbox.read(0, 100)) == 5


def test_two_telephones_at_one_door(door, heard):
    for number in ("1", "2"):
        Telephone(call, f"/door/smssync/{door.token}", "1234").receive("37123456", f"dlo {number}")
    actions.take_in()
    assert len({received.sender_key for received in heard}) == 1
