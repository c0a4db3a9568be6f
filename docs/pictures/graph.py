"""The asset graph as a picture: the Dagster UI on a home, in a headless browser.

Run: ``python docs/pictures/graph.py`` with OMS_HOME set to a home (or after ``make demo``).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

from oms_dagster import settings

PICTURES = Path(__file__).parent


def main() -> None:
    home = settings.home()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "dagster_webserver", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)],
        cwd=settings.CHECKOUT,
        env={**os.environ, "DAGSTER_HOME": str(home.dagster), "OMS_HOME": str(home.root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(f"http://127.0.0.1:{port}/server_info")
        browser_path = next(
            (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
        )
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"http://127.0.0.1:{port}/asset-groups")
            page.get_by_text("capture", exact=True).first.wait_for(timeout=90_000)
            page.wait_for_timeout(4_000)
            page.screenshot(path=PICTURES / "graph.png")
            browser.close()
    finally:
        server.terminate()
        server.wait(30)


def wait(address: str) -> None:
    """Until the server answers, two minutes at most."""
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=2).read()
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"{address} did not answer")


if __name__ == "__main__":
    main()
