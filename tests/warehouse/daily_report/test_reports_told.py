"""What the report of a closed day tells."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from marts_by_hand import AS_OF, CLOSES, DAY, OPENS, Marts, figure, hold, order

from oms_dagster.domain.reporting.daily import DailyReport, ExceptionItem
from oms_dagster.domain.reporting.report import render_report


def of_kind(report: DailyReport, kind: str) -> list[ExceptionItem]:
    return [item for item in report.exceptions if item.kind == kind]


def test_a_day_without_anything_still_makes_a_report(told: Marts) -> None:
    report = told.report()
    assert (report.as_of, report.cycle_id, report.code_version, report.currency) == (AS_OF, "3", "0.1.0", "GBP")
    assert not report.exceptions and not report.kpis and not report.gains
    assert "No exceptions" in render_report(report)


def test_a_figure_has_its_definition_its_trend_and_the_day_before(told: Marts) -> None:
    figure(told, "otif_orders", DAY, 9, 10, anchor="requested")
    figure(told, "otif_orders", DAY - timedelta(days=1), 8, 10, anchor="requested")
    figure(told, "otif_orders", DAY - timedelta(days=13), 1, 2, anchor="requested")
    figure(told, "otif_orders", DAY - timedelta(days=14), 1, 4, anchor="requested")
    figure(told, "otif_orders", DAY, 1, 9, anchor="requested", dimension="channel", dimension_value="pos")
    (kpi,) = told.report().kpis
    assert (kpi.title, kpi.anchor, kpi.better) == ("On time in full, orders", "requested", "up")
    assert (kpi.value, kpi.previous, kpi.numerator, kpi.denominator) == (Decimal("0.9"), Decimal("0.8"), 9, 10)
    assert kpi.trend == (Decimal("0.5"), *(None,) * 11, Decimal("0.8"), Decimal("0.9"))


def test_a_figure_in_money_says_the_reporting_currency(told: Marts) -> None:
    figure(told, "cost_per_order", DAY, 30, 4)
    (kpi,) = told.report().kpis
    assert (kpi.unit, kpi.digits, kpi.better) == ("GBP", 2, "down")


def test_a_hold_counts_when_it_stood_open_at_the_days_end(told: Marts) -> None:
    for name, placed, cleared in (
        ("open", CLOSES - timedelta(hours=30), None),
        ("released-next-morning", CLOSES - timedelta(hours=2), CLOSES + timedelta(hours=1)),
        ("released-in-time", CLOSES - timedelta(hours=2), CLOSES - timedelta(hours=1)),
        ("placed-next-morning", CLOSES, None),
    ):
        order(told, name)
        hold(told, name, name, placed_at=placed, cleared_at=cleared)
    report = told.report()
    (item,) = of_kind(report, "hold")
    assert (item.subject, item.count, item.age_days, item.value_cents) == ("CREDIT_LIMIT", 2, Decimal("1.25"), 24_000)
    assert item.severity == "critical", "the oldest is older than its 24 hours"
    assert [(a.bucket, a.holds, a.value_cents) for a in report.hold_ages] == [("0-2 days", 2, 24_000)]


def test_what_is_held_twice_is_at_stake_once(told: Marts) -> None:
    order(told, "A-1", currency="EUR", order_total=120, order_total_base=Decimal("102.00"))
    told.add("order_lines", order_line_id="A-1#1", order_id="A-1", line_total=60, qty_ordered=0)
    hold(told, "H1", "A-1")
    hold(told, "H2", "A-1", order_line_id="A-1#1")
    hold(told, "H3", "A-1", order_line_id="A-1#1", hold_type="STOCK_SHORT")
    by_type = {item.subject: item for item in of_kind(told.report(), "hold")}
    assert by_type["CREDIT_LIMIT"].value_cents == 10_200
    assert by_type["STOCK_SHORT"].value_cents == 5_100, "half the order, at the order's own rate"


def test_alerts_that_are_told_as_something_else_are_not_told_twice(told: Marts) -> None:
    for kind, status in (("OVERSELL", "open"), ("HOLD_AGE", "open"), ("SUPPLY_OVERDUE", "closed")):
        told.add(
            "alerts",
            alert_id=kind,
            kind=kind,
            severity="critical",
            subject_id="S1",
            message="count it",
            raised_at=CLOSES - timedelta(hours=12),
            owner="team:inventory",
            status=status,
        )
    (item,) = of_kind(told.report(), "alert")
    assert (item.subject, item.severity, item.age_days, item.owner) == (
        "OVERSELL S1",
        "critical",
        Decimal("0.5"),
        "inventory",
    )


def test_dropped_shipments_are_told_by_reason_and_the_dearest_is_named(told: Marts) -> None:
    order(told, "A-1")
    for shipment, reason, amount in (("S1", "SHIFT", 10), ("S2", "SHIFT", 30), ("S3", "NOT_DUE", 5)):
        told.add("shipments", shipment_id=shipment, order_id="A-1", value=amount)
        told.add("dropped_shipments", shipment_id=shipment, reason=reason, cheapest_fix=f"mend {shipment}")
    found = {item.subject: item for item in of_kind(told.report(), "dropped_shipment")}
    assert (found["SHIFT"].count, found["SHIFT"].value_cents, found["SHIFT"].severity) == (2, 4_000, "warning")
    assert "S2" in found["SHIFT"].message and "mend S2" in found["SHIFT"].message
    assert found["NOT_DUE"].severity == "info", "it waits in its turn"


def test_quarantined_messages_wait_until_a_command_settles_them(told: Marts) -> None:
    for message, code in (("M1", "BAD_NUMBER"), ("M2", "BAD_NUMBER"), ("M3", "UNREADABLE")):
        told.add(
            "capture_messages",
            message_id=message,
            channel="pos",
            file_name="a.csv",
            outcome="quarantined",
            error_code=code,
            error_detail="row 4",
            received_at=CLOSES - timedelta(hours=6),
        )
    told.add(
        "capture_messages", message_id="M4", channel="pos", file_name="a.csv", outcome="conflict", received_at=OPENS
    )
    told.add("commands", type="message.dismiss", target="M3", outcome="accepted", issued_at=CLOSES - timedelta(hours=1))
    found = {item.subject: item for item in of_kind(told.report(), "quarantine")}
    assert {subject: item.count for subject, item in found.items()} == {"BAD_NUMBER": 2, "CONFLICT": 1}
    assert found["BAD_NUMBER"].message == "The oldest, in pos/a.csv: row 4"


def test_contradictions_are_told_by_kind_while_they_are_open(told: Marts) -> None:
    for name, closed in (("E1", None), ("E2", None), ("E3", OPENS)):
        told.add(
            "reconciliation_exceptions",
            kind="RETURN_OVER",
            key=name,
            explanation="3 came back of 2",
            owner="team:finance",
            exception_id=name,
            event_at=OPENS,
            closed_at=closed,
        )
    (item,) = of_kind(told.report(), "reconciliation")
    assert (item.subject, item.count, item.message) == ("RETURN_OVER", 2, "The oldest, E1: 3 came back of 2")


def test_a_law_that_still_finds_something_at_the_days_end_is_critical(told: Marts) -> None:
    for law, cycle, failing in (
        ("inv_06_loads", "1", 4),
        ("inv_06_loads", "2", 0),
        ("inv_03_stock", "1", 0),
        ("inv_03_stock", "2", 2),
        ("inv_01_units", "1", 0),
        ("inv_01_units", "2", 0),
        ("inv_01_units", "3", 9),
    ):
        told.add(
            "data_quality",
            check=law,
            stage="commit",
            severity="error",
            passed=failing == 0,
            failing_rows=failing,
            cycle_id=cycle,
        )
    found = {item.subject: item for item in of_kind(told.report(), "reconciliation")}
    assert {law: item.severity for law, item in found.items()} == {"inv_03_stock": "critical", "inv_06_loads": "info"}
    assert found["inv_03_stock"].count == 2


def test_conservation_adds_up_what_the_published_figures_leave_unexplained(told: Marts) -> None:
    buckets = (
        "held",
        "promised",
        "backordered",
        "unplanned",
        "released",
        "picked",
        "packed",
        "loaded",
        "shipped",
        "delivered",
        "cancelled",
    )
    whole = {f"qty_{bucket}": 0 for bucket in (*buckets, "refused", "lost", "returned")}
    told.add("order_lines", order_line_id="A#1", qty_ordered=3, **whole | {"qty_delivered": 2, "qty_returned": 1})
    told.add("capture_messages", message_id="M1", outcome="accepted")
    order(told, "A")
    good = told.report().conservation
    assert (good.unexplained_milli, good.unexplained_cents, good.lines_checked, good.messages_checked) == (0, 0, 1, 1)
    told.add("order_lines", order_line_id="A#2", qty_ordered=3, **whole | {"qty_shipped": Decimal("2.5")})
    order(told, "B", order_total=Decimal("120.01"))
    bad = told.report().conservation
    assert (bad.unexplained_milli, bad.unexplained_cents, bad.lines_checked) == (500, 1, 2)


def test_on_time_in_full_is_split_by_what_was_missed(told: Marts) -> None:
    due = {"is_counted": True, "is_due_requested": True, "due_day_requested": DAY}
    for number, (in_full, on_time) in enumerate(
        ((True, True), (True, True), (True, False), (False, True), (False, False))
    ):
        told.add(
            "intermediate.int_kpi__order_facts",
            order_id=str(number),
            is_in_full=in_full,
            is_on_time_requested=on_time,
            is_otif_requested=in_full and on_time,
            **due,
        )
    row = next(row for row in told.report().otif if row.anchor == "requested")
    assert (row.on_time_in_full, row.late, row.short, row.late_and_short) == (2, 1, 1, 1)


def test_the_days_own_departures_are_shown_and_compared_with_postal_code_order(told: Marts) -> None:
    told.add("vehicles", vehicle_id="V1", plate="AB 12")
    for load, departed in (("L1", OPENS + timedelta(hours=9)), ("L2", CLOSES + timedelta(hours=1))):
        told.add(
            "loads",
            load_id=load,
            mode="own_fleet",
            vehicle_id="V1",
            departed_at=departed,
            utilisation=Decimal("0.9415"),
            binding_dimension="weight",
        )
        told.add("routes", load_id=load, distance_km=80, baseline_distance_km=100)
    report = told.report()
    assert [(v.load_id, v.vehicle, v.use_permille, v.binding) for v in report.vehicles] == [
        ("L1", "AB 12", 942, "weight")
    ]
    (gain,) = report.gains
    assert (gain.unit, gain.naive, gain.planned) == ("m", 100_000, 80_000)


def test_a_plan_that_cycles_repeat_is_counted_once_where_most_was_at_stake(told: Marts) -> None:
    for cycle, naive, planned, bound in (("1", 1000, 900, 880), ("2", 400, 390, 390), ("3", 9000, 1, 1)):
        told.add(
            "solver_runs",
            cycle_id=cycle,
            stage="sourcing",
            scope="all",
            baseline="first_come",
            baseline_objective=naive,
            objective=planned,
            bound=bound,
            bound_kind="relaxation",
        )
    (gain,) = told.report().gains
    assert (gain.stage, gain.baseline) == ("sourcing, cost", "first come, first served")
    assert (gain.naive, gain.planned, gain.bound, gain.bound_kind, gain.currency) == (
        1000,
        900,
        880,
        "relaxation",
        "GBP",
    )


def test_one_solve_without_an_honest_bound_leaves_the_sum_without_one(told: Marts) -> None:
    for scope, bound, kind in (("A", 5, "proved"), ("B", None, "none")):
        told.add(
            "solver_runs",
            cycle_id="1",
            stage="routes",
            scope=scope,
            baseline="postal_code_order",
            baseline_objective=10,
            objective=8,
            bound=bound,
            bound_kind=kind,
        )
    (gain,) = told.report().gains
    assert (gain.naive, gain.planned, gain.bound, gain.bound_kind) == (20, 16, None, "none")


def test_returns_closed_on_the_day_are_told_by_reason_in_the_reporting_currency(told: Marts) -> None:
    order(told, "A", order_total=120, order_total_base=Decimal("102.00"))
    for number, closed in (("R1", OPENS), ("R2", CLOSES)):
        told.add(
            "returns",
            return_id=number,
            order_line_id="A#1",
            order_id="A",
            reason_code="damaged",
            status="closed",
            qty_accepted=2,
            refund_total=Decimal("10.00"),
            closed_at=closed,
        )
        told.add("returns_reconciliation", return_id=number, order_line_id="A#1", restocked_qty=1)
    (closed_returns,) = told.report().returns
    assert (closed_returns.reason, closed_returns.returns, closed_returns.units_milli) == ("damaged", 1, 2_000)
    assert (closed_returns.restocked_milli, closed_returns.credited_cents) == (1_000, 850)


def test_backorders_are_told_by_age_with_and_without_dated_supply(told: Marts) -> None:
    for number, days, cover in ((1, 1, DAY), (2, 2, None), (3, 40, None)):
        told.add(
            "backorders",
            order_line_id=str(number),
            quantity=number,
            since=CLOSES - timedelta(days=days),
            expected_cover_date=cover,
        )
    found = [(b.bucket, b.lines, b.covered_milli, b.uncovered_milli) for b in told.report().backorders]
    assert found == [("0-2 days", 2, 1_000, 2_000), ("over 30 days", 1, 0, 3_000)]
