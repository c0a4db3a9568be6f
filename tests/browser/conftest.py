"""A real Chromium in front of a control tower.

A machine without a browser fails these tests with the command that mends it: they are never skipped.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright
from tower_process import PATIENCE_S, Tower, serve

from oms_dagster.settings import Home

NAMES = ("chromium", "chromium-browser", "google-chrome")
MENDED_BY = "no Chromium: run `apt-get install chromium` as root, or `.venv/bin/playwright install chromium`"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the PATH, else Playwright's own."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        except Error as error:
            pytest.fail(f"{MENDED_BY} ({str(error).splitlines()[0]})", pytrace=False)
        yield browser
        browser.close()


@pytest.fixture
def tower(own_home: Home) -> Iterator[Tower]:
    """Streamlit on the demo days, in a home of the test's own."""
    with serve(own_home) as running:
        yield running


@pytest.fixture
def screen(chromium: Browser) -> Iterator[Page]:
    """A desk's screen."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PATIENCE_S * 1000)
    expect.set_options(timeout=PATIENCE_S * 1000)  # a busy machine is no failure
    yield page
    page.close()
