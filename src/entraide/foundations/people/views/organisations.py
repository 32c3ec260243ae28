"""Pages of organisations."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from entraide.foundations.people import actions, queries, rules
from entraide.foundations.people.forms import MembershipForm, OrganisationForm
from entraide.foundations.people.models import Membership
from entraide.foundations.people.views.asking import me, panels


@login_required
@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    """Those she belongs to."""
    memberships = queries.organisations_of(me(request))
    context = {"memberships": memberships, "tab": "organisations"}
    return render(request, "people/organisations.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def organisation_new(request: HttpRequest) -> HttpResponse:
    """Make an organisation."""
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = actions.create_organisation(by=me(request), **form.cleaned_data)
        messages.success(request, _("The organisation is made. Now invite the others."))
        return redirect("people:organisation", made.slug)
    return render(request, "people/organisation_new.html", {"form": form, "tab": "organisations"})


@require_GET
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """An organisation's public page."""
    found = queries.organisation(slug)
    members = list(queries.members(found, request.user))
    own = next((one for one in members if one.person == request.user), None)
    is_leader = queries.may(request.user, rules.Right.TEAM_MANAGE, organisation=found)
    context = {
        "organisation": found,
        "country": rules.country_name(found.country, get_language() or "en"),
        "members": members,
        "own": own,
        "own_form": MembershipForm(initial={"role": own.role, "public": own.public}) if own else None,
        "is_leader": is_leader,
        "panels": panels("organisation_panels", found, request),
    }
    return render(request, "people/organisation.html", context)


def _membership(request: HttpRequest, slug: str) -> Membership:
    found = queries.organisations_of(me(request)).filter(organisation__slug=slug).first()
    if found is None:
        raise queries.not_there()
    return found


@login_required
@require_POST
def membership(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what one does there and whether everybody may see it."""
    own = _membership(request, slug)
    form = MembershipForm(request.POST)
    if form.is_valid():
        actions.describe_membership(membership=own, by=me(request), **form.cleaned_data)
        messages.success(request, _("Saved."))
    return redirect("people:organisation", slug)


@login_required
@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave an organisation."""
    actions.end_membership(membership=_membership(request, slug), by=me(request))
    messages.success(request, _("You have left the organisation."))
    return redirect("people:organisations")
