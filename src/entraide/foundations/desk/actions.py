"""Every write of the desk: one verb, one function, one transaction.

Two people can never hold one item. On PostgreSQL the row is locked while it is handed out
(``SKIP LOCKED``: nobody waits for another's row); on SQLite every transaction begins immediate, so
there is one writer at a time; and on both the row is taken by an update that names the state it must
still be in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from entraide.foundations.desk import contributions, queries, rules
from entraide.foundations.desk.models import UNFINISHED, Answer, Skip, State, WorkItem
from entraide.foundations.journal import actions as journal
from entraide.foundations.people import queries as people
from entraide.refusal import Refusal

if TYPE_CHECKING:
    from entraide.foundations.people.models import Person

IN_LINE: dict[str, Any] = {
    "state": State.WAITING,
    "holder": None,
    "leased_at": None,
    "lease_until": None,
    "finished_at": None,
}


def _finished(state: State, now: datetime) -> dict[str, Any]:
    return {**IN_LINE, "state": state, "finished_at": now, "due_at": None}


def _announce(cause: Any, queue: str) -> None:
    """Tell open desks that a line changed. The setting names channels' ``announce``, which is no room of ours
    to import."""
    if announce := getattr(settings, "LIVE_ANNOUNCE", ""):
        import_string(announce)(f"desk:{cause.public_id}", {"queue": queue})


def _locked(items: QuerySet[WorkItem]) -> QuerySet[WorkItem]:
    """The same rows, each locked until the transaction ends (SQLite has locked everything already)."""
    if connection.features.has_select_for_update_of:
        return items.select_for_update(of=("self",))
    return items


def _mine(item: WorkItem, person: Person) -> WorkItem:
    """The item as it stands now, locked. Raises Refusal where it is not in the person's hands."""
    fresh = _locked(WorkItem.objects.select_related("cause")).get(pk=item.pk)
    if fresh.state in (State.DONE, State.WITHDRAWN):
        raise Refusal(
            _("Somebody else settled this in the meantime. Thank you all the same."),
            status=410,
            code="item-settled",
        )
    if fresh.state != State.LEASED or fresh.holder_id != person.pk:
        raise Refusal(_("This item is not in your hands any more."), status=409, code="not-yours")
    return fresh


@dataclass(frozen=True, kw_only=True)
class Put:
    """Something to do.

    Attributes:
        subject: the room's opaque name of what it is about, at most 120 characters.
        language: BCP 47 of what must be read; empty where any reader will do.
        priority: points, each worth an hour of waiting. Putting again with more points moves the item
            forward, never back.
    """

    subject: str
    language: str = ""
    priority: int = 0


def put(
    *,
    queue: str,
    subject: str,
    cause: Any,
    language: str = "",
    priority: int = 0,
    answers_needed: int | None = None,
    not_before: datetime | None = None,
) -> WorkItem:
    """Put one thing to do in line; see :class:`Put` and :func:`put_many`."""
    one = Put(subject=subject, language=language, priority=priority)
    return put_many(
        queue=queue, cause=cause, items=[one], answers_needed=answers_needed, not_before=not_before
    )[0]


@transaction.atomic
def put_many(
    *,
    queue: str,
    cause: Any,
    items: Sequence[Put],
    answers_needed: int | None = None,
    not_before: datetime | None = None,
) -> list[WorkItem]:
    """Put things to do in line; where one stands there already, that one. Open desks are told once.

    Args:
        queue: the name of a desk queue on a card.
        cause: the Cause.
        answers_needed: how many different people must answer; default: two where the queue asks for a
            second look, otherwise one.
        not_before: hand them out from then on.

    Returns:
        The item of each, in the order given.

    Raises:
        KeyError: where no card has such a queue.
    """
    card = queries.queues()[queue]
    wanted = {one.subject for one in items}
    standing = WorkItem.objects.filter(queue=queue, subject__in=wanted, state__in=UNFINISHED).order_by("pk")
    there = {item.subject: item for item in _locked(standing)}
    now = timezone.now()
    new = {
        one.subject: WorkItem(
            queue=queue,
            subject=one.subject,
            cause=cause,
            language=one.language,
            priority=one.priority,
            due_at=rules.due_at(now, one.priority),
            created_at=now,
            answers_needed=answers_needed or (2 if card.second_look else 1),
            not_before=not_before,
        )
        for one in items
        if one.subject not in there
    }
    changed = bool(new)
    try:
        with transaction.atomic():
            WorkItem.objects.bulk_create(new.values())
        there |= new
    except IntegrityError:  # another worker put one of them between our look and our insert
        for subject, item in new.items():
            there[subject] = _put_or_find(item)
    for one in items:
        changed = _forward(there[one.subject], one) or changed
    if changed:
        _announce(cause, queue)
    return [there[one.subject] for one in items]


