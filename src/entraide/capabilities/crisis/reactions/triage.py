"""The triage panel: from a message nobody has read to a report that is placed, published or set aside."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from entraide.capabilities.crisis import contributions, rules
from entraide.capabilities.crisis.actions import learning, merging, publishing, record, steps
from entraide.capabilities.crisis.models import Category, Publication, Report, Sensitivity
from entraide.capabilities.crisis.queries import places as places_queries
from entraide.capabilities.crisis.queries import reports as queries
from entraide.capabilities.crisis.queries import similar
from entraide.capabilities.crisis.reactions.panel import originals, report_for, report_of
from entraide.foundations.desk import actions as desk
from entraide.foundations.languages import rules as languages
from entraide.foundations.people.rules import Right
from entraide.foundations.places import rules as places
from entraide.refusal import Refusal

PLACE_KEYS = "qwet"  # not "r": with it the desk puts an item back


def context(item: Any, person: Any) -> dict[str, Any]:
    """What ``crisis/triage_item.html`` needs."""
    report = report_for(item, person)
    held = queries.rights(person, report.cause)
    words = originals(report, held)
    language = get_language() or "en"
    categories = []
    chosen = set(report.categories.order_by("pk").values_list("pk", flat=True))
    for number, category in enumerate(queries.categories(report.cause), start=1):
        categories.append(
            {
                "pk": category.pk,
                "name": rules.name_in(category.names, language, category.slug),
                "icon": category.icon,
                "depth": category.depth,  # type: ignore[attr-defined]
                "guarded": category.sensitivity == Sensitivity.GUARDED,
                "closed": category.sensitivity == Sensitivity.CLOSED,
                "checked": category.pk in chosen,
                "key": str(number) if number <= 9 else "",
            }
        )
    choices = places_queries.suggestions(report, [message["text"] for message in words])
    setup = queries.setup_of(report.cause)
    return {
        "report": report,
        "originals": words,
        "categories": categories,
        "languages": language_choices(report),
        "has_place": report.exact_x is not None,
        "places": [
            {"suggestion": suggestion, "key": key}
            for suggestion, key in zip(choices, PLACE_KEYS, strict=False)
        ],
        "candidates": similar.perhaps_the_same(report, held),
        "may_publish": Right.REPORT_PUBLISH in held and not setup.map_frozen,
        "two_person": setup.two_person,
        "cause": report.cause,
    }


def language_choices(report: Report) -> list[dict[str, str]]:
    """Languages to choose for a report: the one guessed, those of the cause, those of the site."""
    codes = [report.language, *report.cause.languages, *(code for code, _name in settings.LANGUAGES)]
    return [
        {"code": code, "name": languages.name_of(code)}
        for code in dict.fromkeys(codes)
        if code and code != "und"
    ]


def answer(*, item: Any, person: Any, data: Any) -> dict[str, Any]:
    """Do what the volunteer decided.

    Args:
        data: ``decision`` ("pass", "publish", "same", "aside"), and for the first two ``title``, ``text``,
            ``language``, ``categories``, ``place``, ``place_text``, ``urgent``; for "same" ``same`` (a
            ref); ``why`` for the last two.

    Returns:
        What undoing needs.

    Raises:
        Refusal: 400 where something is missing; those of the actions.
    """
    report = report_for(item, person)
    decision = data.get("decision") or ""
    before = snapshot(report)
    entries: list[Any] = []
    published = False
    if decision == "same":
        # Among those she may see: whether a closed report exists is not to be found out by trying.
        seen = queries.visible(queries.rights(person, report.cause), report.cause)
        other = seen.filter(ref=str(data.get("same") or data.get("same_ref") or "").strip().lower()).first()
        if other is None:
            raise Refusal(
                _("Choose the report that tells the same, or write its ten letters."),
                where="same",
                code="same-missing",
            )
        entries = merging.merge(report, into=other, by=person, why=data.get("why") or "")
    elif decision == "aside":
        entries = steps.set_aside(report, by=person, why=data.get("why") or "")
    elif decision in {"pass", "publish"}:
        said, place = report.place_name, _place(report, data)
        report = steps.edit(
            report,
            by=person,
            title=data.get("title"),
            text=data.get("text"),
            language=data.get("language"),
            urgent=bool(data.get("urgent")),
            categories=_categories(report, data.getlist("categories")),
            place=place,
        )
        if isinstance(place, steps.Place) and not places.find_coordinates(place.name):
            typed = str(data.get("place_text") or "")
            learning.learn_place(report, names=[said, typed], place=place, by=person)
        entries = steps.pass_on(report, by=person)
        if decision == "publish":
            published = publishing.publish(report, by=person) is not None
    else:
        raise Refusal(
            _("Choose: pass on, same as another, or not about this."),
            where="decision",
            code="decision-missing",
        )
    return {
        "report": report.ref,
        "decision": decision,
        "before": before,
        "after": Report.objects.values_list("step", flat=True).get(pk=report.pk),
        "published": published,
        "entries": [[entry.kind, entry.sequence] for entry in entries],
    }


def undo(*, item: Any, person: Any, decision: dict[str, Any]) -> None:
    """Take a triage decision back; the desk puts its item in line again.

    Raises:
        Refusal: 409 ``worked-on-since`` where the report has gone further since.
    """
    report = queries.locked(report_of(item).pk)
    if report.step != decision["after"]:
        raise Refusal(
            _("Somebody has worked on this report since: open its page to change it."),
            status=409,
            code="worked-on-since",
        )
    before = decision["before"]
    if decision["decision"] == "same":
        merging.take_apart(report, by=person, on_the_record=False)
    else:
        if decision["published"] or not before["published"]:
            publishing.unpublish(report, by=person, why=_("The decision was taken back."))
        _restore(report, before, by=person)
        desk.withdraw(queue=steps.CHECK, subject=record.subject(report))
    _correct(report, decision["entries"], by=person)


def snapshot(report: Report) -> dict[str, Any]:
    """A report as it stands, to be restored by :func:`undo`."""
    return {
        "step": report.step,
        "title": report.title,
        "text": report.text,
        "language": report.language,
        "urgent": report.urgent,
        "categories": list(report.categories.order_by("pk").values_list("pk", flat=True)),
        "exact": [report.exact_x, report.exact_y, report.exact_radius_m],
        "place_name": report.place_name,
        "published": Publication.objects.filter(report=report).exists(),
    }


def _restore(report: Report, before: dict[str, Any], *, by: Any) -> None:
    step = report.step
    report.step = before["step"]
    report.title, report.text, report.language = before["title"], before["text"], before["language"]
    report.urgent, report.place_name = before["urgent"], before["place_name"]
    report.exact_x, report.exact_y, report.exact_radius_m = before["exact"]
    report.save()
    report.categories.set(Category.objects.filter(pk__in=before["categories"]))
    record.change(
        report, "step", before=step, after=report.step, by=by, why=_("The decision was taken back.")
    )
    publishing.renew(report)


def _correct(report: Report, entries: list[list[Any]], *, by: Any) -> None:
    """Minus one for each entry of the decision, so that the journal's totals stay true."""
    kinds = {kind.kind: kind for kind in contributions.EVERY_KIND}
    for kind, sequence in entries:
        record.entry(kinds[kind], report, by=by, quantity=-1, corrects=sequence)


