"""Several reports that tell the same become one; every voice is kept, and it can be taken apart."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from entraide.capabilities.crisis import contributions
from entraide.capabilities.crisis.actions import publishing, record, steps
from entraide.capabilities.crisis.models import Change, Report, Sensitivity, Step
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.desk import actions as desk
from entraide.refusal import Refusal


@transaction.atomic
def merge(report: Report, *, into: Report, by: Any, why: str = "") -> list[Any]:
    """Join a report with another that tells the same. Its messages stay its own: nothing is moved.

    Returns:
        The journal entries recorded.

    Raises:
        Refusal: 403 without the right to triage; 409 ``merge-with-itself``, ``merge-in-a-circle``,
            ``other-cause``, ``step-cannot-follow``.
    """
    # Locked in one order, so that two people merging crosswise wait for each other instead of for ever.
    first, second = sorted((report.pk, into.pk))
    if first == second:
        raise Refusal(_("A report cannot be joined with itself."), status=409, code="merge-with-itself")
    both = {pk: queries.locked(pk) for pk in (first, second)}
    report, into = both[report.pk], both[into.pk]
    if report.cause_id != into.cause_id:
        raise Refusal(_("These reports belong to different causes."), status=409, code="other-cause")
    into = queries.root(into)
    if into.pk == report.pk:
        raise Refusal(
            _("The other report was already joined with this one."), status=409, code="merge-in-a-circle"
        )
    if into.step == Step.SET_ASIDE:
        raise Refusal(_("The other report was set aside."), status=409, code="merge-into-set-aside")
    if queries.sensitivity(report) == Sensitivity.CLOSED != queries.sensitivity(into):
        raise Refusal(
            _("A report in a closed category cannot be joined with one that is open."),
            status=409,
            code="merge-closed-into-open",
        )
    report.merged_into = into
    steps.move(report, Step.MERGED, by=by, why=why)
    record.change(into, "merged", before=report.ref, by=by, why=why)
    for queue in (steps.TRIAGE, steps.TRIAGE_CLOSED, steps.CHECK):
        desk.withdraw(queue=queue, subject=record.subject(report))
    publishing.renew(into)
    return [record.entry(contributions.Merged, report, by=by, into=into.ref)]


@transaction.atomic
def take_apart(report: Report, *, by: Any, why: str = "", on_the_record: bool = True) -> None:
    """Undo a merge: the report stands on its own again, at the step it had.

    Args:
        on_the_record: False where the desk takes the answer back, and corrects the entry itself.

    Raises:
        Refusal: 403 without the right to triage; 409 ``not-merged``.
    """
    report = queries.locked(report.pk)
    if report.step != Step.MERGED or report.merged_into is None:
        raise Refusal(_("This report is not joined with another."), status=409, code="not-merged")
    into = report.merged_into
    change = Change.objects.filter(report=report, what="step", after=Step.MERGED).order_by("-pk").first()
    step = change.before if change else Step.NEW
    report.merged_into = None
    steps.move(report, step, by=by, why=why)
    record.change(into, "taken-apart", before=report.ref, by=by, why=why)
    publishing.renew(into)
    if on_the_record:
        record.entry(contributions.PutBack, report, by=by, step=step)
        if step == Step.NEW:
            steps.to_the_desk(report)
