"""The desk's pages: a view reads, calls one action, renders.

Every act is a POST that answers with the next page (redirect) or, asked by htmx, with the region that
changed. Looking at the desk never takes an item: only "next" does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from entraide.capability import DeskQueue
from entraide.foundations.causes import queries as causes
from entraide.foundations.causes.models import Cause
from entraide.foundations.desk import actions, queries, rules
from entraide.foundations.desk.models import WorkItem
from entraide.refusal import Refusal


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the person wants to work on: one queue, one cause, one language, or whatever comes."""

    queue: DeskQueue | None = None
    cause: Cause | None = None
    language: str = ""

    @property
    def query(self) -> str:
        """The wish as the query string of an address, with its question mark, or ""."""
        wanted = {
            "queue": self.queue.name if self.queue else "",
            "cause": self.cause.slug if self.cause else "",
            "language": self.language,
        }
        given = {name: value for name, value in wanted.items() if value}
        return f"?{urlencode(given)}" if given else ""

    def next_item(self, person: Any) -> WorkItem | None:
        """Hand the person the next item she wishes for."""
        return actions.next_item(
            person=person,
            queue=self.queue.name if self.queue else None,
            cause=self.cause,
            language=self.language or None,
            others_languages=False,
        )


def wish_of(request: HttpRequest) -> Wish:
    """The wish in an address. What it names and the person may not know of is as if unnamed."""
    slug = request.GET.get("cause", "")
    try:
        cause = causes.get(request.user, slug) if slug else None
    except Refusal:
        cause = None
    return Wish(
        queue=queries.queues().get(request.GET.get("queue", "")),
        cause=cause,
        language=request.GET.get("language", "")[:35],
    )


def wants_fragment(request: HttpRequest) -> bool:
    """True where htmx asks for a region of the page."""
    return request.headers.get("HX-Request") == "true"


def desk_url(wish: Wish) -> str:
    """The address of the desk, with the wish."""
    return reverse("desk:desk") + wish.query


def item_url(item: WorkItem, wish: Wish) -> str:
    """The address of an item, with the wish to go on by."""
    return reverse("desk:item", args=[item.pk]) + wish.query


@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The desk: what waits, and what is in hand."""
    if not request.user.is_authenticated or not queries.places_of_work(request.user):
        return _welcome(request)
    wish = wish_of(request)
    return _page(request, wish, queries.held_by(request.user).first())


def _welcome(request: HttpRequest) -> HttpResponse:
    """What the desk is, for those who do not work at it yet."""
    open_causes = causes.visible(request.user).filter(state="open")[:6]
    return render(
        request,
        "desk/welcome.html",
        {"queues": list(queries.queues().values()), "causes": open_causes},
    )


def _page(
    request: HttpRequest,
    wish: Wish,
    item: WorkItem | None,
    *,
    refusal: Refusal | None = None,
    other: WorkItem | None = None,
) -> HttpResponse:
    """The whole desk, or the region of work where htmx asked.

    Args:
        item: what is in the person's hands.
        refusal: why her last act did not happen.
        other: an item she came to see that is not in her hands.
    """
    overview = queries.overview(request.user)
    context = {
        "overview": overview,
        "wish": wish,
        **_work_context(request, wish, item, overview.lines),
        "refusal": refusal,
        "other": other,
        "day": queries.day(request.user),
        "median": queries.median_seconds(request.user),
    }
    if not wants_fragment(request):
        return render(request, "desk/desk.html", context, status=refusal.status if refusal else 200)
    response = render(request, "desk/_after_act.html", context)
    response.headers["HX-Push-Url"] = item_url(item, wish) if item else desk_url(wish)
    return response


def _work_context(
    request: HttpRequest, wish: Wish, item: WorkItem | None, lines: list[queries.Line]
) -> dict[str, Any]:
    last = queries.newest_answer(request.user)
    context: dict[str, Any] = {
        "item": item,
        "last": last,
        "last_queue": queries.queues().get(last.item.queue) if last else None,
    }
    if item is None:
        waiting = queries.waiting(
            request.user, lines, queue=wish.queue, cause=wish.cause, language=wish.language
        )
        return {**context, "waiting": waiting}
    queue = queries.queue_of(item)
    return {
        **context,
        **queue.context(item, request.user),
        "queue": queue,
        **_lease_context(item),
    }


def _lease_context(item: WorkItem) -> dict[str, Any]:
    return {
        "item": item,
        "seconds_left": queries.seconds_left(item),
        "warn_before": int(rules.WARN_BEFORE.total_seconds()),
    }


@never_cache
@require_safe
@login_required
def lines(request: HttpRequest) -> HttpResponse:
    """What waits, for a page that heard of a change; with the region of work where nothing is in hand."""
    wish = wish_of(request)
    overview = queries.overview(request.user)
    idle = request.GET.get("idle") == "1"
    context: dict[str, Any] = {"overview": overview, "wish": wish, "idle": idle}
    if idle:
        context |= _work_context(request, wish, None, overview.lines)
        context |= {"refusal": None, "other": None}
    return render(request, "desk/_lines_changed.html", context)


@never_cache
@require_POST
@login_required
def next_item(request: HttpRequest) -> HttpResponse:
    """Hand the person the next item of her wish."""
    wish = wish_of(request)
    return _go_on(request, wish, wish.next_item(request.user))


def _go_on(request: HttpRequest, wish: Wish, item: WorkItem | None) -> HttpResponse:
    if wants_fragment(request):
        return _page(request, wish, item)
    return redirect(item_url(item, wish) if item else desk_url(wish))


@never_cache
@login_required
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item: its panel where it is in the person's hands; otherwise what became of it."""
    found = queries.item_for(request.user, pk)
    wish = wish_of(request)
    if request.method == "POST":
        return _act(request, found, wish)
    mine = queries.held_by(request.user).filter(pk=pk).first()
    if mine is None:
        return _page(request, wish, queries.held_by(request.user).first(), other=found)
    return _page(request, wish, mine)


