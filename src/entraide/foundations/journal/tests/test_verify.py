"""Whatever is changed in an export is found, and named."""

from __future__ import annotations

import hashlib
import json
import runpy
import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entraide.foundations.journal import actions, queries, rules, verify_journal
from entraide.foundations.journal.models import Entry
from entraide.foundations.journal.verify_journal import Bad, verify

from .conftest import Loaf, record
from .support import without_triggers

PROGRAM = Path(verify_journal.__file__)


@pytest.fixture
def lines(small_journal: list[Entry]) -> list[bytes]:
    """header, 1, sealed 2, 3, checkpoint, 4, 5, checkpoint, 6, end."""
    return list(queries.export_lines())


def named(lines: list[bytes], **options: str) -> tuple[str, int]:
    with pytest.raises(Bad) as caught:
        verify(lines, **options)
    return caught.value.args


def as_a_file(export: bytes) -> list[bytes]:
    return list(BytesIO(export))


def test_the_program_is_short_and_stands_alone() -> None:
    source = PROGRAM.read_text()
    assert len(source.splitlines()) <= 150
    assert "entraide." not in source
    assert "django" not in source


def test_a_true_export_is_accepted(lines: list[bytes]) -> None:
    proved = verify(lines)
    assert (proved["entries"], proved["sealed"], proved["checkpoints"]) == (6, 1, 2)
    assert proved["totals"] == queries.totals_by_cause()
    assert proved["last"] == f"6:{Entry.objects.get(sequence=6).hash}"
    assert verify(lines, key=proved["signer"], seen=proved["last"]) == proved
    types = [json.loads(line)["type"] for line in lines]
    assert types == ["header", *["entry"] * 3, "checkpoint", *["entry"] * 2, "checkpoint", "entry", "end"]


def test_an_empty_journal_is_a_true_journal(db: None) -> None:
    assert verify(queries.export_lines())["last"] == f"0:{'0' * 64}"


def test_a_sealed_entry_is_exported_as_its_hash_alone(lines: list[bytes]) -> None:
    assert set(json.loads(lines[2])) == {"body_hash", "hash", "sequence", "type"}
    assert b"shelter" not in b"".join(lines)


