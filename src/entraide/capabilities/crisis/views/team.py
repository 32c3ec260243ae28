"""The team's pages: the list of reports, one report with all that may be done to it, changes in bulk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from entraide.capabilities.crisis import rules
from entraide.capabilities.crisis.actions import bulk as bulk_actions
from entraide.capabilities.crisis.actions import looking, merging, publishing, steps, verifying
from entraide.capabilities.crisis.forms import BulkForm, EditForm, TeamFilter, VerifyForm
from entraide.capabilities.crisis.models import Bulk, BulkItem, Category, Publication, Report, Standing, Step
from entraide.capabilities.crisis.queries import bulk as bulk_queries
from entraide.capabilities.crisis.queries import places as places_queries
from entraide.capabilities.crisis.queries import reports as queries
from entraide.capabilities.crisis.queries import similar
from entraide.capabilities.crisis.reactions.panel import originals
from entraide.foundations.causes import queries as causes
from entraide.foundations.people import queries as people
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

PAGE = 50


@login_required
@require_safe
def reports(request: HttpRequest, slug: str) -> HttpResponse:
    """The reports of a cause, newest first, with filters."""
    cause = causes.get(request.user, slug)
    held = queries.demand_team(request.user, cause)
    visible = queries.visible(held, cause)
    used = list(
        visible.exclude(language="").order_by("language").values_list("language", flat=True).distinct()
    )
    form = TeamFilter(request.GET or None, cause=cause, languages_used=used)
    found = filtered(visible, form.cleaned_data if form.is_valid() else {})
    page = Paginator(
        found.select_related("publication").prefetch_related("categories").order_by("-pk"), PAGE
    ).get_page(request.GET.get("page"))
    language = get_language() or "en"
    return render(
        request,
        "crisis/team.html",
        {
            "cause": cause,
            "form": form,
            "page": page,
            "rows": [row(report, language) for report in page],
            "counts": [
                {"step": step, "label": Step(step).label, "number": number}
                for step, number in queries.counts_by_step(visible).items()
                if number
            ],
            "bulk_form": BulkForm(cause=cause),
            "bulks": Bulk.objects.filter(cause=cause).order_by("-pk")[:3],
            "rights": rights_for_template(held),
        },
    )


def filtered(visible: Any, wanted: dict[str, Any]) -> Any:
    """The reports a filter keeps."""
    q = (wanted.get("q") or "").strip()
    if q:
        visible = visible.filter(Q(ref=q.lower()) | Q(title__icontains=q) | Q(text__icontains=q))
    for name in ("step", "standing", "language"):
        if wanted.get(name):
            visible = visible.filter(**{name: wanted[name]})
    if wanted.get("category"):
        visible = visible.filter(categories__slug=wanted["category"])
    shown = wanted.get("shown")
    if shown == "yes":
        visible = visible.filter(publication__isnull=False)
    elif shown == "no":
        visible = visible.filter(publication__isnull=True)
    elif shown == "second":
        visible = visible.filter(queries.awaiting_second_yes()).distinct()
    return visible


def row(report: Report, language: str) -> dict[str, Any]:
    """One line of the list."""
    return {
        "report": report,
        "categories": [
            {"name": rules.name_in(category.names, language, category.slug), "icon": category.icon}
            for category in report.categories.all()
        ],
        "published": hasattr(report, "publication"),
    }


def rights_for_template(held: frozenset[Right]) -> dict[str, bool]:
    """The rights as names a template can ask: ``rights.publish``."""
    return {
        "triage": Right.REPORT_TRIAGE in held,
        "verify": Right.REPORT_VERIFY in held,
        "publish": Right.REPORT_PUBLISH in held,
        "exact": Right.REPORT_SEE_EXACT in held,
        "route": Right.REPORT_ROUTE in held,
        "take": Right.REPORT_TAKE in held,
        "contact": Right.CONTACT_SEE in held,
        "set_up": Right.CAUSE_SET_UP in held,
    }


@login_required
@require_safe
def report(request: HttpRequest, slug: str, ref: str) -> HttpResponse:
    """One report, for its team."""
    cause = causes.get(request.user, slug)
    found = queries.get(request.user, cause, ref)
    return page_of(request, cause, found)


def page_of(
    request: HttpRequest, cause: Any, found: Report, *, exact: Any = None, status: int = 200
) -> HttpResponse:
    """The page of a report; ``exact`` where its place was just opened."""
    held = queries.rights(request.user, cause)
    language = get_language() or "en"
    setup = queries.setup_of(cause)
    sensitivity = queries.sensitivity(found)
    publication = Publication.objects.filter(report=found).first()
    agreed = list(found.approvals.select_related("by"))
    edit = EditForm(
        initial={
            "title": found.title,
            "text": found.text,
            "language": found.language,
            "urgent": found.urgent,
            "categories": [category.slug for category in found.categories.all()],
        },
        cause=cause,
        chosen_language=found.language,
    )
    return render(
        request,
        "crisis/team_report.html",
        {
            "cause": cause,
            "report": found,
            "row": row(found, language),
            "rights": rights_for_template(held),
            "publication": publication,
            "stale": bool(publication and found.edited_at and publication.updated_at < found.edited_at),
            "agreed": agreed,
            "needed": rules.approvals_needed(sensitivity=sensitivity, two_person=setup.two_person),
            "i_agreed": any(approval.by_id == request.user.pk for approval in agreed),
            "closed_category": sensitivity == "closed",
            "frozen": setup.map_frozen,
            "originals": originals(found, held),
            "senders": queries.senders(found),
            "voices": [voice for voice in queries.voices(found) if voice.pk != found.pk],
            "candidates": similar.perhaps_the_same(found, held) if Right.REPORT_TRIAGE in held else [],
            "changes": history(found),
            "may_be": rules.NEXT_STEPS[found.step],
            "edit_form": edit,
            "verify_form": VerifyForm(initial={"standing": found.standing}),
            "exact": exact,
            "has_place": found.exact_x is not None,
            "precision": queries.precision(found),
            "mine": found.taken_by_id == request.user.pk,
        },
        status=status,
    )


def history(found: Report) -> list[dict[str, Any]]:
    """The report's changes with words for what each was."""
    words = {
        "text": _("Words, categories or place changed"),
        "approved": _("Agreed to publish"),
        "published": _("Published"),
        "withdrawn": _("Withdrawn from the public"),
        "merged": _("Another report was joined"),
        "taken-apart": _("A joined report stands on its own again"),
        "told": _("The witness is being told"),
    }
    listed = []
    for change in found.changes.select_related("by"):
        state = change.after if change.what in {"step", "standing"} else ""
        if change.what == "step":
            label = str(Step(state).label)
        elif change.what == "standing":
            label = str(Standing(state).label)
        else:
            label = words.get(change.what, change.what)
        listed.append({"change": change, "label": label, "state": state})
    return listed


