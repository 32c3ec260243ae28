"""Forms of the people room. They read what was typed; actions decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from babel import Locale
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from entraide.foundations.people import rules
from entraide.foundations.people.models import Organisation, Person


def _name_field(**options: Any) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
        help_text=gettext_lazy("Your own, or one you choose. Your teams see it; others only if you agree."),
        **options,
    )


class _NameForm(forms.Form):
    display_name = _name_field()

    def clean_display_name(self) -> str:
        """The name without control and direction signs."""
        typed = self.cleaned_data["display_name"]
        cleaned = rules.clean_name(typed)
        if typed.strip() and not cleaned:
            raise forms.ValidationError(_("This name shows nothing. Use letters."))
        return cleaned


class SignupForm(_NameForm, AllauthSignupForm):
    """Sign-up: an address, a name if she likes, a password if she likes."""

    field_order = ("email", "display_name", "password1")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = gettext_lazy(
            "At least 10 characters. Or leave it empty: you get a code by mail each time you sign in."
        )
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)  # each has a label

    def custom_signup(self, request: HttpRequest, user: Person) -> None:
        """Called by allauth with the new person."""
        user.display_name = self.cleaned_data["display_name"]
        user.preferred_language = get_language() or ""
        user.save(update_fields=["display_name", "preferred_language"])


class SignInForm(AllauthLoginForm):
    """Sign-in by password: allauth's form, its labels said once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class PasskeyForm(AddWebAuthnForm):
    """A new passkey. Unless she says otherwise it signs her in alone, for that is what one expects of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = gettext_lazy("Name of the passkey")
        passwordless = self.fields.get("passwordless")
        if passwordless:
            passwordless.initial = True
            passwordless.label = gettext_lazy("Sign in with this alone, without my address")
            passwordless.help_text = ""


class ProfileForm(_NameForm):
    """What a person says of herself."""

    languages = forms.CharField(
        label=gettext_lazy("Languages I read"),
        required=False,
        max_length=600,
        help_text=gettext_lazy("The best first, with commas between: French, Haitian Creole, English."),
    )
    skills = forms.CharField(
        label=gettext_lazy("What I can do"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text=gettext_lazy("In your own words, with commas between: nurse, maps, accounting."),
    )
    preferred_language = forms.ChoiceField(
        label=gettext_lazy("Language of the pages"),
        required=False,
        choices=lazy(lambda: [("", _("As my browser says")), *settings.LANGUAGES], list)(),
    )

    @classmethod
    def of(cls, person: Person) -> ProfileForm:
        """The form as it stands for a person."""
        language = get_language() or "en"
        return cls(
            initial={
                "display_name": person.display_name,
                "languages": ", ".join(rules.language_name(code, language) for code in person.languages),
                "skills": ", ".join(person.skills),
                "preferred_language": person.preferred_language,
            }
        )

    def clean_languages(self) -> list[str]:
        """Codes (BCP 47) of the languages typed."""
        codes, unknown = rules.parse_languages(self.cleaned_data["languages"])
        if unknown:
            raise forms.ValidationError(
                _("Not understood: %(words)s. Write the name of a language or its code (fr, ht, sw).")
                % {"words": ", ".join(rules.clean_name(word, 40) for word in unknown[:5])}
            )
        return codes

    def clean_skills(self) -> list[str]:
        """Short words, each once."""
        return rules.clean_words(self.cleaned_data["skills"])


class InvitationForm(forms.Form):
    """What an invitation link gives, to how many, for how long."""

    # Not the first of the list: nobody should give a whole cause away by not looking.
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=rules.Role.choices, initial=rules.Role.TRIAGER
    )
    uses_max = forms.IntegerField(
        label=gettext_lazy("For how many people"),
        min_value=1,
        max_value=rules.INVITATION_USES_MAX,
        initial=1,
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Holds for"),
        coerce=int,
        initial=7,
        choices=[
            (1, gettext_lazy("1 day")),
            (7, gettext_lazy("1 week")),
            (30, gettext_lazy("1 month")),
            (90, gettext_lazy("3 months")),
        ],
    )

    def __init__(self, *args: Any, members: bool = False, **kwargs: Any) -> None:
        """``members``: offer to invite a member without any role too (organisations)."""
        super().__init__(*args, **kwargs)
        if members:
            field = self.fields["role"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("Member, no role")), *rules.Role.choices]
            field.required = False
            field.initial = ""

    def asked(self) -> dict[str, Any]:
        """Arguments for ``actions.invite``."""
        return {
            "role": self.cleaned_data["role"],
            "uses_max": self.cleaned_data["uses_max"],
            "expires_at": timezone.now() + timedelta(days=self.cleaned_data["days"]),
        }


def _countries() -> list[tuple[str, str]]:
    locale = Locale.parse((get_language() or "en").replace("-", "_"))
    named = [
        (code, name)
        for code, name in locale.territories.items()
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO")
    ]
    return [("", _("No country")), *sorted(named, key=lambda pair: pair[1])]


class OrganisationForm(forms.Form):
    """An organisation's own facts."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Organisation.Kind.choices)
    country = forms.ChoiceField(
        label=gettext_lazy("Country"), required=False, choices=lazy(_countries, list)()
    )
    website = forms.URLField(label=gettext_lazy("Website"), required=False, assume_scheme="https")

    def clean_name(self) -> str:
        """The name without control and direction signs."""
        cleaned = rules.clean_name(self.cleaned_data["name"], 120)
        if not cleaned:
            raise forms.ValidationError(_("This name shows nothing. Use letters."))
        return cleaned


class MembershipForm(forms.Form):
    """What one does in an organisation, and whether everybody may see it."""

    role = forms.CharField(
        label=gettext_lazy("What I do there"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    public = forms.BooleanField(label=gettext_lazy("Show me on its public page"), required=False)


class EraseForm(forms.Form):
    """Erasing is confirmed by typing one's own e-mail address."""

    email = forms.EmailField(
        label=gettext_lazy("Type your e-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_email(self) -> str:
        """The address, if it is hers."""
        typed = str(self.cleaned_data["email"]).strip().lower()
        if typed != self.person.email:
            raise forms.ValidationError(_("This is not the address you signed up with."))
        return typed
