"""Who is who and who may do what: reads only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from entraide.foundations.people import rules
from entraide.foundations.people.models import Grant, Organisation, Person
from entraide.refusal import Refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Somebody: TypeAlias = Person | AnonymousUser | None


def _is_there(person: Any) -> bool:
    return bool(person is not None and person.is_authenticated and person.is_active)


def _in_scope(cause_id: UUID | str | None, organisation: Organisation | None) -> Q:
    scope = Q(pk__in=[])
    if cause_id is not None:
        scope |= Q(cause_id=cause_id)
    if organisation is not None:
        scope |= Q(organisation=organisation)
    return scope


def rights(
    person: Somebody, *, cause_id: UUID | str | None = None, organisation: Organisation | None = None
) -> frozenset[rules.Right]:
    """Every right a person has in a cause, an organisation, or either of the two where both are named.

    Args:
        person: whoever asks; nobody, a visitor and an inactive person have no right at all.
        cause_id: the cause's ``public_id``.
        organisation: the organisation. With a cause: the one that carries it.
    """
    if not _is_there(person):
        return frozenset()
    assert isinstance(person, Person)
    roles: Iterable[str] = ()
    if cause_id is not None or organisation is not None:
        roles = (
            Grant.objects.filter(_in_scope(cause_id, organisation), person=person, ended_at=None)
            .order_by()
            .values_list("role", flat=True)
        )
    found = rules.rights_of({rules.Role(role) for role in roles})
    return found | rules.OPERATORS_RIGHTS if person.is_superuser else found


def may(
    person: Somebody,
    right: rules.Right | str,
    *,
    cause_id: UUID | str | None = None,
    organisation: Organisation | None = None,
) -> bool:
    """True where the person has the right there (:func:`rights`). No place named: the operator alone."""
    return rules.Right(right) in rights(person, cause_id=cause_id, organisation=organisation)


def demand(
    person: Somebody,
    right: rules.Right | str,
    *,
    cause_id: UUID | str | None = None,
    organisation: Organisation | None = None,
) -> None:
    """Nothing where the person has the right there; otherwise raises Refusal (403, ``no-right``)."""
    if may(person, right, cause_id=cause_id, organisation=organisation):
        return
    if not _is_there(person):
        raise Refusal(_("Sign in to do this."), status=403, code="sign-in")
    raise Refusal(
        _("You do not have the right to do this here. Ask a steward to give it to you."),
        status=403,
        code="no-right",
    )


def causes_with(person: Somebody, right: rules.Right | str) -> set[UUID]:
    """The ``public_id`` of every cause in which a role of hers includes the right."""
    if not _is_there(person):
        return set()
    assert isinstance(person, Person)
    found = Grant.objects.filter(
        person=person, ended_at=None, cause_id__isnull=False, role__in=rules.roles_with(rules.Right(right))
    ).order_by()
    return {cause_id for cause_id in found.values_list("cause_id", flat=True) if cause_id is not None}


def team(cause_id: UUID | str) -> QuerySet[Grant]:
    """The running grants in a cause, with their persons, oldest first."""
    return (
        Grant.objects.filter(cause_id=cause_id, ended_at=None)
        .select_related("person", "given_by")
        .order_by("given_at", "pk")
    )
