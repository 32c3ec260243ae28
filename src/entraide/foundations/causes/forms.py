"""Forms of the causes room: what stewards type, made into what the actions take."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from entraide.foundations.causes import queries, rules
from entraide.foundations.causes.models import Cause, CauseText, Goal, State
from entraide.foundations.journal.contributions import kinds
from entraide.foundations.journal.rules import label as kind_label
from entraide.foundations.languages.rules import name_of
from entraide.foundations.people.rules import parse_languages


class NamesField(forms.CharField):
    """A list of names or codes between commas, cleaned to a list of codes."""

    def parse(self, text: str) -> tuple[list[str], list[str]]:
        """Codes, and the words that were not understood."""
        raise NotImplementedError

    def name(self, code: str) -> str:
        """A code in the reader's language."""
        raise NotImplementedError

    def prepare_value(self, value: Any) -> Any:
        """Show stored codes by their names."""
        return ", ".join(self.name(code) for code in value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        """The codes. Raises ValidationError naming what was not understood."""
        codes, unknown = self.parse(super().clean(value))
        if unknown:
            raise forms.ValidationError(
                _("Not understood: %(words)s"), code="not-understood", params={"words": ", ".join(unknown)}
            )
        return codes


class LanguagesField(NamesField):
    """Languages, by name or BCP 47 code."""

    def parse(self, text: str) -> tuple[list[str], list[str]]:
        """Codes, and the words that were not understood."""
        return parse_languages(text)

    def name(self, code: str) -> str:
        """A language's name."""
        return name_of(code)


class CountriesField(NamesField):
    """Countries, by name or ISO 3166-1 code."""

    def parse(self, text: str) -> tuple[list[str], list[str]]:
        """Codes, and the words that were not understood."""
        return rules.parse_countries(text)

    def name(self, code: str) -> str:
        """A country's name."""
        return rules.country_names().get(code, code)


def _one_language(code: str) -> str:
    codes, unknown = parse_languages(code)
    if unknown or len(codes) != 1:
        raise forms.ValidationError(_("Name one language."), code="one-language")
    return codes[0]


class TextForm(forms.Form):
    """The text of a cause in one language."""

    language = forms.CharField(
        label=_("Language of this text"),
        max_length=60,
        help_text=_("By name or code: Français, sw, Arabic …"),
    )
    title = forms.CharField(label=_("Title"), max_length=120)
    summary = forms.CharField(
        label=_("In two sentences"),
        max_length=400,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What happened, and what is asked for. It is shown wherever the cause is named."),
    )
    body = forms.CharField(
        label=_("The whole story"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 12}),
        help_text=_(
            "Who needs what, who does what, how the gifts are used. A blank line begins a paragraph."
        ),
    )

    def __init__(self, *args: Any, text: CauseText | None = None, **kwargs: Any) -> None:
        if text is not None:
            kwargs["initial"] = {
                "language": name_of(text.language),
                "title": text.title,
                "summary": text.summary,
                "body": text.body,
            }
        super().__init__(*args, **kwargs)
        if text is not None:
            self.fields["language"].disabled = True

    def clean_language(self) -> str:
        """The one code."""
        return _one_language(self.cleaned_data["language"])


