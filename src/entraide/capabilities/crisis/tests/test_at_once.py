"""Several people at the same report in the same instant."""

from __future__ import annotations

from pathlib import Path

import pytest

from entraide.capabilities.crisis.tests.elsewhere import program

pytestmark = pytest.mark.slow


def test_publishing_taking_and_joining_crosswise(tmp_path: Path) -> None:
    done = program(
        tmp_path,
        """
        from entraide.capabilities.crisis.actions import merging, publishing, steps
        from entraide.capabilities.crisis.models import Approval, Publication, Report
        from entraide.foundations.journal.models import Entry
        from entraide.foundations.places import queries as places
        lumi, alice, bob, vera = cast()
        places.label(sample.BAY, 14)  # the index of places is made on first use, once an instance
        report = sample.placed(sample.made(lumi), bob)
        problems = at_once(*[lambda who=who: publishing.publish(report, by=who) for who in (bob, vera) * 3])
        assert problems == [], problems
        assert Publication.objects.count() == 1
        assert Approval.objects.count() == 2

        # A guarded category: four presses by one person are one agreement, two people publish once.
        guarded = sample.category(lumi, alice, "Health", sensitivity="guarded")
        second = sample.placed(sample.made(lumi, "Ill"), bob)
        steps.edit(second, by=bob, categories=[guarded])
        assert at_once(*[lambda: publishing.publish(second, by=bob)] * 4) == []
        assert not Publication.objects.filter(report=second).exists()

        # One report, three takers: one gets it.
        rosas = []
        for number in range(3):
            from entraide.foundations.people.models import Person
            person = Person.objects.create_user(f"rosa{number}@example.org", display_name="Rosa")
            people.grant(person=person, role="responder", cause_id=lumi.public_id, by=alice)
            rosas.append(person)
        problems = at_once(*[lambda who=who: steps.take(report, by=who) for who in rosas])
        assert [problem.code for problem in problems] == ["already-taken"] * 2, problems
        assert Entry.objects.filter(kind="crisis.taken").count() == 1

        # Crosswise: exactly one of the two is joined with the other.
        one, two = sample.made(lumi, "One"), sample.made(lumi, "Two")
        problems = at_once(
            lambda: merging.merge(one, into=two, by=bob), lambda: merging.merge(two, into=one, by=alice)
        )
        assert len(problems) == 1, problems
        assert Report.objects.filter(step="merged").count() == 1
        """,
    )
    assert done.returncode == 0, done.stderr
