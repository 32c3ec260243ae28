"""Which language is it? Right where it says sure, honest where it is not."""

from __future__ import annotations

import gzip
import lzma
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entraide.foundations.languages.rules import guess, script_of

DATA = Path(__file__).resolve().parents[6] / "shared" / "data"

SENTENCES = [
    ("Nou bezwen dlo ak manje nan Delma 33, timoun yo malad", "ht", "Latn", "ltr"),
    ("Tunahitaji maji safi na chakula kwa watoto wetu haraka", "sw", "Latn", "ltr"),
    ("Nous avons besoin d'eau potable et de nourriture", "fr", "Latn", "ltr"),
    ("Necesitamos agua potable y comida para los niños", "es", "Latn", "ltr"),
    ("Mila rano fisotro madio sy sakafo izahay eto an-tanàna", "mg", "Latn", "ltr"),
    ("نحن بحاجة إلى الماء والغذاء في هذه القرية الصغيرة", "ar", "Arab", "rtl"),
    ("আমাদের বিশুদ্ধ পানি ও খাবার দরকার", "bn", "Beng", "ltr"),
    ("हमें पीने का साफ पानी और खाना चाहिए", "hi", "Deva", "ltr"),
    ("Нам потрібна чиста вода і їжа для наших дітей", "uk", "Cyrl", "ltr"),
    ("ንጹህ ውሃ እና ምግብ ለልጆቻችን እንፈልጋለን", "am", "Ethi", "ltr"),
    ("飲み水と食べ物が必要です", "ja", "Jpan", "ltr"),
    ("我们需要饮用水和食物", "zh", "Hani", "ltr"),
    ("Χρειαζόμαστε νερό", "el", "Grek", "ltr"),
    ("물이 필요해요", "ko", "Hang", "ltr"),
    ("எங்களுக்கு தண்ணீர்", "ta", "Taml", "ltr"),
]


@pytest.mark.parametrize(("text", "language", "script", "way"), SENTENCES)
def test_a_sentence_of_many_languages(text: str, language: str, script: str, way: str) -> None:
    found = guess(text)
    assert (found.language, found.script, found.direction, found.sure) == (language, script, way, True)
    assert found.choices[0][0] == language
    assert len(found.choices) == 1


@pytest.mark.parametrize(
    "text", ["", " ", "12 345", "?!", "ok", "SOS", "😀😀", "https://example.org", "@bob #help"]
)
def test_nothing_to_go_by_is_unknown(text: str) -> None:
    found = guess(text)
    assert (found.language, found.sure, found.choices) == ("und", False, ())


def test_where_opinions_differ_two_choices_are_shown() -> None:
    unsure = [guess(text) for text in ("dlo manje", "help us", "madame", "casa grande", "piki piki dlo kay")]
    assert all(not found.sure and 1 <= len(found.choices) <= 2 for found in unsure)
    assert any(len(found.choices) == 2 for found in unsure)
    for found in unsure:
        assert all(0 <= confidence <= 1 for _code, confidence in found.choices)
        assert found.language == found.choices[0][0]


def test_direction_follows_the_letters_not_the_language() -> None:
    assert guess("ab").direction == "ltr"
    assert guess("سلام").direction == "rtl"
    assert guess("Mujhe paani aur khana chahiye, bachche bhookhe hain").direction == "ltr"
    assert guess("12").direction == "auto"


def test_addresses_and_handles_do_not_mislead() -> None:
    text = "Nou bezwen dlo ak manje nan kay la tanpri"
    assert (
        guess(f"{text} https://www.example.com/this-is-english/about @english #thisIsEnglish").language
        == "ht"
    )


def test_scripts() -> None:
    assert script_of("日本のニュース") == "Jpan"
    assert script_of("漢字") == "Hani"
    assert script_of("123") == "Zyyy"
    assert script_of("ⲁⲃⲅ") == "Zzzz"  # Coptic: letters, but none we name
    assert guess("ⲁⲃⲅⲇⲉⲍ ⲁⲃⲅⲇ").script == "Zzzz"


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    found = guess(text)
    assert found.sure or found.language == "und" or found.choices


def test_many_threads_agree() -> None:
    texts = [text for text, *_rest in SENTENCES] * 20
    with ThreadPoolExecutor(8) as threads:
        assert [one.language for one in threads.map(guess, texts)] == [
            one.language for one in map(guess, texts)
        ]


def test_the_models_are_loaded_on_use_only() -> None:
    program = (
        "import sys; import entraide.foundations.languages.rules as r; "
        "assert not {'py3langid', 'pycld2', 'numpy', 'babel'} & set(sys.modules), 'too early'; "
        "assert r.guess('Nous avons besoin d’eau et de nourriture').language == 'fr'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.skipif(not (DATA / "langid_short_texts").exists(), reason="the test texts are not here")
def test_short_texts(capsys: pytest.CaptureFixture[str]) -> None:
    """Every 40th short text and 100th FLORES sentence: how often right, how often sure, how often wrongly so."""
    with gzip.open(DATA / "langid_short_texts" / "lingua_testdata_shared.tsv.gz", "rt") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1::40]
    kinds: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if len(row) == 3:
            kinds.setdefault(row[1], []).append((row[0], row[2]))
    flores = DATA / "langid_flores200" / "flores200_dev.tsv.xz"
    if flores.exists():
        with lzma.open(flores, "rt") as file:
            rows = [line.rstrip("\n").split("\t") for line in file][1::100]
        kinds["flores"] = [(FLORES[row[0]], row[2]) for row in rows if row[0] in FLORES]
    figures = {kind: _figures(texts) for kind, texts in kinds.items()}
    with capsys.disabled():
        for kind, (right, sure, wrong, among) in figures.items():
            sys.stdout.write(
                f"\nLanguage of {kind}: {right:.1%} right, sure {sure:.1%}, wrong where sure {wrong:.1%}, "
                f"among the choices {among:.1%}\n"
            )
    assert figures["sentences"][0] > 0.85
    assert figures["sentences"][2] < 0.05


# FLORES codes of languages people write to us in.
FLORES = {
    "hat_Latn": "ht", "swh_Latn": "sw", "arb_Arab": "ar", "ben_Beng": "bn", "fra_Latn": "fr", "spa_Latn": "es",
    "eng_Latn": "en", "por_Latn": "pt", "plt_Latn": "mg", "amh_Ethi": "am", "hin_Deva": "hi", "urd_Arab": "ur",
    "pes_Arab": "fa", "rus_Cyrl": "ru", "tur_Latn": "tr", "npi_Deva": "ne", "som_Latn": "so", "hau_Latn": "ha",
    "yor_Latn": "yo", "zho_Hans": "zh", "ukr_Cyrl": "uk", "tir_Ethi": "ti",
}  # fmt: skip
SAME = {"nb": "no", "nn": "no", "fil": "tl"}


def _figures(texts: list[tuple[str, str]]) -> tuple[float, float, float, float]:
    right = sure = wrong = among = 0
    for language, text in texts:
        found, expected = guess(text), SAME.get(language, language)
        choices = {SAME.get(code, code) for code, _confidence in found.choices}
        good = SAME.get(found.language, found.language) == expected
        right += good
        among += expected in choices
        sure += found.sure
        wrong += found.sure and not good
    return right / len(texts), sure / len(texts), wrong / max(1, sure), among / len(texts)
