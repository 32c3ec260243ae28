"""Figures in any unit, names of goals and countries, boxes around places."""

from __future__ import annotations

import pytest
from django.utils import translation

from entraide.foundations.causes import rules


@pytest.mark.parametrize(
    ("language", "quantity", "unit", "said"),
    [
        ("en", 1, "report", "1 report"),
        ("en", 2500, "report", "2,500 reports"),
        ("en", 0, "hour", "0 hours"),
        ("en", 1250, "eur-cent", "€12.50"),
        ("en", 3, "wheelbarrow", "3 wheelbarrow"),
        ("fr", 1, "report", "1 signalement"),
        ("fr", 0, "report", "0 signalement"),
        ("fr", 2500, "report", "2\u202f500 signalements"),
        ("fr", 1250, "eur-cent", "12,50\xa0€"),
        ("fr", 250000, "mga-cent", "2\u202f500\xa0MGA"),
    ],
)
def test_amounts(language: str, quantity: int, unit: str, said: str) -> None:
    with translation.override(language):
        assert rules.amount(quantity, unit) == said


def test_an_amount_beside_its_goal() -> None:
    assert rules.bare_amount(2500, "report") == "2,500"
    assert rules.bare_amount(250000, "eur-cent") == "€2,500"


@pytest.mark.parametrize(
    ("language", "unit", "said"),
    [
        ("en", "report", "reports"),
        ("fr", "report", "signalements"),
        ("en", "eur-cent", "Euro"),
        ("en", "wheelbarrow", "wheelbarrow"),
        ("en", "zzz-cent", "ZZZ"),
    ],
)
def test_unit_names(language: str, unit: str, said: str) -> None:
    with translation.override(language):
        assert rules.unit_name(unit) == said


def test_goals_of_the_united_nations() -> None:
    assert list(rules.sdg_names("en")) == list(range(1, 18))
    assert list(rules.sdg_names("fr")) == list(range(1, 18))
    assert rules.sdg_names("fr")[2] == "Faim « zéro »"
    assert rules.sdg_names("sw") == rules.sdg_names("en")


def test_countries() -> None:
    assert {"MG", "FR", "HT"} <= rules.country_codes()
    assert not {"EU", "ZZ"} & rules.country_codes()
    assert next(iter(rules.country_names("fr").values())) == "Afghanistan"
    assert rules.parse_countries("Madagascar, mz; Nowhere") == (["MG", "MZ"], ["Nowhere"])


def test_an_unknown_locale_speaks_english() -> None:
    assert rules.locale("zz-ZZ").language == "en"


@pytest.mark.parametrize(
    ("where", "box"),
    [
        ((-18.15, 49.40, 1000), (49.35, -18.19, 49.45, -18.11)),
        ((-17.0, 179.99, 20_000), (179.8, -17.18, -179.82, -16.82)),
        ((89.99, 0.0, 5000), (-179.0, 89.95, 179.0, 90.0)),
    ],
)
def test_the_box_around_a_place(where: tuple[float, float, int], box: rules.Area) -> None:
    assert rules.area_around(*where) == box
    assert rules.known_area(box) == box
