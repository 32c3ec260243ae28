"""Publishing: the one place where something private becomes public."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from entraide.capabilities.crisis import contributions, rules
from entraide.capabilities.crisis.actions import record, telling
from entraide.capabilities.crisis.models import Approval, Precision, Publication, Report, Setup
from entraide.capabilities.crisis.queries import reports as queries
from entraide.foundations.channels import actions as channels
from entraide.foundations.channels.rules import mask
from entraide.foundations.people.rules import Right
from entraide.foundations.places import queries as places_queries
from entraide.foundations.places import rules as places
from entraide.refusal import Refusal


def displacement_key() -> bytes:
    """The instance's secret from which displaced points are computed."""
    key: bytes = settings.ENTRAIDE_KEY("displacement")
    return key


@transaction.atomic
def approve(report: Report, *, by: Any) -> int:
    """Record that a person agrees to the publication of a report.

    Returns:
        How many different persons agree now.

    Raises:
        Refusal: 403 without the right to publish; those of :func:`rules.check_publishable`.
    """
    queries.demand(by, Right.REPORT_PUBLISH, report.cause)
    report = queries.locked(report.pk)
    _check(report)
    _approval, fresh = Approval.objects.get_or_create(report=report, by=by, defaults={"at": timezone.now()})
    if fresh:
        record.change(report, "approved", by=by)
    return Approval.objects.filter(report=report).count()


@transaction.atomic
def publish(report: Report, *, by: Any) -> Publication | None:
    """Publish a report, or publish it anew after a change.

    Where two persons must agree (a guarded category, or a two-person cause) the first call records
    her agreement alone; the second, by somebody else, publishes.

    Returns:
        The publication, or None where another person must agree first.

    Raises:
        Refusal: 403 ``no-right``, ``closed-category``; 409 ``map-frozen``, ``not-read-yet``;
            400 ``title-missing``.
    """
    agreed = approve(report, by=by)
    report = queries.locked(report.pk)
    setup = queries.setup_of(report.cause)
    if agreed < rules.approvals_needed(sensitivity=queries.sensitivity(report), two_person=setup.two_person):
        return None
    publication, created = _write(report, setup)
    record.change(report, "published", after="new" if created else "renewed", by=by)
    record.entry(contributions.Published, report, by=by)
    _announce(publication, setup, "published" if created else "changed")
    return publication


@transaction.atomic
def publish_imported(report: Report, *, setup: Setup) -> Publication | None:
    """Publish what another map had published already: nobody here agreed, so nothing is said of who did.

    Returns:
        None where this cause wants two persons for it, or the rules refuse: the report stays private.
    """
    sensitivity = queries.sensitivity(report)
    if rules.approvals_needed(sensitivity=sensitivity, two_person=setup.two_person) > 1:
        return None
    try:
        _check(report, setup)
    except Refusal:
        return None
    publication, _created = _write(report, setup)
    record.entry(contributions.Published, report)
    return publication


@transaction.atomic
def withdraw(report: Report, *, by: Any, why: str) -> None:
    """Take a report's publication back. The approvals go with it: publishing again asks again.

    Raises:
        Refusal: 403 without the right to publish; 400 ``why-missing``; 409 ``not-published``.
    """
    queries.demand(by, Right.REPORT_PUBLISH, report.cause)
    if not why.strip():
        raise Refusal(_("Say in a few words why."), where="why", code="why-missing")
    report = queries.locked(report.pk)
    if not unpublish(report, by=by, why=why):
        raise Refusal(_("This report is not published."), status=409, code="not-published")


def unpublish(report: Report, *, by: Any, why: str) -> bool:
    """Withdraw without asking for the right: what careful rules do by themselves. In a transaction.

    Returns:
        True where there was something to withdraw.
    """
    Approval.objects.filter(report=report).delete()
    removed = Publication.objects.filter(report=report).first()
    if removed is None:
        return False
    removed.delete()
    record.change(report, "withdrawn", by=by, why=why)
    record.entry(contributions.Withdrawn, report, by=by)
    # What no map has shown yet (a delay, a frozen map) goes without a word: its name is not known either.
    if removed.announced_at is not None:
        channels.announce(f"map:{report.cause.public_id}", {"ref": report.ref, "change": "withdrawn"})
    return True


def renew(report: Report) -> Publication | None:
    """Carry the step, the standing and the number of senders over to the publication, if there is one.

    These are facts about our work, not about the witness: no new agreement is asked. Words,
    categories and place only change by :func:`publish`. Call it inside a transaction.
    """
    publication = Publication.objects.filter(report=report).first()
    if publication is None:
        return None
    if report.step not in rules.PUBLISHABLE_STEPS:
        unpublish(report, by=None, why="")
        return None
    publication.step = report.step
    publication.standing = report.standing
    publication.checked_at = report.checked_at
    publication.senders = queries.senders(report)
    publication.updated_at = timezone.now()
    publication.save(update_fields=["step", "standing", "checked_at", "senders", "updated_at"])
    _announce(publication, queries.setup_of(report.cause), "changed")
    return publication


