"""What the journal says of the crisis room.

The subject is always ``"report:<ref>"``. No place, no words of a message and no sender ever enter the
hashed body: the journal is public and for ever, and a place or a number must be erasable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from entraide.foundations.journal.contributions import Contribution


@dataclass(frozen=True, kw_only=True)
class Told(Contribution):
    """Somebody told what is happening. The actor stays anonymous; ``channel`` says by which way."""

    kind: ClassVar = "crisis.told"
    unit: ClassVar = "report"
    # To the hour, as publications have it: who sees which telephone wrote when must not find the report.
    hourly: ClassVar = True
    sentence: ClassVar = _("Somebody told what is happening")
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class Triaged(Contribution):
    """A volunteer read a report and passed it on."""

    kind: ClassVar = "crisis.triaged"
    unit: ClassVar = "act"
    sentence: ClassVar = _("A volunteer read the report")


@dataclass(frozen=True, kw_only=True)
class Located(Contribution):
    """A volunteer gave a report its place. The place itself is not in the journal."""

    kind: ClassVar = "crisis.located"
    unit: ClassVar = "act"
    sentence: ClassVar = _("A volunteer found the place")


@dataclass(frozen=True, kw_only=True)
class Verified(Contribution):
    """A verifier said how sure we are: ``standing`` is corroborated, verified, refuted, out-of-date or
    unverified (taken back). ``evidence_hash`` is a keyed SHA-256 of the private note of evidence."""

    kind: ClassVar = "crisis.verified"
    unit: ClassVar = "act"
    sentence: ClassVar = _("A verifier checked the report: %(standing)s")
    said: ClassVar = {
        "standing": {
            "unverified": _("Not yet checked"),
            "corroborated": _("Told by several"),
            "verified": _("Verified"),
            "refuted": _("Refuted"),
            "out-of-date": _("Out of date"),
        }
    }
    standing: str = ""
    independent_sources: int = 0


@dataclass(frozen=True, kw_only=True)
class Published(Contribution):
    """The report was published, or published anew after a change of its words, categories or place."""

    kind: ClassVar = "crisis.published"
    unit: ClassVar = "publication"
    sentence: ClassVar = _("The report was published")


@dataclass(frozen=True, kw_only=True)
class Withdrawn(Contribution):
    """The publication was withdrawn."""

    kind: ClassVar = "crisis.withdrawn"
    unit: ClassVar = "act"
    sentence: ClassVar = _("The report was withdrawn from the public")


@dataclass(frozen=True, kw_only=True)
class Routed(Contribution):
    """The report was handed on to those who can act."""

    kind: ClassVar = "crisis.routed"
    unit: ClassVar = "act"
    sentence: ClassVar = _("The report was handed on to those who can act")


@dataclass(frozen=True, kw_only=True)
class Taken(Contribution):
    """Somebody took the report on."""

    kind: ClassVar = "crisis.taken"
    unit: ClassVar = "act"
    sentence: ClassVar = _("Somebody took it on")


@dataclass(frozen=True, kw_only=True)
class Done(Contribution):
    """What the report asked for was done."""

    kind: ClassVar = "crisis.done"
    unit: ClassVar = "act"
    sentence: ClassVar = _("It was done")


@dataclass(frozen=True, kw_only=True)
class ToldBack(Contribution):
    """The witness was told what became of it; ``about`` names the change (``"done"``)."""

    kind: ClassVar = "crisis.told-back"
    unit: ClassVar = "act"
    sentence: ClassVar = _("The witness was told what became of it")
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class SetAside(Contribution):
    """A volunteer found that the message is not about this cause."""

    kind: ClassVar = "crisis.set-aside"
    unit: ClassVar = "act"
    sentence: ClassVar = _("A volunteer set it aside: not about this")


@dataclass(frozen=True, kw_only=True)
class Merged(Contribution):
    """A volunteer found that two reports tell the same; ``into`` is the other one's ref."""

    kind: ClassVar = "crisis.merged"
    unit: ClassVar = "act"
    sentence: ClassVar = _("A volunteer joined it with another that tells the same")
    into: str = ""


@dataclass(frozen=True, kw_only=True)
class PutBack(Contribution):
    """A decision was taken back: the report is again at the step named in ``step``."""

    kind: ClassVar = "crisis.put-back"
    unit: ClassVar = "act"
    sentence: ClassVar = _("A decision was taken back")
    step: str = ""


@dataclass(frozen=True, kw_only=True)
class ExactPlaceSeen(Contribution):
    """Somebody with the right opened a report's exact place. Sealed: seen by auditors and stewards only."""

    kind: ClassVar = "crisis.exact-place-seen"
    unit: ClassVar = "act"
    public: ClassVar = False
    sentence: ClassVar = _("Somebody opened the exact place")


EVERY_KIND = (
    Told, Triaged, Located, Verified, Published, Withdrawn, Routed, Taken, Done, ToldBack, SetAside, Merged,
    PutBack, ExactPlaceSeen,
)  # fmt: skip
