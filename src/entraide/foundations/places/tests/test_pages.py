"""The pages of the room, the base map, and the map drawn by the server."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.urls import reverse

from entraide.foundations.places import basemap, queries
from entraide.foundations.places.models import Place
from entraide.foundations.places.rules import to_grid
from entraide.foundations.places.rules.topology import unrolled

pytestmark = pytest.mark.django_db
CSV = b"name,lat,lon\nDelmas 33,18.55,-72.30\nBad,,\n"


def test_anybody_finds_a_place(client: Any) -> None:
    page = client.get("/places/")
    assert page.status_code == 200
    assert "Load more places" not in page.content.decode()
    page = client.get("/places/", {"text": "Jacmel", "country": "HT"}).content.decode()
    assert "Jacmel, Haiti" in page
    assert 'role="img"' in page
    page = client.get("/places/", {"text": "18.5392, -72.335"}).content.decode()
    assert "18.53920, -72.33500" in page
    nothing = client.get("/places/", {"text": "Qwrtplk", "country": "HT"}).content.decode()
    assert "No place of that name" in nothing
    assert client.get("/places/", {"text": "x", "country": "nowhere"}).status_code == 200
    exchanged = client.get("/places/", {"text": "-72.5347, 18.2341", "country": "HT"}).content.decode()
    assert "put right" in exchanged


def operator(client: Any, person: Any) -> None:
    """Sign somebody in who runs the house."""
    person.is_staff = True
    person.save(update_fields=["is_staff"])
    client.force_login(person)


def test_only_the_operator_loads_places(client: Any, alice: Any, bob: Any, charlie: Any, lumi: Any) -> None:
    assert client.get("/places/load/").status_code == 403
    for person in (charlie, bob, alice):  # a steward neither: her places would answer in every cause
        client.force_login(person)
        assert client.get("/places/load/").status_code == 403
        assert client.post("/places/load/", _form(CSV)).status_code == 403
        assert not queries.may_load(person)
    assert not Place.objects.exists()
    operator(client, alice)
    assert "Load more places" in client.get("/places/").content.decode()
    assert client.get("/places/load/").status_code == 200
    page = client.post("/places/load/", _form(CSV)).content.decode()
    assert "New: 1." in page
    assert "<td>3</td>" in page
    assert Place.objects.get().by == alice
    charlie.is_staff = True
    assert queries.may_load(charlie)
    charlie.is_active = False
    assert not queries.may_load(charlie)


def test_bad_files_are_refused_in_words(client: Any, alice: Any, lumi: Any, monkeypatch: Any) -> None:
    operator(client, alice)
    refused = client.post("/places/load/", _form(b"a,b\n1,2\n"))
    assert refused.status_code == 422
    assert "names no column" in refused.content.decode()
    geojson = b'{"features": [{"properties": {"name": "Kan"}, "geometry": {"coordinates": [1, 2]}}]}'
    assert "New: 1." in client.post("/places/load/", _form(geojson, "places.geojson")).content.decode()
    monkeypatch.setattr("entraide.foundations.places.forms.FILE_MAX_BYTES", 3)
    assert "larger than 30 MB" in client.post("/places/load/", _form(CSV)).content.decode()
    monkeypatch.undo()
    many = b"name,lat,lon\n" + b"X,,\n" * 203
    assert "And 3 more rows." in client.post("/places/load/", _form(many)).content.decode()


def test_those_whose_work_it_is_are_thanked(client: Any) -> None:
    page = client.get("/places/thanks/").content.decode()
    for name in ("GeoNames", "licenses/by/4.0", "Natural Earth"):
        assert name in page


def test_the_base_map_is_geojson_and_kept_a_year(client: Any) -> None:
    address = reverse("places:land")
    assert basemap.VERSION in address
    response = client.get(address)
    assert "immutable" in response["Cache-Control"]
    assert response["Content-Type"] == "application/geo+json"
    small = client.get(reverse("places:land", args=["110m"]))
    land, borders = json.loads(small.content)["features"]
    assert (land["geometry"]["type"], borders["geometry"]["type"]) == ("MultiPolygon", "MultiLineString")
    for polygon in land["geometry"]["coordinates"]:
        for ring in polygon:
            assert ring[0] == ring[-1]
            assert all(-540 <= lon <= 540 and -90 <= lat <= 90 for lon, lat in ring)
    assert client.get(reverse("places:land", args=["10m"])).status_code == 404
    assert client.get("/places/land/110m.json")["Location"] == reverse("places:land", args=["110m"])
    assert client.get("/places/land/10m.json").status_code == 404


def test_land_lies_where_land_is() -> None:
    world = basemap.world("110m")
    for lat, lon, land in (
        (48.8, 2.3, True),
        (18.9, -72.0, True),
        (66.5, -172.0, True),
        (0, -30, False),
        (45, -30, False),
    ):
        inside = any(_within(polygon[0], lon + turn, lat) for polygon in world.land for turn in (0, 360))
        assert inside == land, (lat, lon)
    with pytest.raises(KeyError):
        basemap.world("1m")


def test_shores_beyond_the_edge_of_the_world_are_not_drawn_across_it() -> None:
    chukotka = [(170.0, 66.0), (-170.0, 66.0), (-170.0, 70.0), (170.0, 70.0), (170.0, 66.0)]
    assert [lon for lon, _lat in unrolled(chukotka)] == [170.0, 190.0, 190.0, 170.0, 170.0]
    around_the_pole = [(-180.0, -80.0), (0.0, -80.0), (180.0, -80.0), (-180.0, -80.0)]
    assert unrolled(around_the_pole) == around_the_pole


def test_a_drawn_map_is_a_named_picture() -> None:
    marks = [
        _mark(-18.9, 47.5, count=1214, state="answered"),
        _mark(-15.0, 48.0, label="<b>Water</b>"),
        _mark(-21.4, 47.1, shape="area", cell_zoom=8, count=1, state="unchecked"),
        _mark(-23.0, 44.0, radius_m=60_000, state="odd"),
        _mark(48.8, 2.3, count=5000),  # far outside: neither drawn nor counted
    ]
    picture = _draw(marks, (42, -26, 51, -12), "Cyclone Lumi")
    root = ElementTree.fromstring(picture)
    space = "{http://www.w3.org/2000/svg}" if root.tag.startswith("{") else ""
    assert root.attrib["role"] == "img"
    titles = [one.text for one in root.findall(f"{space}title")]
    assert titles == ["Cyclone Lumi"]
    assert "1217 reports" in root.find(f"{space}desc").text.replace(",", "")
    assert "&lt;b&gt;" in picture
    assert "style=" not in picture
    states = [group.attrib["data-state"] for group in root.findall(f"{space}g")]
    assert sorted(states) == ["answered", "open", "open", "unchecked"]
    assert len(re.findall('class="places-area"', picture)) == 2
    assert len(picture) < 20_000
    assert _draw(marks, (42, -26, 51, -12), "Cyclone Lumi") == picture


def test_a_drawn_map_of_nothing_and_over_the_180th_meridian() -> None:
    empty = _draw([], (-180, -60, 180, 80), "")
    assert "0 reports" in empty
    assert ">Map<" in empty
    fiji = _draw([_mark(-17.7, 178.0), _mark(-18.0, -179.0)], (176, -20, -178, -15), "Fiji")
    assert fiji.count('class="places-disc"') == 2
    thing = Place(x=to_grid(-17.7, 178).x, y=to_grid(-17.7, 178).y, radius_m=5)
    assert 'class="places-disc"' in _draw([thing], (176, -20, -178, -15), "Fiji")
    # The ocean has no land to cut.
    assert 'd=""' in _draw([], (-30, -1, -29, 1), "")


def test_an_area_is_drawn_as_its_square_never_as_a_pin() -> None:
    picture = _draw([_mark(18.5, -72.3, shape="area", cell_zoom=14, radius_m=1800)], (-74, 17, -71, 20), "")
    assert "places-disc" not in picture
    assert '<rect class="places-area"' in picture


def _mark(lat: float, lon: float, **more: Any) -> dict[str, Any]:
    point = to_grid(lat, lon)
    return {"x": point.x, "y": point.y, **more}


def _draw(marks: list[Any], box: tuple[float, ...], label: str) -> str:
    template = Template("{% load places %}{% static_map marks box.0 box.1 box.2 box.3 label %}")
    return template.render(Context({"marks": marks, "box": box, "label": label})).strip()


def _form(content: bytes, name: str = "places.csv") -> dict[str, Any]:
    return {
        "file": SimpleUploadedFile(name, content),
        "country": "HT",
        "source": "our list",
        "licence": "CC0",
    }


def _within(ring: list[tuple[float, float]], x: float, y: float) -> bool:
    inside = False
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside
