"""What waits, for whom, since when: reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from entraide.capability import DeskQueue, slot
from entraide.foundations.desk import rules
from entraide.foundations.desk.models import UNFINISHED, Answer, Skip, State, WorkItem
from entraide.foundations.people import queries as people
from entraide.refusal import Refusal

if TYPE_CHECKING:
    from entraide.foundations.people.models import Person

MEDIAN_OF = 200  # a person's newest answers; older ones tell of another day


def queues() -> dict[str, DeskQueue]:
    """Every card's desk queues by name, in their order."""
    return {queue.name: queue for queue in slot("queues")}


def queue_of(item: WorkItem) -> DeskQueue:
    """The queue an item stands in. Raises Refusal (410) where its room has been switched off."""
    queue = queues().get(item.queue)
    if queue is None:
        raise Refusal(_("This kind of work is not done here any more."), status=410, code="no-such-queue")
    return queue


def places_of_work(person: Any, *, queue: str | None = None) -> dict[str, set[UUID]]:
    """Queue name → public ids of the causes in which the person may be handed its items."""
    by_right: dict[str, set[UUID]] = {}
    found: dict[str, set[UUID]] = {}
    for name, card in queues().items():
        if queue not in (None, name):
            continue
        if card.right not in by_right:
            by_right[card.right] = people.causes_with(person, card.right)
        if by_right[card.right]:
            found[name] = by_right[card.right]
    return found


def line_for(
    person: Any, *, queue: str | None = None, cause: Any = None, now: datetime | None = None
) -> QuerySet[WorkItem]:
    """Items that may be handed to the person now, in the order of the line.

    Only where she has the queue's right, in causes that are not closed; never what she skipped or
    answered.

    Args:
        queue: the name of one queue; None: all of hers.
        cause: a Cause; None: all of hers.
        now: the moment to ask for; default: now.
    """
    allowed = Q(pk__in=[])
    for name, causes in places_of_work(person, queue=queue).items():
        allowed |= Q(queue=name, cause__public_id__in=causes)
    if allowed == Q(pk__in=[]):
        return WorkItem.objects.none()
    line = WorkItem.objects.filter(rules.free(now or timezone.now()), allowed).exclude(cause__state="closed")
    if cause is not None:
        line = line.filter(cause=cause)
    return line.filter(
        ~Exists(Skip.objects.filter(item=OuterRef("pk"), person=person)),
        ~Exists(Answer.objects.filter(item=OuterRef("pk"), person=person, undone_at=None)),
    ).order_by("due_at", "pk")


def held_by(person: Any, *, now: datetime | None = None) -> QuerySet[WorkItem]:
    """Items in the person's hands whose lease still runs, newest first."""
    return (
        WorkItem.objects.filter(state=State.LEASED, holder=person, lease_until__gt=now or timezone.now())
        .select_related("cause")
        .order_by("-leased_at", "-pk")
    )


def item_for(person: Any, pk: int) -> WorkItem:
    """An item of the desk, for somebody who may work in its queue.

    Raises:
        Refusal: 404 where there is none or the person may not know of it.
    """
    item = WorkItem.objects.select_related("cause", "holder").filter(pk=pk).first()
    if item is None or item.cause.public_id not in places_of_work(person, queue=item.queue).get(
        item.queue, set()
    ):
        raise Refusal(_("There is no such item."), status=404, code="no-item")
    return item


@dataclass(frozen=True, kw_only=True)
class Line:
    """What waits in one queue of one cause, for one person.

    Attributes:
        queue: the card's queue.
        cause_id: the cause's primary key.
        waiting: all she may be handed.
        readable: of those, the ones in her languages (or in no language in particular).
        oldest_at: since when the oldest has waited; None where nothing waits.
        languages: language → how many wait in it, most first.
    """

    queue: DeskQueue
    cause_id: int
    waiting: int
    readable: int
    oldest_at: datetime | None
    languages: dict[str, int] = field(default_factory=dict)


def counts(person: Person, *, cause: Any = None) -> list[Line]:
    """What waits for a person, queue by queue and cause by cause; empty lines are left out."""
    known = queues()
    rows = (
        line_for(person, cause=cause)
        .order_by()
        .values("queue", "cause_id", "language")
        .annotate(waiting=Count("pk"), oldest=Min("created_at"))
        .order_by("cause_id", "queue", "-waiting", "language")
    )
    grouped: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault((row["queue"], row["cause_id"]), []).append(row)
    lines = [
        Line(
            queue=known[name],
            cause_id=cause_id,
            waiting=sum(row["waiting"] for row in group),
            readable=sum(row["waiting"] for row in group if rules.reads(person.languages, row["language"])),
            oldest_at=min(row["oldest"] for row in group),
            languages={row["language"]: row["waiting"] for row in group},
        )
        for (name, cause_id), group in grouped.items()
    ]
    return sorted(lines, key=lambda line: (line.queue.order, line.queue.name, line.cause_id))


def skipped_count(person: Any) -> int:
    """How many unfinished items the person has left to others."""
    return Skip.objects.filter(person=person, item__state__in=UNFINISHED).count()


def newest_answer(person: Any) -> Answer | None:
    """The answer the person may still undo, or None."""
    since = timezone.now() - rules.UNDO_WITHIN
    newest = Answer.objects.filter(person=person).select_related("item").order_by("-pk").first()
    return newest if newest and newest.undone_at is None and newest.at >= since else None


def median_seconds(person: Any) -> int | None:
    """Half of the person's newest answers took no longer than this many seconds; None before the first."""
    seconds: Sequence[int] = (
        Answer.objects.filter(person=person, seconds__isnull=False, undone_at=None)
        .order_by("-pk")
        .values_list("seconds", flat=True)[:MEDIAN_OF]
    )
    return round(median(seconds)) if seconds else None


@dataclass(frozen=True, kw_only=True)
class Day:
    """What a person did at the desk in the last twelve hours: answers, and minutes of measured work."""

    answers: int
    minutes: int


def day(person: Any) -> Day:
    """The person's work of the last twelve hours (a night shift is one day)."""
    since = timezone.now() - timedelta(hours=12)
    seconds = list(
        Answer.objects.filter(person=person, at__gte=since, undone_at=None)
        .order_by()
        .values_list("seconds", flat=True)
    )
    return Day(answers=len(seconds), minutes=sum(value or 0 for value in seconds) // 60)
