"""Every write of the causes room: one verb, one function, one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from entraide.foundations.causes import contributions, rules
from entraide.foundations.causes.models import Cause, CauseText, Goal, State
from entraide.foundations.journal import actions as journal
from entraide.foundations.people import actions as people_actions
from entraide.foundations.people import queries as people
from entraide.foundations.people.rules import Right, Role
from entraide.refusal import Refusal

if TYPE_CHECKING:
    from entraide.foundations.people.models import Organisation, Person

Text = Mapping[str, str]  # title, summary, body; only the title is needed


@transaction.atomic
def create(
    *,
    slug: str,
    texts: Mapping[str, Text],
    languages: Iterable[str] = (),
    countries: Iterable[str] = (),
    sdgs: Iterable[int] = (),
    area: Sequence[float] | None = None,
    organisation: Organisation | None = None,
    by: Person,
) -> Cause:
    """Draft a cause. Any signed-in person may; she becomes its first steward.

    Args:
        slug: its address, ``[a-z0-9-]``, at most 60 characters.
        texts: language → ``{"title": …, "summary": …, "body": …}``; the first is the original.
        languages: BCP 47 codes of those concerned.
        countries: ISO 3166-1 alpha-2 codes.
        sdgs: numbers 1–17.
        area: west, south, east, north in degrees.
        organisation: who carries it; ``by`` must be its steward.

    Raises:
        Refusal: 400 for what is misshapen, 403 for a visitor, 409 where the address is taken.
    """
    if not by.is_authenticated or not by.is_active:
        raise Refusal(_("Sign in to begin a cause."), status=403, code="sign-in")
    if not texts:
        raise Refusal(_("A cause needs a title."), where="title", code="no-title")
    if organisation is not None:
        people.demand(by, Right.CAUSE_SET_UP, organisation=organisation)
    codes = rules.known_languages(texts)
    west, south, east, north = rules.known_area(area) or (None, None, None, None)
    cause = Cause(
        slug=rules.plain_slug(slug),
        original_language=codes[0],
        languages=rules.known_languages(languages),
        countries=rules.known_countries(countries),
        sdgs=rules.known_sdgs(sdgs),
        west=west,
        south=south,
        east=east,
        north=north,
        organisation=organisation,
    )
    _save(cause)
    people_actions.grant(person=by, role=Role.STEWARD, cause_id=cause.public_id, by=by)
    CauseText.objects.bulk_create(
        CauseText(cause=cause, language=language, **_words(text)) for language, text in texts.items()
    )
    return cause


def _save(cause: Cause) -> None:
    try:
        with transaction.atomic():
            cause.save()
    except IntegrityError as error:
        if not Cause.objects.filter(slug=cause.slug).exclude(pk=cause.pk).exists():
            raise
        raise Refusal(
            _("Another cause has this address already."), status=409, where="slug", code="slug-taken"
        ) from error


def _words(text: Text) -> dict[str, str]:
    title = text.get("title", "").strip()
    if not title:
        raise Refusal(_("A cause needs a title."), where="title", code="no-title")
    return {
        "title": title[:120],
        "summary": text.get("summary", "").strip()[:400],
        "body": text.get("body", "").strip(),
    }


def _steward(cause: Cause, by: Person) -> None:
    people.demand(by, Right.CAUSE_SET_UP, cause_id=cause.public_id)


@transaction.atomic
def edit(
    *,
    cause: Cause,
    by: Person,
    slug: str | None = None,
    languages: Iterable[str] | None = None,
    countries: Iterable[str] | None = None,
    sdgs: Iterable[int] | None = None,
    **optional: Any,
) -> Cause:
    """Change what is said of a cause. What is not named stays.

    Args:
        slug: only while it is a draft: addresses that were public must not break.
        optional: ``area`` (west, south, east, north, or None) and ``organisation`` (or None).

    Raises:
        Refusal: 403 without the right, 400 for what is misshapen, 409 for an address that is taken or
            public.
        TypeError: for a name that is neither.
    """
    _steward(cause, by)
    if unknown := optional.keys() - {"area", "organisation"}:
        raise TypeError(f"a cause has no {', '.join(sorted(unknown))}")
    if slug is not None and slug != cause.slug:
        if cause.state != State.DRAFT:
            raise Refusal(
                _("The address is public and stays as it is."), status=409, where="slug", code="slug-public"
            )
        cause.slug = rules.plain_slug(slug)
    if languages is not None:
        cause.languages = rules.known_languages(languages)
    if countries is not None:
        cause.countries = rules.known_countries(countries)
    if sdgs is not None:
        cause.sdgs = rules.known_sdgs(sdgs)
    if "area" in optional:
        area = rules.known_area(optional["area"]) or (None, None, None, None)
        cause.west, cause.south, cause.east, cause.north = area
    if "organisation" in optional and optional["organisation"] != cause.organisation:
        if optional["organisation"] is not None:
            people.demand(by, Right.CAUSE_SET_UP, organisation=optional["organisation"])
        cause.organisation = optional["organisation"]
    _save(cause)
    return cause


@transaction.atomic
def set_text(
    *, cause: Cause, language: str, title: str, summary: str = "", body: str = "", by: Person
) -> CauseText:
    """Write the cause's text in one language. Raises Refusal: 403 without the right, 400 without a title."""
    _steward(cause, by)
    [code] = rules.known_languages([language])
    written, _made = CauseText.objects.update_or_create(
        cause=cause, language=code, defaults=_words({"title": title, "summary": summary, "body": body})
    )
    return written


