"""The witness's pages: tell what is happening, and see what becomes of it. No sign-in, no cookie needed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from entraide.capabilities.crisis import rules
from entraide.capabilities.crisis.forms import TellForm
from entraide.capabilities.crisis.queries import follow as follow_queries
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.causes import queries as causes
from entraide.foundations.channels import actions as channels
from entraide.refusal import Refusal

CROWD = 10  # messages from one address in ten minutes, after which the next are read later
CROWD_SECONDS = 600
# Forgotten at each start, so that nobody can ever ask which address sent what.
_crowd_key = secrets.token_bytes(32)


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Which event? Straight to the form where there is only one."""
    open_causes = [cause for cause in causes.visible(AnonymousUser()) if cause.state == "open"]
    if len(open_causes) == 1:
        return redirect("crisis:tell-cause", slug=open_causes[0].slug)
    return render(request, "crisis/tell_choose.html", {"causes": open_causes})


# Exempt on purpose: the form acts in nobody's name, so a forged post gains nothing, and a witness whose
# browser refuses cookies is heard all the same.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tell(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, and taking what it was given. Returns only once the message is on disk."""
    cause = causes.get(AnonymousUser(), slug)
    if cause.state != "open":
        return render(request, "crisis/tell_closed.html", {"cause": cause}, status=410)
    form = TellForm(request.POST if request.method == "POST" else None, cause=cause)
    problem = None
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"] or secrets.token_urlsafe(16)
        secret = follow_secret(cause, key, form.cleaned_data)
        try:
            channels.accept_web(
                cause=cause, fields=fields_of(request, form.cleaned_data, secret), key=secret_key(secret)
            )
        except Refusal as refusal:
            problem = refusal
        else:
            return redirect(reverse("crisis:follow", args=[slug, secret]) + "?new=1")
    setup = queries.setup_of(cause)
    context = {
        "cause": cause,
        "form": form,
        "problem": problem,
        "risk_note": rules.name_in(setup.risk_note, get_language() or "en"),
        "has_categories": len(form.fields["category"].choices) > 1,  # type: ignore[attr-defined]
    }
    status = problem.status if problem else (400 if form.errors else 200)
    response = render(request, "crisis/tell.html", context, status=status)
    if problem is not None and problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def fields_of(request: HttpRequest, given: dict[str, Any], secret: str) -> dict[str, Any]:
    """What goes into the inbox: what was filled in, the digest of the secret, and whether to read it later."""
    fields: dict[str, Any] = {
        name: given[name]
        for name in ("text", "place", "contact", "category", "language", "lat", "lon", "accuracy_m")
        if given.get(name) not in (None, "")
    }
    fields["follow_digest"] = follow_queries.digest_of(secret)
    if given.get("website") or crowded(request):
        fields["doubtful"] = True
    return fields


def follow_secret(cause: Any, key: str, given: dict[str, Any]) -> str:
    """The secret of the witness's own address: 26 letters, 128 bits.

    Computed from the form's random key and what was written, so that a double click gives the same address
    and the same message, while a second message from the same form is a message of its own.
    """
    told = "\x1f".join([str(cause.public_id), key, given["text"], given["place"], given["contact"]])
    server: bytes = settings.ENTRAIDE_KEY("follow")
    mac = hmac.new(server, told.encode(), hashlib.sha256).digest()
    return base64.b32encode(mac[:16]).decode().rstrip("=").lower()


def secret_key(secret: str) -> str:
    """The inbox's key of the message: says that two are the same, and nothing of the secret."""
    return hashlib.sha256(f"tell:{secret}".encode()).hexdigest()


def crowded(request: HttpRequest) -> bool:
    """True where many messages came from one address within minutes. They are read later, never refused:
    a whole camp may share one address. The address itself is kept nowhere."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    name = "tell:" + hmac.new(_crowd_key, address.encode(), hashlib.sha256).hexdigest()[:32]
    cache.add(name, 0, CROWD_SECONDS)
    try:
        return cache.incr(name) > CROWD
    except ValueError:  # it expired between the two calls
        return False


@never_cache
@require_safe
def follow(request: HttpRequest, slug: str, secret: str) -> HttpResponse:
    """What became of it, for whoever holds the secret address."""
    cause = causes.get(AnonymousUser(), slug)
    state = follow_queries.state_of(secret)
    response = render(
        request,
        "crisis/follow.html",
        {
            "cause": cause,
            "state": state,
            "new": request.GET.get("new") == "1",
            "address": request.build_absolute_uri(request.path),
        },
    )
    # The address is the key: it must not travel to other sites, nor into a search engine.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
