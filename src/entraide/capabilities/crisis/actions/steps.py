"""The steps of a report: read, placed, handed on, taken, done, told, set aside, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from entraide.capabilities.crisis import contributions, rules
from entraide.capabilities.crisis.actions import publishing, record, telling
from entraide.capabilities.crisis.actions.intake import CHECK, TRIAGE, TRIAGE_CLOSED, desk_queue
from entraide.capabilities.crisis.models import Category, Report, Sensitivity, Step
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.channels.rules import mask
from entraide.foundations.desk import actions as desk
from entraide.foundations.people.rules import Right
from entraide.foundations.places import rules as places
from entraide.refusal import Refusal


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where: a point of the grid, how sure in metres, and its name in words."""

    point: places.Point
    radius_m: int
    name: str = ""


KEEP: Any = object()  # "leave as it is", where None means "none"


@transaction.atomic
def edit(
    report: Report,
    *,
    by: Any,
    title: str | None = None,
    text: str | None = None,
    language: str | None = None,
    urgent: bool | None = None,
    categories: Iterable[Category] | None = None,
    place: Place | Any | None = KEEP,
) -> Report:
    """Change a report's words, categories, urgency or place. What is not given stays.

    Words are masked again: triagers see the original and a number slips in easily. Agreements to the
    old version end, and a publication is renewed or withdrawn (:func:`publishing.after_edit`).

    Raises:
        Refusal: 403 without the right to triage, or to see closed reports where it becomes closed by
            somebody who then could not see it: that is allowed, and leaves her sight.
    """
    queries.demand(by, Right.REPORT_TRIAGE, report.cause)
    report = queries.locked(report.pk)
    changed = False
    if title is not None and mask(title.strip())[:200] != report.title:
        report.title = mask(title.strip())[:200]
        changed = True
    if text is not None and mask(text.strip()) != report.text:
        report.text = mask(text.strip())
        changed = True
    if language is not None and language != report.language:
        report.language = language
        changed = True
    if urgent is not None and urgent != report.urgent:
        report.urgent = urgent
        changed = True
    if place is not KEEP:
        changed = _set_place(report, place) or changed
    if categories is not None:
        wanted = list(categories)
        if any(category.cause_id != report.cause_id for category in wanted):
            raise Refusal(
                _("That category belongs to another cause."), where="categories", code="foreign-category"
            )
        if {category.pk for category in wanted} != set(report.categories.values_list("pk", flat=True)):
            changed = True
            if any(category.sensitivity == Sensitivity.CLOSED for category in wanted):
                # Withdrawn first: the database refuses a published report a closed category.
                publishing.unpublish(report, by=by, why=_("Now in a closed category."))
            report.categories.set(wanted)
            to_its_own_line(report)
    if changed:
        report.edited_at = timezone.now()
        report.save()
        record.change(report, "text", by=by)
        publishing.after_edit(report, by=by)
    return report


def _set_place(report: Report, place: Place | None) -> bool:
    x, y, radius_m, name = (
        (place.point.x, place.point.y, place.radius_m, mask(place.name[:300]))
        if place
        else (None, None, None, "")
    )
    if (report.exact_x, report.exact_y, report.exact_radius_m) == (x, y, radius_m) and (
        place is None or name == report.place_name
    ):
        return False
    report.exact_x, report.exact_y, report.exact_radius_m = x, y, radius_m
    if place is not None:
        report.place_name = name
    return True


def move(report: Report, step: str, *, by: Any, why: str = "") -> None:
    """Bring a report (locked, in a transaction) to a step, with its change and its publication renewed.

    Raises:
        Refusal: 403 without the right for that step; 409 where the step cannot follow.
    """
    if by is not None:
        queries.demand(by, rules.RIGHT_FOR_STEP[step], report.cause)
    rules.check_step(report.step, step)
    before, report.step = report.step, step
    report.save()
    record.change(report, "step", before=before, after=step, by=by, why=why)
    publishing.renew(report)


@transaction.atomic
def pass_on(report: Report, *, by: Any) -> list[Any]:
    """Say that a report was read: "placed" where it has a place, "read" where not.

    It goes on to those who verify. A report already further on the way stays there.

    Returns:
        The journal entries recorded.
    """
    queries.demand(by, Right.REPORT_TRIAGE, report.cause)
    report = queries.locked(report.pk)
    step = rules.step_after_triage(report.exact_x is not None)
    entries = []
    if report.step != step:
        if report.step in {Step.ROUTED, Step.TAKEN, Step.DONE, Step.TOLD}:
            return []
        fresh = report.step in {Step.NEW, Step.SET_ASIDE}
        move(report, step, by=by)
        if fresh:
            entries.append(record.entry(contributions.Triaged, report, by=by))
        if step == Step.LOCATED:
            entries.append(record.entry(contributions.Located, report, by=by))
    _off_the_triage_desk(report)
    if queries.sensitivity(report) != Sensitivity.CLOSED:
        desk.put(
            queue=CHECK,
            subject=record.subject(report),
            cause=report.cause,
            language=report.language,
            priority=1 if report.urgent else 0,
        )
    return entries


@transaction.atomic
def set_aside(report: Report, *, by: Any, why: str = "") -> list[Any]:
    """Say that a report is not about this cause. It is kept, and can be brought back.

    Returns:
        The journal entries recorded.
    """
    report = queries.locked(report.pk)
    move(report, Step.SET_ASIDE, by=by, why=why)
    _off_the_triage_desk(report)
    desk.withdraw(queue=CHECK, subject=record.subject(report))
    return [record.entry(contributions.SetAside, report, by=by)]