@pytest.fixture
def signatures_are_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thousandth look at the same unchanged checkpoint gives what the first gave."""
    known: dict[bytes, bool] = {}
    check = verify_journal.is_signed

    def remembered(line: dict[str, Any]) -> bool:
        text = verify_journal.canonical(line)
        if text not in known:
            known[text] = check(line)
        return known[text]

    monkeypatch.setattr(verify_journal, "is_signed", remembered)


@pytest.mark.usefixtures("signatures_are_checked_once")
def test_every_flipped_byte_is_found_and_its_entry_named(lines: list[bytes]) -> None:
    """Exhaustive over the file: each byte, one of its bits (each bit in turn as the file goes on)."""
    for number, line in enumerate(lines):
        for place in range(len(line)):
            flipped = bytearray(line)
            flipped[place] ^= 1 << (place % 8)
            changed = b"".join([*lines[:number], bytes(flipped), *lines[number + 1 :]])
            what, sequence = named(as_a_file(changed))
            if json.loads(line)["type"] == "entry":
                assert sequence == json.loads(line)["sequence"], (what, place)
                assert what.startswith(f"entry {sequence} ")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.usefixtures("signatures_are_checked_once")
def test_any_other_byte_anywhere_is_found(lines: list[bytes], data: st.DataObject) -> None:
    export = b"".join(lines)
    place = data.draw(st.integers(0, len(export) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != export[place]))
    named(as_a_file(export[:place] + bytes([other]) + export[place + 1 :]))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.usefixtures("signatures_are_checked_once")
def test_any_cut_or_repeated_piece_is_found(lines: list[bytes], data: st.DataObject) -> None:
    export = b"".join(lines)
    start = data.draw(st.integers(0, len(export) - 1))
    end = data.draw(st.integers(start + 1, len(export)))
    named(as_a_file(export[:start] + export[end:]))
    named(as_a_file(export[:end] + export[start:end] + export[end:]))


def test_a_removed_line_is_found_and_named(lines: list[bytes]) -> None:
    for number, line in enumerate(lines):
        what, sequence = named(lines[:number] + lines[number + 1 :])
        if json.loads(line)["type"] == "entry":
            assert sequence == json.loads(line)["sequence"]
            assert "missing" in what or "should be 6 entries" in what or "signs another" in what


def test_lines_in_another_order_are_found(lines: list[bytes]) -> None:
    for one in range(len(lines)):
        for other in range(one):
            swapped = list(lines)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            named(swapped)


def test_a_cut_off_file_is_found(lines: list[bytes]) -> None:
    for length in range(len(lines)):
        what, _sequence = named(lines[:length])
        assert "cut off" in what
    assert named([*lines, lines[-1]])[0] == "line 11, after entry 6: it follows the end"


def forged(lines: list[bytes], number: int, **changes: Any) -> list[bytes]:
    """One line said otherwise, and the end made to fit."""
    line = json.loads(lines[number]) | changes
    changed = [*lines[:number], rules.canonical(line).encode() + b"\n", *lines[number + 1 :]]
    end = json.loads(changed[-1])
    end["sha256"] = hashlib.sha256(b"".join(changed[:-1])).hexdigest()
    return [*changed[:-1], rules.canonical(end).encode() + b"\n"]


@pytest.mark.parametrize(
    ("number", "changes", "what"),
    [
        (0, {"version": 2}, "no header, entry"),
        (0, {"keys": []}, "signature is not good"),
        (0, {"keys": "x"}, "no header, entry"),
        (1, {"sequence": "1"}, "missing"),
        (1, {"body": None}, "no quantity"),
        (1, {"body": {"quantity": True}}, "no quantity"),
        (1, {"body": {"quantity": 3}}, "its hash is not"),
        (1, {"extra": 1}, "no header, entry"),
        (1, {"type": "other"}, "no header, entry"),
        (2, {"body_hash": "AB" * 32}, "sealed body is damaged"),
        (2, {"body_hash": 7}, "sealed body is damaged"),
        (2, {"body_hash": "ab" * 32}, "its hash is not"),
        (4, {"sequence": 2}, "signs another journal"),
        (4, {"hash": "ab" * 32}, "signs another journal"),
        (4, {"key": "ab" * 32}, "signature is not good"),
        (4, {"signature": "ab" * 64}, "signature is not good"),
        (4, {"signature": "short"}, "signature is not good"),
        (4, {"signed_at": "2020-01-01T00:00:00.000000Z"}, "signature is not good"),
        (4, {"extra": 1}, "signature is not good"),
    ],
)
def test_a_forged_line_is_named(lines: list[bytes], number: int, changes: dict[str, Any], what: str) -> None:
    assert what in named(forged(lines, number, **changes))[0]


def test_a_wrong_end_is_named(lines: list[bytes]) -> None:
    totals = json.loads(lines[-1])["totals"]
    for changes, what in [
        ({"entries": 5}, "should be 5 entries, not 6"),
        ({"hash": "ab" * 32}, "should be"),
        ({"totals": [*totals[:-1], {**totals[-1], "quantity": 9}]}, "the entries give {'cause': 'c2'"),
        ({"totals": [*totals, totals[-1]]}, "a total is wrong"),
        ({"totals": None}, "a total is wrong"),
        ({"sha256": ""}, "another SHA-256"),
    ]:
        end = rules.canonical(json.loads(lines[-1]) | changes).encode() + b"\n"
        assert what in named([*lines[:-1], end])[0]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"[]\n",
        b"null\n",
        b"\xff\n",
        b'"\\ud800"\n',
        b"[" * 100_000,
        b"9" * 5000 + b"\n",
        b"NaN\n",
    ],
)
def test_nonsense_is_named_not_tripped_over(lines: list[bytes], line: bytes) -> None:
    what, sequence = named([*lines[:3], line, *lines[3:]])
    assert (sequence, what.split(" (")[0]) == (3, "entry 3")


def test_a_journal_written_anew_is_found_by_what_was_seen_before(lines: list[bytes]) -> None:
    seen = f"3:{json.loads(lines[3])['hash']}"
    assert verify(lines, seen=seen)["entries"] == 6
    assert named(lines, seen=f"3:{'ab' * 32}")[1] == 3
    assert named(lines, seen=f"7:{'ab' * 32}") == ("entry 7: it is gone: you saw entry 7", 7)
    assert "not signed by" in named(lines, key="ab" * 32)[0]


@settings(max_examples=30, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), text=st.text(), place=st.integers(0, 511))
def test_our_ed25519_agrees_with_the_library(seed: bytes, text: str, place: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    text = text.encode("utf-8", "replace").decode()
    line = {"key": private.public_key().public_bytes_raw().hex(), "text": text}
    signature = bytearray(private.sign(rules.signed_bytes(line)))
    assert verify_journal.is_signed({**line, "signature": signature.hex()})
    assert not verify_journal.is_signed({**line, "text": text + "!", "signature": signature.hex()})
    signature[place // 8] ^= 1 << place % 8
    assert not verify_journal.is_signed({**line, "signature": signature.hex()})


def test_ed25519_known_answer_and_malleability(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 8032, 7.1, test 1: the empty message; and the same signature with s + L must not pass."""
    key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    signature = (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )
    domain = verify_journal.hashlib.sha512

    def without_our_text(content: bytes) -> Any:
        return domain(content[:64])  # R and A; the message is empty

    monkeypatch.setattr(verify_journal.hashlib, "sha512", without_our_text)
    assert verify_journal.is_signed({"key": key, "signature": signature})
    s = int.from_bytes(bytes.fromhex(signature[64:]), "little") + verify_journal.ORDER
    malleable = signature[:64] + s.to_bytes(32, "little").hex()
    assert not verify_journal.is_signed({"key": key, "signature": malleable})


