"""Every write of the people room."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from entraide.foundations.people import queries, rules
from entraide.foundations.people.models import Grant, Organisation, Person


@transaction.atomic
def grant(
    *,
    person: Person,
    role: rules.Role | str,
    cause_id: UUID | None = None,
    organisation: Organisation | None = None,
    by: Person,
) -> Grant:
    """Give a person a role in one cause or one organisation; the running grant where she has it already.

    The first steward of a cause or organisation that never had anybody appoints herself.

    Raises:
        Refusal: 403 where ``by`` may not give roles there.
    """
    role = rules.Role(role)
    ever = Grant.objects.filter(cause_id=cause_id, organisation=organisation).exists()
    if ever or role is not rules.Role.STEWARD or person != by:
        queries.demand(by, rules.Right.TEAM_MANAGE, cause_id=cause_id, organisation=organisation)
    running, _made = Grant.objects.get_or_create(
        person=person,
        role=role,
        cause_id=cause_id,
        organisation=organisation,
        ended_at=None,
        defaults={"given_by": by},
    )
    return running
