"""Invitation links: their token, their limits, and when one refuses."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.utils.translation import gettext as _

from entraide.foundations.people.models import Invitation
from entraide.refusal import Refusal

INVITATION_USES_MAX = 500
INVITATION_DAYS_MAX = 90


def new_token() -> str:
    """32 random bytes, safe in an address."""
    return secrets.token_urlsafe(32)


def hash_of_token(token: str) -> str:
    """What is stored of a token. Its 256 random bits need neither salt nor a slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def why_refused(invitation: Invitation, *, maker_may: bool, now: datetime) -> Refusal | None:
    """Why the invitation admits nobody any more, or None. ``maker_may``: its maker may still invite."""
    if invitation.withdrawn_at is not None or not maker_may:
        return Refusal(
            _("This invitation was withdrawn. Ask whoever sent it for a new one."),
            status=410,
            code="invitation-withdrawn",
        )
    if invitation.expires_at <= now:
        return Refusal(
            _("This invitation has expired. Ask whoever sent it for a new one."),
            status=410,
            code="invitation-expired",
        )
    if invitation.uses >= invitation.uses_max:
        return Refusal(
            _("This invitation was already used. Ask whoever sent it for a new one."),
            status=410,
            code="invitation-used-up",
        )
    return None
