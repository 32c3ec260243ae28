"""The gallery of components, and the stylesheets served as one file each."""

from __future__ import annotations

from django.urls import path

from entraide.foundations.design import views

app_name = "design"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("<slug:name>.<slug:digest>.css", views.stylesheet, name="stylesheet"),
]
