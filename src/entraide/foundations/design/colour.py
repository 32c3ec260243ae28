"""OKLCH, in which the tokens are written, to sRGB, in which every screen shows them.

Old telephones know custom properties but not ``oklch()``, and the map library parses neither; so the
stylesheets are written in OKLCH (equal steps look equal) and served as sRGB.

Source: Björn Ottosson, "A perceptual color space for image processing" (2020); CSS Color 4, section 10;
WCAG 2.2, "relative luminance" and "contrast ratio".
"""

from __future__ import annotations

import math
import re

OKLCH = re.compile(
    r"oklch\(\s*(?P<lightness>[\d.]+)\s+(?P<chroma>[\d.]+)\s+(?P<hue>[\d.]+)(?:\s*/\s*(?P<alpha>[\d.]+))?\s*\)"
)

Rgb = tuple[int, int, int]


def to_srgb(lightness: float, chroma: float, hue: float) -> Rgb:
    """The nearest 8-bit sRGB colour. ``lightness`` 0..1, ``chroma`` 0..0.4, ``hue`` in degrees.

    A colour outside the gamut is clipped channel by channel; the tokens are chosen inside it.
    """
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _channel(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _channel(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _channel(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """WCAG contrast ratio of two colours, 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def parse(text: str) -> Rgb:
    """The colour an ``oklch(…)`` expression stands for; its alpha is ignored.

    Raises:
        ValueError: the text is no ``oklch()`` with plain numbers.
    """
    found = OKLCH.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not an oklch() colour: {text!r}")
    return to_srgb(float(found["lightness"]), float(found["chroma"]), float(found["hue"]))


def served(css: str) -> str:
    """The same stylesheet with every ``oklch()`` written as ``#rrggbb`` or ``rgba()``."""
    return OKLCH.sub(_served, css)


def _served(found: re.Match[str]) -> str:
    red, green, blue = parse(found[0])
    if found["alpha"] is None:
        return f"#{red:02x}{green:02x}{blue:02x}"
    return f"rgba({red},{green},{blue},{float(found['alpha']):g})"


def _channel(linear: float) -> int:
    encoded = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(255 * min(1.0, max(0.0, encoded)))


def _luminance(colour: Rgb) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
