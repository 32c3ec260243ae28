"""Where the demonstration plays: two causes, the categories of one, its doors and its team."""

from __future__ import annotations

from typing import Any

from entraide.capabilities.crisis.actions import setup
from entraide.capabilities.crisis.models import Category
from entraide.foundations.causes import actions as causes
from entraide.foundations.causes.models import Cause
from entraide.foundations.channels import actions as channels
from entraide.foundations.channels.models import Door
from entraide.foundations.people import actions as people
from entraide.foundations.people.rules import Role
from entraide.website.demonstration.cast import CAST

LUMI = {
    "en": {
        "title": "After cyclone Lumi",
        "summary": "Neighbours tell what they see by SMS, mail or form. Volunteers read it in their language, "
        "check it, and hand each need to somebody who can answer. You can follow every step, and take one.",
        "body": "Lumi is a storm that never was. It crossed the channel of Mozambique in a week of November and "
        "touched Madagascar, the Comoros and the coasts of Mozambique and Tanzania. Everybody who writes here is invented.",
    },
    "fr": {
        "title": "Après le cyclone Lumi",
        "summary": "Les voisins disent ce qu’ils voient, par SMS, courriel ou formulaire. Des bénévoles les lisent "
        "dans leur langue, vérifient, et confient chaque besoin à qui peut y répondre. Vous pouvez suivre chaque "
        "étape, et en prendre une.",
        "body": "Lumi est une tempête qui n’a jamais eu lieu. Toutes les personnes qui écrivent ici sont inventées.",
    },
    "mg": {
        "title": "Taorian'ny rivodoza Lumi",
        "summary": "Lazao izay hitanao amin'ny SMS, mailaka na taratasy. Misy mpilatsaka an-tsitrapo mamaky izany.",
        "body": "",
    },
    "ar": {
        "title": "بعد إعصار لومي",
        "summary": "الجيران يخبرون بما يرون، والمتطوعون يقرؤون بلغتهم ويتحققون ويسلمون كل حاجة لمن يستطيع تلبيتها.",
        "body": "",
    },
}
SCHOOLS = {
    "en": {
        "title": "Schools open again",
        "summary": "Forty-one roofs, 3,000 exercise books, and teachers who share their evenings: the schools of the "
        "coast open again before the rains.",
        "body": "",
    },
    "fr": {
        "title": "Rouvrir les écoles",
        "summary": "Quarante et un toits, 3 000 cahiers et des enseignants qui donnent leurs soirées : les écoles de "
        "la côte rouvrent avant les pluies.",
        "body": "",
    },
}
# slug, names, icon, sensitivity, precision
CATEGORIES = (
    ("water", {"en": "Drinking water", "fr": "Eau potable"}, "water", "open", "area-small"),
    ("food", {"en": "Food", "fr": "Nourriture"}, "food", "open", "area-small"),
    ("shelter", {"en": "Shelter", "fr": "Abri"}, "shelter", "open", "area-small"),
    ("medical", {"en": "Medical help", "fr": "Soins"}, "health", "open", "displaced"),
    ("road", {"en": "Roads and bridges", "fr": "Routes et ponts"}, "road", "open", "exact"),
    ("power", {"en": "Electricity", "fr": "Électricité"}, "energy", "open", "exact"),
    ("offer", {"en": "Help offered", "fr": "Aide proposée"}, "hand", "open", "area-large"),
    ("news", {"en": "News", "fr": "Nouvelles"}, "words", "open", "area-large"),
    ("family", {"en": "News of families", "fr": "Nouvelles des familles"}, "missing", "guarded", "hidden"),
    ("children", {"en": "Child alone", "fr": "Enfant seul"}, "baby", "closed", "hidden"),
)
PHONE, MAILBOX = "The duty telephone", "The cause's mail address"


def build(cast: dict[str, Any]) -> Cause:
    """The cyclone's cause with everything it needs; what is there already stays as it is."""
    aina = cast["aina"]
    # The newest cause stands first: the cyclone.
    if not Cause.objects.filter(slug="schools").exists():
        schools = causes.create(
            slug="schools", texts=SCHOOLS, languages=["fr", "en", "mg"], countries=["MG"], sdgs=[4],
            area=(43.0, -26.0, 51.0, -11.5), by=aina,
        )  # fmt: skip
        causes.open_cause(cause=schools, by=aina)
    lumi = Cause.objects.filter(slug="lumi").first()
    if lumi is None:
        lumi = causes.create(
            slug="lumi",
            texts=LUMI,
            languages=["mg", "fr", "sw", "pt", "ar", "en", "bn", "es", "ht", "hi", "ta", "zh", "ru", "am"],
            countries=["MG", "KM", "MZ", "TZ", "YT", "RE"],
            sdgs=[3, 6, 11, 13],
            area=(39.0, -22.0, 56.0, -9.0),
            by=aina,
        )
        causes.set_goal(
            cause=lumi, unit="publication", target=150, kinds=["crisis.published"], by=aina,
            label={"en": "Voices on the map", "fr": "Voix sur la carte"},
        )  # fmt: skip
        causes.set_goal(
            cause=lumi, unit="item", target=200, kinds=["desk.answered"], by=aina,
            label={"en": "Messages read", "fr": "Messages lus"},
        )  # fmt: skip
        causes.open_cause(cause=lumi, by=aina)
    for part in CAST:
        if part.role and part.role != "steward":
            people.grant(person=cast[part.local], role=Role(part.role), cause_id=lumi.public_id, by=aina)
    for slug, names, icon, sensitivity, precision in CATEGORIES:
        if not Category.objects.filter(cause=lumi, slug=slug).exists():
            setup.save_category(
                lumi, slug=slug, names=names, icon=icon, sensitivity=sensitivity, precision=precision, by=aina
            )
    return lumi


def doors(lumi: Cause, cast: dict[str, Any]) -> tuple[Door, Door]:
    """The telephone and the mailbox of the cause, opened where missing."""
    phone = Door.objects.filter(cause=lumi, kind="smssync").first() or channels.open_door(
        cause=lumi, kind="smssync", label=PHONE, by=cast["aina"], settings={"country": "MG"}
    )
    mailbox = Door.objects.filter(cause=lumi, kind="mail").first() or channels.open_door(
        cause=lumi, kind="mail", label=MAILBOX, by=cast["aina"], settings={"address": "lumi@demo.example"}
    )
    return phone, mailbox
