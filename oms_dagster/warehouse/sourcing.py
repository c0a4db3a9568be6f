"""Between the tables and the sourcing domain: the problem from prepared demand and options, the plan as rows.

Belongs here: arrays from frames and rows from plans, in a stated order. Does not belong here: any choice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np

from oms_dagster.domain.quantities import from_cents, from_milli, to_cents, to_milli
from oms_dagster.domain.sourcing.calendar import NEVER
from oms_dagster.domain.sourcing.explain import PlanInQuestion, explanation, first_choices
from oms_dagster.domain.sourcing.floor import keep_floors
from oms_dagster.domain.sourcing.pegging import Peg
from oms_dagster.domain.sourcing.plan import SourcingPlan
from oms_dagster.domain.sourcing.problem import (
    NO_GROUP,
    NOWHERE,
    UNLIMITED_LINES,
    UNLIMITED_SPLITS,
    UNPROMISED,
    Blocked,
    Bools,
    Ints,
    LastPromise,
    SourcingProblem,
)
from oms_dagster.domain.sourcing.waiting import backorder_cents
from oms_dagster.warehouse import last_plan
from oms_dagster.warehouse.backorders import facts_of_lines
from oms_dagster.warehouse.calendars import calendars
from oms_dagster.warehouse.read import rows, value

#: Above this many assignments, runners-up are computed for promises that are new or changed only.
EXPLAIN_ALL = 4_000

#: Options without nulls, in order; money in cents.
_OPTIONS = (
    "select order_line_id, order_id, location_id, mode, coalesce(carrier_id, '') as carrier_id, start_day_index, transit_days,"
    " coalesce(ship_to_country, '') as ship_to_country, coalesce(not_before_day_index, 0) as not_before_day_index, blocked,"
    " cast(line_cost * 100 as bigint) as line_cents, cast(handling_cost * 100 as bigint) as handling_cents, cast(vendor_cost * 100 as bigint) as vendor_cents, cast(shipment_cost * 100 as bigint) as shipment_cents"
    " from intermediate.int_sourcing__options where $order is null or order_id = $order order by order_line_id, location_id"
)


def policies(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Policies in force for everything."""
    return dict(
        connection.execute(
            "select policy_key, value from intermediate.int_policies__in_force where scope = ''"
        ).fetchall()
    )


