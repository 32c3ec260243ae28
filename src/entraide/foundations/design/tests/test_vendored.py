"""The files of others are exactly those we listed, byte for byte."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from entraide.foundations.design import vendored
from entraide.foundations.design.management.commands import vendor


def test_every_listed_file_has_the_hash_it_must_have():
    wrong = [
        f"{package.name}: {file}"
        for package in vendored.packages()
        for file, expected in package.kept.items()
        if vendored.sha256(package.folder / file) != expected
    ]
    assert wrong == []


def test_no_file_stands_there_unlisted():
    listed = {package.folder / file for package in vendored.packages() for file in package.kept}
    places = {package.place for package in vendored.packages()}
    found = {file for place in places for file in (vendored.ROOM / place).rglob("*") if file.is_file()}
    assert found == listed


def test_each_package_says_why_it_is_here_and_brings_its_licence():
    for package in vendored.packages():
        assert package.why
        assert package.licence
        assert any(re.match(r"licen[cs]e", file, re.I) for file in package.files), package.name
        assert re.fullmatch(r"\d+\.\d+\.\d+", package.version)


def test_stylesheets_of_others_ask_for_nothing_outside():
    for package in vendored.packages():
        for file in package.files:
            if file.endswith(".css"):
                css = (package.folder / file).read_text()
                assert set(re.findall(r'url\(["\']?(\w+:)', css)) <= {"data:"}
                assert "@import" not in css


def test_what_is_not_listed_is_not_given():
    assert vendored.path("htmx.org", "dist/htmx.min.js").is_file()
    with pytest.raises(KeyError):
        vendored.path("htmx.org", "dist/other.js")
    with pytest.raises(KeyError):
        vendored.path("nobody", "dist/other.js")


@pytest.fixture
def one_package(monkeypatch, tmp_path):
    """A list with one small package, and an npm that hands out what the test puts into ``content``."""
    content = {"package/a.js": b"let a;"}
    package = vendored.Package(
        name="small", version="1.0.0", licence="ISC", why="test", place=str(tmp_path),
        files={"a.js": "0" * 64},
    )  # fmt: skip

    def npm(command, *, cwd, **_options):
        assert command[:3] == ["npm", "pack", "--silent"]
        with tarfile.open(cwd / "small-1.0.0.tgz", "w:gz") as archive:
            for name, data in content.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        return subprocess.CompletedProcess(command, 0, stdout="small-1.0.0.tgz\n")

    monkeypatch.setattr(vendor.subprocess, "run", npm)
    monkeypatch.setattr(vendored, "packages", lambda: (package,))
    return package, content


def test_the_vendor_command_accepts_what_is_listed_and_puts_it_in_place(one_package, capsys):
    package, content = one_package
    package.files["a.js"] = hashlib.sha256(content["package/a.js"]).hexdigest()
    call_command("vendor", "--write")
    assert (package.folder / "a.js").read_bytes() == b"let a;"
    call_command("vendor", "--only", "small")
    call_command("vendor", "--only", "another")


def test_the_vendor_command_refuses_anything_else(one_package, capsys):
    package, content = one_package
    with pytest.raises(CommandError, match="1 files differ"):
        call_command("vendor", "--write")
    assert not (package.folder / "a.js").exists()
    del content["package/a.js"]
    with pytest.raises(CommandError):
        call_command("vendor")
    assert "no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (FileNotFoundError(), "npm is needed"),
        (subprocess.CalledProcessError(1, "npm", stderr="404"), "could not fetch small"),
    ],
)
def test_the_vendor_command_says_what_npm_could_not_do(one_package, monkeypatch, failure, said):
    def npm(*_args, **_options):
        raise failure

    monkeypatch.setattr(vendor.subprocess, "run", npm)
    with pytest.raises(CommandError, match=said):
        call_command("vendor")


@pytest.fixture
def one_font(one_package):
    """The small package with a font we make from one of its files."""
    package, content = one_package
    package.files["a.js"] = hashlib.sha256(content["package/a.js"]).hexdigest()
    content["package/full.woff2"] = b"whole font"
    made = vendored.Made(
        source="full.woff2",
        source_sha256=hashlib.sha256(b"whole font").hexdigest(),
        axes=("wght=400:700",),
        sha256=hashlib.sha256(b"part of it").hexdigest(),
    )
    package.made["made/part.woff2"] = made
    return package, content


def test_a_font_of_ours_is_made_again_and_compared(one_font, monkeypatch):
    package, _content = one_font
    npm = vendor.subprocess.run
    written = [b"something else", b"part of it"]

    def run(command, **options):
        if command[0] == "npm":
            return npm(command, **options)
        assert options["env"]["SOURCE_DATE_EPOCH"] == "0"
        if command[1] == "subset":
            target = command[-1].removeprefix("--output-file=")
            Path(target).write_bytes(written.pop(0))
        else:
            assert command[4] == "wght=400:700"
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(vendor.subprocess, "run", run)
    monkeypatch.setattr(vendor.shutil, "which", lambda _name: "/usr/bin/fonttools")
    with pytest.raises(CommandError, match="1 files differ"):
        call_command("vendor")
    call_command("vendor", "--write")
    assert (package.folder / "made/part.woff2").read_bytes() == b"part of it"


def test_without_fonttools_only_the_original_is_compared(one_font, monkeypatch, capsys):
    _package, content = one_font
    monkeypatch.setattr(vendor.shutil, "which", lambda _name: None)
    call_command("vendor")
    assert "was not made again" in capsys.readouterr().out
    content["package/full.woff2"] = b"another font"
    with pytest.raises(CommandError, match="1 files differ"):
        call_command("vendor")
