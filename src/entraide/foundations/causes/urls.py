"""Addresses of causes."""

from __future__ import annotations

from django.urls import path

from entraide.foundations.causes import views

app_name = "causes"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.new, name="new"),
    path("<slug:slug>/", views.cause, name="cause"),
    path("<slug:slug>/set-up/", views.set_up, name="set-up"),
    path("<slug:slug>/set-up/state/", views.state, name="state"),
    path("<slug:slug>/set-up/about/", views.about, name="about"),
    path("<slug:slug>/set-up/area/", views.area, name="area"),
    path("<slug:slug>/set-up/texts/new/", views.text, name="text-new"),
    path("<slug:slug>/set-up/texts/<str:language>/", views.text, name="text"),
    path("<slug:slug>/set-up/goals/new/", views.goal, name="goal-new"),
    path("<slug:slug>/set-up/goals/<int:pk>/", views.goal, name="goal"),
]
