"""The control tower in a real Chromium: a planner releases a hold, a cycle runs, and the order moves."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect
from tower_process import CHECKOUT, Tower, environment

from oms_dagster import journey
from oms_dagster.settings import Home
from oms_dagster.warehouse.connect import reader

pytestmark = pytest.mark.browser

REASON = "customer paid by telephone"
#: The badge of an order that a hold keeps back: its icon's name, then the word.
HELD = re.compile(r"^front_hand\s+held$")
BROKEN = '[data-testid="stException"], [data-testid="stAlertContentError"]'


def settled(screen: Page) -> None:
    """The page has drawn everything: nothing runs, nothing is a skeleton."""
    expect(screen.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(screen.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(screen.locator("h1")).to_have_count(1)


def held_order(home: Home) -> tuple[str, str]:
    """The order and hold that a person can release, where nothing else holds the order."""
    with reader(home.current) as connection:
        found = connection.execute(
            """
            select any_value(h.order_id), any_value(h.hold_id)
            from marts.order_holds as h inner join marts.orders as o on h.order_id = o.order_id
            where h.status = 'open' and not o.is_test
            group by h.order_id
            having count(*) = 1 and bool_and(h.is_releasable) and bool_and(h.blocks_release)
            order by 1 limit 1
            """
        ).fetchall()
    assert found, "the demo leaves no hold for a person to release"
    return str(found[0][0]), str(found[0][1])


def is_held(home: Home, order_id: str) -> bool:
    with reader(home.current) as connection:
        return bool(
            connection.execute("select is_held from marts.orders where order_id = ?", [order_id]).fetchall()[0][0]
        )


def test_every_page_draws_without_an_error(tower: Tower, screen: Page) -> None:
    for name in journey.PAGES:
        screen.goto(f"{tower.url}/{name}")
        settled(screen)
        expect(screen.locator(BROKEN), f"page {name}").to_have_count(0)
        expect(screen.get_by_text("This page failed")).to_have_count(0)


def test_a_released_hold_lets_the_order_move(tower: Tower, screen: Page) -> None:
    order_id, hold_id = held_order(tower.home)
    screen.goto(f"{tower.url}/orders?order={order_id}")
    settled(screen)
    main = screen.get_by_test_id("stMain")
    expect(main.get_by_text(HELD).first).to_be_visible()

    screen.goto(f"{tower.url}/holds")
    settled(screen)
    search = screen.get_by_placeholder("Type, order, customer")
    search.fill(order_id)
    search.press("Enter")
    queue = screen.get_by_test_id("stDataFrame").last
    expect(queue.locator("table[role=grid]")).to_have_attribute("aria-rowcount", "2")  # the heading and this hold
    settled(screen)
    queue.click(position={"x": 18, "y": 54})  # the box before the first row
    release = screen.get_by_role("button", name="Release 1 hold")
    expect(release).to_be_visible()
    screen.get_by_label("Reason (others will read it)").fill(REASON)
    release.click()
    expect(main.get_by_text("1 command pending")).to_be_visible()
    assert is_held(tower.home, order_id), "a command is no fact yet: only a cycle makes it one"

    ended = subprocess.run(
        [sys.executable, "-m", "oms_dagster.cli", "cycle"],
        cwd=CHECKOUT, env=environment(tower.home), capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr

    expect(main.get_by_text("No hold matches.")).to_be_visible()  # the open page has drawn the new copy by itself
    expect(main.get_by_text("1 command pending")).to_have_count(0)
    expect(screen.locator(BROKEN)).to_have_count(0)
    with reader(tower.home.current) as connection:
        assert connection.execute(
            "select status, clear_reason from marts.order_holds where hold_id = ?", [hold_id]
        ).fetchall() == [("released", REASON)]
    assert not is_held(tower.home, order_id)
    screen.goto(f"{tower.url}/orders?order={order_id}")
    settled(screen)
    expect(main.get_by_text(order_id).first).to_be_visible()
    expect(main.get_by_text(HELD)).to_have_count(0)
