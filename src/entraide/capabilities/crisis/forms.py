"""Forms of the crisis room."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from entraide.capabilities.crisis import rules
from entraide.capabilities.crisis.models import Bulk, Category, Precision, Sensitivity, Standing, Step
from entraide.capabilities.crisis.queries import reports as queries
from entraide.capabilities.crisis.queries import texts
from entraide.foundations.languages import rules as languages

LONGEST_TEXT = 8_000  # characters; a page and a half


def category_choices(categories: list[Category]) -> list[tuple[str, str]]:
    """The tree as choices, indented with dashes that screen readers leave out."""
    language = get_language() or "en"
    return [
        (
            category.slug,
            "\u2003" * category.depth  # type: ignore[attr-defined]
            + rules.name_in(category.names, language, category.slug),
        )
        for category in categories
    ]


def language_choices(codes: list[str]) -> list[tuple[str, str]]:
    """Languages by their own name, so that their readers find them: ``[("sw", "Kiswahili"), …]``."""
    return [(code, languages.name_of(code, code)) for code in dict.fromkeys(codes)]


class TellForm(forms.Form):
    """What is happening, where, how to reach you. Only the first is needed."""

    text = forms.CharField(
        label=_("What is happening?"),
        help_text=_("In any language, in your own words."),
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Write a few words about what is happening.")},
    )
    place = forms.CharField(
        label=_("Where?"),
        help_text=_("A village, a street, a landmark – or a map link or coordinates."),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    contact = forms.CharField(
        label=_("How can we reach you?"),
        help_text=_("Telephone number or e-mail. It is locked away and never shown to the public."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    category = forms.ChoiceField(label=_("What is it about?"), required=False)
    language = forms.ChoiceField(label=_("Your language"), required=False)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    accuracy_m = forms.FloatField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    # A trap for programs: people neither see it nor are told to fill it. What falls in is read later.
    website = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, cause: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = secrets.token_urlsafe(16)
        self.fields["category"].choices = [  # type: ignore[attr-defined]
            ("", _("I do not know")),
            *category_choices(queries.categories(cause)),
        ]
        codes = [*cause.languages, cause.original_language, *(code for code, _name in settings.LANGUAGES)]
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            ("", _("Find it out from the text")),
            *language_choices(codes),
        ]

    def clean(self) -> dict[str, Any]:
        """A position that is none is left out: it comes from a machine, and must not stop a person."""
        cleaned = super().clean() or {}
        for name in ("lat", "lon", "accuracy_m", "category", "language", "key"):
            if name in self.errors:
                del self.errors[name]
                cleaned[name] = None
        return cleaned


class TeamFilter(forms.Form):
    """Which reports the team looks at."""

    q = forms.CharField(label=_("Reference or words"), required=False, max_length=100)
    step = forms.ChoiceField(label=_("How far"), required=False)
    standing = forms.ChoiceField(label=_("How sure"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    shown = forms.ChoiceField(
        label=_("Public"),
        required=False,
        choices=[
            ("", _("All")),
            ("yes", _("Published")),
            ("no", _("Not published")),
            ("second", _("Waits for a second yes")),
        ],
    )

    def __init__(self, *args: Any, cause: Any, languages_used: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("", _("All"))]
        self.fields["step"].choices = [*every, *Step.choices]  # type: ignore[attr-defined]
        self.fields["standing"].choices = [*every, *Standing.choices]  # type: ignore[attr-defined]
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            *every,
            *((code, languages.name_of(code)) for code in languages_used),
        ]
        self.fields["category"].choices = [  # type: ignore[attr-defined]
            *every,
            *category_choices(queries.categories(cause, archived=True)),
        ]


class VerifyForm(forms.Form):
    """A standing with its reasons."""

    standing = forms.ChoiceField(
        label=_("How sure are we?"), choices=Standing.choices, widget=forms.RadioSelect
    )
    why = forms.CharField(label=_("Why"), max_length=1_000, widget=forms.Textarea(attrs={"rows": 2}))
    evidence = forms.CharField(
        label=_("Evidence"),
        help_text=_("Who was asked, what was seen, an address. Only the team reads it."),
        required=False,
        max_length=2_000,
    )
    independent_sources = forms.IntegerField(
        label=_("Independent sources"), required=False, min_value=0, max_value=1_000
    )


class EditForm(forms.Form):
    """The words that may be published, categories, place."""

    title = forms.CharField(label=_("Title"), max_length=200)
    text = forms.CharField(
        label=_("Text to be published"),
        help_text=_("Numbers and addresses are taken out by themselves. Take out names too."),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    language = forms.ChoiceField(label=_("Language of the text"), required=False)
    urgent = forms.BooleanField(label=_("Urgent: life is in danger now"), required=False)
    categories = forms.MultipleChoiceField(
        label=_("Categories"), required=False, widget=forms.CheckboxSelectMultiple
    )
    place_text = forms.CharField(
        label=_("New place"),
        help_text=_("A name or coordinates. Left empty, the place stays as it is."),
        required=False,
        max_length=300,
    )

    def __init__(self, *args: Any, cause: Any, chosen_language: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["categories"].choices = category_choices(  # type: ignore[attr-defined]
            queries.categories(cause)
        )
        codes = [chosen_language, *cause.languages, *(code for code, _name in settings.LANGUAGES)]
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            ("", _("Not known")),
            *language_choices([code for code in codes if code]),
        ]


class BulkForm(forms.Form):
    """One change to many reports."""

    deed = forms.ChoiceField(label=_("With the chosen reports"), choices=Bulk.Deed.choices)
    category = forms.ChoiceField(label=_("Category to add"), required=False)
    why = forms.CharField(label=_("Why"), required=False, max_length=300)

    def __init__(self, *args: Any, cause: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [  # type: ignore[attr-defined]
            ("", "–"),
            *category_choices(queries.categories(cause)),
        ]


class PrivacyForm(forms.Form):
    """How careful this cause is with everything it publishes."""

    two_person = forms.BooleanField(
        label=_("Two people must agree to every publication"),
        help_text=_("For hostile surroundings. Guarded categories ask for two people in any case."),
        required=False,
    )
    delay_hours = forms.IntegerField(
        label=_("Delay in hours"),
        help_text=_("Reports are seen by the public so many hours after they are published: 0 to 72."),
        min_value=0,
        max_value=72,
    )
    map_frozen = forms.BooleanField(
        label=_("Freeze the map"),
        help_text=_("Nothing is shown and nothing new is published until you open it again."),
        required=False,
    )


class CategoryForm(forms.Form):
    """One category."""

    parent = forms.ChoiceField(label=_("Belongs to"), required=False)
    icon = forms.ChoiceField(label=_("Icon"))
    sensitivity = forms.ChoiceField(
        label=_("How careful"), choices=Sensitivity.choices, widget=forms.RadioSelect
    )
    precision = forms.ChoiceField(
        label=_("What the public may know of the place"), choices=Precision.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, cause: Any, category: Category | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = category.names if category else {}
        self.name_fields = []
        for code in site_languages(cause, names):
            field = f"name_{code}"
            self.fields[field] = forms.CharField(
                label=_("Name in %(language)s") % {"language": languages.name_of(code)},
                required=False,
                max_length=120,
                initial=names.get(code, ""),
                widget=forms.TextInput(attrs={"lang": code}),
            )
            self.name_fields.append(field)
        others = [one for one in queries.categories(cause) if category is None or one.pk != category.pk]
        self.fields["parent"].choices = [  # type: ignore[attr-defined]
            ("", _("Nothing: it stands at the top")),
            *category_choices(others),
        ]
        self.fields["icon"].choices = [  # type: ignore[attr-defined]
            (name, name) for name in rules.ICONS
        ]
        self.order_fields([*self.name_fields, "parent", "icon", "sensitivity", "precision"])

    def names(self) -> dict[str, str]:
        """The names given, by language."""
        return {field.removeprefix("name_"): self.cleaned_data.get(field, "") for field in self.name_fields}


class TextForm(forms.Form):
    """One kind of text to witnesses, in every language of the cause and the site."""

    def __init__(self, *args: Any, cause: Any, key: str, own: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shipped = texts.defaults().get(key, {})
        for code in site_languages(cause, own):
            self.fields[f"text_{code}"] = forms.CharField(
                label=languages.name_of(code),
                required=False,
                max_length=2_000 if key == "risk_note" else 320,
                initial=own.get(code, ""),
                widget=forms.Textarea(attrs={"rows": 2, "lang": code, "placeholder": shipped.get(code, "")}),
            )

    def by_language(self) -> dict[str, str]:
        """The texts given, by language."""
        return {name.removeprefix("text_"): value for name, value in self.cleaned_data.items()}


def site_languages(cause: Any, present: dict[str, str]) -> list[str]:
    """The languages something is written in: the cause's, the site's, and those already there."""
    return list(
        dict.fromkeys(
            [
                cause.original_language,
                *cause.languages,
                *(code for code, _name in settings.LANGUAGES),
                *present,
            ]
        )
    )
