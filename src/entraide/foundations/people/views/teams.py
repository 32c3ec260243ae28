"""Who has which role in a cause or an organisation, and who may come in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from entraide.foundations.people import actions, queries, rules
from entraide.foundations.people.forms import InvitationForm
from entraide.foundations.people.models import Grant
from entraide.foundations.people.views.asking import me
from entraide.refusal import Refusal


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest, cause_id: UUID) -> HttpResponse:
    """The team of a cause."""
    return _team(request, queries.scope_of(cause_id=cause_id))


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def organisation_team(request: HttpRequest, slug: str) -> HttpResponse:
    """The team of an organisation."""
    return _team(request, queries.scope_of(organisation=queries.organisation(slug)))


def _team(request: HttpRequest, scope: queries.Scope) -> HttpResponse:
    place: dict[str, Any] = {"cause_id": scope.cause_id, "organisation": scope.organisation}
    queries.demand(request.user, rules.Right.TEAM_MANAGE, **place)
    form = InvitationForm(request.POST or None, members=scope.organisation is not None)
    link = made = None
    if request.method == "POST" and form.is_valid():
        try:
            made, token = actions.invite(by=me(request), **place, **form.asked())
        except Refusal as refusal:
            form.add_error(refusal.where if refusal.where in form.fields else None, str(refusal))
        else:
            # Shown once and kept nowhere, hence no redirect.
            link = request.build_absolute_uri(reverse("people:invitation", args=[token]))
    grants = list(queries.running_grants(**place))
    context = {
        "scope": scope,
        "team": _rows(grants),
        "invitations": queries.open_invitations(**place),
        "form": form,
        "link": link,
        "made": made,
        "roles": [{"label": role.label, "sentence": rules.ROLE_SENTENCES[role]} for role in rules.Role],
    }
    return render(request, "people/team.html", context)


def _rows(grants: list[Grant]) -> list[dict[str, Any]]:
    language = get_language() or "en"
    shown = queries.who_consent({grant.person_id for grant in grants}, rules.Purpose.SKILLS_SHOWN)
    return [
        {
            "grant": grant,
            "languages": [rules.language_name(code, language) for code in grant.person.languages]
            if grant.person_id in shown
            else [],
            "skills": grant.person.skills if grant.person_id in shown else [],
        }
        for grant in grants
    ]


@login_required
@require_POST
def end_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role, one's own or somebody's in a team one leads."""
    grant = queries.grant_for(request.user, pk)
    actions.end_grant(grant=grant, by=me(request))
    if grant.person == request.user:
        messages.success(request, _("You have given the role up."))
        return redirect("people:rights")
    messages.success(request, _("The role is ended."))
    return redirect(queries.scope_of(cause_id=grant.cause_id, organisation=grant.organisation).team_url)
