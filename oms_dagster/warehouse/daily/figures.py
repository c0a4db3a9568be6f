"""The figures of the day: KPIs with their trend, charts, gains of planning, returns, conservation.

Belongs here: one reader a part of the report. Does not belong here: formulas of KPIs
(`models/marts/reporting/kpi_daily.sql`), exceptions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from oms_dagster.domain.quantities import round_half_up, to_cents, to_milli
from oms_dagster.domain.reporting.daily import (
    BackorderAge,
    Conservation,
    HoldAge,
    Kpi,
    Otif,
    PlanGain,
    ReturnsClosed,
    VehicleUse,
)
from oms_dagster.domain.reporting.definitions import Definition
from oms_dagster.domain.solving import BoundKind
from oms_dagster.warehouse.daily.day import BUCKETS, Day, at_stake, base, bucket, open_holds
from oms_dagster.warehouse.read import rows, value

TREND_DAYS = 14
#: Figures on the report, in its order: name in `kpi_daily` and anchor. The others are on the KPIs page.
HEADLINES = (
    ("orders", ""), ("otif_orders", "requested"), ("otif_orders", "first commitment"), ("otif_orders", "latest commitment"),
    ("perfect_order", "requested"), ("fill_rate_units", "first commitment"), ("cycle_time_p50", ""), ("touchless_rate", ""),
    ("hold_rate", ""), ("hold_age_p50", ""), ("backorder_rate", ""), ("backorder_age_p50", ""), ("picking_accuracy", ""),
    ("first_attempt_rate", ""), ("return_rate_units", ""), ("vehicle_utilisation", ""), ("km_per_order", ""), ("cost_per_order", ""),
)  # fmt: skip
_ANCHORS = {"requested": "requested", "first commitment": "first", "latest commitment": "latest"}
_STATUSES = (
    "open",
    "released",
    "partially_shipped",
    "shipped",
    "partially_delivered",
    "delivered",
    "closed",
    "cancelled",
)
#: What a stage's objective counts, in cents.
_COSTS = {"routes": "routes, cost and what stays behind", "sourcing": "sourcing, cost"}
_BASELINES = {"first_come": "first come, first served", "postal_code_order": "stops in postal-code order"}


def kpis(
    connection: duckdb.DuckDBPyConnection, day: date, definitions: Sequence[Definition], currency: str
) -> tuple[Kpi, ...]:
    """The headlines that had something to measure within the trend."""
    known = {(d.kpi, d.anchor): d for d in definitions}
    figures = {
        (row["kpi"], row["anchor"], row["day"]): row
        for row in rows(
            connection,
            "select kpi, kpi_version, coalesce(anchor, '') as anchor, day, numerator, denominator, value from marts.kpi_daily"
            " where dimension = 'all' and day between ? and ?",
            [day - timedelta(days=TREND_DAYS - 1), day],
        )
    }
    measured = {(name, anchor) for (name, anchor, _), row in figures.items() if row["value"] is not None}
    return tuple(
        _kpi(figures, day, name, anchor, known.get((name, anchor)), currency)
        for name, anchor in HEADLINES
        if (name, anchor) in measured
    )


def _kpi(
    figures: dict[tuple[str, str, date], dict[str, Any]],
    day: date,
    name: str,
    anchor: str,
    known: Definition | None,
    currency: str,
) -> Kpi:
    days = [day - timedelta(days=n) for n in reversed(range(TREND_DAYS))]
    trend = tuple(figures.get((name, anchor, d), {}).get("value") for d in days)
    row = figures.get((name, anchor, day), {"numerator": Decimal(0), "denominator": Decimal(0), "value": None})
    told: dict[str, Any] = {
        "version": row.get("kpi_version", "1"), "definition": "", "title": name.replace("_", " "), "unit": "",
        "numerator_name": "", "denominator_name": "",
    }  # fmt: skip
    if known is not None:
        told = {
            "version": known.kpi_version, "definition": known.formula, "title": known.title, "digits": known.digits,
            "unit": currency if known.unit == "currency" else known.unit, "numerator_name": known.numerator,
            "denominator_name": known.denominator.removeprefix("one "),
            "better": {True: "up", False: "down", None: "none"}[known.higher_is_better],
        }  # fmt: skip
    return Kpi(
        kpi=name, anchor=anchor, value=row["value"], numerator=row["numerator"], denominator=row["denominator"],
        previous=trend[-2], trend=trend, **told,
    )  # fmt: skip


def orders(connection: duckdb.DuckDBPyConnection, day: Day) -> tuple[tuple[str, int], ...]:
    counts = dict(
        connection.execute(
            "select fulfilment_status, count(*) from marts.orders where not is_test and placed_at < ? group by 1",
            [day.closes],
        ).fetchall()
    )
    known = [status for status in _STATUSES if status in counts]
    return tuple((status, counts[status]) for status in (*known, *sorted(set(counts) - set(known))))


def otif(connection: duckdb.DuckDBPyConnection, day: date) -> tuple[Otif, ...]:
    found = []
    for anchor, column in _ANCHORS.items():
        counts = rows(
            connection,
            f"select count(*) filter (where is_otif_{column}) as good,"
            f" count(*) filter (where is_in_full and not is_on_time_{column}) as late,"
            f" count(*) filter (where not is_in_full and is_on_time_{column}) as short,"
            f" count(*) filter (where not is_in_full and not is_on_time_{column}) as both"
            f" from intermediate.int_kpi__order_facts where is_counted and is_due_{column} and due_day_{column} = ?",
            [day],
        )[0]
        found.append(Otif(anchor, counts["good"], counts["late"], counts["short"], counts["both"]))
    return tuple(found)


def hold_ages(connection: duckdb.DuckDBPyConnection, day: Day) -> tuple[HoldAge, ...]:
    by_age = defaultdict(list)
    for row in open_holds(connection, day):
        by_age[bucket(row["age"])].append(row)
    return tuple(HoldAge(name, len(by_age[name]), at_stake(by_age[name])) for name in BUCKETS if name in by_age)


def vehicles(connection: duckdb.DuckDBPyConnection, day: Day) -> tuple[VehicleUse, ...]:
    return tuple(
        VehicleUse(row["load_id"], row["vehicle"], int(round_half_up(row["utilisation"] * 1000, 0)), row["binding"])
        for row in rows(
            connection,
            "select l.load_id, coalesce(v.plate, l.vehicle_id, '') as vehicle, l.utilisation, coalesce(l.binding_dimension, '') as binding"
            " from marts.loads as l left join marts.vehicles as v on l.vehicle_id = v.vehicle_id"
            " where l.mode = 'own_fleet' and l.departed_at >= ? and l.departed_at < ? and l.utilisation is not null order by l.load_id",
            [day.opens, day.closes],
        )
    )


def backorders(connection: duckdb.DuckDBPyConnection, day: Day) -> tuple[BackorderAge, ...]:
    by_age: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows(
        connection,
        "select order_line_id, quantity, since, expected_cover_date from marts.backorders where since < ? order by 1",
        [day.closes],
    ):
        by_age[bucket(day.age_days(row["since"]))].append(row)
    found = []
    for name in BUCKETS:
        covered = sum(to_milli(r["quantity"]) for r in by_age[name] if r["expected_cover_date"])
        uncovered = sum(to_milli(r["quantity"]) for r in by_age[name] if not r["expected_cover_date"])
        if by_age[name]:
            found.append(BackorderAge(name, len(by_age[name]), covered, uncovered))
    return tuple(found)


def driven(connection: duckdb.DuckDBPyConnection, day: Day) -> Iterable[PlanGain]:
    """Distance of the loads that departed, against the same stops in postal-code order."""
    planned, naive = connection.execute(
        "select sum(r.distance_km), sum(r.baseline_distance_km) from marts.routes as r inner join marts.loads as l on r.load_id = l.load_id"
        " where l.departed_at >= ? and l.departed_at < ? and r.baseline_distance_km is not null",
        [day.opens, day.closes],
    ).fetchall()[0]
    if planned is not None:
        yield PlanGain("routes driven, distance", "m", "stops in postal-code order", to_milli(naive), to_milli(planned))


def planned(connection: duckdb.DuckDBPyConnection, day: Day, currency: str) -> Iterable[PlanGain]:
    """Cost of the day's plans: of each stage and scope the solve with the most at stake, since later cycles repeat parts of it."""
    by_stage = defaultdict(list)
    for row in rows(
        connection,
        "select r.* from marts.solver_runs as r inner join marts.cycles as c on r.cycle_id = c.cycle_id"
        " where c.as_of >= ? and c.as_of < ? and r.baseline_objective is not null"
        " qualify row_number() over (partition by r.stage, r.scope order by r.baseline_objective desc, cast(c.cycle_id as bigint) desc) = 1"
        " order by r.stage, r.scope",
        [day.opens, day.closes],
    ):
        by_stage[row["stage"], row["baseline"]].append(row)
    for (stage, baseline), runs in sorted(by_stage.items()):
        kinds = {r["bound_kind"] if r["bound"] is not None else "none" for r in runs}
        kind: BoundKind = "none" if "none" in kinds else "relaxation" if "relaxation" in kinds else "proved"
        yield PlanGain(
            _COSTS.get(stage, f"{stage}, cost"), "cents", _BASELINES.get(baseline, baseline.replace("_", " ")),
            sum(r["baseline_objective"] for r in runs), sum(r["objective"] for r in runs),
            None if kind == "none" else sum(r["bound"] for r in runs), kind, currency,
        )  # fmt: skip


