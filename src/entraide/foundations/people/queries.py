"""Who is who and who may do what: reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import DateTimeField, ManyToOneRel, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from entraide.capability import cards
from entraide.foundations.journal import queries as journal
from entraide.foundations.people import rules
from entraide.foundations.people.models import (
    Consent,
    Grant,
    Invitation,
    Membership,
    Organisation,
    Person,
)
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


# --- where roles hold -----------------------------------------------------------------------------

CauseFacts: TypeAlias = "Callable[[UUID], tuple[str, str] | None]"  # public_id -> (title, address)
_look_ups: list[CauseFacts] = []


def name_causes_by(look_up: CauseFacts) -> None:
    """Tell this room how causes are called and where their page is (it stands below them).

    The causes room calls this once, when it starts, with ``look_up(public_id) -> (title, url) | None``.
    """
    _look_ups[:] = [look_up]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where a role holds: one cause or one organisation."""

    cause_id: UUID | None
    organisation: Organisation | None
    title: str
    url: str  # "" where it has no page

    @property
    def team_url(self) -> str:
        """The page on which its team is led."""
        if self.organisation is not None:
            return reverse("people:organisation-team", args=[self.organisation.slug])
        return reverse("people:team", args=[self.cause_id])


def scope_of(*, cause_id: UUID | None = None, organisation: Organisation | None = None) -> Scope:
    """The place a grant or an invitation names, with its title and address."""
    if organisation is not None:
        url = reverse("people:organisation", args=[organisation.slug])
        return Scope(cause_id=None, organisation=organisation, title=organisation.name, url=url)
    assert cause_id is not None
    known = next((facts for look_up in _look_ups if (facts := look_up(cause_id))), None)
    title, url = known or (_("Cause %(mark)s") % {"mark": cause_id.hex[:8]}, "")
    return Scope(cause_id=cause_id, organisation=None, title=title, url=url)


def running_grants(*, cause_id: UUID | None, organisation: Organisation | None) -> QuerySet[Grant]:
    """The running grants in one place, with their persons, oldest first."""
    return (
        Grant.objects.filter(cause_id=cause_id, organisation=organisation, ended_at=None)
        .select_related("person", "given_by")
        .order_by("given_at", "pk")
    )


def other_stewards(grant: Grant) -> QuerySet[Grant]:
    """The running steward grants, of persons who can sign in, beside this person's in the same place."""
    return running_grants(cause_id=grant.cause_id, organisation=grant.organisation).filter(
        ~Q(person=grant.person_id), role=rules.Role.STEWARD, person__is_active=True
    )


def grants_of(person: Person) -> QuerySet[Grant]:
    """A person's own running grants."""
    return (
        Grant.objects.filter(person=person, ended_at=None)
        .select_related("organisation", "person", "given_by")
        .order_by("given_at", "pk")
    )


def led_alone(person: Person) -> list[Scope]:
    """The causes and organisations whose only steward she is."""
    stewardships = grants_of(person).filter(role=rules.Role.STEWARD)
    return [
        scope_of(cause_id=grant.cause_id, organisation=grant.organisation)
        for grant in stewardships
        if not other_stewards(grant).exists()
    ]


def not_there() -> Refusal:
    """The same answer for "no such thing" and "not for you", so that numbers tell nothing."""
    return Refusal(_("There is nothing here that you may see."), status=404, code="not-there")


def grant_for(person: Somebody, pk: int) -> Grant:
    """A running grant its holder or a leader of the team may end. Raises Refusal (404) otherwise."""
    found = Grant.objects.select_related("person", "organisation").filter(pk=pk, ended_at=None).first()
    if found is None or not _is_there(person):
        raise not_there()
    if found.person == person or may(
        person, rules.Right.TEAM_MANAGE, cause_id=found.cause_id, organisation=found.organisation
    ):
        return found
    raise not_there()


# --- invitations ----------------------------------------------------------------------------------