def _put_or_find(item: WorkItem) -> WorkItem:
    """Save the item, or give the one that stands in line in its place."""
    item.pk = None
    try:
        with transaction.atomic():
            item.save(force_insert=True)
        return item
    except IntegrityError:
        standing = WorkItem.objects.filter(queue=item.queue, subject=item.subject, state__in=UNFINISHED)
        return _locked(standing).get()


def _forward(item: WorkItem, one: Put) -> bool:
    """Move an item that stands in line forward, never back. True where that changed it."""
    if one.priority <= item.priority and (item.language or not one.language):
        return False
    item.priority = max(one.priority, item.priority)
    due_at = rules.due_at(item.created_at, item.priority)
    item.due_at = min(item.due_at or due_at, due_at)
    item.language = item.language or one.language
    item.save(update_fields=["priority", "due_at", "language"])
    return True


@transaction.atomic
def withdraw(*, queue: str, subject: str) -> int:
    """Take an unfinished item out of the line: it needs no answer any more. Returns how many (0 or 1)."""
    items = WorkItem.objects.filter(queue=queue, subject=subject, state__in=UNFINISHED)
    item = _locked(items.select_related("cause")).first()
    if item is None:
        return 0
    WorkItem.objects.filter(pk=item.pk).update(**_finished(State.WITHDRAWN, timezone.now()))
    _announce(item.cause, queue)
    return 1


def next_item(
    *,
    person: Person,
    queue: str | None = None,
    cause: Any = None,
    language: str | None = None,
    others_languages: bool = True,
) -> WorkItem | None:
    """Hand the person the next item, hers alone until its lease ends; None where nothing waits for her.

    What she already holds there comes first. Then the line: her languages first, urgent and old before
    new; never what she skipped or answered.

    Args:
        person: who asks. Without the queue's right in a cause she gets nothing from it.
        queue: the name of one queue; None: any of hers.
        cause: a Cause; None: any of hers.
        language: BCP 47; only items in this language, whatever she says she reads.
        others_languages: after her own languages, hand out items in others too. Where False, only those
            that have waited longer than ``rules.LANGUAGE_PATIENCE``: somebody must look at them.
    """
    held = queries.held_by(person)
    if queue is not None:
        held = held.filter(queue=queue)
    if cause is not None:
        held = held.filter(cause=cause)
    if language is not None:
        held = held.filter(language=language)
    if (mine := held.first()) is not None:
        return mine
    lines = queries.lines_of(person, queue=queue, cause=cause)
    if language is not None:
        wishes = [Q(language=language)]
    elif not person.languages:
        wishes = [Q()]
    elif others_languages:
        wishes = [rules.readable(person.languages), Q()]
    else:
        wishes = [
            rules.readable(person.languages),
            Q(created_at__lte=timezone.now() - rules.LANGUAGE_PATIENCE),
        ]
    for wish in wishes:
        # Looked up before the write lock is taken, which an empty desk never needs.
        first = queries.first_in_line(person, lines, wish)
        if first is None:
            continue
        with transaction.atomic():
            taken = first if _lease(first, person) else _take(lines, wish, person)
        if taken is not None:
            return taken
    return None


def _take(lines: Sequence[tuple[str, int]], wish: Q, person: Person) -> WorkItem | None:
    """Lease the first in line that fits the wish to the person."""
    while (item := queries.first_in_line(person, lines, wish, lock=True)) is not None:
        if _lease(item, person):
            return item
    return None


