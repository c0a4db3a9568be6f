"""The published tables of the small world, against figures worked out by hand from its page (`world.py`)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import world

from oms_dagster.domain import ledger

D = Decimal


def test_open_units_are_divided_into_held_promised_backordered_and_unplanned(built):
    columns = "qty_open, qty_held, qty_promised, qty_backordered, qty_unplanned"
    found = {
        line: tuple(map(int, parts))
        for line, *parts in built.rows(f"select order_line_id, {columns} from marts.order_lines")
    }
    assert found == {
        "O1-1": (0, 0, 0, 0, 0),
        "O2-1": (4, 0, 3, 1, 0),
        "O3-1": (2, 2, 0, 0, 0),
        "O4-1": (0, 0, 0, 0, 0),
        "O5-1": (1, 0, 0, 0, 1),
    }


def test_the_ledger_of_a_line_shows_what_the_commit_of_this_cycle_moved(built):
    """Regression: balances of before the commit would show the two units of wave W5 as still promised."""
    line = built.row("select * from marts.order_lines where order_line_id = 'O2-1'")
    assert {b: line[f"qty_{b}"] for b in ledger.BUCKETS if line[f"qty_{b}"]} == {
        "open": 4,
        "released": 2,
        "delivered": 3,
        "returned": 1,
    }
    assert built.rows("select quantity, ship_date, supply_id from marts.promises") == [(D(3), date(2026, 3, 12), "PO1")]
    assert built.rows("select order_line_id, quantity, wave_id from marts.reservations") == [("O2-1", D(2), "W5")]


def test_a_line_is_promised_by_the_end_of_the_window_of_its_day_at_the_location(built):
    line = built.row("select promised_at, promised_location_id from marts.order_lines where order_line_id = 'O2-1'")
    assert line == {"promised_at": datetime(2026, 3, 13, 18, tzinfo=UTC), "promised_location_id": "LON"}
    assert built.row("select first_promised_at from marts.promises")["first_promised_at"] == world.at(2)


def test_order_statuses_are_read_off_goods_money_invoices_and_returns_each_on_its_own(built):
    columns = "fulfilment_status, payment_status, invoice_status, return_status, is_held"
    assert {order: tuple(rest) for order, *rest in built.rows(f"select order_id, {columns} from marts.orders")} == {
        "O1": ("delivered", "partially_refunded", "invoiced", "returned", False),
        "O2": ("partially_delivered", "on_account", "not_invoiced", "partially_returned", False),
        "O3": ("open", "paid", "not_invoiced", "none", True),
        "O4": ("shipped", "paid", "not_invoiced", "none", False),
        "O5": ("open", "unpaid", "not_invoiced", "none", False),
    }


def test_holds_show_who_ended_them_and_how_old_the_open_ones_are(built):
    assert built.rows("select hold_id, status, cleared_by, age_hours from marts.order_holds order by 1") == [
        ("MANUAL_USER-O2-1", "released", "maria", None),
        ("MANUAL_USER-O3-1", "open", None, D(48)),
    ]


def test_positions_count_stock_reservations_promises_and_supply(built):
    a, b = (built.row(f"select * from marts.inventory_positions where sku_id = '{sku}'") for sku in "AB")
    assert {k: int(a[k]) for k in ("on_hand", "reserved", "available", "promised", "inbound", "atp", "online_atp")} == {
        "on_hand": 13,
        "reserved": 2,
        "available": 11,
        "promised": 3,
        "inbound": 3,
        "atp": 11,
        "online_atp": 6,  # the promised units are covered by the supply that comes before them
    }
    assert (a["daily_demand"], a["days_of_supply"], a["stock_status"]) == (D("3.250"), D("3.4"), "low")
    assert (b["on_hand"], b["atp"], b["online_atp"], b["daily_demand"], b["stock_status"]) == (
        9,
        9,
        7,
        D(1),
        "low",
    )


def test_a_reorder_point_covers_the_lead_time_and_its_uncertainty(built):
    a, b = built.rows(
        "select abc_class, lead_time_days, safety_stock, reorder_point, order_up_to, is_forecast from marts.reorder_points order by sku_id"
    )
    # 3 a day x 7 days + 2.054 (98 %) x sqrt(7 x 2^2) = 21 + 10.869; up to a week more of 3 a day
    assert a == ("A", D(7), D("10.869"), D(32), D(53), True)
    assert b == ("C", D(7), D(0), D(20), D(20), False), "without a forecast the reference data say it"


def test_a_sku_at_its_reorder_point_is_brought_up_to_its_level(built):
    a, b = built.rows(
        "select quantity, kind, source, needed_by, net_position, baseline_quantity, reason from marts.replenishment_suggestions order by sku_id"
    )
    # A: 11 available + 3 inbound - 3 promised - 1 backordered = 10, up to 53; 7 uncommitted units last 2 days
    # the static rule (10) would order up to 10 + 21; B: 9 + 5 = 14, up to 20
    assert a[:6] == (D(43), "purchase", "S1", date(2026, 3, 12), D(10), D(21))
    assert "3 a day x 7 days + 10.869 for 98 % service, class A" in a[6]
    assert b[:6] == (D(6), "purchase", "S1", date(2026, 3, 24), D(14), D(6))


def test_the_newest_version_of_a_forecast_counts_and_the_older_stay(built):
    assert built.rows(
        "select sku_id, count(*), min(day), max(day), max(quantity), max(version) from marts.demand_forecast group by 1"
    ) == [("A", 28, date(2026, 3, 10), date(2026, 4, 6), D(3), 2)]
    assert built.rows("select version, first_day_quantity, method from marts.demand_forecast_versions order by 1") == [
        (1, D(9), "mean_28d"),
        (2, D(3), "croston"),
    ]


def test_demand_is_what_was_asked_for_not_what_left(built):
    # A: 3 of O1, 10 of O2 though 4 left; B: 2 of O3, which a person holds, 1 each of O4 and O5
    assert built.rows("select sku_id, sum(quantity) from marts.demand_history group by 1 order by 1") == [
        ("A", D(13)),
        ("B", D(4)),
    ]


def test_supply_is_closed_by_its_own_status_and_overdue_after_its_day(built):
    assert built.rows("select supply_id, quantity_open, status, is_overdue from marts.supply order by 1") == [
        ("PO1", 3, "confirmed", False),
        ("PO2", 5, "draft", True),
        ("PO3", 0, "received", False),
    ]


def test_backorders_say_since_when(built):
    assert built.rows("select order_line_id, quantity, since from marts.backorders") == [("O2-1", 1, world.at(3))]


def test_a_short_pick_shows_on_its_task_and_ends_its_wave(built):
    assert built.rows(
        "select task_id, qty_to_pick, qty_picked, status, short_reason from marts.pick_tasks order by 1"
    ) == [
        ("W1-001", 3, 3, "picked", None),
        ("W2-001", 6, 4, "short", "NOT_FOUND"),
        ("W4-001", 1, 1, "picked", None),
        ("W5-001", 2, 0, "open", None),
    ]
    assert dict(built.rows("select wave_id, status from marts.waves")) == {
        "W1": "done",
        "W2": "done",
        "W4": "done",
        "W5": "released",
    }


def test_packages_weigh_what_their_goods_weigh_when_nobody_weighed_them(built):
    assert built.rows(
        "select package_id, shipment_id, weight_kg, volume_m3 from marts.packages where shipment_id = 'S2'"
    ) == [("P-S2", "S2", D("8.000"), D("0.040"))]


def test_shipments_stand_where_their_units_stand(built):
    assert {
        s: tuple(rest)
        for s, *rest in built.rows("select shipment_id, status, tracking_status, load_id from marts.shipments")
    } == {
        "S1": ("returned", "returned", "L1"),
        "S2": ("partially_delivered", "exception", "L1"),
        "S4": ("shipped", "in_transit", "L2"),
        "O2-LON-2": ("released", "not_shipped", None),
    }


def test_loads_are_those_of_the_plan_and_those_that_left(built):
    """Regression: a load of the plan that left with this commit would be there twice."""
    assert dict(built.rows("select load_id, status from marts.loads")) == {
        "L1": "settled",
        "L2": "departed",
        "L3": "approved",
    }
    assert built.rows("select load_id, count(*) from marts.routes group by 1 order by 1") == [
        ("L1", 1),
        ("L2", 1),
        ("L3", 1),
    ]
    assert built.row("select returned_at from marts.loads where load_id = 'L1'")["returned_at"] == world.at(4)


def test_an_absent_customer_counts_against_the_load_that_went_in_vain(built):
    """Regression: the second load of the shipment, gone with this cycle, would have taken the first one's result."""
    columns = "load_id, stop_sequence, result, arrived_at"
    assert built.rows(f"select {columns} from marts.route_stops where load_id in ('L1', 'L2') order by 1, 2") == [
        ("L1", 1, "partial", world.at(4, 10)),
        ("L1", 2, "absent", world.at(4, 11)),
        ("L2", 1, None, None),
    ]
    assert built.rows(
        "select shipment_id, load_id, outcome, receiver, reason_code from marts.deliveries order by 1"
    ) == [
        ("S1", "L1", "delivered", "Ms Shop", None),
        ("S2", "L1", "partial", "Ms Shop", "REFUSED"),
        ("S4", "L1", "absent", None, "ABSENT"),
    ]


