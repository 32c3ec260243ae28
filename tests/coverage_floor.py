"""Hold branch coverage to its floors: 95 % over the foundations, 90 % over everything."""

from __future__ import annotations

import json
import sys
from pathlib import Path

FLOORS = {"src/entraide/foundations/": 95.0, "src/entraide/": 90.0}


def share(files: dict[str, dict[str, dict[str, float]]], prefix: str) -> float:
    """Covered statements and branches below ``prefix``, in per cent (coverage.py's own formula)."""
    covered = total = 0.0
    for name, entry in files.items():
        if name.startswith(prefix):
            summary = entry["summary"]
            covered += summary["covered_lines"] + summary["covered_branches"]
            total += summary["num_statements"] + summary["num_branches"]
    return 100 * covered / total if total else 0.0


def main(path: str) -> int:
    """Print each floor with what was reached; 1 when one is missed."""
    files = json.loads(Path(path).read_text())["files"]
    missed = 0
    for prefix, floor in FLOORS.items():
        reached = share(files, prefix)
        print(f"coverage of {prefix}: {reached:.1f} % (floor {floor:.0f} %)")
        missed += reached < floor
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
