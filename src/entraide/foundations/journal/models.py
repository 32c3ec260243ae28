"""Tables of the journal.

:class:`Entry` and :class:`Checkpoint` are append-only: triggers (migration 0002) refuse UPDATE, DELETE and
TRUNCATE, and refuse an INSERT that does not follow the last entry. They hold no foreign key and nothing
about a person but opaque ids, because what is hashed can never be erased. What may have to be erased
stands in :class:`Particular`.
"""

from __future__ import annotations

from typing import Any

from django.db import models

HASH_LENGTH = 64  # SHA-256, lower-case hexadecimal
FIRST_PREVIOUS_HASH = "0" * HASH_LENGTH  # what the first entry follows


class Entry(models.Model):
    """One contribution, as it was recorded.

    ``body`` holds the hashed bytes themselves (canonical JSON, see :mod:`.rules`); the other columns repeat
    what is in it so that the database can sort and add up. ``entraide journal verify`` compares them.
    """

    sequence = models.BigIntegerField(primary_key=True, editable=False)  # 1, 2, 3 … without a gap
    kind = models.CharField(max_length=60)
    cause = models.CharField(max_length=36, blank=True)  # Cause.public_id, or "" where no cause is concerned
    quantity = models.BigIntegerField()  # in units; negative only where a correction takes something back
    unit = models.CharField(max_length=30)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=64, blank=True)  # Person.public_id, or "" for nobody named
    subject = models.CharField(max_length=100, blank=True)  # opaque: "report:ab23cd45ef"
    evidence_hash = models.CharField(max_length=HASH_LENGTH, blank=True)
    evidence_ref = models.CharField(max_length=200, blank=True)  # opaque
    attested_by = models.CharField(max_length=64, blank=True)  # opaque id of who vouches for it
    corrects = models.BigIntegerField(null=True, blank=True)  # sequence of the entry this one corrects
    public = models.BooleanField()  # False: sealed, exported as a hash alone
    body = models.TextField()
    body_hash = models.CharField(max_length=HASH_LENGTH)
    previous_hash = models.CharField(max_length=HASH_LENGTH)
    hash = models.CharField(max_length=HASH_LENGTH)

    class Meta:
        ordering = ["sequence"]
        verbose_name_plural = "entries"
        indexes = [
            # Covers the totals, so that adding up never reads a body.
            models.Index(fields=["public", "cause", "kind", "unit", "quantity"], name="journal_entry_totals"),
            models.Index(fields=["cause", "-sequence"], name="journal_entry_cause"),
            models.Index(fields=["kind", "-sequence"], name="journal_entry_kind"),
            models.Index(fields=["subject", "sequence"], name="journal_entry_subject"),
            models.Index(fields=["actor", "sequence"], name="journal_entry_actor"),
            models.Index(
                fields=["corrects"], condition=models.Q(corrects__isnull=False), name="journal_entry_corrects"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(sequence__gte=1), name="journal_entry_counts_from_one"),
            models.CheckConstraint(
                condition=models.Q(corrects__isnull=True) | models.Q(corrects__lt=models.F("sequence")),
                name="journal_entry_corrects_the_past",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=0) | models.Q(corrects__isnull=False),
                name="journal_entry_only_corrections_take_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind}"


class Particular(models.Model):
    """What belongs to an entry but may have to be erased: personal data, places, words. Never hashed."""

    sequence = models.BigIntegerField(primary_key=True, editable=False)  # of the entry
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()

    class Meta:
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"particulars of {self.sequence}"


class Checkpoint(models.Model):
    """Our signature (Ed25519) under the journal as it stood at ``sequence``."""

    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH)
    signed_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)  # the first 8 bytes of the public key's SHA-256, hexadecimal
    public_key = models.CharField(max_length=64)  # 32 bytes, hexadecimal; kept, for keys are renewed
    signature = models.CharField(max_length=128)  # 64 bytes, hexadecimal

    class Meta:
        ordering = ["sequence", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sequence", "key_id"], name="journal_checkpoint_once_per_key")
        ]

    def __str__(self) -> str:
        return f"checkpoint at {self.sequence}"
