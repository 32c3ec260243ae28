"""Mail: readable whatever comes, automatic ones set aside, stored before 250, repeats one."""

from __future__ import annotations

import smtplib
import tarfile
import time
from email.message import EmailMessage

import pytest

from entraide.foundations.channels import inbox
from entraide.foundations.channels.doors import lmtp
from entraide.foundations.channels.doors.book import Book, Entry
from entraide.foundations.channels.rules.mail import (
    is_automatic,
    mail_key,
    read_mail,
    shown_of,
    text_of_html,
    with_envelope,
)
from entraide.foundations.channels.tests.helpers import messages_of


def mail(text="Nou bezwen dlo", **headers):
    made = EmailMessage()
    made["From"] = headers.pop("From", "Marie <marie@example.org>")
    made["Subject"] = headers.pop("Subject", "Dlo")
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


# -- reading -----------------------------------------------------------------------------------------


def test_a_plain_mail():
    heard = read_mail(mail(Message_ID="<1@x>", Date="Tue, 12 Jan 2010 16:53:10 -0500"))
    assert (heard.text, heard.subject, heard.sender) == ("Nou bezwen dlo", "Dlo", "marie@example.org")
    assert heard.extra == {"message_id": "<1@x>", "sender_name": "Marie"}
    assert heard.sent_at.isoformat() == "2010-01-12T21:53:10+00:00"


def test_html_alone_becomes_text():
    made = EmailMessage()
    made["From"] = "a@b.c"
    made.set_content(
        "<style>x</style><p>De l&#39;eau<br>svp</p><script>y</script><ul><li>1<li>2</ul>", subtype="html"
    )
    assert read_mail(made.as_bytes()).text == "De l'eau\nsvp\n\n1\n2"


def test_plain_wins_over_html_and_attachments_are_named():
    made = EmailMessage()
    made["From"] = "a@b.c"
    made.set_content("plain")
    made.add_alternative("<b>html</b>", subtype="html")
    made.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="maison é.jpg")
    made.add_attachment(b"x", maintype="application", subtype="pdf")
    heard = read_mail(made.as_bytes())
    assert heard.text == "plain"
    assert heard.extra["attachments"] == ["maison é.jpg", "application/pdf"]


@pytest.mark.parametrize(
    ("charset", "body", "expected"),
    [
        ("utf-8", "é".encode(), "é"),
        ("iso-8859-1", b"\xe9", "é"),
        ("utf-8", b"\xe9", "é"),  # it lies
        ("no-such-charset", "é".encode(), "é"),
        ("windows-1256", "ماء".encode("cp1256"), "ماء"),
        ("\"utf-8'", "é".encode(), "é"),
    ],
)
def test_charsets(charset, body, expected):
    head = f"From: a@b.c\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode()
    assert read_mail(head + body).text == expected


def test_a_mail_that_says_everything_in_its_subject():
    assert (
        read_mail(b"From: a@b.c\r\nSubject: =?utf-8?q?=C3=A9cole_d=C3=A9truite?=\r\n\r\n").text
        == "école détruite"
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 1000,
        b"no header at all",
        b"From: =?utf-8?b?!!!?=\r\nDate: soon\r\nSubject: =?x?q?a?=\r\n\r\nhello",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 500,
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!notbase64",
        b"Content-Type: text/html\r\n\r\n<![broken <a <b <!-- ",
    ],
)  # fmt: skip
def test_broken_mail_is_read_all_the_same(data):
    read_mail(data)


def test_a_reader_that_fails_still_shows_the_letters(monkeypatch):
    def fail(*_):
        raise RecursionError

    monkeypatch.setattr("entraide.foundations.channels.rules.mail._read", fail)
    heard = read_mail(with_envelope("a@b.c", b"words"))
    assert (heard.text, heard.sender, heard.extra) == ("words", "a@b.c", {"broken": "RecursionError"})


@pytest.mark.parametrize(
    "reply",
    [
        "Yes\n\nOn Tue, 12 Jan 2010, Marie wrote:\n> old\n",
        "Yes\n\nLe mar. 12 janv. 2010 à 16:53, Marie <m@x.org>\na écrit :\n> vieux",
        "Yes\n> old\n-- \nMarie\nDirectrice",
        "Yes\n-----Original Message-----\nFrom: x",
    ],
)
def test_quotations_and_signatures_are_cut_for_display_only(reply):
    heard = read_mail(mail(reply))
    assert heard.extra["shown"] == "Yes"
    assert "Yes" in heard.text
    assert heard.text != "Yes"


def test_nothing_but_a_quotation_is_shown_whole():
    assert shown_of("> all of it") == "> all of it"


def test_html_that_breaks_the_parser():
    assert "hello" in text_of_html("<p>hello</p><![if x")


@pytest.mark.parametrize(
    "more",
    [
        {"Auto_Submitted": "auto-replied"},
        {"X_Autoreply": "yes"},
        {"X_Auto_Response_Suppress": "All"},
        {"Precedence": "auto_reply"},
        {"Return_Path": "<>"},
        {"From": "MAILER-DAEMON@example.org"},
        {"Subject": "Réponse automatique : absente"},
        {"Subject": "Undelivered Mail Returned to Sender"},
    ],
)
def test_automatic_mail_is_kept_and_set_aside(more):
    heard = read_mail(mail(**more))
    assert heard.set_aside == "automatic"
    assert heard.text


