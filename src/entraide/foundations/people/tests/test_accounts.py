"""Signing up and in: codes by mail, passwords, second proofs, limits, and what a stranger can find out."""

import re
import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings as django_settings
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from entraide.foundations.people import actions
from entraide.foundations.people.models import Person
from entraide.foundations.people.rules import Role
from entraide.foundations.people.tests.cast import PASSWORD, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def budget(client):
    """allauth asks for addresses again and again while it verifies one."""
    client.query_budget = 40


@pytest.fixture
def ann():
    return make_person("Ann", "ann@example.org")


def code_in(message):
    """The code in a mail: a line of its own."""
    [code] = re.findall(r"^([A-Z]{4}-[A-Z]{4})$", message.body, re.MULTILINE)
    return code


def totp_code(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def signed_in(client):
    return client.get("/people/").status_code == 200


def sign_in(client, person, **more):
    return client.post("/account/login/", {"login": person.email, "password": PASSWORD, **more})


def prove_again(client):
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302


def test_signing_up_with_a_code_and_coming_back(client):
    boss = make_person("Boss", "boss@example.org")
    house = actions.create_organisation(name="House", by=boss)
    _invitation, token = actions.invite(role=Role.EDITOR, organisation=house, by=boss)
    back = f"/people/invitations/{token}/"
    page = client.get(f"/account/signup/?next={back}").content.decode()
    assert back in page
    sent = {"email": "New@Example.org", "display_name": "New\u202e", "password1": "", "next": back}
    assert client.post("/account/signup/", sent)["Location"].startswith("/account/confirm-email/")
    assert not signed_in(client)
    assert "new@example.org" in client.get("/account/confirm-email/").content.decode()
    [message] = mail.outbox
    assert message.subject.startswith("[Entraide] ")
    answer = client.post("/account/confirm-email/", {"code": code_in(message)})
    assert answer["Location"] == back
    assert signed_in(client)
    person = Person.objects.get(email="new@example.org")
    assert person.display_name == "New"
    assert person.preferred_language == "en"
    assert not person.has_usable_password()
    assert EmailAddress.objects.get(user=person).verified


def test_pages_bear_the_houses_name_not_the_host_somebody_sent(client):
    for path in ("login/", "signup/", "login/code/", "password/reset/"):
        page = client.get(f"/account/{path}", HTTP_HOST="evil.example").content.decode()
        assert f"· {django_settings.SITE_NAME}</title>" in page
        assert "evil.example" not in page


def test_a_wrong_code_opens_nothing(client):
    client.post("/account/signup/", {"email": "new@example.org", "password1": PASSWORD})
    for _attempt in range(4):
        client.post("/account/confirm-email/", {"code": "ZZZZZZ"})
    client.post("/account/confirm-email/", {"code": code_in(mail.outbox[0])})
    assert not signed_in(client)  # three tries, then the code is dead


def test_another_code(client):
    client.post("/account/signup/", {"email": "new@example.org", "password1": PASSWORD})
    assert client.post("/account/confirm-email/", {"action": "resend"}).status_code == 429  # not at once
    cache.clear()  # ten seconds later
    assert client.post("/account/confirm-email/", {"action": "resend"}).status_code == 302
    assert len(mail.outbox) == 2
    client.post("/account/confirm-email/", {"code": code_in(mail.outbox[0])})
    assert not signed_in(client)
    client.post("/account/confirm-email/", {"code": code_in(mail.outbox[1])})
    assert signed_in(client)


def test_mails_to_strangers_carry_no_words_of_the_sender(client):
    sent = {"email": "victim@example.org", "display_name": "Visit https://evil.example"}
    client.post("/account/signup/", sent)
    assert "evil" not in mail.outbox[0].subject + mail.outbox[0].body


def test_sign_up_does_not_tell_who_is_here(client, ann):
    unknown = client.post("/account/signup/", {"email": "nobody@example.org", "password1": PASSWORD})
    unknown_page = client.get(unknown["Location"]).content.decode()
    client.logout()
    known = client.post("/account/signup/", {"email": "ANN@example.org", "password1": PASSWORD})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    known_page = client.get(known["Location"]).content.decode()
    strip = re.compile(r'csrf[^>]*?"[\w]{64}"|value="\w{64}"|nonce="[^"]+"|data-entraide-csrf="\w+"')
    assert strip.sub("", known_page).replace("ann@", "x@") == strip.sub("", unknown_page).replace(
        "nobody@", "x@"
    )
    assert [message.to for message in mail.outbox] == [["nobody@example.org"], ["ann@example.org"]]
    assert Person.objects.filter(email="ann@example.org").count() == 1


@pytest.mark.parametrize("path", ["/account/login/code/", "/account/password/reset/"])
def test_asking_for_a_code_does_not_tell_who_is_here(client, ann, path):
    answers = []
    for email in ("ann@example.org", "nobody@example.org"):
        answer = client.post(path, {"email": email})
        answers.append((answer.status_code, answer["Location"]))
        client.cookies.clear()
    assert answers[0] == answers[1]
    assert len(mail.outbox) == 2  # the time for sending is the same too


def test_a_failed_sign_in_does_not_tell_who_is_here(client, ann):
    pages = []
    for email in ("ann@example.org", "nobody@example.org"):
        page = client.post("/account/login/", {"login": email, "password": "wrong wrong wrong"})
        pages.append(
            re.findall(r'class="error.*?</p>|error-summary.*?</ul>', page.content.decode(), re.DOTALL)
        )
    assert pages[0] == pages[1] != []


def test_a_password(client, ann):
    assert "Send me a code by mail" in client.get("/account/login/").content.decode()
    before = client.session.session_key
    assert sign_in(client, ann)["Location"] == "/"
    assert client.session.session_key != before
    assert signed_in(client)
    client.get("/account/logout/")
    assert signed_in(client)  # asking is not signing out
    client.post("/account/logout/")
    assert not signed_in(client)


def test_a_session_given_by_somebody_else_is_not_kept(client, ann):
    client.get("/account/login/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    client.cookies[django_settings.SESSION_COOKIE_NAME] = planted
    sign_in(client, ann)
    assert client.session.session_key != planted
    client.cookies[django_settings.SESSION_COOKIE_NAME] = planted
    assert not signed_in(client)


def test_a_code_by_mail(client, ann):
    assert client.get("/account/login/code/").status_code == 200
    answer = client.post("/account/login/code/", {"email": "ANN@example.org", "next": "/people/rights/"})
    assert "ann@example.org" in client.get(answer["Location"]).content.decode()
    client.post(answer["Location"], {"action": "resend"})
    answer = client.post(answer["Location"], {"code": code_in(mail.outbox[-1])})
    assert answer["Location"] == "/people/rights/"
    assert signed_in(client)


def test_a_forgotten_password(client, ann):
    answer = client.post("/account/password/reset/", {"email": "ann@example.org"})
    assert client.get(answer["Location"]).status_code == 200
    answer = client.post(answer["Location"], {"code": code_in(mail.outbox[-1])})
    assert client.get(answer["Location"]).status_code == 200
    answer = client.post(
        answer["Location"], {"password1": "another good one", "password2": "another good one"}
    )
    ann.refresh_from_db()
    assert ann.check_password("another good one")
    assert signed_in(client)


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
    ],
)
def test_no_way_out_through_next(client, ann, evil):
    assert "evil" not in sign_in(client, ann, next=evil)["Location"]
    assert "evil" not in client.post("/account/logout/", {"next": evil})["Location"]