@transaction.atomic
def put_back(report: Report, *, by: Any, why: str) -> None:
    """Bring a report that was set aside back to the line of those to be read.

    Raises:
        Refusal: 400 ``why-missing``; 409 where it was not set aside.
    """
    _need(why)
    report = queries.locked(report.pk)
    if report.step != Step.SET_ASIDE:
        rules.check_step(report.step, Step.NEW)
    move(report, Step.NEW, by=by, why=why)
    record.entry(contributions.PutBack, report, by=by, step=Step.NEW.value)
    to_the_desk(report)


@transaction.atomic
def route(report: Report, *, organisation: Any, by: Any, why: str = "") -> None:
    """Hand a report on to an organisation that can act, or to all responders (``organisation`` None)."""
    report = queries.locked(report.pk)
    report.routed_to = organisation
    if report.step == Step.TAKEN:
        report.taken_by = None
    move(report, Step.ROUTED, by=by, why=why)
    record.entry(contributions.Routed, report, by=by)
    telling.tell(report, "routed")


@transaction.atomic
def take(report: Report, *, by: Any) -> None:
    """Take a report on. One person at a time: the second is told that somebody was faster.

    Raises:
        Refusal: 409 ``already-taken``.
    """
    queries.demand(by, Right.REPORT_TAKE, report.cause)
    report = queries.locked(report.pk)
    if report.step == Step.TAKEN:
        raise Refusal(_("Somebody has already taken this on."), status=409, code="already-taken")
    report.taken_by = by
    move(report, Step.TAKEN, by=by)
    record.entry(contributions.Taken, report, by=by)
    telling.tell(report, "taken")


@transaction.atomic
def hand_back(report: Report, *, by: Any, why: str) -> None:
    """Give back what one has taken, for others to take.

    Raises:
        Refusal: 400 ``why-missing``; 403 where somebody else took it (who may route can free it).
    """
    _need(why)
    report = queries.locked(report.pk)
    if report.taken_by_id != by.pk:
        queries.demand(by, Right.REPORT_ROUTE, report.cause)
    else:
        queries.demand(by, Right.REPORT_TAKE, report.cause)
    rules.check_step(report.step, Step.ROUTED)
    before, report.step, report.taken_by = report.step, Step.ROUTED.value, None
    report.save()
    record.change(report, "step", before=before, after=Step.ROUTED, by=by, why=why)
    record.entry(contributions.PutBack, report, by=by, step=Step.ROUTED.value)
    publishing.renew(report)


@transaction.atomic
def finish(report: Report, *, by: Any, why: str) -> int:
    """Say that what was asked is done, and tell the witness.

    Args:
        why: what was done, in a few words.

    Returns:
        How many people are being told; with at least one the report is at "told".

    Raises:
        Refusal: 400 ``why-missing``; 409 where nobody had taken it.
    """
    _need(why)
    report = queries.locked(report.pk)
    move(report, Step.DONE, by=by, why=why)
    record.entry(contributions.Done, report, by=by)
    told = telling.tell(report, "done")
    if told:
        move(report, Step.TOLD, by=by)
    desk.withdraw(queue=CHECK, subject=record.subject(report))
    return told


@transaction.atomic
def reopen(report: Report, *, by: Any, why: str) -> None:
    """Take up again what was said to be done and is not.

    Raises:
        Refusal: 400 ``why-missing``; 409 where it was not done.
    """
    _need(why)
    report = queries.locked(report.pk)
    if report.step not in rules.ANSWERED_STEPS:
        raise Refusal(_("This report is not closed."), status=409, code="step-cannot-follow")
    report.taken_by = by
    move(report, Step.TAKEN, by=by, why=why)
    record.entry(contributions.Taken, report, by=by)


def restore_step(report: Report, step: str, *, by: Any, why: str) -> None:
    """Put a report (locked, in a transaction) back to the step it had before a decision, at the desk again
    where it is new. For undoing: who could decide may take it back, whatever right the old step needs."""
    before, report.step = report.step, step
    report.save()
    record.change(report, "step", before=before, after=step, by=by, why=why)
    record.entry(contributions.PutBack, report, by=by, step=step)
    publishing.renew(report)
    if step == Step.NEW:
        to_the_desk(report)


def to_the_desk(report: Report) -> None:
    """Put a report in the line of those to be read, once."""
    desk.put(
        queue=desk_queue(report), subject=record.subject(report), cause=report.cause, language=report.language
    )


def to_its_own_line(report: Report) -> None:
    """Move what waits about a report to the line its categories ask for: what is closed is read by named
    persons alone, wherever it waited before. In a transaction."""
    closed = queries.sensitivity(report) == Sensitivity.CLOSED
    wrong = TRIAGE if closed else TRIAGE_CLOSED
    if desk.withdraw(queue=wrong, subject=record.subject(report)):
        to_the_desk(report)
    if closed:
        desk.withdraw(queue=CHECK, subject=record.subject(report))


def _off_the_triage_desk(report: Report) -> None:
    for queue in (TRIAGE, TRIAGE_CLOSED):
        desk.withdraw(queue=queue, subject=record.subject(report))


def _need(why: str) -> None:
    if not why.strip():
        raise Refusal(_("Say in a few words why."), where="why", code="why-missing")
