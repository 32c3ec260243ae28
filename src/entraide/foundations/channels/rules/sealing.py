"""Sealing: AES-256-GCM under the instance's key ``contacts``, which lives outside the database."""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = b"\x01"
NONCE_BYTES = 12


def subkey(purpose: str) -> bytes:
    """32 bytes for one purpose, derived from the instance's key so that no key serves two trades."""
    # Kept for the process: reading the key's file for every message would cost more than sealing it.
    if purpose not in _subkeys:
        key = settings.ENTRAIDE_KEY("contacts")
        _subkeys[purpose] = hmac.new(key, b"entraide channels " + purpose.encode(), hashlib.sha256).digest()
    return _subkeys[purpose]


_subkeys: dict[str, bytes] = {}
_ciphers: dict[str, AESGCM] = {}


def _cipher() -> AESGCM:
    if "seal" not in _ciphers:
        _ciphers["seal"] = AESGCM(subkey("seal"))
    return _ciphers["seal"]


def seal(value: bytes | str) -> bytes:
    """Seal a value. The empty value stays empty, so that "nothing" needs no key to be seen."""
    plain = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)
    if not plain:
        return b""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + _cipher().encrypt(nonce, plain, VERSION)


def unseal(sealed: bytes | memoryview) -> bytes:
    """Open what :func:`seal` made.

    Raises:
        ValueError: of an unknown version.
        cryptography.exceptions.InvalidTag: altered, or sealed under another key.
    """
    data = bytes(sealed)
    if not data:
        return b""
    if data[:1] != VERSION:
        raise ValueError("sealed by an unknown version")
    return _cipher().decrypt(data[1 : 1 + NONCE_BYTES], data[1 + NONCE_BYTES :], VERSION)


def unseal_text(sealed: bytes | memoryview) -> str:
    """Open a sealed text."""
    return unseal(sealed).decode("utf-8", "surrogatepass")
