"""The card of the crisis room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from entraide.capabilities.crisis import panels, tiles
from entraide.capabilities.crisis.actions import bulk, keeping, publishing
from entraide.capabilities.crisis.contributions import EVERY_KIND
from entraide.capabilities.crisis.reactions import check, messages, triage
from entraide.capabilities.crisis.views import front
from entraide.capability import (
    Capability,
    DeskQueue,
    Feed,
    GivingDoor,
    Page,
    Panel,
    RawRoute,
    Recurring,
    Retention,
    SetUpPage,
)
from entraide.foundations.desk import actions as desk
from entraide.foundations.people.rules import Right

CARD = Capability(
    name="crisis",
    label=_("Crisis map"),
    sentence=_("What people in need tell, read and checked by volunteers, shown on a map, answered."),
    urls="entraide.capabilities.crisis.urls",
    api_urls="entraide.capabilities.crisis.api",
    pages=[Page(label=_("Map"), url_name="crisis:map", order=20)],
    primary_action=Page(label=_("Tell what is happening"), url_name="crisis:tell"),
    giving_doors=[
        GivingDoor(
            gift="words",
            label=_("Tell what you see"),
            sentence=_("What you see in a crisis, in your own language: it may bring help to others."),
            url_name="crisis:tell",
            order=10,
        ),
    ],
    home_panels=[Panel(template="crisis/front_home.html", context=front.home_panel)],
    cause_panels=[Panel(template="crisis/front_cause.html", context=front.cause_panel, order=10)],
    set_up_pages=[
        SetUpPage(
            label=_("Categories"),
            sentence=_("What people may need or tell, and how careful each kind is treated."),
            url_name="crisis:set-up-categories",
            right=Right.CAUSE_SET_UP,
            order=30,
        ),
        SetUpPage(
            label=_("Privacy"),
            sentence=_("Two people for every publication, a delay, freezing the map."),
            url_name="crisis:set-up-privacy",
            right=Right.CAUSE_SET_UP,
            order=40,
        ),
        SetUpPage(
            label=_("Texts to witnesses"),
            sentence=_("The receipt and what they are told afterwards, in each language; the risk note."),
            url_name="crisis:set-up-texts",
            right=Right.CAUSE_SET_UP,
            order=50,
        ),
        SetUpPage(
            label=_("Reports"),
            sentence=_("Every report of the cause, for its team."),
            url_name="crisis:team",
            right=Right.REPORT_TRIAGE,
            order=60,
        ),
    ],
    contributions=EVERY_KIND,
    on_messages=messages.on_messages,
    subject_url=panels.subject_url,
    queues=[
        DeskQueue(
            name="crisis.triage",
            label=_("Read messages"),
            sentence=_("Read what people tell, say what it is about and where."),
            right=Right.REPORT_TRIAGE,
            template="crisis/triage_item.html",
            context=triage.context,
            answer=triage.answer,
            undo=triage.undo,
            order=10,
        ),
        DeskQueue(
            name="crisis.check",
            label=_("Check reports"),
            sentence=_("Ask, compare, look: how sure can we be?"),
            right=Right.REPORT_VERIFY,
            template="crisis/check_item.html",
            context=check.context,
            answer=check.answer,
            undo=check.undo,
            lease_seconds=1_800,  # a telephone call takes its time
            order=20,
        ),
        DeskQueue(
            name="crisis.closed",
            label=_("Read closed messages"),
            sentence=_("Messages in closed categories, for named persons only."),
            right=Right.REPORT_SEE_CLOSED,
            template="crisis/triage_item.html",
            context=triage.context,
            answer=triage.answer,
            undo=triage.undo,
            order=15,
        ),
    ],
    may_listen=panels.may_listen,
    recurring=[
        Recurring(name="crisis.bulk", every_seconds=0.5, run=bulk.work),
        Recurring(name="crisis.announce-due", every_seconds=20, run=publishing.announce_due),
    ],
    retention=[
        Retention(
            what=_("What taking back a decision at the desk needs: words and place as they were"),
            how_long=_("a day"),
            purge=desk.forget_decisions,
        ),
        Retention(
            what=_("Messages set aside as not about the cause"),
            how_long=_("90 days, then emptied"),
            purge=keeping.purge_set_aside,
        ),
        Retention(
            what=_("Exact places"),
            how_long=_("until a year after the cause is closed"),
            purge=keeping.purge_exact_places,
        ),
    ],
    export_person=keeping.export_person,
    erase_person=keeping.erase_person,
    raw_routes=[RawRoute(prefix=tiles.PREFIX, handle=tiles.handle)],
    feeds=[
        Feed(label=_("Atom"), url_name="crisis:atom", media_type="application/atom+xml"),
        Feed(label=_("GeoJSON"), url_name="crisis:geojson", media_type="application/geo+json"),
        Feed(label=_("CSV"), url_name="crisis:csv", media_type="text/csv"),
        Feed(label=_("KML"), url_name="crisis:kml", media_type="application/vnd.google-earth.kml+xml"),
    ],
)
