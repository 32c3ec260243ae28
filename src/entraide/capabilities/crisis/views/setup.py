"""The stewards' pages: categories, privacy, texts to witnesses."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from entraide.capabilities.crisis import rules
from entraide.capabilities.crisis.actions import setup as actions
from entraide.capabilities.crisis.forms import CategoryForm, PrivacyForm, TextForm
from entraide.capabilities.crisis.models import Category
from entraide.capabilities.crisis.queries import reports as queries
from entraide.capabilities.crisis.queries import texts
from entraide.foundations.causes import queries as causes
from entraide.refusal import Refusal

TEXT_LABELS = {
    "receipt": (
        gettext_lazy("Receipt"),
        gettext_lazy("Sent at once to whoever writes. Do not name the event."),
    ),
    "published": (gettext_lazy("Published"), gettext_lazy("When others can read what she told.")),
    "routed": (gettext_lazy("Handed on"), gettext_lazy("When it was passed to those who may help.")),
    "taken": (gettext_lazy("Taken"), gettext_lazy("When somebody looks after it.")),
    "done": (gettext_lazy("Done"), gettext_lazy("When it is done.")),
    "risk_note": (
        gettext_lazy("Risk note on the form"),
        gettext_lazy("What a witness risks by telling, and what she can do about it."),
    ),
}


@login_required
@require_safe
def categories(request: HttpRequest, slug: str) -> HttpResponse:
    """The tree of categories."""
    cause = causes.to_set_up(request.user, slug)
    language = get_language() or "en"
    listed = [
        {
            "category": category,
            "name": rules.name_in(category.names, language, category.slug),
            "depth": category.depth,  # type: ignore[attr-defined]
        }
        for category in queries.categories(cause, archived=True)
    ]
    return render(request, "crisis/setup_categories.html", {"cause": cause, "listed": listed})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def category(request: HttpRequest, slug: str, pk: int | None = None) -> HttpResponse:
    """Add a category, or change one."""
    cause = causes.to_set_up(request.user, slug)
    found = None if pk is None else _category(cause, pk)
    initial: dict[str, Any] = {"icon": "other", "sensitivity": "open", "precision": "area-small"}
    if found is not None:
        initial = {
            "icon": found.icon,
            "sensitivity": found.sensitivity,
            "precision": found.precision,
            "parent": found.parent.slug if found.parent else "",
        }
    form = CategoryForm(request.POST or None, initial=initial, cause=cause, category=found)
    if request.method == "POST" and form.is_valid():
        parent_slug = form.cleaned_data["parent"]
        try:
            actions.save_category(
                cause,
                category=found,
                names=form.names(),
                parent=Category.objects.filter(cause=cause, slug=parent_slug).first()
                if parent_slug
                else None,
                icon=form.cleaned_data["icon"],
                sensitivity=form.cleaned_data["sensitivity"],
                precision=form.cleaned_data["precision"],
                by=request.user,
            )
        except Refusal as refusal:
            form.add_error(refusal.where if refusal.where in form.fields else None, str(refusal))
        else:
            notices.success(request, _("Saved."))
            return redirect("crisis:set-up-categories", slug=slug)
    return render(
        request,
        "crisis/setup_category.html",
        {"cause": cause, "form": form, "category": found},
        status=400 if form.errors else 200,
    )


@login_required
@require_POST
def category_deed(request: HttpRequest, slug: str, pk: int, deed: str) -> HttpResponse:
    """Move a category up or down, archive it or bring it back."""
    cause = causes.to_set_up(request.user, slug)
    found = _category(cause, pk)
    if deed in {"up", "down"}:
        actions.move_category(found, up=deed == "up", by=request.user)
    elif deed in {"archive", "restore"}:
        actions.archive_category(found, archived=deed == "archive", by=request.user)
    else:
        raise Refusal(_("There is nothing of this name to do."), status=404, code="deed-unknown")
    return redirect("crisis:set-up-categories", slug=slug)


def _category(cause: Any, pk: int) -> Category:
    found = Category.objects.select_related("parent", "cause").filter(cause=cause, pk=pk).first()
    if found is None:
        raise Refusal(_("There is no such category here."), status=404, code="no-such-category")
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: HttpRequest, slug: str) -> HttpResponse:
    """Two people, delay, freeze."""
    cause = causes.to_set_up(request.user, slug)
    setup = queries.setup_of(cause)
    form = PrivacyForm(
        request.POST or None,
        initial={
            "two_person": setup.two_person,
            "delay_hours": setup.delay_hours,
            "map_frozen": setup.map_frozen,
        },
    )
    if request.method == "POST" and form.is_valid():
        actions.set_privacy(cause, by=request.user, **form.cleaned_data)
        notices.success(request, _("Saved."))
        return redirect("crisis:set-up-privacy", slug=slug)
    return render(
        request,
        "crisis/setup_privacy.html",
        {"cause": cause, "form": form, "setup": setup},
        status=400 if form.errors else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def words(request: HttpRequest, slug: str, key: str = "receipt") -> HttpResponse:
    """What the house writes to witnesses, in each language."""
    cause = causes.to_set_up(request.user, slug)
    if key not in TEXT_LABELS:
        raise Refusal(_("There is no such text."), status=404, code="text-unknown")
    setup = queries.setup_of(cause)
    own = setup.risk_note if key == "risk_note" else setup.texts.get(key, {})
    form = TextForm(request.POST or None, cause=cause, key=key, own=own)
    if request.method == "POST" and form.is_valid():
        actions.set_texts(cause, key=key, by_language=form.by_language(), by=request.user)
        notices.success(request, _("Saved."))
        return redirect("crisis:set-up-text", slug=slug, key=key)
    return render(
        request,
        "crisis/setup_texts.html",
        {
            "cause": cause,
            "form": form,
            "key": key,
            "label": TEXT_LABELS[key][0],
            "sentence": TEXT_LABELS[key][1],
            "keys": [{"key": one, "label": TEXT_LABELS[one][0]} for one in (*texts.KEYS, "risk_note")],
        },
        status=400 if form.errors else 200,
    )
