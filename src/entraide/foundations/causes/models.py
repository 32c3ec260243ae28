"""Tables of the causes room: the cause, its texts in each language, its goals in any unit."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy


class State(models.TextChoices):
    """Where a cause stands. A draft is seen by its stewards alone."""

    DRAFT = "draft", pgettext_lazy("cause", "Draft")
    OPEN = "open", pgettext_lazy("cause", "Open")
    CLOSED = "closed", pgettext_lazy("cause", "Closed")


class Cause(models.Model):
    """What people rally around. Everything a person gives is a contribution to one.

    ``public_id`` is the name the journal knows it by. The area is a box in degrees; ``west`` may be
    greater than ``east``: such a box crosses the 180th meridian (Fiji does).
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    original_language = models.CharField(max_length=35, default="en")  # BCP 47
    languages = models.JSONField(default=list, blank=True)  # BCP 47 codes spoken by those concerned
    countries = models.JSONField(default=list, blank=True)  # ISO 3166-1 alpha-2
    sdgs = models.JSONField(default=list, blank=True)  # 1..17
    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    organisation = models.ForeignKey(
        "people.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [models.Index(fields=["state", "-opened_at", "-id"], name="causes_cause_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="causes_cause_state_known"),
            # "new" is the address of the form that makes one.
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$") & ~Q(slug="new"),
                name="causes_cause_slug_plain",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", opened_at__isnull=True, closed_at__isnull=True)
                | Q(state="open", opened_at__isnull=False, closed_at__isnull=True)
                | Q(
                    state="closed",
                    opened_at__isnull=False,
                    closed_at__isnull=False,
                    closed_at__gte=F("opened_at"),
                ),
                name="causes_cause_state_has_its_dates",
            ),
            models.CheckConstraint(
                # A comparison with nothing is neither true nor false and would pass, hence "not null".
                condition=Q(west__isnull=True, south__isnull=True, east__isnull=True, north__isnull=True)
                | Q(west__isnull=False, south__isnull=False, east__isnull=False, north__isnull=False)
                & Q(
                    west__gte=-180,
                    west__lte=180,
                    east__gte=-180,
                    east__lte=180,
                    south__gte=-90,
                    north__lte=90,
                    south__lt=F("north"),
                )
                & ~Q(west=F("east")),
                name="causes_cause_area_whole_or_none",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def text_for(self, language: str | None) -> CauseText:
        """The text to show to a reader of ``language`` (BCP 47): hers, its parent's, or the original.

        Reads ``texts``, so prefetch them where several causes are shown. A cause without any text (it
        has just been made) gives an unsaved one whose title is the slug.
        """
        texts = {text.language: text for text in self.texts.all()}
        wanted = language or ""
        for code in (wanted, wanted.split("-")[0], self.original_language):
            if code in texts:
                return texts[code]
        for text in texts.values():
            return text
        return CauseText(cause=self, language=self.original_language, title=self.slug)

    @property
    def text(self) -> CauseText:
        """The text in the reader's language."""
        return self.text_for(get_language())

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return self.text.title

    @property
    def summary(self) -> str:
        """The summary in the reader's language."""
        return self.text.summary

    @property
    def area(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees, or None where the cause has no place."""
        if self.west is None or self.south is None or self.east is None or self.north is None:
            return None
        return (self.west, self.south, self.east, self.north)


class CauseText(models.Model):
    """What a cause says of itself in one language."""

    cause = models.ForeignKey(Cause, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=35)  # BCP 47
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=400, blank=True)
    body = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cause", "language"], name="causes_text_once_a_language"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(language=""), name="causes_text_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title


class Goal(models.Model):
    """How much of one unit a cause hopes for. Progress is never stored: the journal says it.

    ``kinds`` narrows the goal to some kinds of contribution; empty: every kind counted in ``unit``.
    """

    cause = models.ForeignKey(Cause, on_delete=models.CASCADE, related_name="goals")
    label = models.JSONField(default=dict)  # {"en": "Reports read", "fr": "Signalements lus"}
    unit = models.CharField(max_length=40)  # as in the journal: "report", "hour", "eur-cent"
    target = models.PositiveBigIntegerField()
    kinds = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(target__gt=0), name="causes_goal_target_positive"),
            models.CheckConstraint(condition=~Q(unit=""), name="causes_goal_has_a_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.cause_id}: {self.target} {self.unit}"
