"""``make test-full``: every suite with real services, each started here and stopped again.

1. the whole suite on PostgreSQL (a server of our own in a temporary folder, listening on a socket);
2. journeys in headless Chromium;
3. crash and load runs, a tenth as long as ``make soak``.

A service that is not installed is named, and its suite fails: "everything" must not quietly mean less.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]


def find(program: str, *folders: str) -> str | None:
    """The newest ``program`` on PATH or in the usual places of Debian."""
    for pattern in folders:
        for path in sorted(Path("/").glob(pattern.lstrip("/") + "/" + program), reverse=True):
            return str(path)
    return shutil.which(program)


@contextmanager
def postgresql():
    """A PostgreSQL of our own; yields its DATABASE_URL."""
    initdb, postgres = (find(name, "/usr/lib/postgresql/*/bin") for name in ("initdb", "postgres"))
    if not initdb or not postgres:
        raise SystemExit("PostgreSQL 15 or later is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="entraide-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        folder.chmod(0o755)
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = folder / "data"
    subprocess.run(
        [*as_user, initdb, "-D", data, "-U", "entraide", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
    server = subprocess.Popen(
        [
            *as_user,
            postgres,
            "-D",
            data,
            "-k",
            folder,
            "-c",
            "listen_addresses=",
            "-c",
            "max_connections=200",
        ],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("wb"),
    )
    try:
        ready = find("pg_isready", "/usr/lib/postgresql/*/bin") or "pg_isready"
        for _ in range(100):
            if subprocess.run([ready, "-q", "-h", folder, "-U", "entraide"], check=False).returncode == 0:
                break
            subprocess.run(["sleep", "0.1"], check=True)
        # The socket's folder stands in the host's place, so that pg_dump and a second process find it too.
        yield f"postgresql://entraide@{quote(str(folder), safe='')}:5432/postgres"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def run(title: str, arguments: list[str], **environment: str) -> bool:
    """Run pytest once with a headline; True when it passed (or had nothing to run)."""
    print(f"\n=== {title}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env={**os.environ, **environment}, check=False
    )
    return done.returncode == 0


def main() -> int:
    """Run the suites named on the command line, or all of them."""
    wanted = set(sys.argv[1:]) or {"postgresql", "browser", "crashes"}
    passed = {}
    if "postgresql" in wanted:
        with postgresql() as url:
            passed["postgresql"] = run("the suite on PostgreSQL", ["-n", "2"], DATABASE_URL=url)
            passed["postgresql service tests"] = run(
                "tests that need PostgreSQL",
                ["-n", "0", "-m", "service", "-o", "addopts=-q --import-mode=importlib"],
                DATABASE_URL=url,
            )
    if "browser" in wanted:
        passed["browser"] = run(
            "journeys in Chromium", ["-n", "0", "-m", "browser", "-o", "addopts=-q --import-mode=importlib"]
        )
    if "crashes" in wanted:
        passed["crashes"] = run(
            "crashes and load, short", ["-n", "0", "-m", "slow", "-o", "addopts=-q --import-mode=importlib"]
        )
    print()
    for suite, good in passed.items():
        print(f"{'passed' if good else 'FAILED'}: {suite}")
    return 0 if all(passed.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
