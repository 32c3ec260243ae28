"""Every write of the journal."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connections, router, transaction
from django.db.models import CharField
from django.utils import timezone
from django.utils.translation import gettext as _

from entraide.capability import cards
from entraide.refusal import Refusal

from . import contributions as declared
from . import queries, rules
from .contributions import Contribution, UnknownKind
from .models import FIRST_PREVIOUS_HASH, Checkpoint, Entry, Particular

log = logging.getLogger("entraide.journal")

CHECKPOINT_EVERY = timedelta(hours=1)
CHECKPOINT_AFTER_ENTRIES = 5_000
ADVISORY_LOCK = 0x656E7472_6A726E6C  # "entrjrnl"
HASH_SHAPE = re.compile(r"[0-9a-f]{64}")


def record(
    contribution: Contribution, *, particulars: dict[str, Any] | None = None, sealed: bool = False
) -> Entry:
    """Append one contribution to the journal, in the caller's transaction.

    Call it late in the transaction: until the commit nobody else can record. The reactions that cards
    declare for this kind run after the commit.

    Args:
        contribution: a declared kind.
        particulars: JSON kept beside the entry, never hashed, never shown, erasable.
        sealed: keep this one entry from the public though its kind is public.

    Raises:
        transaction.TransactionManagementError: outside a transaction.
        UnknownKind: no room declares this kind.
        TypeError, ValueError: what is to be recorded breaks a rule of :class:`Contribution`.
    """
    [entry] = record_many([contribution], sealed=sealed)
    if particulars is not None:
        Particular.objects.create(sequence=entry.sequence, data=particulars)
    return entry


def record_many(contributions: Iterable[Contribution], *, sealed: bool = False) -> list[Entry]:
    """Append many contributions at once, in their order; for imports. Otherwise like :func:`record`."""
    _hold_the_pen()
    last = Entry.objects.order_by("-sequence").values_list("sequence", "hash").first()
    sequence, previous_hash = last or (0, FIRST_PREVIOUS_HASH)
    entries: list[Entry] = []
    for contribution in contributions:
        sequence += 1
        entry = _entry(contribution, sequence=sequence, previous_hash=previous_hash, sealed=sealed)
        previous_hash = entry.hash
        entries.append(entry)
    _check_corrections(entries)
    Entry.objects.bulk_create(entries, batch_size=500)
    for entry in entries:
        _react_on_commit(entry)
    return entries


def _hold_the_pen() -> None:
    """Make sure that nobody else records until our transaction ends."""
    connection = connections[router.db_for_write(Entry)]
    # The transaction a test case wraps around everything is nobody's action: an action that forgot its own
    # must fail in the tests already.
    if all(block._from_testcase for block in connection.atomic_blocks):  # type: ignore[attr-defined]
        raise transaction.TransactionManagementError("record() belongs into the transaction of its action")
    # SQLite: our transactions are immediate, so that we hold the only pen already. On PostgreSQL a sequence
    # number is not a commit order, and two readers of the last hash would both follow it: hence a lock.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def _entry(contribution: Contribution, *, sequence: int, previous_hash: str, sealed: bool) -> Entry:
    kind = type(contribution)
    if declared.kinds().get(kind.kind) is not kind:
        raise UnknownKind(f"no room declares {kind.kind!r} as {kind.__name__}")
    if contribution.quantity < 0 and contribution.corrects is None:
        raise ValueError("only a correction may take something back")
    if contribution.evidence_hash and not HASH_SHAPE.fullmatch(contribution.evidence_hash):
        raise ValueError("evidence_hash is not a SHA-256 in lower-case hexadecimal")
    recorded_at = timezone.now()
    happened_at = contribution.happened_at or recorded_at
    if kind.hourly:
        happened_at, recorded_at = rules.hour_of(happened_at), rules.hour_of(recorded_at)
    body = rules.body_of(
        contribution, happened_at=happened_at, recorded_at=recorded_at, nonce=secrets.token_bytes(16)
    )
    body_hash = rules.hash_of_body(body)
    public = kind.public and not sealed
    entry = Entry(
        sequence=sequence,
        kind=kind.kind,
        cause=contribution.cause,
        quantity=contribution.quantity,
        unit=kind.unit,
        happened_at=happened_at,
        recorded_at=recorded_at,
        actor=contribution.actor,
        subject=contribution.subject,
        evidence_hash=contribution.evidence_hash,
        evidence_ref=contribution.evidence_ref,
        attested_by=contribution.attested_by,
        corrects=contribution.corrects,
        public=public,
        body=body,
        body_hash=body_hash,
        previous_hash=previous_hash,
        hash=rules.hash_of_entry(
            previous_hash=previous_hash, sequence=sequence, public=public, body_hash=body_hash
        ),
    )
    # SQLite does not hold texts to their length; what fits here must fit on PostgreSQL.
    for field in Entry._meta.concrete_fields:
        if isinstance(field, CharField) and len(getattr(entry, field.name)) > (field.max_length or 0):
            raise ValueError(f"{field.name} is longer than {field.max_length} characters")
    return entry


def _check_corrections(entries: Sequence[Entry]) -> None:
    """A correction adds to the very total it corrects, or the totals would lie."""
    corrections = [entry for entry in entries if entry.corrects is not None]
    if not corrections:
        return
    known = Entry.objects.in_bulk([entry.corrects for entry in corrections])
    known |= {entry.sequence: entry for entry in entries}
    for correction in corrections:
        corrected = known.get(correction.corrects)
        if corrected is None or corrected.sequence >= correction.sequence:
            raise ValueError(f"there is no entry {correction.corrects} to correct")
        if _sums_into(corrected) != _sums_into(correction):
            raise ValueError("a correction has kind, unit, cause and openness of the entry it corrects")


def _sums_into(entry: Entry) -> tuple[str, str, str, bool]:
    return entry.kind, entry.unit, entry.cause, entry.public


def _react_on_commit(entry: Entry) -> None:
    for card in cards():
        reaction = card.reactions.get(entry.kind)
        if reaction is not None:
            transaction.on_commit(partial(_react, reaction, entry), using=router.db_for_write(Entry))


def _react(reaction: Callable[[Entry], None], entry: Entry) -> None:
    try:
        reaction(entry)
    except Exception:
        # The contribution stands, whatever one room makes of it; the others must still hear of it.
        log.exception("A reaction to journal entry %s (%s) failed", entry.sequence, entry.kind)


def erase_particulars(*, actor: str = "", subject: str = "") -> int:
    """Erase the particulars of everything ``actor`` did, or of everything about ``subject``.

    The entries and their chain stay. Returns how many particulars were erased.
    """
    if not actor and not subject:
        raise ValueError("say whose particulars are to be erased")
    concerned = Entry.objects.order_by()
    if actor:
        concerned = concerned.filter(actor=actor)
    if subject:
        concerned = concerned.filter(subject=subject)
    erased, _by_model = Particular.objects.filter(sequence__in=concerned.values("sequence")).delete()
    return erased


@transaction.atomic
def checkpoint() -> Checkpoint:
    """Sign the journal as it stands. Signing twice at one entry gives the first signature back.

    Raises:
        Refusal: nothing was recorded yet.
    """
    _hold_the_pen()
    last = Entry.objects.order_by("-sequence").values_list("sequence", "hash").first()
    if last is None:
        nothing = _("The journal is empty: there is nothing to sign yet.")
        raise Refusal(nothing, status=409, code="empty-journal")
    sequence, hash_ = last
    private_key = signing_key()
    public_key = private_key.public_key().public_bytes_raw()
    key_id = rules.key_id_of(public_key)
    signed = Checkpoint.objects.filter(sequence=sequence, key_id=key_id).first()
    if signed is not None:
        return signed
    signed_at = timezone.now()
    line = rules.checkpoint_line(
        sequence=sequence, hash=hash_, signed_at=signed_at, public_key=public_key.hex()
    )
    return Checkpoint.objects.create(
        sequence=sequence,
        hash=hash_,
        signed_at=signed_at,
        key_id=key_id,
        public_key=public_key.hex(),
        signature=private_key.sign(rules.signed_bytes(line)).hex(),
    )


def checkpoint_if_due() -> int:
    """Recurring work: sign once an hour, or after 5,000 entries, where anything was recorded since."""
    last_sequence = Entry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    last = queries.last_checkpoint()
    new = last_sequence - (last.sequence if last else 0)
    if new <= 0:
        return 0
    if last and new < CHECKPOINT_AFTER_ENTRIES and timezone.now() - last.signed_at < CHECKPOINT_EVERY:
        return 0
    checkpoint()
    return 1


def signing_key() -> Ed25519PrivateKey:
    """The instance's key for checkpoints, kept outside the database."""
    return Ed25519PrivateKey.from_private_bytes(settings.ENTRAIDE_KEY("journal"))
