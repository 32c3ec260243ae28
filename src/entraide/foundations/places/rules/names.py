"""Names of places as people spell them: one normal form, one sound, and a distance.

``normal`` makes equal what a reader would call the same spelling (case, accents, hyphens, apostrophes,
spaces, "St"/"Saint"). ``sound`` makes equal what is heard alike across spellings and scripts: a skeleton of
consonants after transliteration. ``distance`` counts slips of the hand.
"""

from __future__ import annotations

import re
import unicodedata

# Marks that are decoration: Latin, Greek and Cyrillic accents; Arabic vowels and stretch; Hebrew points.
# The vowel signs of Indic scripts are letters and stay.
_DECORATION = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640\u200b-\u200f]")
_SAME_LETTERS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ة": "ه", "ۀ": "ه"}
    | {"ک": "ك", "ؤ": "و", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
    | {"ß": "ss", "ħ": "h", "ŋ": "n"}
)
_SHORT = {"st": "saint", "ste": "sainte", "mt": "mont", "ft": "fort"}


_WORD = re.compile(r"[^\s,;:.!()\[\]{}\"/\\|<>«»“”+=*#&@_\-–—،؛।]+")


def tokens(text: str) -> list[tuple[str, int, int]]:
    """The words of a text in normal form with where they stand: ``(word, start, end)``.

    ``?`` inside a word is a letter lost by some machine on the way and is kept as ``?``.
    """
    found = []
    for match in _WORD.finditer(text):
        word = _plain(match.group())
        if word:
            found.append((_SHORT.get(word, word), match.start(), match.end()))
    return found


def normal(name: str) -> str:
    """The normal form of a name: ``"Port-au-Prince"`` and ``"port au prince"`` are ``"portauprince"``."""
    if name.isascii():  # most names are; this path is four times quicker
        words = _NOT_IN_A_NAME.split(name.lower().replace("'", ""))
        return "".join([_SHORT.get(word, word) for word in words])[:300]
    return "".join(word for word, _start, _end in tokens(name))[:300]


_NOT_IN_A_NAME = re.compile("[^a-z0-9?]+")


def _plain(word: str) -> str:
    if word.isascii():
        word = word.lower()
    else:
        word = unicodedata.normalize("NFKD", word).casefold()
        word = unicodedata.normalize("NFC", _DECORATION.sub("", word).translate(_SAME_LETTERS))
    word = "".join(c for c in word if c.isalnum() or c == "?" or unicodedata.category(c)[0] == "M")
    return word.strip("?")


# ---- sound ------------------------------------------------------------------------------------------


def _table(*rows: str) -> dict[str, str]:
    """Letter and sound, one after the other: ``"б b ж z"``. ``_`` is silent."""
    letters = " ".join(rows).split()
    return dict(zip(letters[::2], letters[1::2], strict=True))


_CONSONANTS = _table(
    "а a б b в v г g д d е e ж z з z и i й i к k л l м m н n о o п p р r с s т t у u ф f х k ц s ч s ш s щ s",
    "ъ _ ы i ь _ э e ю u я a ґ g ђ d ѓ g є e і i ї i ј i љ l њ n ћ s ќ k ў u џ d",
    "α a β b γ g δ d ε e ζ z η i θ t ι i κ k λ l μ m ν n ξ ks ο o π p ρ r σ s ς s τ t υ i φ f χ k ψ ps ω o",
    "ا _ ب b ت t ث t ج j ح _ خ k د d ذ d ر r ز z س s ش s ص s ض d ط t ظ z ع _ غ g ف f ق k ك k ل l م m ن n",
    "ه _ و _ ي _ پ b چ s ژ j گ g ڤ f ٹ t ڈ d ڑ r ں n ہ _ ھ _ ے _ ء _",
    "א _ ב b ג g ד d ה _ ו _ ז z ח k ט t י _ כ k ך k ל l מ m ם m נ n ן n ס s ע _ פ p ף p צ s ץ s ק k ר r ש s",
    "ת t",
)
_NAMED_LETTER = re.compile(r"(?:LETTER|SYLLABLE)(?: SMALL)? ([A-Z]+)$")
_HEARD_ALIKE = (
    ("ph", "f"),
    ("ch", "s"),
    ("sh", "s"),
    ("th", "t"),
    ("kh", "k"),
    ("gh", "g"),
    ("ck", "k"),
    ("qu", "k"),
)
_SOFT_C = re.compile("c(?=[eiy])")
_LETTERS = str.maketrans(
    {"c": "k", "q": "k", "x": "ks", "z": "s", "p": "b", "v": "b"} | dict.fromkeys("aeiouyhw_", "")
)
SOUND_MIN = 3
_HEARD = "bdfgjklmnrst"  # what is left of the alphabet in a sound
_DOUBLED = re.compile(r"(.)\1+")


def latin(name: str) -> str:
    """A rough transliteration: enough to hear a name, not to spell it. ASCII letters stay as they are."""
    if name.isascii():
        return name
    return "".join(c if c.isascii() else _CONSONANTS.get(c) or _by_unicode_name(c) for c in name)


def _by_unicode_name(character: str) -> str:
    """Unicode names the letters of syllabic scripts by their sound: "DEVANAGARI LETTER KA"."""
    found = _NAMED_LETTER.search(unicodedata.name(character, ""))
    return found[1].lower() if found else ""


def sound(normal_name: str) -> str:
    """The consonants of a normal form, those heard alike made one; ``""`` where fewer than three are left.

    Vowels differ most between spellings and are not written at all in some scripts; b, p and v are one
    letter to Arabic writers and Spanish ears.
    """
    heard = latin(normal_name)
    for written, said in _HEARD_ALIKE:
        heard = heard.replace(written, said)
    heard = _DOUBLED.sub(r"\1", _SOFT_C.sub("s", heard).translate(_LETTERS))
    return heard[:100] if len(heard) >= SOUND_MIN else ""


def sounds_near(heard: str) -> set[str]:
    """Every sound one consonant away: one lost, one too many, one for another. Some 200 of them."""
    cuts = [(heard[:at], heard[at:]) for at in range(len(heard) + 1)]
    lost = {a + b[1:] for a, b in cuts if b}
    added = {a + letter + b for a, b in cuts for letter in _HEARD}
    changed = {a + letter + b[1:] for a, b in cuts if b for letter in _HEARD}
    return {_DOUBLED.sub(r"\1", near) for near in lost | added | changed if len(near) >= SOUND_MIN} - {heard}


# ---- slips of the hand ------------------------------------------------------------------------------


def distance(a: str, b: str, most: int = 2) -> int:
    """Edit distance with neighbouring letters exchanged counted once; ``most + 1`` where it is larger.

    ``?`` stands for any one letter.
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, other in enumerate(b, 1):
            same = letter == other or letter == "?" or other == "?"
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (not same))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                best = min(best, last[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def slips_allowed(name: str) -> int:
    """How many slips a name may have and still be itself: none below 5 letters, 1 below 9, then 2."""
    return 0 if len(name) < 5 else 1 if len(name) < 9 else 2
