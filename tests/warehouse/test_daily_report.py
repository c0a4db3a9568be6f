"""The report of a closed day, from tables that have the columns which the marts promise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from oms_dagster import settings
from oms_dagster.defs.reporting import last_reported, write_reports
from oms_dagster.domain.reporting.daily import DailyReport, ExceptionItem
from oms_dagster.domain.reporting.definitions import read_definitions
from oms_dagster.domain.reporting.report import render_report
from oms_dagster.settings import DBT_PROJECT, Home
from oms_dagster.warehouse import connect
from oms_dagster.warehouse.daily import daily_report, days_waiting
from oms_dagster.warehouse.daily.day import bucket, local_day

#: London is in summer time: the day is 2 June 23:00 to 3 June 23:00 UTC.
DAY = date(2026, 6, 3)
OPENS, CLOSES = datetime(2026, 6, 2, 23, tzinfo=UTC), datetime(2026, 6, 3, 23, tzinfo=UTC)
AS_OF = datetime(2026, 6, 4, 5, tzinfo=UTC)
DEFINITIONS = read_definitions((DBT_PROJECT / "seeds/reference/kpi_definitions.csv").read_text(encoding="utf-8"))


def empty(path: Path) -> None:
    """A warehouse whose marts are empty tables with the columns and types of their contracts."""
    connect.create(path)
    with connect.writer(path) as connection:
        for schema, layer in (("marts", "marts"), ("intermediate", "intermediate/reporting")):
            for file in sorted((DBT_PROJECT / "models" / layer).rglob("_*__models.yml")):
                for model in yaml.safe_load(file.read_text()).get("models", []):
                    typed = [c for c in model.get("columns", []) if "data_type" in c]
                    columns = ", ".join(f'"{c["name"]}" {c["data_type"]}' for c in typed)
                    if columns:
                        connection.execute(f"create or replace table {schema}.{model['name']} ({columns})")
        connection.execute("create table intermediate.int_policies__in_force (policy_key text, scope text, value text)")
        connection.execute(
            "insert into intermediate.int_policies__in_force values"
            " ('reporting.timezone', '', 'Europe/London'), ('reporting.currency', '', 'GBP')"
        )


class Marts:
    """The warehouse of a test, to be filled by hand."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def add(self, table: str, **row: Any) -> None:
        """Append one row; what is not said is null."""
        name = table if "." in table else f"marts.{table}"
        columns = ", ".join(f'"{column}"' for column in row)
        self.connection.execute(
            f"insert into {name} ({columns}) values ({', '.join('?' * len(row))})", list(row.values())
        )

    def cycle(self, seq: int, as_of: datetime, *states: str) -> None:
        """A cycle that reached these states; the marts are of the last one added."""
        for state in states or ("committed", "published"):
            self.add("facts.cycles", cycle_seq=seq, state=state, as_of=as_of, recorded_at=as_of, seed=1)
        self.connection.execute("delete from plans.cycle")
        self.add("plans.cycle", cycle_seq=seq, as_of=as_of, seed=1)
        self.add("cycles", cycle_id=str(seq), as_of=as_of, code_version="0.1.0")

    def report(self, day: date = DAY) -> DailyReport:
        return daily_report(self.connection, day, DEFINITIONS)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blank") / "warehouse.duckdb"
    empty(path)
    return path


@pytest.fixture
def marts(tmp_path: Path, blank: Path) -> Iterator[Marts]:
    path = tmp_path / "home" / "warehouse.duckdb"
    path.parent.mkdir()
    shutil.copy(blank, path)
    with connect.writer(path) as connection:
        yield Marts(connection)


@pytest.fixture
def told(marts: Marts) -> Marts:
    """Two cycles on the day and one after it."""
    marts.cycle(1, OPENS + timedelta(hours=7))
    marts.cycle(2, OPENS + timedelta(hours=19))
    marts.cycle(3, AS_OF)
    return marts


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return settings.home(tmp_path / "home")


def order(marts: Marts, order_id: str, **row: Any) -> None:
    given = {
        "placed_at": CLOSES - timedelta(hours=3),
        "is_test": False,
        "fulfilment_status": "open",
        "items_total": 100,
        "discount_total": 0,
        "shipping_total": 0,
        "charge_total": 0,
        "tax_total": 20,
        "rounding_total": 0,
        "order_total": 120,
        "order_total_base": 120,
    }
    marts.add("orders", order_id=order_id, **given | row)


def hold(marts: Marts, hold_id: str, order_id: str, **row: Any) -> None:
    given = {
        "hold_type": "CREDIT_LIMIT",
        "remedy": "pay",
        "owner": "team:credit",
        "sla_hours": 24,
        "placed_at": CLOSES - timedelta(hours=6),
    }
    marts.add("order_holds", hold_id=hold_id, order_id=order_id, **given | row)