def problem(connection: duckdb.DuckDBPyConnection, order_id: str | None = None) -> SourcingProblem | None:
    """All open demand, or that of one order, with its options and the stock it competes for; None when nothing is open."""
    demand = rows(
        connection,
        "select * from intermediate.int_demand__open where $order is null or order_id = $order order by order_id, order_line_id",
        {"order": order_id},
    )
    if not demand:
        return None
    in_force = policies(connection)
    days = int(in_force["sourcing.horizon_days"]) + 1
    locations = tuple(
        row[0]
        for row in connection.execute(
            "select location_id from intermediate.int_locations__in_force order by 1"
        ).fetchall()
    )
    skus = tuple(sorted({d["sku_id"] for d in demand}))
    orders = tuple(sorted({d["order_id"] for d in demand}))
    at_location, at_sku, at_order = _index(locations), _index(skus), _index(orders)
    at_line = {d["order_line_id"]: i for i, d in enumerate(demand)}
    options = connection.execute(_OPTIONS, {"order": order_id}).fetchnumpy()
    calendar = calendars(connection)
    first_day, travel, lane_of, delivery = calendar.days_of(options, days)
    closed = (first_day == NEVER) | (first_day + travel >= NEVER)
    row = np.array([at_line[name] for name in options["order_line_id"]], dtype=np.int64)
    order = np.array([at_order[name] for name in options["order_id"]], dtype=np.int64)
    column = np.array([at_location[name] for name in options["location_id"]], dtype=np.int64)
    shape = (len(demand), len(locations))
    freight, handling, vendor, earliest, transit = (np.zeros(shape, dtype=np.int64) for _ in range(5))
    blocked = np.full(shape, int(Blocked.NOT_CARRIED), dtype=np.int64)
    lane = np.full(shape, -1, dtype=np.int16)
    shipment_cost = np.zeros((len(orders), len(locations)), dtype=np.int64)
    freight[row, column] = options["line_cents"]
    handling[row, column] = options["handling_cents"]
    vendor[row, column] = options["vendor_cents"]
    lane[row, column] = lane_of
    earliest[row, column] = np.where(closed, 0, first_day)
    transit[row, column] = np.where(closed, 0, travel)
    blocked[row, column] = np.where(closed & (options["blocked"] == 0), int(Blocked.CLOSED), options["blocked"])
    shipment_cost[order, column] = options["shipment_cents"]
    first: dict[str, Mapping[str, Any]] = {}
    for line in demand:
        first.setdefault(line["order_id"], line)
    heads = [first[order] for order in orders]
    known = last_plan.known(connection)
    quantity = np.array([to_milli(d["quantity"]) for d in demand], dtype=np.int64)
    line_order = np.array([at_order[d["order_id"]] for d in demand], dtype=np.int64)
    split = to_cents(in_force["sourcing.split_penalty"])
    due_day = np.array([days if d["due_day_index"] is None else d["due_day_index"] for d in demand], dtype=np.int64)
    late = np.full(len(demand), to_cents(in_force["sourcing.lateness_cost_per_day"]), dtype=np.int64)
    wait = Decimal(in_force["sourcing.backorder_cost_per_day"]) * Decimal(in_force["sourcing.backorder_days_unknown"])
    at_risk = Decimal(in_force["sourcing.backorder_value_share"])
    soft = frozenset(rule for rule in Blocked if rule.name.lower() in in_force["sourcing.soft_rules"].split("|"))
    backorder, remainder = backorder_cents(
        np.array([to_cents(wait * max(1, 10 - d["priority"]) / 5) for d in demand], dtype=np.int64),
        np.array([to_cents(max(Decimal(0), d["value_base"]) * at_risk) for d in demand], dtype=np.int64),
        np.isin(blocked, [int(Blocked.FREE), *soft]),
        freight + handling,
        shipment_cost[line_order] + split,
        days - 1,
        transit,
        due_day,
        late,
    )
    last = last_plan.in_force(connection)
    kept = _promised(last, at_line, at_location, quantity)
    # what is promised in full is taken back only where nothing else is possible, however much another order would gain by it
    withdrawal = np.where(kept, to_cents(in_force["sourcing.withdrawal_cost"]), 0)
    # a day that no place can reach any more binds nobody
    told_days = last_plan.told_days(connection)
    told = np.array([told_days.get(name, UNPROMISED) for name in at_line], dtype=np.int64)
    soonest = np.where(blocked == int(Blocked.FREE), earliest + transit, UNPROMISED).min(axis=1, initial=UNPROMISED)
    open_days = calendar.open_days(locations, days)
    asked = SourcingProblem(
        location_ids=locations,
        sku_ids=skus,
        order_ids=orders,
        line_ids=tuple(at_line),
        order_placed=np.array([int(h["placed_at"].timestamp()) for h in heads], dtype=np.int64),
        order_ship_complete=np.array([h["ship_complete"] for h in heads], dtype=np.bool_),
        order_max_splits=np.array([max(0, (h["max_splits"] or UNLIMITED_SPLITS) - 1) for h in heads], dtype=np.int64),
        shipment_cost_cents=shipment_cost,
        split_cost_cents=split,
        line_order=line_order,
        line_sku=np.array([at_sku[d["sku_id"]] for d in demand], dtype=np.int64),
        line_quantity_milli=quantity,
        line_priority=np.array([d["priority"] for d in demand], dtype=np.int64),
        line_divisible=np.array([not d["ship_complete"] for d in demand], dtype=np.bool_),
        line_pinned=np.array([at_location.get(d["pinned_location_id"], NOWHERE) for d in demand], dtype=np.int64),
        line_backorder_cents=backorder + withdrawal,
        line_remainder_cents=remainder + withdrawal,
        line_due_day=due_day,
        line_late_cents_per_day=late,
        line_promised_day=np.where(kept & (told >= soonest), told, UNPROMISED),
        late_promise_cents=to_cents(in_force["sourcing.late_promise_cost"]),
        stability_cost_cents=to_cents(in_force["sourcing.stability_cost"]),
        stability_day_cost_cents=to_cents(in_force["sourcing.stability_cost"]),
        freight_cents=freight,
        earliest_ship_day=earliest,
        transit_days=transit,
        lane=lane,
        lane_delivery_day=delivery,
        blocked=blocked,
        atp_milli=_atp(connection, at_sku, at_location, days),
        line_known=np.array([d["order_line_id"] in known for d in demand], dtype=np.bool_),
        last_promises=last,
        line_group=_groups(demand),
        line_terms={"handling": handling, "vendor": vendor},
        location_open=open_days,
        location_capacity_lines=_capacity(connection, locations, open_days.shape[1]),
        soft_blocked=soft,
        soft_max_splits="max_splits" in in_force["sourcing.soft_rules"].split("|"),
        relaxation_cost_cents=to_cents(in_force["sourcing.relaxation_cost"]),
    )
    uses_floor = in_force["stores.pickup_uses_floor"] == "true"
    collected = np.array([uses_floor and d["pickup_location_id"] is not None for d in demand], dtype=np.bool_)
    return keep_floors(asked, _floors(connection, at_location, len(skus)), collected)


