"""``make screenshots``: take the README's pictures, and a wider set to look at, from a running demonstration.

The README's go to docs/pictures; with ``--all FOLDER`` every important page is taken in desktop, phone, dark
and right-to-left, for human eyes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
]  # fmt: skip
README = [
    # name, path, who, width, height
    ("home", "/", "", 1280, 960),
    ("map", "/map/lumi/", "", 1280, 900),
    ("desk", "/desk/", "chandra", 1280, 1000),
    ("tell-phone", "/tell/lumi/", "", 390, 844),
    ("journal", "/journal/", "", 1280, 1000),
]
MOST_BYTES = 300_000  # a picture of the README
EVERY = {
    "": ["/", "/tour/", "/about/", "/causes/", "/causes/lumi/", "/map/", "/map/lumi/", "/list/lumi/", "/tell/",
         "/tell/lumi/", "/journal/", "/journal/1/", "/desk/", "/account/login/", "/account/signup/", "/places/",
         "/crisis/lumi/data/", "/design/", "/no/such/page"],
    "aina": ["/desk/", "/people/", "/people/rights/", "/causes/lumi/set-up/", "/crisis/lumi/", "/channels/lumi/doors/",
             "/crisis/lumi/set-up/categories/"],
    "chandra": ["/desk/"],
    "farida": ["/crisis/lumi/"],
}  # fmt: skip
LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "french": {"viewport": {"width": 1280, "height": 900}, "locale": "fr-FR"},
    "rtl": {"viewport": {"width": 1280, "height": 900}},
}


def demonstration() -> tuple[subprocess.Popen[str], dict[str, str], str]:
    """Start ``entraide demo``; returns the process, its address and password, and its home."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tempfile.mkdtemp(prefix="entraide-pictures-")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "entraide.website.command_line",
            "demo",
            "--port",
            str(port),
            "--quick",
            "--json",
        ],
        env={**os.environ, "ENTRAIDE_HOME": home, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            return process, json.loads(line), home
    raise SystemExit("the demonstration did not start")


def sign_in(page: Any, who: str, password: str) -> None:
    """Sign in through the form."""
    page.goto("/account/login/")
    page.fill("input[name=login]", f"{who}@demo.example")
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()


def take(
    browser: Browser, site: dict[str, str], who: str, paths: dict[str, str], look: str, **options: Any
) -> None:
    """Take several pages in one look; ``paths`` is address → file."""
    context = browser.new_context(
        base_url=site["url"], **{"locale": "en-GB", **LOOKS.get(look, {}), **options}
    )
    page = context.new_page()
    if who:
        sign_in(page, who, site["password"])
    for path, file in paths.items():
        page.goto(path)
        if path == "/desk/" and who and page.locator("[data-entraide-key=n]").count():
            page.locator("[data-entraide-key=n]").click()
            page.wait_for_selector(".desk-item")
        if path.startswith("/map/"):
            page.wait_for_selector("#crisis-map[data-ready]")
            page.wait_for_timeout(500)
            if look == "readme":
                page.locator("#crisis-map .crisis-mark").first.click()
                page.wait_for_selector(".crisis-card")
                page.mouse.move(0, 0)
                page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(400)
        if look == "rtl":
            page.evaluate("document.documentElement.dir = 'rtl'; document.documentElement.lang = 'ar'")
            page.wait_for_timeout(200)
        page.screenshot(path=file, full_page=look != "readme")
    context.close()


def main() -> None:
    """Take what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--site", nargs=2, metavar=("URL", "PASSWORD"), help="a demonstration that runs already"
    )
    parser.add_argument("--all", metavar="FOLDER", help="every important page in every look")
    parser.add_argument("--looks", default=",".join(LOOKS))
    options = parser.parse_args()
    process, site, home = None, {}, ""
    if options.site:
        site = dict(zip(("url", "password"), options.site, strict=True))
    else:
        process, site, home = demonstration()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
            if options.all:
                for look in options.looks.split(","):
                    for who, paths in EVERY.items():
                        folder = Path(options.all) / look
                        folder.mkdir(parents=True, exist_ok=True)
                        names = {
                            path: str(folder / f"{who or 'visitor'}{path.replace('/', '_').rstrip('_')}.png")
                            for path in paths
                        }
                        take(browser, site, who, names, look)
            else:
                PICTURES.mkdir(parents=True, exist_ok=True)
                for name, path, who, width, height in README:
                    viewport = {"width": width, "height": height}
                    file = PICTURES / f"{name}.png"
                    take(browser, site, who, {path: str(file)}, "readme", viewport=viewport)
                    if (size := file.stat().st_size) > MOST_BYTES:
                        raise SystemExit(f"{file.name} weighs {size} bytes, more than {MOST_BYTES}")
            browser.close()
    finally:
        if process:
            process.terminate()
            process.wait(20)
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
