"""The language switch."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from entraide.refusal import Refusal

from .middleware import COOKIE

ONE_YEAR = 365 * 24 * 3600


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember the reader's language in a cookie and go back to the page she came from.

    ``next`` is followed on this site alone: a language switch must not send anybody elsewhere.
    """
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise Refusal(
            _("This site does not speak that language yet. Choose one from the list."),
            where="language",
            code="unknown-language",
        )
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        back = "/"
    response = HttpResponseRedirect(back)
    response.set_cookie(
        COOKIE,
        language,
        max_age=ONE_YEAR,
        secure=settings.SECURE_SITE,
        httponly=True,
        samesite="Lax",
    )
    return response
