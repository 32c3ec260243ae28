"""Pages on which a person sees and changes what is hers."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from entraide.foundations.people import actions, queries, rules
from entraide.foundations.people.forms import EraseForm, ProfileForm
from entraide.foundations.people.views.asking import me, prove_again, signed_in_just_now
from entraide.refusal import Refusal


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, languages, skills, language of the pages."""
    person = me(request)
    form = ProfileForm(request.POST) if request.method == "POST" else ProfileForm.of(person)
    if form.is_bound and form.is_valid():
        actions.edit_profile(person=person, by=person, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("people:me")
    context = {"form": form, "public_name": queries.public_name(person), "tab": "profile"}
    return render(request, "people/profile.html", context)


@login_required
@require_GET
def my_rights(request: HttpRequest) -> HttpResponse:
    """Every role she has, what it allows, and how to give it up."""
    roles = [
        {
            "grant": grant,
            "scope": queries.scope_of(cause_id=grant.cause_id, organisation=grant.organisation),
            "allows": rules.labels_of(rules.Role(grant.role)),
            "leads": rules.Right.TEAM_MANAGE in rules.RIGHTS_OF[rules.Role(grant.role)],
        }
        for grant in queries.grants_of(me(request))
    ]
    return render(request, "people/rights.html", {"roles": roles, "tab": "rights"})


@login_required
@require_http_methods(["GET", "POST"])
def my_consents(request: HttpRequest) -> HttpResponse:
    """Each purpose with its wording, her answer, and a button that turns it round."""
    person = me(request)
    if request.method == "POST":
        purpose = request.POST.get("purpose", "")
        if purpose not in rules.Purpose.values:
            raise Refusal(_("Nobody asks for this."), where="purpose", code="purpose-unknown")
        if request.POST.get("answer") == "yes":
            actions.give_consent(person=person, purpose=purpose)
            messages.success(request, _("Thank you. You can take this back at any time."))
        else:
            actions.withdraw_consent(person=person, purpose=purpose)
            messages.success(request, _("Taken back."))
        return redirect("people:consents")
    answers = [
        {"purpose": purpose, "text": rules.CONSENTS[purpose].text, "answer": answer}
        for purpose, answer in queries.consents(person).items()
    ]
    return render(request, "people/consents.html", {"answers": answers, "tab": "consents"})


@login_required
@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """Where one takes one's data along, or erases them."""
    alone = queries.led_alone(me(request))
    return render(request, "people/data.html", {"led_alone": alone, "tab": "data"})


@login_required
@never_cache
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """Everything the house holds on her, as one JSON file."""
    if not signed_in_just_now(request):
        return prove_again(request)
    person = me(request)
    text = json.dumps(
        {"exported_at": timezone.now().isoformat(), **queries.export(person)},
        ensure_ascii=False,
        indent=2,
        default=str,
    )
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="entraide-{str(person.public_id)[:8]}.json"'
    return response


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """Erase her data, after she proved who she is and typed her address."""
    if not signed_in_just_now(request):
        return prove_again(request)
    person = me(request)
    alone = queries.led_alone(person)
    form = EraseForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        actions.erase(person=person, by=person)
        logout(request)
        return render(request, "people/erased.html")
    return render(request, "people/erase.html", {"form": form, "led_alone": alone, "tab": "data"})