def _index(ids: tuple[str, ...]) -> dict[Any, int]:
    return {name: row for row, name in enumerate(ids)}


def _promised(
    last: Sequence[LastPromise], at_line: Mapping[str, int], at_location: Mapping[str, int], quantity: Ints
) -> Bools:
    """Lines that the last plan promised in full."""
    left = quantity.copy()
    for promise in last:
        if promise.line_id in at_line and promise.location_id in at_location:
            left[at_line[promise.line_id]] -= promise.quantity_milli
    return np.asarray(left <= 0, dtype=np.bool_)


def _groups(demand: list[dict[str, Any]]) -> np.ndarray:
    """Lines of one order whose SKUs belong together, by a number; the others stand alone."""
    numbers: dict[tuple[str, str], int] = {}
    return np.array(
        [
            numbers.setdefault((d["order_id"], d["item_group"]), len(numbers)) if d["item_group"] else NO_GROUP
            for d in demand
        ],
        dtype=np.int64,
    )


def _capacity(connection: duckdb.DuckDBPyConnection, locations: tuple[str, ...], days: int) -> np.ndarray:
    """(W, D): lines that each location may still ship a day; what it released today is taken off today."""
    capacity = np.full((len(locations), days), UNLIMITED_LINES, dtype=np.int64)
    at = _index(locations)
    for location, today, most, done in connection.execute(
        "select location_id, date_diff('day', (select cast(as_of as date) from plans.cycle), day), max_lines, lines_done"
        " from intermediate.int_release__capacity where max_lines is not null order by location_id"
    ).fetchall():
        capacity[at[location]] = most
        capacity[at[location], max(today, 0)] = max(0, most - done)
    return capacity


def _floors(connection: duckdb.DuckDBPyConnection, at_location: Mapping[str, int], skus: int) -> np.ndarray:
    """(S, W): what each store keeps on its floor; other places keep nothing."""
    floors = np.zeros((skus, len(at_location)), dtype=np.int64)
    for location, quantity in connection.execute(
        "select location_id, floor_minimum from intermediate.int_locations__in_force"
        " where kind = 'store' and floor_minimum > 0"
    ).fetchall():
        floors[:, at_location[location]] = to_milli(quantity)
    return floors


def _atp(
    connection: duckdb.DuckDBPyConnection, at_sku: Mapping[str, int], at_location: Mapping[str, int], days: int
) -> np.ndarray:
    atp = np.zeros((len(at_sku), len(at_location), days), dtype=np.int64)
    for sku, location, day, quantity in connection.execute(
        "select sku_id, location_id, day_index, cumulative_atp from intermediate.int_atp__by_day"
        " where sku_id in (select unnest(?::varchar[])) order by 1, 2, 3",
        [list(at_sku)],
    ).fetchall():
        if location in at_location and day < days:
            atp[at_sku[sku], at_location[location], day:] = to_milli(quantity)
    # Nobody robs a later promise: what may be taken on a day is the least of what is there from that day on.
    return np.minimum.accumulate(atp[:, :, ::-1], axis=2)[:, :, ::-1]