def test_mails_carry_our_address_not_the_one_a_stranger_named(client, ann):
    client.post(
        "/account/signup/", {"email": "ann@example.org", "password1": PASSWORD}, HTTP_HOST="evil.example"
    )
    client.cookies.clear()
    client.post("/account/login/code/", {"email": "nobody@example.org"}, HTTP_HOST="evil.example")
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert "evil" not in message.body
        assert django_settings.SITE_URL.split("//")[1] in message.body


@pytest.mark.logs_errors
def test_a_dead_mail_server_is_said(client, ann, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", refuse)
    answer = client.post("/account/login/code/", {"email": "ann@example.org"})
    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_tries_are_limited(client, ann):
    for _attempt in range(5):
        client.post("/account/login/", {"login": ann.email, "password": "wrong wrong wrong"})
    sign_in(client, ann)
    assert not signed_in(client)


def test_codes_asked_for_are_limited(client, ann):
    answers = [client.post("/account/login/code/", {"email": ann.email}).status_code for _attempt in range(5)]
    assert 429 in answers or len(mail.outbox) <= 3


def test_the_strict_token_of_forms_is_asked(ann):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann)
    for path in (
        "/people/",
        "/people/data/erase/",
        "/people/consents/",
        "/account/logout/",
        "/account/email/",
    ):
        assert strict.post(path, {}).status_code == 403


