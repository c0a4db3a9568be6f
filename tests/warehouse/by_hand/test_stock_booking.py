"""From the stock feed to movements: lots, counts at an instant whatever comes late, serial numbers."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from itertools import permutations

import duckdb
import pytest
from house import MUG, SITE, TEA, House, at
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse import stock
from oms_dagster.warehouse.tables import TABLES
from oms_dagster.warehouse.write import append


def told(
    house: House, movement: str, kind: str, quantity: int, hour: int, lot: str | None = None, **more: object
) -> None:
    house.put("facts.stock", message_id=movement, movement_id=movement, kind=kind, sku_code="TEA", location_code=SITE, quantity=quantity,
              event_at=at(hour), lot_id=lot, **more)  # fmt: skip


def lots(house: House) -> dict[str | None, int]:
    return {
        lot: int(q)
        for lot, q in house.rows(
            "select lot_id, sum(quantity) from facts.stock_movements group by 1 having sum(quantity) <> 0"
        )
    }


class TestCounts:
    def test_a_count_of_a_lot_says_nothing_about_the_other_lots(self, house: House) -> None:
        told(house, "a", "receipt", 10, 6, "A")
        told(house, "b", "receipt", 10, 6, "B")
        told(house, "c", "count", 7, 8, "A")
        house.book()
        assert lots(house) == {"A": 7, "B": 10}

    def test_a_receipt_from_before_the_count_that_is_told_after_it_was_in_the_count(self, house: House) -> None:
        """Regression: the late receipt came on top of what had been counted, five units that nobody has."""
        told(house, "c", "count", 7, 8)
        house.book()
        house.next_cycle()
        told(house, "late", "receipt", 5, 7)
        house.book()
        assert house.on_hand() == 7
        assert house.rows("select movement_id, quantity, reason_code, event_at from facts.stock_movements where kind = 'count' order by 1") == [
            ("c", 7, "COUNT", at(8)), ("c#late-3", -5, "LATE", at(8)),
        ]  # fmt: skip

    def test_a_receipt_after_the_count_comes_on_top(self, house: House) -> None:
        told(house, "c", "count", 7, 8)
        house.book()
        house.next_cycle()
        told(house, "later", "receipt", 5, 9)
        house.book()
        assert house.on_hand() == 12

    def test_two_counts_and_a_movement_between_them_that_comes_last_change_the_second_alone(self, house: House) -> None:
        told(house, "c1", "count", 7, 8)
        told(house, "c2", "count", 4, 10)
        house.book()
        house.next_cycle()
        told(house, "out", "scrap", -2, 9)
        house.book()
        assert house.on_hand() == 4
        assert house.rows("select movement_id, quantity from facts.stock_movements where reason_code = 'LATE'") == [
            ("c2#late-3", 2)
        ]

    def test_booked_again_by_a_cycle_that_is_done_again_nothing_changes(self, house: House) -> None:
        told(house, "c", "count", 7, 8)
        house.book()
        house.next_cycle()
        told(house, "late", "receipt", 5, 7)
        house.book()
        assert house.book()["stock"] == 0
        assert house.on_hand() == 7

    @pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
    def test_in_whatever_order_they_come_the_same_is_there(self, house: House, order: tuple[int, ...]) -> None:
        facts = (("in", "receipt", 9, 6), ("c1", "count", 7, 8), ("out", "scrap", -2, 9), ("c2", "count", 6, 10))
        for number in order:
            told(house, *facts[number])
            house.book()
            house.next_cycle()
        assert house.on_hand() == 6


events = st.lists(
    st.tuples(
        st.sampled_from(["receipt", "scrap", "count"]), st.integers(1, 9), st.integers(0, 9), st.sampled_from([None, "A", "B"])
    ),
    max_size=8,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(events, st.randoms())
def test_at_each_count_the_fold_is_what_was_counted(
    found: list[tuple[str, int, int, str | None]], dice: object
) -> None:
    """Late or in time, lot by lot or all lots: the last count of an instant holds at it. (A count of one instant and lot only once.)"""
    connection = duckdb.connect()
    connection.execute("create schema facts")
    for table in ("stock", "stock_movements", "cycles", "floor", "order_lines", "reference_versions", "exceptions"):
        connection.execute(TABLES[f"facts.{table}"].create_sql())
    rows = [
        {"movement_id": f"m{n}", "message_id": f"m{n}", "kind": kind, "sku_code": "TEA", "location_code": SITE, "lot_id": lot,
         "quantity": Decimal(-units if kind == "scrap" else units), "event_at": at(hour)}
        for n, (kind, units, hour, lot) in enumerate(found)
    ]  # fmt: skip
    dice.shuffle(rows)  # type: ignore[attr-defined]
    for seq, row in enumerate(rows, 1):
        append(connection, "facts.stock", [{**row, "cycle_seq": seq}])
        stock.apply_stock(connection, Cycle(seq, at(12), 1))
    counts = [r for r in rows if r["kind"] == "count"]
    for row in counts:
        rivals = [r for r in counts if r["event_at"] == row["event_at"] and r is not row]
        if not rivals:
            assert _fold(connection, row["event_at"], row["lot_id"]) == row["quantity"]


def _fold(connection: duckdb.DuckDBPyConnection, until: datetime, lot: str | None) -> Decimal:
    sql = "select coalesce(sum(quantity), 0) from facts.stock_movements where event_at <= $until and ($lot is null or lot_id = $lot)"
    return Decimal(connection.execute(sql, {"until": until, "lot": lot}).fetchall()[0][0])


class TestTransfers:
    def test_what_left_and_did_not_come_is_neither_lost_nor_there(self, house: House) -> None:
        told(house, "open", "opening", 10, 5)
        told(house, "out", "transfer_out", -6, 7, reference="T1")
        house.put("facts.stock", message_id="in", movement_id="in", kind="transfer_in", sku_code="TEA", location_code="KAS", quantity=4,
                  event_at=at(9), reference="T1")  # fmt: skip
        house.book()
        there = dict(house.rows("select location_id, sum(quantity) from facts.stock_movements group by 1"))
        on_the_way = house.rows(
            "select -sum(quantity) from facts.stock_movements where kind in ('transfer_out', 'transfer_in')"
        )
        assert (there, on_the_way) == ({SITE: 4, "KAS": 4}, [(2,)])


class TestLotsOnTheFloor:
    @pytest.fixture
    def house(self, house: House) -> House:
        """Five of lot A and five of lot B released for one line, a task each."""
        told(house, "a", "receipt", 5, 5, "A")
        told(house, "b", "receipt", 5, 5, "B")
        house.book()
        house.put(
            "facts.shipments", shipment_id="S1", order_id="web-1", location_id=SITE, wave_id="W1", mode="own_fleet"
        )
        for lot in "AB":
            house.put("facts.pick_tasks", task_id=f"T-{lot}", wave_id="W1", order_line_id=TEA, shipment_id="S1", sku_id="TEA", lot_id=lot,
                      location_id=SITE, qty_to_pick=5)  # fmt: skip
            house.put("facts.shipment_lines", shipment_id="S1", order_line_id=TEA, sku_id="TEA", lot_id=lot, quantity=5)
            house.put("facts.line_events", event_id=f"release-{lot}", order_line_id=TEA, from_bucket="open", to_bucket="released", quantity=5,
                      location_id=SITE, document_id="S1", event_at=at(12), actor="commit", assumed=False, lot_id=lot)  # fmt: skip
        house.next_cycle()
        return house

    def held(self, house: House, bucket: str) -> dict[str | None, int]:
        """Units of the line in a bucket by lot, folded from the events."""
        return {
            lot: int(q)
            for lot, q in house.rows(
                f"select lot_id, sum(case when to_bucket = '{bucket}' then quantity else 0 end"
                f" - case when from_bucket = '{bucket}' then quantity else 0 end) as q from facts.line_events group by 1 having q <> 0"
            )
        }

    def test_a_scan_of_a_task_moves_the_units_of_its_lot(self, house: House) -> None:
        house.scan("s1", "pick", 5, task="T-B")
        house.book()
        assert (self.held(house, "picked"), self.held(house, "released")) == ({"B": 5}, {"A": 5})

    def test_what_was_not_found_is_off_the_stock_of_its_lot(self, house: House) -> None:
        house.scan("s1", "pick", 3, task="T-B", short="not_found")
        house.book()
        assert lots(house) == {"A": 5, "B": 3}
        assert (self.held(house, "released"), self.held(house, "picked")) == ({"A": 5}, {"B": 3})

    def test_packed_cancelled_and_back_from_the_door_the_lots_stay_with_their_units(self, house: House) -> None:
        house.scan("s1", "pick", 5, task="T-A", hour=8)
        house.scan("s2", "pick", 5, task="T-B", hour=8)
        house.scan("s3", "pack", 10, task="T-A", hour=9)
        house.book()
        assert self.held(house, "packed") == {"A": 5, "B": 5}
        for source, target in (("packed", "loaded"), ("loaded", "shipped")):
            for lot in "AB":
                house.numbers += 1
                house.put("facts.line_events", event_id=f"d{house.numbers}", order_line_id=TEA, from_bucket=source, to_bucket=target, quantity=5,
                          location_id=SITE, document_id="S1", event_at=at(13), actor="commit", assumed=False, lot_id=lot)  # fmt: skip
        house.next_cycle()
        house.door("d1", "refused", 7, TEA)
        house.door("d2", "absent", hour=11)
        house.book()
        assert (self.held(house, "refused"), self.held(house, "packed")) == ({"A": 5, "B": 2}, {"B": 3})
        assert lots(house) == {"A": 5, "B": 8}
        house.next_cycle()
        house.back("r1", "received", 7)
        house.back("r2", "inspected", 6, disposition="restock", hour=12)
        house.book()
        assert lots(house) == {"A": 10, "B": 9}


class TestSerialNumbers:
    def test_one_that_comes_in_while_it_is_there_is_an_exception(self, house: House) -> None:
        told(house, "in", "receipt", 1, 6, serial_number="N1")
        told(house, "again", "receipt", 1, 7, serial_number="N1")
        house.book()
        assert house.rows("select kind, key, explanation from facts.exceptions") == [
            ("SERIAL_TWICE", "TEA/N1", "serial number N1 of TEA came in while it was there")
        ]
        assert house.book() and len(house.rows("select 1 from facts.exceptions")) == 1

    def test_one_that_went_to_another_place_and_back_is_none(self, house: House) -> None:
        told(house, "in", "receipt", 1, 6, serial_number="N1")
        told(house, "out", "transfer_out", -1, 7, serial_number="N1", reference="T1")
        told(house, "back", "transfer_in", 1, 8, serial_number="N1", reference="T1")
        house.book()
        assert not house.rows("select 1 from facts.exceptions")

    def test_picked_twice_or_never_received_it_left_but_was_not_there(self, house: House) -> None:
        told(house, "in", "receipt", 1, 5, serial_number="N1")
        house.released()
        for scan in ("s1", "s2"):
            house.put("facts.floor", message_id=scan, scan_id=scan, kind="pick", task_id=f"T-{TEA}", order_line_id=TEA, quantity=1,
                      actor="ann", event_at=at(9, 3), serial_number="N1")  # fmt: skip
        house.book()
        assert [r[0] for r in house.rows("select explanation from facts.exceptions")] == [
            "serial number N1 of TEA left, but was not there"
        ]

    def test_a_pick_without_the_number_of_a_sku_that_is_kept_by_it(self, house: House) -> None:
        house.put(
            "facts.reference_versions",
            message_id="k",
            entity="skus",
            key="TEA",
            version=2,
            attributes='{"is_serial_tracked": true}',
            valid_from=at(1),
        )
        house.released()
        house.scan("s1", "pick", 10)
        house.scan("s2", "pick", 1, line=MUG, task="T-x")
        house.book()
        assert ("SERIAL_MISSING", TEA, "10") in house.exceptions()
        assert len([x for x in house.exceptions() if x[0] == "SERIAL_MISSING"]) == 1