def figure(marts: Marts, kpi: str, day: date, numerator: int, denominator: int, **row: Any) -> None:
    value = Decimal(numerator) / Decimal(denominator)
    given = {"kpi": kpi, "kpi_version": "1", "day": day, "dimension": "all", "dimension_value": "all", "n": denominator}
    marts.add("kpi_daily", numerator=numerator, denominator=denominator, value=value, **given | row)


def of_kind(report: DailyReport, kind: str) -> list[ExceptionItem]:
    return [item for item in report.exceptions if item.kind == kind]


def test_a_day_without_anything_still_makes_a_report(told: Marts) -> None:
    report = told.report()
    assert (report.as_of, report.cycle_id, report.code_version, report.currency) == (AS_OF, "3", "0.1.0", "GBP")
    assert not report.exceptions and not report.kpis and not report.gains
    assert "No exceptions" in render_report(report)


def test_a_day_waits_once_it_has_ended_where_the_reports_are_read(marts: Marts) -> None:
    """At 23:30 UTC it is already tomorrow in London's summer: the day has closed."""
    marts.cycle(1, OPENS + timedelta(hours=7))
    assert days_waiting(marts.connection, None) == []
    marts.cycle(2, CLOSES - timedelta(minutes=1))
    assert days_waiting(marts.connection, None) == []
    marts.cycle(3, CLOSES + timedelta(minutes=30))
    assert days_waiting(marts.connection, None) == [DAY]
    assert days_waiting(marts.connection, DAY) == []


def test_days_without_a_cycle_are_made_up_for_oldest_first(marts: Marts) -> None:
    marts.cycle(1, OPENS + timedelta(hours=7))
    marts.cycle(2, AS_OF + timedelta(days=2))
    assert days_waiting(marts.connection, None) == [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]
    assert days_waiting(marts.connection, DAY) == [DAY + timedelta(days=1), DAY + timedelta(days=2)]


def test_nothing_is_reported_from_the_marts_of_a_cycle_that_is_not_published(marts: Marts) -> None:
    """Regression: a cycle that died before its copy would have been reported before anybody could look it up."""
    marts.cycle(1, OPENS + timedelta(hours=7))
    marts.cycle(2, AS_OF, "committed")
    assert days_waiting(marts.connection, None) == []


def test_reports_are_written_once_and_never_again(told: Marts, home: Home) -> None:
    order(told, "A-1")
    (page,) = write_reports(home, told.connection)
    first = page.read_bytes()
    assert page == home.outbox / "reports" / "2026-06-03.html" and last_reported(home) == DAY
    order(told, "A-2")
    assert write_reports(home, told.connection) == [] and page.read_bytes() == first


def test_a_report_whose_envelope_is_missing_is_made_again_with_the_same_bytes(told: Marts, home: Home) -> None:
    """The cycle died between the two files; nobody was told of the first."""
    (page,) = write_reports(home, told.connection)
    first, envelope = page.read_bytes(), page.with_suffix(".json")
    said = envelope.read_bytes()
    envelope.unlink()
    assert write_reports(home, told.connection) == [page]
    assert (page.read_bytes(), envelope.read_bytes()) == (first, said)


def test_the_envelope_names_the_file_and_its_hash(told: Marts, home: Home) -> None:
    from hashlib import sha256

    (page,) = write_reports(home, told.connection)
    envelope = json.loads(page.with_suffix(".json").read_text())
    assert envelope["key"] == "daily_report/2026-06-03" and envelope["type"] == "daily_report"
    assert home.outbox / envelope["payload"]["file"] == page
    assert envelope["payload"]["sha256"] == sha256(page.read_bytes()).hexdigest()
    assert envelope["payload"]["as_of"] == AS_OF.isoformat() and envelope["payload"]["cycle_id"] == "3"
    assert not list(page.parent.glob("*.part"))


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


def test_a_day_has_twenty_three_hours_where_the_clock_goes_forward() -> None:
    spring = local_day(date(2026, 3, 29), "Europe/London")
    assert spring.closes - spring.opens == timedelta(hours=23)
    assert [bucket(Decimal(age)) for age in ("0.5", "2.9", "3", "14.99", "15", "31")] == [
        "0-2 days",
        "0-2 days",
        "3-7 days",
        "8-14 days",
        "15-30 days",
        "over 30 days",
    ]


def test_the_same_facts_give_the_same_bytes(told: Marts) -> None:
    for number in range(20):
        order(told, f"A-{number}")
        hold(told, f"H-{number}", f"A-{number}", hold_type=("CREDIT_LIMIT", "ADDRESS_INVALID")[number % 2])
    first = render_report(told.report())
    told.connection.execute("create table marts.shuffled as select * from marts.order_holds order by hold_id desc")
    told.connection.execute("delete from marts.order_holds")
    told.connection.execute("insert into marts.order_holds from marts.shuffled")
    assert render_report(told.report()) == first