def test_an_app_with_codes_and_recovery_codes(client, ann):
    sign_in(client, ann)
    index = client.get("/account/2fa/").content.decode()
    assert "Set up an app" in index
    page = client.get("/account/2fa/totp/activate/")
    if page.status_code == 302:  # prove again
        assert client.get(page["Location"]).status_code == 200
        page = client.post(page["Location"], {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    assert "data:image/svg+xml" in page.content.decode()
    answer = client.post("/account/2fa/totp/activate/", {"code": totp_code(secret)})
    assert client.get(answer["Location"]).status_code == 200
    assert Authenticator.objects.filter(user=ann, type="totp").exists()
    index = client.get("/account/2fa/").content.decode()
    assert "Show my codes" in index
    assert client.get("/account/2fa/recovery-codes/generate/").status_code == 200
    codes = client.get("/account/2fa/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    assert codes[0] in client.get("/account/2fa/recovery-codes/download/").content.decode()
    assert client.get("/account/2fa/totp/deactivate/").status_code == 200

    client.post("/account/logout/")
    answer = sign_in(client, ann, next="/people/rights/")
    assert "/account/2fa/authenticate/" in answer["Location"]
    assert not signed_in(client)
    page = client.get(answer["Location"]).content.decode()
    assert "Second proof" in page
    assert "no such code" not in page
    client.post(answer["Location"], {"code": "000000"})
    assert not signed_in(client)
    answer = client.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert answer["Location"] == "/people/rights/"
    assert signed_in(client)
    client.post("/account/logout/")
    answer = sign_in(client, ann)
    client.post(answer["Location"], {"code": codes[0]})
    assert not signed_in(client)  # each works once


def test_a_code_of_an_app_signs_in(client, ann):
    secret = generate_totp_secret()
    TOTP.activate(ann, secret)
    RecoveryCodes.activate(ann)
    answer = sign_in(client, ann)
    client.post(answer["Location"], {"code": totp_code(secret)})
    assert signed_in(client)


def test_the_second_proof_is_asked_after_a_code_by_mail_too(client, ann):
    TOTP.activate(ann, generate_totp_secret())
    client.post("/account/login/code/", {"email": ann.email})
    answer = client.post("/account/login/code/confirm/", {"code": code_in(mail.outbox[-1])})
    assert "/account/2fa/authenticate/" in answer["Location"]
    assert not signed_in(client)


@pytest.mark.parametrize(
    "path",
    [
        "email/",
        "password/change/",
        "password/set/",
        "logout/",
        "inactive/",
        "reauthenticate/",
        "2fa/",
        "2fa/webauthn/",
        "2fa/webauthn/add/",
        "2fa/recovery-codes/generate/",
    ],
)
def test_every_page_renders_under_the_strict_policy(client, ann, path):
    TOTP.activate(ann, secret := generate_totp_secret())
    answer = sign_in(client, ann)
    client.post(answer["Location"], {"code": totp_code(secret)})
    page = client.get(f"/account/{path}", follow=True)
    assert page.status_code == 200
    assert '<main id="main"' in page.content.decode()


@pytest.mark.parametrize("path", ["login/", "signup/", "login/code/", "password/reset/", "inactive/"])
def test_every_page_of_the_entrance_renders(client, path):
    page = client.get(f"/account/{path}")
    assert page.status_code == 200
    assert '<main id="main"' in page.content.decode()


@pytest.mark.parametrize(
    "path", ["login/code/confirm/", "confirm-email/", "password/reset/confirm/", "password/reset/complete/"]
)
def test_pages_in_the_middle_of_something_cannot_be_entered(client, path):
    assert client.get(f"/account/{path}").status_code in (302, 404)


def test_changing_the_address(client, ann):
    sign_in(client, ann)
    asked = client.post("/account/email/", {"email": "new@example.org", "action_add": ""})
    assert asked["Location"].startswith("/account/reauthenticate/")
    prove_again(client)
    assert b"ann@example.org" in client.get("/account/email/").content
    answer = client.post("/account/email/", {"email": "new@example.org", "action_add": ""}, follow=True)
    assert "new@example.org" in answer.content.decode()
    ann.refresh_from_db()
    assert ann.email == "ann@example.org"  # not before the code
    client.post("/account/confirm-email/", {"code": code_in(mail.outbox[-1])})
    ann.refresh_from_db()
    assert ann.email == "new@example.org"
    assert EmailAddress.objects.filter(user=ann).count() == 1


def test_a_new_passkey_signs_in_alone_unless_she_says_otherwise(client, ann):
    sign_in(client, ann)
    prove_again(client)
    page = client.get("/account/2fa/webauthn/add/")
    assert page.context["form"]["passwordless"].initial is True
    assert 'id="passkey-options"' in page.content.decode()


def test_a_passkey_is_listed_renamed_and_removed(client, ann):
    sign_in(client, ann)
    key = Authenticator.objects.create(
        user=ann,
        type="webauthn",
        data={"name": "My <b>phone", "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}},
        last_used_at=timezone.now() - timedelta(days=1),
    )
    RecoveryCodes.activate(ann)
    page = client.get("/account/2fa/webauthn/").content.decode()
    assert "My &lt;b&gt;phone" in page
    assert "Signs you in alone" in page
    assert "You have 1 passkey." in client.get("/account/2fa/").content.decode()
    for act in ("edit", "remove"):
        assert client.get(f"/account/2fa/webauthn/keys/{key.pk}/{act}/", follow=True).status_code == 200
    eve = make_person("Eve", "eve@example.org")
    client.post("/account/logout/")
    sign_in(client, eve)
    prove_again(client)
    assert client.post(f"/account/2fa/webauthn/keys/{key.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_the_admin_is_for_operators_alone(client, ann):
    assert client.get("/operator/", follow=True).redirect_chain[-1][0].startswith("/account/login/")
    sign_in(client, ann)
    for path in ("/operator/", "/operator/people/person/", "/operator/login/"):
        answer = client.get(path, follow=True)
        assert answer.status_code == 403
    operator = make_person("Olga", "olga@example.org", is_staff=True, is_superuser=True)
    client.force_login(operator)
    client.query_budget = 60
    for model in ("person", "organisation", "grant"):
        assert client.get(f"/operator/people/{model}/").status_code == 200
        assert client.get(f"/operator/people/{model}/add/").status_code == 403
    page = client.get(f"/operator/people/person/{ann.pk}/change/")
    assert page.status_code == 200
    assert client.get(f"/operator/people/person/{ann.pk}/delete/").status_code == 403
