"""Conformance with SMSSync: its six calls and the quirks of the real client, driven as it drives."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from entraide.foundations.channels import actions, inbox
from entraide.foundations.channels.models import Contact, Door, Message, Outgoing
from entraide.foundations.channels.tests.helpers import call, call_raw, messages_of
from entraide.foundations.channels.tests.phone import Telephone

pytestmark = pytest.mark.django_db

FORM = {"content-type": "application/x-www-form-urlencoded"}


def post(door, fields, **headers):
    response = call_raw("POST", f"/door/smssync/{door.token}", FORM | headers, urlencode(fields).encode())
    return response.status, json.loads(response.body)


def rows():
    return len(inbox.read(0, 10_000))


# -- call 1: an SMS ----------------------------------------------------------------------------------


def test_an_sms_is_stored_and_answered(telephone, door):
    assert telephone.believes(telephone.receive("+50937123456", "Nou bezwen dlo"))
    [message] = messages_of(door)
    assert message.text == "Nou bezwen dlo"
    assert message.channel == "sms"
    assert message.sent_at.year == 2023
    assert message.fields == {"sent_to": "+50922222222", "device_id": "d1"}


def test_it_is_on_disk_before_the_answer(telephone, door):
    telephone.receive("+50937123456", "one")
    assert rows() == 1
    assert Message.objects.count() == 0


@pytest.mark.parametrize("scheme", ["URLEncoded", "JSON", "XML"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_every_sync_scheme(telephone, door, scheme, method):
    telephone.scheme, telephone.method = scheme, method
    assert telephone.believes(telephone.receive("+50937123456", "Dlo & manje <souple> é ض"))
    assert messages_of(door)[0].text == "Dlo & manje <souple> é ض"


@pytest.mark.parametrize("scheme", ["URLEncoded", "JSON", "XML"])
def test_renamed_fields(open_door, scheme):
    names = {"from": "expediteur", "message": "texte", "secret": "cle", "message_id": "numero"}
    door = open_door(fields=names)
    phone = Telephone(call, f"/door/smssync/{door.token}", "1234", scheme=scheme, names=names)
    assert phone.believes(phone.receive("+50937123456", "De l'eau"))
    assert messages_of(door)[0].text == "De l'eau"


def test_a_renaming_door_understands_plain_names_too(open_door):
    door = open_door(fields={"from": "expediteur"})
    phone = Telephone(call, f"/door/smssync/{door.token}", "1234")
    assert phone.believes(phone.receive("+50937123456", "De l'eau"))


def test_json_wrapped_in_payload(door):
    body = json.dumps({"payload": {"secret": "1234", "from": "+50937123456", "message": "wrapped"}}).encode()
    assert call("POST", f"/door/smssync/{door.token}", {}, body)[0] == 200
    assert messages_of(door)[0].text == "wrapped"


def test_json_with_half_a_character_and_control_letters(door):
    body = b'{"secret": "1234", "from": "+50937123456", "message": "a\\ud83d b\tc\\u0000d"}'
    assert call("POST", f"/door/smssync/{door.token}", {}, body)[0] == 200
    assert messages_of(door)[0].text == "a� b\tc\ufffdd"


def test_a_wrong_secret(telephone):
    telephone.secret = "wrong"
    status, answer = telephone.receive("+50937123456", "hello")
    assert status == 403
    assert answer["payload"]["success"] is False
    assert rows() == 0


def test_no_secret_where_one_is_asked(telephone):
    telephone.secret = ""
    assert telephone.receive("+50937123456", "hello")[0] == 403


def test_a_door_without_secret_takes_any(open_door):
    door = open_door(secret="")
    phone = Telephone(call, f"/door/smssync/{door.token}")
    assert phone.believes(phone.receive("+50937123456", "hello"))
    phone.secret = "whatever the user typed"
    assert phone.believes(phone.receive("+50937123456", "hello again"))


def test_missing_from(door):
    status, answer = post(door, {"secret": "1234", "message": "hello"})
    assert (status, answer["payload"]["error"]) == (400, "Missing from value")
    assert answer["payload"]["success"] is False


def test_missing_message(door):
    status, answer = post(door, {"secret": "1234", "from": "123456789", "sent_to": "123"})
    assert (status, answer["payload"]["error"]) == (400, "Missing message")


def test_missing_both_names_from_first(door):
    assert post(door, {"secret": "1234"})[1]["payload"]["error"] == "Missing from value"


def test_an_empty_message_is_missing(door):
    assert post(door, {"secret": "1234", "from": "1", "message": ""})[0] == 400


def test_no_timestamp_and_no_id(door):
    status, answer = post(door, {"secret": "1234", "message": "Some testing message", "from": "123456789"})
    assert (status, answer) == (200, {"payload": {"success": True, "error": None}})
    [message] = messages_of(door)
    assert message.sent_at is None


def test_a_nonsense_timestamp_costs_nothing(telephone, door):
    assert telephone.believes(telephone.receive("+50937123456", "hello", timestamp="14 janv. 2010"))
    assert messages_of(door)[0].sent_at is None


@pytest.mark.parametrize(
    "body", [b"{", b"<payload", b"<!DOCTYPE x [<!ENTITY a 'b'>]><payload>&a;</payload>", b"[1]"]
)
def test_an_unreadable_body(door, body):
    assert call("POST", f"/door/smssync/{door.token}", {}, body)[0] == 400
    assert rows() == 0


def test_bytes_that_are_no_utf8_are_kept(door):
    body = b"secret=1234&from=37123456&message=caf%E9"
    assert call("POST", f"/door/smssync/{door.token}", FORM, body)[0] == 200
    [row] = inbox.read(0, 9)
    assert row.arrival().body == body
    assert messages_of(door)[0].text == "caf\ufffd"


def test_other_methods(door):
    response = call_raw("DELETE", f"/door/smssync/{door.token}")
    assert response.status == 405
    assert ("allow", "GET, POST, PUT") in response.headers


def test_a_get_without_task(door):
    assert call("GET", f"/door/smssync/{door.token}?secret=1234", {}, b"")[0] == 400


@pytest.mark.parametrize(
    "path", ["/door/smssync/nobody", "/door/webhook/nobody", "/door/fax/nobody", "/door/smssync/"]
)
def test_no_such_door(db, path):
    assert call_raw("POST", path, FORM, b"secret=1&from=2&message=3").status == 404


def test_the_kind_must_fit_the_door(door):
    assert call_raw("POST", f"/door/webhook/{door.token}", {}, b"{}").status == 404


def test_a_frozen_door_lets_the_telephone_keep_its_messages(telephone, door, alice):
    actions.freeze_door(door=door, by=alice)
    response = call_raw("POST", telephone.path, FORM, b"secret=1234&from=2&message=3")
    assert response.status == 503
    assert dict(response.headers)["retry-after"] == "300"
    assert rows() == 0
    actions.thaw_door(door=door, by=alice)
    assert telephone.believes(telephone.receive("+50937123456", "hello"))


def test_a_full_inbox(telephone, monkeypatch):
    async def full(self, arrival):
        raise inbox.Full

    monkeypatch.setattr(inbox.Writer, "accepted", full)
    response = call_raw("POST", telephone.path, FORM, b"secret=1234&from=2&message=3")
    assert response.status == 503
    assert dict(response.headers)["retry-after"] == "5"


@pytest.mark.logs_errors
def test_a_broken_disk(telephone, monkeypatch):
    async def broken(self, arrival):
        raise OSError("no space left on device")

    monkeypatch.setattr(inbox.Writer, "accepted", broken)
    assert telephone.receive("+50937123456", "hello")[0] == 503


# -- repeats -----------------------------------------------------------------------------------------


def test_one_sms_600_times(telephone, door):
    for _ in range(600):
        assert telephone.believes(telephone.receive("+50937123456", "Nou bezwen dlo", number="m1"))
    assert rows() == 1
    assert len(messages_of(door)) == 1


def test_repeats_beyond_the_window_are_caught_at_the_intake(telephone, door):
    for _ in range(3):
        telephone.receive("+50937123456", "Nou bezwen dlo", number="m1")
        inbox.writer()._window.clear()
    assert rows() == 3
    assert len(messages_of(door)) == 1


def test_one_id_for_two_texts(telephone, door):
    telephone.receive("+50937123456", "one", number="m1")
    telephone.receive("+50937123456", "two", number="m1")
    assert [message.text for message in messages_of(door)] == ["one", "two"]


def test_the_same_words_by_two_people(telephone, door):
    telephone.receive("+50937123456", "dlo", number="m1")
    telephone.receive("+50937123457", "dlo", number="m1")
    assert len({message.sender_key for message in messages_of(door)}) == 2


def test_two_doors_keep_their_repeats_apart(open_door):
    for _ in range(2):
        door = open_door()
        phone = Telephone(call, f"/door/smssync/{door.token}", "1234")
        phone.receive("+50937123456", "dlo", number="m1")
    assert rows() == 2


def test_without_id_and_time_a_day_s_repeats_are_one(door):
    for _ in range(5):
        post(door, {"secret": "1234", "message": "dlo", "from": "37123456"})
    assert len(messages_of(door)) == 1


# -- call 6: the test --------------------------------------------------------------------------------


def test_the_test_button(telephone, door):
    status, answer = telephone.test_integration()
    assert status == 200
    assert isinstance(answer["payload"], dict)
    [message] = messages_of(door)
    assert message.set_aside == "test"
    assert Message.objects.get().is_test
    door.refresh_from_db()
    assert door.last_heard_at is not None


# -- calls 2 to 5: answers ---------------------------------------------------------------------------


@pytest.fixture
def answer(telephone, door, lumi):
    """An answer waiting for the telephone."""
    telephone.receive("37123456", "Nou bezwen dlo")
    [message] = messages_of(door)
    return actions.reply(
        contact_id=message.contact_id,
        cause=lumi,
        text="Mèsi",
        language="ht",
        about="report:abc",
        in_reply_to=message.message_id,
    )


def state(answer):
    answer.refresh_from_db()
    return answer.state


def test_a_poll_with_nothing_waiting_still_gets_the_list(telephone):
    assert telephone.poll() == (200, {"payload": {"task": "send", "secret": "1234", "messages": []}})


def test_a_poll_needs_the_secret(telephone, answer):
    telephone.secret = "wrong"
    assert telephone.poll()[0] == 403
    assert telephone.sent_by_radio == []


def test_an_answer_goes_out_once(telephone, answer):
    for _ in range(3):
        telephone.poll()
    assert telephone.sent_by_radio == [("+50937123456", "Mèsi")]
    assert state(answer) == Outgoing.State.SENT


def test_without_message_results_it_is_handed_once_and_unknown(telephone, answer):
    telephone.message_results = False
    for _ in range(3):
        telephone.poll()
    assert telephone.sent_by_radio == [("+50937123456", "Mèsi")]
    assert state(answer) == Outgoing.State.UNKNOWN


def test_a_reporting_telephone_that_lost_its_queue_gets_it_again(telephone, door, answer):
    door.settings["message_results"] = True
    door.save()
    telephone.message_results = False  # it fell between calls 2 and 3
    telephone.poll()
    assert state(answer) == Outgoing.State.HANDED
    telephone.sent_by_radio.clear()
    telephone.message_results = True
    telephone.poll()
    assert telephone.sent_by_radio == []
    Outgoing.objects.update(handed_at="2020-01-01T00:00:00Z")
    telephone.poll()
    assert telephone.sent_by_radio == [("+50937123456", "Mèsi")]


def test_the_acknowledgement_needs_no_secret_but_known_uuids(telephone, answer):
    telephone.message_results = False
    telephone.poll()
    body = json.dumps({"queued_messages": [str(answer.uuid), "0" * 8, "not ours"]}).encode()
    status, echoed = call("POST", f"{telephone.path}?task=sent", {"content-type": "application/json"}, body)
    assert (status, json.loads(echoed)) == (200, {"message_uuids": [str(answer.uuid)]})
    status, echoed = call("POST", f"{telephone.path}?task=sent", {}, body)
    assert json.loads(echoed) == {"message_uuids": []}  # echoed twice it would be sent twice


def test_another_door_cannot_acknowledge(telephone, answer, open_door):
    telephone.poll()
    other = open_door()
    body = json.dumps({"queued_messages": [str(answer.uuid)]}).encode()
    _status, echoed = call("POST", f"/door/smssync/{other.token}?task=sent", {}, body)
    assert json.loads(echoed) == {"message_uuids": []}


def test_an_empty_or_broken_queue_is_answered(telephone, door):
    for body in (b'{"queued_messages": []}', b'{"queued_messages": "nonsense"}', b""):
        status, echoed = call("POST", f"{telephone.path}?task=sent", {}, body)
        assert (status, json.loads(echoed)) == (200, {"message_uuids": []})


def test_reports_wanted(telephone, answer):
    assert telephone.wanted() == []
    telephone.poll()
    assert telephone.wanted() == [str(answer.uuid)]


@pytest.mark.parametrize("as_text", [True, False])
def test_a_delivery_report(telephone, answer, as_text):
    telephone.poll()
    assert telephone.report([str(answer.uuid)], as_text=as_text)[0] == 200
    assert state(answer) == Outgoing.State.DELIVERED
    assert telephone.wanted() == []


@pytest.mark.parametrize("text", ["[]", "", "nonsense", "{}"])
def test_empty_reports(telephone, text):
    body = json.dumps({"message_result": text}).encode()
    assert call("POST", f"{telephone.path}?task=result&secret=1234", {}, body)[0] == 200


def test_a_report_that_says_nothing_of_delivery(telephone, answer):
    telephone.message_results = False
    telephone.poll()
    telephone.report([str(answer.uuid)], delivered=-1)
    assert state(answer) == Outgoing.State.SENT


def test_a_report_of_failure(telephone, answer):
    telephone.poll()
    telephone.report([str(answer.uuid)], delivered=-1, sent_result_code=1, sent_result_message="no credit")
    assert state(answer) == Outgoing.State.FAILED
    assert answer.error == "no credit"


def test_a_late_failure_does_not_undo_a_delivery(telephone, answer):
    telephone.poll()
    telephone.report([str(answer.uuid)])
    telephone.report([str(answer.uuid)], delivered=-1, sent_result_code=4)
    assert state(answer) == Outgoing.State.DELIVERED


def test_reports_need_the_secret(telephone, answer):
    telephone.poll()
    telephone.secret = "wrong"
    assert telephone.report([str(answer.uuid)])[0] == 403
    assert state(answer) == Outgoing.State.SENT


def test_reports_of_unknown_messages(telephone):
    assert telephone.report(["1", "8b0d1f6e-0000-4000-8000-000000000000"])[0] == 200


def test_who_said_stop_between_is_not_written_to(telephone, door, answer):
    telephone.receive("37123456", "STOP")
    messages_of(door)
    telephone.poll()
    assert telephone.sent_by_radio == []


def test_numbers_are_read_by_the_door_s_country(telephone, door):
    telephone.receive("37123456", "a")
    telephone.receive("+509 3712-3456", "b")
    telephone.receive("00509 37123456", "c")
    messages_of(door)
    assert Contact.objects.count() == 1


# -- the texts of others -----------------------------------------------------------------------------


def test_ushahidi_s_own_cases(open_door, shared_data):
    """Inputs of Ushahidi's own suite; the file is not ours to copy."""
    path = shared_data / "sms_gateways" / "ushahidi_smssync_payloads.jsonl"
    if not path.exists():
        pytest.skip("the cases are absent")
    door = open_door()
    cases = [json.loads(line) for line in path.read_text().splitlines()]
    cases = [case for case in cases if case["path"] == "smssync"]
    assert len(cases) == 6
    for case in cases:
        target = f"/door/smssync/{door.token}"
        if "task=send" in case["body"]:
            status, answer = call("GET", f"{target}?{case['body']}", {}, b"")
        else:
            status, answer = call(
                "POST", target, {"content-type": case["content_type"]}, case["body"].encode()
            )
        assert str(status) == case["expected_status"], case["scenario"]
        assert case["expected_error"] in (json.loads(answer)["payload"].get("error") or ""), case["scenario"]


def test_naughty_texts_are_stored_unchanged(telephone, door, shared_data):
    path = shared_data / "naughty_strings" / "blns_shared.json"
    if not path.exists():
        pytest.skip("the naughty strings are absent")
    texts = [text for text in json.loads(path.read_text(encoding="utf-8")) if text]
    for number, text in enumerate(texts):
        telephone.scheme = ("URLEncoded", "JSON")[number % 2]
        assert telephone.believes(telephone.receive("+50937123456", text, number=f"n{number}")), text
    assert [message.text for message in messages_of(door)] == texts
    assert Door.objects.count() == 1
