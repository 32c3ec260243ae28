"""What every page knows: who runs the site, where one can go, and the one thing to do next."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from entraide.capability import Page, cards, slot

HOUSE_PAGES = [
    Page(label=_("Causes"), url_name="causes:list", order=10),
    Page(label=_("Desk"), url_name="desk:desk", order=60),
    Page(label=_("Journal"), url_name="journal:index", order=90),
]


def site(request: HttpRequest) -> dict[str, Any]:
    """Context for ``design/base.html``; see its opening comment."""
    return {
        "site": {
            "name": settings.SITE_NAME,
            "url": settings.SITE_URL,
            "operator": settings.SITE_OPERATOR,
            "contact": settings.SITE_CONTACT,
            "security_contact": settings.SECURITY_CONTACT,
            "source_url": settings.SOURCE_URL,
        },
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "primary_action": SimpleLazyObject(primary_action),
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The main navigation: the house's own pages and those of every capability, in one order."""
    links = []
    for page in sorted([*HOUSE_PAGES, *slot("pages")], key=lambda page: page.order):
        url = reverse(page.url_name)
        links.append({"label": page.label, "url": url, "current": request.path.startswith(url)})
    return links


def primary_action() -> dict[str, Any] | None:
    """The first capability's primary action, or None when no capability has one."""
    for card in cards():
        if card.primary_action:
            return {
                "label": card.primary_action.label,
                "url": reverse(card.primary_action.url_name),
            }
    return None
