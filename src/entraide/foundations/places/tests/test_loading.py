"""Files of places: every row is loaded or named; loading twice changes nothing."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from entraide.foundations.places import actions, queries
from entraide.foundations.places.models import Place, PlaceName
from entraide.foundations.places.rules import Point, distance_m, to_grid
from entraide.refusal import Refusal

pytestmark = pytest.mark.django_db
DETAILS = {"country": "ht", "source": "our list", "licence": "ODbL 1.0", "by": None}

GOOD = "name,lat,lon,variants,admin,kind,radius_m,id\nDelmas 33,18.55,-72.30,Dèlma 33|Delma 33,Delmas,quarter,400,d33\n"


def csv(text: str, **more: Any) -> actions.Loaded:
    return actions.load_csv(io.BytesIO(text.encode()), **(DETAILS | more))


def test_a_row_becomes_a_place_with_its_spellings() -> None:
    assert vars(csv(GOOD)) == {"added": 1, "changed": 0, "unchanged": 0, "errors": []}
    place = Place.objects.get()
    assert (place.name, place.country, place.admin, place.kind, place.radius_m) == (
        "Delmas 33", "HT", "Delmas", "quarter", 400,
    )  # fmt: skip
    assert (place.source, place.source_key, place.licence, place.by) == ("our list", "d33", "ODbL 1.0", None)
    assert Point(place.x, place.y) == to_grid(18.55, -72.30)
    assert str(place) == "Delmas 33, Delmas"
    assert sorted(str(name) for name in place.names.all()) == ["Delmas 33", "Dèlma 33"]  # Delma is Dèlma
    assert [one.source for one in queries.sources()] == ["our list"]


def test_loading_twice_changes_nothing_and_a_correction_only_what_it_corrects() -> None:
    csv(GOOD)
    assert vars(csv(GOOD)) == {"added": 0, "changed": 0, "unchanged": 1, "errors": []}
    again = csv(GOOD.replace("18.55", "18.56").replace("Delma 33", "Delma Trantwa"))
    assert (again.added, again.changed, again.unchanged) == (0, 1, 0)
    place = Place.objects.get()
    assert Point(place.x, place.y) == to_grid(18.56, -72.30)
    assert PlaceName.objects.filter(normal="delmatrantwa").count() == 1
    assert csv(GOOD, country="KE").added == 1
    assert csv(GOOD, source="another").added == 1


def test_every_bad_row_is_named_and_the_good_ones_are_kept() -> None:
    rows = "name;lat;lon;radius_m\nGood;18,5;-72,3;\n;18.5;-72.3;\nNo lat;;-72.3;\nFar;118.5;-72.3;\nWide;18.5;-272.3;\nRadius;18.5;-72.3;big\nNan;nan;1;\nSmall;1;1;0\n"
    loaded = csv(rows + "N" * 301 + ";1;1;\nShort row\n")
    assert loaded.added == 1
    assert [(error.row, error.column) for error in loaded.errors] == [
        (3, "name"), (4, "lat"), (5, "lat"), (6, "lon"), (7, "radius_m"), (8, "lat"), (9, "radius_m"), (10, "name"),
        (11, "lat"),
    ]  # fmt: skip
    assert all(error.why for error in loaded.errors)


def test_namesakes_of_one_file_are_kept_apart() -> None:
    rows = "name,lat,lon\nRivyè,18.5,-72.3\nRivyè,19.5,-72.3\n"
    assert csv(rows).added == 2
    assert csv(rows).unchanged == 2
    assert str(Place.objects.first()) == "Rivyè"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"nom,x\nA,1\n", "missing-column"),
        (b"", "missing-column"),
        ("name,lat,lon\nLéogâne,1,1\n".encode("latin-1"), "not-utf-8"),
        (b"name,lat,lon\n" + b"A" * 140_000 + b",1,1\n", "not-csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        actions.load_csv(io.BytesIO(raw), **DETAILS)
    assert refused.value.code == code
    assert not Place.objects.exists()


def test_a_file_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "ROWS_MAX", 2)
    with pytest.raises(Refusal, match="more than 2 rows"):
        csv("name,lat,lon\nA b,1,1\nB b,1,1\nC c,1,1\n")


def test_geojson() -> None:
    features: list[Any] = [
        _feature({"type": "Point", "coordinates": [-72.30, 18.55]}, name="Delmas 33", kind="quarter"),
        _feature(
            {"type": "LineString", "coordinates": [[-72.3, 18.5], [-72.3, 18.52]]}, name="Rue Longue", id="r1"
        ),
        _feature({"type": "Polygon", "coordinates": [[[0, 0], [0.2, 0], [0.2, 0.2], [0, 0]]]}, name="Zone"),
        _feature(None, name="Nowhere"),
        _feature({"type": "Point", "coordinates": [1, 1]}),
        "not a feature",
        {"type": "Feature", "id": 7, "properties": {"name": "Numbered"}, "geometry": {"coordinates": [2, 3]}},
        _feature({"type": "Point", "coordinates": [5, 95]}, name="Beyond"),
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    loaded = actions.load_geojson(io.StringIO("\ufeff" + text), **DETAILS)
    assert loaded.added == 4
    assert [(error.row, error.column) for error in loaded.errors] == [
        (4, "geometry"), (5, "name"), (6, "properties"), (8, "lat"),
    ]  # fmt: skip
    road = Place.objects.get(source_key="r1")
    assert distance_m(Point(road.x, road.y), to_grid(18.51, -72.3)) < 5
    assert road.radius_m == pytest.approx(1113, abs=2)
    assert Place.objects.filter(source_key="7").exists()
    assert actions.load_geojson(io.StringIO(text), **DETAILS).unchanged == 4


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": 3}', "[" * 100_000])
def test_what_is_no_geojson_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        actions.load_geojson(io.StringIO(text), **DETAILS)
    assert refused.value.code == "not-geojson"


def test_geojson_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "ROWS_MAX", 0)
    with pytest.raises(Refusal, match="more than 0 rows"):
        actions.load_geojson(io.StringIO('{"features": [1]}'), **DETAILS)


def test_a_person_teaches_a_name(charlie: Any) -> None:
    details: dict[str, Any] = {"country": "HT", "scope": "one", "by": charlie}
    first = actions.learn(name="Kan Pwen", point=to_grid(18.55, -72.30), radius_m=300, **details)
    again = actions.learn(name="kan pwen", point=to_grid(18.56, -72.30), radius_m=200, **details)
    assert again.pk == first.pk
    assert (again.radius_m, again.by, again.names.count()) == (200, charlie, 1)
    namesake = actions.learn(name="Kan Pwen", point=to_grid(19.7, -72.2), radius_m=0, **details)
    assert namesake.pk != first.pk
    assert namesake.radius_m == 1
    found = queries.find("kanpwen", countries=["HT"], learnt="one")
    assert {answer.source for answer in found} == {"learnt:one"}
    with pytest.raises(Refusal, match="no letters"):
        actions.learn(name="…", point=to_grid(0, 0), radius_m=1, **details)


def test_what_was_learnt_is_known_in_its_scope_alone(charlie: Any, client: Any) -> None:
    """A name learnt from a private report must not become public, nor known to another cause's team."""
    home = to_grid(18.55123, -72.30321)
    actions.learn(name="Kay Wozefin", point=home, radius_m=30, country="HT", scope="one", by=charlie)
    assert [answer.point for answer in queries.find("Kay Wozefin", countries=["HT"], learnt="one")] == [home]
    assert [a.point for a in queries.find_in_text("nou Kay Wozefin", countries=["HT"], learnt="one")] == [
        home
    ]
    for learnt in ("", "two", "on", "one "):
        for search in (queries.find, queries.find_in_text):
            for text in ("Kay Wozefin", "kay wozefen"):
                assert home not in [answer.point for answer in search(text, countries=["HT"], learnt=learnt)]
    for country in ("HT", ""):
        page = client.get("/places/", {"text": "Kay Wozefin", "country": country}).content.decode()
        assert "18.55" not in page
        assert "learnt" not in page
    assert "learnt" not in client.get("/places/thanks/").content.decode()


