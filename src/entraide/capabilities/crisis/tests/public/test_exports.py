"""Other programs read what we write: each format is parsed by a reader that is not ours."""

from __future__ import annotations

import csv
import io
import json

import pytest
from defusedxml import ElementTree
from shapely.geometry import shape

from entraide.capabilities.crisis.exports import table, xml
from entraide.capabilities.crisis.tests.public.sample import category, publication

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
KML = "{http://www.opengis.net/kml/2.2}"
GEORSS = "{http://www.georss.org/georss}"
FORMATS = ["reports.geojson", "reports.csv", "reports.kml", "live.kml", "reports.atom", "reports.rss"]


def body(client, name: str, query: str = "") -> bytes:
    response = client.get(f"/crisis/lumi/{name}{query}")
    assert response.status_code == 200, response
    return response.getvalue()


@pytest.fixture
def three(lumi):
    """A point, an area and one without a place."""
    food = category(lumi, "food", names={"en": "Food & water", "fr": "Vivres"})
    return [
        publication(lumi, "Point <b> & co", text='He said "now"\nand left', categories=[food], language="ht"),
        publication(lumi, "Area", precision="area-small", place_label="near Antananarivo"),
        publication(lumi, "None", at=None, urgent=True),
    ]


def test_geojson_is_what_rfc_7946_says(client, three):
    document = json.loads(body(client, "reports.geojson"))
    assert document["type"] == "FeatureCollection"
    west, south, east, north = document["bbox"]
    by_title = {f["properties"]["title"]: f for f in document["features"]}
    assert set(by_title) == {"Point <b> & co", "Area", "None"}
    assert by_title["None"]["geometry"] is None
    point = shape(by_title["Point <b> & co"]["geometry"])
    assert (point.x, point.y) == pytest.approx((47.5, -18.9), abs=1e-6)
    area = shape(by_title["Area"]["geometry"])
    assert area.geom_type == "Polygon"
    assert area.is_valid
    assert area.exterior.is_ccw
    assert area.contains(point)
    assert west <= area.bounds[0]
    assert south <= area.bounds[1]
    assert east >= area.bounds[2]
    assert north >= area.bounds[3]
    properties = by_title["Point <b> & co"]["properties"]
    assert properties["categories"] == ["food"]
    assert properties["category_names"] == ["Food & water"]
    assert properties["url"].startswith("http://localhost:8000/reports/")


def test_an_empty_geojson_is_still_one(client, lumi):
    assert json.loads(body(client, "reports.geojson")) == {"type": "FeatureCollection", "features": []}


def test_csv_has_headings_then_hashtags_then_reports(client, three):
    text = body(client, "reports.csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0][:4] == ["ref", "url", "title", "text"]
    assert rows[1][0] == "#meta+id"
    assert all(cell.startswith("#") for cell in rows[1])
    assert {len(row) for row in rows} == {len(table.COLUMNS)}
    by_title = {row["title"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert by_title["Point <b> & co"]["text"] == 'He said "now"\nand left'
    assert float(by_title["Point <b> & co"]["latitude"]) == pytest.approx(-18.9, abs=1e-6)
    assert by_title["Area"]["radius_m"] != ""
    assert by_title["None"]["latitude"] == ""


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "\n=1"])
def test_no_cell_is_a_formula(client, lumi, start):
    publication(lumi, start, text=start, place_label=start)
    text = body(client, "reports.csv").decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(text, newline="")))[2]
    for cell in (row[2], row[3], row[11]):
        assert cell == f"'{start}"


def test_an_ordinary_text_is_left_as_it_is():
    assert table.safe("Dlo – 5 = five") == "Dlo – 5 = five"


