"""What the journal can say: the base of every kind of contribution, and the register of all kinds.

A room writes one frozen dataclass per kind in its ``contributions.py``; the docstring is its public
documentation::

    @dataclass(frozen=True, kw_only=True)
    class Told(Contribution):
        \"\"\"Somebody told what is happening.\"\"\"

        kind = "crisis.told"
        unit = "report"
        sentence = _("Somebody told what is happening, by %(channel)s.")

        channel: str

A capability names its kinds on its card (``contributions=[Told, …]``); those of the foundations are found
in their ``contributions`` modules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from entraide.capability import slot

if TYPE_CHECKING:
    from datetime import datetime

KIND_SHAPE = re.compile(r"[a-z][a-z-]*(\.[a-z][a-z0-9-]*)+")
UNIT_SHAPE = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What a person gave, or what was decided about it.

    Class attributes (set by each kind):
        kind: ``"<room>.<what>"``, stable for ever.
        unit: what ``quantity`` counts: ``"report"``, ``"message"``, ``"minute"``, ``"eur-cent"`` …
        hourly: True keeps both times to the hour, where the minute would tell who it was.
        public: False seals every entry of this kind: only its hash is shown and exported.
        sentence: translated words for people, with ``%(quantity)s`` and ``%(<detail>)s``; may be an
            ``ngettext_lazy(…, …, "quantity")``.
        said: detail → its value → how the sentence says it, for details that are codes.

    Attributes:
        cause: ``Cause.public_id`` as text, or "".
        actor: ``Person.public_id`` as text, or "" where nobody is named.
        subject: opaque name of what it is about, ``"report:ab23cd45ef"``.
        quantity: in units; negative only together with ``corrects``.
        happened_at: aware; now, where not given.
        evidence_hash: SHA-256 of the evidence, lower-case hexadecimal, or "".
        evidence_ref: opaque name under which the evidence is kept.
        attested_by: opaque id of who vouches for it.
        corrects: sequence of an earlier entry of the same kind, unit and cause; ``quantity`` is then the
            signed difference to what it said (minus one: "that report never was"), so that totals are
            plain sums.

    Further fields of a subclass are its *details*, hashed with the rest: texts, whole numbers, truth values,
    times, ids, and lists and dicts of these. Never personal data or places: they could not be erased.
    """

    kind: ClassVar[str]
    unit: ClassVar[str]
    public: ClassVar[bool] = True
    hourly: ClassVar[bool] = False
    sentence: ClassVar[Any] = ""
    said: ClassVar[Mapping[str, Mapping[Any, Any]]] = {}

    cause: str = ""
    actor: str = ""
    subject: str = ""
    quantity: int = 1
    happened_at: datetime | None = None
    evidence_hash: str = ""
    evidence_ref: str = ""
    attested_by: str = ""
    corrects: int | None = None

    def details(self) -> dict[str, Any]:
        """The fields a subclass adds."""
        return {
            field.name: getattr(self, field.name) for field in fields(self) if field.name not in COMMON_FIELDS
        }


COMMON_FIELDS = frozenset(field.name for field in fields(Contribution))


class UnknownKind(LookupError):
    """A kind was to be recorded that no room has declared."""


@cache
def kinds() -> Mapping[str, type[Contribution]]:
    """Every declared kind of contribution, by name.

    Raises:
        ValueError: a kind or unit is misspelt, or two classes claim one kind.
    """
    declared: dict[str, type[Contribution]] = {}
    for contribution in [*_of_foundations(), *slot("contributions")]:
        if not KIND_SHAPE.fullmatch(contribution.kind) or not UNIT_SHAPE.fullmatch(contribution.unit):
            raise ValueError(f"{contribution.__name__}: {contribution.kind!r}, {contribution.unit!r}")
        if declared.setdefault(contribution.kind, contribution) is not contribution:
            raise ValueError(f"two classes claim the kind {contribution.kind!r}")
    return declared


def _of_foundations() -> list[type[Contribution]]:
    from django.apps import apps

    found: list[type[Contribution]] = []
    for app in apps.get_app_configs():
        name = f"{app.name}.contributions"
        if app.name.startswith("entraide.foundations.") and find_spec(name):
            found += [
                thing
                for thing in vars(import_module(name)).values()
                if isinstance(thing, type)
                and issubclass(thing, Contribution)
                and thing is not Contribution
                and thing.__module__ == name
            ]
    return found
