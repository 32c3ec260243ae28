"""The page speaks the reader's language: her choice, her profile, her browser, in that order."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.utils import translation

from entraide.foundations.languages.middleware import ReadersLanguage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _language_of_tests() -> Any:
    with translation.override("en"):
        yield


def speak(cookie: str = "", accept: str = "", person: Any = None) -> HttpResponse:
    request = RequestFactory().get("/", headers={"Accept-Language": accept} if accept else {})
    if cookie:
        request.COOKIES["language"] = cookie
    if person is not None:
        request.COOKIES["sessionid"] = "anything"
        request._cached_user = person

    def page(seen: HttpRequest) -> HttpResponse:
        assert translation.get_language() == seen.LANGUAGE_CODE
        return HttpResponse(translation.get_language())

    return ReadersLanguage(page)(request)


def test_the_browser_is_asked_last(alice: Any) -> None:
    assert speak().content == b"en"
    assert speak(accept="fr-CA, en;q=0.5").content == b"fr"
    assert speak(accept="ht, sw").content == b"en"
    alice.preferred_language = "fr"
    assert speak(accept="en", person=alice).content == b"fr"
    assert speak(cookie="en", accept="fr", person=alice).content == b"en"
    alice.preferred_language = ""
    assert speak(accept="fr", person=alice).content == b"fr"


@pytest.mark.parametrize("cookie", ["xx", "../..", '"><script>', "ht"])
def test_a_strange_cookie_is_not_believed(cookie: str) -> None:
    assert speak(cookie=cookie, accept="fr").content == b"fr"


def test_caches_are_told() -> None:
    response = speak(accept="fr")
    assert response["Content-Language"] == "fr"
    assert {part.strip() for part in response["Vary"].split(",")} >= {"Accept-Language", "Cookie"}


def test_choosing_sets_a_cookie_and_goes_back(client: Any) -> None:
    response = client.post("/language/", {"language": "fr", "next": "/map/?since=1"})
    assert (response.status_code, response["Location"]) == (302, "/map/?since=1")
    cookie = response.cookies["language"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"], cookie["secure"]) == ("fr", "Lax", True, "")
    assert cookie["max-age"] >= 31_000_000
    with override_settings(SECURE_SITE=True):
        assert client.post("/language/", {"language": "fr"}).cookies["language"]["secure"]


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", ""]
)
def test_it_never_sends_anybody_elsewhere(client: Any, next_: str) -> None:
    assert client.post("/language/", {"language": "en", "next": next_})["Location"] == "/"


def test_a_language_we_do_not_speak_is_refused(client: Any) -> None:
    response = client.post(
        "/language/", {"language": "xx", "next": "/"}, headers={"Accept": "application/json"}
    )
    assert response.status_code == 400
    assert response.json()["where"] == "language"
    assert "language" not in response.cookies
    assert client.get("/language/").status_code == 405


def test_a_person_s_own_language_is_read_from_her_session(client: Any, alice: Any) -> None:
    alice.preferred_language = "fr"
    alice.save()
    client.force_login(alice)
    assert client.get("/places/")["Content-Language"] == "fr"
    client.cookies["language"] = "en"
    assert client.get("/places/")["Content-Language"] == "en"
