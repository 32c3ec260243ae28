"""Reports as the team sees them. The only way to reach one is through the right to see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from entraide.capabilities.crisis import rules
from entraide.capabilities.crisis.models import (
    Category,
    Report,
    ReportMessage,
    Sensitivity,
    Setup,
    Step,
)
from entraide.foundations.people import queries as people
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

if TYPE_CHECKING:
    from uuid import UUID

# Whoever holds one of these works with reports and sees their words (not their exact place).
TEAM_RIGHTS = frozenset(
    {
        Right.REPORT_TRIAGE,
        Right.REPORT_VERIFY,
        Right.REPORT_PUBLISH,
        Right.REPORT_ROUTE,
        Right.REPORT_TAKE,
    }
)


def rights(person: Any, cause: Any) -> frozenset[Right]:
    """Every right a person has in a cause (a causes.Cause). One query."""
    return people.rights(person, cause_id=cause.public_id)


def demand(person: Any, right: Right, cause: Any) -> None:
    """Raise Refusal 403 where the person lacks the right in the cause."""
    people.demand(person, right, cause_id=cause.public_id)


def demand_team(person: Any, cause: Any) -> frozenset[Right]:
    """The person's rights where she works with reports here.

    Raises:
        Refusal: 403 ``sign-in`` or ``no-right``.
    """
    held = rights(person, cause)
    if not held & TEAM_RIGHTS:
        people.demand(person, Right.REPORT_TRIAGE, cause_id=cause.public_id)
    return held


def in_closed_category() -> Exists:
    """For ``filter``: the report has a category a steward closed."""
    return Exists(
        Report.categories.through.objects.filter(
            report_id=OuterRef("pk"), category__sensitivity=Sensitivity.CLOSED
        )
    )


def visible(held: Iterable[Right], cause: Any) -> QuerySet[Report]:
    """The reports of a cause that somebody with these rights may see: closed ones by right only."""
    held = frozenset(held)
    if not held & TEAM_RIGHTS:
        return Report.objects.none()
    found = Report.objects.filter(cause=cause)
    return found if Right.REPORT_SEE_CLOSED in held else found.exclude(in_closed_category())


def get(person: Any, cause: Any, ref: str) -> Report:
    """One report of a cause, for one of its team.

    Raises:
        Refusal: 403 where she has no right here; 404 where there is none, or none she may see.
    """
    held = demand_team(person, cause)
    found = visible(held, cause).filter(ref=ref).first()
    if found is None:
        raise Refusal(_("There is no such report here."), status=404, code="no-such-report")
    return found


def by_ref(ref: str) -> Report | None:
    """A report by its public name, for work that has asked for the right already."""
    return Report.objects.select_related("cause").filter(ref=ref).first()


def locked(pk: int) -> Report:
    """The report, locked until the transaction ends (on SQLite the whole database already is)."""
    # "of self" because the outer-joined cause cannot be locked, nor needs to be.
    return Report.objects.select_for_update(of=("self",)).select_related("cause").get(pk=pk)


def setup_of(cause: Any) -> Setup:
    """How the cause runs its crisis room; the defaults where nobody has set anything yet (unsaved)."""
    return Setup.objects.filter(cause=cause).first() or Setup(cause=cause)


def categories(cause: Any, *, archived: bool = False) -> list[Category]:
    """The cause's categories in tree order, each with ``depth`` (0 at the top)."""
    found = Category.objects.filter(cause=cause).order_by("position", "pk")
    if not archived:
        found = found.filter(archived_at=None)
    children: dict[int | None, list[Category]] = {}
    listed = list(found)
    present = {category.pk for category in listed}
    for category in listed:
        parent = category.parent_id if category.parent_id in present else None
        children.setdefault(parent, []).append(category)
    ordered: list[Category] = []

    def walk(parent: int | None, depth: int) -> None:
        for category in children.get(parent, ()):
            category.depth = depth  # type: ignore[attr-defined]
            ordered.append(category)
            walk(category.pk, depth + 1)

    walk(None, 0)
    return ordered


def precision(report: Report) -> str:
    """The precision the report would be published with."""
    return rules.precision_of(report.categories.order_by("pk").values_list("precision", flat=True))


def sensitivity(report: Report) -> str:
    """The most careful of the report's categories'."""
    return rules.sensitivity_of(report.categories.order_by("pk").values_list("sensitivity", flat=True))


def voices(report: Report) -> list[Report]:
    """The report and every report merged into it, directly or through others, oldest first."""
    found = {report.pk: report}
    edge = [report.pk]
    while edge:
        fresh = [
            one for one in Report.objects.filter(merged_into__in=edge).order_by("pk") if one.pk not in found
        ]
        found.update({one.pk: one for one in fresh})
        edge = [one.pk for one in fresh]
    return sorted(found.values(), key=lambda one: one.pk)


def root(report: Report) -> Report:
    """The report this one was merged into in the end; itself where it stands on its own."""
    seen = {report.pk}
    while report.merged_into_id is not None:
        report = cast(Report, report.merged_into)
        if report.pk in seen:  # merging refuses circles; never turn in one for ever
            raise RuntimeError("reports merged in a circle")
        seen.add(report.pk)
    return report


def sources(report: Report) -> list[ReportMessage]:
    """Every message the report rests on, those of merged reports included, oldest first."""
    return list(ReportMessage.objects.filter(report__in=voices(report)).order_by("pk"))


def senders(report: Report) -> int:
    """How many people surely speak (rules.independent_senders)."""
    return rules.independent_senders(source.sender_key for source in sources(report))


def awaiting_second_yes() -> Q:
    """For ``filter``: somebody agreed to publish, nobody has published."""
    return Q(approvals__isnull=False, publication__isnull=True)


def counts_by_step(reports: QuerySet[Report]) -> dict[str, int]:
    """How many of these reports are at each step."""
    from django.db.models import Count

    rows = reports.order_by().values("step").annotate(number=Count("pk"))
    found = {row["step"]: row["number"] for row in rows}
    return {step: found.get(step, 0) for step in Step.values}


def public_id(cause: Any) -> UUID:
    """The cause's public name, typed."""
    return cast("UUID", cause.public_id)
