"""Addresses of the stewards' pages. The doors themselves are below /door/, before Django."""

from __future__ import annotations

from django.urls import path

from entraide.foundations.channels import views

app_name = "channels"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:slug>/doors/", views.doors, name="doors"),
    path("<slug:slug>/doors/<int:pk>/", views.door, name="door"),
    path("<slug:slug>/deliveries/", views.deliveries, name="deliveries"),
    path("<slug:slug>/stuck/", views.stuck, name="stuck"),
]
