"""Masking: what names or reaches a person in a text becomes "…" before anybody but the team reads it."""

from __future__ import annotations

import re

MARK = "…"

MAIL = re.compile(r"[\w.+%'-]+\s?(?:@|\[at\]|\(at\))\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
PROFILE = re.compile(
    r"(?:https?://)?(?:www\.|m\.)?(?:t\.me|wa\.me|facebook\.com|fb\.com|instagram\.com|twitter\.com|x\.com|tiktok\.com)"
    r"/[^\s]+",
    re.IGNORECASE,
)
HANDLE = re.compile(r"(?<![\w@/.])@\w[\w.]{1,30}(?<!\.)")
# Letters and digits as on a passport or an identity card: at most three letters, then six digits or more.
IDENTITY = re.compile(r"(?<!\w)[A-Z]{1,3}[- ]?\d{6,12}[A-Z]?(?!\w)")
# Seven digits or more with the separators people use in numbers, of any script (\d is Unicode).
NUMBER = re.compile(r"(?<![\w.])(?:\+|00)?\(?\d(?:[ \u00a0().\-/–‑]{0,3}\d){6,}(?!\w)")

NOT_A_PERSON = re.compile(
    r"""^(?:
        -?\d{1,3}\.\d{3,}                              # a coordinate in decimal degrees
      | \d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\ +\d{1,2})?   # a date, perhaps with the hour that follows
      | \d{1,2}[-/.]\d{1,2}[-/.]\d{4}(?:\ +\d{1,2})?
      | (?:19|20)\d\d\s?[-/–]\s?(?:19|20)\d\d          # a span of years
    )$""",
    re.VERBOSE,
)
COORDINATES = re.compile(r"-?\d{1,3}\.\d{3,}\s*[,; /]\s*-?\d{1,3}\.\d{3,}")


def mask(text: str) -> str:
    """Replace telephone numbers, mail addresses, handles, profile links and identity numbers by "…".

    Wrong masking costs a reader a number; a missed one may cost a witness her safety: doubt masks.
    Coordinates, dates and spans of years stay.
    """
    kept = [m.span() for m in COORDINATES.finditer(text)]
    text_out: list[str] = []
    last = 0
    for match in NUMBER.finditer(text):
        start, end = match.span()
        if NOT_A_PERSON.match(match[0]) or any(s < end and start < e for s, e in kept):
            continue
        text_out.append(text[last:start])
        text_out.append(MARK)
        last = end
    text = "".join([*text_out, text[last:]])
    for shape in (MAIL, PROFILE, HANDLE, IDENTITY):
        text = shape.sub(MARK, text)
    return text
