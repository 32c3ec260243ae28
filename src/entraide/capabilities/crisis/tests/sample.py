"""Made-up messages, reports and categories for the tests of the crisis room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from entraide.capabilities.crisis.actions import setup as setup_actions
from entraide.capabilities.crisis.actions import steps
from entraide.capabilities.crisis.models import Category, Report, ReportMessage
from entraide.foundations.channels import actions as channels
from entraide.foundations.channels import queries as channel_queries
from entraide.foundations.channels.actions.accepting import accept_web
from entraide.foundations.places import rules as places

BAY = places.to_grid(-14.27, 50.17)  # in the area of the cause Lumi


def received(cause: Any, text: str = "We need water at the school", **fields: Any) -> Any:
    """One message by the web form, taken in: the whole way of a real one."""
    key = fields.pop("key", f"key-{timezone.now().timestamp()}-{text[:20]}")
    accept_web(cause=cause, fields={"text": text, **fields}, key=key)
    channels.take_in()


def newest(cause: Any) -> Report:
    """The report made last."""
    return Report.objects.filter(cause=cause).order_by("-pk")[0]


def told(cause: Any, text: str = "We need water at the school", **fields: Any) -> Report:
    """The report of one message by the web form."""
    received(cause, text, **fields)
    return newest(cause)


def message_of(report: Report) -> Any:
    """The message a report rests on, opened."""
    return channel_queries.received([report.sources.order_by("pk")[0].message_id])[0]


def made(cause: Any, title: str = "Water needed", **fields: Any) -> Report:
    """A report without the way through the inbox, for tests that need many."""
    fields.setdefault("happened_at", timezone.now() - timedelta(hours=2))
    fields.setdefault("language", "en")
    fields.setdefault("text", title)
    report = Report.objects.create(cause=cause, title=title, **fields)
    number = ReportMessage.objects.count()
    message = channels.import_message(cause=cause, key=f"sample-{report.ref}", text=fields["text"])
    ReportMessage.objects.create(report=report, message=message, channel="sms", sender_key=f"sender-{number}")
    return report


def placed(report: Report, by: Any, point: Any = BAY, radius_m: int = 100, name: str = "The bay") -> Report:
    """The same report, read and placed."""
    steps.edit(report, by=by, place=steps.Place(point=point, radius_m=radius_m, name=name))
    steps.pass_on(report, by=by)
    return again(report)


def again(report: Report) -> Report:
    """The report as the database has it now."""
    return Report.objects.select_related("cause").get(pk=report.pk)


def category(cause: Any, by: Any, name: str = "Water", **fields: Any) -> Category:
    """A category of the cause."""
    return setup_actions.save_category(cause, names={"en": name}, by=by, **fields)


def posted(**values: Any) -> QueryDict:
    """What a desk panel posts."""
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
    return data
