"""The home page, the tour, and the small pages a site owes its readers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from entraide.capability import cards, slot
from entraide.foundations.causes import queries as causes
from entraide.foundations.channels import actions as channels
from entraide.foundations.journal import queries as journal

GIFTS = {
    "words": (gettext_lazy("Words"), gettext_lazy("Tell, translate, check a report")),
    "time": (gettext_lazy("Time"), gettext_lazy("An hour at the desk, from home")),
    "skills": (gettext_lazy("Skills"), gettext_lazy("What you do at work, for an association")),
    "money": (gettext_lazy("Money"), gettext_lazy("A gift, or a loan that returns to you")),
    "place": (gettext_lazy("A place"), gettext_lazy("A room, a van, a hall for a workshop")),
}
# What the house itself takes, where no capability has a door for it.
HOUSE_DOORS = {"time": "desk:desk"}


def home(request: HttpRequest) -> HttpResponse:
    """What is happening now, and the five doors."""
    panels = []
    for panel in slot("home_panels"):
        context = panel.context(None, request)
        if context is not None:
            panels.append({"template": panel.template, "context": context})
    doors = []
    for gift, (label, sentence) in GIFTS.items():
        open_doors = [door for door in slot("giving_doors") if door.gift == gift]
        first = open_doors[0] if open_doors else None
        url_name = first.url_name if first else HOUSE_DOORS.get(gift)
        doors.append(
            {
                "gift": gift,
                "label": label,
                "sentence": first.sentence if first else sentence,
                "url": reverse(url_name) if url_name else "",
            }
        )
    context = {
        "panels": panels,
        "doors": doors,
        "causes": causes.visible(request.user)[:6],
        "totals": journal.totals(),
    }
    return render(request, "website/home.html", context)


def tour(request: HttpRequest) -> HttpResponse:
    """Five minutes through the house, for a newcomer, with the addresses to try."""
    cause = next(iter(causes.visible(request.user)[:1]), None)
    return render(request, "website/tour.html", {"cause": cause})


def about(request: HttpRequest) -> HttpResponse:
    """Who runs this instance, what is kept and for how long."""
    return render(request, "website/about.html", {"retention": [*channels.RETENTION, *slot("retention")]})


def health(request: HttpRequest) -> HttpResponse:
    """For a load balancer: 200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def robots(request: HttpRequest) -> HttpResponse:
    """Crawlers may read what is public; the desk and the doors are not for them."""
    lines = [
        "User-agent: *",
        *(
            f"Disallow: {path}"
            for path in ("/desk/", "/door/", "/channels/", "/account/", "/operator/", "/live/")
        ),
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


def sitemap(request: HttpRequest) -> HttpResponse:
    """Public addresses of the house and of every capability."""
    paths = [reverse("home"), reverse("causes:list"), reverse("journal:index")]
    paths += [reverse("causes:cause", args=[cause.slug]) for cause in causes.visible(None)]
    for card in cards():
        if card.sitemap:
            paths += card.sitemap()
    return render(
        request,
        "website/sitemap.xml",
        {"urls": [settings.SITE_URL + path for path in dict.fromkeys(paths)]},
        content_type="application/xml",
    )


def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell about a weakness (RFC 9116)."""
    contact = settings.SECURITY_CONTACT or settings.SITE_CONTACT
    if not contact:
        return HttpResponse(
            _("The operator of this site has named no security contact."),
            content_type="text/plain",
            status=404,
        )
    if "@" in contact and not contact.startswith("mailto:"):
        contact = f"mailto:{contact}"
    expires = (datetime.now(UTC) + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    return HttpResponse(
        f"Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en, fr\n"
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt\n",
        content_type="text/plain",
    )


def problem(request: HttpRequest, code: str) -> HttpResponse:
    """What a problem type of the API means: the address in ``type`` leads here."""
    return render(request, "website/problem.html", {"code": code})


def api_root(request: HttpRequest) -> HttpResponse:
    """The parts of the API, and where each cause's feeds are."""
    parts = {}
    for card in cards():
        if card.api_urls:
            parts[card.name] = f"{settings.SITE_URL}/api/{card.name}/"
    feeds = [
        {
            "cause": cause.slug,
            "label": str(feed.label),
            "media_type": feed.media_type,
            "url": settings.SITE_URL + reverse(feed.url_name, args=[cause.slug]),
        }
        for cause in causes.visible(request.user)
        for feed in slot("feeds")
    ]
    journal_export = settings.SITE_URL + reverse("journal:export")
    return JsonResponse({"parts": parts, "feeds": feeds, "journal": journal_export})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such page."""
    return render(request, "website/error.html", {"status": 404}, status=404)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its token: kept open too long, or sent by another site."""
    return render(request, "website/error.html", {"status": 403}, status=403)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The framework itself refused (a form without its token, say)."""
    return render(request, "website/error.html", {"status": 403}, status=403)


def fault(request: HttpRequest) -> HttpResponse:
    """Our fault. The page must not need the database, which may be what broke."""
    try:
        home_url = reverse("home")
    except NoReverseMatch:
        home_url = "/"
    return render(request, "website/fault.html", {"home_url": home_url}, status=500)
