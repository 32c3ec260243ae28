"""Atom (RFC 4287) and RSS 2.0 with GeoRSS-Simple (OGC 17-002r1): what changed last, for newsrooms and maps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime

from entraide.capabilities.crisis.exports.rows import Row, moment
from entraide.capabilities.crisis.exports.xml import DECLARATION, Markup, element

ATOM = "application/atom+xml; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
ENTRIES = 100
_GEORSS = "http://www.georss.org/georss"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def atom(
    rows: Iterable[Row], *, urn: str, title: str, author: str, page: str, here: str, updated: datetime | None
) -> str:
    """An Atom feed. Ids stay when the site moves; ``updated`` changes with the report.

    Args:
        urn: the feed's own id.
        page: address of the list for people; ``here``: of this feed.
        updated: when anything last changed; None for an empty feed.
    """
    entries = [_entry(row) for row in rows]
    feed = element(
        "feed",
        element("id", urn),
        element("title", title),
        element("updated", moment(updated or _EPOCH)),
        element("author", element("name", author)),
        element("link", rel="alternate", type="text/html", href=page),
        element("link", rel="self", type="application/atom+xml", href=here),
        *entries,
        xmlns="http://www.w3.org/2005/Atom",
        xmlns__georss=_GEORSS,
    )
    return f"{DECLARATION}{feed}\n"


def rss(rows: Iterable[Row], *, title: str, page: str, here: str, updated: datetime | None) -> str:
    """The same as RSS 2.0, for readers that know nothing else."""
    channel = element(
        "channel",
        element("title", title),
        element("link", page),
        element("description", title),
        element("lastBuildDate", format_datetime(updated or _EPOCH)),
        element("atom:link", rel="self", type="application/rss+xml", href=here),
        *[_item(row) for row in rows],
    )
    feed = element(
        "rss", channel, version="2.0", xmlns__georss=_GEORSS, xmlns__atom="http://www.w3.org/2005/Atom"
    )
    return f"{DECLARATION}{feed}\n"


def _entry(row: Row) -> Markup:
    publication = row.publication
    categories = zip(row.categories, row.category_names, strict=True)
    return element(
        "entry",
        element("id", row.urn),
        element("title", publication.title),
        element("link", rel="alternate", type="text/html", href=row.address),
        element("published", moment(publication.published_at)),
        element("updated", moment(publication.updated_at)),
        *[element("category", term=category.slug, label=name) for category, name in categories],
        element("content", publication.text, type="text", **_language(row)),
        _place(row),
    )


def _item(row: Row) -> Markup:
    publication = row.publication
    return element(
        "item",
        element("title", publication.title),
        element("link", row.address),
        element("guid", row.urn, isPermaLink="false"),
        element("pubDate", format_datetime(publication.published_at.astimezone(UTC))),
        element("atom:updated", moment(publication.updated_at)),
        *[element("category", name) for name in row.category_names],
        element("description", publication.text),
        _place(row),
    )


def _language(row: Row) -> dict[str, str]:
    return {"xml__lang": row.publication.language} if row.publication.language else {}


def _place(row: Row) -> Markup | None:
    """GeoRSS writes latitude first."""
    if row.ring:
        return element("georss:polygon", " ".join(f"{lat} {lon}" for lon, lat in row.ring))
    if row.position:
        return element("georss:point", f"{row.position[1]} {row.position[0]}")
    return None
