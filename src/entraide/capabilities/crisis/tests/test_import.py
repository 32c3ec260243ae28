"""Import of Ushahidi files: every row accounted for, however often and however cut short."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from entraide.capabilities.crisis.actions import setup
from entraide.capabilities.crisis.importing import ushahidi
from entraide.capabilities.crisis.models import Category, Publication, Report, Standing, Step
from entraide.capabilities.crisis.queries import places as place_queries
from entraide.capabilities.crisis.tests import elsewhere
from entraide.foundations.journal.models import Entry
from entraide.foundations.places.models import Place

V2 = '"#","INCIDENT TITLE","INCIDENT DATE","LOCATION","DESCRIPTION","CATEGORY","LATITUDE","LONGITUDE","APPROVED","VERIFIED"'
ROWS = [
    '"7","Water needed","12/01/2031 04:08","Anse","We are 40. Call 261 34 12 345 67","2b. Eau | Water, ","-14.2","50.1","YES","YES"',
    '"8","Bridge gone","2031-01-13 10:00:00","","","2. Urgences | Vital Lines, 2b. Eau | Water","-14.3","50.2","YES","NO"',
    '"9","Not sure","2031-01-14 10:00:00","x","y","","-14.4","50.3","NO","NO"',
]


def file_of(tmp_path: Path, *rows: str, header: str = V2) -> Path:
    path = tmp_path / "export.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.django_db
def test_rows_become_reports(lumi: Any, tmp_path: Path) -> None:
    tally = ushahidi.import_file(file_of(tmp_path, *ROWS), cause=lumi)
    assert (tally.rows, tally.imported, tally.already, len(tally.refused)) == (3, 3, 0, 0)
    assert (tally.published, tally.private, tally.verified, tally.categories) == (2, 1, 1, 2)
    one, two, three = Report.objects.order_by("pk")
    assert (one.step, one.standing, three.step) == (Step.LOCATED, Standing.VERIFIED, Step.NEW)
    assert one.happened_at == datetime(2031, 1, 12, 4, 8, tzinfo=UTC)
    assert two.happened_at == datetime(2031, 1, 13, 10, tzinfo=UTC)
    assert "345" not in Publication.objects.get(report=one).text
    assert Publication.objects.get(report=one).shape == "area"
    assert one.exact_radius_m == ushahidi.RADIUS_M
    top, below = Category.objects.get(slug="2-vital-lines"), Category.objects.get(slug="2b-water")
    assert (below.parent, below.names) == (top, {"fr": "Eau", "en": "Water"})
    assert Entry.objects.filter(kind="crisis.told").count() == 3
    assert Entry.objects.filter(kind="crisis.published").count() == 2


@pytest.mark.django_db
def test_names_that_two_published_rows_place_together_are_learnt_for_the_team(
    lumi: Any, tmp_path: Path, client: Any
) -> None:
    row = '{},Water,2010-01-15,"{}",Words,1. Water,{},{},{},NO'
    path = file_of(
        tmp_path,
        row.format(1, "Kalanoro beach", -14.27, 50.17, "YES"),
        row.format(2, "Kalanoro beach", -14.271, 50.171, "YES"),
        row.format(3, "Chez Marie", -14.28, 50.18, "YES"),
        row.format(4, "Private house", -14.28, 50.18, "NO"),
        row.format(5, "Private house", -14.28, 50.18, "NO"),
    )
    for _run in range(2):
        ushahidi.import_file(path, cause=lumi)
        assert list(Place.objects.values_list("name", "source")) == [
            ("Kalanoro beach", f"learnt:{lumi.public_id}")
        ]
    assert place_queries.search(lumi, "kalanoro beach")
    page = client.get("/places/", {"text": "Kalanoro beach", "country": "MG"}).content.decode()
    assert "14.27" not in page


@pytest.mark.django_db
def test_again_changes_nothing(lumi: Any, tmp_path: Path) -> None:
    path = file_of(tmp_path, *ROWS)
    ushahidi.import_file(path, cause=lumi)
    tally = ushahidi.import_file(path, cause=lumi)
    assert (tally.imported, tally.already) == (0, 3)
    assert Report.objects.count() == 3
    assert Category.objects.count() == 2
    assert Entry.objects.filter(kind="crisis.told").count() == 3


@pytest.mark.django_db
def test_a_file_without_numbers_is_known_by_its_words(lumi: Any, tmp_path: Path) -> None:
    header = V2.removeprefix('"#",')
    path = file_of(tmp_path, *[row.split(",", 1)[1] for row in ROWS], header=header)
    assert ushahidi.import_file(path, cause=lumi).imported == 3
    assert ushahidi.import_file(path, cause=lumi).already == 3


@pytest.mark.django_db
def test_wrong_rows_are_named_without_their_words(lumi: Any, tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        ROWS[0],
        '"10","Ana of Anse","yesterday","","","","1","2","YES","NO"',
        '"11","","2031-01-13","","","","1","2","YES","NO"',
        '"12","x","2031-01-13","","","","1","2","PERHAPS","NO"',
        '"7","Same number","2031-01-13","","","","-14.2","50.1","YES","NO"',
    )
    tally = ushahidi.import_file(path, cause=lumi)
    assert tally.imported == 1
    assert [(problem.row, problem.column) for problem in tally.refused] == [
        (2, "INCIDENT DATE"),
        (3, "INCIDENT TITLE"),
        (4, "APPROVED"),
        (5, "#"),
    ]
    said = "; ".join(map(str, tally.refused))
    assert "Ana" not in said
    assert "yesterday" not in said
    assert "9 characters" in said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lat", "lon", "column"),
    [
        ("north", "50", "LATITUDE"),
        ("-14", "east", "LONGITUDE"),
        ("-140.5", "50", "LATITUDE"),
        ("-14", "190", "LONGITUDE"),
        ("nan", "50", "LATITUDE"),
        ("0", "0", "LATITUDE"),
        ("51.5", "-0.1", "LATITUDE, LONGITUDE"),
    ],
)
def test_wrong_points_are_named_and_the_report_kept_without_a_place(
    lumi: Any, tmp_path: Path, lat: str, lon: str, column: str
) -> None:
    tally = ushahidi.import_file(
        file_of(tmp_path, f'"1","Water","2031-01-13","","","","{lat}","{lon}","YES","NO"'), cause=lumi
    )
    assert (tally.imported, len(tally.refused)) == (1, 0)
    [doubt] = tally.doubtful
    assert doubt.column == column
    assert Report.objects.get().exact_x is None
    assert Publication.objects.get().shape == "none"


@pytest.mark.django_db
def test_a_point_many_share_is_the_middle_of_a_town(lumi: Any, tmp_path: Path) -> None:
    rows = [
        f'"{n}","Water {n}","2031-01-13","","","","-14.2","50.1","YES","NO"'
        for n in range(ushahidi.SHARED_BY)
    ]
    ushahidi.import_file(file_of(tmp_path, *rows), cause=lumi)
    assert set(Report.objects.values_list("exact_radius_m", flat=True)) == {ushahidi.RADIUS_SHARED_M}


@pytest.mark.django_db
def test_a_two_person_or_frozen_cause_publishes_nothing_by_import(
    lumi: Any, alice: Any, tmp_path: Path
) -> None:
    setup.set_privacy(lumi, two_person=True, delay_hours=0, map_frozen=False, by=alice)
    tally = ushahidi.import_file(file_of(tmp_path, ROWS[0]), cause=lumi)
    assert (tally.published, tally.private) == (0, 1)
    setup.set_privacy(lumi, two_person=False, delay_hours=0, map_frozen=True, by=alice)
    tally = ushahidi.import_file(file_of(tmp_path, ROWS[1]), cause=lumi)
    assert (tally.published, tally.private) == (0, 1)


def test_categories_with_commas_and_without_numbers() -> None:
    read = ushahidi.read_categories
    assert list(read("1a. Pris, sous les decombres | Trapped, below rubble, 2. Eau, ")) == [
        ("1a", {"fr": "Pris, sous les decombres", "en": "Trapped, below rubble"}),
        ("2", {"en": "Eau"}),
    ]
    assert list(read("Water,Food , Water")) == [("", {"en": "Water"}), ("", {"en": "Food"})]
    assert list(read("")) == []


def test_encodings_and_packing(tmp_path: Path) -> None:
    row = '"1","Pénurie d’eau","2031-01-13","","","","1","2","YES","NO"'
    for name, content in {
        "mark.csv": f"{V2}\n{row}\n".encode("utf-8-sig"),
        "windows.csv": f"{V2}\n{row}\n".encode("cp1252"),
        "packed.csv.gz": gzip.compress(f"{V2}\n{row}\n".encode()),
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        [read] = ushahidi.read(path)
        assert isinstance(read, ushahidi.Row)
        assert read.title == "Pénurie d’eau"


def test_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ushahidi.NotUshahidi):
        list(ushahidi.read(file_of(tmp_path, "a,b", header="one,two")))


@pytest.mark.django_db
def test_the_command_makes_the_cause_and_says_what_it_did(tmp_path: Path) -> None:
    path, said = file_of(tmp_path, *ROWS, '"10","x","never","","","","1","2","YES","NO"'), StringIO()
    arguments = ["ushahidi", str(path), "--cause", "cyclone", "--countries", "MG", "--area=43,-26,51,-11"]
    call_command("import", *arguments, stdout=said, stderr=StringIO())
    assert "4 rows: 3 imported, 0 already there, 1 refused" in said.getvalue()
    assert "refused: row 4, INCIDENT DATE (5 characters)" in said.getvalue()
    call_command("import", *arguments, stdout=said, stderr=StringIO(), verbosity=0)
    assert "0 imported, 3 already there" in said.getvalue()
    from entraide.foundations.causes import queries as causes

    assert causes.get(None, "cyclone").state == "open"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nosuch.csv", "--cause", "lumi"], "no file"),
        (["{file}", "--cause", "lumi", "--by", "nobody@example.org"], "Nobody here"),
        (["{file}", "--cause", "New Cause"], "."),
        (["{other}", "--cause", "lumi"], "not an Ushahidi export"),
    ],
)
def test_the_command_says_what_is_wrong(lumi: Any, tmp_path: Path, arguments: list[str], words: str) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    files = {"file": file_of(tmp_path, *ROWS), "other": other}
    with pytest.raises(CommandError, match=words):
        call_command("import", "ushahidi", *[one.format(**files) for one in arguments], stderr=StringIO())


@pytest.mark.slow
def test_killed_and_resumed_is_the_same(tmp_path: Path) -> None:
    rows = [
        f'"{n}","Water {n}","2031-01-13","","Words {n}","2b. Eau | Water","-14.{n % 90 + 10}","50.1","NO","NO"'
        for n in range(1, 1_001)
    ]
    path = file_of(tmp_path, *rows)
    home = tmp_path / "home"
    home.mkdir()
    manage = [sys.executable, str(Path(__file__).resolve().parents[5] / "manage.py")]
    environment = elsewhere.environment(home)
    subprocess.run([*manage, "migrate", "-v", "0"], env=environment, check=True, timeout=120)
    command = [*manage, "import", "ushahidi", str(path), "--cause", "cyclone", "--area=43,-26,51,-11"]
    kills = 0
    while True:
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as run:
            assert run.stderr is not None
            line = run.stderr.readline()
            if kills < 2 and "imported" in line:
                time.sleep(0.3)  # into the next batch
                os.kill(run.pid, signal.SIGKILL)
                kills += 1
                continue
            out, err = run.communicate(timeout=300)
            assert run.returncode == 0, err
            break
    assert kills == 2
    assert "1000 rows" in out
    done = elsewhere.program(
        home,
        """
        from entraide.capabilities.crisis.models import Report, ReportMessage
        from entraide.foundations.journal.models import Entry
        from entraide.foundations.channels.models import Message
        told = Entry.objects.filter(kind="crisis.told").count()
        counts = (Report.objects.count(), ReportMessage.objects.count(), Message.objects.count(), told)
        assert counts == (1000, 1000, 1000, 1000), counts
        """,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.django_db
def test_the_public_haiti_file(shared_data: Path) -> None:
    path = shared_data / "haiti_ushahidi_2010" / "reports_shared.csv.gz"
    if not path.is_file():
        pytest.skip("the Haiti file is absent")
    said = StringIO()
    arguments = [
        "ushahidi",
        str(path),
        "--cause",
        "haiti-2010",
        "--countries",
        "HT",
        "--area=-75,17.5,-71.5,20.3",
    ]
    call_command("import", *arguments, stdout=said, stderr=StringIO())
    assert "2395 rows: 2395 imported, 0 already there, 0 refused" in said.getvalue()
    assert "142 verified" in said.getvalue()
    call_command("import", *arguments, stdout=said, stderr=StringIO())
    assert "0 imported, 2395 already there" in said.getvalue()