def test_a_delivery_report_is_automatic():
    assert read_mail(b"From: a@b.c\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x--").set_aside


def test_a_null_sender_is_automatic():
    assert read_mail(with_envelope("", mail())).set_aside == "automatic"
    assert read_mail(with_envelope("a@b.c", mail())).set_aside == ""


@pytest.mark.parametrize(
    "more", [{"Auto_Submitted": "no"}, {"Precedence": "bulk"}, {"Subject": "Our office is under water"}]
)
def test_people_s_mail_is_not_automatic(more):
    import email

    assert not is_automatic(email.message_from_bytes(mail(**more)))


def test_keys():
    assert mail_key(mail(Message_ID="<1@x>")) == mail_key(mail("other", Message_ID="<1@x>")) == "id:<1@x>"
    assert mail_key(b"Message-Id:\r\n <folded@x>\r\n\r\n") == "id:<folded@x>"
    assert mail_key(mail()) != mail_key(mail("other"))
    assert mail_key(b"Subject: a\r\n\r\nMessage-ID: <in@body>").startswith("sha256:")


def test_the_torture_set(shared_data):
    """Odd and hostile mails of several projects: no crash, no hang, readable where there is text."""
    path = shared_data / "email_mime" / "mime_messages_shared.tar.gz"
    if not path.exists():
        pytest.skip("the torture set is absent")
    read, slowest = 0, 0.0
    with tarfile.open(path) as archive:
        for member in archive:
            if not member.isfile() or not member.name.endswith((".msg", ".eml", ".txt", ".mbox", ".mime")):
                continue
            data = archive.extractfile(member).read()
            began = time.perf_counter()
            heard = read_mail(data)
            mail_key(data)
            slowest = max(slowest, time.perf_counter() - began)
            assert "broken" not in heard.extra, (member.name, heard.extra)
            heard.text.encode()
            read += 1
    assert read > 100
    assert slowest < 5


# -- the door ----------------------------------------------------------------------------------------


@pytest.fixture
def mailbox(open_door):
    return open_door("mail", "", address="help@lumi.example")


@pytest.fixture
def listener(mailbox, monkeypatch):
    """A listener whose book is written by hand: its thread stands apart from the test's transaction."""
    entries = {
        "tok": Entry(mailbox.pk, "mail", "tok", "open", "", mailbox.settings),
        "ice": Entry(mailbox.pk, "mail", "ice", "frozen", "", {}),
        "sms": Entry(99, "smssync", "sms", "open", "", {}),
    }

    async def find(self, token, in_django):
        self._doors = entries
        return entries.get(token)

    monkeypatch.setattr(Book, "find", find)
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    listener = lmtp.listen(f"127.0.0.1:{port}")
    yield smtplib.LMTP("127.0.0.1", port, timeout=10)
    listener.stop()
    listener.handler.close()


@pytest.mark.django_db
def test_mail_by_lmtp(listener, mailbox):
    data = mail("Dlo, souple\n.\n..dots", Message_ID="<1@x>").replace(b"\n", b"\r\n")
    for _ in range(3):
        listener.sendmail("marie@example.org", ["entraide+tok@anywhere"], data)
    listener.quit()
    [row] = inbox.read(0, 10)
    original = row.arrival().body.partition(b"\r\n")[2]
    assert original == data
    [message] = messages_of(mailbox)
    assert message.text == "Dlo, souple\n.\n..dots"
    assert message.subject == "Dlo"
    assert message.channel == "mail"


@pytest.mark.django_db
def test_one_answer_a_recipient(listener, mailbox):
    listener.ehlo()
    listener.docmd("MAIL", "FROM:<a@b.c>")
    assert listener.docmd("RCPT", "TO:<x+tok@y>")[0] == 250
    assert listener.docmd("RCPT", "TO:<Help@Lumi.Example>")[0] == 250
    assert listener.docmd("RCPT", "TO:<nobody@y>")[0] == 550
    assert listener.docmd("RCPT", "TO:<x+sms@y>")[0] == 550
    assert listener.docmd("RCPT", "TO:<x+ice@y>")[0] == 451
    assert listener.docmd("DATA")[0] == 354
    listener.send(b"Subject: a\r\n\r\nb\r\n.\r\n")
    assert [listener.getreply()[0] for _ in range(2)] == [250, 250]
    listener.quit()
    assert len(inbox.read(0, 10)) == 1  # both lead to one door


@pytest.mark.django_db
def test_no_250_without_a_flush(listener, monkeypatch):
    async def full(self, arrival):
        raise inbox.Full

    monkeypatch.setattr(inbox.Writer, "accepted", full)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        listener.sendmail("a@b.c", ["x+tok@y"], mail())
    assert refused.value.smtp_code == 451
    listener.quit()


@pytest.mark.django_db
def test_auto_replies_become_no_report(listener, mailbox):
    listener.sendmail("", ["x+tok@y"], mail(Subject="Out of office"))
    listener.quit()
    assert messages_of(mailbox)[0].set_aside == "automatic"
