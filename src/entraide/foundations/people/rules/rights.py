"""Who may do what, and who may give which role."""

from __future__ import annotations

from collections.abc import Set
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from entraide.foundations.people.models import Role


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


RIGHT_LABELS = {
    Right.CAUSE_SET_UP: _("set the cause up"),
    Right.TEAM_MANAGE: _("invite people, give roles and end them"),
    Right.REPORT_TRIAGE: _("read messages and sort them"),
    Right.REPORT_VERIFY: _("check reports"),
    Right.REPORT_PUBLISH: _("agree to the publishing of a report"),
    Right.REPORT_SEE_EXACT: _("see exact places"),
    Right.REPORT_SEE_CLOSED: _("see reports that are never published"),
    Right.REPORT_ROUTE: _("hand reports on to those who can help"),
    Right.REPORT_TAKE: _("take on requests for help"),
    Right.CONTACT_REPLY: _("answer witnesses without seeing their number or address"),
    Right.CONTACT_SEE: _("see the number or address of witnesses"),
    Right.TEXT_EDIT: _("write and edit texts"),
    Right.TEXT_TRANSLATE: _("translate"),
    Right.BOOKS_KEEP: _("keep the books"),
    Right.BOOKS_AUDIT: _("audit the books"),
}

ROLE_SENTENCES = {
    Role.STEWARD: _("Answers for the whole: sets up, leads the team, may do everything but the books."),
    Role.TRIAGER: _("Reads what comes in, sorts it, finds the place, hands it on."),
    Role.VERIFIER: _("Checks whether what is told is so."),
    Role.RESPONDER: _("Takes requests for help and says when they are done."),
    Role.EDITOR: _("Writes and edits texts."),
    Role.TRANSLATOR: _("Translates texts."),
    Role.TREASURER: _("Keeps the books."),
    Role.AUDITOR: _("Looks into the books, never keeps them."),
}

# Who keeps the books does not audit them, in the same cause or organisation.
INCOMPATIBLE = {Role.TREASURER: Role.AUDITOR, Role.AUDITOR: Role.TREASURER}


def rights_of(roles: Set[Role]) -> frozenset[Right]:
    """Everything these roles allow together."""
    return frozenset[Right]().union(*(RIGHTS_OF[role] for role in roles))


def labels_of(role: Role) -> list[str]:
    """What a role allows, in words, in the order of :class:`Right`."""
    return [str(RIGHT_LABELS[right]) for right in Right if right in RIGHTS_OF[role]]


def roles_with(right: Right) -> frozenset[Role]:
    """The roles that include a right."""
    return frozenset(role for role, rights in RIGHTS_OF.items() if right in rights)


def may_give(own: Set[Right], role: Role | None, *, to_herself: bool) -> bool:
    """Whether somebody with the rights ``own`` in a place may give ``role`` (None: membership) there.

    Stewards name treasurers and auditors, whose rights they do not have: that is what keeps the books
    apart. Nobody raises herself, though: to herself she gives no right she lacks.
    """
    if Right.TEAM_MANAGE not in own:
        return False
    return not to_herself or role is None or RIGHTS_OF[role] <= own
