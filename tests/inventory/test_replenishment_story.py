"""From a suggestion to goods on the shelf: accepted, ordered, confirmed, received in two parts, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from stockroom import Stockroom

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse import commands
from oms_dagster.warehouse.commands import Issued


def accept(room: Stockroom, suggested: dict[str, Any]) -> str:
    """What the page sends for a suggestion; the id of the supply line that it made."""
    said = {name: str(suggested[name]) for name in ("kind", "location_id", "source", "quantity")} | {
        "due_date": "2026-03-09"
    }
    sent = Issued("b1", 1, "replenishment.accept", suggested["sku_id"], said, "paul", "low", room.as_of, None, None)
    commands.record(room.connection, [sent], Cycle(room.cycle_seq, room.as_of, 1))
    (outcome,) = room.rows("select outcome, outcome_reason from facts.commands")
    assert outcome["outcome"] == "accepted", outcome
    return "PO-b1"


def next_cycle(room: Stockroom) -> None:
    room.next_cycle(hours=24)
    room.run(everything=True)


def standing(room: Stockroom) -> dict[str, Any]:
    """What the planner sees of it."""
    (supply,) = room.rows("select status, cast(quantity_open as integer) as still_open from marts.supply")
    (position,) = room.rows(
        "select cast(on_hand as integer) as on_hand, cast(inbound as integer) as inbound from marts.inventory_positions"
    )
    suggested = room.rows("select quantity from marts.replenishment_suggestions")
    latest = room.rows("select cast(max(cumulative_atp) as integer) as q from intermediate.int_atp__by_day")
    return {**supply, **position, "suggested": len(suggested), "atp_in_the_end": latest[0]["q"]}


def test_a_suggestion_becomes_goods(stockroom: Stockroom) -> None:
    room = stockroom
    room.location("LON")
    room.reference("suppliers", "SUP", supplier_code="SUP", name="SUP", lead_time_days=3)
    room.sku("TEA", supplier_code="SUP", reorder_point=20, order_multiple=12, min_order_quantity=24)
    room.stock("TEA", 5)
    room.run(everything=True)
    (suggested,) = room.rows("select * from marts.replenishment_suggestions")
    assert (suggested["kind"], suggested["source"], int(suggested["quantity"])) == ("purchase", "SUP", 24)

    supply = accept(room, suggested)
    next_cycle(room)
    assert standing(room) == {
        "status": "draft",
        "still_open": 24,
        "on_hand": 5,
        "inbound": 24,
        "suggested": 0,
        "atp_in_the_end": 5,
    }

    room.supply(supply, "TEA", 24, days=3)
    next_cycle(room)
    assert standing(room) == {
        "status": "confirmed",
        "still_open": 24,
        "on_hand": 5,
        "inbound": 24,
        "suggested": 0,
        "atp_in_the_end": 29,
    }

    room.stock("TEA", 10, reference=supply)
    next_cycle(room)
    assert standing(room) == {
        "status": "confirmed",
        "still_open": 14,
        "on_hand": 15,
        "inbound": 14,
        "suggested": 0,
        "atp_in_the_end": 29,
    }

    room.stock("TEA", 14, reference=supply)
    next_cycle(room)
    assert standing(room) == {
        "status": "received",
        "still_open": 0,
        "on_hand": 29,
        "inbound": 0,
        "suggested": 0,
        "atp_in_the_end": 29,
    }


def test_stock_that_nobody_asked_for_yet_is_excess_after_four_weeks(stockroom: Stockroom) -> None:
    """Regression: the day a warehouse opened, all that lay above the reorder points of the reference data was excess."""
    stockroom.location("LON")
    stockroom.sku("TEA", reorder_point=20)
    stockroom.stock("TEA", 100)
    found = []
    for hours in (0, 27 * 24, 24):
        stockroom.as_of += timedelta(hours=hours)
        stockroom.run(everything=True)
        found += stockroom.rows("select stock_status, cast(excess as integer) as excess from marts.inventory_positions")
    assert [tuple(row.values()) for row in found] == [("ok", 0), ("ok", 0), ("excess", 80)]
