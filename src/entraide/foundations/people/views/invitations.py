"""Invitation links: read, accepted, withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from entraide.foundations.people import actions, queries, rules
from entraide.foundations.people.views.asking import me


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation gives, and a button to accept it. A visitor signs up first and comes back."""
    found = queries.invitation_by(token)
    scope = queries.scope_of(cause_id=found.cause_id, organisation=found.organisation)
    if request.method == "POST" and request.user.is_authenticated:
        actions.accept_invitation(token=token, person=me(request))
        messages.success(request, _("Welcome. You are in."))
        return redirect(scope.url or "people:rights")
    if request.user.is_authenticated and queries.is_in(me(request), found):
        return redirect(scope.url or "people:rights")
    if refusal := queries.refusal_of(found):
        raise refusal
    role = rules.Role(found.role) if found.role else None
    context = {
        "invitation": found,
        "scope": scope,
        "role": role,
        "sentence": rules.ROLE_SENTENCES[role] if role else "",
        "allows": rules.labels_of(role) if role else [],
        "inviter": queries.public_name(found.by),
    }
    return render(request, "people/invitation.html", context)


@login_required
@require_POST
def withdraw_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link admit nobody any more."""
    found = queries.invitation_for(request.user, pk)
    actions.withdraw_invitation(invitation=found, by=me(request))
    messages.success(request, _("The invitation is withdrawn."))
    return redirect(queries.scope_of(cause_id=found.cause_id, organisation=found.organisation).team_url)