def test_the_cargo_account_of_a_load_closes_in_value(built):
    """L1 left with 10.00 + 4/10 of 50.00 + 8.00; 10.00 + 15.00 were handed over; 5.00 refused and 8.00 not met."""
    columns = "expected, returned, due, received, difference, status"
    assert {load: tuple(rest) for load, *rest in built.rows(f"select load_id, {columns} from marts.settlements")} == {
        "L1": (D(38), D(13), D(25), D(25), D(0), "counted"),
        "L2": (D(8), D(0), D(8), D(0), D(-8), "open"),
    }


def test_returns_credit_what_was_accepted_to_the_cent_and_set_the_surplus_aside(built):
    """Three units for 10.00: the first brings 3.33, the second 3.34; of two that came back one was authorised."""
    columns = "qty_authorised, qty_received, qty_accepted, qty_unexpected, refund_total, disposition, status"
    assert {r: tuple(rest) for r, *rest in built.rows(f"select return_id, {columns} from marts.returns")} == {
        "R1": (1, 1, 1, 0, D("3.33"), "restock", "inspected"),
        "R2": (1, 2, 1, 1, D("3.34"), "mixed", "inspected"),
        "R3": (1, 1, 0, 0, D("0.00"), None, "received"),
    }
    assert built.row("select unit_refund from marts.returns where return_id = 'R3'")["unit_refund"] == D(6)
    assert built.rows("select return_id, credit_total from marts.credit_notes order by 1") == [
        ("R1", D("3.33")),
        ("R2", D("3.34")),
    ]


