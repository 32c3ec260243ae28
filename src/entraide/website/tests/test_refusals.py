"""A refusal is a page, a fragment or problem JSON, as the caller can read it."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import RequestFactory

from entraide.refusal import Refusal
from entraide.website.middleware import refusals


def process(request, refusal):
    return refusals(lambda request: HttpResponse()).process_exception(request, refusal)


def test_the_api_gets_problem_json():
    response = process(
        RequestFactory().get("/api/crisis/lumi/reports"),
        Refusal("Not a date.", where="since", code="bad-filter", retry_after=3),
    )
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Retry-After"] == "3"
    assert b'"where": "since"' in response.content
    assert b'"type": "/problems/bad-filter"' in response.content


def test_a_page_and_a_fragment(client, db):
    page = client.get("/causes/nowhere/")
    assert page.status_code == 404
    assert "<html" in page.content.decode()
    fragment = client.get("/causes/nowhere/", headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert 'role="alert"' in fragment.content.decode()


def test_other_exceptions_are_not_swallowed():
    assert process(RequestFactory().get("/"), ValueError("x")) is None
