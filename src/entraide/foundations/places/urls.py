"""Addresses of the places room, mounted at /places/."""

from django.urls import URLPattern

app_name = "places"

urlpatterns: list[URLPattern] = []
