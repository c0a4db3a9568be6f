"""Between the tables and the transport domain: sites, tariffs, fleets and waiting shipments in; loads and stops out.

Belongs here: units and clocks (local seconds of the planned day to UTC and back). Does not belong here: any choice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.domain.loads.leaving import LatenessPrices, lateness_cents
from oms_dagster.domain.loads.mode import Consignment, Site
from oms_dagster.domain.loads.shopping import FreightChoice
from oms_dagster.domain.quantities import from_cents, from_milli, to_cents, to_milli
from oms_dagster.domain.routes.doors import DAY_S
from oms_dagster.domain.routes.plan import Load, Plan, Stop
from oms_dagster.domain.routes.problem import load_id
from oms_dagster.domain.routes.running import Underway
from oms_dagster.warehouse import crew, route_plans
from oms_dagster.warehouse.read import rows
from oms_dagster.warehouse.sourcing import policies
from oms_dagster.warehouse.underway import left_loads, underway

#: How long after its departure time a location may still send what is packed on the same day.
GRACE_S = 2 * 3600


@dataclass(frozen=True, slots=True)
class Yard:
    """One location as transport sees it: its clock, its fleet, and which day is planned now.

    Attributes
    ----------
    today
        Local date now.
    day
        Local date that own loads are planned for.
    is_due
        The departure time has come, and loads of the day have still to leave: only what is packed rides.
    underway
        What vehicles have done of the planned day.
    commit_s
        Loads that are loaded (without docks: that leave) until then are committed now.
    docks_taken_s
        Until when loads that are committed take each dock.
    """

    location: Mapping[str, Any]
    zone: ZoneInfo
    today: date
    day: date
    departure_s: int
    now_s: int
    is_due: bool
    vehicles: tuple[Mapping[str, Any], ...]
    underway: Mapping[str, Underway] = field(default_factory=dict)
    commit_s: int = DAY_S
    docks_taken_s: tuple[int, ...] = ()

    def leaves(self, load: Load) -> bool:
        """The load is committed in this cycle, if nobody has to approve it."""
        return self.is_due and (load.loading_s if load.door else load.departure_s) <= self.commit_s

    def instant(self, seconds: int, day: date | None = None) -> datetime:
        """UTC instant of local seconds since midnight of the planned day."""
        local = datetime.combine(day or self.day, time(), self.zone) + timedelta(seconds=seconds)
        return local.astimezone(ZoneInfo("UTC"))


def clock(text: str | time | None, default: int) -> int:
    """Seconds since midnight of HH:MM."""
    if text is None:
        return default
    if isinstance(text, time):
        return text.hour * 3600 + text.minute * 60 + text.second
    hours, minutes = text.split(":")[:2]
    return int(hours) * 3600 + int(minutes) * 60


def yards(connection: duckdb.DuckDBPyConnection, now: Cycle) -> list[Yard]:
    """All locations, in order of their id."""
    in_force = policies(connection)
    departure = clock(in_force["loads.departure_time"], 9 * 3600)
    fleet = _fleet(connection, in_force["reporting.currency"])
    gone = _gone(connection)
    ahead_s = 60 * int(in_force["loads.commit_ahead_min"])
    absences, on_the_road = crew.absences(connection), left_loads(connection, now.as_of)
    found = []
    for location in rows(connection, "select * from intermediate.int_locations__in_force order by location_id"):
        zone = ZoneInfo(location["timezone"])
        local = now.as_of.astimezone(zone)
        now_s = local.hour * 3600 + local.minute * 60 + local.second
        midnight = datetime.combine(local, time(), zone)
        mine = [
            load for load in gone if load["location_id"] == location["location_id"] and load["departed_at"] >= midnight
        ]
        # A load that a dispatcher sent before the departure time doesn't hold back the others.
        left = any(load["departed_at"] >= midnight + timedelta(seconds=departure) for load in mine)
        more = _to_come(connection, location["location_id"], local.date(), {load["load_id"] for load in mine}, now_s)
        due = departure <= now_s and (more if left else now_s <= departure + GRACE_S)
        day = local.date() if now_s < departure or due else local.date() + timedelta(days=1)
        there = [v for v in fleet if v["location_id"] == location["location_id"]]
        taken = _docks_taken(mine, midnight) if day == local.date() else ()
        ready = crew.ready(there, absences, day)
        out = underway(on_the_road, location["location_id"], day, midnight) if day == local.date() else {}
        found.append(Yard(location, zone, local.date(), day, departure, now_s, due, ready, out, now_s + ahead_s, taken))
    return found


def _fleet(connection: duckdb.DuckDBPyConnection, currency: str) -> list[dict[str, Any]]:
    """Active vehicles with their drivers, priced and limited in the reporting currency; where no rate is known, as they are written."""
    return rows(
        connection,
        "select v.* exclude (skills) replace (v.cost_km * coalesce(r.rate, 1) as cost_km, v.toll_km * coalesce(r.rate, 1) as toll_km,"
        " v.cost_hour * coalesce(r.rate, 1) as cost_hour, v.cost_day * coalesce(r.rate, 1) as cost_day,"
        " cast(v.max_value as decimal(28, 2)) * coalesce(r.rate, 1) as max_value,"
        " case when r.rate is null then v.currency else $currency end as currency), concat_ws('|', v.skills, d.skills) as skills,"
        " d.shift_from, d.shift_to, d.max_drive_min, d.max_overtime_min, d.overtime_hour * coalesce(r.rate, 1) as overtime_hour"
        " from intermediate.int_vehicles__in_force as v left join intermediate.int_drivers__in_force as d on v.driver_id = d.driver_id"
        " left join intermediate.int_rates__in_force as r on upper(v.currency) = r.currency"
        " where coalesce(v.is_active, true) order by v.vehicle_id",
        {"currency": currency},
    )


def _gone(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Own loads that left, of the last two days that any did."""
    return rows(
        connection,
        "select load_id, location_id, departed_at, planned_dock, planned_loading_end from facts.loads where mode = 'own_fleet'"
        " and departed_at >= (select max(departed_at) from facts.loads where mode = 'own_fleet') - interval 2 day order by load_id",
    )


