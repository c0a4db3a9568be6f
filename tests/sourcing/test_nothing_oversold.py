"""Whatever comes in whatever order, no plan promises more than there will be, and what is cancelled is free again everywhere."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planning import Planning

PLACES = ("LON", "MAN")
#: What one example leaves behind; the clock runs on.
WRITTEN = (
    *(f"facts.{name}" for name in ("orders", "order_lines", "line_events", "stock_movements", "supply")),
    *(f"facts.{name}_events" for name in ("promise", "backorder", "cover")),
    "plans.promises",
    "plans.backorders",
)
units, place = st.integers(1, 9), st.sampled_from(PLACES)
event = st.one_of(
    st.tuples(st.just("order"), units, st.integers(0, 6)),
    st.tuples(st.just("receipt"), units, place),
    st.tuples(st.just("count finds less"), units, place),
    st.tuples(st.just("supply"), units, st.integers(0, 9), place),
    st.tuples(st.just("supply falls away")),
    st.tuples(st.just("transfer"), units, place),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("release")),
    st.tuples(st.just("dispatch")),
)


class Trade:
    """What happens to one SKU at two places, as facts."""

    def __init__(self, desk: Planning) -> None:
        self.desk, self.orders, self.supplies = desk, 0, 0

    def happen(self, what: str, *said: Any) -> None:
        getattr(self, what.replace(" ", "_"))(*said)

    def order(self, quantity: int, days: int) -> None:
        self.orders += 1
        later = {"ship_after": self.desk.as_of + timedelta(days=days)} if days else {}
        self.desk.order(f"o{self.orders}", "C1", [("TEA", quantity, 10)], minutes_ago=5, **later)

    def receipt(self, quantity: int, where: str) -> None:
        self.desk.stock("TEA", quantity, location=where)

    def count_finds_less(self, quantity: int, where: str) -> None:
        self.desk.stock("TEA", -quantity, location=where)

    def supply(self, quantity: int, days: int, where: str) -> None:
        self.supplies += 1
        self.desk.supply(f"PO{self.supplies}", "TEA", quantity, days, where)

    def supply_falls_away(self) -> None:
        if self.supplies:
            self.desk.supply(f"PO{self.supplies}", "TEA", 0, 1, status="cancelled")

    def transfer(self, quantity: int, to: str) -> None:
        giver = next(other for other in PLACES if other != to)
        self.desk.put("supply", message_id=self.desk.number(), supply_id=f"TO-{self.desk.number()}", kind="transfer", sku_code="TEA",
                      location_code=to, from_location_code=giver, quantity=quantity, due_date=self.desk.as_of.date() + timedelta(days=2),
                      status="confirmed", event_at=self.desk.as_of)  # fmt: skip

    def cancel(self, number: int) -> None:
        line = f"o{number}-1"
        ordered = self.desk.rows(
            f"select sum(quantity_added) as q from facts.order_lines where order_line_id = '{line}'"
        )
        if ordered[0]["q"] is None:
            return
        held = [(bucket, where, quantity) for (one, bucket, where), quantity in self.ledger().items() if one == line]
        gone = sum(quantity for bucket, _, quantity in held if bucket != "open")
        for bucket, where, quantity in held:
            if bucket == "released" and quantity > 0:
                self.move(line, "released", "cancelled", quantity, where)
        if ordered[0]["q"] > gone:
            self.move(line, "open", "cancelled", ordered[0]["q"] - gone, None)

    def release(self) -> None:
        """What is promised from stock for today, as far as it is still there."""
        for row in self.desk.rows("select * from plans.promises order by order_line_id, location_id"):
            taken = sum(
                q for (line, bucket, _), q in self.ledger().items() if line == row["order_line_id"] and bucket != "open"
            )
            (asked,) = self.desk.rows(
                f"select sum(quantity_added) as q from facts.order_lines where order_line_id = '{row['order_line_id']}'"
            )
            quantity = min(row["quantity"], asked["q"] - taken, self.free(row["location_id"]))
            if row["ship_date"] <= self.desk.as_of.date() and quantity > 0:
                self.move(row["order_line_id"], "open", "released", quantity, row["location_id"])

    def dispatch(self) -> None:
        for (line, bucket, where), quantity in self.ledger().items():
            if bucket == "released" and 0 < quantity <= self.on_hand()[where]:
                self.move(line, "released", "shipped", quantity, where)
                self.desk.stock("TEA", -quantity, location=where)

    # the same figures from nothing but facts

    def move(self, line: str, source: str, target: str, quantity: Decimal, where: str | None) -> None:
        self.desk.put("line_events", event_id=self.desk.number(), order_line_id=line, from_bucket=source, to_bucket=target, quantity=quantity,
                      location_id=where, event_at=self.desk.as_of, actor="test", assumed=False)  # fmt: skip

    def ledger(self) -> dict[tuple[str, str, str], Decimal]:
        """Units of each line in a bucket at a place."""
        found: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for row in self.desk.rows("select * from facts.line_events"):
            found[row["order_line_id"], row["to_bucket"], row["location_id"]] += row["quantity"]
            if row["from_bucket"] != "open":
                found[row["order_line_id"], row["from_bucket"], row["location_id"]] -= row["quantity"]
        return found

    def on_hand(self) -> dict[str, Decimal]:
        rows = self.desk.rows("select location_id, sum(quantity) as q from facts.stock_movements group by 1")
        return defaultdict(Decimal, {row["location_id"]: row["q"] for row in rows})

    def free(self, where: str) -> Decimal:
        """On hand that no released work holds and no transfer takes."""
        reserved = sum(q for (_, bucket, at), q in self.ledger().items() if bucket == "released" and at == where)
        (leaving,) = self.desk.rows(
            f"select coalesce(sum(quantity), 0) as q from facts.supply where from_location_code = '{where}'"
        )
        return max(Decimal(0), self.on_hand()[where] - reserved - leaving["q"])

    def coming(self, where: str, until: date, today: date) -> Decimal:
        """Confirmed supply that is there by a day; what is overdue may come tomorrow."""
        newest: dict[str, dict[str, Any]] = {}
        for row in self.desk.rows("select * from facts.supply order by cycle_seq, event_at, message_id"):
            newest[row["supply_id"]] = row
        return sum(
            (row["quantity"] for row in newest.values() if row["location_code"] == where and row["status"] == "confirmed"
             and max(row["due_date"], today + timedelta(days=1)) <= until),
            Decimal(0),
        )  # fmt: skip


def check(trade: Trade, today: date) -> None:
    promises = trade.desk.rows("select * from plans.promises")
    for where in PLACES:
        for day in {row["ship_date"] for row in promises}:
            promised = sum(r["quantity"] for r in promises if r["location_id"] == where and r["ship_date"] <= day)
            assert promised <= trade.free(where) + trade.coming(where, day, today), (where, day)
    for line in {row["order_line_id"] for row in promises}:
        (asked,) = trade.desk.rows(
            f"select sum(quantity_added) as q from facts.order_lines where order_line_id = '{line}'"
        )
        gone = sum(q for (one, bucket, _), q in trade.ledger().items() if one == line and bucket != "open")
        assert sum(r["quantity"] for r in promises if r["order_line_id"] == line) <= asked["q"] - gone


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(event, max_size=4), min_size=1, max_size=4))
def test_nothing_is_oversold_in_any_interleaving(planning: Planning, days: list[list[tuple[Any, ...]]]) -> None:
    """Orders, receipts, counts, supply that comes and falls away, transfers, releases, dispatches and cancels, with a plan between."""
    for table in WRITTEN:
        planning.connection.execute(f"delete from {table}")
    trade = Trade(planning)
    trade.receipt(10, "LON")
    for events in days:
        for what in events:
            trade.happen(*what)
        today = planning.as_of.date()
        planning.cycle(hours=24)
        check(trade, today)


def atp(planning: Planning) -> list[dict[str, Any]]:
    planning.build()
    return planning.rows("from intermediate.int_atp__by_day order by all")


def test_a_cancelled_order_is_free_again_at_every_place(planning: Planning) -> None:
    """Promised at both, a part of it released."""
    planning.stock("TEA", 4)
    planning.stock("TEA", 5, location="MAN")
    before = atp(planning)
    trade = Trade(planning)
    trade.order(9, 0)
    planning.cycle()
    assert {
        where for where in PLACES for r in planning.rows("select * from plans.promises") if r["location_id"] == where
    } == set(PLACES)
    trade.move("o1-1", "open", "released", Decimal(3), "MAN")
    planning.cycle()
    assert atp(planning) != before
    trade.cancel(1)
    planning.cycle()
    assert planning.rows("from plans.promises") == []
    assert atp(planning) == before


@pytest.mark.parametrize(("first", "second"), [(6, 8), (8, 6)])
def test_a_later_promise_is_not_robbed(planning: Planning, first: int, second: int) -> None:
    """Ten are there. One order ships in five days, the next wants its units today: it may have what the first leaves."""
    planning.stock("TEA", 10)
    trade = Trade(planning)
    trade.order(first, 5)
    planning.cycle()
    trade.order(second, 0)
    planning.cycle()
    given = {line: quantity for line, (_, quantity, _) in planning.promised().items()}
    assert given == {"o1-1": first, "o2-1": 10 - first}


def test_an_accepted_transfer_is_its_givers_no_more_until_it_has_left(planning: Planning) -> None:
    def there() -> list[tuple[str, int, int]]:
        return [(r["location_id"], r["day_index"], int(r["cumulative_atp"])) for r in atp(planning)]

    def moved(kind: str, quantity: int, where: str) -> None:
        (supply,) = planning.rows("select supply_id from facts.supply")
        planning.put("stock_movements", movement_id=kind, kind=kind, stock_status="usable", sku_id="TEA", location_id=where, quantity=quantity,
                     reference=supply["supply_id"], event_at=planning.as_of)  # fmt: skip

    planning.stock("TEA", 10)
    planning.stock("TEA", 1, location="MAN")
    Trade(planning).transfer(6, "MAN")
    assert there() == [("LON", 0, 4), ("MAN", 0, 1), ("MAN", 2, 7)]
    moved("transfer_out", -5, "LON")
    assert there() == [("LON", 0, 4), ("MAN", 0, 1), ("MAN", 2, 7)], "one has yet to leave"
    (line,) = planning.rows(
        "select quantity_in_transit as road, quantity_to_leave as left_over from intermediate.int_supply__open"
    )
    assert (line["road"], line["left_over"]) == (5, 1)
    moved("transfer_in", 5, "MAN")
    assert there() == [("LON", 0, 4), ("MAN", 0, 6), ("MAN", 2, 7)]
