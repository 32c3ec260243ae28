"""Addresses of the people room, mounted at ``/people/``."""

from __future__ import annotations

from django.urls import path

from entraide.foundations.people import views

app_name = "people"

urlpatterns = [
    path("", views.profile, name="me"),
    path("rights/", views.my_rights, name="rights"),
    path("consents/", views.my_consents, name="consents"),
    path("data/", views.data, name="data"),
    path("data/export.json", views.export, name="export"),
    path("data/erase/", views.erase, name="erase"),
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/new/", views.organisation_new, name="organisation-new"),
    path("organisations/<slug:slug>/", views.organisation, name="organisation"),
    path("organisations/<slug:slug>/me/", views.membership, name="membership"),
    path("organisations/<slug:slug>/leave/", views.leave, name="leave"),
    path("organisations/<slug:slug>/team/", views.organisation_team, name="organisation-team"),
    path("team/<uuid:cause_id>/", views.team, name="team"),
    path("grants/<int:pk>/end/", views.end_grant, name="end-grant"),
    path("invitations/<int:pk>/withdraw/", views.withdraw_invitation, name="withdraw-invitation"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    path("<uuid:public_id>/", views.person, name="person"),
]
