"""One change to many reports: asked once, done as work that can be watched, left and undone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from entraide.capabilities.crisis import rules
from entraide.capabilities.crisis.actions import publishing, steps
from entraide.capabilities.crisis.models import Bulk, BulkItem, Category, Publication, Step
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.channels.rules import mask
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

BATCH = 50  # reports in one transaction: others get their turn at the database between two

RIGHT_FOR_DEED = {
    Bulk.Deed.PUBLISH: Right.REPORT_PUBLISH,
    Bulk.Deed.WITHDRAW: Right.REPORT_PUBLISH,
    Bulk.Deed.CATEGORY: Right.REPORT_TRIAGE,
    Bulk.Deed.SET_ASIDE: Right.REPORT_TRIAGE,
}


@transaction.atomic
def ask(
    cause: Any, *, deed: str, refs: Collection[str], by: Any, category: Category | None = None, why: str = ""
) -> Bulk:
    """Ask for one change to many reports: exactly those named, those she may see.

    Args:
        refs: at most ``rules.BULK_MOST`` public names of reports.
        category: for the deed ``"category"``.

    Raises:
        Refusal: 400 ``nothing-chosen``, ``too-many``, ``deed-unknown``, ``category-missing``,
            ``why-missing``; 403 without the right; 404 where a ref is not one of hers.
    """
    if deed not in Bulk.Deed.values:
        raise Refusal(_("Choose what to do."), where="deed", code="deed-unknown")
    held = queries.demand_team(by, cause)
    queries.demand(by, RIGHT_FOR_DEED[Bulk.Deed(deed)], cause)
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        raise Refusal(_("Choose at least one report."), where="refs", code="nothing-chosen")
    if len(wanted) > rules.BULK_MOST:
        raise Refusal(
            _("At most %(most)s reports at once.") % {"most": rules.BULK_MOST}, where="refs", code="too-many"
        )
    if deed == Bulk.Deed.CATEGORY and (category is None or category.cause_id != cause.pk):
        raise Refusal(_("Choose a category."), where="category", code="category-missing")
    if deed in {Bulk.Deed.WITHDRAW, Bulk.Deed.SET_ASIDE} and not why.strip():
        raise Refusal(_("Say in a few words why."), where="why", code="why-missing")
    found: dict[str, int] = {}
    for start in range(0, len(wanted), 500):
        part = queries.visible(held, cause).filter(ref__in=wanted[start : start + 500])
        found.update(part.order_by("pk").values_list("ref", "pk"))
    if len(found) != len(wanted):
        raise Refusal(_("Some of these reports are not here any more."), status=404, code="no-such-report")
    bulk = Bulk.objects.create(cause=cause, deed=deed, category=category, by=by, why=mask(why.strip()))
    BulkItem.objects.bulk_create(
        [BulkItem(bulk=bulk, report_id=found[ref]) for ref in wanted], batch_size=500
    )
    return bulk


@transaction.atomic
def ask_undo(bulk: Bulk, *, by: Any) -> None:
    """Ask to undo what was done, and not to do what still waits.

    Raises:
        Refusal: 403 without the right the deed needed; 409 ``already-undone``.
    """
    queries.demand(by, RIGHT_FOR_DEED[Bulk.Deed(bulk.deed)], bulk.cause)
    bulk = Bulk.objects.select_for_update(of=("self",)).select_related("cause").get(pk=bulk.pk)
    if bulk.undo_asked_at is not None:
        raise Refusal(_("This was undone already."), status=409, code="already-undone")
    bulk.undo_asked_at = timezone.now()
    bulk.save(update_fields=["undo_asked_at"])
    bulk.items.filter(state=BulkItem.State.WAITING).update(state=BulkItem.State.UNDONE)


def work(limit: int = 500) -> int:
    """Carry bulk changes on, oldest first. Recurring work; killed at any instant, it goes on from there.

    Returns:
        How many reports were dealt with.
    """
    done = 0
    while done < limit:
        step = _work_on_a_batch()
        if step == 0:
            break
        done += step
    return done


@transaction.atomic
def _work_on_a_batch() -> int:
    to_do = Q(state=BulkItem.State.WAITING, bulk__undo_asked_at=None) | Q(
        state=BulkItem.State.DONE, bulk__undo_asked_at__isnull=False
    )
    items = list(
        BulkItem.objects.filter(to_do)
        .select_related("bulk__cause", "bulk__by", "bulk__category", "report__cause")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("pk")[:BATCH]
    )
    for item in items:
        back = item.bulk.undo_asked_at is not None
        try:
            with transaction.atomic():
                if back:
                    _undo(item)
                else:
                    item.before = _do(item)
            item.state = BulkItem.State.UNDONE if back else BulkItem.State.DONE
        except (Refusal, IntegrityError) as refusal:
            item.state = BulkItem.State.REFUSED
            item.reason = str(refusal)[:300]
    BulkItem.objects.bulk_update(items, ["state", "reason", "before"])
    return len(items)


def _do(item: BulkItem) -> dict[str, Any]:
    bulk, report = item.bulk, item.report
    if bulk.deed == Bulk.Deed.PUBLISH:
        before = {"published": Publication.objects.filter(report=report).exists()}
        if publishing.publish(report, by=bulk.by) is None:
            return {**before, "waits": True}
        return before
    if bulk.deed == Bulk.Deed.WITHDRAW:
        publishing.withdraw(report, by=bulk.by, why=bulk.why)
        return {}
    if bulk.deed == Bulk.Deed.CATEGORY:
        had = list(report.categories.order_by("pk").values_list("pk", flat=True))
        wanted = Category.objects.filter(Q(pk__in=had) | Q(pk=bulk.category_id)).order_by("pk")
        steps.edit(report, by=bulk.by, categories=wanted)
        return {"categories": had}
    before_step = report.step
    steps.set_aside(report, by=bulk.by, why=bulk.why)
    return {"step": before_step}


def _undo(item: BulkItem) -> None:
    bulk, report, before = item.bulk, item.report, item.before
    why = _("A bulk change was undone.")
    if bulk.deed == Bulk.Deed.PUBLISH:
        if not before["published"]:
            publishing.unpublish(report, by=bulk.by, why=why)
    elif bulk.deed == Bulk.Deed.WITHDRAW:
        publishing.publish(report, by=bulk.by)
    elif bulk.deed == Bulk.Deed.CATEGORY:
        steps.edit(report, by=bulk.by, categories=Category.objects.filter(pk__in=before["categories"]))
    else:
        locked = queries.locked(report.pk)
        if locked.step == Step.SET_ASIDE:
            steps.restore_step(locked, str(before["step"]), by=bulk.by, why=why)
