"""Tables of the people room: who is who, and who may do what where.

A cause is named by its ``public_id`` alone: causes stand above people, so no foreign key points there.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody is in one cause or one organisation. ``rules.RIGHTS_OF`` says what it allows."""

    STEWARD = "steward", _("Steward")
    TRIAGER = "triager", _("Triager")
    VERIFIER = "verifier", _("Verifier")
    RESPONDER = "responder", _("Responder")
    EDITOR = "editor", _("Editor")
    TRANSLATOR = "translator", _("Translator")
    TREASURER = "treasurer", _("Treasurer")
    AUDITOR = "auditor", _("Auditor")


class Purpose(models.TextChoices):
    """What a person is asked to consent to. The sentence for each is ``rules.CONSENT_TEXTS``."""

    PUBLIC_NAME = "public-name", _("Show my name in public")
    SKILLS_SHOWN = "skills-shown", _("Show my languages and skills to stewards")


class PersonManager(BaseUserManager["Person"]):
    """Makes persons; an e-mail address is the same whatever its capitals."""

    def _make(self, email: str, password: str | None, **fields: Any) -> Person:
        if not email:
            raise ValueError("A person needs an e-mail address.")
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """Make and store a person; without a password she signs in by mail code or passkey."""
        fields.setdefault("is_staff", False)
        fields.setdefault("is_superuser", False)
        return self._make(email, password, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """Make and store an operator, who may open Django's admin."""
        return self._make(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> Person:
        """The person with this e-mail address, whatever its capitals."""
        return self.get(email=(username or "").strip().lower())


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in. ``public_id`` is all that the journal ever says of her."""

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = models.CharField(_("name"), max_length=80, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)  # BCP 47, the best first
    skills = models.JSONField(_("skills"), default=list, blank=True)  # short words of her own
    preferred_language = models.CharField(_("language of the pages"), max_length=35, blank=True)  # BCP 47
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("operator"), default=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="people_person_email_once_whatever_capitals"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(is_active=False, is_staff=False, is_superuser=False),
                name="people_person_erased_cannot_sign_in",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or str(self.public_id)[:8]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the row, the e-mail address in small letters."""
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        """The name she chose, for Django's admin."""
        return str(self)

    get_short_name = get_full_name


class Organisation(models.Model):
    """An association, company, public body or informal group."""

    class Kind(models.TextChoices):
        """What sort of organisation."""

        ASSOCIATION = "association", _("Association")
        COMPANY = "company", _("Company")
        PUBLIC_BODY = "public-body", _("Public body")
        MEDIA = "media", _("Media")
        SCHOOL = "school", _("School or university")
        GROUP = "group", _("Informal group")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("short name in addresses"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.ASSOCIATION)
    website = models.URLField(_("website"), blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)  # ISO 3166-1 alpha-2
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["association", "company", "public-body", "media", "school", "group"]),
                name="people_organisation_kind_known",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person belongs to an organisation. What she may do there comes from grants, not from here."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("what I do there"), max_length=80, blank=True)  # in her words: "nurse"
    public = models.BooleanField(_("show me on the organisation's page"), default=False)
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "organisation"], name="people_membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.organisation}"


def _one_scope() -> Q:
    return Q(cause_id__isnull=False, organisation__isnull=True) | Q(
        cause_id__isnull=True, organisation__isnull=False
    )


class Invitation(models.Model):
    """A link that makes whoever opens it part of a team. Only the hash of its token is stored."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256, hexadecimal
    role = models.CharField(_("role"), max_length=12, choices=Role, blank=True)  # blank: a member, no rights
    cause_id = models.UUIDField(null=True, blank=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )
    by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    uses_max = models.PositiveSmallIntegerField(default=1)
    uses = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["cause_id"], name="people_invitation_cause")]
        constraints = [
            models.CheckConstraint(condition=_one_scope(), name="people_invitation_one_scope"),
            models.CheckConstraint(
                condition=Q(role__in=Role.values) | Q(role="", organisation__isnull=False),
                name="people_invitation_role_known",
            ),
            models.CheckConstraint(
                condition=Q(uses_max__gte=1) & Q(uses__lte=F("uses_max")),
                name="people_invitation_uses_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} ({self.uses}/{self.uses_max})"


class Grant(models.Model):
    """A person has a role in one cause or one organisation, from ``given_at`` until ``ended_at``."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    cause_id = models.UUIDField(null=True, blank=True)  # Cause.public_id
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="grants"
    )
    given_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    given_at = models.DateTimeField(default=timezone.now, editable=False)
    invitation = models.ForeignKey(
        Invitation, on_delete=models.SET_NULL, null=True, blank=True, related_name="grants"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["given_at", "pk"]
        indexes = [models.Index(fields=["cause_id", "role"], name="people_grant_cause_role")]
        constraints = [
            models.CheckConstraint(condition=_one_scope(), name="people_grant_one_scope"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="people_grant_role_known"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("given_at")),
                name="people_grant_ends_after_it_began",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "cause_id"],
                condition=Q(ended_at__isnull=True, cause_id__isnull=False),
                name="people_grant_once_in_cause",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "organisation"],
                condition=Q(ended_at__isnull=True, organisation__isnull=False),
                name="people_grant_once_in_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"


class Consent(models.Model):
    """One "yes" or "no" to one purpose, at one time, to one wording. Rows are added, never changed."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose)
    text_version = models.CharField(max_length=20)  # of rules.CONSENT_TEXTS, "2026-11"
    given = models.BooleanField()  # False: withdrawn
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values), name="people_consent_purpose_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.given}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row. Raises TypeError for one that is already there."""
        if not self._state.adding:
            raise TypeError("Consents are only added: record a new one.")
        super().save(*args, **kwargs)
