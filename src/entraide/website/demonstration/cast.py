"""Who plays in the demonstration. Everybody is invented."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from entraide.foundations.people.actions import give_consent
from entraide.foundations.people.models import Person, Purpose

WORDS = [
    "river",
    "mango",
    "lantern",
    "harbour",
    "willow",
    "copper",
    "falcon",
    "meadow",
    "saffron",
    "pebble",
    "orchard",
    "comet",
]


@dataclass(frozen=True)
class Part:
    """One of the cast: ``role`` in the cyclone's cause."""

    name: str
    local: str
    role: str
    languages: tuple[str, ...]
    what: str

    @property
    def email(self) -> str:
        """The address she signs in with."""
        return f"{self.local}@demo.example"


CAST = (
    Part("Aina", "aina", "steward", ("mg", "fr", "en"), "steward: sets the cause up, answers for it"),
    Part("Bakari", "bakari", "triager", ("sw", "en", "fr", "pt"), "triager: reads Swahili, Portuguese, French, English"),
    Part("Chandra", "chandra", "triager", ("bn", "hi", "ta", "en"), "triager: reads Bengali, Hindi, Tamil, English"),
    Part("Dieudonné", "dieudonne", "triager", ("ht", "fr", "es", "en"), "triager: reads Haitian Creole, French, Spanish, English"),
    Part("Esra", "esra", "verifier", ("ar", "fr", "en", "ru"), "verifier: checks what was told"),
    Part("Farida", "farida", "responder", ("sw", "fr", "en"), "responder: takes needs on, sees exact places"),
    Part("Gaspard", "gaspard", "", ("fr",), "a neighbour with an account and no right at all"),
)  # fmt: skip


def password() -> str:
    """The cast's password: the same each time on one instance, unknown on any other."""
    digest = hashlib.sha256(settings.ENTRAIDE_KEY("demonstration")).digest()
    return "-".join(WORDS[byte % len(WORDS)] for byte in digest[:3]) + f"-{digest[3] % 90 + 10}"


@transaction.atomic
def gather() -> dict[str, Any]:
    """The cast by local name, each able to sign in; made where missing, never changed where there."""
    people = {}
    for part in CAST:
        person = Person.objects.filter(email=part.email).first()
        if person is None:
            person = Person.objects.create_user(
                part.email, password=password(), display_name=part.name, languages=list(part.languages)
            )
            if part.role:  # who answers for a cause is better known by name
                give_consent(person=person, purpose=Purpose.PUBLIC_NAME)
            EmailAddress.objects.create(user=person, email=part.email, verified=True, primary=True)
        people[part.local] = person
    return people
