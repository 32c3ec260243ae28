"""The icon set: our words for things, and the drawing (Lucide, ISC licence) that shows each.

Rooms know only our words, so that the set can be exchanged here. Always put a word beside an icon.
"""

from __future__ import annotations

import logging
import re
from functools import cache

from entraide.foundations.design import vendored

logger = logging.getLogger(__name__)

# name -> file of the set
DRAWINGS = {
    # what people need, and what happens
    "water": "droplets",
    "food": "utensils",
    "shelter": "tent",
    "house": "house",
    "health": "stethoscope",
    "medicine": "pill",
    "ambulance": "ambulance",
    "baby": "baby",
    "school": "school",
    "sanitation": "toilet",
    "clothes": "shirt",
    "bed": "bed",
    "energy": "zap",
    "fuel": "fuel",
    "network": "radio",
    "road": "route",
    "transport": "truck",
    "animals": "dog",
    "goods": "package",
    "money": "coins",
    "work": "briefcase",
    "tools": "wrench",
    "storm": "tornado",
    "rain": "cloud-rain",
    "flood": "waves",
    "wind": "wind",
    "fire": "flame",
    "landslide": "mountain",
    "cold": "snowflake",
    "danger": "siren",
    "missing": "user-round-search",
    "people": "users",
    "person": "user-round",
    "rescue": "life-buoy",
    "security": "shield",
    # what people give
    "words": "feather",
    "time": "clock",
    "skills": "graduation-cap",
    "place": "map-pin",
    "hand": "hand-heart",
    "heart": "heart",
    "together": "handshake",
    "idea": "lightbulb",
    "goal": "target",
    # states
    "unverified": "circle-dashed",
    "corroborated": "users-round",
    "verified": "circle-check",
    "refuted": "circle-x",
    "out-of-date": "history",
    "new": "sparkle",
    "triaged": "tag",
    "located": "map-pin-check",
    "routed": "send",
    "taken": "hand",
    "done": "check-check",
    "told": "message-circle",
    "set-aside": "archive",
    "merged": "merge",
    "queued": "hourglass",
    "sent": "check",
    "failed": "octagon-x",
    "open": "circle-dot",
    "closed": "circle-slash",
    "draft": "pencil",
    # acts
    "tell": "megaphone",
    "add": "plus",
    "remove": "minus",
    "edit": "pencil",
    "delete": "trash-2",
    "undo": "undo-2",
    "skip": "skip-forward",
    "search": "search",
    "filter": "funnel",
    "share": "share-2",
    "copy": "copy",
    "link": "link",
    "download": "download",
    "upload": "upload",
    "print": "printer",
    "refresh": "refresh-cw",
    "settings": "settings",
    "sign-in": "log-in",
    "sign-out": "log-out",
    "translate": "languages",
    "next": "arrow-right",
    "previous": "arrow-left",
    "down": "chevron-down",
    "close": "x",
    "outside": "external-link",
    "locate": "locate-fixed",
    "play": "play",
    "pause": "pause",
    # things
    "map": "map",
    "list": "list",
    "desk": "inbox",
    "journal": "scroll-text",
    "message": "message-square",
    "mail": "mail",
    "sms": "smartphone",
    "phone": "phone",
    "web": "globe",
    "webhook": "webhook",
    "import": "file-input",
    "feed": "rss",
    "data": "table",
    "organisation": "building-2",
    "hospital": "hospital",
    "calendar": "calendar",
    "book": "book-open",
    "photo": "image",
    "key": "key-round",
    "lock": "lock",
    "hidden": "eye-off",
    "seen": "eye",
    "info": "info",
    "warning": "triangle-alert",
    "urgent": "flame",
    "error": "circle-alert",
    "offline": "wifi-off",
    "keyboard": "keyboard",
    "language": "languages",
    "chart": "chart-column",
    "flag": "flag",
    "proof": "badge-check",
    "menu": "menu",
    "star": "star",
    "code": "code-xml",
    "other": "circle",
}

# Drawings that point along the line of text: turned round where the text runs from right to left.
DIRECTIONAL = {
    "next",
    "previous",
    "undo",
    "skip",
    "sign-in",
    "sign-out",
    "outside",
    "routed",
    "list",
    "import",
}

# What a steward may choose for a category of her own.
FOR_CATEGORIES = [
    "water",
    "food",
    "shelter",
    "house",
    "health",
    "medicine",
    "ambulance",
    "baby",
    "school",
    "sanitation",
    "clothes",
    "bed",
    "energy",
    "fuel",
    "network",
    "road",
    "transport",
    "animals",
    "goods",
    "money",
    "work",
    "tools",
    "storm",
    "rain",
    "flood",
    "wind",
    "fire",
    "landslide",
    "cold",
    "danger",
    "missing",
    "people",
    "rescue",
    "security",
    "hospital",
    "hand",
    "heart",
    "info",
    "other",
]


@cache
def drawing(name: str) -> str:
    """The SVG elements of an icon, without the ``<svg>`` around them.

    An unknown name draws a plain circle and is logged as an error: a page in a crisis must not fail
    because an icon was renamed.
    """
    if name not in DRAWINGS:
        logger.error("no icon is called %r", name)
        name = "other"
    svg = vendored.path("lucide-static", f"icons/{DRAWINGS[name]}.svg").read_text()
    inside = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    return re.sub(r"\s*\n\s*", "", inside).replace(" />", "/>")
