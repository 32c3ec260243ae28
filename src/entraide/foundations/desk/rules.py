"""Pure decisions of the desk: who comes first, what agrees, how long is too long. No writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from entraide.foundations.desk.models import State

__all__ = ["HOLD_AT_MOST", "LANGUAGE_PATIENCE", "UNDO_WITHIN", "State", "due_at"]

PRIORITY = timedelta(hours=1)  # what one point of priority is worth in line
UNDO_WITHIN = timedelta(minutes=10)
DECISION_KEPT = timedelta(days=1)  # then what undoing needed is forgotten
UNDO_POINTS = 24  # an item whose answer was undone comes back before the day's line
LANGUAGE_PATIENCE = timedelta(minutes=30)  # then those who do not read its language see an item too
HOLD_AT_MOST = timedelta(hours=1)  # "keep it" cannot keep an item from others longer than this
WARN_BEFORE = timedelta(seconds=60)  # before a lease ends
UNKNOWN_LANGUAGES = ("", "und")


def due_at(created_at: datetime, priority: int) -> datetime:
    """An item's place in line: the earliest comes first.

    Priority moves an item forward by :data:`PRIORITY` a point, and waiting moves every item forward
    alike. So urgent goes before ordinary, oldest before newest, and nothing starves: an ordinary item
    overtakes whatever urgent one arrives more than its head start later.
    """
    return created_at - priority * PRIORITY


def readable(languages: Sequence[str]) -> Q:
    """Items in a language the person reads, or in none in particular.

    Args:
        languages: BCP 47 codes. ``"fr"`` reads ``"fr-CA"`` too, and ``"fr-CA"`` reads ``"fr"``. Empty:
            everything is offered.
    """
    if not languages:
        return Q()
    codes = {*languages, *(code.split("-")[0] for code in languages)}
    condition = Q(language__in=[*UNKNOWN_LANGUAGES, *sorted(codes)])
    for code in sorted(codes):
        condition |= Q(language__startswith=f"{code}-")
    return condition


def reads(languages: Sequence[str], language: str) -> bool:
    """As :func:`readable`, for one item."""
    if not languages or language in UNKNOWN_LANGUAGES:
        return True
    codes = {*languages, *(code.split("-")[0] for code in languages)}
    return language in codes or any(language.startswith(f"{code}-") for code in codes)


def free(now: datetime) -> Q:
    """Items that may be handed out at ``now``: waiting, or in hands whose lease ran out."""
    in_line = Q(state=State.WAITING) | Q(state=State.LEASED, lease_until__lte=now)
    return in_line & (Q(not_before__isnull=True) | Q(not_before__lte=now))


def seconds_worked(leased_at: datetime, lease_until: datetime, now: datetime) -> int | None:
    """Whole seconds from lease to answer; None where the lease had run out (nobody knows what was work)."""
    if now > lease_until:
        return None
    return max(0, round((now - leased_at).total_seconds()))


def comparable(decision: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a decision that two people must agree on: all but what is kept for ``"undo"``."""
    return {name: value for name, value in decision.items() if name != "undo"}


def agree(decisions: Iterable[Mapping[str, Any]]) -> bool:
    """True where every decision says the same."""
    first, *others = [comparable(decision) for decision in decisions]
    return all(other == first for other in others)


def answers_missing(needed: int, decisions: Sequence[Mapping[str, Any]]) -> int:
    """How many more people must answer an item.

    Where those needed do not agree, one more person decides; whatever she says, the item is then done.
    """
    if len(decisions) < needed:
        return needed - len(decisions)
    if len(decisions) == needed and not agree(decisions):
        return 1
    return 0
