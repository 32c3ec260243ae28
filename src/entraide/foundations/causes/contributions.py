"""What the journal says of causes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from entraide.foundations.journal.contributions import Contribution


@dataclass(frozen=True, kw_only=True)
class Opened(Contribution):
    """A cause was opened, or opened again.

    The evidence is what it promised on that day: the SHA-256 of its texts and goals, in the canonical
    JSON of ``rules.promise``. ``slug`` names its page.
    """

    kind: ClassVar[str] = "causes.opened"
    unit: ClassVar[str] = "cause"
    sentence: ClassVar = _("The cause was opened.")

    slug: str


@dataclass(frozen=True, kw_only=True)
class Closed(Contribution):
    """A cause was closed. The evidence is the SHA-256 of its texts and goals as they stood."""

    kind: ClassVar[str] = "causes.closed"
    unit: ClassVar[str] = "cause"
    sentence: ClassVar = _("The cause was closed.")

    slug: str