def _act(request: HttpRequest, found: WorkItem, wish: Wish) -> HttpResponse:
    """Do what the pressed button says; any button without ``desk-action`` is an answer."""
    person: Any = request.user
    act = request.POST.get("desk-action", "answer")
    following: WorkItem | None = None
    try:
        if act == "answer":
            actions.answer(item=found, person=person, data=request.POST)
        elif act == "skip":
            actions.skip(item=found, person=person)
        elif act == "release":
            actions.release(item=found, person=person)
            return _go_on(request, wish, None)
        elif act == "keep":
            following = actions.extend(item=found, person=person)
            if wants_fragment(request):
                return render(request, "desk/_lease.html", _lease_context(following))
        elif act == "take":
            following = _taken(found, person)
        elif act == "undo":
            following = _undone(found, person)
        else:
            raise Refusal(_("The desk does not know this button."), code="unknown-act")
    except Refusal as refusal:
        return _refused(request, wish, refusal)
    return _go_on(request, wish, following or wish.next_item(person))


def _taken(found: WorkItem, person: Any) -> WorkItem:
    taken = actions.take(item=found, person=person)
    if taken is None:
        raise Refusal(_("Somebody was faster: this item is not free."), status=409, code="not-free")
    return taken


def _undone(found: WorkItem, person: Any) -> WorkItem | None:
    answer = found.answers.filter(person=person, undone_at=None).first()
    if answer is None:
        raise Refusal(_("There is nothing to undo here."), status=409, code="undone-already")
    return actions.take(item=actions.undo(answer=answer, person=person), person=person)


def _refused(request: HttpRequest, wish: Wish, refusal: Refusal) -> HttpResponse:
    """Say why; where the item is still hers she goes on with it, what she typed still there."""
    mine = queries.held_by(request.user).first()
    if mine is not None and wants_fragment(request):
        response = render(request, "desk/_refusal.html", {"refusal": refusal})
        response.headers["HX-Retarget"] = "#work-refusal"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    return _page(request, wish, mine, refusal=refusal)


@never_cache
@require_POST
@login_required
def take_a_break(request: HttpRequest) -> HttpResponse:
    """Give everything back and say thank you."""
    returned = actions.release_all(person=request.user)  # type: ignore[arg-type]
    messages.success(
        request,
        ngettext(
            "Your item is back in line. Rest well; nothing is lost.",
            "Your items are back in line. Rest well; nothing is lost.",
            returned,
        )
        if returned
        else _("You hold nothing. Rest well; nothing is lost."),
    )
    return redirect("desk:desk")


@never_cache
@require_POST
@login_required
def look_again(request: HttpRequest) -> HttpResponse:
    """Offer what the person skipped once more."""
    actions.look_again(person=request.user)  # type: ignore[arg-type]
    return redirect(desk_url(wish_of(request)))
