"""Every write of the people room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from entraide.capability import cards
from entraide.foundations.journal import actions as journal
from entraide.foundations.people import queries, rules
from entraide.foundations.people.models import (
    Consent,
    Grant,
    Invitation,
    Membership,
    Organisation,
    Person,
)
from entraide.refusal import Refusal

ORGANISATIONS_A_DAY = 5

# --- roles ----------------------------------------------------------------------------------------


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
        Refusal: 403 where ``by`` may not give this role there (``no-right``, ``not-to-yourself``),
            409 where the person cannot have it (``books-apart``, ``cannot-sign-in``).
    """
    role = rules.Role(role)
    founds = role is rules.Role.STEWARD and person == by and not _ever_led(cause_id, organisation)
    if not founds:
        _demand_to_give(by, role, cause_id=cause_id, organisation=organisation, to_herself=person == by)
    return _grant(person, role, cause_id, organisation, by)


def _ever_led(cause_id: UUID | None, organisation: Organisation | None) -> bool:
    return Grant.objects.filter(cause_id=cause_id, organisation=organisation).exists()


def _demand_to_give(
    by: Person,
    role: rules.Role | None,
    *,
    cause_id: UUID | None,
    organisation: Organisation | None,
    to_herself: bool,
) -> None:
    queries.demand(by, rules.Right.TEAM_MANAGE, cause_id=cause_id, organisation=organisation)
    own = queries.rights(by, cause_id=cause_id, organisation=organisation)
    if not rules.may_give(own, role, to_herself=to_herself):
        raise Refusal(
            _("You cannot give this role to yourself. Ask another steward."),
            status=403,
            code="not-to-yourself",
        )


def _grant(
    person: Person,
    role: rules.Role,
    cause_id: UUID | None,
    organisation: Organisation | None,
    by: Person | None,
    invitation: Invitation | None = None,
) -> Grant:
    if not person.is_active:
        raise Refusal(_("This person can no longer sign in."), status=409, code="cannot-sign-in")
    there = queries.running_grants(cause_id=cause_id, organisation=organisation).filter(person=person)
    if there.filter(role=rules.INCOMPATIBLE.get(role, "")).exists():
        raise Refusal(
            _("One person cannot both keep the books and audit them."), status=409, code="books-apart"
        )
    running, _made = Grant.objects.get_or_create(
        person=person,
        role=role,
        cause_id=cause_id,
        organisation=organisation,
        ended_at=None,
        defaults={"given_by": by, "invitation": invitation},
    )
    return running


@transaction.atomic
def end_grant(*, grant: Grant, by: Person) -> None:
    """End a role, of somebody else (needs TEAM_MANAGE) or one's own. Ending it twice changes nothing.

    Raises:
        Refusal: 403 without the right; 409 ``last-steward`` for the only steward of a place.
    """
    if grant.person != by:
        queries.demand(by, rules.Right.TEAM_MANAGE, cause_id=grant.cause_id, organisation=grant.organisation)
    # Two stewards who remove each other at the same moment must not both succeed.
    locked = list(
        queries.running_grants(cause_id=grant.cause_id, organisation=grant.organisation)
        .select_related(None)
        .filter(role=rules.Role.STEWARD)
        .select_for_update()
    )
    if grant.role == rules.Role.STEWARD and grant in locked and not queries.other_stewards(grant).exists():
        raise Refusal(
            _("The last steward cannot be removed. Give the role to somebody else first."),
            status=409,
            code="last-steward",
        )
    Grant.objects.filter(pk=grant.pk, ended_at=None).update(ended_at=timezone.now(), ended_by=by)


# --- invitations ----------------------------------------------------------------------------------


@transaction.atomic
def invite(
    *,
    role: rules.Role | str = "",
    cause_id: UUID | None = None,
    organisation: Organisation | None = None,
    by: Person,
    uses_max: int = 1,
    expires_at: datetime | None = None,
) -> tuple[Invitation, str]:
    """Make an invitation link; returns the invitation and its token, which is stored nowhere.

    Args:
        role: what the link gives; "" makes a member of an organisation without any right.
        uses_max: how many persons it admits, 1 to 500.
        expires_at: at most 90 days from now; a week when not given.

    Raises:
        Refusal: 403 where ``by`` may not give this; 400 for numbers out of bounds.
    """
    now = timezone.now()
    expires_at = expires_at or now + timedelta(days=7)
    asked = rules.Role(role) if role else None
    _demand_to_give(by, asked, cause_id=cause_id, organisation=organisation, to_herself=False)
    if not 1 <= uses_max <= rules.INVITATION_USES_MAX:
        raise Refusal(
            _("An invitation admits 1 to %(most)s persons.") % {"most": rules.INVITATION_USES_MAX},
            where="uses_max",
            code="invitation-uses",
        )
    if not now < expires_at <= now + timedelta(days=rules.INVITATION_DAYS_MAX, hours=1):
        raise Refusal(
            _("An invitation holds for at most %(most)s days.") % {"most": rules.INVITATION_DAYS_MAX},
            where="expires_at",
            code="invitation-days",
        )
    if asked is None and organisation is None:
        raise Refusal(_("Choose a role."), where="role", code="invitation-role")
    token = rules.new_token()
    invitation = Invitation.objects.create(
        token_hash=rules.hash_of_token(token),
        role=asked or "",
        cause_id=cause_id,
        organisation=organisation,
        by=by,
        uses_max=uses_max,
        expires_at=expires_at,
    )
    return invitation, token


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: Person) -> None:
    """Make an invitation admit nobody any more. Raises Refusal (403) without TEAM_MANAGE."""
    queries.demand(
        by, rules.Right.TEAM_MANAGE, cause_id=invitation.cause_id, organisation=invitation.organisation
    )
    Invitation.objects.filter(pk=invitation.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())


