"""Tables of the desk: items in line, who answered them how, who left them to others."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Where an item stands. A lease that ran out needs nobody to end it: it counts as waiting."""

    WAITING = "waiting", pgettext_lazy("item", "Waiting")
    LEASED = "leased", pgettext_lazy("item", "In somebody's hands")
    DONE = "done", pgettext_lazy("item", "Done")
    WITHDRAWN = "withdrawn", pgettext_lazy("item", "Withdrawn")


UNFINISHED = [State.WAITING, State.LEASED]


class WorkItem(models.Model):
    """One thing to do for one of many hands.

    ``subject`` is the room's own opaque name of what the item is about (``"message:81"``); the desk
    never reads it. The journal knows the item by ``public_id`` alone, so that an entry tells nothing
    about a subject the public may not know. ``due_at`` is the item's place in line
    (``rules.due_at``), empty once it is finished: so the line of a queue in a cause is one range of one
    index, however much was finished before.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    queue = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    cause = models.ForeignKey("causes.Cause", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=35, blank=True)  # BCP 47; empty: any reader will do
    priority = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    holder = models.ForeignKey(
        "people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    leased_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    answers_needed = models.PositiveSmallIntegerField(default=1)
    disputed = models.BooleanField(default=False)  # two looks disagreed; a third person decides
    not_before = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            # Not a partial index: SQLite uses one only where the query spells its condition out, and
            # Django binds values. The columns behind the place in line let a count read no row.
            models.Index(
                fields=["queue", "cause", "due_at", "id", "language", "state", "lease_until", "not_before"],
                name="desk_item_in_line",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "subject"],
                condition=Q(state__in=["waiting", "leased"]),
                name="desk_item_once_in_line",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="desk_item_state_known"),
            models.CheckConstraint(
                condition=Q(
                    state="leased",
                    holder__isnull=False,
                    leased_at__isnull=False,
                    lease_until__gt=F("leased_at"),
                )
                | Q(holder__isnull=True, leased_at__isnull=True, lease_until__isnull=True)
                & ~Q(state="leased"),
                name="desk_item_leased_to_somebody_for_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "leased"], finished_at__isnull=True, due_at__isnull=False)
                | Q(state__in=["done", "withdrawn"], finished_at__isnull=False, due_at__isnull=True),
                name="desk_item_in_line_or_finished",
            ),
            models.CheckConstraint(condition=Q(answers_needed__gte=1), name="desk_item_needs_an_answer"),
        ]

    def __str__(self) -> str:
        return f"{self.queue} {self.subject}"


class Answer(models.Model):
    """What one person decided about one item, and in how many seconds.

    ``decision`` is what the room's queue returned and gets back on undo. ``seconds`` runs from lease to
    answer by the server's clock; none where the lease had run out, since nobody knows how much of
    that was work.
    """

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="answers")
    # The index below begins with the person.
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    decision = models.JSONField(default=dict)
    seconds = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    entry = models.BigIntegerField(null=True, blank=True)  # number of the journal entry that counts it

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["person", "-id"], name="desk_answer_of_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "person"],
                condition=Q(undone_at__isnull=True),
                name="desk_answer_once_a_person",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(undone_at__gte=F("at")),
                name="desk_answer_undone_after_given",
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk} to item {self.item_id}"


class Skip(models.Model):
    """Somebody left an item to others; the desk does not hand it to her again."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="skips")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["item", "person"], name="desk_skip_once_a_person")]

    def __str__(self) -> str:
        return f"item {self.item_id} skipped by {self.person_id}"
