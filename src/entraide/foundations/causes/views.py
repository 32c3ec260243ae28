"""The causes' pages: a view reads the form, calls one action or query, renders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from entraide.capability import slot
from entraide.foundations.causes import actions, forms, queries, rules
from entraide.foundations.causes.models import Cause, CauseText, Goal, State
from entraide.foundations.people import queries as people
from entraide.foundations.people.rules import Right
from entraide.foundations.places import queries as places
from entraide.foundations.places.rules import from_grid
from entraide.refusal import Refusal

PER_PAGE = 12


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The causes one may know of, and what each needs now."""
    page = Paginator(queries.visible(request.user), PER_PAGE).get_page(request.GET.get("page"))
    goals = queries.goals_of_all(page.object_list)
    return render(
        request,
        "causes/list.html",
        {"page": page, "rows": [(cause, goals.get(cause.pk, [])) for cause in page.object_list]},
    )


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin a cause: a draft only its stewards see."""
    form = forms.NewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        texts = {data["language"]: {name: data[name] for name in ("title", "summary", "body")}}
        made = _try(
            form,
            lambda: actions.create(
                slug=data["slug"],
                texts=texts,
                languages=[data["language"]],
                by=request.user,  # type: ignore[arg-type]
            ),
        )
        if made is not None:
            messages.success(request, _("The draft is yours. Set it up, then open it."))
            return redirect("causes:set-up", made.slug)
    return render(request, "causes/new.html", {"form": form}, status=_status(form))


@require_safe
def cause(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a cause: what is needed, what was given, what the rooms show, who answers for it."""
    found = queries.get(request.user, slug)
    asked = request.GET.get("text", "")
    texts = list(found.texts.all())
    text = next((text for text in texts if text.language == asked), found.text)
    names = rules.country_names()
    context = {
        "cause": found,
        "text": text,
        "others": [other for other in texts if other.language != text.language],
        "goals": queries.goals(found),
        "panels": _panels(request, found),
        "stewards": queries.stewards(found),
        "history": queries.history(found),
        "countries": [names.get(code, code) for code in found.countries],
        "sdgs": [(number, rules.sdg_names()[number]) for number in found.sdgs],
        "feeds": [(feed, reverse(feed.url_name, args=[found.slug])) for feed in slot("feeds")],
        "may_set_up": people.may(request.user, Right.CAUSE_SET_UP, cause_id=found.public_id),
    }
    return render(request, "causes/cause.html", context)


def _panels(request: HttpRequest, found: Cause) -> list[str]:
    """What the rooms show on this cause's page; a room with nothing to show leaves no trace."""
    shown: list[str] = []
    for panel in slot("cause_panels"):
        context: Mapping[str, Any] | None = panel.context(found, request)
        if context is not None:
            shown.append(render_to_string(panel.template, {**context, "cause": found}, request))
    return shown


