"""The lines of the play: what is sent, by whom, and what a good volunteer would make of it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "capabilities" / "crisis" / "demonstration"
# Every so often a line is left to the visitor, so that the desk is not empty when she comes.
LEFT_UNREAD_EVERY = 8


@dataclass(frozen=True)
class Spot:
    """A place of the play, in degrees, and how sure one may be of it (metres)."""

    name: str
    latitude: float
    longitude: float
    radius_m: int


@dataclass(frozen=True)
class Line:
    """One message. ``outcome`` is pass, same (as an earlier line of the same place and categories) or noise."""

    number: int
    minute: int
    channel: str
    sender: str
    language: str
    outcome: str
    categories: tuple[str, ...]
    place: str
    text: str

    @property
    def left_unread(self) -> bool:
        """True where nobody of the cast reads it: it waits for the visitor."""
        return self.number % LEFT_UNREAD_EVERY == LEFT_UNREAD_EVERY - 1


def spots() -> dict[str, Spot]:
    """The places of the play by key."""
    with (FOLDER / "places.csv").open(newline="", encoding="utf-8") as file:
        return {
            row["key"]: Spot(
                row["name"], float(row["latitude"]), float(row["longitude"]), int(row["radius_m"])
            )
            for row in csv.DictReader(file)
        }


def lines() -> list[Line]:
    """Every line, in the order it is sent."""
    with (FOLDER / "messages.csv").open(newline="", encoding="utf-8") as file:
        return [
            Line(
                number=number,
                minute=int(row["minute"]),
                channel=row["channel"],
                sender=row["sender"],
                language=row["language"],
                outcome=row["outcome"],
                categories=tuple(row["categories"].split()),
                place=row["place"],
                text=row["text"],
            )
            for number, row in enumerate(csv.DictReader(file))
        ]
