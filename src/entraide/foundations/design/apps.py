"""The look of the house: tokens, base page, components, icons, vendored files."""

from __future__ import annotations

from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "entraide.foundations.design"
    label = "design"