def test_kml_has_a_style_time_and_data_for_each_report(client, three):
    root = ElementTree.fromstring(body(client, "reports.kml"))
    assert root.tag == f"{KML}kml"
    styles = {style.get("id") for style in root.iter(f"{KML}Style")}
    placemarks = {p.findtext(f"{KML}name"): p for p in root.iter(f"{KML}Placemark")}
    assert set(placemarks) == {"Point <b> & co", "Area", "None"}
    for placemark in placemarks.values():
        assert placemark.findtext(f"{KML}styleUrl")[1:] in styles
        assert placemark.find(f"{KML}TimeStamp/{KML}when").text.endswith("Z")
        # The order of the schema's sequence (OGC 12-007r2): name … description … time … style … data … geometry
        order = [child.tag.removeprefix(KML) for child in placemark]
        known = ["name", "description", "TimeStamp", "styleUrl", "ExtendedData", "Point", "Polygon"]
        assert order == sorted(order, key=known.index)
    point = placemarks["Point <b> & co"]
    assert point.findtext(f"{KML}styleUrl") == "#food"
    lon, lat = map(float, point.findtext(f"{KML}Point/{KML}coordinates").split(","))
    assert (lon, lat) == pytest.approx((47.5, -18.9), abs=1e-6)
    ring = (
        placemarks["Area"]
        .findtext(f"{KML}Polygon/{KML}outerBoundaryIs/{KML}LinearRing/{KML}coordinates")
        .split()
    )
    assert ring[0] == ring[-1]
    assert len(ring) == 5
    assert placemarks["Area"].find(f"{KML}Point") is None
    assert placemarks["None"].find(f"{KML}Point") is None
    data = {d.get("name"): d.findtext(f"{KML}value") for d in point.iter(f"{KML}Data")}
    assert data["Categories"] == "Food & water"


def test_the_network_link_asks_for_what_is_in_view(client, three):
    root = ElementTree.fromstring(body(client, "live.kml", "?standing=unverified&bbox=0,0,1,1"))
    link = root.find(f"{KML}NetworkLink/{KML}Link")
    assert link.findtext(f"{KML}href") == "http://localhost:8000/crisis/lumi/reports.kml?standing=unverified"
    assert link.findtext(f"{KML}refreshMode") == "onInterval"
    assert link.findtext(f"{KML}viewRefreshMode") == "onStop"
    view = link.findtext(f"{KML}viewFormat")
    box = view.replace("[bboxWest]", "47").replace("[bboxSouth]", "-19.5").replace("[bboxEast]", "48")
    box = box.replace("[bboxNorth]", "-18.5")
    found = ElementTree.fromstring(body(client, "reports.kml", f"?{box}"))
    assert len(list(found.iter(f"{KML}Placemark"))) == 2  # the one without a place is in no view


def test_atom_has_stable_ids_and_places(client, three):
    root = ElementTree.fromstring(body(client, "reports.atom"))
    entries = {e.findtext(f"{ATOM}title"): e for e in root.iter(f"{ATOM}entry")}
    assert set(entries) == {"Point <b> & co", "Area", "None"}
    for element in (root, *entries.values()):
        assert element.findtext(f"{ATOM}id").startswith("urn:uuid:")
        assert element.findtext(f"{ATOM}updated").endswith("Z")
    assert root.find(f"{ATOM}author/{ATOM}name").text
    lat, lon = map(float, entries["Point <b> & co"].findtext(f"{GEORSS}point").split())
    assert (lat, lon) == pytest.approx((-18.9, 47.5), abs=1e-6)
    corners = entries["Area"].findtext(f"{GEORSS}polygon").split()
    assert len(corners) == 10
    assert corners[:2] == corners[-2:]
    assert entries["None"].find(f"{GEORSS}point") is None
    content = entries["Point <b> & co"].find(f"{ATOM}content")
    assert content.get("{http://www.w3.org/XML/1998/namespace}lang") == "ht"
    again = ElementTree.fromstring(body(client, "reports.atom"))
    assert [e.findtext(f"{ATOM}id") for e in again.iter(f"{ATOM}entry")] == [
        e.findtext(f"{ATOM}id") for e in root.iter(f"{ATOM}entry")
    ]


def test_rss_says_the_same(client, three):
    root = ElementTree.fromstring(body(client, "reports.rss"))
    assert root.get("version") == "2.0"
    items = {i.findtext("title"): i for i in root.iter("item")}
    assert set(items) == {"Point <b> & co", "Area", "None"}
    assert items["Area"].find("guid").get("isPermaLink") == "false"
    assert items["Area"].findtext("pubDate").endswith("+0000")


