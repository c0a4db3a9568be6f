"""A dispatcher in a real Chromium: a shipment goes to another load for the cost that was shown, and the load is approved."""

from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import Page, expect
from test_tower_browser import BROKEN, decided_by_a_cycle, enter, settled
from tower_process import Tower

from oms_dagster.domain.routes.moves import Move
from oms_dagster.road_router import by_road
from oms_dagster.settings import Home
from oms_dagster.warehouse.connect import reader
from oms_dagster.warehouse.dispatch import possible_moves

pytestmark = pytest.mark.browser

REASON = "the customer asked for the other driver"
#: Pixels from the top of a board to the middle of its first row, and from row to row.
FIRST_ROW, ROW = 51, 33


def small_vans(tower: Tower) -> None:
    """Cheap own vehicles with room for eight stops, and a cycle with them: the evening's shipments take several loads."""
    with reader(tower.home.current) as connection:
        vehicles = connection.execute(
            "select vehicle_id as vehicle_code, location_id as location_code, driver_id as driver_code, 8 as max_stops,"
            " 0 as cost_day, 1 as cost_hour, 0.01 as cost_km, * exclude (vehicle_id, location_id, driver_id, max_stops, cost_day,"
            " cost_hour, cost_km, as_of, cycle_id) from marts.vehicles"
        ).df()
    vehicles.to_csv(tower.home.inbox / "vehicles" / "small.csv", index=False)
    decided_by_a_cycle(tower)


def a_move(home: Home) -> tuple[str, str, Move]:
    """A shipment of a planned load that another one can take: location, shipment, the best move."""
    with reader(home.current) as connection:
        riding = connection.execute(
            "select l.location_id, a.shipment_id from marts.loads as l inner join marts.load_shipments as a on l.load_id = a.load_id"
            " where l.mode = 'own_fleet' and l.status = 'planned' and not l.is_locked order by 1, 2"
        ).fetchall()
    for location_id, shipment_id in riding:
        fitting = [
            move for move in possible_moves(home.current, shipment_id, partial(by_road, home)) if move.is_feasible
        ]
        if fitting:
            return location_id, shipment_id, fitting[0]
    pytest.fail("the demo leaves no shipment that another load could take")


def load_of(home: Home, shipment_id: str) -> str:
    with reader(home.current) as connection:
        return str(
            connection.execute(
                "select load_id from marts.load_shipments where shipment_id = ?", [shipment_id]
            ).fetchall()[0][0]
        )


def row_of(home: Home, location_id: str, load_id: str) -> int:
    """Which row of the load board a load has, from 0, on the newest day of its location."""
    with reader(home.current) as connection:
        loads = connection.execute(
            "select l.load_id from marts.loads as l inner join marts.locations as o on l.location_id = o.location_id"
            " where l.location_id = ? and cast(timezone(o.timezone, l.planned_departure) as date) ="
            " (select max(cast(timezone(o.timezone, l.planned_departure) as date)) from marts.loads as l"
            " inner join marts.locations as o on l.location_id = o.location_id)"
            " order by l.mode desc, l.planned_departure, l.load_id",
            [location_id],
        ).fetchall()
    return [row[0] for row in loads].index(load_id)


def open_load(screen: Page, tower: Tower, location_id: str, load_id: str) -> None:
    """The page Loads with one load selected."""
    screen.goto(f"{tower.url}/loads")
    settled(screen)
    screen.get_by_role("radio", name=location_id, exact=True).click()
    settled(screen)
    board = screen.get_by_test_id("stDataFrame").first
    board.scroll_into_view_if_needed()
    board.click(position={"x": 18, "y": FIRST_ROW + ROW * row_of(tower.home, location_id, load_id)})
    settled(screen)
    expect(screen.get_by_role("heading", name=load_id)).to_be_visible()


def send(screen: Page, button: str) -> None:
    """Give the reason in the form with this button, and send."""
    pressed = screen.get_by_role("button", name=button)
    form = screen.get_by_test_id("stForm").filter(has=pressed)
    form.get_by_label("Reason (others will read it)").fill(REASON)
    form.get_by_role("button", name=button).click()
    expect(screen.get_by_text("sent: the next cycle decides").first).to_be_visible()


def test_a_shipment_is_moved_for_the_cost_shown_and_its_new_load_is_approved(tower: Tower, screen: Page) -> None:
    small_vans(tower)
    location_id, shipment_id, move = a_move(tower.home)
    enter(screen, tower, "Dina, dispatcher")
    open_load(screen, tower, location_id, load_of(tower.home, shipment_id))
    field = screen.get_by_label("Shipment", exact=True)
    field.click()
    field.fill(shipment_id)
    field.press("Enter")
    settled(screen)
    send(screen, f"Move for {move.cost_cents / 100:+,.2f}")
    assert load_of(tower.home, shipment_id) != move.load_id, "a command is no fact yet: only a cycle makes it one"
    decided_by_a_cycle(tower)
    assert load_of(tower.home, shipment_id) == move.load_id

    open_load(screen, tower, location_id, move.load_id)
    screen.get_by_role("radio", name="Approve", exact=True).click()
    settled(screen)
    send(screen, "Approve")
    decided_by_a_cycle(tower)
    expect(screen.locator(BROKEN)).to_have_count(0)
    with reader(tower.home.current) as connection:
        found = connection.execute(
            "select status, is_locked from marts.loads where load_id = ?", [move.load_id]
        ).fetchall()
    assert found == [("approved", True)]
