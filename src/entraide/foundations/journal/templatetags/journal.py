"""``{% load journal %}``: entries in words, the entries about one subject, the totals of one cause."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from entraide.capability import cards
from entraide.foundations.journal import queries, rules
from entraide.foundations.journal.models import Entry

register = template.Library()


@register.filter
def sentence(entry: Entry) -> str:
    """The entry in words, in the reader's language."""
    return rules.sentence(entry)


@register.filter
def sentence_linked(entry: Entry) -> str | SafeString:
    """The entry in words, linked to the public page of what it is about, where there is one."""
    url = subject_url(entry.subject)
    return format_html('<a href="{}">{}</a>', url, sentence(entry)) if url else sentence(entry)


@register.filter
def subject_url(subject: str) -> str:
    """The public page of an entry's subject, as the cards know it, or ""."""
    for card in cards():
        if subject and card.subject_url and (url := card.subject_url(subject)):
            return url
    return ""


@register.filter
def member(names: dict[str, str], key: str) -> str:
    """What ``names`` holds under ``key``; the beginning of the key where it holds nothing."""
    return names.get(key) or key[:8]


@register.inclusion_tag("journal/_entries_of.html")
def entries_of(subject: str) -> dict[str, Any]:
    """The public entries about one subject, oldest first, each linked to its page."""
    return {"entries": queries.entries_about(subject)}


@register.inclusion_tag("journal/_totals_of.html")
def totals_of(cause: object) -> dict[str, Any]:
    """What was given to one cause (its ``public_id``), each figure linked to the entries behind it."""
    rows = []
    for (kind, unit), quantity in queries.totals(cause=str(cause)).items():
        query = urlencode({"cause": str(cause), "kind": kind})
        rows.append(
            {
                "label": rules.label(kind),
                "unit": unit,
                "quantity": quantity,
                "url": f"{reverse('journal:index')}?{query}",
            }
        )
    return {"rows": rows}
