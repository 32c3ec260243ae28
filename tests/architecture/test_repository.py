"""The repository itself: no address of a registry, no path of a machine, locks whole, files small."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked() -> list[Path]:
    """Files under version control, or every file where there is none (an unpacked archive)."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_registry_address_and_no_path_of_a_machine() -> None:
    hosts = "|".join([r"pypi\." + "org", "python" + "hosted", r"registry\." + "npmjs", r"deb\." + "debian"])
    paths = r"(?<![A-Za-z0-9_.])/(?:wo" + r"rk|fa" + r"rm|root/\.)[/A-Za-z]"
    bad = re.compile(f"{hosts}|{paths}")
    for path in tracked():
        if path.suffix in {".woff2", ".png", ".jpg", ".ico", ".gz"}:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            found = bad.search(line)
            assert not found, f"{path.relative_to(ROOT)}:{number}: {found.group()}"


def test_every_locked_package_has_a_hash_and_every_direct_one_says_why() -> None:
    for name in ("base", "dev"):
        lock = (ROOT / "requirements" / f"{name}.txt").read_text()
        for block in re.split(r"\n(?=\S)", lock):
            if "==" in block.split("\n")[0]:
                assert "--hash=sha256:" in block, block.split("\n")[0]
        assert "--index-url" not in lock
        assert "--find-links" not in lock
        for line in (ROOT / "requirements" / f"{name}.in").read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                reason = line.partition("#")[2].strip()
                trivial = name == "dev"
                assert reason or trivial, f"requirements/{name}.in: {line} does not say why"


def test_no_data_of_others_is_committed() -> None:
    for path in tracked():
        assert path.stat().st_size < 2_000_000, f"{path.relative_to(ROOT)} is larger than 2 MB"