class NewForm(TextForm):
    """A cause to begin: its first text, and its address."""

    slug = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=_("Small letters, digits and hyphens. Leave it empty to have it made from the title."),
    )
    field_order = ["title", "summary", "language", "slug", "body"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"language": name_of(get_language() or "en")})
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Make the address from the title where none was typed."""
        data = super().clean() or self.cleaned_data
        if not data.get("slug") and data.get("title"):
            data["slug"] = slugify(data["title"])[:60].strip("-")
            if not data["slug"] or data["slug"] in rules.FORBIDDEN_SLUGS:  # a title in another script
                self.add_error("slug", _("Choose an address in Latin letters."))
        return data


class AboutForm(forms.Form):
    """Whom and where a cause concerns."""

    slug = forms.CharField(
        label=_("Address"), max_length=60, help_text=_("It stays as it is once the cause has been opened.")
    )
    languages = LanguagesField(
        label=_("Languages of those concerned"), required=False, help_text=_("Names or codes, with commas.")
    )
    countries = CountriesField(
        label=_("Countries"), required=False, help_text=_("Names or codes, with commas.")
    )
    organisation: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Carried by"),
        queryset=None,
        required=False,
        empty_label=_("No organisation"),
        help_text=_("One of the organisations you are a steward of."),
    )
    sdgs = forms.TypedMultipleChoiceField(
        label=_("Goals of the United Nations it serves"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, cause: Cause, person: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "slug": cause.slug,
            "languages": cause.languages,
            "countries": cause.countries,
            "organisation": cause.organisation,
            "sdgs": cause.sdgs,
        }
        super().__init__(*args, **kwargs)
        self.fields["slug"].disabled = cause.state != State.DRAFT
        organisations = queries.organisations_for(person, cause)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["sdgs"].choices = [  # type: ignore[attr-defined]
            (number, f"{number} · {name}") for number, name in rules.sdg_names().items()
        ]


class AreaForm(forms.Form):
    """A box in degrees."""

    west = forms.FloatField(label=_("West"), min_value=-180, max_value=180)
    south = forms.FloatField(label=_("South"), min_value=-90, max_value=90)
    east = forms.FloatField(label=_("East"), min_value=-180, max_value=180)
    north = forms.FloatField(label=_("North"), min_value=-90, max_value=90)

    @property
    def area(self) -> rules.Area:
        """West, south, east, north."""
        data = self.cleaned_data
        return (data["west"], data["south"], data["east"], data["north"])


def _units() -> list[tuple[str, str]]:
    counted = {kind.unit for kind in kinds().values()} | set(rules.UNITS)
    money = sorted(unit for unit in counted if rules.MONEY_SHAPE.fullmatch(unit))
    plain = sorted((rules.unit_name(unit), unit) for unit in counted if unit not in money)
    return [
        *((unit, name) for name, unit in plain),
        *((unit, rules.unit_name(unit)) for unit in sorted({*money, "eur-cent"})),
    ]


class GoalForm(forms.Form):
    """How much of what a cause hopes for. Money is typed in whole units and kept in cents."""

    unit = forms.ChoiceField(label=_("Counted in"))
    target = forms.DecimalField(
        label=_("How many"),
        min_value=Decimal("0.01"),
        max_value=Decimal(10**12),
        help_text=_("For money, the amount: 2500 is two thousand five hundred."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Only these contributions count"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: whatever is counted in this unit."),
    )

    def __init__(self, *args: Any, languages: Sequence[str], goal: Goal | None = None, **kwargs: Any) -> None:
        if goal is not None:
            in_cents = bool(rules.MONEY_SHAPE.fullmatch(goal.unit))
            kwargs["initial"] = {
                "unit": goal.unit,
                "target": Decimal(goal.target) / 100 if in_cents else goal.target,
                "kinds": goal.kinds,
                **{f"label_{code}": text for code, text in goal.label.items()},
            }
        super().__init__(*args, **kwargs)
        self.languages = list(languages)
        units = _units()
        if goal is not None and goal.unit not in dict(units):
            units.append((goal.unit, goal.unit))
        self.fields["unit"].choices = units  # type: ignore[attr-defined]
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]
            (name, f"{kind_label(name)} ({rules.unit_name(kind.unit)})")
            for name, kind in sorted(kinds().items())
        ]
        for code in self.languages:
            self.fields[f"label_{code}"] = forms.CharField(
                label=_("In words, in %(language)s") % {"language": name_of(code)},
                max_length=80,
                required=code == self.languages[0],
            )
        self.order_fields([*(f"label_{code}" for code in self.languages), "target", "unit", "kinds"])

    def clean(self) -> dict[str, Any]:
        """Turn an amount of money into cents; refuse half a report; refuse kinds of another unit."""
        data = super().clean() or self.cleaned_data
        unit, target = data.get("unit", ""), data.get("target")
        if target is not None:
            counted = target * 100 if rules.MONEY_SHAPE.fullmatch(unit) else target
            if counted != int(counted):
                self.add_error("target", _("A whole number, please."))
            data["target"] = int(counted)
        declared = kinds()
        if any(declared[kind].unit != unit for kind in data.get("kinds", []) if kind in declared):
            self.add_error("kinds", _("One of these is counted in another unit."))
        return data

    @property
    def label(self) -> dict[str, str]:
        """Language → words."""
        return {code: self.cleaned_data.get(f"label_{code}", "") for code in self.languages}
