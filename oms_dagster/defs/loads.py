"""Loads: how each waiting shipment goes, what carriers would charge for it, and what carriers collect.

Belongs here: the assets `loads` (before the routes: own fleet or carrier, by rule, and all quotes) and `carrier_loads`
(after them: what own vehicles leave behind, which carrier takes what). The rules are in `domain.loads`, the tables in
`warehouse.transport` and `warehouse.carriers`.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import dagster as dg
import duckdb

from oms_dagster import cycle as cycles
from oms_dagster.defs.metadata import solver_run, table_metadata
from oms_dagster.defs.resources import Warehouse
from oms_dagster.domain.loads.layers import Contents
from oms_dagster.domain.loads.shopping import FreightChoice
from oms_dagster.domain.loads.tariffs import FreightRequest
from oms_dagster.domain.quantities import from_cents, from_milli, to_cents
from oms_dagster.warehouse import cargo, carriers, connect, transport, write
from oms_dagster.warehouse.carriers import Carriers
from oms_dagster.warehouse.read import rows
from oms_dagster.warehouse.sourcing import policies
from oms_dagster.warehouse.transport import Yard

Row = dict[str, Any]


@dg.asset(
    group_name="loads",
    kinds={"python", "duckdb"},
    owners=["team:transport"],
    deps=[["intermediate", "int_shipments__waiting"]],
)
def loads(warehouse: Warehouse) -> dg.MaterializeResult:
    """Own fleet or carrier for each waiting shipment, by rule, with all quotes. One row per shipment and tariff."""
    from oms_dagster.domain.loads.mode import decide_mode
    from oms_dagster.domain.loads.shopping import choose

    with warehouse.connect() as connection:
        now = cycles.current(connection)
        radius_km = Decimal(policies(connection)["loads.own_fleet_radius_km"])
        told = carriers.carriers(connection)
        heaviest = max((t.max_weight_g * t.max_parcels for t in told.tariffs), default=0)
        modes: list[Row] = []
        quotes: list[Row] = []
        for yard, shipments in _by_yard(connection, transport.yards(connection, now)):
            place = transport.site(yard, radius_km, heaviest)
            for row in shipments:
                decision = decide_mode(place, transport.consignment(row))
                modes.append(
                    {
                        "shipment_id": row["shipment_id"],
                        "mode": row["mode"] or decision.mode,
                        "chosen_because": decision.because,
                    }
                )
            for day, group in _by_day(shipments, yard):
                tariffs = told.on(place.location_id, day)
                for row in group:
                    choice = choose(carriers.freight_request(row, yard), tariffs)
                    quotes += carriers.quote_rows(choice, told, row["country"] or "", day)
        with connect.transaction(connection):
            write.replace(connection, "plans.shipment_modes", modes)
            write.replace(connection, "plans.freight_quotes", quotes)
        shown = table_metadata(connection, "plans", "freight_quotes")
    return dg.MaterializeResult(metadata={**shown, "waiting": len(modes)})


@dg.asset(
    group_name="loads",
    kinds={"python", "ortools"},
    owners=["team:transport"],
    deps=["routes"],
    check_specs=[
        dg.AssetCheckSpec(
            "plan_verified", asset="carrier_loads", blocking=True, description="The independent checkers find nothing."
        )
    ],
)
def carrier_loads(warehouse: Warehouse):  # type: ignore[no-untyped-def]
    """What carriers collect, in parcels and on hired trailers, also of what own vehicles leave behind. One row per load."""
    with warehouse.connect() as connection:
        now = cycles.current(connection)
        told = carriers.carriers(connection)
        in_force = policies(connection)
        effort = int(in_force["loads.effort"])
        modes = {row["shipment_id"]: row for row in rows(connection, "select * from plans.shipment_modes")}
        left = {row["shipment_id"]: row for row in rows(connection, "select * from plans.dropped_shipments")}
        plan = _Plan(cargo.contents(connection))
        for yard, shipments in _by_yard(connection, transport.yards(connection, now)):
            over = _taken_over(shipments, modes, left, told, yard, in_force)
            plan.taken += over
            going = [s for s in shipments if modes[s["shipment_id"]]["mode"] == "carrier"]
            for day, group in _by_day(going, yard):
                found, room = _shopped(connection, group, told, yard, day)
                for row in group:
                    _say(modes[row["shipment_id"]], row, found[row["shipment_id"]], told, over)
                hired = _collect(connection, plan, group, found, room, told, yard, day, effort, now.seed, modes)
                for row in group:
                    rides = row["shipment_id"] in hired
                    for quote in carriers.quote_rows(found[row["shipment_id"]], told, row["country"] or "", day):
                        plan.quotes.append(quote | {"is_chosen": quote["is_chosen"] and not rides})
        with connect.transaction(connection):
            asked = [q["shipment_id"] for q in plan.quotes]
            connection.execute("delete from plans.freight_quotes where shipment_id in (select unnest(?))", [asked])
            write.append(connection, "plans.freight_quotes", plan.quotes)
            write.replace(connection, "plans.shipment_modes", list(modes.values()))
            connection.execute(
                "delete from plans.dropped_shipments where shipment_id in (select unnest(?))", [plan.taken]
            )
            connection.execute(
                "delete from plans.load_shipments where load_id in (select load_id from plans.loads where mode = 'carrier')"
            )
            connection.execute("delete from plans.loads where mode = 'carrier'")
            write.append(connection, "plans.loads", plan.loads)
            write.append(connection, "plans.load_shipments", plan.riding)
            connection.execute("delete from plans.solver_runs where stage = 'loads'")
            write.append(connection, "plans.solver_runs", plan.runs)
        shown = table_metadata(connection, "plans", "loads")
    yield dg.MaterializeResult(
        metadata={**shown, "collections": len(plan.loads), "trailers": plan.trailers, "taken_over": len(plan.taken)}
    )
    yield dg.AssetCheckResult(
        check_name="plan_verified", passed=not plan.findings, metadata={"findings": plan.findings[:20]}
    )


@dataclass(slots=True)
class _Plan:
    """What the asset writes, and what shipments hold (`held`)."""

    held: Mapping[str, Contents]
    quotes: list[Row] = field(default_factory=list)
    loads: list[Row] = field(default_factory=list)
    riding: list[Row] = field(default_factory=list)
    runs: list[Row] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    trailers: int = 0


def _by_yard(connection: duckdb.DuckDBPyConnection, yards: Sequence[Yard]) -> list[tuple[Yard, list[Row]]]:
    """Waiting shipments of each location."""
    there: defaultdict[str, list[Row]] = defaultdict(list)
    for row in transport.waiting(connection):
        there[row["location_id"]].append(row)
    return [(yard, there[yard.location["location_id"]]) for yard in yards]


def _by_day(shipments: Sequence[Row], yard: Yard) -> list[tuple[date, list[Row]]]:
    """Shipments by the first day on which a carrier could collect them."""
    groups: defaultdict[date, list[Row]] = defaultdict(list)
    for row in shipments:
        groups[carriers.collection_day(row, yard)].append(row)
    return sorted(groups.items())


def _taken_over(
    shipments: Sequence[Row],
    modes: dict[str, Row],
    left: dict[str, Row],
    told: Carriers,
    yard: Yard,
    in_force: Mapping[str, str],
) -> dict[str, str]:
    """Shipments that a carrier takes because own vehicles leave them behind, and why."""
    from oms_dagster.domain.loads.mode import takes_over
    from oms_dagster.domain.loads.shopping import choose

    found: dict[str, str] = {}
    prices = transport.lateness_prices(in_force)
    for day, group in _by_day(shipments, yard):
        tariffs = told.on(yard.location["location_id"], day)
        for row in group:
            dropped = left.get(row["shipment_id"])
            if dropped is None or dropped["reason"] in ("HELD", "NOT_DUE", "NOT_PACKED"):
                continue
            own = dropped["own_cost"]
            choice = choose(carriers.freight_request(row, yard), tariffs)
            because = takes_over(
                choice,
                dropped["reason"],
                None if own is None else to_cents(own),
                due_in_days=(row["deliver_date"] - day).days,
                own_in_days=(yard.day + timedelta(days=1) - day).days,
                is_leaving=yard.is_due,
                late_cents=transport.lateness_of(choice, row, yard, day, prices),
            )
            if because:
                found[row["shipment_id"]] = because
                modes[row["shipment_id"]] |= {"mode": "carrier", "own_cost": own}
    return found


def _shopped(
    connection: duckdb.DuckDBPyConnection, group: Sequence[Row], told: Carriers, yard: Yard, day: date
) -> tuple[dict[str, FreightChoice], dict[str, int]]:
    """The choices of a location's shipments for one day, and the parcels that carriers still collect on it."""
    from oms_dagster.domain.loads.shopping import shop

    gone = carriers.collected_today(connection, yard) if day == yard.today else {}
    room = {carrier: max(0, most - gone.get(carrier, 0)) for carrier, most in told.parcels_a_day.items()}
    requests = [carriers.freight_request(row, yard) for row in group]
    return shop(requests, told.on(yard.location["location_id"], day), room), room