def test_refunds_of_an_order_fill_its_returns_in_their_order(built):
    columns = "received_vs_authorised, restocked_qty, credited_total, refunded_total, difference, status"
    assert {
        r: tuple(rest) for r, *rest in built.rows(f"select return_id, {columns} from marts.returns_reconciliation")
    } == {
        "R1": (0, 1, D("3.33"), D("3.33"), D(0), "matched"),
        "R2": (1, 1, D("3.34"), D(0), D("3.34"), "divergent"),
        "R3": (0, 0, 0, 0, 0, "open"),
    }


def test_an_invoice_is_worth_the_share_of_its_units(built):
    assert built.rows("select number, order_id, shipment_id, total, tax_total from marts.invoices") == [
        (1, "O1", "S1", D("10.00"), D(0))
    ]
    assert built.rows("select refund_id, order_id, amount from marts.refunds") == [("p2", "O1", D("3.33"))]


def test_customers_are_seen_whole(built):
    """C1 owes an invoice of 100.00 and, on account, 6 of 10 undelivered units of 60.00 with tax."""
    c1 = built.row("select * from marts.customer_360 where customer_id = 'C1'")
    assert (c1["orders"], c1["revenue"], c1["open_exposure"], c1["credit_available"]) == (1, D(60), D(136), D(864))
    assert (c1["return_rate"], c1["on_time_rate"]) == (D("0.25"), D(1))
    assert built.rows(
        "select name, valid_to is null from marts.customer_versions where customer_id = 'C1' order by valid_from"
    ) == [
        ("Customer C1", False),
        ("Customer One", True),
    ]