def test_a_name_one_text_alone_uses_may_be_left_out() -> None:
    examples = [("Delmas 33", to_grid(18.55, -72.3))] * 2 + [("Kay Wozefin", to_grid(18.56, -72.31))]
    details: dict[str, Any] = {"country": "HT", "licence": "", "by": None, "examples_least": 2}
    assert actions.learn_names(examples, source=actions.learnt_source("one"), **details).added == 1
    assert queries.find("Delmas 33", countries=["HT"], learnt="one")[0].source == "learnt:one"


def test_the_country_of_a_point() -> None:
    assert queries.country_at(to_grid(18.54, -72.34)) == "HT"
    assert queries.country_at(to_grid(-50, -120)) == ""


def test_names_learnt_from_placed_texts_are_corrected_by_more_of_them() -> None:
    examples = [("Kan Pwen, Delmas 33", to_grid(18.55, -72.30)), ("Delmas 33", to_grid(18.551, -72.301))]
    details = {"country": "HT", "source": "placed reports", "licence": "", "by": None}
    assert actions.learn_names(examples, **details).added == 2
    assert actions.learn_names(examples, **details).unchanged == 2
    assert actions.learn_names([*examples, ("Delmas 33", to_grid(18.552, -72.302))], **details).changed == 1


def test_the_database_refuses_what_a_rule_forbids() -> None:
    good = {
        "name": "A", "country": "HT", "x": 1, "y": 1, "cell": 1, "radius_m": 1, "source": "s", "source_key": "k",
    }  # fmt: skip
    Place.objects.create(**good)
    for bad in (
        {},
        {"source_key": "2", "x": 2**32},
        {"source_key": "3", "y": -1},
        {"source_key": "4", "kind": "x"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Place.objects.create(**(good | bad))
    assert Place.objects.count() == 1


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}
