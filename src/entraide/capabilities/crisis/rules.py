"""Decisions of the crisis room: pure functions, no reads, no writes.

Source of the states: crowd maps of the last fifteen years ended with reports nobody checked and nobody
closed; here each step and each standing is a change with who, why, evidence and time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from entraide.capabilities.crisis.models import Precision, Sensitivity, Standing, Step
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

# Steps. From each, the steps that may follow. Going back is allowed where a person may have erred.
NEXT_STEPS: dict[str, frozenset[str]] = {
    Step.NEW: frozenset({Step.TRIAGED, Step.LOCATED, Step.SET_ASIDE, Step.MERGED}),
    Step.TRIAGED: frozenset({Step.LOCATED, Step.ROUTED, Step.TAKEN, Step.SET_ASIDE, Step.MERGED}),
    Step.LOCATED: frozenset({Step.TRIAGED, Step.ROUTED, Step.TAKEN, Step.SET_ASIDE, Step.MERGED}),
    Step.ROUTED: frozenset({Step.LOCATED, Step.TRIAGED, Step.TAKEN, Step.SET_ASIDE, Step.MERGED}),
    Step.TAKEN: frozenset({Step.ROUTED, Step.DONE}),
    Step.DONE: frozenset({Step.TOLD, Step.TAKEN}),
    Step.TOLD: frozenset({Step.TAKEN}),
    Step.SET_ASIDE: frozenset({Step.NEW, Step.TRIAGED, Step.LOCATED}),
    Step.MERGED: frozenset({Step.NEW, Step.TRIAGED, Step.LOCATED, Step.ROUTED}),
}

# Which right brings a report to a step.
RIGHT_FOR_STEP: dict[str, Right] = {
    Step.NEW: Right.REPORT_TRIAGE,
    Step.TRIAGED: Right.REPORT_TRIAGE,
    Step.LOCATED: Right.REPORT_TRIAGE,
    Step.SET_ASIDE: Right.REPORT_TRIAGE,
    Step.MERGED: Right.REPORT_TRIAGE,
    Step.ROUTED: Right.REPORT_ROUTE,
    Step.TAKEN: Right.REPORT_TAKE,
    Step.DONE: Right.REPORT_TAKE,
    Step.TOLD: Right.REPORT_TAKE,
}

# Steps on the way, of which a report may be published; what is set aside or merged never is.
PUBLISHABLE_STEPS = frozenset({Step.TRIAGED, Step.LOCATED, Step.ROUTED, Step.TAKEN, Step.DONE, Step.TOLD})
# "answered" in the public filters.
ANSWERED_STEPS = frozenset({Step.DONE, Step.TOLD})

# From coarse to fine is never the answer: the most careful of a report's categories decides.
CAREFUL_ORDER = (
    Precision.EXACT,
    Precision.DISPLACED,
    Precision.AREA_SMALL,
    Precision.AREA_LARGE,
    Precision.HIDDEN,
)
SENSITIVITY_ORDER = (Sensitivity.OPEN, Sensitivity.GUARDED, Sensitivity.CLOSED)

# Words of the house's icon set that fit a need or an event; stewards choose among them.
ICONS = (
    "other", "water", "food", "shelter", "house", "health", "medicine", "ambulance", "baby", "school",
    "sanitation", "clothes", "bed", "energy", "fuel", "network", "road", "transport", "animals", "goods", "money",
    "work", "tools", "storm", "rain", "flood", "wind", "fire", "landslide", "cold", "danger", "missing", "people",
    "person", "rescue", "security",
)  # fmt: skip
BULK_MOST = 1_000  # reports in one bulk change
ALIKE_ENOUGH = 0.3  # shared words (Jaccard) from which two reports are shown as "perhaps the same"


def check_step(before: str, after: str) -> None:
    """Refuse a step that cannot follow.

    Raises:
        Refusal: 409 ``step-cannot-follow``.
    """
    if after not in NEXT_STEPS[before]:
        raise Refusal(
            _(
                "A report that is “%(before)s” cannot become “%(after)s”. Look at it again: someone may have been faster."
            )
            % {"before": Step(before).label, "after": Step(after).label},
            status=409,
            code="step-cannot-follow",
        )


def step_after_triage(has_place: bool) -> str:
    """A report that was read is placed where a place is known, and merely read where not."""
    return Step.LOCATED if has_place else Step.TRIAGED


def check_standing(before: str, after: str, *, why: str, evidence: str, independent_sources: int) -> None:
    """Refuse a standing without the reasons that make the word worth something.

    Args:
        independent_sources: how many separate senders or observers, as the verifier counted them.

    Raises:
        Refusal: 400 ``why-missing``, ``evidence-missing``, ``sources-too-few``; 409 ``same-standing``.
    """
    if after not in Standing.values:
        raise Refusal(_("Choose how sure we are."), where="standing", code="standing-unknown")
    if before == after:
        raise Refusal(_("The report already has this standing."), status=409, code="same-standing")
    if not why.strip():
        raise Refusal(_("Say in a few words why."), where="why", code="why-missing")
    if after in {Standing.VERIFIED, Standing.REFUTED} and not evidence.strip():
        raise Refusal(
            _("Name the evidence: who was asked, what was seen, an address."),
            where="evidence",
            code="evidence-missing",
        )
    if after == Standing.CORROBORATED and independent_sources < 2:
        raise Refusal(
            _("“Told by several” needs at least two independent sources."),
            where="independent_sources",
            code="sources-too-few",
        )


def precision_of(precisions: Iterable[str]) -> str:
    """The precision a report is published with: the most careful of its categories'.

    A report without a category is published as a small area.
    """
    indexes = [CAREFUL_ORDER.index(Precision(value)) for value in precisions]
    return CAREFUL_ORDER[max(indexes)] if indexes else Precision.AREA_SMALL


def sensitivity_of(sensitivities: Iterable[str]) -> str:
    """The most careful of a report's categories' sensitivities; open without any."""
    indexes = [SENSITIVITY_ORDER.index(Sensitivity(value)) for value in sensitivities]
    return SENSITIVITY_ORDER[max(indexes)] if indexes else Sensitivity.OPEN


def approvals_needed(*, sensitivity: str, two_person: bool) -> int:
    """How many different persons must agree to a publication: 1 or 2."""
    return 2 if two_person or sensitivity == Sensitivity.GUARDED else 1


def check_publishable(*, step: str, sensitivity: str, map_frozen: bool, title: str) -> None:
    """Refuse to publish what must not be.

    Raises:
        Refusal: 403 ``closed-category``; 409 ``map-frozen``, ``not-read-yet``; 400 ``title-missing``.
    """
    if sensitivity == Sensitivity.CLOSED:
        raise Refusal(
            _("This report is in a closed category: it is never published."),
            status=403,
            code="closed-category",
        )
    if map_frozen:
        raise Refusal(
            _("The stewards have frozen the map: nothing is published until they open it again."),
            status=409,
            code="map-frozen",
        )
    if step not in PUBLISHABLE_STEPS:
        raise Refusal(
            _("Only a report somebody has read, and which stands on its own, can be published."),
            status=409,
            code="not-read-yet",
        )
    if not title.strip():
        raise Refusal(_("Give the report a title first."), where="title", code="title-missing")


def public_time(happened_at: datetime, precision: str) -> datetime:
    """When it happened, as the public may know it: to the hour unless the place is exact.

    An exact time would help whoever knows who sent a message when.
    """
    if precision == Precision.EXACT:
        return happened_at
    return happened_at.replace(minute=0, second=0, microsecond=0)


def delay_over(published_at: datetime, delay_hours: int, now: datetime) -> bool:
    """True when a delayed publication may be seen."""
    return published_at + timedelta(hours=delay_hours) <= now


def independent_senders(keys: Iterable[str]) -> int:
    """How many people surely speak: each known sender once; all those without a name count as one.

    Twenty anonymous web messages may be one person; we do not claim more than we know.
    """
    listed = list(keys)
    known = {key for key in listed if key}
    return max(1, len(known) + (1 if any(not key for key in listed) else 0))


SENTENCE_END = re.compile(r"(?<=[.!?…。！？।؟۔])\s|\n")


def title_of(text: str, longest: int = 90) -> str:
    """The first words of a (masked) message as a working title, cut at a word.

    Args:
        text: one line or several.
        longest: characters.
    """
    words = " ".join(SENTENCE_END.split(text.strip(), maxsplit=1)[0].split())
    if len(words) <= longest:
        return words
    cut = words[: longest - 1]
    if " " in cut[longest // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" ,;:") + "…"


# \w leaves out combining vowel signs, which would cut Bengali or Hindi words to pieces; runs of anything
# that is neither space nor punctuation keep them whole.
WORD = re.compile(r"[^\s!-/:-@\[-`{-~¡-¿‐-⁞、-〃。؟،؛।॥…]+")


def words_of(text: str) -> frozenset[str]:
    """The words of a text for comparing, in lower case, one- and two-letter words left out.

    Scripts written without spaces give few "words"; they are compared by pairs of characters.
    """
    found: set[str] = set()
    for word in WORD.findall(text.casefold()):
        if len(word) > 20 or any("぀" <= letter <= "鿿" for letter in word):
            found.update(word[index : index + 2] for index in range(len(word) - 1))
        elif len(word) > 2:
            found.add(word)
    return frozenset(found)


def likeness(left: Collection[str], right: Collection[str]) -> float:
    """Shared words over all words (Jaccard), 0.0 to 1.0; nothing is like an empty text."""
    if not left or not right:
        return 0.0
    a, b = set(left), set(right)
    return len(a & b) / len(a | b)


def check_not_less_careful(child: str, parent: str) -> None:
    """Refuse a category that is less careful than the one above it.

    Raises:
        Refusal: 400 ``less-careful-than-parent``.
    """
    if SENSITIVITY_ORDER.index(Sensitivity(child)) < SENSITIVITY_ORDER.index(Sensitivity(parent)):
        raise Refusal(
            _("A category cannot be less careful than the one it belongs to."),
            where="sensitivity",
            code="less-careful-than-parent",
        )


def name_in(names: dict[str, str], language: str, otherwise: str = "") -> str:
    """A category's name in a language: that one, its base language, English, or any."""
    for code in (language, language.split("-")[0], "en"):
        if names.get(code):
            return names[code]
    return next((name for name in names.values() if name), otherwise)
