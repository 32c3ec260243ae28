"""``python -m bench NAME [options]``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run the benchmark named, or say which there are."""
    names = sorted(path.stem for path in HERE.glob("[a-z]*.py"))
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        print("make bench NAME=…, one of:")
        for name in names:
            print(f"  {name:<10} {(import_module(f'bench.{name}').__doc__ or '').strip().splitlines()[0]}")
        return 2
    import_module(f"bench.{sys.argv[1]}").main(sys.argv[2:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
