"""The language of a page: what the reader chose, what she said she reads, what her browser asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from .rules import best, tag

COOKIE = "language"


class ReadersLanguage:
    """Activate the reader's language for the request and name it in the answer.

    Order: cookie ``language``, then the signed-in person's ``preferred_language``, then
    ``Accept-Language``, then ``settings.LANGUAGE_CODE``. The person is looked up only where a session
    cookie came and no language cookie did, and the look-up is the one authentication makes anyway.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = readers_language(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", translation.get_language() or language)
        return response


def readers_language(request: HttpRequest) -> str:
    """The interface language for this request, always one of ``settings.LANGUAGES``."""
    offered = [code for code, _name in settings.LANGUAGES]
    for wish in (request.COOKIES.get(COOKIE, ""), _preferred(request)):
        if wish and (found := _offered(wish, offered)):
            return found
    return translation.get_language_from_request(request)


def _preferred(request: HttpRequest) -> str:
    if COOKIE in request.COOKIES or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    # Authentication runs after us. Its own function is used, which keeps the person for it on the request.
    return str(getattr(get_user(request), "preferred_language", "") or "")


def _offered(wish: str, offered: list[str]) -> str:
    found = best(offered, wish)
    return found if tag(found).split("-")[0] == tag(wish).split("-")[0] else ""
