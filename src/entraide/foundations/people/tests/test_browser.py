"""Passkeys in a real Chromium, with a virtual authenticator, under the strict content policy."""

import os
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import sync_playwright

from entraide.foundations.people import actions
from entraide.foundations.people.rules import Role
from entraide.foundations.people.tests.cast import PASSWORD, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture
def page(monkeypatch):
    """A page in a fresh browser; whatever its console calls an error fails the test."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's own loop runs in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        found = browser.new_page()
        errors = []
        found.on("pageerror", lambda error: errors.append(str(error)))

        def heard(message):
            if message.type == "error" and not message.location["url"].endswith("favicon.ico"):
                errors.append(message.text)

        found.on("console", heard)
        yield found
        browser.close()
    assert errors == []


@pytest.fixture
def site(live_server):
    """The address under which passkeys work without TLS: localhost alone."""
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def key(page):
    """A key that verifies its user, as a telephone does."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


def sign_in(page, site, person):
    page.goto(f"{site}/account/login/")
    page.locator("input[name=login]").fill(person.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def prove_again(page):
    if "/reauthenticate/" in page.url:
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button").first.click()


def test_a_passkey_is_made_and_signs_in(page, site, key):
    ann = make_person("Ann", "ann@example.org")
    sign_in(page, site, ann)
    page.goto(f"{site}/account/2fa/webauthn/add/")
    prove_again(page)
    assert page.locator("input[name=passwordless]").is_checked()
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url(re.compile("recovery-codes|webauthn/$"))
    assert Authenticator.objects.filter(user=ann, type="webauthn").count() == 1

    page.goto(f"{site}/account/2fa/webauthn/")
    assert page.get_by_text("Signs you in alone").is_visible()

    page.context.clear_cookies()
    page.goto(f"{site}/account/login/?next=/people/rights/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{site}/people/rights/")
    assert page.get_by_role("heading", name="My rights").is_visible()


def test_a_passkey_proves_again_and_as_a_second_proof(page, site, key):
    ann = make_person("Ann", "ann@example.org")
    sign_in(page, site, ann)
    page.goto(f"{site}/account/2fa/webauthn/add/")
    prove_again(page)
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url(re.compile("recovery-codes|webauthn/$"))

    page.context.clear_cookies()
    sign_in(page, site, ann)
    page.wait_for_url(re.compile("/2fa/authenticate/"))
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{site}/")

    page.goto(f"{site}/account/2fa/webauthn/reauthenticate/?next=/people/data/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{site}/people/data/")


def test_a_refused_passkey_is_said_and_can_be_tried_again(page, site):
    page.goto(f"{site}/account/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('no')); }")
    button = page.get_by_role("button", name="Sign in with a passkey")
    button.click()
    page.get_by_text("That did not work").wait_for()
    assert button.is_enabled()
    page.keyboard.press("Enter")  # the focus is on the button
    page.get_by_text("That did not work").wait_for()


def test_an_app_is_set_up_by_keyboard_alone(page, site):
    ann = make_person("Ann", "ann@example.org")
    sign_in(page, site, ann)
    page.goto(f"{site}/account/2fa/totp/activate/")
    prove_again(page)
    secret = page.locator("#authenticator_secret").input_value()
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    page.locator("input[name=code]").focus()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("recovery-codes"))
    assert Authenticator.objects.filter(user=ann, type="totp").exists()


def test_a_new_person_comes_back_to_her_invitation(page, site, mailoutbox):
    boss = make_person("Boss", "boss@example.org")
    house = actions.create_organisation(name="House", by=boss)
    _invitation, token = actions.invite(role=Role.EDITOR, organisation=house, by=boss)
    page.goto(f"{site}/people/invitations/{token}/")
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    page.locator("input[name=email]").fill("new@example.org")
    page.locator("input[name=display_name]").fill("New")
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_url(re.compile("confirm-email"))
    [code] = re.findall(r"^[A-Z]{4}-[A-Z]{4}$", mailoutbox[0].body, re.MULTILINE)
    page.locator("input[name=code]").fill(code)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/people/invitations/{token}/")
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url(f"{site}/people/organisations/house/")
    assert page.get_by_text("My membership").is_visible()
