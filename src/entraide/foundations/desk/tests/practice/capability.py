"""A tiny room with two desk queues, so that the desk can be tried without any real capability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entraide.capability import Capability, DeskQueue
from entraide.foundations.desk.models import WorkItem
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

UNDONE: list[tuple[int, Mapping[str, Any]]] = []  # what undo was called with
TEXTS: dict[str, str] = {}  # subject → what its panel shows


def context(item: WorkItem, person: Any) -> Mapping[str, Any]:
    """What the panel shows."""
    return {"text": TEXTS.get(item.subject, f"Message {item.subject}")}


def answer(*, item: WorkItem, person: Any, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Decide whether the message is about the cause."""
    verdict = data.get("verdict", "")
    if verdict not in ("about-this", "not-about-this"):
        raise Refusal("Choose one of the two.", where="verdict", code="no-verdict")
    return {"verdict": verdict, "undo": {"before": "unread", "by": str(person.public_id)}}


def undo(*, item: WorkItem, person: Any, decision: Mapping[str, Any]) -> None:
    """Remember that it was called; refuse where the decision says so."""
    if item.subject == "cannot-be-undone":
        raise Refusal("This has been sent already.", status=409, code="sent")
    UNDONE.append((item.pk, decision))


CARD = Capability(
    name="practice",
    label="Practice",
    sentence="Nothing real.",
    queues=[
        DeskQueue(
            name="practice.read",
            label="To read",
            sentence="Say what a message is about.",
            right=Right.REPORT_TRIAGE,
            template="practice/panel.html",
            context=context,
            answer=answer,
            undo=undo,
            lease_seconds=300,
            order=10,
        ),
        DeskQueue(
            name="practice.check",
            label="To check by a second person",
            sentence="Two people must say the same.",
            right=Right.REPORT_VERIFY,
            template="practice/panel.html",
            context=context,
            answer=answer,
            undo=undo,
            lease_seconds=300,
            second_look=True,
            order=20,
        ),
    ],
)