def promise_rows(
    connection: duckdb.DuckDBPyConnection, asked: SourcingProblem, plan: SourcingPlan, pegged: Sequence[Peg]
) -> Iterator[dict[str, Any]]:
    """Rows of `plans.promises`, each with its cost, the runner-up, the supply it waits for and one sentence why."""
    today = value(connection, "select cast(as_of as date) from plans.cycle")
    order_of, sku_of = facts_of_lines(asked)
    question = PlanInQuestion(asked, plan)
    known = _last_promises(connection) if len(plan.assignments) > EXPLAIN_ALL else {}
    waits_for = {
        (peg.line_id, peg.location_id): peg.supply_id
        for peg in sorted(pegged, key=lambda peg: (peg.due_day, peg.supply_id))
        if peg.is_promised
    }
    last_day = max((a.ship_day for a in plan.assignments), default=0)
    calendar = calendars(connection)
    begins = {place: calendar.begin_days(place, last_day + 1) for place in {a.location_id for a in plan.assignments}}
    first_choice, at_line, at_place = first_choices(asked), _index(asked.line_ids), _index(asked.location_ids)
    merged: dict[tuple[str, str, int], dict[str, Any]] = {}
    for a in plan.assignments:
        row = merged.get((a.line_id, a.location_id, a.ship_day))
        if row is not None:
            row["quantity"] += from_milli(a.quantity_milli)
            row["cost"] += from_cents(a.cost_cents)
            row["cost_terms"].update(a.costs.named())
            continue
        row = {
            "order_line_id": a.line_id, "order_id": order_of[a.line_id], "sku_id": sku_of[a.line_id], "location_id": a.location_id,
            "quantity": from_milli(a.quantity_milli), "release_date": today + timedelta(days=int(begins[a.location_id][a.ship_day])),
            "ship_date": today + timedelta(days=a.ship_day),
            "deliver_date": today + timedelta(days=a.deliver_day), "cost": from_cents(a.cost_cents), "is_firm": False,
            "is_first_choice": bool(first_choice[at_line[a.line_id], at_place[a.location_id]]),
            "cost_terms": Counter(a.costs.named()),
            "relaxed": ", ".join(a.relaxed) or None, "supply_id": waits_for.get((a.line_id, a.location_id)) if a.ship_day else None,
        }  # fmt: skip
        if known.get(a.line_id) != (a.location_id, row["ship_date"]):
            second = question.runner_up(a.line_id, a.location_id)
            earliest = question.earliest_deliver_day(a.line_id)
            row["earliest_date"] = None if earliest is None else today + timedelta(days=earliest)
            row["runner_up_location_id"] = second.runner_up_location_id
            row["runner_up_cost"] = from_cents(second.order_cost_cents)
            row["runner_up_extra"] = from_cents(second.extra_cents)
            row["explanation"] = explanation(a, second)
        merged[a.line_id, a.location_id, a.ship_day] = row
    for row in merged.values():
        yield {**row, "cost_terms": json.dumps({name: cents for name, cents in row["cost_terms"].items() if cents})}


def _last_promises(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, date]]:
    found = connection.execute(
        "select order_line_id, arg_max(location_id, cycle_seq), arg_max(ship_date, cycle_seq) from facts.promise_events group by 1"
    ).fetchall()
    return {line: (location, day) for line, location, day in found}


def stock_price_rows(connection: duckdb.DuckDBPyConnection, plan: SourcingPlan) -> Iterator[dict[str, Any]]:
    """Rows of `plans.stock_prices`: what one more unit would save, where it is scarce."""
    today = value(connection, "select cast(as_of as date) from plans.cycle")
    for price in plan.prices:
        yield {
            "sku_id": price.sku_id, "location_id": price.location_id, "from_date": today + timedelta(days=price.from_day),
            "price": Decimal(price.millicents_per_unit) / 100_000,
        }  # fmt: skip
