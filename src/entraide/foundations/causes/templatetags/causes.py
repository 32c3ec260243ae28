"""``{% load causes %}``: figures in any unit, goals, and what the house knows of a cause."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from entraide.foundations.causes import rules
from entraide.foundations.causes.models import Cause
from entraide.foundations.causes.queries import GoalProgress
from entraide.foundations.languages.rules import direction

register = template.Library()


@register.filter
def amount(quantity: int, unit: str) -> str:
    """A quantity with its unit: "2,500 reports", "€12.50"."""
    return rules.amount(quantity, unit)


@register.inclusion_tag("causes/_goal.html")
def goal(progress: GoalProgress, cause: Cause) -> dict[str, Any]:
    """One goal with its progress; the figure opens the journal entries behind it."""
    query = {"cause": str(cause.public_id)}
    if len(progress.goal.kinds) == 1:
        query["kind"] = progress.goal.kinds[0]
    return {
        "label": progress.label,
        "given": rules.bare_amount(progress.given, progress.goal.unit),
        "target": rules.amount(progress.goal.target, progress.goal.unit),
        "percent": progress.percent,
        "url": f"{reverse('journal:index')}?{urlencode(query)}#entries",
    }


@register.simple_tag
def text_attributes(language: str) -> SafeString:
    """``lang="…" dir="…"`` for an element that holds a text of this language."""
    return format_html('lang="{}" dir="{}"', language, direction(language))
