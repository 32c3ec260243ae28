"""What both desk panels show of a report: its words as they came, who sent them when."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from entraide.capabilities.crisis.models import Report
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.channels import queries as messages
from entraide.foundations.channels.rules import mask
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal


def report_of(item: Any) -> Report:
    """The report a desk item is about.

    Raises:
        Refusal: 410 where it is gone (erased).
    """
    report = queries.by_ref(item.subject.removeprefix("report:"))
    if report is None:
        raise Refusal(_("This report is gone."), status=410, code="no-such-report")
    return report


def report_for(item: Any, person: Any) -> Report:
    """As :func:`report_of`, for somebody who may read it.

    Raises:
        Refusal: 403 where it has become a closed one since it was put in line, and she may not see those.
    """
    report = report_of(item)
    if not queries.visible(queries.rights(person, report.cause), report.cause).filter(pk=report.pk).exists():
        raise Refusal(
            _("This report is for named persons alone now. Please give it back."),
            status=403,
            code="closed-report",
        )
    return report


def originals(report: Report, held: frozenset[Right]) -> list[dict[str, Any]]:
    """The messages a report rests on, as they came. Numbers and addresses in them are masked for those who
    may not see contacts."""
    shown = []
    for received in messages.received([source.message_id for source in queries.sources(report)]):
        shown_part = received.fields.get("shown") if received.channel == "mail" else ""
        text = shown_part or received.text
        if received.subject:
            text = f"{received.subject}\n\n{text}"
        shown.append(
            {
                "text": text if Right.CONTACT_SEE in held else mask(text),
                "language": received.language,
                "sure": received.language_sure,
                "choices": received.language_choices,
                "channel": received.channel,
                "at": received.sent_at or received.received_at,
                "place": mask(str(received.fields.get("place") or "")),
                "reachable": received.contact_id is not None,
            }
        )
    return shown