def open_invitations(*, cause_id: UUID | None, organisation: Organisation | None) -> list[Invitation]:
    """Invitations to one place that still admit somebody, the latest first."""
    now = timezone.now()
    found = Invitation.objects.filter(
        cause_id=cause_id, organisation=organisation, withdrawn_at=None, expires_at__gt=now
    ).select_related("by", "organisation")
    return [invitation for invitation in found if refusal_of(invitation, now=now) is None]


def invitation_for(person: Somebody, pk: int) -> Invitation:
    """An invitation a leader of the team may withdraw. Raises Refusal (404) otherwise."""
    found = Invitation.objects.select_related("by", "organisation").filter(pk=pk).first()
    if found is not None and may(
        person, rules.Right.TEAM_MANAGE, cause_id=found.cause_id, organisation=found.organisation
    ):
        return found
    raise not_there()


def invitation_by(token: str) -> Invitation:
    """The invitation a token opens, spent or not. Raises Refusal (404) for an unknown token."""
    found = (
        Invitation.objects.select_related("by", "organisation")
        .filter(token_hash=rules.hash_of_token(token))
        .first()
    )
    if found is None:
        raise Refusal(
            _("This invitation does not exist. Check that the whole link was copied."),
            status=404,
            code="no-such-invitation",
        )
    return found


def refusal_of(invitation: Invitation, *, now: datetime | None = None) -> Refusal | None:
    """Why the invitation admits nobody any more, or None."""
    role = rules.Role(invitation.role) if invitation.role else None
    own = rights(invitation.by, cause_id=invitation.cause_id, organisation=invitation.organisation)
    maker_may = rules.may_give(own, role, to_herself=False)
    return rules.why_refused(invitation, maker_may=maker_may, now=now or timezone.now())


def is_in(person: Person, invitation: Invitation) -> bool:
    """Whether the person has already what the invitation gives."""
    if invitation.role:
        there = running_grants(cause_id=invitation.cause_id, organisation=invitation.organisation)
        return there.filter(person=person, role=invitation.role).exists()
    return Membership.objects.filter(person=person, organisation=invitation.organisation).exists()


# --- organisations --------------------------------------------------------------------------------


def organisation(slug: str) -> Organisation:
    """The organisation with this short name. Raises Refusal (404)."""
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise not_there()
    return found


def organisations_of(person: Person) -> QuerySet[Membership]:
    """A person's memberships, with their organisations."""
    return (
        Membership.objects.filter(person=person)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )


def members(organisation: Organisation, viewer: Somebody) -> QuerySet[Membership]:
    """The members a viewer may see: everybody for fellow members, for others those who show themselves."""
    found = (
        organisation.memberships.filter(person__is_active=True)
        .select_related("person")
        .order_by("since", "pk")
    )
    if _is_there(viewer) and (
        found.filter(person=viewer.pk).exists()  # type: ignore[union-attr]
        or may(viewer, rules.Right.TEAM_MANAGE, organisation=organisation)
    ):
        return found
    return found.filter(public=True)


# --- a person -------------------------------------------------------------------------------------


def person(public_id: UUID) -> Person:
    """Somebody who can sign in. Raises Refusal (404) for an erased, barred or unknown person."""
    found = Person.objects.filter(public_id=public_id, is_active=True).first()
    if found is None:
        raise not_there()
    return found


def consents(person: Person) -> dict[rules.Purpose, Consent | None]:
    """The latest answer to every purpose; None where she was never asked."""
    latest: dict[rules.Purpose, Consent | None] = dict.fromkeys(rules.Purpose)
    for row in Consent.objects.filter(person=person).order_by("at", "pk"):
        latest[rules.Purpose(row.purpose)] = row
    return latest


def consents_to(person: Person, purpose: rules.Purpose) -> bool:
    """Whether her latest answer to this purpose is yes."""
    row = Consent.objects.filter(person=person, purpose=purpose).order_by("-at", "-pk").first()
    return row is not None and row.given


