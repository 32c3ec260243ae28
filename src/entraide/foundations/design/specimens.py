"""What the gallery shows: every component, in every theme and in both directions of writing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from entraide.foundations.design import bundles, colour, icons, words
from entraide.foundations.design.specimen_texts import ARABIC, ENGLISH

COMPONENTS = [part.removeprefix("components/") for part in bundles.HOUSE if part.startswith("components/")]

# A map as the tag of the places room draws it, small enough to stand here.
DRAWING = mark_safe(
    '<svg viewBox="0 0 400 300" preserveAspectRatio="xMidYMid slice" role="img" aria-label="Lumi">'
    '<rect class="map-sea" width="400" height="300"/>'
    '<path class="map-land" d="M150 320 120 250 135 200 120 150 165 120 200 70 240 -20H420V320Z"/>'
    '<circle class="map-area" cx="310" cy="190" r="38"/>'
    '<circle class="map-point" cx="230" cy="110" r="24"/><text class="map-count" x="230" y="115">96</text>'
    '<circle class="map-point" data-sign="unverified" cx="180" cy="190" r="17"/>'
    '<text class="map-count" data-sign="unverified" x="180" y="195">18</text>'
    '<rect class="map-point" data-sign="answered" x="275" y="55" width="30" height="30" rx="4"/>'
    '<text class="map-count" data-sign="answered" x="290" y="75">12</text></svg>'
)


@dataclass(frozen=True, kw_only=True)
class Pane:
    """One way of looking at a component: a theme and a direction of writing."""

    name: str
    label: Any
    theme: str
    texts: dict[str, Any]


PANES = (
    Pane(name="light", label=_("Light"), theme="light", texts=ENGLISH),
    Pane(name="dark", label=_("Dark"), theme="dark", texts=ENGLISH),
    Pane(name="contrast", label=_("High contrast"), theme="contrast", texts=ENGLISH),
    Pane(name="rtl", label=_("Right to left"), theme="light", texts=ARABIC),
    Pane(name="contrast-dark", label=_("High contrast, dark"), theme="contrast-dark", texts=ENGLISH),
    Pane(name="rtl-dark", label=_("Right to left, dark"), theme="dark", texts=ARABIC),
)


def context(request: HttpRequest) -> dict[str, Any]:
    """What the gallery's template needs. ``?pane=dark`` shows one pane only, as wide as the page."""
    asked = request.GET.get("pane", "")
    panes = [pane for pane in PANES if pane.name == asked] or PANES[:4]
    return {
        "asked": asked,
        "panes": PANES,
        "components": [
            {"name": name, "specimens": [(pane, specimen(name, pane, request)) for pane in panes]}
            for name in COMPONENTS
        ],
        "palette": palette(),
        "icons": [*icons.DRAWINGS],
    }


def specimen(component: str, pane: Pane, request: HttpRequest) -> SafeString:
    """One component as it looks in one pane, in the pane's language."""
    with translation.override(pane.texts["language"]):
        return render_to_string(f"design/specimens/{component}.html", _context(pane), request=request)


def palette() -> list[dict[str, Any]]:
    """The colour tokens with their sRGB value in each theme."""
    themes = {name: declarations(name) for name in bundles.THEMES}
    return [
        {"token": token, "values": [(name, colour.served(themes[name][token])) for name in themes]}
        for token in themes["light"]
        if token != "shadow"  # noqa: S105 - a token of design
    ]


def declarations(theme: str) -> dict[str, str]:
    """Token -> value, as one theme's file declares them."""
    css = bundles.squeeze(bundles.theme(theme))
    return {
        name.strip().removeprefix("--"): value.strip()
        for name, _colon, value in (line.partition(":") for line in css.split(";") if line)
    }


def _context(pane: Pane) -> dict[str, Any]:
    texts = pane.texts
    now = timezone.now()
    states = texts.get("states", {})
    return {
        "t": texts,
        "pane": pane.name,
        "form": _form(pane),
        "filters": _filters(pane),
        "states": [(state, states.get(state, "")) for state in words.STATES],
        "drawing": DRAWING,
        "reports": [
            {"title": title, "url": "#list", "state": state, "place": place, "icon": "water",
             "category": texts["water"], "at": now - timedelta(minutes=7 * (number + 1))}
            for number, (title, state, place) in enumerate(texts["reports"])
        ],
        "timeline": [
            {"label": label, "text": text, "at": now - timedelta(hours=6 - number) if number < 3 else None,
             "current": number == 2}
            for number, (label, text) in enumerate(texts["timeline"])
        ],
        "page": Paginator(range(95), 10).page(4),
    }  # fmt: skip


def _form(pane: Pane) -> forms.Form:
    """A form with one field of each sort and one error."""
    words_of = pane.texts["form"]

    class Specimen(forms.Form):
        what = forms.CharField(
            widget=forms.Textarea(attrs={"rows": 3}),
            label=words_of["what"][0],
            help_text=words_of["what"][1],
            error_messages={"required": words_of["missing"]},
        )
        where = forms.CharField(label=words_of["where"][0], required=False)
        when = forms.DateField(label=words_of["when"][0], required=False)
        needs = forms.MultipleChoiceField(
            label=words_of["needs"][0],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[("water", pane.texts["water"]), ("shelter", pane.texts["shelter"])],
        )
        reply = forms.BooleanField(label=words_of["reply"][0], required=False)
        mail = forms.EmailField(label=words_of["mail"][0], help_text=words_of["mail"][1], required=False)

    return Specimen({"needs": ["water"], "where": pane.texts["reports"][0][2]}, auto_id=f"{pane.name}-%s")


def _filters(pane: Pane) -> forms.Form:
    class Filters(forms.Form):
        q = forms.CharField(
            label=pane.texts["search"], required=False, widget=forms.TextInput(attrs={"type": "search"})
        )
        category = forms.ChoiceField(
            label=pane.texts["form"]["needs"][0],
            required=False,
            choices=[("", "–"), ("water", pane.texts["water"]), ("shelter", pane.texts["shelter"])],
        )

    return Filters(auto_id=f"{pane.name}-filter-%s")
