"""Every write of the channels room."""

from entraide.foundations.channels.actions.accepting import (
    Imported,
    accept_web,
    import_message,
    import_messages,
)
from entraide.foundations.channels.actions.doors import (
    freeze_door,
    open_door,
    rotate_secret,
    secret_of,
    standing_door,
    thaw_door,
)
from entraide.foundations.channels.actions.erasure import RETENTION, purge, purge_closed, wipe_contact
from entraide.foundations.channels.actions.intake import retry_stuck, take_in
from entraide.foundations.channels.actions.live import announce, prune_live
from entraide.foundations.channels.actions.outbox import Reply, deliver, reply, reply_many, retry
from entraide.foundations.channels.actions.telephone import (
    acknowledge_handed,
    hand_out,
    take_reports,
    wanted_reports,
)
from entraide.foundations.channels.inbox import Accepted, Arrival, Full
from entraide.foundations.channels.rules import mask, seal, unseal

__all__ = [
    "RETENTION",
    "Accepted",
    "Arrival",
    "Full",
    "Imported",
    "Reply",
    "accept_web",
    "acknowledge_handed",
    "announce",
    "deliver",
    "freeze_door",
    "hand_out",
    "import_message",
    "import_messages",
    "mask",
    "open_door",
    "prune_live",
    "purge",
    "purge_closed",
    "reply",
    "reply_many",
    "retry",
    "retry_stuck",
    "rotate_secret",
    "seal",
    "secret_of",
    "standing_door",
    "take_in",
    "take_reports",
    "thaw_door",
    "unseal",
    "wanted_reports",
    "wipe_contact",
]
