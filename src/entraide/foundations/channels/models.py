"""Tables of the channels room.

What people write and how they are reached is sealed (``rules.seal``) with a key kept outside the database;
a contact is found again by a keyed hash. So a stolen dump tells neither numbers nor words.
The raw requests themselves are in the inbox file (``inbox``), not here.
"""

from __future__ import annotations

import secrets
import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

DOOR_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


def new_token() -> str:
    """A door's public name: 24 random letters (about 117 bits) that no one confuses."""
    return "".join(secrets.choice(DOOR_ALPHABET) for _ in range(24))


class Door(models.Model):
    """One way in (and sometimes out) of a cause: a telephone, a mail address, a form, a program."""

    class Kind(models.TextChoices):
        """What speaks at the door."""

        SMSSYNC = "smssync", _("A telephone with the SMSSync app")
        WEBHOOK = "webhook", _("A program that signs its calls")
        MAIL = "mail", _("An e-mail address")
        WEB = "web", _("The form on this site")
        IMPORT = "import", _("Files imported by a steward")

    class State(models.TextChoices):
        """A frozen door refuses for the time being; what it took stays."""

        OPEN = "open", _("Open")
        FROZEN = "frozen", _("Frozen")

    cause = models.ForeignKey("causes.Cause", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    token = models.CharField(max_length=40, unique=True, default=new_token)
    label = models.CharField(max_length=120)
    sealed_secret = models.BinaryField(default=bytes)  # empty: the door asks no secret
    settings = models.JSONField(default=dict, blank=True)  # country, fields, message_results, address
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    created_by = models.ForeignKey("people.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_heard_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["smssync", "webhook", "mail", "web", "import"]),
                name="channels_door_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "frozen"]), name="channels_door_state_known"
            ),
            # The site's form and the imports need one door a cause; telephones and addresses may be many.
            models.UniqueConstraint(
                fields=["cause", "kind"],
                condition=models.Q(kind__in=["web", "import"]),
                name="channels_door_one_form_a_cause",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Contact(models.Model):
    """Somebody reachable: found by a keyed hash, opened only with the key outside the database."""

    class Way(models.TextChoices):
        """How the contact is reached."""

        SMS = "sms", _("Telephone")
        MAIL = "mail", _("E-mail")
        OTHER = "other", _("A name only its door knows")

    channel = models.CharField(max_length=10, choices=Way)
    digest = models.CharField(max_length=64)  # hexadecimal HMAC-SHA256 of the normalised value
    sealed = models.BinaryField(default=bytes)  # empty once wiped
    language = models.CharField(max_length=35, blank=True)  # BCP 47, last one we were sure of
    wiped_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "digest"], name="channels_contact_once"),
        ]

    def __str__(self) -> str:
        return f"contact {self.pk}"


class OptOut(models.Model):
    """A contact who said STOP to one cause. To one only: who runs a door elsewhere could write STOP in
    anybody's name, and must not silence what others tell her."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="opt_outs")
    cause = models.ForeignKey("causes.Cause", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["contact", "cause"], name="channels_opt_out_once_a_cause"),
        ]

    def __str__(self) -> str:
        return f"opt-out {self.pk}"


class Message(models.Model):
    """One message taken in from the inbox, or imported. Sealed; never edited, only wiped."""

    class SetAside(models.TextChoices):
        """Why a message was kept but handed to no capability."""

        TEST = "test", _("A test of the telephone")
        COMMAND = "command", _("A command such as STOP")
        AUTOMATIC = "automatic", _("An automatic answer or a bounced mail")

    inbox_id = models.BigIntegerField(unique=True, null=True)  # null: imported, not received
    door = models.ForeignKey(Door, on_delete=models.PROTECT, related_name="messages")
    cause = models.ForeignKey("causes.Cause", on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, null=True, related_name="messages")
    channel = models.CharField(max_length=10)  # sms, mail, web, webhook, import
    key = models.CharField(max_length=64)  # what makes a repeat a repeat, hashed; unique at the door
    sealed_text = models.BinaryField(default=bytes)
    sealed_subject = models.BinaryField(default=bytes)
    sealed_fields = models.BinaryField(default=bytes)  # the rest of what was said, as sealed JSON
    language = models.CharField(max_length=35, default="und")
    language_sure = models.BooleanField(default=False)
    language_choices = models.JSONField(default=list)  # [["ht", 0.7], ["fr", 0.3]]
    set_aside = models.CharField(max_length=10, choices=SetAside, blank=True)
    sent_at = models.DateTimeField(null=True)  # as the sender's machine says
    received_at = models.DateTimeField()
    wiped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["cause", "-received_at"], name="channels_message_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["door", "key"], name="channels_message_once"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def is_test(self) -> bool:
        """True for the telephone app's own test call."""
        return self.set_aside == self.SetAside.TEST


class Outgoing(models.Model):
    """One message on its way to a contact, and how far it got."""

    class State(models.TextChoices):
        """How far. ``UNKNOWN``: handed to a telephone that never reports back."""

        QUEUED = "queued", _("Waiting")
        HANDED = "handed", _("Handed to the telephone")
        UNKNOWN = "unknown", _("Handed over; the telephone does not report back")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="outgoing")
    door = models.ForeignKey(Door, on_delete=models.PROTECT, null=True, related_name="outgoing")
    cause = models.ForeignKey("causes.Cause", on_delete=models.PROTECT, related_name="+")
    sealed_text = models.BinaryField(default=bytes)
    sealed_subject = models.BinaryField(default=bytes)  # mail only
    language = models.CharField(max_length=35, blank=True)
    about = models.CharField(max_length=80, blank=True)  # opaque subject: "report:ab23…"
    in_reply_to = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="answers"
    )
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    handed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="channels_outgoing_due"),
            models.Index(fields=["door", "state"], name="channels_outgoing_of_door"),
            models.Index(fields=["cause", "-created_at"], name="channels_outgoing_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "handed", "unknown", "sent", "delivered", "failed"]),
                name="channels_outgoing_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"outgoing {self.uuid}"


class Stuck(models.Model):
    """A row of the inbox that could not be taken in. It is kept, tried again, and holds up no other."""

    inbox_id = models.BigIntegerField(unique=True)
    door = models.ForeignKey(Door, on_delete=models.SET_NULL, null=True, related_name="+")
    error = models.TextField()  # the exception's type and place; never the message's words
    attempts = models.PositiveSmallIntegerField(default=1)
    first_at = models.DateTimeField(auto_now_add=True)
    next_attempt_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"stuck {self.inbox_id}"


class IntakePosition(models.Model):
    """How far the inbox has been taken in; moved in the same transaction as the messages it stands for."""

    position = models.BigIntegerField(default=0)  # greatest inbox id taken in

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="channels_intake_position_only_one"),
        ]

    def __str__(self) -> str:
        return str(self.position)


class LiveEvent(models.Model):
    """Something changed, for the pages that listen. Short-lived: readers who missed it reload."""

    topic = models.CharField(max_length=120)
    data = models.TextField()  # JSON
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.topic} {self.pk}"
