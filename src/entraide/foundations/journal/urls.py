"""Addresses of the journal, below /journal/."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "journal"

urlpatterns = [
    path("", views.index, name="index"),
    path("export.jsonl", views.export, name="export"),
    path("verify_journal.py", views.verifier, name="verifier"),
    path("<int:sequence>/", views.entry, name="entry"),
]
