"""Forms of the places room. They read what was typed; actions decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from .queries import country_name

FILE_MAX_BYTES = 30_000_000


def _countries() -> list[tuple[str, str]]:
    from babel import Locale

    territories = [str(code) for code in Locale("en").territories]
    codes = [code for code in territories if len(code) == 2 and code.isalpha() and code not in _NOT_ONE]
    language = translation.get_language() or "en"
    named = [(code, country_name(code, language)) for code in codes]
    return [("", "—"), *sorted(named, key=lambda pair: pair[1])]


# CLDR has regions that are no countries.
_NOT_ONE = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "CQ"}


class FindForm(forms.Form):
    """What is that place?"""

    text = forms.CharField(
        label=_("Place, address, coordinates or map link"),
        max_length=1000,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    country = forms.ChoiceField(label=_("Country"), required=False, choices=lazy(_countries, list))


class LoadForm(forms.Form):
    """A file of places."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV with the columns name, lat and lon, or GeoJSON. At most 30 MB, in UTF-8."),
    )
    country = forms.ChoiceField(label=_("Country"), choices=lazy(_countries, list))
    source = forms.CharField(
        label=_("Source"),
        max_length=80,
        help_text=_("Who made the file. Loading the same source again corrects what was loaded before."),
    )
    licence = forms.CharField(
        label=_("Licence"),
        max_length=80,
        help_text=_("What its makers allow, for example ODbL 1.0 or CC BY 4.0."),
    )

    def clean_file(self) -> Any:
        """Refuse a file too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > FILE_MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 30 MB. Cut it in parts."))
        return file
