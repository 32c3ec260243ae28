"""Every address of the house. A capability's addresses come from its card."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from entraide.capability import cards
from entraide.website import views

urlpatterns = [
    path("", views.home, name="home"),
    path("tour/", views.tour, name="tour"),
    path("about/", views.about, name="about"),
    path("health/", views.health, name="health"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("problems/<slug:code>", views.problem, name="problem"),
    path("api/", include("entraide.website.api_urls")),
    path("design/", include("entraide.foundations.design.urls")),
    path("journal/", include("entraide.foundations.journal.urls")),
    path("people/", include("entraide.foundations.people.urls")),
    path("account/", include("allauth.urls")),
    path("places/", include("entraide.foundations.places.urls")),
    path("language/", include("entraide.foundations.languages.urls")),
    path("causes/", include("entraide.foundations.causes.urls")),
    path("channels/", include("entraide.foundations.channels.urls")),
    path("desk/", include("entraide.foundations.desk.urls")),
    path("operator/", admin.site.urls),
    *[path("", include(card.urls)) for card in cards() if card.urls],
]

handler404 = views.not_found
handler403 = views.forbidden
handler500 = views.fault
