"""Django's admin, for the operator alone. Everybody else uses the house's own pages."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest

from entraide.foundations.people.models import Grant, Organisation, Person

# The admin's own sign-in knows neither second proofs nor limits of tries: the house's page does it.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


class _ReadMostly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shown, not made nor deleted here: actions do that, and record who did it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Person)
class PersonAdmin(_ReadMostly):
    """Bar somebody from signing in, or make an operator."""

    list_display = ("public_id", "email", "display_name", "is_active", "is_staff", "joined_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "display_name", "public_id")
    ordering = ("-joined_at",)
    fields = ("public_id", "email", "display_name", "is_active", "is_staff", "is_superuser", "joined_at")
    readonly_fields = ("public_id", "email", "display_name", "joined_at")


@admin.register(Organisation)
class OrganisationAdmin(_ReadMostly):
    """Correct an organisation's facts."""

    list_display = ("name", "kind", "country", "slug")
    search_fields = ("name", "slug")
    readonly_fields = ("public_id", "created_at")


@admin.register(Grant)
class GrantAdmin(_ReadMostly):
    """Who has and had which role. Only looked at."""

    list_display = ("person", "role", "cause_id", "organisation", "given_at", "ended_at")
    list_filter = ("role",)
    search_fields = ("cause_id", "person__public_id")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
