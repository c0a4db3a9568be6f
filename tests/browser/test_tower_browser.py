"""The control tower in a real Chromium: a planner releases a hold, a cycle runs, and the order moves."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from tower_process import CHECKOUT, Tower, environment

from oms_dagster import journey
from oms_dagster.audit import verify_home
from oms_dagster.operations.access import change_user
from oms_dagster.operations.commands import list_commands
from oms_dagster.operations.demo_users import PASSWORD
from oms_dagster.operations.store import open_store
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


def enter(screen: Page, tower: Tower, who: str) -> None:
    """Sign in as one of the demo's users, by their button."""
    screen.context.clear_cookies()
    screen.goto(tower.url)
    screen.get_by_role("button", name=who).click()
    settled(screen)


def decided_by_a_cycle(tower: Tower) -> None:
    """One `oms cycle` in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "oms_dagster.cli", "cycle"],
        cwd=CHECKOUT, env=environment(tower.home), capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr


def choose_hold(screen: Page, tower: Tower, hold_type: str, order_id: str) -> None:
    """Find one hold in the queue and tick its box."""
    screen.goto(f"{tower.url}/holds")
    settled(screen)
    search = screen.get_by_placeholder("Type, order, customer")
    search.fill(f"{hold_type} {order_id}")
    search.press("Enter")
    queue = screen.get_by_test_id("stDataFrame").last
    expect(queue.locator("table[role=grid]")).to_have_attribute("aria-rowcount", "2")  # the heading and this hold
    settled(screen)
    queue.click(position={"x": 18, "y": 54})  # the box before the first row


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
    enter(screen, tower, "Ada, admin")
    for name in journey.PAGES:
        screen.goto(f"{tower.url}/{name}")
        settled(screen)
        expect(screen.locator(BROKEN), f"page {name}").to_have_count(0)
        expect(screen.get_by_text("This page failed")).to_have_count(0)


def test_a_released_hold_lets_the_order_move(tower: Tower, screen: Page) -> None:
    order_id, hold_id = held_order(tower.home)
    enter(screen, tower, "Ada, admin")
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

    decided_by_a_cycle(tower)

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


def two_holds(home: Home) -> tuple[str, list[tuple[str, str, str, Decimal]]]:
    """A family that credit may release, and two holds of it: id, type, order, amount at stake; the smaller first."""
    with reader(home.current) as connection:
        found = connection.execute(
            """
            select h.family, h.hold_id, h.hold_type, h.order_id, o.order_total_base
            from marts.order_holds as h inner join marts.orders as o on h.order_id = o.order_id
            where h.status = 'open' and h.is_releasable and h.family in ('credit', 'payment', 'fraud') and h.order_line_id is null
              and not o.is_test
            qualify count(*) over (partition by h.order_id, h.hold_type) = 1
            order by h.family = 'payment' desc, h.family, o.order_total_base, h.hold_id
            """
        ).fetchall()
    family = found[0][0]
    mine = [row[1:] for row in found if row[0] == family]
    assert mine[0][3] < mine[-1][3], "the demo leaves no two such holds of different amounts"
    return family, [mine[0], mine[-1]]


def test_credit_releases_within_the_limit_and_a_manager_approves_what_is_above(tower: Tower, screen: Page) -> None:
    family, (small, large) = two_holds(tower.home)
    limit = (small[3] + large[3]) / 2
    store = open_store(tower.home.operations_url)
    change_user(store, "cora", limits={f"hold.release.{family}": limit})
    main = screen.get_by_test_id("stMain")

    enter(screen, tower, "Cora, credit")
    for hold, answer in ((small, "the next cycle decides"), (large, "above your limit")):
        choose_hold(screen, tower, hold[1], hold[2])
        screen.get_by_label("Reason (others will read it)").fill(REASON)
        screen.get_by_role("button", name="Release 1 hold").click()
        expect(main.get_by_text(answer).first).to_be_visible()
    by_target = {command.target: command for command in list_commands(store)}
    assert not by_target[small[0]].needs_approval
    assert by_target[large[0]].needs_approval

    decided_by_a_cycle(tower)
    with reader(tower.home.current) as connection:
        known = dict(connection.execute("select hold_id, status from marts.order_holds").fetchall())
    assert (known[small[0]], known[large[0]]) == ("released", "open"), "the large one waits for somebody else"

    screen.goto(f"{tower.url}/audit")
    settled(screen)
    approve(screen, pick_only=True)
    expect(main.get_by_text("What you sent yourself, somebody else must decide.")).to_be_visible()
    expect(main.get_by_role("button", name="Approve 1 command")).to_have_count(0)

    enter(screen, tower, "Meg, manager")
    screen.goto(f"{tower.url}/audit")
    settled(screen)
    approve(screen)
    expect(main.get_by_text("sent: the next cycle decides").first).to_be_visible()
    decided_by_a_cycle(tower)
    with reader(tower.home.current) as connection:
        said = connection.execute(
            "select outcome, outcome_reason from marts.commands where target = ?", [large[0]]
        ).fetchall()
        status = connection.execute("select status from marts.order_holds where hold_id = ?", [large[0]]).fetchall()
    assert said[0][0] == "accepted" and said[0][1].endswith("(approved by meg)")
    assert status == [("released",)]
    assert [verdict.broken for _, verdict in verify_home(store, tower.home)] == ["", "", ""]
    store.close()


def approve(screen: Page, *, pick_only: bool = False) -> None:
    """On the Audit page: the one command that waits, approved."""
    screen.get_by_role("radio", name="To approve", exact=True).first.click()
    settled(screen)
    waiting = screen.get_by_test_id("stDataFrame").last
    expect(waiting.locator("table[role=grid]")).to_have_attribute("aria-rowcount", "2")
    waiting.click(position={"x": 18, "y": 54})
    settled(screen)
    if not pick_only:
        screen.get_by_label("Reason (others will read it)").fill("spoke to the customer")
        screen.get_by_role("button", name="Approve 1 command").click()


def test_nobody_sees_a_page_without_signing_in_and_signing_out_ends_it(tower: Tower, screen: Page) -> None:
    screen.goto(f"{tower.url}/holds")
    expect(screen.get_by_role("heading", name="Sign in")).to_be_visible()
    screen.get_by_label("User").fill("paul")
    screen.get_by_label("Password").fill("not his password")
    screen.get_by_role("button", name="Sign in", exact=True).click()
    expect(screen.get_by_role("alert")).to_contain_text("not right")
    screen.get_by_label("Password").fill(PASSWORD)
    screen.get_by_role("button", name="Sign in", exact=True).click()
    expect(screen.locator("h1", has_text="Holds")).to_be_visible()
    settled(screen)
    screen.get_by_text("Paul · planner").click()
    screen.get_by_role("button", name="Sign out everywhere").click()
    expect(screen.get_by_role("heading", name="Sign in")).to_be_visible()
    screen.goto(f"{tower.url}/holds")
    expect(screen.get_by_role("heading", name="Sign in")).to_be_visible()