@login_required
@require_POST
def act(request: HttpRequest, slug: str, ref: str, deed: str) -> HttpResponse:
    """Do one thing to a report, and go back to its page."""
    cause = causes.get(request.user, slug)
    found = queries.get(request.user, cause, ref)
    perform = DEEDS.get(deed)
    if perform is None:
        raise Refusal(_("There is nothing of this name to do."), status=404, code="deed-unknown")
    said = perform(request, found)
    if said:
        notices.success(request, said)
    return redirect("crisis:team-report", slug=slug, ref=ref)


def _why(request: HttpRequest) -> str:
    return request.POST.get("why", "")[:1_000]


def _publish(request: HttpRequest, found: Report) -> str:
    if publishing.publish(found, by=request.user) is None:
        return _("You agreed. Another person must agree before it is published.")
    return _("Published.")


def _withdraw(request: HttpRequest, found: Report) -> str:
    publishing.withdraw(found, by=request.user, why=_why(request))
    return _("Withdrawn from the public.")


def _edit(request: HttpRequest, found: Report) -> str:
    form = EditForm(request.POST, cause=found.cause, chosen_language=found.language)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise Refusal(errors[0], where=name, code="form-invalid")
    given = form.cleaned_data
    place = steps.KEEP
    if given["place_text"]:
        choices = places_queries.search(found.cause, given["place_text"], limit=1)
        if not choices:
            raise Refusal(
                _("We know no place called “%(name)s”. Try a larger place nearby, or coordinates.")
                % {"name": given["place_text"]},
                where="place_text",
                code="place-unknown",
            )
        place = steps.Place(point=choices[0].point, radius_m=choices[0].radius_m, name=choices[0].label)
    kept = found.categories.exclude(archived_at=None)
    chosen = Category.objects.filter(cause=found.cause, slug__in=given["categories"]) | kept
    steps.edit(
        found,
        by=request.user,
        title=given["title"],
        text=given["text"],
        language=given["language"],
        urgent=given["urgent"],
        categories=chosen.distinct().order_by("pk"),
        place=place,
    )
    return _("Saved.")


def _verify(request: HttpRequest, found: Report) -> str:
    sources = request.POST.get("independent_sources", "") or "0"
    verifying.verify(
        found,
        standing=request.POST.get("standing", ""),
        by=request.user,
        why=_why(request),
        evidence=request.POST.get("evidence", "")[:2_000],
        independent_sources=min(int(sources), 32_000) if sources.isdecimal() else 0,
    )
    return _("Noted how sure we are.")


def _pass_on(request: HttpRequest, found: Report) -> str:
    steps.pass_on(found, by=request.user)
    return _("Passed on.")


