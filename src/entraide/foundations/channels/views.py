"""The stewards' pages: doors, deliveries, and what is stuck."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from entraide.foundations.causes import queries as causes
from entraide.foundations.channels import actions, queries
from entraide.foundations.channels.forms import OpenDoor
from entraide.foundations.channels.models import Door, Outgoing
from entraide.foundations.people.queries import causes_with, demand, may
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

PER_PAGE = 50


def _cause(request: HttpRequest, slug: str, right: Right) -> Any:
    cause = causes.get(request.user, slug)
    demand(request.user, right, cause_id=cause.public_id)
    return cause


def _page(request: HttpRequest, cause: Any, here: str, **more: Any) -> dict[str, Any]:
    """What the three pages of a cause share: their tabs, each where she has the right to it."""
    tabs = []
    if may(request.user, Right.CAUSE_SET_UP, cause_id=cause.public_id):
        tabs += [("doors", _("Doors")), ("stuck", _("Stuck messages"))]
    if may(request.user, Right.CONTACT_REPLY, cause_id=cause.public_id):
        tabs.insert(1, ("deliveries", _("Deliveries")))
    links = [
        {"label": label, "url": reverse(f"channels:{name}", args=[cause.slug]), "current": name == here}
        for name, label in tabs
    ]
    return {"cause": cause, "tabs": links, **more}


@login_required
def index(request: HttpRequest) -> HttpResponse:
    """The causes whose doors or deliveries she looks after."""
    mine = causes_with(request.user, Right.CAUSE_SET_UP) | causes_with(request.user, Right.CONTACT_REPLY)
    found = causes.visible(request.user).filter(public_id__in=mine)
    return render(request, "channels/index.html", {"causes": found})


@login_required
@require_http_methods(["GET", "POST"])
def doors(request: HttpRequest, slug: str) -> HttpResponse:
    """A cause's doors; POST opens one."""
    cause = _cause(request, slug, Right.CAUSE_SET_UP)
    form = OpenDoor(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made: dict[str, Any] = {name: said[name] for name in ("country", "address") if said[name]}
        try:
            door = actions.open_door(
                cause=cause, kind=said["kind"], label=said["label"], by=request.user, settings=made
            )
        except Refusal as refusal:
            form.add_error(refusal.where if refusal.where in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The door is open. Here is what to do next."))
            return redirect("channels:door", slug=slug, pk=door.pk)
    status = 422 if form.errors else 200
    context = _page(request, cause, "doors", doors=queries.doors(cause.pk), form=form)
    return render(request, "channels/doors.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def door(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One door: what to type where, in plain words; POST freezes, thaws, gives a new secret or shows it."""
    cause = _cause(request, slug, Right.CAUSE_SET_UP)
    found = queries.door(cause.pk, pk)
    secret = ""
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "freeze":
            actions.freeze_door(door=found, by=request.user)
            messages.success(request, _("The door is frozen: it takes nothing until you open it again."))
        elif act == "thaw":
            actions.thaw_door(door=found, by=request.user)
            messages.success(request, _("The door is open again."))
        elif act == "rotate":
            secret = actions.rotate_secret(door=found, by=request.user)
        elif act == "show":
            secret = actions.secret_of(door=found, by=request.user)
        else:
            raise Refusal(_("There is nothing of that name to do here."), code="unknown-act")
        if not secret:
            return redirect("channels:door", slug=slug, pk=pk)
    context = _page(
        request,
        cause,
        "doors",
        door=found,
        address=address_of(found),
        secret=secret,
        has_secret=bool(found.sealed_secret),
        insecure=settings.SITE_URL.startswith("http://"),
        mail_off=found.kind == Door.Kind.MAIL and not settings.LMTP_LISTEN,
    )
    response = render(request, "channels/door.html", context)
    response.headers["Cache-Control"] = "no-store"  # it may show a secret
    return response


def address_of(door: Door) -> str:
    """What to type: the full address of a door, or the e-mail address people write to; "" for the form."""
    if door.kind in (Door.Kind.SMSSYNC, Door.Kind.WEBHOOK):
        return f"{settings.SITE_URL}/door/{door.kind}/{door.token}"
    if door.kind == Door.Kind.MAIL:
        local, _at, host = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">").partition("@")
        return str(door.settings.get("address") or f"{local}+{door.token}@{host}")
    return ""


@login_required
@require_http_methods(["GET", "POST"])
def deliveries(request: HttpRequest, slug: str) -> HttpResponse:
    """How far answers got; POST tries one again."""
    cause = _cause(request, slug, Right.CONTACT_REPLY)
    state = request.GET.get("state", "")
    state = state if state in Outgoing.State.values else ""
    if request.method == "POST":
        actions.retry(outgoing=queries.outgoing(cause.pk, request.POST.get("uuid", "")), by=request.user)
        messages.success(request, _("It will be sent again."))
        return redirect(request.get_full_path())
    counts = queries.delivery_counts(cause.pk)
    states = [
        {
            "value": each.value,
            "label": each.label,
            "count": counts[each.value],
            "current": each.value == state,
        }
        for each in Outgoing.State
    ]
    page = Paginator(queries.deliveries(cause.pk, state), PER_PAGE).get_page(request.GET.get("page"))
    context = _page(request, cause, "deliveries", page_obj=page, states=states, state=state)
    return render(request, "channels/deliveries.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def stuck(request: HttpRequest, slug: str) -> HttpResponse:
    """Messages that could not be taken in; POST tries them again now."""
    cause = _cause(request, slug, Right.CAUSE_SET_UP)
    waiting = queries.stuck(cause.pk)
    if request.method == "POST":
        ids = list(waiting.values_list("pk", flat=True)[:PER_PAGE])
        through = actions.retry_stuck(len(ids), ids=ids)
        told = ngettext("%(count)d message got through.", "%(count)d messages got through.", through)
        messages.success(request, told % {"count": through})
        return redirect("channels:stuck", slug=slug)
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "channels/stuck.html", _page(request, cause, "stuck", page_obj=page))
