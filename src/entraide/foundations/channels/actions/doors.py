"""Opening, freezing and re-keying doors."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from entraide.foundations.channels.models import DOOR_ALPHABET, Door
from entraide.foundations.channels.rules import seal, unseal_text
from entraide.foundations.people.queries import demand
from entraide.foundations.people.rules import Right
from entraide.refusal import Refusal

ONE_A_CAUSE = (Door.Kind.WEB, Door.Kind.IMPORT)


def new_secret() -> str:
    """16 letters and digits without look-alikes: typed by hand into a telephone, about 78 bits."""
    return "".join(secrets.choice(DOOR_ALPHABET) for _ in range(16))


def open_door(
    *,
    cause: Any,
    kind: str,
    label: str,
    by: Any,
    secret: str | None = None,
    settings: dict[str, Any] | None = None,
) -> Door:
    """Open a door of a cause.

    Args:
        by: the steward; needs CAUSE_SET_UP. None: the house itself (commands run by the operator).
        secret: None makes one where the kind has one (smssync, webhook); "" means none is asked
            (SMSSync only: old telephones cannot always be set).
        settings: ``country`` (ISO code by which national numbers are read), ``fields`` (SMSSync: renamed
            fields, ``{"from": "expediteur"}``), ``address`` (mail).

    Raises:
        Refusal: 403 without the right; 400 for an unknown kind, a webhook without secret, a second web
            or import door.
    """
    if by is not None:
        demand(by, Right.CAUSE_SET_UP, cause_id=cause.public_id)
    if kind not in Door.Kind.values:
        raise Refusal(_("There is no such kind of door."), code="unknown-door-kind", where="kind")
    if secret is None:
        secret = new_secret() if kind in (Door.Kind.SMSSYNC, Door.Kind.WEBHOOK) else ""
    if kind == Door.Kind.WEBHOOK and len(secret) < 16:
        raise Refusal(
            _("A program's secret must have at least 16 characters."), code="secret-too-short", where="secret"
        )
    try:
        with transaction.atomic():
            return Door.objects.create(
                cause=cause,
                kind=kind,
                label=label.strip()[:120] or str(Door.Kind(kind).label),
                sealed_secret=seal(secret),
                settings=settings or {},
                created_by=by,
            )
    except IntegrityError:
        raise Refusal(
            _("This cause already has such a door."), status=409, code="door-exists", where="kind"
        ) from None


def standing_door(*, cause: Any, kind: str) -> Door:
    """The cause's one web or import door; opened on first use."""
    assert kind in ONE_A_CAUSE
    with transaction.atomic():
        door, _created = Door.objects.get_or_create(
            cause=cause, kind=kind, defaults={"label": str(Door.Kind(kind).label)}
        )
    return door


def _set_state(door: Door, state: str, by: Any) -> None:
    if by is not None:
        demand(by, Right.CAUSE_SET_UP, cause_id=door.cause.public_id)
    door.state = state
    door.save(update_fields=["state"])


def freeze_door(*, door: Door, by: Any) -> None:
    """Refuse what comes (503, come back later) until thawed; telephones keep their messages meanwhile."""
    _set_state(door, Door.State.FROZEN, by)


def thaw_door(*, door: Door, by: Any) -> None:
    """Open a frozen door again."""
    _set_state(door, Door.State.OPEN, by)


def rotate_secret(*, door: Door, by: Any) -> str:
    """Give the door a new secret; the old one is refused at once. Returns the new one."""
    demand(by, Right.CAUSE_SET_UP, cause_id=door.cause.public_id)
    if door.kind not in (Door.Kind.SMSSYNC, Door.Kind.WEBHOOK):
        raise Refusal(_("This door has no secret."), code="no-secret")
    secret = new_secret()
    door.sealed_secret = seal(secret)
    door.save(update_fields=["sealed_secret"])
    return secret


def secret_of(*, door: Door, by: Any) -> str:
    """The door's secret, for the steward who must type it into a telephone."""
    demand(by, Right.CAUSE_SET_UP, cause_id=door.cause.public_id)
    return unseal_text(door.sealed_secret)
