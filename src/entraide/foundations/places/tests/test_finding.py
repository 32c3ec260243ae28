"""Where is that? Asked of a small gazetteer, as people ask."""

from __future__ import annotations

import csv
import gzip
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation

from entraide.foundations.places import actions, geonames, queries
from entraide.foundations.places.models import Place
from entraide.foundations.places.rules import Point, distance_m, publish, to_grid

pytestmark = pytest.mark.django_db

HAITI = ["HT"]
JACMEL = to_grid(18.2341, -72.5347)
DATA = Path(__file__).resolve().parents[6] / "shared" / "data"


def names(text: str, **options: Any) -> list[str]:
    return [answer.name for answer in queries.find(text, **({"countries": HAITI} | options))]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jacmel", "Jacmel"),
        ("jacmel, haiti", "Jacmel"),
        ("Jakmèl", "Jacmel"),
        ("Jacmell", "Jacmel"),
        ("PORT AU PRINCE", "Port-au-Prince"),
        ("Pòtoprens", "Port-au-Prince"),
        ("بورت أو برانس", "Port-au-Prince"),
        ("St Marc", "Saint-Marc"),
        ("L?ogane", "Léogâne"),
        ("Grand Goave", "Grangwav"),
        ("Rue Inconnue 12, Delmas, Port-au-Prince", "Delmas"),
        ("Kescoff", "Kenscoff"),
    ],
)
def test_spellings(text: str, name: str) -> None:
    assert names(text)[0] == name


@pytest.mark.parametrize("text", ["", "Unknown", "rue", "12", "a, b; c", "Haiti", "xq", "???"])
def test_what_names_nothing_gets_no_answer(text: str) -> None:
    assert names(text) == []


def test_an_answer_says_how_sure_it_is_and_a_town_is_never_a_pin() -> None:
    (answer, *_rest) = queries.find("Jacmel", countries=HAITI)
    assert distance_m(answer.point, JACMEL) < 1000
    assert answer.radius_m >= 1000
    assert (answer.kind, answer.source, answer.note) == ("town", "GeoNames", "")
    assert 0 < answer.score <= 1
    assert (answer.start, answer.end) == (0, 6)
    made = publish(exact=answer.point, exact_radius_m=answer.radius_m, precision="exact", key=b"k" * 16)
    assert made.shape == "area"


def test_labels_follow_the_reader() -> None:
    with translation.override("fr"):
        assert queries.find("Jacmel", countries=HAITI)[0].label == "Jacmel, Haïti"
    assert queries.country_name("HT", "xx-no-such") == "Haiti"
    assert queries.country_name("ZZZ", "en") == "ZZZ"


def test_without_a_country_the_large_town_wins_and_near_decides_between_namesakes() -> None:
    assert queries.find("Paris", countries=())[0].point == queries.find("Paris", countries=["FR"])[0].point
    # No guessing by ear in the whole world.
    assert queries.find("Jacmell", countries=()) == []
    rows = "name,lat,lon\nRivyè,18.23,-72.53\nRivyè,19.75,-72.20\n"
    _load(rows)
    south, north = to_grid(18.2, -72.5), to_grid(19.8, -72.2)
    for near in (south, north):
        assert distance_m(queries.find("Rivye", countries=HAITI, near=near)[0].point, near) < 10_000


def test_coordinates_win_and_never_move() -> None:
    (answer,) = queries.find("18.234100, -72.534700 Port-au-Prince", countries=HAITI)
    assert (answer.point, answer.kind, answer.note) == (to_grid(18.2341, -72.5347), "coordinates", "")
    (anywhere,) = queries.find("18.2341, -72.5347")
    assert anywhere.point == answer.point


def test_exchanged_coordinates_are_put_right_and_said_so() -> None:
    right, written = queries.find("-72.534700, 18.234100", countries=HAITI)
    assert right.point == to_grid(18.2341, -72.5347)
    assert "first" in right.note
    assert "As written" in written.note
    (swapped,) = queries.find("120.9842, 14.5995")
    assert "first" in swapped.note
    (abroad,) = queries.find("48.8584, 2.2945", countries=HAITI)
    assert "another country" in abroad.note
    assert queries.find("95.1234, 195.1234", countries=HAITI) == []


def test_the_most_specific_part_that_agrees_wins() -> None:
    _load("name,lat,lon,kind\nRue Dessalines,18.5400,-72.3360,road\nRue Kiltè,19.7580,-72.2040,road\n")
    assert names("Rue Dessalines, Port-au-Prince")[0] == "Rue Dessalines"
    # A street of that name elsewhere does not: the town is what is known.
    assert names("Rue Kiltè, Jacmel")[0] == "Jacmel"


def test_the_operator_s_places_come_first() -> None:
    _load("name,lat,lon,variants\nJacmel,18.3,-72.6,Jakmel Vil|Jacmel-ville\n")
    assert queries.find("Jacmel", countries=HAITI)[0].source == "our list"
    assert names("jakmel vil") == ["Jacmel"]
    assert queries.find("Jacmel ville", countries=["KE"]) == []
    assert queries.find("Jakmel Vill", countries=HAITI)[0].name == "Jacmel"


def test_distance_and_direction() -> None:
    (answer, *_rest) = queries.find("5 km north of Jacmel", countries=HAITI)
    town = queries.find("Jacmel", countries=HAITI)[0]
    assert distance_m(answer.point, town.point) == pytest.approx(5000, rel=0.02)
    assert answer.radius_m > town.radius_m
    assert "direction" in answer.note


