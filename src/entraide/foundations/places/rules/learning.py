"""What can be learnt about names from texts that people have placed on a map."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from .grid import Point, distance_m
from .names import tokens
from .words import STOP_WORDS

PART_WORDS_MAX = 6  # longer parts are sentences, not names
TIGHT_M = 3_000  # within this of their middle lie the examples of a name that is one place
LOOSE_M = 8_000  # or within this, where there are many: a quarter, a valley
MANY = 4
LONE_RADIUS_M = 1_500  # how sure one example is


@dataclass(frozen=True)
class Learnt:
    """A name, where its examples lie, how far they spread, how many there were."""

    name: str
    normal: str
    point: Point
    radius_m: int
    examples: int


def learn_from(examples: Iterable[tuple[str, Point]]) -> list[Learnt]:
    """Names that the examples place tightly.

    A text is cut at commas and brackets; each part may be a name, and so may some words of it ("Rue Benwa,
    Ti Guave": both parts). A whole part is believed on one example, two or more words of a part on two, a
    single word on three; all of them only where four fifths of the examples lie close to their middle.
    """
    seen: dict[str, list[Point]] = defaultdict(list)
    spelled: dict[str, str] = {}
    whole: set[str] = set()
    single: set[str] = set()
    for text, point in examples:
        of_this_text: set[str] = set()
        for part in re.split(r"[,;|/()\n&.]+", text):
            words = tokens(part)
            for length in range(1, min(4, len(words)) + 1):
                for first in range(len(words) - length + 1):
                    some = words[first : first + length]
                    # "near Les Cayes" and "rue" of something are no names, where they are not all of it.
                    if some[0][0] not in STOP_WORDS and some[-1][0] not in STOP_WORDS:
                        noted = _note(part, some, of_this_text, spelled)
                        single |= noted if length == 1 else set()
            if 0 < len(words) <= PART_WORDS_MAX:
                whole |= _note(part, words, of_this_text, spelled)
        for name in of_this_text:
            seen[name].append(point)
    learnt = []
    for name, points in seen.items():
        if len(points) < (1 if name in whole else 3 if name in single else 2):
            continue
        middle = _middle(points)
        far = sorted(distance_m(middle, point) for point in points)
        spread = far[-(-len(far) * 4 // 5) - 1]  # four fifths are nearer
        if spread <= (LOOSE_M if len(points) >= MANY else TIGHT_M):
            radius_m = LONE_RADIUS_M if len(points) == 1 else max(300, round(spread * 1.2))
            learnt.append(Learnt(spelled[name], name, middle, radius_m, len(points)))
    return learnt


def _note(
    part: str, words: list[tuple[str, int, int]], of_this_text: set[str], spelled: dict[str, str]
) -> set[str]:
    said = [word for word, _start, _end in words]
    name = "".join(said)
    if len(name) < 4 or all(word in STOP_WORDS or word.isdecimal() or len(word) < 3 for word in said):
        return set()
    of_this_text.add(name)
    spelled.setdefault(name, part[words[0][1] : words[-1][2]].strip())
    return {name}


def _middle(points: list[Point]) -> Point:
    """The median east and the median south: a single misplaced example does not pull it away."""
    xs, ys = sorted(point.x for point in points), sorted(point.y for point in points)
    return Point(xs[len(xs) // 2], ys[len(ys) // 2])
