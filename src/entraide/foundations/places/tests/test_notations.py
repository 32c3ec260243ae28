"""Coordinates as people paste them: read exactly, never moved, and never found where there are none."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from entraide.foundations.places.rules import (
    distance_m,
    find_coordinates,
    grids,
    parse_coordinates,
    to_grid,
)
from entraide.foundations.places.rules.notations import METRES_PER_DEGREE

LAT, LON = 18.5392, -72.335
WRITTEN = [
    ("18.5392, -72.335", "decimal"),
    ("(18.53920, -72.33500)", "decimal"),
    ("18.5392 / -72.3350", "decimal"),
    ("18.5392\t-72.3350", "decimal"),
    ("18,5392; -72,3350", "decimal-comma"),
    ("18,5392, -72,3350", "decimal-comma"),
    ("18.5392N 72.335W", "decimal-hemisphere"),
    ("N18.5392 W72.335", "decimal-hemisphere"),
    ("18.5392° Nord, 72.335° Ouest", "decimal-hemisphere"),
    ("18,5392° N; 72,335° O", "decimal-hemisphere"),
    ("W 72.335, N 18.5392", "decimal-hemisphere"),
    ("18°32.352'N 72°20.1'W", "degrees-minutes"),
    ("N 18 32.352 W 72 20.100", "degrees-minutes"),
    ("18°32′21.12″N 72°20′06.0″W", "dms"),
    ("18º 32' 21.12'' N, 72º 20' 6'' O", "dms"),
    ("18 32 21.12 N 72 20 06.00 W", "dms"),
    ("+18° 32' 21.12&quot;, -72° 20' 06.0&quot;", "dms"),
    ("lat: 18.5392, lon: -72.335", "labelled"),
    ("longitude = -72.335 ; latitude = 18.5392", "labelled"),
    ("geo:18.5392,-72.335", "geo-uri"),
    ("geo:18.5392,-72.335;crs=wgs84;u=40", "geo-uri"),
    ("geo:0,0?q=18.5392,-72.335(Home)", "geo-uri"),
    ("+18.5392-072.3350/", "iso-6709"),
    ('{"type":"Point","coordinates":[-72.335,18.5392]}', "geojson"),
    ("POINT (-72.335 18.5392)", "wkt"),
    ("https://www.google.com/maps/@18.5392,-72.335,15z", "map-link"),
    ("https://www.google.com/maps/place/X/@18.1,-72.1,15z/data=!8m2!3d18.5392!4d-72.335", "map-link"),
    ("https://www.google.com/maps/place/18.5392,-72.335", "map-link"),
    ("https://www.google.com/maps/search/18.5392,+-72.335", "map-link"),
    ("https://maps.google.com/?q=18.5392,-72.335", "map-link"),
    ("https://maps.google.com/maps?q=loc:18.5392%2C-72.335&z=3", "map-link"),
    ("https://www.openstreetmap.org/#map=15/18.5392/-72.335", "map-link"),
    ("https://www.openstreetmap.org/?mlat=18.5392&mlon=-72.335#map=5/1.0/2.0", "map-link"),
    ("https://maps.apple.com/?ll=18.5392,-72.335&q=Here", "map-link"),
    ("https://www.bing.com/maps?cp=18.5392~-72.335&lvl=11", "map-link"),
    ("https://waze.com/ul?ll=18.5392%2C-72.335&navigate=yes", "map-link"),
    ("https://yandex.com/maps/?ll=-72.335%2C18.5392&z=12", "map-link"),
    ("https://share.here.com/l/18.5392,-72.335,Home", "map-link"),
    ("https://osmand.net/go?lat=18.5392&lon=-72.335&z=15", "map-link"),
    ("١٨٫٥٣٩٢، -٧٢٫٣٣٥٠", "decimal"),  # Arabic-Indic
    ("۱۸٫۵۳۹۲، -۷۲٫۳۳۵۰", "decimal"),  # Persian
    ("১৮.৫৩৯২, -৭২.৩৩৫০", "decimal"),  # Bengali
    ("१८.५३९२, -७२.३३५०", "decimal"),  # Devanagari
    ("１８．５３９２，－７２．３３５０", "decimal"),  # full width
    ("−18.5392".replace("−", "") + ", −72.3350", "decimal"),  # a true minus sign
    ("18.5392 شمالا 72.335 غربا", "decimal-hemisphere"),
]


@pytest.mark.parametrize(("text", "notation"), WRITTEN)
def test_a_pasted_place_is_read_and_does_not_move(text: str, notation: str) -> None:
    found = parse_coordinates(text)
    assert found is not None
    assert (found.notation, found.problem) == (notation, "")
    assert (found.lat, found.lon) == pytest.approx((LAT, LON), abs=1e-9)
    assert found.point == to_grid(found.lat, found.lon)
    # In the middle of a message too, where it stands.
    message = f"Dlo monte isit la {text} vin ede nou"
    inside = find_coordinates(message)
    assert [(one.lat, one.lon) for one in inside] == [(found.lat, found.lon)]
    assert message[inside[0].start : inside[0].end] in message


def test_there_are_at_least_twelve_notations() -> None:
    more = {"plus-code", "geohash", "mgrs", "utm"}
    assert len({notation for _text, notation in WRITTEN} | more) >= 12


@pytest.mark.parametrize(
    ("text", "notation", "place", "side_m"),
    [
        ("67VQGMQ7+MX", "plus-code", None, 14),
        ("8FVC9G8F+6W", "plus-code", (47.365562, 8.524813), 14),  # Zürich: Open Location Code's own test
        ("8FVC9G8F+6WQ", "plus-code", (47.3656, 8.5249), 4),
        ("7FG49Q00+", "plus-code", (20.375, 2.775), 12),
        ("geohash: u4pruydqqvj", "geohash", (57.64911, 10.40744), 1),  # Niemeyer's own example
        ("https://geohash.org/u4pruydqqvj", "geohash", (57.64911, 10.40744), 1),
        ("31U DQ 48251 11954", "mgrs", (48.8584, 2.2945), 1),  # the Eiffel tower
        ("31UDQ4825111954", "mgrs", (48.8584, 2.2945), 1),
        ("31U 448252 5411955", "utm", (48.8584, 2.2945), 1),
        ("UTM 31U 448252mE, 5411955mN", "utm", (48.8584, 2.2945), 1),
    ],
)
def test_codes_mean_the_middle_of_their_square(
    text: str, notation: str, place: tuple[float, float] | None, side_m: float
) -> None:
    found = parse_coordinates(f"mwen nan {text}")
    assert found is not None
    assert found.notation == notation
    if place is not None:
        assert distance_m(found.point, to_grid(*place)) <= max(12, side_m)


NOT_PLACES = [
    "509-3712-3456",
    "+509 37 12 34 56",
    "+509 3712.3456, 3712.3457",
    "12.01.2010 16.53",
    "2010-01-12T16:53:00",
    "12/01/2010, 13/01/2010",
    "1.500, 2.300",
    "1,500 2,300 goud",
    "12.50, 13.75",
    "$12.5000, 13.5000",
    "€1.2345 €2.3456",
    "3.1415 % 2.7182 %",
    "192.168.1.1, 10.0.0.1",
    "version 1.2345.6 2.3456.7",
    "we are 5 N 10 E",
    "room 12 S 5 E",
    "10:30 - 12:45",
    "call 18.5392",
    "https://example.org/news?id=18.5392",
    "https://[bad",
    "short code GMQ8+MV",
    "lat 18.5392 lat 72.3",
    "18.5 N 72.3 N",
    "1234.5678, 1.23456",
    "1.2345, 6,7890",
    "99X AA 1234 1234",
    "31U JQ 4825 1195",
    "31U DQ 482 11954",
    "31C 448252 5411955",
    "",
]


@pytest.mark.parametrize("text", NOT_PLACES)
def test_what_is_no_place_is_left_alone(text: str) -> None:
    assert parse_coordinates(text) is None
    assert find_coordinates(f"mesaj: {text} mèsi") == []


def test_exchanged_and_impossible_positions_are_named() -> None:
    exchanged = parse_coordinates("120.9842, 14.5995")
    assert exchanged is not None
    assert (exchanged.lat, exchanged.lon, exchanged.problem) == (14.5995, 120.9842, "swapped")
    for text in ("190.1234, 95.1234", "lat 118.5392 lon 14.1", "18°75'N 72°10'W", "95.1234N 72.1W"):
        impossible = parse_coordinates(text)
        assert impossible is not None
        assert (impossible.problem, impossible.point, impossible.exchanged) == ("out-of-range", None, None)
    assert parse_coordinates("-72.335, 18.5392").exchanged == to_grid(18.5392, -72.335)
    assert parse_coordinates("18.5392, -172.335").exchanged is None


def test_a_field_may_be_shorter_than_a_message() -> None:
    for text in ("36.123, 36.456", "18.54, -72.33", "-18.1 49.4"):
        assert parse_coordinates(text) is not None
    assert find_coordinates("I paid 36.12, 36.45 for it") == []
    assert parse_coordinates("36.12, 36.45") is None
    assert parse_coordinates("3.500, 4.500") is None


def test_several_places_in_one_message() -> None:
    found = find_coordinates("from 18.5392,-72.3350 to 19.7592 N 72.1981 W, or geo:18.1,-72.1")
    assert [one.notation for one in found] == ["decimal", "decimal-hemisphere", "geo-uri"]


def test_the_radius_is_half_the_last_digit() -> None:
    assert parse_coordinates("18.5392391, -72.3350123").radius_m == 10
    assert parse_coordinates("18.54N 72.33W").radius_m == pytest.approx(787, abs=1)
    assert parse_coordinates("18°32'N 72°20'W").radius_m == pytest.approx(1312, abs=1)
    assert parse_coordinates("geo:18.5,-72.3;u=35").radius_m == 35


latitudes, longitudes = st.floats(-84, 84), st.floats(-179.9, 179.9)


@given(latitudes, longitudes, st.integers(4, 8), st.sampled_from([", ", " ", "; ", "\t", ",", " / "]))
def test_decimals_round_trip(lat: float, lon: float, places: int, separator: str) -> None:
    text = f"{lat:.{places}f}{separator}{lon:.{places}f}"
    found = parse_coordinates(text)
    assert found is not None
    assert (found.lat, found.lon) == (float(f"{lat:.{places}f}"), float(f"{lon:.{places}f}"))


@given(latitudes, longitudes, st.integers(4, 8))
def test_decimal_commas_round_trip(lat: float, lon: float, places: int) -> None:
    found = parse_coordinates(f"{lat:.{places}f}; {lon:.{places}f}".replace(".", ","))
    assert found is not None
    assert (found.lat, found.lon) == (float(f"{lat:.{places}f}"), float(f"{lon:.{places}f}"))


@given(latitudes, longitudes, st.sampled_from("٠০०０"))
def test_digits_of_other_scripts_round_trip(lat: float, lon: float, zero: str) -> None:
    text = f"{lat:.5f}, {lon:.5f}"
    other = "".join(chr(ord(zero) + int(c)) if c.isdigit() else c for c in text)
    assert parse_coordinates(other).point == parse_coordinates(text).point


@given(latitudes, longitudes)
def test_degrees_minutes_seconds_round_trip(lat: float, lon: float) -> None:
    def dms(value: float, letters: str) -> str:
        tenths = round(abs(value) * 36000)
        degrees, rest = divmod(tenths, 36000)
        return f"{degrees}°{rest // 600:02d}'{rest % 600 / 10:04.1f}\"{letters[value < 0]}"

    found = parse_coordinates(f"{dms(lat, 'NS')} {dms(lon, 'EW')}")
    assert found is not None
    assert found.notation == "dms"
    assert distance_m(found.point, to_grid(lat, lon)) <= found.radius_m


@given(latitudes, longitudes)
def test_links_round_trip(lat: float, lon: float) -> None:
    pair = f"{lat:.6f},{lon:.6f}"
    for link in (f"https://maps.google.com/?q={pair}", f"https://maps.apple.com/?ll={pair}", f"geo:{pair}"):
        found = parse_coordinates(link)
        assert found is not None
        assert (found.lat, found.lon) == (float(f"{lat:.6f}"), float(f"{lon:.6f}"))


@given(latitudes, longitudes)
def test_plus_codes_round_trip(lat: float, lon: float) -> None:
    found = parse_coordinates(_plus_code(lat, lon))
    assert found is not None
    assert abs(found.lat - lat) <= 1 / 16000 + 1e-9
    assert abs(found.lon - lon) <= 1 / 16000 + 1e-9


@given(latitudes, longitudes, st.integers(4, 12))
def test_geohashes_round_trip(lat: float, lon: float, length: int) -> None:
    found = parse_coordinates(f"geohash {_geohash(lat, lon, length)}")
    assert found is not None
    side = 360 / 2 ** math.floor(length * 5 / 2)
    assert abs(found.lat - lat) <= side
    assert abs(found.lon - lon) <= side


@given(st.floats(-79.5, 79.5), st.floats(-179.9, 179.9))
def test_utm_and_mgrs_round_trip(lat: float, lon: float) -> None:
    zone = int((lon + 180) // 6) + 1
    band = "CDEFGHJKLMNPQRSTUVWX"[min(19, int((lat + 80) // 8))]
    east, north = grids.to_utm(lat, lon, zone)
    positive = north if lat >= 0 else north + 10_000_000
    assume(100_000 <= east < 900_000 and abs(lat) > 1e-6)
    place = grids.from_utm(zone, band, east, positive)
    assert place == pytest.approx((lat, lon), abs=1e-8)
    utm = parse_coordinates(f"{zone}{band} {east:.0f} {positive:.0f}")
    assert utm is not None
    assert distance_m(utm.point, to_grid(lat, lon)) < 2
    columns = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")[(zone - 1) % 3]
    rows = "ABCDEFGHJKLMNPQRSTUV"
    row = rows[(int(positive // 100_000) + (0 if zone % 2 else 5)) % 20]
    square = f"{columns[int(east // 100_000) - 1]}{row}"
    mgrs = parse_coordinates(f"{zone}{band}{square}{int(east % 100_000):05d}{int(positive % 100_000):05d}")
    assert mgrs is not None
    assert distance_m(mgrs.point, to_grid(lat, lon)) < 2
    assert METRES_PER_DEGREE


@given(st.text(max_size=120))
def test_no_text_breaks_the_readers(text: str) -> None:
    for found in find_coordinates(text):
        assert 0 <= found.start < found.end <= len(text)
    parse_coordinates(text)


def _plus_code(lat: float, lon: float) -> str:
    alphabet = "23456789CFGHJMPQRVWX"
    y, x = int((lat + 90) * 8000), int((lon + 180) * 8000)
    pairs = ""
    for _ in range(5):
        pairs = alphabet[y % 20] + alphabet[x % 20] + pairs
        y, x = y // 20, x // 20
    return f"{pairs[:8]}+{pairs[8:]}"


def _geohash(lat: float, lon: float, length: int) -> str:
    alphabet = "0123456789bcdefghjkmnpqrstuvwxyz"
    west, east, south, north = -180.0, 180.0, -90.0, 90.0
    bits = []
    for i in range(length * 5):
        if i % 2 == 0:
            middle = (west + east) / 2
            bits.append(lon >= middle)
            west, east = (middle, east) if lon >= middle else (west, middle)
        else:
            middle = (south + north) / 2
            bits.append(lat >= middle)
            south, north = (middle, north) if lat >= middle else (south, middle)
    numbers = [int("".join("01"[bit] for bit in bits[i : i + 5]), 2) for i in range(0, len(bits), 5)]
    return "".join(alphabet[number] for number in numbers)
