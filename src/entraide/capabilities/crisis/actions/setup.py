"""How stewards set the crisis room of a cause up: categories, privacy, texts."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from entraide.capabilities.crisis import rules
from entraide.capabilities.crisis.actions import publishing, steps
from entraide.capabilities.crisis.models import (
    Category,
    Precision,
    Publication,
    Report,
    Sensitivity,
    Setup,
)
from entraide.capabilities.crisis.queries import reports as queries
from entraide.capabilities.crisis.queries import texts
from entraide.foundations.channels import actions as channels
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal


def _demand(by: Any, cause: Any) -> None:
    queries.demand(by, Right.CAUSE_SET_UP, cause)


@transaction.atomic
def set_privacy(cause: Any, *, two_person: bool, delay_hours: int, map_frozen: bool, by: Any) -> Setup:
    """Set who must agree to a publication, how late it is seen, and whether the map is frozen.

    Raises:
        Refusal: 403 without the right; 400 ``delay-too-long`` beyond 72 hours.
    """
    _demand(by, cause)
    if not 0 <= delay_hours <= 72:
        raise Refusal(_("The delay is 0 to 72 hours."), where="delay_hours", code="delay-too-long")
    before = queries.setup_of(cause)
    setup, _made = Setup.objects.update_or_create(
        cause=cause,
        defaults={"two_person": two_person, "delay_hours": delay_hours, "map_frozen": map_frozen},
    )
    if before.map_frozen != map_frozen or before.delay_hours != delay_hours:
        # Open maps load anew: what may be seen has changed as a whole.
        channels.announce(f"map:{cause.public_id}", {"ref": "", "change": "changed"})
    return setup


@transaction.atomic
def set_texts(cause: Any, *, key: str, by_language: dict[str, str], by: Any) -> Setup:
    """Set the text of one kind ("receipt", …, or "risk_note") in several languages; an empty one returns
    to what is shipped.

    Raises:
        Refusal: 403 without the right; 400 ``text-unknown``, ``text-too-long`` (320 characters: two SMS).
    """
    _demand(by, cause)
    if key not in (*texts.KEYS, "risk_note"):
        raise Refusal(_("There is no such text."), code="text-unknown")
    kept = {language: text.strip() for language, text in by_language.items() if text.strip()}
    limit = 2_000 if key == "risk_note" else 320
    for language, text in kept.items():
        if len(text) > limit:
            raise Refusal(
                _("The text is too long: %(limit)s characters at most.") % {"limit": limit},
                where=f"text_{language}",
                code="text-too-long",
            )
    setup, _made = Setup.objects.get_or_create(cause=cause)
    if key == "risk_note":
        setup.risk_note = kept
    else:
        setup.texts = {**setup.texts, key: kept}
    setup.save(update_fields=["risk_note", "texts"])
    return setup


@transaction.atomic
def save_category(
    cause: Any,
    *,
    names: dict[str, str],
    by: Any,
    category: Category | None = None,
    parent: Category | None = None,
    icon: str = "other",
    sensitivity: str = Sensitivity.OPEN,
    precision: str = "area-small",
    slug: str = "",
) -> Category:
    """Add a category, or change one.

    A category that becomes closed has its reports withdrawn from the public first. Categories below it
    are never less careful: they are closed or guarded with it.

    Raises:
        Refusal: 403 without the right; 400 ``name-missing``, ``less-careful-than-parent``,
            ``parent-below-itself``; 409 ``category-exists``.
    """
    _demand(by, cause)
    kept = {language: name.strip()[:120] for language, name in names.items() if name.strip()}
    if not kept:
        raise Refusal(_("Give the category a name."), where="names", code="name-missing")
    if parent is not None:
        if parent.cause_id != cause.pk:
            raise Refusal(
                _("That category belongs to another cause."), where="parent", code="foreign-category"
            )
        if category is not None and _below(parent, category):
            raise Refusal(
                _("A category cannot be put below itself."), where="parent", code="parent-below-itself"
            )
        rules.check_not_less_careful(sensitivity, parent.sensitivity)
    if category is None:
        name = rules.name_in(kept, cause.original_language)
        slug = slug or slugify(name)[:60] or f"category-{Category.objects.filter(cause=cause).count() + 1}"
        if Category.objects.filter(cause=cause, slug=slug).exists():
            raise Refusal(
                _("There is a category of this name already."), where="names", code="category-exists"
            )
        last = Category.objects.filter(cause=cause, parent=parent).aggregate(last=Max("position"))["last"]
        category = Category(cause=cause, slug=slug, position=0 if last is None else last + 1)
    careful = category.pk is not None and _more_careful(category, sensitivity, precision)
    category.names, category.parent, category.icon = kept, parent, icon
    category.precision = precision
    if sensitivity == Sensitivity.CLOSED and category.pk:
        _withdraw_all(category, by=by)
    moved = category.pk is not None and category.sensitivity != sensitivity
    category.sensitivity = sensitivity
    category.save()
    if moved:
        # What waits at the desk goes to those who may read it now.
        for report in Report.objects.filter(categories=category).select_related("cause").order_by("pk"):
            steps.to_its_own_line(report)
    if careful and sensitivity != Sensitivity.CLOSED:
        _make_careful(category, by=by)
    for child in category.children.order_by("pk"):
        if rules.SENSITIVITY_ORDER.index(Sensitivity(child.sensitivity)) < rules.SENSITIVITY_ORDER.index(
            Sensitivity(sensitivity)
        ):
            save_category(
                cause,
                category=child,
                names=child.names,
                parent=category,
                icon=child.icon,
                sensitivity=sensitivity,
                precision=child.precision,
                by=by,
            )
    return category


def _more_careful(category: Category, sensitivity: str, precision: str) -> bool:
    return rules.CAREFUL_ORDER.index(Precision(precision)) > rules.CAREFUL_ORDER.index(
        Precision(category.precision)
    ) or rules.SENSITIVITY_ORDER.index(Sensitivity(sensitivity)) > rules.SENSITIVITY_ORDER.index(
        Sensitivity(category.sensitivity)
    )


def _make_careful(category: Category, *, by: Any) -> None:
    """Make what is published coarser at once. Never finer: what was agreed to was the coarse one."""
    reports = Report.objects.filter(categories=category, publication__isnull=False).select_related("cause")
    setup = queries.setup_of(category.cause)
    for report in reports.order_by("pk"):
        publishing.make_careful(report, setup, by=by)


def _below(category: Category, other: Category) -> bool:
    """True where ``category`` is ``other`` or below it."""
    step: Category | None = category
    while step is not None:
        if step.pk == other.pk:
            return True
        step = step.parent
    return False


def _withdraw_all(category: Category, *, by: Any) -> None:
    published = Publication.objects.filter(report__categories=category).select_related("report__cause")
    for publication in published.order_by("pk"):
        publishing.unpublish(publication.report, by=by, why=_("Now in a closed category."))


@transaction.atomic
def archive_category(category: Category, *, archived: bool, by: Any) -> None:
    """Take a category out of the choices, or bring it back. Reports keep it.

    Raises:
        Refusal: 403 without the right; 409 ``has-children`` while categories stand below it.
    """
    _demand(by, category.cause)
    if archived and category.children.filter(archived_at=None).exists():
        raise Refusal(_("Archive the categories below it first."), status=409, code="has-children")
    category.archived_at = timezone.now() if archived else None
    category.save(update_fields=["archived_at"])


@transaction.atomic
def move_category(category: Category, *, up: bool, by: Any) -> None:
    """Move a category one place up or down among its siblings; at the end it stays.

    Raises:
        Refusal: 403 without the right.
    """
    _demand(by, category.cause)
    siblings = list(
        Category.objects.filter(cause=category.cause, parent=category.parent, archived_at=None).order_by(
            "position", "pk"
        )
    )
    at = next(index for index, sibling in enumerate(siblings) if sibling.pk == category.pk)
    to = at - 1 if up else at + 1
    if 0 <= to < len(siblings):
        siblings[at], siblings[to] = siblings[to], siblings[at]
    for position, sibling in enumerate(siblings):
        sibling.position = position
    Category.objects.bulk_update(siblings, ["position"])
