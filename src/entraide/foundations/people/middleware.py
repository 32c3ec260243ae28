"""What django-allauth's pages need besides: the house's own name at their head."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.sites.requests import RequestSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

Respond = Callable[[HttpRequest], HttpResponse]


class OurSite:
    """Take allauth's ``site`` (the Host header) out of its pages, so that ours shows through."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.respond(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """Called by Django before a page is rendered."""
        if response.context_data and isinstance(response.context_data.get("site"), RequestSite):
            del response.context_data["site"]
        return response
