"""Pure decisions of the journal: the bytes that are hashed, and words for people.

How to verify (the specification; version 1)
--------------------------------------------

*Canonical JSON.* Keys sorted, no spaces, UTF-8, nothing escaped but control characters, ``"`` and ``\\``.
Numbers are whole (no fraction, no exponent, at most 64 bits). Times are texts, RFC 3339 in UTC with
microseconds: ``2026-11-24T05:51:03.000000Z``. With keys in ASCII, as ours are, this is RFC 8785.

*Body.* What was recorded, as canonical JSON, with a random ``nonce`` of 16 bytes, so that nobody can guess
a sealed body by hashing likely ones::

    body_hash = SHA-256("entraide-journal-body-1\\n" + body)

*Chain.* Every part has a fixed length, so that no two entries can have the same bytes::

    hash = SHA-256("entraide-journal-entry-1\\n"     25 bytes
                   + previous hash                   32 bytes; zeros for the first entry
                   + sequence                         8 bytes, big-endian
                   + 1 where public, 0 where sealed   1 byte
                   + body_hash)                      32 bytes

*Checkpoint.* Ed25519 (RFC 8032) over ``"entraide-journal-checkpoint-1\\n"`` and the checkpoint's canonical
JSON without its signature. The same text states sequence, hash, time and public key.

*Totals.* Plain sums of ``quantity`` by cause, kind and unit. A correction has kind, unit and cause of the
entry it corrects, and its quantity is the signed difference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from . import contributions as declared
from .contributions import Contribution
from .models import Entry

BODY_DOMAIN = b"entraide-journal-body-1\n"
ENTRY_DOMAIN = b"entraide-journal-entry-1\n"
CHECKPOINT_DOMAIN = b"entraide-journal-checkpoint-1\n"
LARGEST = 2**63 - 1


def canonical(value: Any) -> str:
    """``value`` as canonical JSON text.

    Raises:
        TypeError: it holds something that has no canonical form (a float, an object).
        ValueError: a number needs more than 64 bits, or a text is not Unicode.
    """
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    text.encode()  # a lone surrogate has no bytes to hash
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if not -LARGEST - 1 <= value <= LARGEST:
            raise ValueError(f"{value} needs more than 64 bits")
        return int(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) and key.isascii() for key in value):
            raise TypeError("keys must be ASCII texts")
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in value]
    raise TypeError(f"the journal cannot hold a {type(value).__name__}")


def time_text(moment: datetime) -> str:
    """RFC 3339, UTC, always with microseconds: ``2026-11-24T05:51:03.000000Z``.

    Raises:
        ValueError: the time does not say its zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time in the journal must say its zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def hour_of(moment: datetime) -> datetime:
    """The hour a moment lies in."""
    return moment.replace(minute=0, second=0, microsecond=0)


def body_of(contribution: Contribution, *, happened_at: datetime, recorded_at: datetime, nonce: bytes) -> str:
    """The text that is hashed for one contribution."""
    return canonical(
        {
            "actor": contribution.actor,
            "attested_by": contribution.attested_by,
            "cause": contribution.cause,
            "corrects": contribution.corrects,
            "details": contribution.details(),
            "evidence_hash": contribution.evidence_hash,
            "evidence_ref": contribution.evidence_ref,
            "happened_at": happened_at,
            "kind": contribution.kind,
            "nonce": nonce.hex(),
            "quantity": contribution.quantity,
            "recorded_at": recorded_at,
            "subject": contribution.subject,
            "unit": contribution.unit,
        }
    )


def hash_of_body(body: str) -> str:
    """Lower-case hexadecimal; see the specification above."""
    return hashlib.sha256(BODY_DOMAIN + body.encode()).hexdigest()


def hash_of_entry(*, previous_hash: str, sequence: int, public: bool, body_hash: str) -> str:
    """Lower-case hexadecimal; see the specification above."""
    return hashlib.sha256(
        ENTRY_DOMAIN
        + bytes.fromhex(previous_hash)
        + sequence.to_bytes(8, "big")
        + bytes([public])
        + bytes.fromhex(body_hash)
    ).hexdigest()


def key_id_of(public_key: bytes) -> str:
    """A short name for a public key: the first 8 bytes of its SHA-256, hexadecimal."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def checkpoint_line(*, sequence: int, hash: str, signed_at: datetime, public_key: str) -> dict[str, Any]:
    """What a checkpoint states, without its signature."""
    return {
        "hash": hash,
        "key": public_key,
        "sequence": sequence,
        "signed_at": signed_at,
        "type": "checkpoint",
    }


def signed_bytes(line: Mapping[str, Any]) -> bytes:
    """The bytes under the signature of a checkpoint line."""
    return CHECKPOINT_DOMAIN + canonical(line).encode()


def contradiction(entry: Entry, previous_hash: str) -> str:
    """What is wrong with a stored entry that should follow ``previous_hash``; "" where nothing is.

    Finds columns that say other things than the hashed body, which no export would show.
    """
    if entry.body_hash != hash_of_body(entry.body):
        return "the hash of its body is another"
    if entry.previous_hash != previous_hash:
        return "it does not follow the entry before it"
    if entry.hash != hash_of_entry(
        previous_hash=previous_hash,
        sequence=entry.sequence,
        public=entry.public,
        body_hash=entry.body_hash,
    ):
        return "its hash is another"
    body = json.loads(entry.body)
    for name in sorted({*body} - {"details", "nonce"}):
        if _plain(getattr(entry, name)) != body[name]:
            return f"the column {name} says other things than the hashed body"
    return ""


class _Details(dict[str, Any]):
    """An older entry may lack a detail that today's sentence speaks of."""

    def __missing__(self, name: str) -> str:
        return "…"


def sentence(entry: Entry) -> str:
    """An entry in words, in the active language. A kind no room declares any more gives its name."""
    contribution = declared.kinds().get(entry.kind)
    if contribution is None or not contribution.sentence:
        return entry.kind
    details = json.loads(entry.body)["details"]
    for name, said in contribution.said.items():
        if details.get(name) in said:
            details[name] = str(said[details[name]])
    return str(contribution.sentence % _Details(details, quantity=entry.quantity))


def label(kind: str) -> str:
    """A kind in words: its sentence with an ellipsis where an entry would say which."""
    contribution = declared.kinds().get(kind)
    if contribution is None or not contribution.sentence:
        return kind
    return str(contribution.sentence % _Details(quantity=1))
