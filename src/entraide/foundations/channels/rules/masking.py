"""Masking: what names or reaches a person in a text becomes "…" before anybody but the team reads it."""

from __future__ import annotations

import re

MARK = "…"

# Every pattern here is bounded, so that its time grows with the text and no faster: a hostile text of a
# megabyte must not stop the intake. Between two signs of a number people write these, or nothing visible.
BETWEEN = r"[ \t\u00a0\u2000-\u200f\u202a-\u202f\u2060\ufeff\u00ad\ufe0f\u20e3().\-/–‐‑−_*·•]"
MAIL = re.compile(
    r"[\w.+%'-]{1,64}\s?(?:[@＠]|\[at\]|\(at\))\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.IGNORECASE
)
PROFILE = re.compile(
    r"(?:https?://)?(?:www\.|m\.)?(?:t\.me|wa\.me|facebook\.com|fb\.com|instagram\.com|twitter\.com|x\.com|tiktok\.com)"
    r"/[^\s]+",
    re.IGNORECASE,
)
HANDLE = re.compile(r"(?<![\w@/.])@\w[\w.]{1,30}(?<!\.)")
# Letters and digits as on a passport or an identity card: at most three letters, then six digits or more.
IDENTITY = re.compile(r"(?<!\w)[A-Z]{1,3}[- ]?\d{6,12}[A-Z]?(?!\w)")
# Seven digits or more with the separators people use in numbers, of any script (\d is Unicode). What stands
# before or after without a space ("tel.3712…", "3712…mèsi") does not make it less of a number.
NUMBER = re.compile(
    rf"(?:(?<![^\W\d_])[A-Z]{{1,3}}(?=\d))?(?:\+|00)?\(?(?<!\d)\d(?:{BETWEEN}{{0,3}}\d){{6,}}(?:[A-Z](?!\w))?[\ufe0f\u20e3]{{0,2}}"
)

NOT_A_PERSON = re.compile(
    r"""^\(?(?:
        -?\d{1,3}\.\d{3,}                              # a coordinate in decimal degrees
      | \d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\ +\d{1,2})?   # a date, perhaps with the hour that follows
      | \d{1,2}[-/.]\d{1,2}[-/.]\d{4}(?:\ +\d{1,2})?
      | \d{1,2}/\d{1,2}/\d{2}(?:\ +(?:-\ )?\d{1,2})?
      | \d{1,3}[ ]\d{1,2}[ ]\d{1,2}\.\d+[NSEWO]       # degrees, minutes, seconds
      | (?:19|20)\d\d\s?[-/–]\s?(?:19|20)\d\d          # a span of years
    )$""",
    re.VERBOSE,
)
COORDINATES = re.compile(r"-?\d{1,3}\.\d{3,15}(?:\s{0,3}[,;/]\s{0,3}|\s{1,3})-?\d{1,3}\.\d{3,15}")


def mask(text: str) -> str:
    """Replace telephone numbers, mail addresses, handles, profile links and identity numbers by "…".

    Wrong masking costs a reader a number; a missed one may cost a witness her safety: doubt masks.
    Coordinates, dates and spans of years stay.
    """
    pieces: list[str] = []
    last = 0
    # A number that follows a position ("18.5392, -72.3350 3712 3456") is a number all the same.
    for pair in COORDINATES.finditer(text):
        pieces += [NUMBER.sub(_mark, text[last : pair.start()]), pair[0]]
        last = pair.end()
    text = "".join([*pieces, NUMBER.sub(_mark, text[last:])])
    for shape in (MAIL, PROFILE, HANDLE, IDENTITY):
        text = shape.sub(MARK, text)
    return text


def _mark(match: re.Match[str]) -> str:
    return match[0] if NOT_A_PERSON.match(match[0]) else MARK
