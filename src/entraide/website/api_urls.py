"""The API's root: one address per capability that has an API, listed at /api/."""

from __future__ import annotations

from django.urls import include, path

from entraide.capability import cards
from entraide.website import views

urlpatterns = [
    path("", views.api_root, name="api-root"),
    *[path(f"{card.name}/", include(card.api_urls)) for card in cards() if card.api_urls],
]
