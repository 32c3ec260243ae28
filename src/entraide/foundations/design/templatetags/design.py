"""``{% load design %}``: icons, states, progress, times, numbers, pages, fields, stylesheets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.template import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext

from entraide.foundations.design import bundles, icons, vendored, words

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing for the eye only: always put a word beside it. Names: the room's README."""
    mirrored = mark_safe(" data-mirrored") if name in icons.DIRECTIONAL else ""
    return format_html(
        '<svg class="icon"{} viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"'
        ' stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"'
        ' focusable="false">{}</svg>',
        mirrored,
        mark_safe(icons.drawing(name)),  # noqa: S308 - from our own vendored file
    )


@register.simple_tag
def status(state: str, label: Any = "") -> SafeString:
    """How sure we are, or how far something is: icon, word and shape. ``label`` replaces our word."""
    return format_html(
        '<span class="status" data-state="{}">{}<span>{}</span></span>',
        state,
        icon(state),
        label or words.STATES.get(state, state),
    )


@register.inclusion_tag("design/components/progress.html")
def progress(value: int, target: int | None, unit: str, label: Any) -> dict[str, Any]:
    """How much of a goal is there, in any unit (money in cents); without a target just the count."""
    return {
        "label": label,
        "value": value,
        "target": target or 0,
        "reached": min(value, target) if target else 0,
        "sentence": words.quantity(value, unit, of=target or None),
    }


@register.simple_tag
def local_time(moment: datetime | None) -> SafeString | str:
    """A moment as the reader's language writes it, with its time zone; nothing for None."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}">{} <span class="zone">{}</span></time>',
        local.isoformat(timespec="seconds"),
        formats.date_format(local, "DATETIME_FORMAT"),
        local.tzname(),
    )


@register.simple_tag
def ago(moment: datetime | None) -> SafeString | str:
    """How long since (or until) a moment, the moment itself on hovering; nothing for None."""
    if moment is None:
        return ""
    now = timezone.now()
    if abs(now - moment) < timedelta(minutes=1):
        text = gettext("just now")
    elif moment < now:
        text = gettext("%(span)s ago") % {"span": timesince(moment, now, depth=1)}
    else:
        text = gettext("in %(span)s") % {"span": timeuntil(moment, now, depth=1)}
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        f"{formats.date_format(local, 'DATETIME_FORMAT')} {local.tzname()}",
        text,
    )


@register.simple_tag
def number(value: float | None) -> str:
    """A number with its thousands grouped as the reader's language does."""
    return "" if value is None else words.number(value)


@register.simple_tag
def quantity(value: int, unit: str) -> str:
    """A count with its unit: ``1,204 messages``, ``24 €``."""
    return words.quantity(value, unit)


@register.inclusion_tag("design/components/pagination.html", takes_context=True)
def pages(context: Context, page: Page[Any]) -> dict[str, Any]:
    """Links to the other pages of a list, keeping the filters of the address (parameter ``page``)."""
    query = context["request"].GET.copy()

    def address(other: int) -> str:
        query["page"] = str(other)
        return f"?{query.urlencode()}"

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
        "numbers": [
            {"label": words.number(other), "url": address(other), "current": other == page.number}
            if isinstance(other, int)
            else {"label": other, "url": "", "current": False}
            for other in numbers
        ],
    }


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """One field of a form with label, hint and errors; the same as ``{{ bound.as_field_group }}``."""
    return bound.as_field_group()


@register.simple_tag
def stylesheet(name: str) -> SafeString:
    """The link to a joined stylesheet: ``house``, ``bare`` or ``gallery``."""
    address = reverse("design:stylesheet", args=[name, bundles.digest(name)])
    return format_html('<link rel="stylesheet" href="{}">', address)


@register.simple_tag
def vendored_url(name: str, file: str) -> str:
    """The address of a file of others, whatever its version: ``"maplibre-gl" "dist/maplibre-gl.css"``."""
    return static(vendored.static_path(name, file))


@register.filter
def tone(level_tag: str) -> str:
    """The tone of a notice for a level of Django's messages."""
    return {"success": "done", "warning": "urgent", "error": "error"}.get(level_tag, "info")
