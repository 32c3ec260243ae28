"""The card of the crisis room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from entraide.capabilities.crisis.contributions import EVERY_KIND
from entraide.capability import Capability

CARD = Capability(
    name="crisis",
    label=_("Crisis map"),
    sentence=_("What people in need tell, read and checked by volunteers, shown on a map, answered."),
    contributions=EVERY_KIND,
)