def after_edit(report: Report, *, by: Any) -> None:
    """What becomes of agreements and publication once words, categories or place were changed.

    Agreements were given to the old words: they end. A publication is renewed where the editor may
    publish alone, and withdrawn where she may not: the careful side. Call it inside a transaction.
    """
    Approval.objects.filter(report=report).delete()
    if not Publication.objects.filter(report=report).exists():
        return
    setup = queries.setup_of(report.cause)
    sensitivity = queries.sensitivity(report)
    alone = rules.approvals_needed(sensitivity=sensitivity, two_person=setup.two_person) == 1
    if alone and not setup.map_frozen and Right.REPORT_PUBLISH in queries.rights(by, report.cause):
        publish(report, by=by)
    else:
        unpublish(report, by=by, why=_("Changed: it must be published anew."))


def make_careful(report: Report, setup: Setup, *, by: Any) -> None:
    """Give a publication the geometry its categories ask for now, or withdraw it where two persons must
    agree and only one has. Call it inside a transaction."""
    needed = rules.approvals_needed(sensitivity=queries.sensitivity(report), two_person=setup.two_person)
    if Approval.objects.filter(report=report).count() < needed and needed > 1:
        unpublish(report, by=by, why=_("Now two people must agree."))
        return
    publication, _created = _write(report, setup)
    _announce(publication, setup, "changed")


def announce_due(now: Any = None) -> int:
    """Tell open maps, and the witnesses, of delayed publications whose time has come. Recurring work.

    Returns:
        How many were announced.
    """
    now = now or timezone.now()
    done = 0
    for setup in Setup.objects.filter(map_frozen=False).order_by("pk"):
        done += _announce_since(setup.cause, now - timedelta(hours=setup.delay_hours), now)
    return done


@transaction.atomic
def _announce_since(cause: Any, published_before: Any, now: Any) -> int:
    due = Publication.objects.filter(cause=cause, announced_at=None, published_at__lte=published_before)
    publications = list(due.order_by("pk").select_related("report__cause")[:200])
    for publication in publications:
        channels.announce(f"map:{cause.public_id}", {"ref": publication.ref, "change": "published"})
        telling.tell(publication.report, "published")
    Publication.objects.filter(pk__in=[one.pk for one in publications]).update(announced_at=now)
    return len(publications)


def _check(report: Report, setup: Setup | None = None) -> None:
    rules.check_publishable(
        step=report.step,
        sensitivity=queries.sensitivity(report),
        map_frozen=(setup or queries.setup_of(report.cause)).map_frozen,
        title=report.title,
    )


def _write(report: Report, setup: Setup) -> tuple[Publication, bool]:
    """Make or renew the public row from the private one. Everything that crosses, crosses here."""
    now = timezone.now()
    precision = queries.precision(report)
    exact = None
    if report.exact_x is not None and report.exact_y is not None:
        exact = places.Point(report.exact_x, report.exact_y)
    shown = places.publish(
        exact=exact, exact_radius_m=report.exact_radius_m, precision=precision, key=displacement_key()
    )
    first = report.sources.order_by("pk").first()
    values = {
        "ref": report.ref,
        "cause": report.cause,
        # Masked once more: triagers edit, and a number may come back in.
        "title": public_words(report.title, precision)[:200],
        "text": public_words(report.text, precision),
        "language": report.language,
        "step": report.step,
        "standing": report.standing,
        "urgent": report.urgent,
        "senders": queries.senders(report),
        "channel": first.channel if first else "",
        "shape": shown.shape,
        "x": shown.x,
        "y": shown.y,
        "cell": shown.cell,
        "cell_zoom": shown.cell_zoom,
        "radius_m": shown.radius_m,
        "place_label": _label(report, shown, precision),
        # To the hour where an area is shown, though its category would allow the point.
        "happened_at": rules.public_time(
            report.happened_at, precision if shown.shape == "point" else Precision.AREA_SMALL
        ),
        "checked_at": report.checked_at,
        "updated_at": now,
    }
    publication, created = Publication.objects.update_or_create(
        report=report, defaults=values, create_defaults={**values, "published_at": now}
    )
    publication.categories.set(report.categories.all())
    return publication, created


def public_words(text: str, precision: str) -> str:
    """Words without numbers and addresses and, unless the exact point is shown, without coordinates:
    what the map hides must not stand in the text beside it."""
    if precision != Precision.EXACT:
        for found in reversed(places.find_coordinates(text)):
            text = f"{text[: found.start]}…{text[found.end :]}"
    return mask(text)


def _label(report: Report, shown: Any, precision: str) -> str:
    """A name for the published place, no finer than its geometry: the witness's own words of the place
    only where the exact point itself is shown."""
    if shown.shape == "none":
        return ""
    if shown.shape == "point" and precision == Precision.EXACT and report.place_name:
        return mask(report.place_name)[:300]
    zoom = shown.cell_zoom if shown.cell_zoom is not None else 14
    label: str = places_queries.label(places.Point(shown.x, shown.y), zoom)
    return label[:300]


def _announce(publication: Publication, setup: Setup, what: str) -> None:
    """Tell open maps and, the first time, the witnesses; :func:`announce_due` does it where the cause
    publishes late."""
    if setup.map_frozen:
        return
    now = timezone.now()
    if not rules.delay_over(publication.published_at, setup.delay_hours, now):
        return
    channels.announce(
        f"map:{publication.cause.public_id}",
        {"ref": publication.ref, "change": what if publication.announced_at else "published"},
    )
    if publication.announced_at is None:
        publication.announced_at = now
        publication.save(update_fields=["announced_at"])
        telling.tell(publication.report, "published")
