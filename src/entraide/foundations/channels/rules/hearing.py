"""What a message says, whichever door it came by: one shape for the intake."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message, read.

    Attributes:
        sender: number, address or name as given; "" for nobody.
        language: the author's own word for it; "" where she did not say.
        set_aside: "test", "automatic" or "".
        extra: whatever else was said, JSON-able.
    """

    text: str
    sender: str = ""
    subject: str = ""
    language: str = ""
    sent_at: datetime | None = None
    set_aside: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def without_surrogates(text: str) -> str:
    """Halves of characters, and NUL, that some clients send cannot be stored everywhere; they become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def moment(value: Any) -> datetime | None:
    """A time in Unix milliseconds, Unix seconds or ISO 8601; None where it is none we can believe."""
    try:
        if isinstance(value, bool) or value in (None, ""):
            return None
        if isinstance(value, int | float) or re.fullmatch(r"\d{9,14}(\.\d+)?", str(value).strip()):
            number = float(value)
            found = datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        else:
            found = datetime.fromisoformat(str(value).strip())
            found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if EARLIEST <= found <= LATEST else None


def from_fields(fields: dict[str, Any]) -> Heard:
    """Read what a door or form understood: ``text``/``message``, ``from``/``contact``, ``subject``,
    ``language``, ``sent_at``, ``set_aside``; the rest is kept as ``extra``."""
    rest = {
        name: without_surrogates(value) if isinstance(value, str) else value for name, value in fields.items()
    }

    def take(*names: str) -> str:
        found = ""
        for name in names:
            value = rest.pop(name, None)
            found = found or ("" if value is None else str(value))
        return found

    text, sender = take("text", "message"), take("from", "contact")
    subject, language, set_aside = take("subject"), take("language"), take("set_aside")
    return Heard(
        text=text,
        sender=sender,
        subject=subject,
        language=language if LANGUAGE_TAG.fullmatch(language) else "",
        sent_at=moment(rest.pop("sent_at", None)),
        set_aside=set_aside if set_aside in ("test", "automatic") else "",
        extra=rest,
    )
