"""What is released, promised and shipped names its lots: those that expire first, and last long enough."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from house import ORDER, SITE, TEA, House
from planned import Plan

from oms_dagster.warehouse import lots


class TestLots:
    @pytest.fixture
    def plan(self, plan: Plan) -> Plan:
        """Six of lot OLD (to 10 March) and nine of NEW (to 30 June) on the shelf, ten asked for."""
        for lot, quantity, expiry in (("NEW", 9, date(2026, 6, 30)), ("OLD", 6, date(2026, 3, 10))):
            plan.add(
                "int_lots__free", sku_id="TEA", location_id=SITE, lot_id=lot, expiry=expiry, quantity=Decimal(quantity)
            )
        plan.add("int_orders__current", order_id=ORDER, customer_id="C1")
        plan.wave(TEA, 10, "web-1-DAV-1")
        return plan

    def test_a_wave_takes_what_expires_first_and_says_why(self, plan: Plan, house: House) -> None:
        plan.commit()
        assert house.rows("select lot_id, quantity from facts.line_events where to_bucket = 'released' order by 1") == [
            ("NEW", 4), ("OLD", 6),
        ]  # fmt: skip
        assert house.rows("select lot_id, qty_to_pick from facts.pick_tasks order by task_id") == [
            ("NEW", 4),
            ("OLD", 6),
        ]
        assert house.rows("select lot_id, quantity from facts.shipment_lines order by 1") == [("NEW", 4), ("OLD", 6)]
        assert house.rows("select lines from facts.waves") == [(1,)]
        assert house.rows("select chosen, because from facts.decisions where stage = 'release' order by 1") == [
            ("4.000 of lot NEW", "lot NEW expires first, on 2026-06-30, 118 days after delivery"),
            ("6.000 of lot OLD", "lot OLD expires first, on 2026-03-10, 6 days after delivery"),
        ]

    def test_a_shipment_that_no_lot_can_serve_waits_with_the_reason(self, plan: Plan, house: House) -> None:
        plan.add("int_customers__in_force", customer_id="C1", min_remaining_life_days=30)
        plan.commit()
        assert house.rows("select 1 from facts.line_events") == []
        assert house.rows("select subject_id, rule, reason from plans.left_out") == [
            ("web-1-DAV-1", "LOT-LIFE", "no lot of TEA at DAV lasts long enough for 1 of them")
        ]

    def test_what_leaves_takes_its_lots_off_the_stock(self, plan: Plan, house: House) -> None:
        plan.commit()
        house.connection.execute("update plans.cycle set cycle_seq = 3")
        house.next_cycle()
        house.connection.execute("delete from intermediate.int_wave_lines__planned")
        house.connection.execute("update intermediate.int_policies__in_force set value = 'dispatch'")
        house.load("L1", "web-1-DAV-1", due=True)
        plan.commit()
        assert house.rows("select lot_id, quantity from facts.stock_movements where kind = 'ship' order by 1") == [
            ("NEW", -4), ("OLD", -6),
        ]  # fmt: skip

    def promise(self, house: House, quantity: int, ship: date, line: str = TEA) -> None:
        house.put("plans.promises", order_line_id=line, order_id=ORDER, sku_id="TEA", location_id=SITE, quantity=quantity, ship_date=ship,
                  deliver_date=ship, cost=Decimal("10.00"), is_firm=False)  # fmt: skip

    @pytest.mark.parametrize(("day", "lot", "units"), [(10, "OLD", 6), (11, "NEW", 6)])
    def test_a_promise_names_the_lot_that_still_lasts_on_its_day(
        self, plan: Plan, house: House, day: int, lot: str, units: int
    ) -> None:
        self.promise(house, units, date(2026, 3, day))
        assert lots.fit_promises(house.connection) == 0
        assert house.rows("select lot_id, quantity from plans.promises") == [(lot, units)]

    def test_what_would_be_too_old_on_its_day_is_not_promised_but_waits(self, plan: Plan, house: House) -> None:
        self.promise(house, 10, date(2026, 3, 11))
        assert lots.fit_promises(house.connection) == 1
        assert house.rows("select quantity, cost from plans.promises") == [(9, Decimal("9.00"))]
        assert house.rows("select quantity, reason from plans.backorders") == [
            (1, "no lot at DAV lasts 0 days after 2026-03-11")
        ]

    def test_supply_that_is_there_by_then_serves_it(self, plan: Plan, house: House) -> None:
        plan.add("int_supply__open", sku_id="TEA", location_id=SITE, quantity_open=Decimal(5), due_date=date(2026, 3, 9), status="confirmed")  # fmt: skip
        self.promise(house, 10, date(2026, 3, 11))
        assert lots.fit_promises(house.connection) == 0
