"""Addresses of the languages room, mounted at /language/."""

from django.urls import path

from . import views

app_name = "languages"

urlpatterns = [path("", views.choose, name="choose")]
