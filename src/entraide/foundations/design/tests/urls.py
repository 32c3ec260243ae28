"""Addresses for the tests of this room alone: no other room is there."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("design/", include("entraide.foundations.design.urls"))]
