"""Reads of the journal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import connections, router
from django.db.models import Count, QuerySet, Sum

from . import rules, verify_journal
from .models import FIRST_PREVIOUS_HASH, Checkpoint, Entry, Particular
from .verify_journal import Bad

CHUNK = 2_000  # entries read at once while exporting


def entries(
    *, cause: str = "", kind: str = "", actor: str = "", before: int | None = None, public_only: bool = True
) -> QuerySet[Entry]:
    """Entries, latest first; ``before`` is the sequence at which an earlier page ended (exclusive)."""
    found = Entry.objects.order_by("-sequence")
    if public_only:
        found = found.filter(public=True)
    if cause:
        found = found.filter(cause=cause)
    if kind:
        found = found.filter(kind=kind)
    if actor:
        found = found.filter(actor=actor)
    if before is not None:
        found = found.filter(sequence__lt=before)
    return found


def entries_about(subject: str, *, public_only: bool = True) -> QuerySet[Entry]:
    """What was recorded about one subject, oldest first."""
    found = Entry.objects.filter(subject=subject).order_by("sequence")
    return found.filter(public=True) if public_only else found


def entry(sequence: int) -> Entry | None:
    """The entry with this sequence, sealed or not: the caller must not show what is sealed."""
    return Entry.objects.filter(sequence=sequence).first()


def particulars(sequence: int) -> dict[str, Any] | None:
    """The erasable side of an entry, or None. The caller asks first whether the person may see it."""
    found = Particular.objects.filter(sequence=sequence).first()
    return found.data if found else None


def totals(
    *, cause: str = "", kinds: Iterable[str] | None = None, unit: str | None = None, public_only: bool = True
) -> dict[tuple[str, str], int]:
    """Sums by (kind, unit), corrections included, over one cause or (with "") over all.

    Sealed entries count only where ``public_only`` is False: a public number is one that anybody can
    recompute from the export.
    """
    found = Entry.objects.order_by("kind", "unit")
    if public_only:
        found = found.filter(public=True)
    if cause:
        found = found.filter(cause=cause)
    if kinds is not None:
        found = found.filter(kind__in=list(kinds))
    if unit is not None:
        found = found.filter(unit=unit)
    return {
        (row["kind"], row["unit"]): row["total"]
        for row in found.values("kind", "unit").annotate(total=Sum("quantity"))
    }


def last_checkpoint() -> Checkpoint | None:
    """The checkpoint signed last."""
    return Checkpoint.objects.order_by("-pk").first()


def totals_by_cause(*, cause: str = "", until: int | None = None) -> list[dict[str, Any]]:
    """Public totals: dicts of cause, kind, unit, quantity and entries (how many), in that order.

    ``until`` stops at that sequence, inclusive.
    """
    found = Entry.objects.filter(public=True).order_by()
    if cause:
        found = found.filter(cause=cause)
    if until is not None:
        found = found.filter(sequence__lte=until)
    # "total", for an annotation may not bear the name of a column.
    rows = found.values("cause", "kind", "unit").annotate(total=Sum("quantity"), entries=Count("sequence"))
    renamed = [
        {name: row[{"quantity": "total"}.get(name, name)] for name in verify_journal.NAMES} for row in rows
    ]
    # Sorted here, by code point: databases sort texts by the rules of some language.
    return sorted(renamed, key=lambda row: (row["cause"], row["kind"], row["unit"]))


def names_of(causes: Iterable[str]) -> dict[str, str]:
    """Causes by the slug their own latest public entry states; the journal knows no other name for them."""
    subjects = [f"cause:{cause}" for cause in set(causes) if cause]
    names: dict[str, str] = {}
    for cause, body in Entry.objects.filter(subject__in=subjects, public=True).values_list("cause", "body"):
        slug = json.loads(body)["details"].get("slug")
        if slug:
            names[cause] = slug
    return names


def corrections_of(sequence: int) -> QuerySet[Entry]:
    """Public entries that correct this one, oldest first."""
    return Entry.objects.filter(corrects=sequence, public=True).order_by("sequence")


def covering_checkpoint(sequence: int) -> Checkpoint | None:
    """The first checkpoint under which the entry stands, or None where the next one is still to come."""
    return Checkpoint.objects.filter(sequence__gte=sequence).order_by("sequence", "pk").first()


def last_sequence() -> int:
    """How many entries there are, which is the sequence of the last; 0 in an empty journal."""
    return Entry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0


def export_lines() -> Iterator[bytes]:
    """The public export, line by line; what :mod:`.verify_journal` reads.

    JSON lines, each in canonical JSON: a header, the entries in order with the checkpoints after the entry
    they sign, and an end that states the public totals and the SHA-256 of all lines before it. A sealed
    entry is its ``body_hash`` alone. The export ends at the entry that was the last when it began.
    """
    last = last_sequence()
    last_hash = FIRST_PREVIOUS_HASH
    checkpoints = list(Checkpoint.objects.filter(sequence__lte=last).order_by("sequence", "pk"))
    whole = hashlib.sha256()

    def line(text: str) -> bytes:
        encoded = text.encode() + b"\n"
        whole.update(encoded)
        return encoded

    header = {
        "format": "entraide-journal",
        "keys": sorted({checkpoint.public_key for checkpoint in checkpoints}),
        "site": settings.SITE_URL,
        "type": "header",
        "version": 1,
    }
    yield line(rules.canonical(header))
    signed = iter(checkpoints)
    checkpoint = next(signed, None)
    for start in range(1, last + 1, CHUNK):
        entries = Entry.objects.filter(sequence__gte=start, sequence__lte=min(start + CHUNK - 1, last))
        for sequence, public, body, body_hash, hash_ in entries.order_by("sequence").values_list(
            "sequence", "public", "body", "body_hash", "hash"
        ):
            # The body is canonical already, and must reach the reader byte for byte.
            content = f'"body":{body}' if public else f'"body_hash":"{body_hash}"'
            yield line(f'{{{content},"hash":"{hash_}","sequence":{sequence},"type":"entry"}}')
            last_hash = hash_
            while checkpoint is not None and checkpoint.sequence == sequence:
                yield line(rules.canonical(_checkpoint_line(checkpoint)))
                checkpoint = next(signed, None)
    end = {
        "entries": last,
        "hash": last_hash,
        "sha256": whole.hexdigest(),
        "totals": totals_by_cause(until=last),
        "type": "end",
    }
    yield line(rules.canonical(end))


def _checkpoint_line(checkpoint: Checkpoint) -> dict[str, Any]:
    line = rules.checkpoint_line(
        sequence=checkpoint.sequence,
        hash=checkpoint.hash,
        signed_at=checkpoint.signed_at,
        public_key=checkpoint.public_key,
    )
    return {**line, "signature": checkpoint.signature}


def verify() -> dict[str, Any]:
    """Check the journal in the database: columns against bodies, sealed ones included, then the export.

    Returns what :func:`.verify_journal.verify` proves of the export.

    Raises:
        Bad: something is wrong; names the first entry concerned.
    """
    previous_hash = FIRST_PREVIOUS_HASH
    for sequence, entry in enumerate(Entry.objects.order_by("sequence").iterator(CHUNK), 1):
        if entry.sequence != sequence:
            raise Bad(f"entry {sequence}: it is missing: {entry.sequence} follows {sequence - 1}", sequence)
        if wrong := rules.contradiction(entry, previous_hash):
            raise Bad(f"entry {sequence}: {wrong}", sequence)
        previous_hash = entry.hash
    return verify_journal.verify(export_lines())


def missing_triggers() -> list[str]:
    """Triggers that should keep the tables append-only but are not there, or are switched off."""
    connection = connections[router.db_for_write(Entry)]
    verbs = ["no_update", "no_delete", "follows"]
    if connection.vendor == "postgresql":
        verbs.append("no_truncate")
        query = "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    expected = [f"{table}_{verb}" for table in ("journal_entry", "journal_checkpoint") for verb in verbs]
    return [name for name in expected if name not in present]
