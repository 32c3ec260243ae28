"""``{% load desk %}``: addresses that keep the wish, and small words of the desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from babel.lists import format_list
from django import template
from django.template import Context
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from entraide.foundations.languages.rules import name_of

register = template.Library()


@register.simple_tag(takes_context=True)
def wish_url(context: Context, to: str = "desk", **changes: Any) -> str:
    """The address of ``desk`` or ``next`` with the page's wish, some of it changed."""
    wish = replace(context["wish"], **changes)
    return f"{reverse(f'desk:{to}')}{wish.query}"


@register.simple_tag
def clock(moment: datetime | None) -> SafeString | str:
    """The time of day, as the reader's language writes it."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}">{} {}</time>',
        local.isoformat(timespec="seconds"),
        formats.date_format(local, "TIME_FORMAT"),
        local.tzname(),
    )


@register.simple_tag
def languages_in_words(codes: list[str], style: Literal["or", "standard"] = "or") -> str:
    """The names of languages as one phrase: "Swahili, Arabic or French" (style ``standard``: "and")."""
    try:
        locale = Locale.parse(get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return format_list([name_of(code) for code in codes], style=style, locale=locale)


@register.filter
def spaced(value: int) -> str:
    """A number with its thousands grouped, for use inside a translated sentence."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)
