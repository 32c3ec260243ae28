"""Reads of the causes room; the only way to reach a cause is through the right to see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from entraide.foundations.causes import rules
from entraide.foundations.causes.models import Cause, Goal, State
from entraide.foundations.journal import queries as journal
from entraide.foundations.people import queries as people
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal


def visible(person: Any) -> QuerySet[Cause]:
    """The causes a person may know of, newest first, their texts and organisation read with them.

    Open and closed ones are everybody's; a draft is its stewards' (and the operator's) alone.
    """
    causes = Cause.objects.select_related("organisation").prefetch_related("texts")
    if getattr(person, "is_superuser", False) and person.is_active:
        return causes.order_by("-opened_at", "-pk")
    return causes.filter(
        ~Q(state=State.DRAFT) | Q(public_id__in=people.causes_with(person, Right.CAUSE_SET_UP))
    ).order_by("-opened_at", "-pk")


def get(person: Any, slug: str) -> Cause:
    """The cause at an address.

    Raises:
        Refusal: 404 where there is none, or where it is a draft of others (which looks the same).
    """
    cause = Cause.objects.select_related("organisation").prefetch_related("texts").filter(slug=slug).first()
    if cause is None or (
        cause.state == State.DRAFT and not people.may(person, Right.CAUSE_SET_UP, cause_id=cause.public_id)
    ):
        raise Refusal(_("There is no cause at this address."), status=404, code="no-cause")
    return cause


def to_set_up(person: Any, slug: str) -> Cause:
    """As :func:`get`, for those who may set the cause up. Raises Refusal (404, or 403 without the right)."""
    cause = get(person, slug)
    people.demand(person, Right.CAUSE_SET_UP, cause_id=cause.public_id)
    return cause


def by_id(public_id: UUID | str) -> Cause:
    """The cause the journal knows by this id, whatever its state: for other rooms, after their own check.

    Raises:
        Refusal: 404 where there is none.
    """
    cause = (
        Cause.objects.select_related("organisation")
        .prefetch_related("texts")
        .filter(public_id=public_id)
        .first()
    )
    if cause is None:
        raise Refusal(_("There is no such cause."), status=404, code="no-cause")
    return cause


@dataclass(frozen=True, kw_only=True)
class GoalProgress:
    """A goal and how far it has come: ``given`` of ``goal.target``, both in ``goal.unit``."""

    goal: Goal
    label: str
    given: int

    @property
    def percent(self) -> int:
        """Whole per cent, at most 100, and never 100 before the goal is met."""
        return max(0, min(100, self.given * 100 // self.goal.target))


def given(cause: Cause) -> dict[tuple[str, str], int]:
    """What was given to a cause: (kind, unit) → total, as the public journal says."""
    return journal.totals(cause=str(cause.public_id))


def goals(cause: Cause, totals: dict[tuple[str, str], int] | None = None) -> list[GoalProgress]:
    """The goals of a cause with their progress, in their order.

    Args:
        totals: what :func:`given` said, where it has been asked already.
    """
    wanted = list(cause.goals.order_by("position", "pk"))
    if not wanted:
        return []
    totals = given(cause) if totals is None else totals
    return [
        GoalProgress(goal=goal, label=label(goal.label), given=rules.progress(totals, goal))
        for goal in wanted
    ]


def label(names: dict[str, str]) -> str:
    """A name in the reader's language out of ``{"en": …, "fr": …}``; else its parent's, English, or any."""
    language = get_language() or "en"
    for code in (language, language.split("-")[0], "en"):
        if names.get(code):
            return names[code]
    return next((name for name in names.values() if name), "")
