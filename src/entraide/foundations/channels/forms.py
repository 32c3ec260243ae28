"""Forms of the stewards' pages."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from entraide.foundations.channels.models import Door

COUNTRY = re.compile(r"^[A-Za-z]{2}$")
OPENABLE = [
    (Door.Kind.SMSSYNC.value, Door.Kind.SMSSYNC.label),
    (Door.Kind.MAIL.value, Door.Kind.MAIL.label),
    (Door.Kind.WEBHOOK.value, Door.Kind.WEBHOOK.label),
]


class OpenDoor(forms.Form):
    """A new door of a cause."""

    kind = forms.ChoiceField(
        label=_("What writes to you through it?"), choices=OPENABLE, widget=forms.RadioSelect
    )
    label = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("For your team, e.g. “Telephone in the Toamasina office”."),
    )
    country = forms.CharField(
        label=_("Country of its numbers"),
        max_length=2,
        required=False,
        help_text=_("Two letters, e.g. HT. Numbers without + are read as numbers of this country."),
    )
    address = forms.EmailField(
        label=_("Its own e-mail address"),
        required=False,
        help_text=_("Only for e-mail, and only where your mail server hands this address on to us."),
    )

    def clean_country(self) -> str:
        """An ISO code, in capitals."""
        country = str(self.cleaned_data["country"]).strip()
        if country and not COUNTRY.match(country):
            raise forms.ValidationError(_("Two letters, e.g. HT."))
        return country.upper()
