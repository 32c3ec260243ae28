"""What every view here asks: who is it, did she sign in just now, what do other rooms add."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from entraide.capability import slot
from entraide.foundations.people.models import Person

RECENT_SECONDS = 600


def me(request: HttpRequest) -> Person:
    """The person signed in. Only for views behind ``login_required``."""
    assert isinstance(request.user, Person)
    return request.user


def signed_in_just_now(request: HttpRequest) -> bool:
    """Whether she proved in this very session, in the last ten minutes, that it is she."""
    times = [record["at"] for record in get_authentication_records(request, me(request))]
    return bool(times) and time.time() - max(times) < RECENT_SECONDS


def prove_again(request: HttpRequest) -> HttpResponse:
    """Send her to prove that it is she, and back here.

    Somebody without password or authenticator has no proof but a new code by mail: she signs out first.
    """
    page = "account_reauthenticate" if get_reauthentication_flows(me(request)) else "account_logout"
    back = (
        request.path
        if page == "account_reauthenticate"
        else f"{reverse('account_login')}?next={request.path}"
    )
    return HttpResponseRedirect(f"{reverse(page)}?{urlencode({'next': back})}")


def panels(name: str, subject: Any, request: HttpRequest) -> list[SafeString]:
    """What the cards add to a page, rendered; a card with nothing to say says None."""
    found = []
    for panel in slot(name):
        context = panel.context(subject, request)
        if context is not None:
            found.append(render_to_string(panel.template, dict(context), request))
    return found
