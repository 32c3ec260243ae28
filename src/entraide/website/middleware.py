"""What every request passes: the content security policy, and refusals in words fit for people."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from entraide.refusal import Refusal

Respond = Callable[[HttpRequest], HttpResponse]


def operators_map_origin() -> str:
    """The origin of the operator's own map style, which pages may then ask; "" where there is none.

    The one exception to "no third party", made by the operator's explicit choice (ENTRAIDE_MAP_STYLE_URL).
    """
    parts = urlsplit(settings.MAP_STYLE_URL)
    return f" {parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""


def content_security_policy(respond: Respond) -> Respond:
    """A strict policy on every page. The nonce serves the import map alone, which cannot be a file."""
    style_origin = operators_map_origin()

    def middleware(request: HttpRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = respond(request)
        response.headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; font-src 'self'; "
            f"img-src 'self' data: blob:{style_origin}; connect-src 'self'{style_origin}; worker-src 'self'; manifest-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), payment=(), geolocation=(self)"
        )
        return response

    return middleware


def wants_json(request: HttpRequest) -> bool:
    """True where a program asked: below /api/, or an Accept header that prefers JSON."""
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith(
        "application/json"
    )


def refusals(respond: Respond) -> Respond:
    """Turn a Refusal into a page, a fragment or problem JSON (RFC 9457)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return respond(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        if wants_json(request):
            problem = {
                "type": f"/problems/{exception.code}",
                "title": str(exception),
                "status": exception.status,
            }
            if exception.where:
                problem["where"] = exception.where
            response: HttpResponse = JsonResponse(
                problem, status=exception.status, content_type="application/problem+json"
            )
        else:
            fragment = request.headers.get("HX-Request") == "true"
            template = "website/_refusal.html" if fragment else "website/refusal.html"
            response = render(request, template, {"refusal": exception}, status=exception.status)
        if exception.retry_after is not None:
            response.headers["Retry-After"] = str(exception.retry_after)
        return response

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
