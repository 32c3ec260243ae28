"""The typed card a room fills in, and the slots the house offers.

A capability is one folder under ``entraide.capabilities`` and one line in ``settings.CAPABILITIES``.
Its ``capability.py`` holds ``CARD = Capability(...)``: plain data. The house asks every card the same
questions; a room that has no answer leaves the slot empty. Foundations read the cards through
:func:`cards` and therefore never import a capability.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

Text = Any  # a str or a lazy translation of one


@dataclass(frozen=True, kw_only=True)
class Page:
    """A link in the main navigation. ``url_name`` is namespaced (``"crisis:map"``)."""

    label: Text
    url_name: str
    order: int = 50


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A piece of somebody else's page (a cause's, a person's, an organisation's).

    ``context(subject, request)`` returns what ``template`` needs, or None when there is nothing to show.
    """

    template: str
    context: Callable[[Any, HttpRequest], Mapping[str, Any] | None]
    order: int = 50


@dataclass(frozen=True, kw_only=True)
class GivingDoor:
    """One answer to "what can you give?". ``gift`` is words, time, skills, money or place."""

    gift: str
    label: Text
    sentence: Text
    url_name: str
    order: int = 50


@dataclass(frozen=True, kw_only=True)
class SetUpPage:
    """A page on which the stewards of a cause set this room up; ``url_name`` takes the cause's slug."""

    label: Text
    sentence: Text
    url_name: str
    right: str
    order: int = 50


@dataclass(frozen=True, kw_only=True)
class DeskQueue:
    """A line of work items for many hands. See ``foundations/desk/README.md``.

    Attributes:
        name: ``"crisis.triage"``; stable, stored with each item.
        right: the right a person needs in the item's cause to be handed an item.
        template: the item's panel; gets what ``context(item, person)`` returns, plus ``item``. It may
            contain form controls (no ``<form>``): the desk wraps them and posts them to ``answer``.
        answer: ``answer(item=, person=, data=)`` in the desk's transaction; returns a JSON-able record
            of what was decided, kept with the answer and given back to ``undo``.
        undo: ``undo(item=, person=, decision=)``; raises Refusal where it is too late.
        lease_seconds: how long an item stays one person's.
        second_look: a second, different person must answer too before the item is done.
    """

    name: str
    label: Text
    sentence: Text
    right: str
    template: str
    context: Callable[..., Mapping[str, Any]]
    answer: Callable[..., Mapping[str, Any]]
    undo: Callable[..., None]
    lease_seconds: int = 300
    second_look: bool = False
    order: int = 50


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A machine-readable output about a cause. ``url_name`` takes the cause's slug."""

    label: Text
    url_name: str
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Recurring:
    """Work done again and again by the worker: ``run()`` returns how many things it did."""

    name: str
    every_seconds: float
    run: Callable[[], int]


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long a kind of data is kept, in words (shown on the privacy page) and in work (``purge``)."""

    what: Text
    how_long: Text
    purge: Callable[[datetime], int] | None = None


@dataclass(frozen=True, kw_only=True)
class RawRoute:
    """A hot address served on the event loop, before Django (tiles, say).

    ``handle(request)`` is ``async`` and returns a ``RawResponse`` (both in ``website.server.raw``);
    the first path segment(s) in ``prefix`` select it (``"/tiles/"``).
    """

    prefix: str
    handle: Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Capability:
    """What one room tells the house about itself."""

    name: str
    label: Text
    sentence: Text
    urls: str = ""  # dotted urlconf, mounted at the root
    api_urls: str = ""  # dotted urlconf, mounted below /api/
    pages: Sequence[Page] = ()
    primary_action: Page | None = None  # "Tell what is happening"
    giving_doors: Sequence[GivingDoor] = ()
    home_panels: Sequence[Panel] = ()
    cause_panels: Sequence[Panel] = ()
    person_panels: Sequence[Panel] = ()
    organisation_panels: Sequence[Panel] = ()
    set_up_pages: Sequence[SetUpPage] = ()
    contributions: Sequence[type[Any]] = ()  # subclasses of journal.contributions.Contribution
    reactions: Mapping[str, Callable[[Any], None]] = field(default_factory=dict)  # entry kind -> reaction
    # A list of channels.queries.Received, in the intake's transaction. Where it fails for several, each is handed
    # over alone, so that one message holds up no other.
    on_messages: Callable[[Sequence[Any]], None] | None = None
    subject_url: Callable[[str], str | None] | None = None  # opaque subject of an entry -> public page
    queues: Sequence[DeskQueue] = ()
    feeds: Sequence[Feed] = ()
    raw_routes: Sequence[RawRoute] = ()
    may_listen: Callable[[Any, str], bool] | None = None  # (person, live topic): True lets her hear it
    sitemap: Callable[[], Iterable[str]] | None = None
    recurring: Sequence[Recurring] = ()
    retention: Sequence[Retention] = ()
    export_person: Callable[[Any], Mapping[str, Any]] | None = None
    erase_person: Callable[[Any], None] | None = None
    demonstrate: Callable[..., None] | None = None


@cache
def cards() -> tuple[Capability, ...]:
    """The cards of every capability switched on, in the order of ``settings.CAPABILITIES``."""
    from django.conf import settings

    return tuple(import_module(f"{dotted}.capability").CARD for dotted in settings.CAPABILITIES)


def slot(name: str) -> list[Any]:
    """Every card's answers in one slot (``"cause_panels"``), lowest ``order`` first."""
    answers = [answer for card in cards() for answer in getattr(card, name)]
    return sorted(answers, key=lambda answer: getattr(answer, "order", 50))
