"""The stylesheets of the house, joined into one file per kind of page when they are asked for.

Sources are many and small, one per component; a telephone on a bad network wants one request. Joining
happens here, in memory, so there is no build step and nothing generated is committed. The address
carries a hash of the content, and browsers keep it for a year.

- ``house``: every page.
- ``bare``: the small forms; no fonts, only the components such a form needs.
- ``gallery``: what the gallery needs to show every theme on one page.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

from entraide.foundations.design import colour

SOURCES = Path(__file__).resolve().parent / "static" / "design" / "css"

# The order within a layer is the order here: what comes later wins.
HOUSE = [
    "layers",
    "reset",
    "tokens",
    "themes",
    "fonts",
    "base",
    "layout",
    "header",
    "navigation",
    "footer",
    "components/icon",
    "components/button",
    "components/field",
    "components/notice",
    "components/card",
    "components/status",
    "components/progress",
    "components/chip",
    "components/language-switch",
    "components/map",
    "components/list",
    "components/filter-bar",
    "components/table",
    "components/timeline",
    "components/empty",
    "components/dialog",
    "components/toast",
    "components/pagination",
    "components/stepper",
    "components/tabs",
    "components/figure",
    "components/door",
    "components/voice",
    "components/amount",
    "components/share",
    "components/key",
    "components/menu",
    "components/search",
    "utilities",
    "print",
]
BARE = [
    "layers",
    "reset",
    "tokens",
    "themes",
    "base",
    "layout",
    "header",
    "footer",
    "components/icon",
    "components/button",
    "components/field",
    "components/notice",
    "components/language-switch",
    "components/status",
    "utilities",
]
GALLERY = ["gallery"]
SHEETS = {"house": HOUSE, "bare": BARE, "gallery": GALLERY}

# Themes redefine tokens and nothing else. Which one holds is the reader's choice, told by her system.
THEMES = {
    "light": "",
    "dark": "(prefers-color-scheme: dark)",
    "contrast": "(prefers-contrast: more)",
    "contrast-dark": "(prefers-contrast: more) and (prefers-color-scheme: dark)",
}


def sheet(name: str) -> str:
    """The joined stylesheet called ``name``, as it is served.

    Raises:
        KeyError: there is no such stylesheet.
    """
    return _joined(name) if settings.DEBUG else _kept(name)


def digest(name: str) -> str:
    """Hash of the content, for the address."""
    return hashlib.sha256(sheet(name).encode()).hexdigest()[:12]


def theme(name: str) -> str:
    """The token declarations of one theme (``"dark"``), without selector."""
    return _source(f"themes/{name}").strip()


def _joined(name: str) -> str:
    css = "".join(_source(part) for part in SHEETS[name])
    if name == "gallery":
        css = _themes_by_attribute() + css
    return squeeze(colour.served(css))


_kept = cache(_joined)


def _themes_by_medium() -> str:
    """Each theme inside the media query that calls for it."""
    rules = []
    for name, medium in THEMES.items():
        rule = f":root {{ {theme(name)} }}"
        rules.append(f"@media {medium} {{ {rule} }}" if medium else rule)
    return f"@layer tokens {{ {' '.join(rules)} }}"


def _themes_by_attribute() -> str:
    """Each theme for an element that asks for it by name: the gallery shows them side by side."""
    rules = "\n".join(f'[data-theme="{name}"] {{ {theme(name)} }}' for name in THEMES)
    return f"@layer tokens {{ {rules} }}"


def _source(part: str) -> str:
    """One source file, its addresses turned into those the static files are served from."""
    if part == "themes":
        return _themes_by_medium()
    css = (SOURCES / f"{part}.css").read_text()
    folder = posixpath.dirname(f"design/css/{part}.css")

    def served(found: re.Match[str]) -> str:
        return f'url("{static(posixpath.normpath(posixpath.join(folder, found[1])))}")'

    return re.sub(r'url\("(\.[^"]+)"\)', served, css)


def squeeze(css: str) -> str:
    """Without comments and needless white space. Strings in our stylesheets hold no run of spaces."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,>])\s*", r"\1", css).replace(": ", ":").replace(";}", "}").strip()