def _lease(item: WorkItem, person: Person) -> bool:
    """Make the item the person's if it is still free."""
    now = timezone.now()
    item.state, item.holder, item.leased_at = State.LEASED, person, now
    item.lease_until = now + timedelta(seconds=queries.queue_of(item).lease_seconds)
    taken = WorkItem.objects.filter(rules.free(now), pk=item.pk).update(
        state=State.LEASED, holder=person, leased_at=now, lease_until=item.lease_until
    )
    if taken:
        _announce(item.cause, item.queue)
    return bool(taken)


@transaction.atomic
def take(*, item: WorkItem, person: Person) -> WorkItem | None:
    """Lease one certain item to the person (one she wants back, say); None where somebody was faster.

    Raises:
        Refusal: 403 where she has not the queue's right in its cause.
    """
    people.demand(person, queries.queue_of(item).right, cause_id=item.cause.public_id)
    mine = queries.held_by(person).filter(pk=item.pk).first()
    return mine or _take(queries.lines_of(person, queue=item.queue), Q(pk=item.pk), person)


@transaction.atomic
def extend(*, item: WorkItem, person: Person) -> WorkItem:
    """Keep an item for another lease, counted from now.

    Raises:
        Refusal: 409 where it is not hers any more, or she has held it for ``rules.HOLD_AT_MOST``.
    """
    fresh = _mine(item, person)
    assert fresh.leased_at is not None
    until = timezone.now() + timedelta(seconds=queries.queue_of(fresh).lease_seconds)
    if until > fresh.leased_at + rules.HOLD_AT_MOST:
        raise Refusal(
            _("You have kept this for an hour. Answer it, or let somebody else try."),
            status=409,
            code="held-long-enough",
        )
    fresh.lease_until = until
    fresh.save(update_fields=["lease_until"])
    return fresh


@transaction.atomic
def release(*, item: WorkItem, person: Person) -> None:
    """Give an item back to the line, at the place it had. Raises Refusal (409) where it is not hers."""
    fresh = _mine(item, person)
    WorkItem.objects.filter(pk=fresh.pk).update(**IN_LINE)
    _announce(fresh.cause, fresh.queue)


@transaction.atomic
def release_all(*, person: Person) -> int:
    """Take a break: everything in the person's hands returns to the line. Returns how many items."""
    items = list(_locked(WorkItem.objects.select_related("cause").filter(state=State.LEASED, holder=person)))
    WorkItem.objects.filter(pk__in=[item.pk for item in items]).update(**IN_LINE)
    for item in items:
        _announce(item.cause, item.queue)
    return len(items)


@transaction.atomic
def skip(*, item: WorkItem, person: Person) -> Skip:
    """Leave an item to others; the desk will not hand it to her again. Raises Refusal (409) if not hers."""
    release(item=item, person=person)
    skipped, _made = Skip.objects.get_or_create(item=item, person=person)
    return skipped


@transaction.atomic
def look_again(*, person: Person) -> int:
    """Forget what the person skipped, so that it is offered to her once more. Returns how many items."""
    forgotten, _by_model = Skip.objects.filter(person=person, item__state__in=UNFINISHED).delete()
    return forgotten


@transaction.atomic
def answer(*, item: WorkItem, person: Person, data: Any) -> Answer:
    """Answer an item with what its panel posted; the queue's own ``answer`` runs in the same transaction.

    Where the lease has run out but nobody took the item since, the answer counts: work is not thrown
    away. Its seconds do not.

    Args:
        data: the posted form (a ``QueryDict``), given to the queue unread.

    Raises:
        Refusal: 409 where the item is in other hands, 410 where it is settled, 403 where the right has
            ended, and whatever the queue refuses.
    """
    fresh = _mine(item, person)
    queue = queries.queue_of(fresh)
    people.demand(person, queue.right, cause_id=fresh.cause.public_id)
    assert fresh.leased_at is not None
    assert fresh.lease_until is not None
    now = timezone.now()
    decision = dict(queue.answer(item=fresh, person=person, data=data))
    entry = journal.record(
        contributions.Answered(
            cause=str(fresh.cause.public_id),
            actor=str(person.public_id),
            subject=f"item:{fresh.public_id}",
            queue=fresh.queue,
        )
    )
    given = Answer.objects.create(
        item=fresh,
        person=person,
        decision=decision,
        seconds=rules.seconds_worked(fresh.leased_at, fresh.lease_until, now),
        at=now,
        entry=entry.sequence,
    )
    _settle(fresh, now)
    return given


