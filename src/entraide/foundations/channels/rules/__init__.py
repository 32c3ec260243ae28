"""Pure decisions of the channels room: sealing, contacts, masking, commands. No writes, no tables."""

from entraide.foundations.channels.rules.commands import command_in
from entraide.foundations.channels.rules.contacts import Address, address, digest
from entraide.foundations.channels.rules.masking import mask
from entraide.foundations.channels.rules.sealing import seal, unseal, unseal_text

__all__ = ["Address", "address", "command_in", "digest", "mask", "seal", "unseal", "unseal_text"]
