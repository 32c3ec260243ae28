"""What waits, for whom, since when: reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from entraide.capability import DeskQueue, slot
from entraide.foundations.causes.models import Cause
from entraide.foundations.desk import rules
from entraide.foundations.desk.models import UNFINISHED, Answer, Skip, State, WorkItem
from entraide.foundations.people import queries as people
from entraide.foundations.people.rules import Role, rights_of
from entraide.refusal import Refusal

if TYPE_CHECKING:
    from entraide.foundations.people.models import Person

Places = dict[str, set[UUID]]  # queue name → public ids of causes
# Every place in line is later. Finished items have none; "later than" lets both databases begin after them.
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
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


def places_of_work(person: Any, *, queue: str | None = None) -> Places:
    """Queue name → public ids of the causes in which the person may be handed its items, in one query."""
    if not person.is_authenticated or not person.is_active:
        return {}
    causes_of: dict[str, set[UUID]] = {}
    for cause_id, role in people.grants_of(person).values_list("cause_id", "role"):
        if cause_id is None:
            continue
        for right in rights_of({Role(role)}):
            causes_of.setdefault(right, set()).add(cause_id)
    return {
        name: causes_of[card.right]
        for name, card in queues().items()
        if queue in (None, name) and card.right in causes_of
    }


def lines_of(
    person: Any, *, queue: str | None = None, cause: Any = None, places: Places | None = None
) -> list[tuple[str, int]]:
    """The lines a person may be handed items from: (queue name, primary key of a cause that is not closed).

    Args:
        queue: the name of one queue; None: all of hers.
        cause: a Cause; None: all of hers.
        places: what :func:`places_of_work` said, where it has been asked already.
    """
    places = places_of_work(person, queue=queue) if places is None else places
    hers = {public_id for causes in places.values() for public_id in causes}
    found = Cause.objects.filter(public_id__in=hers).exclude(state="closed")
    if cause is not None:
        found = found.filter(pk=cause.pk)
    open_causes = list(found.order_by("pk").values_list("pk", "public_id"))
    return [
        (name, pk) for name, causes in places.items() for pk, public_id in open_causes if public_id in causes
    ]


def line_for(person: Any, lines: Sequence[tuple[str, int]]) -> QuerySet[WorkItem]:
    """Items of these lines that may be handed to the person now; never what she skipped or answered.

    Args:
        lines: what :func:`lines_of` said.
    """
    by_queue: dict[str, list[int]] = {}
    for name, cause in lines:
        by_queue.setdefault(name, []).append(cause)
    if not by_queue:
        return WorkItem.objects.none()
    allowed = Q()
    for name, causes in by_queue.items():
        allowed |= Q(queue=name, cause__in=causes, due_at__gt=BEFORE_ALL)
    return WorkItem.objects.filter(
        allowed,
        rules.free(timezone.now()),
        ~Exists(Skip.objects.filter(item=OuterRef("pk"), person=person)),
        ~Exists(Answer.objects.filter(item=OuterRef("pk"), person=person, undone_at=None)),
    ).order_by("due_at", "pk")


def first_in_line(
    person: Any, lines: Sequence[tuple[str, int]], wish: Q, *, lock: bool = False
) -> WorkItem | None:
    """The item to hand out next: the first of a line is looked up where the index has it.

    Args:
        wish: what it must fit.
        lock: lock the row, passing by those others have locked (where the database locks rows).
    """
    # Which of the lines hold anything, and how early, in one look at the index: most lines are empty.
    heads = (
        WorkItem.objects.filter(
            queue__in={name for name, _cause in lines},
            cause__in={cause for _name, cause in lines},
            due_at__gt=BEFORE_ALL,
        )
        .order_by()
        .values_list("queue", "cause")
        .annotate(earliest=Min("due_at"))
        .order_by("earliest", "queue", "cause")
    )
    first: WorkItem | None = None
    for name, cause, earliest in heads:
        if (name, cause) not in lines:
            continue
        if first is not None and first.due_at is not None and first.due_at < earliest:
            break
        line = line_for(person, [(name, cause)]).filter(wish)
        if lock and connection.features.has_select_for_update_skip_locked:
            line = line.select_for_update(skip_locked=True, of=("self",))
        item = line.select_related("cause").first()
        if item is not None and (first is None or _place(item) < _place(first)):
            first = item
    return first


def _place(item: WorkItem) -> tuple[datetime, int]:
    assert item.due_at is not None
    return item.due_at, item.pk


def held_by(person: Any) -> QuerySet[WorkItem]:
    """Items in the person's hands whose lease still runs, newest first."""
    return (
        WorkItem.objects.filter(state=State.LEASED, holder=person, lease_until__gt=timezone.now())
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


def counts(person: Person, *, cause: Any = None, places: Places | None = None) -> list[Line]:
    """What waits for a person, queue by queue and cause by cause; empty lines are left out."""
    known = queues()
    rows = (
        line_for(person, lines_of(person, cause=cause, places=places))
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
    newest = Answer.objects.filter(person=person, seconds__isnull=False, undone_at=None).order_by("-pk")
    seconds = [value for value in newest.values_list("seconds", flat=True)[:MEDIAN_OF] if value is not None]
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


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One queue on the desk's left side, over all of the person's causes."""

    queue: DeskQueue
    waiting: int
    readable: int
    oldest_at: datetime | None
    languages: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Everything that waits for a person: by queue, and by cause where she works in several.

    ``topics`` are the live topics on which changes of these lines are announced.
    """

    lines: list[Line]
    rows: list[QueueRow]
    causes: list[tuple[Cause, int]]
    topics: list[str]

    @property
    def waiting(self) -> int:
        """All she may be handed."""
        return sum(row.waiting for row in self.rows)


def overview(person: Any) -> Overview:
    """What the desk's left side shows, empty queues included."""
    places = places_of_work(person)
    lines = counts(person, places=places)
    rows = [
        _row(queue, [line for line in lines if line.queue == queue])
        for queue in queues().values()
        if queue.name in places
    ]
    hers = {public_id for public_ids in places.values() for public_id in public_ids}
    by_cause: dict[int, int] = {}
    for line in lines:
        by_cause[line.cause_id] = by_cause.get(line.cause_id, 0) + line.waiting
    concerned = (
        Cause.objects.filter(pk__in=by_cause).prefetch_related("texts").order_by("pk")
        if len(by_cause) > 1
        else []
    )
    return Overview(
        lines=lines,
        rows=rows,
        causes=[(cause, by_cause[cause.pk]) for cause in concerned],
        topics=sorted(f"desk:{public_id}" for public_id in hers),
    )


def _row(queue: DeskQueue, lines: Sequence[Line]) -> QueueRow:
    return QueueRow(
        queue=queue,
        waiting=sum(line.waiting for line in lines),
        readable=sum(line.readable for line in lines),
        oldest_at=min((line.oldest_at for line in lines if line.oldest_at), default=None),
        languages=_by_language(lines),
    )


def _by_language(lines: Sequence[Line]) -> dict[str, int]:
    """Language → how many wait in it, most first; what is in no known language is left out."""
    total: dict[str, int] = {}
    for line in lines:
        for language, waiting in line.languages.items():
            if language not in rules.UNKNOWN_LANGUAGES:
                total[language] = total.get(language, 0) + waiting
    return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What an empty-handed person could do next.

    Attributes:
        readable: items she would be handed.
        other_languages: language → items that wait in languages she did not say she reads.
        skipped: items she left to others that still wait.
    """

    readable: int
    other_languages: dict[str, int]
    skipped: int


def waiting(
    person: Any, lines: Sequence[Line], *, queue: DeskQueue | None, cause: Cause | None, language: str
) -> Waiting:
    """What waits for an empty-handed person within her wish (see ``views.Wish``).

    Args:
        lines: everything that waits for her.
    """
    lines = [
        line for line in lines if queue in (None, line.queue) and (cause is None or line.cause_id == cause.pk)
    ]
    by_language = _by_language(lines)
    readable = sum(line.readable for line in lines)
    if language:
        readable = by_language.get(language, 0)
    elif lines and not readable:
        # What nobody has read for too long is offered to her all the same.
        others = line_for(person, lines_of(person, queue=queue.name if queue else None, cause=cause))
        readable = others.filter(created_at__lte=timezone.now() - rules.LANGUAGE_PATIENCE).count()
    unread = {
        code: waiting for code, waiting in by_language.items() if not rules.reads(person.languages, code)
    }
    unread.pop(language, None)
    return Waiting(readable=readable, other_languages=unread, skipped=skipped_count(person))


def seconds_left(item: WorkItem) -> int:
    """Whole seconds until an item's lease ends; 0 where none runs."""
    if item.lease_until is None:
        return 0
    return max(0, int((item.lease_until - timezone.now()).total_seconds()))