def _say(mode: Row, row: Row, choice: FreightChoice, told: Carriers, over: dict[str, str]) -> None:
    """Which carrier and why, in the shipment's mode."""
    because = over.get(row["shipment_id"]) or mode["chosen_because"]
    mode |= carriers.chosen_row(choice, told, row["country"] or "")
    if choice.chosen or row["is_released"]:
        mode["chosen_because"] = f"{because}; {choice.chosen_because}" if choice.chosen else choice.chosen_because


def _collect(
    connection: duckdb.DuckDBPyConnection,
    plan: _Plan,
    group: Sequence[Row],
    choices: dict[str, FreightChoice],
    room: dict[str, int],
    told: Carriers,
    yard: Yard,
    day: date,
    effort: int,
    seed: int,
    modes: dict[str, Row],
) -> set[str]:
    """Hired trailers and collections of what is packed, with the checkers' findings. Returns what rides on trailers."""
    from oms_dagster.domain.loads.carrier_loads import collect
    from oms_dagster.domain.loads.verify import check

    place = yard.location["location_id"]
    tariffs = told.on(place, day)
    requests = {row["shipment_id"]: carriers.freight_request(row, yard) for row in group}
    packed = [requests[row["shipment_id"]] for row in group if row["is_packed"] and not row["held_by"]]
    hired = _hired(connection, plan, group, packed, choices, told, yard, effort, seed, modes)
    ready = [request for request in packed if request.shipment_id not in hired]
    collections = collect(place, day.isoformat(), ready, choices, tariffs)
    waiting = requests.keys() - {request.shipment_id for request in ready}
    found = check(list(requests.values()), tariffs, list(choices.values()), collections, room, waiting)
    plan.findings += [str(finding) for finding in found]
    for collection in collections:
        gone = connection.execute("select 1 from facts.loads where load_id = ?", [collection.load_id]).fetchall()
        leaves = day + timedelta(days=1) if gone else day
        due = not gone and yard.now_s >= collection.cutoff_s
        row = carriers.collection_row(collection, yard, leaves, told.currency, due)
        if gone:
            row["load_id"] = collection.load_id.replace(f"{day:%Y%m%d}", f"{leaves:%Y%m%d}")
        plan.loads.append(row)
        plan.riding += [
            {
                "load_id": row["load_id"],
                "shipment_id": s,
                "stop_sequence": n,
                "because": modes[s]["chosen_because"],
            }
            for n, s in enumerate(collection.shipment_ids, 1)
        ]
    return hired


