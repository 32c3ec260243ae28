"""Words around a place name: directions, and words that never are a place on their own."""

from __future__ import annotations

import math
import re

from .grid import SIZE, Point, metres_per_unit

# Words of messages that some village somewhere is called, and generic parts of names: never searched
# alone. (Creole, French, English, Spanish, Portuguese, Swahili, and titles of places.)
STOP_WORDS = frozenset(
    """
    about above across after all almost along also around assumed a ak an and are area at au aux avec avenue ave ap back bo bon boulevard but by camp can cathedral centre center
    church city commune corner cote coordinates croisement dan dans de del departement des descente di do du
    dwe e east eglise ekol ecole el ela em embassy exact exactly en encore entre est et fon for from gen general genyen gran grand
    grande great green haut have help her here hill hopital hospital hotel house how i il impasse in is isit
    it kay ki kot la lakay las le legliz les li lopital los lot lycee main maison men mesi met mon mwen na nan
    notre dame general petit petite prolonge prolongee prolongation department departement
        near need new next no nord north not nou now of on ou ouest out pa para pas pi place plas please por port
    pou pour power pre pres que quot amp road route rte ruelle rue sa san sans school se section si south station
    street sud sur tan tanpri te the they this ti to tout town un une unknown us village ville vin water we
    west wi with y ya yo you zone zon
    """.split()  # noqa: SIM905 - a list of words reads best as words
)

_TURNS = {
    "north": 0, "nord": 0, "norte": 0, "no": None, "northeast": 45, "nordest": 45, "east": 90, "est": 90, "este": 90,
    "southeast": 135, "sudest": 135, "south": 180, "sud": 180, "sur": 180, "southwest": 225, "sudouest": 225,
    "west": 270, "ouest": 270, "oeste": 270, "northwest": 315, "nordouest": 315,
}  # fmt: skip
_AWAY = re.compile(
    r"(?P<far>\d{1,3}(?:[.,]\d+)?)\s*(?P<unit>km|kilom[eè]tres?|kilometers?|m|m[eè]tres?|meters?|miles?|mi)\s+"
    r"(?:au\s+|to\s+the\s+|al\s+|à\s+l['’]\s*)?(?P<way>[A-Za-z]+(?:[- ](?:est|ouest|east|west))?)\s+"
    r"(?:of|de|du|d['’]|from)\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_METRES = {"k": 1000.0, "m": 1.0}


def away(before: str) -> tuple[float, float] | None:
    """``(metres, bearing)`` where the text before a name says "5 km north of": bearing in degrees from north."""
    match = _AWAY.search(before)
    if match is None:
        return None
    bearing = _TURNS.get(re.sub("[- ]", "", match["way"].lower()))
    if bearing is None:
        return None
    unit = match["unit"].lower()
    metres = 1609.344 if unit.startswith("mi") else _METRES[unit[0]]
    return float(match["far"].replace(",", ".")) * metres, float(bearing)


def moved(point: Point, metres: float, bearing: float) -> Point:
    """The point so many metres away, for distances up to some tens of kilometres."""
    units = metres / metres_per_unit(point.y)
    x = point.x + round(units * math.sin(math.radians(bearing)))
    y = point.y - round(units * math.cos(math.radians(bearing)))
    return Point(x % SIZE, max(0, min(SIZE - 1, y)))
