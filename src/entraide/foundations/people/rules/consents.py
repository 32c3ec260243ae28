"""What persons are asked, word for word.

A changed wording gets a new version, so that each stored answer names what was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from entraide.foundations.people.models import Purpose


@dataclass(frozen=True)
class ConsentText:
    """The wording of one purpose. ``text`` is translated lazily."""

    version: str
    text: Any


CONSENTS: dict[Purpose, ConsentText] = {
    Purpose.PUBLIC_NAME: ConsentText(
        "2026-11",
        _(
            "My name may be shown to everybody, on my page and beside what I give. "
            "Without this, a pseudonym stands there."
        ),
    ),
    Purpose.SKILLS_SHOWN: ConsentText(
        "2026-11",
        _(
            "The stewards of my causes and organisations may see the languages I read and my skills, "
            "to ask me for help that fits me."
        ),
    ),
}
