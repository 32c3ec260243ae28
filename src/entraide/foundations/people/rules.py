"""Who may do what: pure decisions, no writes."""

from __future__ import annotations

from enum import StrEnum

from entraide.foundations.people.models import Purpose, Role

__all__ = ["OPERATORS_RIGHTS", "RIGHTS_OF", "Purpose", "Right", "Role", "rights_of", "roles_with"]


class Right(StrEnum):
    """One thing a person may do in a cause or an organisation. The value is stable and may be stored."""

    CAUSE_SET_UP = "cause.set-up"
    TEAM_MANAGE = "team.manage"
    REPORT_TRIAGE = "report.triage"
    REPORT_VERIFY = "report.verify"
    REPORT_PUBLISH = "report.publish"
    REPORT_SEE_EXACT = "report.see-exact"
    REPORT_SEE_CLOSED = "report.see-closed"
    REPORT_ROUTE = "report.route"
    REPORT_TAKE = "report.take"
    CONTACT_REPLY = "contact.reply"
    CONTACT_SEE = "contact.see"
    TEXT_EDIT = "text.edit"
    TEXT_TRANSLATE = "text.translate"
    BOOKS_KEEP = "books.keep"
    BOOKS_AUDIT = "books.audit"


# Stewards name the treasurer and the auditor but never hold the books themselves.
_BOOKS = frozenset({Right.BOOKS_KEEP, Right.BOOKS_AUDIT})

RIGHTS_OF: dict[Role, frozenset[Right]] = {
    Role.STEWARD: frozenset(Right) - _BOOKS,
    Role.TRIAGER: frozenset(
        {
            Right.REPORT_TRIAGE,
            Right.REPORT_PUBLISH,
            Right.REPORT_SEE_EXACT,
            Right.REPORT_ROUTE,
            Right.CONTACT_REPLY,
        }
    ),
    Role.VERIFIER: frozenset(
        {Right.REPORT_VERIFY, Right.REPORT_PUBLISH, Right.REPORT_SEE_EXACT, Right.CONTACT_REPLY}
    ),
    Role.RESPONDER: frozenset({Right.REPORT_SEE_EXACT, Right.REPORT_TAKE, Right.CONTACT_REPLY}),
    Role.EDITOR: frozenset({Right.TEXT_EDIT, Right.TEXT_TRANSLATE}),
    Role.TRANSLATOR: frozenset({Right.TEXT_TRANSLATE}),
    Role.TREASURER: frozenset({Right.BOOKS_KEEP}),
    Role.AUDITOR: frozenset({Right.BOOKS_AUDIT}),
}

# The operator repairs a cause whose stewards are gone; being able to run the server is no reason to
# read what witnesses confided.
OPERATORS_RIGHTS = frozenset({Right.CAUSE_SET_UP, Right.TEAM_MANAGE})


def rights_of(roles: set[Role] | frozenset[Role]) -> frozenset[Right]:
    """Everything these roles allow together."""
    return frozenset().union(*(RIGHTS_OF[role] for role in roles))


def roles_with(right: Right) -> frozenset[Role]:
    """The roles that include a right."""
    return frozenset(role for role, rights in RIGHTS_OF.items() if right in rights)
