"""Who wrote: a telephone number, an address or a name, brought to one spelling and hashed under a key."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from entraide.foundations.channels.rules.sealing import subkey

MAIL = re.compile(r"^[^@\s]+@[^@\s]+$")
TELEPHONE = re.compile(r"^\+?[\d\s().\-/]{3,}$")


@dataclass(frozen=True, slots=True)
class Address:
    """A contact's way ("sms", "mail", "other") and its one spelling (E.164 for telephones)."""

    channel: str
    value: str


@lru_cache(maxsize=10_000)
def address(value: str, country: str = "") -> Address | None:
    """Bring what a door was given to one spelling; None for nothing.

    A number that telephony does not know is kept as it stands (short codes, test numbers, relatives
    abroad): refusing it would lose a message.

    Args:
        value: "+509 3712 3456", "00509…", "Name@Example.org", "ORANGE".
        country: ISO code by which a national number is read (the door's default).
    """
    text = unicodedata.normalize("NFKC", value).strip().removeprefix("tel:").removeprefix("mailto:")
    if not text:
        return None
    if MAIL.match(text):
        return Address("mail", text.casefold())
    if TELEPHONE.match(text):
        return Address("sms", _telephone(text, country))
    return Address("other", text.casefold())


def _telephone(text: str, country: str) -> str:
    import phonenumbers  # heavy; only doors that see telephones pay for it

    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, country.upper() or None)
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass  # kept as it stands, below
    digits = "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())
    return ("+" if text.startswith("+") else "") + digits


def digest(contact: Address) -> str:
    """Keyed hash that finds a contact again: useless without the key, unlike a plain hash of ten digits."""
    return hmac.new(
        subkey("contact digest"), f"{contact.channel}\0{contact.value}".encode(), hashlib.sha256
    ).hexdigest()
