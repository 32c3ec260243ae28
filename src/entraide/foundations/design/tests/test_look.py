"""The rules of the look, read off the sources: tokens, layers, directions, contrast, specimens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from entraide.foundations.design import bundles, colour, specimens

ROOM = Path(bundles.__file__).parent
CSS = sorted(bundles.SOURCES.rglob("*.css"))
RULES = [file for file in CSS if file.parent.name != "themes"]
TEMPLATES = ROOM / "templates" / "design"

# Who is written on whom, and how well that must be seen: 4.5 for text, 3 for marks (WCAG 1.4.3, 1.4.11).
TEXT = [
    *[(ink, back) for ink in ("ink", "ink-soft") for back in ("paper", "surface", "sunk")],
    *[("ink", f"{tone}-soft") for tone in ("coral", "teal", "saffron", "slate", "danger")],
    *[(f"{tone}-ink", tone) for tone in ("coral", "teal", "saffron", "slate", "danger")],
    ("coral-ink", "coral-deep"),
    ("danger", "surface"), ("danger", "paper"), ("danger", "danger-soft"),
    ("ink", "land"), ("ink", "sea"), ("paper", "ink"),
]  # fmt: skip
MARKS = [
    *[
        (mark, back)
        for mark in ("edge", "coral", "teal", "saffron-mark", "slate", "danger", "focus")
        for back in ("paper", "surface")
    ],
    *[(f"{'saffron-mark' if tone == 'saffron' else tone}", f"{tone}-soft") for tone in ("teal", "saffron", "slate", "danger")],
    ("edge", "sunk"), ("teal", "sunk"), ("focus", "sunk"),
    ("coral", "land"), ("teal", "land"), ("saffron-mark", "land"),
]  # fmt: skip


def plain(file: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.S)


def name(file: Path) -> str:
    return file.relative_to(bundles.SOURCES).with_suffix("").as_posix()


@pytest.mark.parametrize("theme", bundles.THEMES)
def test_text_and_marks_can_be_seen_in_every_theme(theme):
    tokens = {token: value for token, value in specimens.declarations(theme).items() if token != "shadow"}
    colours = {token: colour.parse(value) for token, value in tokens.items()}
    faint = [
        f"{front} on {back}: {ratio:.2f} < {least}"
        for pairs, least in ((TEXT, 4.5), (MARKS, 3.0))
        for front, back in pairs
        if (ratio := colour.contrast(colours[front], colours[back])) < least
    ]
    assert faint == []


@pytest.mark.parametrize("theme", ["contrast", "contrast-dark"])
def test_high_contrast_is_high(theme):
    tokens = specimens.declarations(theme)
    for back in ("paper", "surface", "sunk"):
        for front in ("ink", "ink-soft"):
            assert colour.contrast(colour.parse(tokens[front]), colour.parse(tokens[back])) >= 7


def test_themes_redefine_the_same_tokens_and_nothing_else():
    names = {theme: set(specimens.declarations(theme)) for theme in bundles.THEMES}
    assert len({frozenset(tokens) for tokens in names.values()}) == 1


@pytest.mark.parametrize("file", RULES, ids=name)
def test_no_colour_stands_outside_the_tokens(file):
    css = plain(file)
    if name(file) == "print":
        css = re.sub(r":root \{.*?\}", "", css, flags=re.S)  # paper is a theme of its own
    assert (
        re.findall(
            r"oklch|rgba?\(|hsla?\(|#[0-9a-fA-F]{3,8}\b|(?<![\w-])(?:white|black|red|gr[ae]y)(?![\w-])", css
        )
        == []
    )
    known = set(specimens.declarations("light")) | set(
        re.findall(r"--([\w-]+):", "".join(plain(file) for file in RULES))
    )
    with_default = set(re.findall(r"var\(--([\w-]+),", css))
    assert set(re.findall(r"var\(--([\w-]+)\)", css)) - with_default <= known


@pytest.mark.parametrize("file", RULES, ids=name)
def test_directions_are_those_of_the_text(file):
    physical = re.compile(
        r"\b(?:margin|padding|border|inset)-(?:left|right|top|bottom)\b|(?:^|[;{\s])(?:left|right|top|bottom|width|height)\s*:"
        r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
    )
    assert physical.findall(re.sub(r"env\([^)]*\)", "", plain(file))) == []
    # Four values name the sides of a box: the two at its ends must be equal, or be written as logical ones.
    for values in re.findall(r"\b(?:padding|margin)\s*:\s*([^;}]+)", plain(file)):
        sides = re.findall(r"(?:[\w-]+\([^()]*(?:\([^()]*\)[^()]*)*\)|\S+)", values)
        assert len(sides) < 4 or sides[1] == sides[3], values


@pytest.mark.parametrize("file", [file for file in RULES if name(file) not in ("layers", "fonts")], ids=name)
def test_every_rule_has_a_layer(file):
    outside, depth = "", 0
    for character in plain(file):
        depth += (character == "{") - (character == "}")
        outside += character if depth == 0 else ""
    assert depth == 0
    assert set(re.findall(r"@?[\w.-]+", outside)) <= {
        "@layer", "@media", "print",
        "reset", "tokens", "base", "layout", "components", "rooms", "utilities",
    }  # fmt: skip


def test_no_stylesheet_is_unused():
    used = {part for parts in bundles.SHEETS.values() for part in parts} | {
        f"themes/{theme}" for theme in bundles.THEMES
    }
    assert {name(file) for file in CSS} == used - {"themes"}
    assert bundles.HOUSE[0] == bundles.BARE[0] == "layers"
    assert set(bundles.BARE) < set(bundles.HOUSE)


def test_every_class_of_a_component_is_used_by_a_template_or_explained():
    # A class nobody writes is a rule nobody needs.
    files = [*TEMPLATES.rglob("*.html"), *ROOM.glob("*.py"), *ROOM.glob("templatetags/*.py")]
    files += [*(ROOM / "static/design/js").glob("*.js"), ROOM / "README.md"]
    texts = "".join(file.read_text() for file in files)
    for file in (bundles.SOURCES / "components").glob("*.css"):
        for found in set(re.findall(r"\.([a-z][\w-]*)", plain(file))):
            assert re.search(rf"\b{found}\b", texts), f"{found} in {file.name}"


def test_every_component_has_a_specimen():
    shown = {file.stem for file in (TEMPLATES / "specimens").glob("*.html")}
    assert shown == set(specimens.COMPONENTS)


def test_every_partial_of_a_component_is_shown_in_the_gallery_or_on_every_page():
    pages = "".join(file.read_text() for file in TEMPLATES.rglob("*.html")) + "".join(
        file.read_text() for file in (ROOM / "templatetags").glob("*.py")
    )
    for file in (TEMPLATES / "components").glob("*.html"):
        assert f"design/components/{file.name}" in pages, file.name


@pytest.mark.parametrize(
    "file",
    [*(TEMPLATES / "components").glob("*.html"), *TEMPLATES.glob("_*.html")],
    ids=lambda file: file.name,
)
def test_every_partial_opens_with_its_inputs(file):
    first = file.read_text().split("\n", 1)[0]
    assert re.fullmatch(r"\{# .*\b[Ii]nputs?\b.* #\}", first), first


def test_no_template_of_the_room_carries_a_style_or_a_handler():
    for file in TEMPLATES.rglob("*.html"):
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style", file.read_text()), file.name


def test_themes_and_motion_follow_the_reader():
    house = bundles.sheet("house")
    for wish in (
        "prefers-color-scheme:dark", "prefers-contrast:more", "prefers-reduced-motion:reduce", "forced-colors:active",
    ):  # fmt: skip
        assert wish in house
    assert "oklch" not in house + bundles.sheet("bare") + bundles.sheet("gallery")
    for theme in bundles.THEMES:
        assert f'[data-theme="{theme}"]' in bundles.sheet("gallery")


def test_colours_become_what_screens_show():
    assert colour.parse("oklch(1 0 0)") == (255, 255, 255)
    assert colour.parse("oklch(0 0 0)") == (0, 0, 0)
    # CSS Color 4 gives this as the OKLCH of pure red.
    assert colour.parse("oklch(0.62796 0.25768 29.234)") == (255, 0, 0)
    assert colour.served("a: oklch(1 0 0); b: oklch(0 0 0 / 0.5)") == "a: #ffffff; b: rgba(0,0,0,0.5)"
    assert colour.contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert colour.contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
    with pytest.raises(ValueError, match="not an oklch"):
        colour.parse("#fff")


def test_modules_know_each_other_by_the_import_map_alone():
    base = (TEMPLATES / "base.html").read_text()
    mapped = set(re.findall(r'"(entraide/[\w-]+)":', base))
    files = {f"entraide/{file.stem}" for file in (ROOM / "static/design/js").glob("*.js")} - {
        "entraide/htmx",
        "entraide/start",
    }
    assert mapped == files
    for file in (ROOM / "static/design/js").glob("*.js"):
        for imported in re.findall(r'^import (?:.* from )?"([^"]+)"', file.read_text(), flags=re.M):
            assert imported in mapped, f"{file.name} imports {imported}"
        assert len(file.read_text().splitlines()) < 160, f"{file.name} wants to be two modules"
