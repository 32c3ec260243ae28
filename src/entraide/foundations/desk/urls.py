"""Addresses of the desk."""

from __future__ import annotations

from django.urls import path

from entraide.foundations.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("lines/", views.lines, name="lines"),
    path("next/", views.next_item, name="next"),
    path("break/", views.take_a_break, name="break"),
    path("look-again/", views.look_again, name="look-again"),
    path("items/<int:pk>/", views.item, name="item"),
]
