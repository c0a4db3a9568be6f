"""Promises keep still: planned again on the same facts, a day later, or without the last plan, nothing moves."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from planning import Planning


@pytest.fixture
def market(planning: Planning) -> Planning:
    """Sixty orders over the country for eight SKUs, three of them short, and supply on its way; one cycle has promised."""
    draw = random.Random(7)
    planning.customer("C2", ship_complete=True)
    for sku in range(8):
        planning.sku(f"S{sku}")
        for place in ("LON", "MAN"):
            if amount := draw.randrange(0, 12 if sku < 3 else 60):
                planning.stock(f"S{sku}", amount, location=place)
            planning.supply(f"PO-{sku}-{place}", f"S{sku}", draw.randrange(5, 30), draw.randrange(2, 25), place)
    orders(planning, draw, 60, "o")
    planning.cycle(hours=1)
    return planning


def orders(planning: Planning, draw: random.Random, number: int, name: str) -> None:
    for n in range(number):
        lines = [(f"S{draw.randrange(8)}", draw.randrange(1, 6), 10) for _ in range(draw.randrange(1, 4))]
        planning.order(f"{name}{n:02}", draw.choice(["C1", "C1", "C2"]), lines, minutes_ago=draw.randrange(60, 3000), latitude=f"{draw.uniform(50.5, 56):.3f}",
                       longitude=f"{draw.uniform(-4, 0.5):.3f}", priority=draw.choice([2, 5, 5, 5, 8]),
                       ship_after=planning.as_of + timedelta(days=2))  # fmt: skip


def test_the_market_has_something_to_move(market: Planning) -> None:
    assert len(market.promised()) > 60
    assert len(market.waiting()) > 10
    assert len({place for place, _, _ in market.promised().values()}) == 2


def test_nothing_moves_without_new_facts(market: Planning) -> None:
    for _ in range(3):
        assert market.cycle(hours=1) == {}


def test_nothing_moves_when_a_day_passes(market: Planning) -> None:
    """All of it ships in two days or later: no promise falls due meanwhile."""
    market.as_of += timedelta(days=1)
    assert market.cycle() == {}


def test_nothing_moves_when_the_last_plan_is_lost(market: Planning) -> None:
    for (table,) in market.connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'plans' and table_name <> 'cycle'"
    ).fetchall():
        market.connection.execute(f"delete from plans.{table}")
    assert market.cycle() == {}


def test_a_few_new_orders_move_hardly_anything(market: Planning) -> None:
    """At most one in a hundred of the lines that were promised."""
    old = len(market.promised())
    orders(market, random.Random(8), 3, "n")
    moved = {line: told for line, told in market.cycle().items() if line.startswith("o")}
    assert len(moved) <= old / 100, moved


def test_a_promise_is_not_taken_back_for_an_order_that_would_gain_more(planning: Planning) -> None:
    """Regression: a new order for more units took the stock of an older promise, since a withdrawn promise cost nothing."""
    planning.customer("C2", ship_complete=True)
    planning.stock("TEA", 8)
    planning.order("old", "C1", [("TEA", 5, 10)])
    planning.cycle()
    planning.order("new", "C2", [("TEA", 6, 99)], minutes_ago=10)
    planning.cycle()
    assert {line: quantity for line, (_, quantity, _) in planning.promised().items()} == {"old-1": 5}


def test_a_promise_is_not_put_off_for_an_order_that_would_gain_more(planning: Planning) -> None:
    """Regression: an order that nobody waits for urgently was told a later day for half a pound, since a new one was in a hurry."""
    planning.stock("TEA", 5)
    planning.supply("PO", "TEA", 5, days=4)
    planning.order("old", "C1", [("TEA", 5, 10)])
    planning.cycle()
    told = planning.promised()["old-1"]
    planning.order("new", "C1", [("TEA", 5, 10)], minutes_ago=10, requested_to=planning.as_of)
    changes = planning.cycle()
    assert planning.promised()["old-1"] == told
    assert list(changes) == ["new-1"] and planning.promised()["new-1"][2] > told[2]


@pytest.fixture
def half_served(planning: Planning) -> Planning:
    """Four of eight are there, promised, and released in the cycle that promised them; the other four wait."""
    planning.stock("TEA", 4)
    planning.order("o", "C1", [("TEA", 8, 10)])
    assert planning.cycle(hours=1) == {"o-1": "first: first promise"}
    assert (planning.promised()["o-1"][1], planning.waiting()["o-1"]["quantity"]) == (4, 4)
    planning.cycle_seq -= 1
    planning.move("o-1", "open", "released", 4)
    planning.cycle_seq += 1
    return planning


def test_a_promise_that_was_kept_is_not_withdrawn_because_the_rest_waits(half_served: Planning) -> None:
    """Regression: all that was promised had gone to the floor, and the customer was told that no place may ship it."""
    for _ in range(2):
        assert half_served.cycle(hours=1) == {}


def test_the_rest_is_promised_as_a_thing_that_happened_not_as_a_plan_that_moved(half_served: Planning) -> None:
    """As many from the same place on the same day as before: it is said all the same, once."""
    half_served.stock("TEA", 4)
    assert half_served.cycle(hours=1) == {"o-1": "changed: the rest: all that was promised before was released"}
    before, rest = half_served.rows("select location_id, quantity, ship_date, parts, cause from facts.promise_events order by cycle_seq")  # fmt: skip
    assert rest == before | {"cause": "fact"}
    assert half_served.cycle(hours=1) == {}


def test_what_comes_back_from_the_floor_breaks_a_promise_that_was_kept(half_served: Planning) -> None:
    half_served.cycle(hours=1)
    half_served.move("o-1", "released", "open", 1)
    half_served.stock("TEA", -1)
    assert half_served.cycle(hours=1)["o-1"].startswith("withdrawn: ")


def test_the_rest_of_a_kept_promise_is_promised_when_it_is_let_go(half_served: Planning) -> None:
    half_served.stock("TEA", 4)
    half_served.put(
        "hold_events", hold_id="H1", event="placed", hold_type="MANUAL_USER", family="manual", scope="order",
        subject_id="o", order_id="o", actor="carol", reason="ask her", event_at=half_served.as_of,
    )  # fmt: skip
    assert half_served.cycle(hours=1) == {"o-1": "held: promised when it is let go: MANUAL_USER"}
    half_served.release("H1")
    assert half_served.cycle(hours=1) == {"o-1": "first: first promise, held until now: MANUAL_USER"}


@pytest.mark.parametrize("gone", ["cancelled", "released"])
def test_a_promise_of_which_a_part_is_left_is_withdrawn_with_its_stock(planning: Planning, gone: str) -> None:
    """Four of ten are promised; six are cancelled, or one is released: neither keeps the promise of the others."""
    planning.stock("TEA", 4)
    planning.order("o", "C1", [("TEA", 10, 10)])
    planning.cycle(hours=1)
    planning.move("o-1", "open", gone, 6 if gone == "cancelled" else 1)
    planning.stock("TEA", -4 if gone == "cancelled" else -3)
    assert planning.cycle(hours=1)["o-1"].startswith("withdrawn: ")
