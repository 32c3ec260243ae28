"""KML 2.3 (OGC 12-007r2) for Google Earth and its kin: a document of reports, and the small NetworkLink
file one opens once and keeps, which fetches what is in view again and again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from entraide.capabilities.crisis.exports.rows import Row, moment
from entraide.capabilities.crisis.exports.xml import DECLARATION, Markup, element
from entraide.capabilities.crisis.models import Category

MEDIA_TYPE = "application/vnd.google-earth.kml+xml"
REFRESH_SECONDS = 60
_OPEN = f'{DECLARATION}<kml xmlns="http://www.opengis.net/kml/2.2">'
# Colours told apart with most kinds of colour blindness (Okabe and Ito 2008), in turn over the categories.
_COLOURS = ("0072b2", "e69f00", "009e73", "d55e00", "cc79a7", "56b4e9", "f0e442")
_NO_CATEGORY = "none"


def document(rows: Iterable[Row], *, title: str, categories: Iterable[Category]) -> Iterator[str]:
    """The reports, each in the style of its first category; those without a place have no geometry."""
    yield f"{_OPEN}<Document>{element('name', title)}"
    yield _style(_NO_CATEGORY, "888888")
    for i, category in enumerate(categories):
        yield _style(category.slug, _COLOURS[i % len(_COLOURS)])
    for row in rows:
        yield "\n" + placemark(row)
    yield "\n</Document></kml>\n"


def network_link(*, title: str, href: str) -> str:
    """A file that keeps itself up to date: every minute, and when the view comes to rest, for its box."""
    link = element(
        "Link",
        element("href", href),
        element("refreshMode", "onInterval"),
        element("refreshInterval", str(REFRESH_SECONDS)),
        element("viewRefreshMode", "onStop"),
        element("viewRefreshTime", "2"),
        element("viewFormat", "bbox=[bboxWest],[bboxSouth],[bboxEast],[bboxNorth]"),
    )
    inside = element("NetworkLink", element("name", title), element("open", "1"), link)
    return f"{_OPEN}{inside}</kml>\n"


def placemark(row: Row) -> Markup:
    """One report."""
    publication = row.publication
    style = row.categories[0].slug if row.categories else _NO_CATEGORY
    data = {
        _("Categories"): "; ".join(row.category_names),
        _("How sure"): str(publication.get_standing_display()),
        _("State"): str(publication.get_step_display()),
        _("Independent senders"): str(publication.senders),
        _("Place"): publication.place_label,
        _("Within metres"): "" if publication.radius_m is None else str(publication.radius_m),
        _("Last checked"): moment(publication.checked_at),
        _("Address"): row.address,
    }
    extended = [element("Data", element("value", value), name=name) for name, value in data.items() if value]
    return element(
        "Placemark",
        element("name", publication.title),
        element("description", publication.text),
        element("TimeStamp", element("when", moment(publication.happened_at))),
        element("styleUrl", f"#{style}"),
        element("ExtendedData", *extended),
        _geometry(row),
        id=f"r-{publication.ref}",
    )


def _geometry(row: Row) -> Markup | None:
    if row.ring:
        corners = " ".join(f"{lon},{lat}" for lon, lat in row.ring)
        ring = element("LinearRing", element("coordinates", corners))
        return element("Polygon", element("outerBoundaryIs", ring))
    if row.position:
        return element("Point", element("coordinates", f"{row.position[0]},{row.position[1]}"))
    return None


def _style(name: str, rgb: str) -> Markup:
    bgr = rgb[4:6] + rgb[2:4] + rgb[0:2]  # KML writes aabbggrr
    return element(
        "Style",
        element("IconStyle", element("color", f"ff{bgr}")),
        element("LineStyle", element("color", f"ff{bgr}"), element("width", "2")),
        element("PolyStyle", element("color", f"40{bgr}")),
        id=name,
    )
