"""Grid references: plus codes, geohashes, UTM and MGRS, each as the middle of its square.

Own code, because each is a page of arithmetic: Open Location Code (Google, 2014), geohash (Niemeyer, 2008),
UTM by Krüger's series (Karney 2011, to n^4: below a millimetre within a zone), MGRS letters by NGA.SIG.0012.
"""

from __future__ import annotations

import math
import re

Square = tuple[float, float, float]  # lat, lon of the middle in degrees; height in degrees or metres

_PLUS = "23456789CFGHJMPQRVWX"
_GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"


def from_plus_code(code: str) -> Square:
    """A full plus code (``"8FVC9G8F+6W"``), middle and height in degrees; zeros at its end are padding."""
    digits = [_PLUS.index(letter) for letter in code.upper().replace("+", "").rstrip("0")]
    lat, lon, height, width = -90.0, -180.0, 400.0, 400.0
    for high, low in zip(digits[:10:2], digits[1:10:2], strict=False):
        height, width = height / 20, width / 20
        lat, lon = lat + high * height, lon + low * width
    for digit in digits[10:]:  # beyond ten digits each one is a 5 x 4 grid
        height, width = height / 5, width / 4
        lat, lon = lat + digit // 4 * height, lon + digit % 4 * width
    return lat + height / 2, lon + width / 2, height


def from_geohash(code: str) -> Square:
    """A geohash, middle and the larger side in degrees."""
    bits = "".join(f"{_GEOHASH.index(letter):05b}" for letter in code.lower())
    lon_bits, lat_bits = bits[::2], bits[1::2]
    height, width = 180 / 2 ** len(lat_bits), 360 / 2 ** len(lon_bits)
    lat = -90 + (int(lat_bits, 2) + 0.5) * height
    lon = -180 + (int(lon_bits, 2) + 0.5) * width
    return lat, lon, max(height, width)


# ---- UTM --------------------------------------------------------------------------------------------

_A, _F = 6_378_137.0, 1 / 298.257223563  # WGS 84
_N = _F / (2 - _F)
_RECTIFYING = _A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ALPHA = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180,
    13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440,
    61 * _N**3 / 240 - 103 * _N**4 / 140,
    49561 * _N**4 / 161280,
)
_BETA = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4397 * _N**4 / 161280,
)
_SCALE = 0.9996
_ECCENTRICITY = math.sqrt(_F * (2 - _F))
_BANDS = "CDEFGHJKLMNPQRSTUVWX"


def from_utm(zone: int, band: str, east: float, north: float) -> tuple[float, float] | None:
    """``(lat, lon)`` of a UTM position; None where the zone or the band does not fit."""
    if not (1 <= zone <= 60 and 100_000 <= east < 1_000_000 and 0 <= north <= 10_000_000):
        return None
    southern = band < "N"
    xi = (north - (10_000_000 if southern else 0)) / (_SCALE * _RECTIFYING)
    eta = (east - 500_000) / (_SCALE * _RECTIFYING)
    xi_, eta_ = xi, eta
    for k, beta in enumerate(_BETA, 1):
        xi_ -= beta * math.sin(2 * k * xi) * math.cosh(2 * k * eta)
        eta_ -= beta * math.cos(2 * k * xi) * math.sinh(2 * k * eta)
    tau_ = math.sin(xi_) / math.hypot(math.sinh(eta_), math.cos(xi_))
    tau = tau_
    for _ in range(5):  # Newton, Karney's equations 19 to 21
        sigma = math.sinh(_ECCENTRICITY * math.atanh(_ECCENTRICITY * tau / math.hypot(1, tau)))
        guess = tau * math.hypot(1, sigma) - sigma * math.hypot(1, tau)
        slope = (1 - _ECCENTRICITY**2) * math.hypot(1, tau)
        tau += (tau_ - guess) / math.hypot(1, guess) * (1 + (1 - _ECCENTRICITY**2) * tau**2) / slope
    lat = math.degrees(math.atan(tau))
    lon = zone * 6 - 183 + math.degrees(math.atan2(math.sinh(eta_), math.cos(xi_)))
    # The band must be the latitude's own (with a little play at its border): a check on misreadings.
    south_of_band = -80 + 8 * _BANDS.index(band)
    height = 12 if band == "X" else 8
    if not south_of_band - 0.5 <= lat <= south_of_band + height + 0.5:
        return None
    return lat, (lon + 180) % 360 - 180


def to_utm(lat: float, lon: float, zone: int) -> tuple[float, float]:
    """East and north in metres in a zone (north counted from the equator, negative in the south)."""
    phi, lam = math.radians(lat), math.radians(lon - (zone * 6 - 183))
    tau = math.tan(phi)
    sigma = math.sinh(_ECCENTRICITY * math.atanh(_ECCENTRICITY * math.sin(phi)))
    tau_ = tau * math.hypot(1, sigma) - sigma * math.hypot(1, tau)
    xi_ = math.atan2(tau_, math.cos(lam))
    eta_ = math.asinh(math.sin(lam) / math.hypot(tau_, math.cos(lam)))
    xi, eta = xi_, eta_
    for k, alpha in enumerate(_ALPHA, 1):
        xi += alpha * math.sin(2 * k * xi_) * math.cosh(2 * k * eta_)
        eta += alpha * math.cos(2 * k * xi_) * math.sinh(2 * k * eta_)
    return 500_000 + _SCALE * _RECTIFYING * eta, _SCALE * _RECTIFYING * xi


def from_utm_text(match: re.Match[str]) -> Square | None:
    """The position a UTM notation names; its last digit in metres."""
    place = from_utm(int(match["zone"]), match["band"], float(match["east"]), float(match["north"]))
    return (*place, 1.0) if place else None


def from_mgrs(match: re.Match[str]) -> Square | None:
    """The middle of an MGRS square and its side in metres; None where its letters do not fit."""
    digits = match["digits"].split()
    if len(digits) == 1:
        half = len(digits[0]) // 2
        digits = [digits[0][:half], digits[0][half:]]
    if len(digits[0]) != len(digits[1]):
        return None
    zone, band = int(match["zone"]), match["band"]
    column, row = match["square"][0], match["square"][1]
    side = 10 ** (5 - len(digits[0]))
    columns = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")[(zone - 1) % 3]
    if not 1 <= zone <= 60 or column not in columns:
        return None
    east = (columns.index(column) + 1) * 100_000 + int(digits[0]) * side + side / 2
    rows = "ABCDEFGHJKLMNPQRSTUV"
    row_number = (rows.index(row) - (0 if zone % 2 else 5)) % 20
    north = row_number * 100_000 + int(digits[1]) * side + side / 2
    # Rows repeat every 2,000 km: the one in the band is meant.
    for cycle in range(5):
        place = from_utm(zone, band, east, north + cycle * 2_000_000)
        if place is not None:
            return (*place, float(side))
    return None
