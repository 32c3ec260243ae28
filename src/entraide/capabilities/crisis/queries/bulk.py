"""How far bulk changes are."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from entraide.capabilities.crisis.models import Bulk, BulkItem
from entraide.refusal import Refusal


def get(cause: Any, pk: int) -> Bulk:
    """A bulk change of a cause, for those who asked for the right. Raises Refusal 404."""
    found = Bulk.objects.select_related("cause", "by", "category").filter(cause=cause, pk=pk).first()
    if found is None:
        raise Refusal(_("There is no such change."), status=404, code="no-such-bulk")
    return found


def counts(bulk: Bulk) -> dict[str, int]:
    """How many of its reports stand in each state, zero included."""
    rows = bulk.items.order_by().values_list("state").annotate(number=Count("pk"))
    found = dict(rows)
    return {state: found.get(state, 0) for state in BulkItem.State.values}


def open_items(bulk: Bulk, numbers: dict[str, int]) -> int:
    """How many reports are still to be dealt with (done again, where it is being undone)."""
    if bulk.undo_asked_at is not None:
        return numbers[BulkItem.State.DONE]
    return numbers[BulkItem.State.WAITING]
