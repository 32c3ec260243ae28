"""The queue a telephone pulls: SMS handed out, acknowledged, reported. See ``doors/smssync.py``.

A telephone with "Message Results" on says which messages it took (``task=sent``) and sends only those we
echo. One without says nothing: handing out must then count as "handed, unknown", or it would send again at
each poll. Which of the two a telephone is we learn from its first ``task=sent``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from entraide.foundations.channels.models import Door, OptOut, Outgoing
from entraide.foundations.channels.rules import unseal_text

POLL_MAX = 30
UNACKNOWLEDGED = timedelta(minutes=15)  # handed to a reporting telephone that never said it took it
REPORTS_WANTED = timedelta(days=3)
SENT_CODES_OK = (-1, 0)  # Android's RESULT_OK is -1; the documentation says 0
State = Outgoing.State


def _uuids(values: Iterable[Any]) -> list[UUID]:
    found = []
    for value in values:
        try:
            found.append(UUID(str(value)))
        except ValueError:
            continue  # not one of ours
    return found


@transaction.atomic
def hand_out(*, door_id: int, limit: int = POLL_MAX) -> list[dict[str, str]]:
    """Messages for a telephone to send: ``[{"to", "message", "uuid"}]``, each handed out once.

    Only where the telephone reports back, and did not for 15 minutes, a message is handed out again: it
    sends nothing that was not echoed to it, so nothing goes twice.
    """
    door = Door.objects.get(pk=door_id)
    reports_back = bool(door.settings.get("message_results"))
    now = timezone.now()
    wanted = Q(state=State.QUEUED)
    if reports_back:
        wanted |= Q(state=State.HANDED, handed_at__lt=now - UNACKNOWLEDGED)
    due = list(
        Outgoing.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(wanted, door_id=door_id, contact__wiped_at=None)
        .exclude(Exists(OptOut.objects.filter(contact=OuterRef("contact"), cause=OuterRef("cause"))))
        .select_related("contact")
        .order_by("pk")[:limit]
    )
    for outgoing in due:
        outgoing.state = State.HANDED if reports_back else State.UNKNOWN
        outgoing.handed_at = now
        outgoing.attempts += 1
    Outgoing.objects.bulk_update(due, ["state", "handed_at", "attempts"])
    return [
        {
            "to": unseal_text(outgoing.contact.sealed),
            "message": unseal_text(outgoing.sealed_text),
            "uuid": str(outgoing.uuid),
        }
        for outgoing in due
    ]


@transaction.atomic
def acknowledge_handed(*, door_id: int, uuids: Iterable[Any]) -> list[str]:
    """The telephone took these; it will send those returned, so each is marked sent and echoed.

    Unknown uuids are left out. One already sent is not echoed again: the telephone would send it twice.
    """
    door = Door.objects.select_for_update().get(pk=door_id)
    if not door.settings.get("message_results"):
        door.settings["message_results"] = True
        door.save(update_fields=["settings"])
    taken = list(
        Outgoing.objects.select_for_update()
        .filter(door_id=door_id, uuid__in=_uuids(uuids), state__in=(State.HANDED, State.UNKNOWN))
        .order_by("pk")
    )
    now = timezone.now()
    for outgoing in taken:
        outgoing.state, outgoing.sent_at = State.SENT, now
    Outgoing.objects.bulk_update(taken, ["state", "sent_at"])
    return [str(outgoing.uuid) for outgoing in taken]


def wanted_reports(*, door_id: int) -> list[str]:
    """Messages whose delivery we would like to hear of: sent in the last three days, not yet reported."""
    found = Outgoing.objects.filter(
        door_id=door_id,
        state__in=(State.SENT, State.UNKNOWN),
        handed_at__gt=timezone.now() - REPORTS_WANTED,
    ).order_by("pk")
    return [str(each) for each in found.values_list("uuid", flat=True)[:100]]


@transaction.atomic
def take_reports(*, door_id: int, reports: Iterable[Any]) -> int:
    """What a telephone says of messages it sent. Codes may be missing, numbers or strings (3.x leaves
    ``sent_result_code`` empty). Returns how many of ours were told of."""
    by_uuid: dict[UUID, dict[str, Any]] = {}
    for report in reports:
        if isinstance(report, dict):
            for each in _uuids([report.get("uuid")]):
                by_uuid[each] = report
    told = list(
        Outgoing.objects.select_for_update().filter(door_id=door_id, uuid__in=list(by_uuid)).order_by("pk")
    )
    now = timezone.now()
    for outgoing in told:
        report = by_uuid[outgoing.uuid]
        sent, delivered = _code(report.get("sent_result_code")), _code(report.get("delivered_result_code"))
        words = str(report.get("sent_result_message") or report.get("delivered_result_message") or "")
        if delivered == 0:
            outgoing.state, outgoing.delivered_at = State.DELIVERED, now
            outgoing.sent_at = outgoing.sent_at or now
        elif sent is not None and sent not in SENT_CODES_OK and outgoing.state != State.DELIVERED:
            outgoing.state, outgoing.error = State.FAILED, (words or f"telephone says {sent}")[:300]
        elif outgoing.state in (State.UNKNOWN, State.HANDED):
            outgoing.state, outgoing.sent_at = State.SENT, now
    Outgoing.objects.bulk_update(told, ["state", "error", "sent_at", "delivered_at"])
    return len(told)


def _code(value: Any) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None
