"""Pure decisions of the people room, no writes."""

from entraide.foundations.people.models import Purpose, Role
from entraide.foundations.people.rules.consents import CONSENTS, ConsentText
from entraide.foundations.people.rules.invitations import (
    INVITATION_DAYS_MAX,
    INVITATION_USES_MAX,
    hash_of_token,
    new_token,
    why_refused,
)
from entraide.foundations.people.rules.languages import country_name, language_name, parse_languages
from entraide.foundations.people.rules.names import clean_name, clean_words, pseudonym
from entraide.foundations.people.rules.rights import (
    INCOMPATIBLE,
    OPERATORS_RIGHTS,
    RIGHT_LABELS,
    RIGHTS_OF,
    ROLE_SENTENCES,
    Right,
    labels_of,
    may_give,
    rights_of,
    roles_with,
)

__all__ = [
    "CONSENTS",
    "INCOMPATIBLE",
    "INVITATION_DAYS_MAX",
    "INVITATION_USES_MAX",
    "OPERATORS_RIGHTS",
    "RIGHTS_OF",
    "RIGHT_LABELS",
    "ROLE_SENTENCES",
    "ConsentText",
    "Purpose",
    "Right",
    "Role",
    "clean_name",
    "clean_words",
    "country_name",
    "hash_of_token",
    "labels_of",
    "language_name",
    "may_give",
    "new_token",
    "parse_languages",
    "pseudonym",
    "rights_of",
    "roles_with",
    "why_refused",
]
