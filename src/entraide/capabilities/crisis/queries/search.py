"""Words to rows: full-text search over publications, on SQLite (FTS5) and PostgreSQL (GIN).

Migration ``0002_search`` makes the indexes. Accents and case are folded on both. Nothing a visitor
types reaches either query language: we cut the text into words and quote each.
"""

from __future__ import annotations

import re
import unicodedata

from django.db import connections
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from entraide.capabilities.crisis.models import Publication

WORDS_MAX = 8
# Scripts written without spaces: the indexes hold whole sentences as one word, so we look inside the text.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)


def words(text: str) -> list[str]:
    """The words of a search: letters, digits and the marks that belong to them; at most eight."""
    found: list[str] = []
    word = ""
    for character in unicodedata.normalize("NFC", text) + " ":
        if unicodedata.category(character)[0] in "LNM":
            word += character
        elif word:
            found.append(word)
            word = ""
    return found[:WORDS_MAX]


def matching(publications: QuerySet[Publication], text: str) -> QuerySet[Publication]:
    """Those of ``publications`` whose title, text or place has all the words, each as a beginning.

    A text without any word (``"!?"``) finds nothing.
    """
    asked = words(text)
    if not asked:
        return publications.none()
    spaced = [word for word in asked if not _UNSPACED.search(word)]
    for word in asked:
        if word not in spaced:
            publications = publications.filter(
                Q(title__icontains=word) | Q(text__icontains=word) | Q(place_label__icontains=word)
            )
    if not spaced:
        return publications
    if connections[publications.db].vendor == "postgresql":
        rows = RawSQL(
            "SELECT id FROM crisis_publication WHERE to_tsvector('simple', crisis_fold("
            "title || ' ' || text || ' ' || place_label)) @@ to_tsquery('simple', crisis_fold(%s))",
            [" & ".join(f"'{word}':*" for word in spaced)],
        )
    else:
        rows = RawSQL(
            "SELECT rowid FROM crisis_search WHERE crisis_search MATCH %s",
            [" AND ".join(f'"{word}" *' for word in spaced)],
        )
    return publications.filter(pk__in=rows)