def _hired(
    connection: duckdb.DuckDBPyConnection,
    plan: _Plan,
    group: Sequence[Row],
    packed: Sequence[FreightRequest],
    choices: dict[str, FreightChoice],
    told: Carriers,
    yard: Yard,
    effort: int,
    seed: int,
    modes: dict[str, Row],
) -> set[str]:
    """Trailers that cost less than the tariffs of what rides on them; each shipment bears its share."""
    from oms_dagster.domain.loads.building.verify import findings
    from oms_dagster.domain.loads.hiring import hire
    from oms_dagster.domain.loads.mode import straight_m
    from oms_dagster.domain.loads.verify import check_hired
    from oms_dagster.domain.solving import Budget

    place = yard.location
    kinds = told.trailers_on(place["location_id"], yard.today)
    rows_of = {row["shipment_id"]: row for row in group}
    metres = {
        s: straight_m(float(place["latitude"]), float(place["longitude"]), float(r["latitude"]), float(r["longitude"]))
        for s, r in rows_of.items()
    }
    found = hire(packed, choices, kinds, metres, plan.held, Budget(effort), seed)
    if found.problem is None or found.plan is None:
        return set()
    plan.findings += [f"{rule} {what}" for rule, what in findings(found.problem, found.plan)]
    plan.findings += [str(finding) for finding in check_hired(found.loads, plan.held)]
    for s, because in found.no_room.items():
        modes[s]["chosen_because"] = f"{modes[s]['chosen_because']}; not on a hired trailer: {because}"
    report = found.plan.report
    by_tariff = sum(item.leave_cents or 0 for item in found.problem.items)
    baselines = json.dumps({report.baseline: report.baseline_objective, "all_by_tariff": by_tariff})
    scope = f"{place['location_id']} {yard.today}"
    plan.runs.append(solver_run("loads", scope, report) | {"baselines": baselines})
    prefix = f"{place['location_id']}-{yard.today:%Y%m%d}-"
    gone = connection.execute(
        "select count(*) from facts.loads where trailer_id is not null and starts_with(load_id, ?)", [prefix]
    ).fetchall()[0][0]
    for number, load in enumerate(found.loads, gone + 1):
        kind = load.kind
        currency = told.currency
        row = carriers.hired_row(load, report, yard, number, currency, yard.now_s >= kind.cutoff_s)
        plan.loads.append(row)
        plan.trailers += 1
        because = carriers.hired_because(load)
        for stop, (s, position, share, (before, places)) in enumerate(
            zip(load.shipment_ids, load.load_positions, load.shares_cents, load.floor, strict=True), 1
        ):
            plan.riding.append(
                {
                    "load_id": row["load_id"], "shipment_id": s, "stop_sequence": stop, "load_position": position,
                    "pallets_before": from_milli(before), "pallets": from_milli(places), "because": because,
                }
            )  # fmt: skip
            modes[s] |= {
                "carrier_id": kind.carrier_id,
                "service": kind.trailer_id,
                "freight_quote": from_cents(share),
                "freight_currency": currency,
                "chosen_because": because,
            }
    return {s for load in found.loads for s in load.shipment_ids}