def _set_aside(request: HttpRequest, found: Report) -> str:
    steps.set_aside(found, by=request.user, why=_why(request))
    return _("Set aside.")


def _put_back(request: HttpRequest, found: Report) -> str:
    steps.put_back(found, by=request.user, why=_why(request))
    return _("It is in line to be read again.")


def _route(request: HttpRequest, found: Report) -> str:
    steps.route(found, organisation=None, by=request.user, why=_why(request))
    return _("Handed on to those who can act.")


def _take(request: HttpRequest, found: Report) -> str:
    steps.take(found, by=request.user)
    return _("It is yours. Thank you.")


def _hand_back(request: HttpRequest, found: Report) -> str:
    steps.hand_back(found, by=request.user, why=_why(request))
    return _("Handed back: others can take it.")


def _finish(request: HttpRequest, found: Report) -> str:
    told = steps.finish(found, by=request.user, why=_why(request))
    return _("Done. The witness is being told.") if told else _("Done. Nobody could be told.")


def _reopen(request: HttpRequest, found: Report) -> str:
    steps.reopen(found, by=request.user, why=_why(request))
    return _("Taken up again.")


def _merge(request: HttpRequest, found: Report) -> str:
    other = queries.get(request.user, found.cause, request.POST.get("same", "").strip().lower())
    merging.merge(found, into=other, by=request.user, why=_why(request))
    return _("Joined with the other report.")


def _take_apart(request: HttpRequest, found: Report) -> str:
    merging.take_apart(found, by=request.user, why=_why(request))
    return _("It stands on its own again.")


DEEDS: dict[str, Callable[[HttpRequest, Report], str]] = {
    "publish": _publish,
    "withdraw": _withdraw,
    "edit": _edit,
    "verify": _verify,
    "pass-on": _pass_on,
    "set-aside": _set_aside,
    "put-back": _put_back,
    "route": _route,
    "take": _take,
    "hand-back": _hand_back,
    "finish": _finish,
    "reopen": _reopen,
    "merge": _merge,
    "take-apart": _take_apart,
}


@login_required
@require_POST
def exact_place(request: HttpRequest, slug: str, ref: str) -> HttpResponse:
    """Open the exact place: a post, because it leaves a (sealed) entry in the journal."""
    cause = causes.get(request.user, slug)
    found = queries.get(request.user, cause, ref)
    seen = looking.open_exact_place(found, by=request.user)
    exact = {"lat": f"{seen[0]:.5f}", "lon": f"{seen[1]:.5f}", "radius_m": seen[2]} if seen else None
    return page_of(request, cause, found, exact=exact)


@login_required
@require_safe
def places(request: HttpRequest, slug: str) -> HttpResponse:
    """Places for what somebody types: a fragment of radio buttons, or a page without JavaScript."""
    cause = causes.get(request.user, slug)
    people.demand(request.user, Right.REPORT_TRIAGE, cause_id=cause.public_id)
    typed = (request.GET.get("place_text") or "").strip()[:300]
    context = {"cause": cause, "typed": typed, "found": places_queries.search(cause, typed)}
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "crisis/_places.html" if fragment else "crisis/places.html", context)


@login_required
@require_POST
def bulk(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for one change to the chosen reports."""
    cause = causes.get(request.user, slug)
    category = Category.objects.filter(cause=cause, slug=request.POST.get("category", "")).first()
    asked = bulk_actions.ask(
        cause,
        deed=request.POST.get("deed", ""),
        refs=request.POST.getlist("ref"),
        category=category,
        why=request.POST.get("why", "")[:300],
        by=request.user,
    )
    return redirect("crisis:bulk", slug=slug, pk=asked.pk)


@login_required
@require_safe
def bulk_page(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """How far a bulk change is."""
    cause = causes.get(request.user, slug)
    held = queries.demand_team(request.user, cause)
    found = bulk_queries.get(cause, pk)
    counts = bulk_queries.counts(found)
    total = sum(counts.values())
    context = {
        "cause": cause,
        "bulk": found,
        "counts": counts,
        "total": total,
        "dealt_with": total - bulk_queries.open_items(found, counts),
        "running": bulk_queries.open_items(found, counts) > 0,
        "refused": found.items.filter(
            state=BulkItem.State.REFUSED, report__in=queries.visible(held, cause)
        ).select_related("report")[:50],
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "crisis/_bulk.html" if fragment else "crisis/bulk.html", context)


@login_required
@require_POST
def bulk_undo(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undo a bulk change."""
    cause = causes.get(request.user, slug)
    bulk_actions.ask_undo(bulk_queries.get(cause, pk), by=request.user)
    return redirect("crisis:bulk", slug=slug, pk=pk)