@login_required
def set_up(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything a steward can set up, on one page with links."""
    found = queries.to_set_up(request.user, slug)
    context = {
        "cause": found,
        "text": found.text,
        "texts": list(found.texts.all()),
        "goals": queries.goals(found),
        "pages": [
            (page, reverse(page.url_name, args=[found.slug]))
            for page in slot("set_up_pages")
            if people.may(request.user, page.right, cause_id=found.public_id)
        ],
        "team_url": reverse("people:team", args=[found.public_id]),
        "links": queries.set_up_links(request.user, found),
        "area_words": found.area,
        "countries": [rules.country_names().get(code, code) for code in found.countries],
    }
    return render(request, "causes/set_up.html", context)


@login_required
@require_POST
def state(request: HttpRequest, slug: str) -> HttpResponse:
    """Open or close the cause."""
    found = queries.to_set_up(request.user, slug)
    person: Any = request.user
    if request.POST.get("state") == State.OPEN:
        actions.open_cause(cause=found, by=person)
        messages.success(request, _("The cause is open. Everybody can see it."))
    elif request.POST.get("state") == State.CLOSED:
        actions.close(cause=found, by=person)
        messages.success(request, _("The cause is closed. It stays to be read."))
    else:
        raise Refusal(_("A cause can be opened or closed."), where="state", code="unknown-state")
    return redirect("causes:set-up", found.slug)


@login_required
def about(request: HttpRequest, slug: str) -> HttpResponse:
    """Address, languages, countries, organisation, goals of the United Nations."""
    found = queries.to_set_up(request.user, slug)
    form = forms.AboutForm(request.POST or None, cause=found, person=request.user)
    if request.method == "POST" and form.is_valid():
        by: Any = request.user
        edited = _try(form, lambda: actions.edit(cause=found, by=by, **form.cleaned_data))
        if edited is not None:
            return _kept(request, edited)
    return _form_page(request, found, form, _("Who and where"))


@login_required
def area(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the cause is: by a place's name, or by the four sides of a box."""
    found = queries.to_set_up(request.user, slug)
    by: Any = request.user
    if request.method == "POST" and "none" in request.POST:
        return _kept(request, actions.edit(cause=found, by=by, area=None))
    west, south, east, north = found.area or (None, None, None, None)
    form = forms.AreaForm(
        request.POST or None, initial={"west": west, "south": south, "east": east, "north": north}
    )
    if request.method == "POST" and form.is_valid():
        edited = _try(form, lambda: actions.edit(cause=found, by=by, area=form.area))
        if edited is not None:
            return _kept(request, edited)
    asked = request.GET.get("q", "").strip()[:200]
    answers = places.find(asked, countries=found.countries) if asked else []
    boxes = [(answer, rules.area_around(*from_grid(answer.point), answer.radius_m)) for answer in answers]
    context = {"cause": found, "form": form, "asked": asked, "boxes": boxes}
    return render(request, "causes/area.html", context, status=_status(form))


@login_required
def text(request: HttpRequest, slug: str, language: str = "") -> HttpResponse:
    """Write the cause's text in one more language, or change one."""
    found = queries.to_set_up(request.user, slug)
    written: CauseText | None = None
    if language:
        written = next((one for one in found.texts.all() if one.language == language), None)
        if written is None:
            raise Refusal(_("There is no text in this language yet."), status=404, code="no-text")
    by: Any = request.user
    if request.method == "POST" and written is not None and "remove" in request.POST:
        actions.remove_text(cause=found, language=written.language, by=by)
        return _kept(request, found)
    form = forms.TextForm(request.POST or None, text=written)
    if request.method == "POST" and form.is_valid():
        kept = _try(form, lambda: actions.set_text(cause=found, by=by, **form.cleaned_data))
        if kept is not None:
            return _kept(request, found)
    original = found.text_for(found.original_language)
    return _form_page(
        request,
        found,
        form,
        _("Text"),
        original=None if written == original else original,
        removable=written is not None and written.language != found.original_language,
    )


@login_required
def goal(request: HttpRequest, slug: str, pk: int | None = None) -> HttpResponse:
    """Add a goal, or change one."""
    found = queries.to_set_up(request.user, slug)
    wanted: Goal | None = None
    if pk is not None:
        wanted = found.goals.filter(pk=pk).first()
        if wanted is None:
            raise Refusal(_("There is no such goal."), status=404, code="no-goal")
    by: Any = request.user
    if request.method == "POST" and wanted is not None and "remove" in request.POST:
        actions.remove_goal(goal=wanted, by=by)
        return _kept(request, found)
    languages = [one.language for one in found.texts.all()] or [get_language() or "en"]
    form = forms.GoalForm(request.POST or None, languages=languages, goal=wanted)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        kept = _try(
            form,
            lambda: actions.set_goal(
                cause=found,
                goal=wanted,
                label=form.label,
                unit=data["unit"],
                target=data["target"],
                kinds=data["kinds"],
                by=by,
            ),
        )
        if kept is not None:
            return _kept(request, found)
    return _form_page(request, found, form, _("Goal"), removable=wanted is not None)


def _try(form: django_forms.Form, act: Callable[[], Any]) -> Any:
    """What the action returns; None where it refuses, the refusal then stands in the form."""
    try:
        return act()
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        form.add_error(refusal.where if refusal.where in form.fields else None, str(refusal))
        return None


def _status(form: django_forms.Form) -> int:
    return 422 if form.errors else 200


def _kept(request: HttpRequest, found: Cause) -> HttpResponse:
    messages.success(request, _("Kept."))
    return redirect("causes:set-up", found.slug)


def _form_page(
    request: HttpRequest, found: Cause, form: django_forms.Form, heading: str, **more: Any
) -> HttpResponse:
    context = {"cause": found, "form": form, "heading": heading, "original": None, "removable": False, **more}
    return render(request, "causes/form.html", context, status=_status(form))