def _categories(report: Report, values: list[str]) -> list[Category]:
    """The categories ticked. One the volunteer could not see because it was archived since stays."""
    wanted = {int(value) for value in values if value.isdecimal()}
    found = list(Category.objects.filter(cause=report.cause, pk__in=wanted).order_by("pk"))
    if len(found) != len(wanted):
        raise Refusal(_("One of these categories is gone."), where="categories", code="category-gone")
    return found + list(report.categories.exclude(archived_at=None).order_by("pk"))


def _place(report: Report, data: Any) -> Any:
    """The place decided: a suggestion, what was typed, none, or as it was."""
    choice = str(data.get("place") or "")
    typed = str(data.get("place_text") or "").strip()
    if choice in {"", "keep"} and not typed:
        return steps.KEEP
    if choice == "none" and not typed:
        return None
    chosen = None if choice in {"", "keep", "none", "typed"} else places_queries.read(choice)
    if chosen is None and typed:
        found = places_queries.search(report.cause, typed)
        if not found:
            raise Refusal(
                _("We know no place called “%(name)s”. Try a larger place nearby, or coordinates.")
                % {"name": typed},
                where="place_text",
                code="place-unknown",
            )
        if len(found) > 1 and _apart(found):
            raise Refusal(
                _("Several places fit: %(names)s. Choose one in the list, or write its district too.")
                % {"names": "; ".join(suggestion.label for suggestion in found[:4])},
                where="place_text",
                code="place-ambiguous",
            )
        chosen = found[0]
    if chosen is None:
        raise Refusal(_("Choose a place, or say that it is not known."), where="place", code="place-missing")
    return steps.Place(point=chosen.point, radius_m=chosen.radius_m, name=chosen.label)


def _apart(found: list[places_queries.Suggestion]) -> bool:
    """True where the second answer lies outside of the first one's radius: two different places."""
    first, second = found[0], found[1]
    return places.distance_m(first.point, second.point) > max(first.radius_m, second.radius_m)