def _settle(item: WorkItem, now: datetime) -> None:
    """Send an answered item on: done, or back in line for one more person."""
    done, disputed = True, item.disputed
    if item.answers_needed > 1:
        decisions: list[Mapping[str, Any]] = list(
            item.answers.filter(undone_at=None).order_by("pk").values_list("decision", flat=True)
        )
        done = not rules.answers_missing(item.answers_needed, decisions)
        disputed = len(decisions) >= item.answers_needed and not rules.agree(decisions)
    changes = _finished(State.DONE, now) if done else IN_LINE
    WorkItem.objects.filter(pk=item.pk).update(**changes, disputed=disputed)
    _announce(item.cause, item.queue)


@transaction.atomic
def forget_decisions(now: datetime) -> int:
    """Empty what undoing needed (words, places as they were) once nobody can undo any more, after a day.

    What stays is who answered when, and the journal. Answers to items that still need another look keep
    theirs. Returns how many were emptied.
    """
    old = Answer.objects.filter(
        at__lt=now - rules.DECISION_KEPT, item__state__in=[State.DONE, State.WITHDRAWN]
    ).exclude(decision={})
    numbers = list(old.order_by("pk").values_list("pk", flat=True)[:500])
    return Answer.objects.filter(pk__in=numbers).update(decision={})


@transaction.atomic
def undo(*, answer: Answer, person: Person) -> WorkItem:
    """Take an answer back: the queue's ``undo`` runs, the item returns to the head of the line.

    Raises:
        Refusal: 404 where the answer is somebody else's; 409 where it was undone already, somebody
            answered the item after her, or its subject is in line again; 410 after
            ``rules.UNDO_WITHIN``; and whatever the queue refuses.
    """
    now = timezone.now()
    item = _locked(WorkItem.objects.select_related("cause")).get(pk=answer.item_id)
    fresh = Answer.objects.get(pk=answer.pk)  # read after the item is locked: two taps on "undo" are one
    if fresh.person_id != person.pk:
        raise Refusal(_("There is no such answer."), status=404, code="no-answer")
    if fresh.undone_at is not None:
        raise Refusal(_("This answer has been undone already."), status=409, code="undone-already")
    if now - fresh.at > rules.UNDO_WITHIN:
        raise Refusal(
            _("Ten minutes have passed: this answer can no longer be undone."),
            status=410,
            code="undo-too-late",
        )
    if item.answers.filter(undone_at=None, pk__gt=fresh.pk).exists():
        raise Refusal(
            _("Somebody has answered after you, building on your answer."), status=409, code="answered-since"
        )
    in_line_again = WorkItem.objects.filter(queue=item.queue, subject=item.subject, state__in=UNFINISHED)
    if in_line_again.exclude(pk=item.pk).exists():
        raise Refusal(_("This is in line again already."), status=409, code="in-line-again")
    queries.queue_of(item).undo(item=item, person=person, decision=fresh.decision)
    journal.record(
        contributions.Answered(
            cause=str(item.cause.public_id),
            actor=str(person.public_id),
            subject=f"item:{item.public_id}",
            queue=item.queue,
            quantity=-1,
            corrects=fresh.entry,
        )
    )
    fresh.undone_at = now
    fresh.save(update_fields=["undone_at"])
    changes = IN_LINE if item.state == State.DONE else {}
    if item.state != State.WITHDRAWN:  # what needs no answer any more has no place in line
        changes = {**changes, "due_at": rules.due_at(item.created_at, item.priority + rules.UNDO_POINTS)}
    WorkItem.objects.filter(pk=item.pk).update(**changes, disputed=False)
    item.refresh_from_db()
    _announce(item.cause, item.queue)
    return item
