"""The README's pictures: pages of the control tower, taken from the demo home in a real Chromium.

Run it with `make pictures` after `make demo`. Belongs here: which pages, how large. Pictures are PNG with a reduced
palette, so that they stay small.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from oms_dagster import settings
from oms_dagster.warehouse.connect import reader

HERE = Path(__file__).resolve().parent
APP = settings.CHECKOUT / "apps" / "streamlit" / "serve.py"

#: Picture -> address of its page, and the part of the page to open.
PICTURES = {
    "overview": ("/", ""),
    "orders": ("/orders", "Timeline"),
    "holds": ("/holds", ""),
    "loads": ("/loads", ""),
    "sourcing": ("/sourcing", ""),
    "inventory": ("/inventory", ""),
}
WIDTH, HEIGHT, COLOURS, START_S = 1440, 1000, 256, 60
NARROW, NARROW_HEIGHT = 390, 844


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def tower(home: settings.Home) -> Iterator[str]:
    """The control tower of a home, on a port of its own, ended with the block.

    Raises
    ------
    RuntimeError
        It did not answer in time.
    """
    port = free_port()
    address = ["--server.address", "127.0.0.1", "--server.port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(APP), "--server.headless", "true", *address],
        env={**os.environ, "OMS_HOME": str(home.root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        give_up_at = time.monotonic() + START_S
        while True:
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except (urllib.error.URLError, OSError) as error:
                if time.monotonic() > give_up_at or process.poll() is not None:
                    raise RuntimeError(f"the control tower did not answer on {url} within {START_S} s") from error
                time.sleep(0.3)
        yield url
    finally:
        process.terminate()
        process.wait()


def settled(page: Page) -> None:
    """Wait until the page has been drawn whole."""
    page.wait_for_selector("[data-testid=stMain] h1")
    page.wait_for_timeout(500)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(1500)


def eventful_order(home: settings.Home) -> str:
    """The order whose story has the most to tell: it was held, moved and delivered."""
    with reader(home.current) as connection:
        found = connection.execute(
            "select l.order_id from marts.line_events as e inner join marts.order_lines as l on e.order_line_id = l.order_line_id"
            " inner join marts.order_holds as h on l.order_id = h.order_id group by 1"
            " order by count(distinct e.to_bucket) desc, count(*), 1 limit 1"
        ).fetchall()
    return str(found[0][0]) if found else ""


def browser_path() -> str | None:
    """A Chromium of the system; None: the one that Playwright has installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def keep(shot: bytes, file: Path) -> None:
    """Write a picture with a reduced palette."""
    picture = Image.open(BytesIO(shot)).convert("RGB").quantize(COLOURS, kmeans=1, dither=Image.Dither.NONE)
    picture.save(file, optimize=True)


def main() -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description="Take the README's pictures from the demo home.")
    parser.add_argument("--home", help="the home (default: $OMS_HOME)")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the pictures")
    parser.add_argument("--dark", action="store_true", help="in the dark theme")
    parser.add_argument("--narrow", action="store_true", help="as on a phone")
    args = parser.parse_args()
    home = settings.home(args.home)
    if not home.current.exists():
        print(f"{home.root} has published nothing yet: run `make demo` first", file=sys.stderr)
        return 1
    args.out.mkdir(parents=True, exist_ok=True)
    width, height = (NARROW, NARROW_HEIGHT) if args.narrow else (WIDTH, HEIGHT)
    with tower(home) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": width, "height": height}, color_scheme="dark" if args.dark else "light"
        )
        page.goto(url)
        page.get_by_role("button", name="Ada, admin").click()
        told = eventful_order(home)
        for name, (path, part) in PICTURES.items():
            page.goto(f"{url}{path}?order={told}" if name == "orders" else url + path)
            settled(page)
            if name == "loads":  # the last whole day: of tomorrow only the first loads are planned
                page.get_by_role("combobox").first.click()
                page.get_by_role("option").nth(1).click()
                settled(page)
            if part:
                page.get_by_role("radio", name=part, exact=True).first.click()
                settled(page)
                page.locator("[data-testid=stMain] h3").first.evaluate("heading => heading.scrollIntoView()")
                page.wait_for_timeout(500)
            file = args.out / f"{name}{'-dark' if args.dark else ''}{'-narrow' if args.narrow else ''}.png"
            keep(page.screenshot(), file)
            print(f"{file.name}  {file.stat().st_size // 1024} kB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