def who_consent(persons: Iterable[int], purpose: rules.Purpose) -> set[int]:
    """Those of the persons (primary keys) whose latest answer to this purpose is yes, in one query."""
    latest: dict[int, bool] = {}
    rows = Consent.objects.filter(person__in=list(persons), purpose=purpose).order_by("at", "pk")
    for person_id, given in rows.values_list("person_id", "given"):
        latest[person_id] = given
    return {person_id for person_id, given in latest.items() if given}


def public_name(person: Person) -> str:
    """What everybody may call her: her name where she agreed to it, otherwise a pseudonym."""
    if person.display_name and consents_to(person, rules.Purpose.PUBLIC_NAME):
        return person.display_name
    return rules.pseudonym(person.public_id)


def export(person: Person) -> dict[str, Any]:
    """Everything the house holds on a person, as plain JSON-able data.

    What other rooms hold comes from their cards. ``traces`` names every further row of any table that
    points at her – which, and when – without its content, which may be somebody else's secret.
    """
    return {
        "person": {
            "public_id": str(person.public_id),
            "email": person.email,
            "display_name": person.display_name,
            "languages": person.languages,
            "skills": person.skills,
            "preferred_language": person.preferred_language,
            "joined_at": person.joined_at.isoformat(),
            "last_login": person.last_login.isoformat() if person.last_login else None,
        },
        "email_addresses": [
            {"email": address.email, "verified": address.verified, "primary": address.primary}
            for address in EmailAddress.objects.filter(user=person).order_by("pk")
        ],
        "ways_to_sign_in": [
            {
                "kind": authenticator.type,
                "created_at": authenticator.created_at.isoformat(),
                "last_used_at": authenticator.last_used_at.isoformat()
                if authenticator.last_used_at
                else None,
            }
            for authenticator in Authenticator.objects.filter(user=person).order_by("pk")
        ],
        "consents": [
            {
                "purpose": row.purpose,
                "text_version": row.text_version,
                "given": row.given,
                "at": row.at.isoformat(),
            }
            for row in person.consents.order_by("at", "pk")
        ],
        "memberships": [
            {
                "organisation": membership.organisation.name,
                "role": membership.role,
                "public": membership.public,
                "since": membership.since.isoformat(),
            }
            for membership in organisations_of(person)
        ],
        "roles": [
            {
                "role": grant.role,
                "cause": str(grant.cause_id) if grant.cause_id else None,
                "organisation": grant.organisation.name if grant.organisation else None,
                "given_at": grant.given_at.isoformat(),
                "ended_at": grant.ended_at.isoformat() if grant.ended_at else None,
            }
            for grant in person.grants.select_related("organisation").order_by("given_at", "pk")
        ],
        "journal": [
            {
                "sequence": entry.sequence,
                "kind": entry.kind,
                "quantity": entry.quantity,
                "unit": entry.unit,
                "happened_at": entry.happened_at.isoformat(),
                "particulars": journal.particulars(entry.sequence),
            }
            for entry in journal.entries(actor=str(person.public_id), public_only=False)
        ],
        "rooms": {card.name: dict(card.export_person(person)) for card in cards() if card.export_person},
        "traces": _traces(person),
    }


# Told in full above.
_EXPORTED = {Consent, Membership, Grant, EmailAddress, Authenticator}


def _traces(person: Person) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    # Relations without a name of their own (related_name="+") are hidden, and point at her all the same.
    for relation in Person._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel):
            continue
        model = relation.related_model
        if isinstance(model, str) or (model in _EXPORTED and relation.field.name in ("person", "user")):
            continue
        times = [field.attname for field in model._meta.concrete_fields if isinstance(field, DateTimeField)]
        rows = model._default_manager.filter(**{relation.field.name: person}).order_by("pk")
        listed = [
            {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
            for row in rows.values("pk", *times)
        ]
        if listed:
            found[f"{model._meta.label}.{relation.field.name}"] = listed
    return found