@transaction.atomic
def remove_text(*, cause: Cause, language: str, by: Person) -> None:
    """Remove a version. Raises Refusal: 403 without the right, 409 for the original."""
    _steward(cause, by)
    if language == cause.original_language:
        raise Refusal(
            _("The original stays: the others are measured by it."), status=409, code="original-text"
        )
    CauseText.objects.filter(cause=cause, language=language).delete()


@transaction.atomic
def set_goal(
    *,
    cause: Cause,
    label: Mapping[str, str],
    unit: str,
    target: int,
    kinds: Iterable[str] = (),
    position: int | None = None,
    goal: Goal | None = None,
    by: Person,
) -> Goal:
    """Add a goal to a cause, or change one.

    Args:
        label: language → words.
        unit: as contributions are counted: ``"report"``, ``"hour"``, ``"eur-cent"``.
        target: how many, at least 1.
        kinds: only these kinds of contribution count; none: all in this unit.
        position: where it stands among the others; default: last, or where it stood.
        goal: the one to change; None adds one.

    Raises:
        Refusal: 403 without the right, 400 for what is misshapen.
    """
    _steward(cause, by)
    words = {code: text.strip() for code, text in label.items() if text.strip()}
    if not words:
        raise Refusal(_("Say in words what the goal is."), where="label", code="no-label")
    if not rules.UNIT_SHAPE.fullmatch(unit) or len(unit) > 40:
        raise Refusal(_("“%(unit)s” is not a unit.") % {"unit": unit}, where="unit", code="bad-unit")
    if target < 1:
        raise Refusal(_("A goal is at least one."), where="target", code="bad-target")
    rules.known_languages(words)
    goal = goal or Goal(cause=cause, position=cause.goals.count())
    assert goal.cause_id == cause.pk
    goal.label, goal.unit, goal.target, goal.kinds = words, unit, target, list(dict.fromkeys(kinds))
    if position is not None:
        goal.position = position
    goal.save()
    return goal


@transaction.atomic
def remove_goal(*, goal: Goal, by: Person) -> None:
    """Remove a goal; what was given towards it stays in the journal. Raises Refusal (403)."""
    _steward(goal.cause, by)
    goal.delete()


@transaction.atomic
def open_cause(*, cause: Cause, by: Person) -> Cause:
    """Open a draft, or open a closed cause again: everybody may see it and give.

    Raises:
        Refusal: 403 without the right, 409 where it is open already or says nothing of itself yet.
    """
    _steward(cause, by)
    if not cause.texts.filter(language=cause.original_language).exclude(summary="").exists():
        raise Refusal(
            _("Write a summary first: people must know what they are asked for."),
            status=409,
            where="summary",
            code="no-summary",
        )
    now = timezone.now()
    # The state is named in the update: of two stewards who press the button, one opens the cause.
    if not Cause.objects.filter(pk=cause.pk, state__in=[State.DRAFT, State.CLOSED]).update(
        state=State.OPEN, opened_at=now, closed_at=None
    ):
        raise Refusal(_("This cause is open already."), status=409, code="open-already")
    cause.refresh_from_db()
    _record(contributions.Opened, cause, by)
    return cause


@transaction.atomic
def close(*, cause: Cause, by: Person) -> Cause:
    """Close an open cause: it stays to be read, nobody can give to it any more.

    Raises:
        Refusal: 403 without the right, 409 where it is not open.
    """
    _steward(cause, by)
    if not Cause.objects.filter(pk=cause.pk, state=State.OPEN).update(
        state=State.CLOSED, closed_at=timezone.now()
    ):
        raise Refusal(_("This cause is not open."), status=409, code="not-open")
    cause.refresh_from_db()
    _record(contributions.Closed, cause, by)
    return cause


def _record(kind: type[contributions.Opened | contributions.Closed], cause: Cause, by: Person) -> None:
    journal.record(
        kind(
            cause=str(cause.public_id),
            actor=str(by.public_id),
            subject=f"cause:{cause.public_id}",
            evidence_hash=rules.promise_hash(cause),
            evidence_ref=f"cause:{cause.public_id}",
            slug=cause.slug,
        )
    )
