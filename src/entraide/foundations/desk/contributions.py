"""What the journal says of work at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from entraide.foundations.journal.contributions import Contribution


@dataclass(frozen=True, kw_only=True)
class Answered(Contribution):
    """Somebody answered an item of the desk; an undone answer is corrected by an entry of −1.

    ``subject`` is ``"item:<public id>"``: it names the item and nothing of what the item is about.
    """

    kind: ClassVar[str] = "desk.answered"
    unit: ClassVar[str] = "item"
    sentence: ClassVar = _("Somebody gave a hand at the desk.")

    queue: str