def run(*arguments: str, export: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-I", PROGRAM, *arguments], input=export, capture_output=True, check=False
    )


def test_the_program_runs_alone(lines: list[bytes], tmp_path: Path) -> None:
    export = tmp_path / "export.jsonl"
    export.write_bytes(b"".join(lines))
    good = run(str(export))
    assert good.returncode == 0
    assert b"OK  6 entries (1 sealed), 2 checkpoints" in good.stdout
    assert b"3 loaf" in good.stdout
    assert run("-", export=b"".join(lines)).stdout == good.stdout
    bad = run("-", export=b"".join(lines).replace(b"rye", b"rue", 1))
    assert bad.returncode == 1
    assert bad.stderr.startswith(b"BAD  entry 1 (line 2): its hash is not")
    assert run("-", "--seen", f"3:{'ab' * 32}", export=b"".join(lines)).returncode == 1


def test_the_program_says_what_it_found(
    lines: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export = tmp_path / "export.jsonl"
    monkeypatch.setattr(sys, "argv", ["verify_journal.py", str(export)])
    export.write_bytes(b"".join(lines))
    runpy.run_path(str(PROGRAM), run_name="__main__")
    assert "c2 (1 entries)\nOK  6 entries" in capsys.readouterr().out
    export.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(SystemExit, match="BAD  entry 7: the file is cut off"):
        runpy.run_path(str(PROGRAM), run_name="__main__")


def test_an_export_stops_at_the_entry_that_was_last_when_it_began(small_journal: list[Entry]) -> None:
    export = queries.export_lines()
    begun = [next(export)]
    record(Loaf())
    actions.checkpoint()
    assert verify([*begun, *export])["entries"] == 6
    assert verify(queries.export_lines())["entries"] == 7


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"quantity": 99}, "the column quantity"),
        ({"actor": "somebody"}, "the column actor"),
        ({"recorded_at": datetime(2020, 1, 1, tzinfo=UTC)}, "the column recorded_at"),
        ({"corrects": 1}, "the column corrects"),
        ({"body_hash": "ab" * 32}, "the hash of its body is another"),
        ({"previous_hash": "ab" * 32}, "does not follow"),
        ({"hash": "ab" * 32}, "its hash is another"),
        ({"public": False}, "its hash is another"),
    ],
)
def test_the_database_is_checked_beyond_the_export(
    small_journal: list[Entry], change: dict[str, Any], what: str
) -> None:
    with without_triggers():
        Entry.objects.filter(sequence=3).update(**change)
    with pytest.raises(Bad) as caught:
        queries.verify()
    assert what in caught.value.args[0]
    assert caught.value.args[1] == 3


def test_a_sealed_entry_is_checked_in_the_database_too(small_journal: list[Entry]) -> None:
    with without_triggers():
        Entry.objects.filter(sequence=2).update(body=small_journal[1].body.replace("house:1", "house:2"))
    with pytest.raises(Bad, match="entry 2: the hash of its body"):
        queries.verify()


def test_a_removed_entry_is_named(small_journal: list[Entry]) -> None:
    with without_triggers():
        Entry.objects.filter(sequence=4).delete()
    with pytest.raises(Bad, match="entry 4: it is missing: 5 follows 3"):
        queries.verify()


def test_checkpoints(small_journal: list[Entry], settings: Any) -> None:
    first = queries.covering_checkpoint(2)
    assert first is not None
    assert first.sequence == 3
    assert queries.covering_checkpoint(6) is None
    signed = actions.checkpoint()
    assert str(signed) == "checkpoint at 6"
    assert actions.checkpoint() == signed  # nothing new to sign
    old_key = settings.ENTRAIDE_KEY
    settings.ENTRAIDE_KEY = lambda name: hashlib.sha256(old_key(name)).digest()
    renewed = actions.checkpoint()
    assert (renewed.sequence, renewed.pk) == (6, signed.pk + 1)
    proved = verify(queries.export_lines())
    assert (proved["checkpoints"], proved["signer"]) == (4, renewed.public_key)