@transaction.atomic
def accept_invitation(*, token: str, person: Person) -> Invitation:
    """Let a person in by an invitation's token. Somebody who is in already uses nothing up.

    Raises:
        Refusal: 404 unknown token; 410 withdrawn, expired or used up; 403 one's own invitation, or one
            that would undo the end of one's role; 409 as :func:`grant`.
    """
    invitation = queries.invitation_by(token)
    Invitation.objects.select_for_update().get(pk=invitation.pk)
    invitation.refresh_from_db(fields=["uses", "withdrawn_at"])
    if queries.is_in(person, invitation):
        return invitation
    if refusal := queries.refusal_of(invitation):
        raise refusal
    _refuse_return(person, invitation)
    role = rules.Role(invitation.role) if invitation.role else None
    if invitation.by == person:
        own = queries.rights(person, cause_id=invitation.cause_id, organisation=invitation.organisation)
        if not rules.may_give(own, role, to_herself=True):
            raise Refusal(
                _("You made this invitation: give it to somebody else."), status=403, code="not-to-yourself"
            )
    taken = Invitation.objects.filter(pk=invitation.pk, uses__lt=F("uses_max")).update(uses=F("uses") + 1)
    if not taken:
        invitation.refresh_from_db(fields=["uses"])
        raise queries.refusal_of(invitation) or queries.not_there()
    if invitation.organisation is not None:
        Membership.objects.get_or_create(person=person, organisation=invitation.organisation)
    if role is not None:
        _grant(person, role, invitation.cause_id, invitation.organisation, invitation.by, invitation)
    return invitation


def _refuse_return(person: Person, invitation: Invitation) -> None:
    """A link that is still going round must not bring back somebody whose role a steward ended."""
    ended = Grant.objects.filter(
        person=person,
        cause_id=invitation.cause_id,
        organisation=invitation.organisation,
        ended_at__gte=invitation.created_at,
    ).exclude(ended_by=person)
    if ended.exists():
        raise Refusal(
            _("A steward ended your role here. Ask for a new invitation."), status=403, code="role-was-ended"
        )


# --- organisations --------------------------------------------------------------------------------


@transaction.atomic
def create_organisation(
    *,
    name: str,
    kind: str = Organisation.Kind.ASSOCIATION,
    website: str = "",
    country: str = "",
    slug: str = "",
    by: Person,
) -> Organisation:
    """Make an organisation; ``by`` becomes its first member and steward.

    Raises:
        Refusal: 400 for a name that shows nothing; 429 after five organisations in a day.
    """
    name = rules.clean_name(name, 120)
    if not name:
        raise Refusal(_("Give the organisation a name."), where="name", code="name-missing")
    since = timezone.now() - timedelta(days=1)
    founded = Grant.objects.filter(
        person=by, given_by=by, organisation__isnull=False, given_at__gte=since, invitation=None
    )
    if founded.count() >= ORGANISATIONS_A_DAY:
        raise Refusal(
            _("You made %(most)s organisations today. Come back tomorrow.") % {"most": ORGANISATIONS_A_DAY},
            status=429,
            code="too-many-organisations",
            retry_after=86_400,
        )
    organisation = Organisation.objects.create(
        name=name, kind=kind, website=website, country=country, slug=_free_slug(slug or name)
    )
    Membership.objects.create(person=by, organisation=organisation)
    grant(person=by, role=rules.Role.STEWARD, organisation=organisation, by=by)
    return organisation


def _free_slug(text: str) -> str:
    stem = slugify(text)[:50] or "organisation"
    taken = set(Organisation.objects.filter(slug__startswith=stem).order_by().values_list("slug", flat=True))
    number, slug = 1, stem if stem != "new" else "new-1"  # /people/organisations/new/ is a page
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


