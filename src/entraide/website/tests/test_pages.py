"""The home page and the small pages a site owes its readers."""

from __future__ import annotations

import pytest
from defusedxml import ElementTree

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/", "/tour/", "/about/", "/problems/bad-filter", "/causes/", "/journal/", "/desk/"]
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_answer_on_an_empty_site(client, path, language):
    response = client.get(path, headers={"accept-language": language})
    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()


def test_the_home_page_names_the_five_doors_and_open_causes(client, lumi):
    page = client.get("/").content.decode()
    for gift in ("words", "time", "skills", "money", "place"):
        assert f'data-gift="{gift}"' in page
    assert "Cyclone Lumi" in page


def test_a_draft_cause_is_not_on_the_home_page_or_in_the_sitemap(client, alice):
    from entraide.foundations.causes import actions as causes

    causes.create(
        slug="hidden", texts={"en": {"title": "Not yet public", "summary": "", "body": ""}}, by=alice
    )
    assert "Not yet public" not in client.get("/").content.decode()
    assert "hidden" not in client.get("/sitemap.xml").content.decode()


def test_the_sitemap_lists_public_addresses_only(client, lumi):
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    places = [node.text for node in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert any(place.endswith("/causes/lumi/") for place in places)
    assert not any("/desk/" in place for place in places)


def test_health_robots_and_api_root(client, lumi):
    assert client.get("/health/").content == b"ok"
    assert b"Disallow: /desk/" in client.get("/robots.txt").content
    root = client.get("/api/").json()
    assert root["journal"].endswith("export.jsonl")
    assert {feed["cause"] for feed in root["feeds"]} == {"lumi"}


def test_security_txt_names_the_contact_or_says_there_is_none(client, settings):
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "safe@example.org"
    assert b"Contact: mailto:safe@example.org" in client.get("/.well-known/security.txt").content


def test_an_unknown_page_is_told_in_words(client):
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


def test_a_form_without_its_token_is_refused_in_words():
    from conftest import StrictClient

    response = StrictClient(enforce_csrf_checks=True).post("/language/", {"language": "fr"})
    assert response.status_code == 403
    assert "was not accepted" in response.content.decode()


def test_every_page_carries_a_strict_policy(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.logs_errors
def test_our_own_fault_is_told_without_the_database(client, settings, monkeypatch):
    from entraide.website import views

    def broken(*args, **kwargs):
        raise RuntimeError("planted")

    monkeypatch.setattr(views.connection, "cursor", broken)
    client.raise_request_exception = False
    response = client.get("/health/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()


def test_an_operators_own_map_style_may_be_asked_and_nothing_else(client, settings):
    from django.http import HttpResponse
    from django.test import RequestFactory

    from entraide.website.middleware import content_security_policy

    settings.MAP_STYLE_URL = "https://maps.example/styles/plain.json?key=1"
    response = content_security_policy(lambda request: HttpResponse())(RequestFactory().get("/"))
    policy = response.headers["Content-Security-Policy"]
    assert "connect-src 'self' https://maps.example;" in policy
    assert "script-src 'self' 'nonce-" in policy
