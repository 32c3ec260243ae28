"""A person's public page."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from entraide.foundations.people import queries
from entraide.foundations.people.views.asking import panels


@require_GET
def person(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Her name or pseudonym, and what the cards have to tell of her. Nothing else."""
    found = queries.person(public_id)
    context = {
        "name": queries.public_name(found),
        "is_me": found == request.user,
        "panels": panels("person_panels", found, request),
    }
    return render(request, "people/person.html", context)