def _to_come(
    connection: duckdb.DuckDBPyConnection, location_id: str, day: date, gone: Collection[str], now_s: int
) -> bool:
    """A load of the day's last plan has not left, and was to leave not long ago or later."""
    return any(
        load.get("departure_s", 0) >= now_s - GRACE_S
        and load_id(location_id, day.isoformat(), load["vehicle_id"], load["trip"]) not in gone
        for load in route_plans.last(connection, location_id, day).get("loads", ())
    )


def _docks_taken(gone: Iterable[Mapping[str, Any]], midnight: datetime) -> tuple[int, ...]:
    """Seconds since midnight until which loads that are committed take each dock."""
    until: dict[int, int] = {}
    for load in gone:
        if load["planned_dock"]:
            end_s = int((load["planned_loading_end"] - midnight).total_seconds())
            until[load["planned_dock"]] = max(until.get(load["planned_dock"], 0), end_s)
    return tuple(until.get(dock, 0) for dock in range(1, max(until, default=0) + 1))


def waiting(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Shipments that may ride, with their value in the reporting currency, in order of their id."""
    return rows(
        connection,
        "select w.*, w.value * coalesce(r.rate, 1) as value_base from intermediate.int_shipments__waiting as w"
        " left join intermediate.int_rates__in_force as r on w.currency = r.currency order by w.shipment_id",
    )


def site(yard: Yard, radius_km: Decimal, carrier_max_g: int) -> Site:
    """A location's delivery area and fleet."""
    fleet = yard.vehicles
    return Site(
        location_id=yard.location["location_id"], latitude=float(yard.location["latitude"]), longitude=float(yard.location["longitude"]),
        country=yard.location["country"], vehicles=len(fleet), delivery_radius_m=int(radius_km * 1000),
        vehicle_capacity_g=max((to_milli(v["payload_kg"]) for v in fleet), default=0),
        vehicle_capacity_dm3=max((to_milli(v["volume_m3"]) for v in fleet), default=0),
        temperature_classes=tuple(sorted({c for v in fleet for c in classes(v)})), hazard_ok=any(v["hazard_ok"] for v in fleet),
        carrier_max_g=carrier_max_g,
    )  # fmt: skip


def classes(vehicle: Mapping[str, Any]) -> tuple[str, ...]:
    return listed(vehicle["temperature_classes"] or "ambient")


def consignment(row: Mapping[str, Any]) -> Consignment:
    return Consignment(
        shipment_id=row["shipment_id"], latitude=float(row["latitude"]), longitude=float(row["longitude"]), country=row["country"] or "",
        weight_g=to_milli(row["weight_kg"]), volume_dm3=to_milli(row["volume_m3"]), temperature_class=row["temperature_class"],
        hazard_class="" if row["hazard_class"] == "none" else row["hazard_class"], collected_by_customer=row["mode"] == "pickup",
    )  # fmt: skip


def listed(text: str | None) -> tuple[str, ...]:
    """The parts of a list written with |, each once."""
    return tuple(dict.fromkeys(part.strip() for part in (text or "").split("|") if part.strip()))


def prices_of_leaving(connection: duckdb.DuckDBPyConnection, yard: Yard, in_force: Mapping[str, str]) -> dict[str, int]:
    """Cents (reporting currency) that it costs to leave each shipment behind: its carrier, and how late that is. None has one: not in it.

    Of the carriers that bring it in time the cheapest, else of those that are least late.
    """
    prices, found = lateness_prices(in_force), {}
    for shipment_id, quote, days, lines, priority, value in connection.execute(
        "select q.shipment_id, arg_min(q.quote_base, (q.days, q.quote_base)), min(q.days), any_value(q.lines), any_value(q.priority), any_value(q.value) from ("
        " select f.shipment_id, f.quote_base, greatest(0, f.arrives_on - greatest(w.deliver_date, $day)) as days, w.lines, w.priority,"
        " w.value * coalesce(r.rate, 1) as value"
        " from plans.freight_quotes as f inner join intermediate.int_shipments__waiting as w on f.shipment_id = w.shipment_id"
        " left join intermediate.int_rates__in_force as r on w.currency = r.currency"
        " where f.reason = '' and w.location_id = $location) as q group by 1",
        {"day": yard.day, "location": yard.location["location_id"]},
    ).fetchall():
        found[shipment_id] = to_cents(quote) + lateness_cents(prices, days, lines, priority, to_cents(value))
    return found


def lateness_prices(in_force: Mapping[str, str]) -> LatenessPrices:
    """What sourcing holds waiting to cost, and what a broken promise counts."""
    late, waiting = (
        to_cents(Decimal(in_force[f"sourcing.{name}"])) for name in ("lateness_cost_per_day", "backorder_cost_per_day")
    )
    lost_permille = int(1_000 * Decimal(in_force["sourcing.backorder_value_share"]))
    return LatenessPrices(late, waiting, lost_permille, to_cents(Decimal(in_force["loads.broken_promise_cost"])))


def lateness_of(choice: FreightChoice, row: Mapping[str, Any], yard: Yard, day: date, prices: LatenessPrices) -> int:
    """Cents that the lateness of a carrier that collects on a day is held to cost."""
    if choice.chosen is None:
        return 0
    days = choice.chosen.arrives_in_days - (max(row["deliver_date"], yard.day) - day).days
    return lateness_cents(prices, days, row["lines"], row["priority"], to_cents(row["value_base"]))


def load_row(load: Load, yard: Yard, engine: str, seed: int, is_due: bool) -> dict[str, Any]:
    """A row of `plans.loads` for an own vehicle."""
    vehicle = next(v for v in yard.vehicles if v["vehicle_id"] == load.vehicle_id)
    minutes = {
        name: _minutes(getattr(load, f"{name}_s"))
        for name in ("duration", "drive", "service", "wait", "late", "break", "overtime")
    }
    return {
        "load_id": load.load_id, "mode": "own_fleet", "location_id": yard.location["location_id"], "vehicle_id": load.vehicle_id,
        "driver_id": load.driver_id or None, "weight_kg": from_milli(load.weight_g), "volume_m3": from_milli(load.volume_dm3),
        "stops": len(load.stops), "value": from_cents(load.value_cents), "capacity_kg": vehicle["payload_kg"], "capacity_m3": vehicle["volume_m3"],
        "utilisation": Decimal(load.utilisation_permille).scaleb(-3), "binding_dimension": load.binding_dimension, "is_locked": load.is_locked,
        "planned_departure": yard.instant(load.departure_s), "distance_km": from_milli(load.distance_m),
        "baseline_distance_km": from_milli(load.baseline_distance_m), **{f"{name}_min": value for name, value in minutes.items()},
        "cost": from_cents(load.cost_cents), "currency": vehicle["currency"], "engine": engine, "seed": seed, "is_due": is_due,
        "planned_dock": load.door or None, "planned_loading_start": yard.instant(load.loading_s) if load.door else None,
        "planned_loading_end": yard.instant(load.loaded_s) if load.door else None,
    }  # fmt: skip


def _minutes(seconds: int) -> Decimal:
    return (Decimal(seconds) / 60).quantize(Decimal("0.001"))


def stop_rows(load: Load, yard: Yard) -> Iterator[dict[str, Any]]:
    """Rows of `plans.route_stops`."""
    for stop in load.stops:
        yield {
            "load_id": load.load_id, "stop_sequence": stop.stop_sequence, "shipment_ids": _riding(stop, False), "pickup_ids": _riding(stop, True),
            "latitude": f"{stop.latitude:.6f}", "longitude": f"{stop.longitude:.6f}", "window_from": yard.instant(stop.window_from_s),
            "window_to": yard.instant(stop.window_to_s), "eta": yard.instant(stop.service_start_s), "departure": yard.instant(stop.departure_s),
            "service_min": _minutes(stop.service_s), "wait_min": _minutes(stop.wait_s), "late_min": _minutes(stop.late_s), "break_min": _minutes(stop.break_s), "distance_km": from_milli(stop.distance_m),
            "is_locked": stop.is_locked,
        }  # fmt: skip


def _riding(stop: Stop, is_pickup: bool) -> list[str]:
    """What is delivered at a stop, or what is picked up there (position 0)."""
    return [s for s, p in zip(stop.shipment_ids, stop.load_positions, strict=True) if (p == 0) == is_pickup]


def pickup_rows(plan: Plan) -> Iterator[dict[str, Any]]:
    """Rows of `plans.pickups`: which ride where, and why the others don't."""
    for load in plan.loads:
        for stop in load.stops:
            for pickup_id in _riding(stop, True):
                yield {"pickup_id": pickup_id, "load_id": load.load_id, "stop_sequence": stop.stop_sequence}
    for drop in plan.dropped:
        if drop.is_pickup:
            yield {"pickup_id": drop.shipment_id, "reason": drop.reason, "cheapest_fix": drop.cheapest_fix.text}


def load_shipment_rows(load: Load) -> Iterator[dict[str, Any]]:
    """Rows of `plans.load_shipments` for an own vehicle."""
    for stop in load.stops:
        for shipment_id, position in zip(stop.shipment_ids, stop.load_positions, strict=True):
            if position:
                yield {
                    "load_id": load.load_id,
                    "shipment_id": shipment_id,
                    "stop_sequence": stop.stop_sequence,
                    "load_position": position,
                }