def test_alerts_are_named_by_what_they_are_about(built):
    assert built.rows("select alert_id, severity, raised_at from marts.alerts where status = 'open' order by 1") == [
        ("CANCEL_AFTER_PASSED-O5", "warning", world.at(5, 9)),
        ("FUSE_BLOWN-routes/LON", "info", world.AS_OF),
        ("HOLD_AGE-MANUAL_USER-O3-1", "warning", world.at(4)),
        ("MESSAGE_QUARANTINED-shop/orders.csv#ffffffffffff", "warning", world.at(2)),
        ("MESSAGE_WAITING-m-O8", "warning", world.at(4)),
        ("SUPPLY_OVERDUE-PO2", "warning", datetime(2026, 3, 2, tzinfo=UTC)),
    ]


def test_messages_that_wait_show_for_what_and_how_long(built):
    """O8's cancellation came in cycle 1, the order has not; O9 was quarantined in cycle 2."""
    found = built.rows("select order_id, state, waits_for, age_days from marts.capture_messages order by 1")
    assert found == [
        ("O1", "done", None, None),
        ("O2", "done", None, None),
        ("O4", "done", None, None),
        ("O8", "waiting", "order", 4),
        ("O9", "open", None, 3),
    ]
    assert built.rows("select 1 from marts.orders where order_id = 'O8'") == []


def test_cycles_count_what_they_captured_and_left_open(built):
    assert built.rows("select cycle_id, orders_captured, lines_open, status from marts.cycles order by 1") == [
        ("1", 0, 0, "published"),
        ("2", 3, 1, "published"),
        ("3", 1, 2, "published"),
        ("4", 0, 2, "published"),
        ("5", 1, 3, "published"),
    ]


def test_the_rest_of_the_story_is_published(built):
    assert built.rows("select command_id, outcome, cycle_id from marts.commands order by 1") == [
        ("c1", "accepted", "3"),
        ("c2", "rejected", "3"),
    ]
    assert built.rows("select kind, age_days, owner, status from marts.reconciliation_exceptions") == [
        ("DELIVERY_UNKNOWN", 1, "team:transport", "open")
    ]
    visit = built.row("select * from marts.yard_visits")
    assert (visit["gate_in"], visit["gate_out"], visit["returned_at"]) == (world.at(3, 6), world.at(3, 10), world.at(4))
    assert built.rows("select document_id, number, status from marts.documents order by 1") == [
        ("invoice-A-1", 1, "issued"),
        ("packing_slip-A-1", 1, "issued"),
        ("packing_slip-A-2", 2, "issued"),
        ("romaneio-A-1", 1, "issued"),
    ]
    assert built.rows("select event, count(*), min(recipient) from marts.notifications group by 1 order by 1") == [
        ("delivery_absent", 1, "c2@example.org"),
        ("delivery_delivered", 1, "c2@example.org"),
        ("delivery_partial", 1, "c1@example.org"),
        ("promise_later", 1, "c1@example.org"),
        ("shipment_departed", 3, "c1@example.org"),
    ]
    assert built.rows('select "check", passed, cycle_id from marts.data_quality') == [("inv_01_units", True, "5")]
    assert built.rows("select decision_id, cycle_id from marts.decisions") == [("5-sourcing-O2-1", "5")]
