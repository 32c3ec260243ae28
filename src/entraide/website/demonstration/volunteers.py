"""The cast at the desk: they take what has arrived and answer as the script says."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from entraide.capabilities.crisis.actions import publishing, steps, verifying
from entraide.capabilities.crisis.models import Category, Report, ReportMessage, Sensitivity, Step
from entraide.foundations.channels import queries as channels
from entraide.foundations.desk import actions as desk
from entraide.foundations.desk.models import WorkItem
from entraide.foundations.places import rules as places
from entraide.refusal import Refusal
from entraide.website.demonstration.script import Line, lines, spots

READERS = ("bakari", "chandra", "dieudonne")
# Of the reports on the map: every n-th is checked, and of those some are answered.
CHECK_EVERY, ANSWER_EVERY = 3, 9


class Volunteers:
    """Works through the demonstration's messages, never through anybody else's."""

    def __init__(self, cause: Any, cast: dict[str, Any]) -> None:
        self.cause = cause
        self.cast = cast
        self.by_text = {line.text.strip(): line for line in lines()}
        self.spots = spots()
        self.categories = {category.slug: category for category in Category.objects.filter(cause=cause)}
        self.first_of: dict[tuple[str, tuple[str, ...]], str] = {}
        self.seen = 0  # ReportMessage.pk up to which everything was looked at
        self.published = 0
        self.met: set[int] = set()  # numbers of the lines that have become reports

    def work(self) -> int:
        """Answer every line that has arrived since; returns how many were read."""
        done = 0
        new = ReportMessage.objects.filter(pk__gt=self.seen, report__cause=self.cause)
        for source in new.order_by("pk").select_related("report__cause"):
            self.seen = source.pk
            (received,) = channels.received([source.message_id])
            line = self.by_text.get(received.text.strip())
            if line is None:
                continue
            self.met.add(line.number)
            if source.report.step != Step.NEW:  # an earlier run of the demonstration
                self.first_of.setdefault((line.place, line.categories), source.report.ref)
            elif not line.left_unread:
                done += self._read(source.report, line)
        return done

    def met_all(self, script: list[Line]) -> bool:
        """True once every line of the script has become a report."""
        return len(self.met) >= len(script)

    def _read(self, report: Report, line: Line) -> int:
        item = WorkItem.objects.filter(subject=f"report:{report.ref}", state="waiting").first()
        if item is None:
            return 0
        able = [self.cast[name] for name in READERS if line.language in self.cast[name].languages]
        reader = (able or [self.cast["aina"]])[0]
        if "children" in line.categories:
            reader = self.cast["aina"]
        data = self._decision(report, line)
        try:
            taken = desk.take(item=item, person=reader)
            if taken is None:
                return 0
            desk.answer(item=taken, person=reader, data=data)
        except Refusal as refusal:
            # The visitor may have been faster, or changed the set-up: her house, her rules.
            desk.release_all(person=reader)
            print(f"  {reader} could not answer line {line.number}: {refusal}")  # noqa: T201
            return 0
        if data["decision"] == "pass":
            self._bring_on_the_map(report, line)
        return 1

    def _decision(self, report: Report, line: Line) -> QueryDict:
        data = QueryDict(mutable=True)
        key = (line.place, line.categories)
        if line.outcome == "noise":
            data["decision"] = "aside"
        elif line.outcome == "same" and key in self.first_of:
            data["decision"], data["same"] = "same", self.first_of[key]
        else:
            self.first_of.setdefault(key, report.ref)
            spot = self.spots[line.place]
            point = places.to_grid(spot.latitude, spot.longitude)
            data["decision"] = "pass"
            data["title"], data["text"] = report.title, report.text
            data["language"] = line.language
            data["place"] = f"{point.x}:{point.y}:{spot.radius_m}:{spot.name}"
            data.setlist("categories", [str(self.categories[slug].pk) for slug in line.categories])
        return data

    def _bring_on_the_map(self, report: Report, line: Line) -> None:
        sensitive = {self.categories[slug].sensitivity for slug in line.categories}
        if Sensitivity.CLOSED in sensitive:
            return
        self.published += 1
        with transaction.atomic():
            if self.published % CHECK_EVERY == 0:
                self._check(report)
            report = Report.objects.select_related("cause").get(pk=report.pk)
            publishing.publish(report, by=self.cast["aina"])
            if Sensitivity.GUARDED in sensitive:
                publishing.publish(report, by=self.cast["esra"])
            if self.published % ANSWER_EVERY == 0:
                steps.route(report, organisation=None, by=self.cast["aina"])
                steps.take(report, by=self.cast["farida"])
                if self.published % (2 * ANSWER_EVERY) == 0:
                    steps.finish(report, by=self.cast["farida"], why="Brought and counted on the spot.")

    def _check(self, report: Report) -> None:
        standing = ("corroborated", "verified", "verified", "out-of-date", "refuted")[
            self.published // CHECK_EVERY % 5
        ]
        verifying.verify(
            report,
            standing=standing,
            by=self.cast["esra"],
            why="Asked two neighbours by telephone.",
            evidence=f"telephone, {timezone.now():%H:%M} UTC",
            independent_sources=2,
        )