@transaction.atomic
def add_member(*, person: Person, organisation: Organisation, role: str = "", by: Person) -> Membership:
    """Make a person a member. Raises Refusal (403) where ``by`` does not lead the team."""
    queries.demand(by, rules.Right.TEAM_MANAGE, organisation=organisation)
    membership, _made = Membership.objects.get_or_create(
        person=person, organisation=organisation, defaults={"role": rules.clean_name(role)}
    )
    return membership


def describe_membership(*, membership: Membership, role: str, public: bool, by: Person) -> None:
    """Say what one does in an organisation and whether everybody may see it. Oneself alone (403)."""
    if membership.person != by:
        raise Refusal(_("Only the member can change this."), status=403, code="no-right")
    membership.role, membership.public = rules.clean_name(role), public
    membership.save(update_fields=["role", "public"])


@transaction.atomic
def end_membership(*, membership: Membership, by: Person) -> None:
    """Leave an organisation, or take somebody out of it (needs TEAM_MANAGE); her roles there end too.

    Raises:
        Refusal: 403 without the right; 409 ``last-steward``.
    """
    if membership.person != by:
        queries.demand(by, rules.Right.TEAM_MANAGE, organisation=membership.organisation)
    for running in queries.grants_of(membership.person).filter(organisation=membership.organisation):
        end_grant(grant=running, by=by)
    membership.delete()


# --- a person -------------------------------------------------------------------------------------


def edit_profile(
    *,
    person: Person,
    display_name: str,
    languages: Iterable[str],
    skills: Iterable[str],
    preferred_language: str,
    by: Person,
) -> None:
    """Change what a person says of herself. Raises Refusal (403) for anybody else."""
    if person != by:
        raise Refusal(_("Only the person herself can change this."), status=403, code="no-right")
    person.display_name = rules.clean_name(display_name)
    person.languages = list(languages)
    person.skills = rules.clean_words(skills)
    person.preferred_language = preferred_language
    person.save(update_fields=["display_name", "languages", "skills", "preferred_language"])


def set_languages(*, person: Person, languages: Iterable[str], preferred: str | None = None) -> None:
    """Set the languages a person reads (BCP 47, the best first) and, where given, that of the pages."""
    person.languages = list(dict.fromkeys(languages))
    if preferred is not None:
        person.preferred_language = preferred
    person.save(update_fields=["languages", "preferred_language"])


def give_consent(*, person: Person, purpose: rules.Purpose | str) -> Consent:
    """Record a yes to the present wording of a purpose."""
    return _answer(person, rules.Purpose(purpose), given=True)


def withdraw_consent(*, person: Person, purpose: rules.Purpose | str) -> Consent:
    """Record that a yes is taken back."""
    return _answer(person, rules.Purpose(purpose), given=False)


def _answer(person: Person, purpose: rules.Purpose, *, given: bool) -> Consent:
    version = rules.CONSENTS[purpose].version
    return Consent.objects.create(person=person, purpose=purpose, text_version=version, given=given)


@transaction.atomic
def erase(*, person: Person, by: Person) -> None:
    """Erase everything that says who somebody is. Only ``public_id`` stays, so that the journal holds.

    Raises:
        Refusal: 403 for anybody but the person or the operator; 409 ``last-steward`` while a cause or
            organisation has no other steward.
    """
    if person != by and not (by.is_active and by.is_superuser):
        raise Refusal(_("Only the person herself can erase her data."), status=403, code="no-right")
    if alone := queries.led_alone(person):
        raise Refusal(
            _("You are the last steward of: %(names)s. Give the role to somebody else first.")
            % {"names": ", ".join(scope.title for scope in alone)},
            status=409,
            code="last-steward",
        )
    for running in queries.grants_of(person):
        end_grant(grant=running, by=person)
    for card in cards():
        if card.erase_person:
            card.erase_person(person)
    for purpose, answer in queries.consents(person).items():
        if answer is not None and answer.given:
            withdraw_consent(person=person, purpose=purpose)
    now = timezone.now()
    Invitation.objects.filter(by=person, withdrawn_at=None).update(withdrawn_at=now)
    Membership.objects.filter(person=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    _end_sessions(person)
    LogEntry.objects.filter(user=person).update(change_message="", object_repr="")
    of_persons = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Person))
    of_persons.filter(object_id=str(person.pk)).update(object_repr=str(person.public_id), change_message="")
    person.groups.clear()
    person.user_permissions.clear()
    journal.erase_particulars(actor=str(person.public_id))
    person.email = f"{person.public_id}@erased.invalid"  # .invalid: no mail can ever arrive there
    person.display_name, person.preferred_language = "", ""
    person.languages, person.skills = [], []
    person.last_login = None
    person.is_active = person.is_staff = person.is_superuser = False
    person.erased_at = now
    person.set_unusable_password()
    person.save()


def _end_sessions(person: Person) -> None:
    """Delete her sessions: they name her address where she signed in by code."""
    for session in Session.objects.order_by("pk").iterator(chunk_size=500):
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()