def returns(connection: duckdb.DuckDBPyConnection, day: Day) -> tuple[ReturnsClosed, ...]:
    by_reason = defaultdict(list)
    for row in rows(
        connection,
        "select coalesce(r.reason_code, 'not said') as reason, r.return_id, r.qty_accepted, q.restocked_qty, r.refund_total,"
        " o.order_total, o.order_total_base from marts.returns as r"
        " left join marts.returns_reconciliation as q on r.return_id = q.return_id and r.order_line_id = q.order_line_id"
        " left join marts.orders as o on r.order_id = o.order_id"
        " where r.closed_at >= ? and r.closed_at < ? and r.status = 'closed' order by r.return_id, r.order_line_id",
        [day.opens, day.closes],
    ):
        by_reason[row["reason"]].append(row)
    return tuple(
        ReturnsClosed(
            reason,
            len({row["return_id"] for row in found}),
            sum(to_milli(row["qty_accepted"] or 0) for row in found),
            sum(to_milli(row["restocked_qty"] or 0) for row in found),
            sum(to_cents(base(row["refund_total"] or Decimal(0), row)) for row in found),
        )
        for reason, found in sorted(by_reason.items())
    )


def conservation(connection: duckdb.DuckDBPyConnection) -> Conservation:
    """Units and money that the published figures themselves leave unexplained; what the audit found is an exception."""
    units, lines = connection.execute(
        "select coalesce(sum(abs(qty_ordered - (qty_held + qty_promised + qty_backordered + qty_unplanned + qty_released + qty_picked"
        " + qty_packed + qty_loaded + qty_shipped + qty_delivered + qty_cancelled + qty_refused + qty_lost + qty_returned))), 0),"
        " count(*) from marts.order_lines"
    ).fetchall()[0]
    totals = value(
        connection,
        "select coalesce(sum(abs(order_total - (items_total - discount_total + shipping_total + charge_total + tax_total"
        " + rounding_total))), 0) from marts.orders",
    )
    settled = value(
        connection,
        "select coalesce(sum(abs(received + driver_debit - driver_credit - (expected - returned))), 0) from marts.settlements"
        " where status = 'counted'",
    )
    messages = value(connection, "select count(*) from marts.capture_messages")
    return Conservation(to_milli(units), to_cents(totals + settled), lines, messages)
