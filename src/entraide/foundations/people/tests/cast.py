"""Persons for tests. The root conftest makes the cast (Alice, Bob, Vera, Rosa, Charlie) with these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress

from entraide.foundations.people.models import Person

PASSWORD = "correct horse battery"  # everybody's, unless told otherwise


def make_person(
    name: str, email: str, languages: Iterable[str] = ("en",), *, password: str = PASSWORD, **fields: Any
) -> Person:
    """A person who can sign in, with a verified e-mail address."""
    person = Person.objects.create_user(
        email, password=password, display_name=name, languages=list(languages), **fields
    )
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person