def test_empty_feeds_are_valid(client, lumi):
    assert ElementTree.fromstring(body(client, "reports.atom")).findtext(f"{ATOM}updated")
    assert ElementTree.fromstring(body(client, "reports.rss")).findtext("channel/title")
    assert ElementTree.fromstring(body(client, "reports.kml")) is not None


def test_what_xml_cannot_carry_is_replaced(client, lumi):
    publication(lumi, "bell \x07 and \ufffe ]]> 🛟", text="\x0b\x1b[31m", place_label="\x01")
    for name in ("reports.kml", "reports.atom", "reports.rss"):
        ElementTree.fromstring(body(client, name))
    assert xml.element("a", "x", b__c='"<&') == "<a b:c='\"&lt;&amp;'>x</a>"


@pytest.mark.parametrize(
    "name", ["reports.geojson", "reports.csv", "reports.kml", "reports.atom", "reports.rss"]
)
def test_an_export_is_sent_again_only_when_it_changed(client, lumi, name):
    first_made = publication(lumi, "first")
    publication(lumi, "second")
    first = client.get(f"/crisis/lumi/{name}")
    first.getvalue()
    headers = {"If-None-Match": first.headers["ETag"]}
    assert client.get(f"/crisis/lumi/{name}", headers=headers).status_code == 304
    # other filters are another answer
    assert client.get(f"/crisis/lumi/{name}?urgent=1", headers=headers).status_code == 200
    # a withdrawal leaves no newer date behind, and must be told all the same
    first_made.delete()
    assert first.headers["Last-Modified"]
    for conditions in (headers, {"If-Modified-Since": first.headers["Last-Modified"]}):
        again = client.get(f"/crisis/lumi/{name}", headers=conditions)
        assert again.status_code == 200
        assert "first" not in again.getvalue().decode()


@pytest.mark.parametrize("name", FORMATS)
def test_exports_take_the_filters_and_refuse_bad_ones(client, three, name):
    response = client.get(f"/crisis/lumi/{name}?standing=certain", headers={"Accept": "application/json"})
    assert response.status_code == 400
    assert response.json()["where"] == "standing"
    if name != "live.kml":
        assert "Area" not in body(client, name, "?urgent=1").decode()
    assert client.post(f"/crisis/lumi/{name}").status_code == 405
    assert client.get(f"/crisis/nowhere/{name}").status_code == 404


def test_many_rows_are_read_in_pieces(client, lumi, monkeypatch):
    monkeypatch.setattr("entraide.capabilities.crisis.exports.rows.CHUNK", 3)
    for i in range(8):
        publication(lumi, f"r{i}")
    text = body(client, "reports.csv").decode("utf-8-sig")
    assert [row["title"] for row in csv.DictReader(io.StringIO(text))][1:] == [
        f"r{i}" for i in reversed(range(8))
    ]


def test_the_api_gives_pages_that_lead_to_all(client, lumi):
    for i in range(5):
        publication(lumi, f"r{i}", at=None if i == 0 else (1.0, 1.0))
    address, seen = "/api/crisis/lumi/reports?size=2", []
    while address:
        answer = client.get(address).json()
        assert (answer["total"], answer["without_place"]) == (5, 1)
        seen += [report["properties"]["title"] for report in answer["reports"]]
        address = answer["next"]
    assert seen == ["r4", "r3", "r2", "r1", "r0"]


@pytest.mark.parametrize(("query", "where"), [("size=0", "size"), ("size=1e3", "size"), ("size=²", "size"),
                                              ("after=x", "after"), ("bbox=1", "bbox")])  # fmt: skip
def test_the_api_says_what_is_wrong_as_problem_json(client, lumi, query, where):
    response = client.get(f"/api/crisis/lumi/reports?{query}")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["where"] == where


def test_the_page_that_explains_keeps_the_filters(client, three):
    page = client.get("/crisis/lumi/data/?urgent=1").content.decode()
    assert "http://localhost:8000/crisis/lumi/reports.geojson?urgent=1" in page
