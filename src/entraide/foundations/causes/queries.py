"""Reads of the causes room; the only way to reach a cause is through the right to see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from entraide.foundations.causes import rules
from entraide.foundations.causes.models import Cause, Goal, State
from entraide.foundations.journal import queries as journal
from entraide.foundations.journal.models import Entry
from entraide.foundations.people import queries as people
from entraide.foundations.people.models import Organisation
from entraide.foundations.people.rules import Purpose, Right, Role, pseudonym, roles_with
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


@dataclass(frozen=True, kw_only=True)
class SetUpLink:
    """A page a room above puts on the stewards' set-up page of a cause.

    Attributes:
        note: what needs a look there ("3 failed"), or "".
    """

    label: Any  # a str or a lazy translation of one
    sentence: Any
    url: str
    note: str = ""


SetUpLinks = Callable[[Any, Cause], Iterable[SetUpLink]]
_set_up_links: list[SetUpLinks] = []


def set_up_links_by(links: SetUpLinks) -> None:
    """Let a foundation above, which we may not look up, put its pages on the set-up page of a cause.

    Args:
        links: called with the person and the cause; gives those pages she has the right to.
    """
    if links not in _set_up_links:
        _set_up_links.append(links)


def set_up_links(person: Any, cause: Cause) -> list[SetUpLink]:
    """The pages of the rooms above, in the order in which they were told to us."""
    return [link for links in _set_up_links for link in links(person, cause)]


def find(public_id: UUID | str) -> Cause | None:
    """The cause the journal knows by this id, whatever its state: for other rooms, after their own check."""
    return (
        Cause.objects.select_related("organisation")
        .prefetch_related("texts")
        .filter(public_id=public_id)
        .first()
    )


def by_id(public_id: UUID | str) -> Cause:
    """As :func:`find`. Raises Refusal (404) where there is none."""
    cause = find(public_id)
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


def goals_of_all(causes: Iterable[Cause]) -> dict[int, list[GoalProgress]]:
    """Primary key → goals with progress, for several causes in two queries."""
    by_id = {str(cause.public_id): cause.pk for cause in causes}
    wanted = list(Goal.objects.filter(cause__in=by_id.values()).order_by("cause", "position", "pk"))
    if not wanted:
        return {}
    totals: dict[int, dict[tuple[str, str], int]] = {pk: {} for pk in by_id.values()}
    rows = (
        Entry.objects.filter(public=True, cause__in=list(by_id))
        .order_by()
        .values_list("cause", "kind", "unit")
        .annotate(total=Sum("quantity"))
    )
    for public_id, kind, unit, total in rows:
        totals[by_id[public_id]][kind, unit] = total
    found: dict[int, list[GoalProgress]] = {}
    for goal in wanted:
        given = rules.progress(totals[goal.cause_id], goal)
        found.setdefault(goal.cause_id, []).append(
            GoalProgress(goal=goal, label=label(goal.label), given=given)
        )
    return found


@dataclass(frozen=True, kw_only=True)
class Steward:
    """Somebody who answers for a cause: what everybody may call her, and since when."""

    public_id: UUID
    name: str
    since: datetime


def stewards(cause: Cause) -> list[Steward]:
    """Who answers for a cause, longest first. A name is shown where she agreed to it."""
    grants = list(people.team(cause.public_id).filter(role=Role.STEWARD, person__is_active=True))
    named = people.who_consent([grant.person_id for grant in grants], Purpose.PUBLIC_NAME)
    return [
        Steward(
            public_id=grant.person.public_id,
            name=grant.person.display_name
            if grant.person_id in named and grant.person.display_name
            else pseudonym(grant.person.public_id),
            since=grant.given_at,
        )
        for grant in grants
    ]


def history(cause: Cause) -> QuerySet[Entry]:
    """When the cause was opened and closed: its own journal entries, oldest first."""
    return journal.entries_about(f"cause:{cause.public_id}")


def organisations_for(person: Any, cause: Cause) -> QuerySet[Organisation]:
    """The organisations a person may put a cause under: those she leads, and the one that carries it now."""
    hers = Organisation.objects.filter(
        grants__person=person, grants__role__in=roles_with(Right.CAUSE_SET_UP), grants__ended_at=None
    )
    return Organisation.objects.filter(Q(pk__in=hers.values("pk")) | Q(pk=cause.organisation_id)).order_by(
        "name", "pk"
    )
