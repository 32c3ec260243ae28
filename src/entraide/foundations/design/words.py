"""The words the components speak: states and units, in the reader's language."""

from __future__ import annotations

from decimal import Decimal

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy, to_locale

STATES: dict[str, Promise | str] = {
    "unverified": pgettext_lazy("state", "Not yet checked"),
    "corroborated": pgettext_lazy("state", "Several sources"),
    "verified": pgettext_lazy("state", "Verified"),
    "refuted": pgettext_lazy("state", "Refuted"),
    "out-of-date": pgettext_lazy("state", "Out of date"),
    "new": pgettext_lazy("state", "New"),
    "triaged": pgettext_lazy("state", "Sorted"),
    "located": pgettext_lazy("state", "Located"),
    "routed": pgettext_lazy("state", "Passed on"),
    "taken": pgettext_lazy("state", "Taken"),
    "done": pgettext_lazy("state", "Done"),
    "told": pgettext_lazy("state", "Told back"),
    "set-aside": pgettext_lazy("state", "Set aside"),
    "merged": pgettext_lazy("state", "Merged"),
    "queued": pgettext_lazy("state", "Waiting to be sent"),
    "sent": pgettext_lazy("state", "Sent"),
    "failed": pgettext_lazy("state", "Failed"),
    "open": pgettext_lazy("state", "Open"),
    "closed": pgettext_lazy("state", "Closed"),
    "draft": pgettext_lazy("state", "Draft"),
}


def number(value: float) -> str:
    """A number as the reader's language writes it, thousands grouped."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


def money(cents: int, currency: str = "EUR") -> str:
    """An amount of money; whole amounts without their empty decimals."""
    from babel.core import Locale  # takes a while, and few pages speak of money
    from babel.numbers import format_currency

    locale = Locale.parse(to_locale(get_language() or "en"))
    if cents % 100 == 0:
        pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
        return format_currency(cents // 100, currency, pattern, locale=locale, currency_digits=False)
    return format_currency(Decimal(cents) / 100, currency, locale=locale)


def quantity(value: int, unit: str, *, of: int | None = None) -> str:
    """``1,204 messages``, ``24 €``, ``3 of 5 hours``: a count in a unit of the journal.

    Args:
        value: how many; money in cents.
        unit: ``"report"``, ``"message"``, ``"hour"``, ``"eur-cent"`` …; an unknown one is shown as it is.
        of: the goal, where there is one.
    """
    if unit.endswith("-cent"):
        currency = unit.removesuffix("-cent").upper()
        if of is None:
            return money(value, currency)
        return gettext("%(value)s of %(goal)s") % {
            "value": money(value, currency),
            "goal": money(of, currency),
        }
    noun = _noun(unit, value if of is None else of)
    if of is None:
        return gettext("%(value)s %(unit)s") % {"value": number(value), "unit": noun}
    return gettext("%(value)s of %(goal)s %(unit)s") % {
        "value": number(value), "goal": number(of), "unit": noun,
    }  # fmt: skip


def _noun(unit: str, count: int) -> str:
    nouns = {
        "report": ngettext("report", "reports", count),
        "message": ngettext("message", "messages", count),
        "translation": ngettext("translation", "translations", count),
        "word": ngettext("word", "words", count),
        "hour": ngettext("hour", "hours", count),
        "minute": ngettext("minute", "minutes", count),
        "answer": ngettext("answer", "answers", count),
        "cause": ngettext("cause", "causes", count),
        "person": ngettext("person", "people", count),
        "place": ngettext("place", "places", count),
        "act": ngettext("act", "acts", count),
        "day": ngettext("day", "days", count),
        "idea": ngettext("idea", "ideas", count),
        "item": ngettext("item", "items", count),
        "kilometre": ngettext("kilometre", "kilometres", count),
        "litre": ngettext("litre", "litres", count),
        "meal": ngettext("meal", "meals", count),
        "need": ngettext("need met", "needs met", count),
        "post": ngettext("post", "posts", count),
        "publication": ngettext("publication", "publications", count),
        "seat": ngettext("seat", "seats", count),
        "share": ngettext("share", "shares", count),
        "tree": ngettext("tree", "trees", count),
        "vote": ngettext("vote", "votes", count),
    }
    return nouns.get(unit, unit)