def test_places_are_picked_out_of_a_message() -> None:
    message = "Nou bezwen dlo ak manje nan Léogâne, moun yo ap mouri. Tanpri ede nou! 18.5112, -72.6339"
    found = queries.find_in_text(message, countries=HAITI)
    assert [answer.kind for answer in found][:2] == ["coordinates", "town"]
    assert message[found[1].start : found[1].end] == "Léogâne"
    assert queries.find_in_text("Tanpri voye dlo ak manje pou nou", countries=HAITI) == []
    assert queries.find_in_text("people are hungry and need help in the camp", countries=HAITI) == []
    # Everywhere in the world, a single word must be a large town.
    assert queries.find_in_text("we are in Nairobi now")[0].name == "Nairobi"
    assert [answer.name for answer in queries.find_in_text("ayuda en Jacmell", countries=HAITI)] == ["Jacmel"]
    assert queries.find_in_text("ayuda en jacmell", countries=HAITI) == []
    assert len(queries.find_in_text("Jacmel Delmas Gonaïves", countries=HAITI, limit=2)) == 2


def test_a_label_names_the_nearest_known_town() -> None:
    assert queries.label(JACMEL, 14) == "Jacmel, Haiti"
    assert queries.label(JACMEL, 11) == "Jacmel, Haiti"
    assert queries.label(to_grid(-60, -120), 11) == ""
    assert queries.label(to_grid(-16.8, 179.99), 14).endswith("Fiji")


def test_a_lookup_takes_less_than_five_milliseconds() -> None:
    queries.find("Jacmel", countries=HAITI)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        queries.find("Delmas 33, Port-au-Prince", countries=HAITI)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.005


def test_the_gazetteer_is_built_once_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with override_settings(ENTRAIDE_HOME=tmp_path, GAZETTEER_COUNTRIES=["FJ"]):
        made = actions.build_gazetteer()
        assert made.parent == tmp_path / "gazetteer"
        assert "FJ" in made.name
        stamp = made.stat().st_mtime_ns
        assert actions.build_gazetteer().stat().st_mtime_ns == stamp
        assert {town.country for town in geonames.towns_named(["suva"], [])} == {"FJ"}
        assert geonames.towns_named(["jacmel"], []) == []
    with override_settings(ENTRAIDE_HOME=tmp_path / "other", GAZETTEER_COUNTRIES=["FJ"]):

        def breaks(file: Path) -> None:
            file.write_bytes(b"half")
            raise OSError("no space left")

        monkeypatch.setattr(geonames, "_compile", breaks)
        with pytest.raises(OSError, match="no space"):
            actions.build_gazetteer()
        assert list((tmp_path / "other" / "gazetteer").glob("*.sqlite3")) == []
        assert list((tmp_path / "other" / "gazetteer").glob("*.partial")) == []


def test_radii_grow_with_people() -> None:
    assert [geonames.radius_of(n) for n in (0, 500, 1_000_000, 30_000_000)] == [2000, 1000, 6300, 25_000]


@pytest.mark.skipif(not (DATA / "haiti_ushahidi_2010").exists(), reason="the Haiti reports are not here")
@pytest.mark.slow
def test_haiti_2010(capsys: pytest.CaptureFixture[str]) -> None:
    """Two thirds of the reports teach names, the last third is asked (real places, printed as shares)."""
    rows = list(_haiti())
    random.Random(1).shuffle(rows)
    cut = len(rows) * 2 // 3
    plain = _shares(rows[cut:])
    roads = DATA / "gazetteer" / "port_au_prince_roads_osm_2010.csv"
    if roads.exists():
        with roads.open("rb") as file:
            actions.load_csv(file, country="HT", source="OpenStreetMap 2010", licence="ODbL 1.0", by=None)
    actions.learn_names(rows[:cut], country="HT", source="placed reports", licence="", by=None)
    learnt = _shares(rows[cut:])
    with capsys.disabled():
        for what, shares in (("GeoNames alone", plain), ("with learnt names", learnt)):
            line = "\nHaiti 2010, {}: {:.1%} answered, {:.1%} within 5 km, {:.1%} within 10 km\n"
            sys.stdout.write(line.format(what, *shares))
    assert plain[0] > 0.65
    assert plain[1] > 0.75
    assert learnt[0] > 0.88
    assert learnt[1] > 0.82
    assert learnt[2] > 0.88


def _haiti() -> Iterator[tuple[str, Point]]:
    with gzip.open(DATA / "haiti_ushahidi_2010" / "reports_shared.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            if row["LOCATION"].strip():
                yield row["LOCATION"], to_grid(float(row["LATITUDE"]), float(row["LONGITUDE"]))


def _shares(rows: list[tuple[str, Point]]) -> tuple[float, float, float]:
    far = [
        distance_m(answers[0].point, point)
        for text, point in rows
        if (answers := queries.find(text, countries=HAITI))
    ]
    return len(far) / len(rows), *(
        sum(metres <= most for metres in far) / len(far) for most in (5_000, 10_000)
    )


def _load(text: str) -> None:
    import io

    loaded = actions.load_csv(io.StringIO(text), country="HT", source="our list", licence="CC0", by=None)
    assert not loaded.errors
    assert Place.objects.exists()
