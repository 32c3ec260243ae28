"""How django-allauth behaves in this house."""

from __future__ import annotations

from smtplib import SMTPException
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils.translation import gettext as _

from entraide.refusal import Refusal


class AccountAdapter(DefaultAccountAdapter):
    """Mails carry the site's own name and address, never the Host header somebody sent."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one mail. Raises Refusal (503) where the mail server does not answer."""
        site = SimpleNamespace(name=settings.SITE_NAME, domain=urlsplit(settings.SITE_URL).netloc)
        own = {
            key: _at_home(value) if key.endswith("_url") and isinstance(value, str) else value
            for key, value in context.items()
        }
        try:
            super().send_mail(template_prefix, email, {**own, "current_site": site})
        except (OSError, SMTPException) as error:
            raise Refusal(
                _("No mail can be sent at the moment. Please try again in a few minutes."),
                status=503,
                code="mail-down",
                retry_after=300,
            ) from error

    def format_email_subject(self, subject: str) -> str:
        """The site's name before the subject."""
        return f"[{settings.SITE_NAME}] {subject}"


def _at_home(url: str) -> str:
    home, asked = urlsplit(settings.SITE_URL), urlsplit(url)
    return urlunsplit((home.scheme, home.netloc, asked.path, asked.query, asked.fragment))
