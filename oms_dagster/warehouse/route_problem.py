"""From rows to the routing of a day: depot, fleet, shipments and what the policies say that the plan must obey.

Belongs here: reading rows as a `Problem`. Does not belong here: which day is planned and what is locked (transport.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from oms_dagster.domain.quantities import to_cents, to_milli
from oms_dagster.domain.routes.doors import DAY_S, Docks
from oms_dagster.domain.routes.problem import (
    BreakRule,
    Depot,
    Lock,
    PreviousLoad,
    Problem,
    Shipment,
    Vehicle,
)
from oms_dagster.domain.routes.running import continued
from oms_dagster.domain.routes.speeds import SlowHours, TravelModel
from oms_dagster.warehouse.transport import Yard, classes, clock, listed


def problem(
    yard: Yard,
    shipments: Sequence[Mapping[str, Any]],
    in_force: Mapping[str, str],
    locks: tuple[Lock, ...],
    previous: tuple[PreviousLoad, ...],
    prices: Mapping[str, int],
    pickups: Sequence[Mapping[str, Any]] = (),
) -> Problem:
    """The routing of a location's planned day. `prices`: cents that it costs to leave a shipment to a carrier."""
    max_late_s = 60 * int(in_force["loads.max_late_min"])
    worth = to_cents(Decimal(in_force["loads.pickup_worth"]))
    start = max(yard.departure_s, yard.now_s) if yard.is_due else yard.departure_s
    reload_s, out = 60 * int(in_force["loads.reload_min"]), yard.underway
    fleet = (_vehicle(v, start) for v in yard.vehicles)
    fleet = (continued(v, out[v.vehicle_id], reload_s) if v.vehicle_id in out else v for v in fleet)
    return Problem(
        depot=Depot(
            yard.location["location_id"],
            float(yard.location["latitude"]),
            float(yard.location["longitude"]),
            start,
            DAY_S,
        ),
        day=yard.day.isoformat(),
        vehicles=tuple(v for v in fleet if v.shift_start_s < v.shift_end_s),
        shipments=(
            *(_shipment(s, max_late_s, prices.get(s["shipment_id"])) for s in shipments),
            *(_pickup(p, max_late_s, worth) for p in pickups),
        ),
        locks=locks,
        previous=previous,
        stability_cents=to_cents(Decimal(in_force["loads.stability_cost"])),
        travel=TravelModel(
            int(Decimal(in_force["loads.detour_factor"]) * 1000),
            int(Decimal(in_force["loads.speed_kmh"])),
            slow=_slow_hours(in_force["loads.slow_hours"]),
        ),
        apart=_pairs(in_force["loads.apart"]),
        breaks=_break_rule(in_force),
        late_per_hour_cents=to_cents(Decimal(in_force["loads.cost_late_hour"])),
        reload_s=reload_s,
        docks=_docks(yard, in_force),
    )


def _docks(yard: Yard, in_force: Mapping[str, str]) -> Docks | None:
    there = yard.location
    if not there["docks"]:
        return None
    minutes = (Decimal(in_force[name]) for name in ("loads.dock_minutes", "release.dock_minutes_m3"))
    hours = (clock(there["dock_opens"], 0), clock(there["dock_closes"], DAY_S))
    return Docks(there["docks"], *hours, *(int(60 * m) for m in minutes), yard.docks_taken_s)


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    if text == "none":
        return ()
    one_and_other = (pair.split("+") for pair in text.split("|"))
    return tuple((one, other) for one, other in one_and_other)


def _slow_hours(text: str) -> tuple[SlowHours, ...]:
    """Circles and hours; those that end before they begin last until midnight."""
    if text == "none":
        return ()
    rows = (row.split(",") for row in text.split(";"))
    return tuple(
        SlowHours(
            float(lat), float(lon), 1_000 * int(km), clock(begin, 0), clock(end, 0) if begin < end else DAY_S,
            int(Decimal(factor) * 1000),
        )
        for lat, lon, km, begin, end, factor in rows
    )  # fmt: skip


def _break_rule(in_force: Mapping[str, str]) -> BreakRule | None:
    drive, work, rest = (
        60 * int(in_force[f"loads.{name}"]) for name in ("drive_before_break_min", "work_before_break_min", "break_min")
    )
    return BreakRule(drive, work, rest) if rest else None


def _vehicle(v: Mapping[str, Any], start: int) -> Vehicle:
    return Vehicle(
        vehicle_id=v["vehicle_id"], driver_id=v["driver_id"] or "", capacity_g=to_milli(v["payload_kg"]), capacity_dm3=to_milli(v["volume_m3"]),
        max_stops=v["max_stops"] or 99, max_value_cents=to_cents(v["max_value"]) if v["max_value"] else 10**12,
        shift_start_s=max(start, clock(v["shift_from"], 7 * 3600)), shift_end_s=clock(v["shift_to"], 18 * 3600),
        max_drive_s=(v["max_drive_min"] or 540) * 60, cost_per_km_cents=to_cents(v["cost_km"] + (v["toll_km"] or 0)), cost_per_hour_cents=to_cents(v["cost_hour"]),
        fixed_cost_cents=to_cents(v["cost_day"] or 0), temperature_classes=classes(v), hazard_ok=bool(v["hazard_ok"]),
        vehicle_class=v["vehicle_class"] or "", skills=listed(v["skills"]),
        max_overtime_s=(v["max_overtime_min"] or 0) * 60, overtime_per_hour_cents=to_cents(v["overtime_hour"] or 0),
        max_trips=v["max_trips"] or 1, max_duty_s=60 * v["max_duty_min"] if v["max_duty_min"] else None,
        base=None if v["base_latitude"] is None or v["base_longitude"] is None else (float(v["base_latitude"]), float(v["base_longitude"])),
    )  # fmt: skip


def _shipment(row: Mapping[str, Any], max_late_s: int, price: int | None) -> Shipment:
    window_from_s, window_to_s = clock(row["window_from"], 0), clock(row["window_to"], DAY_S)
    gap = (max(clock(row["closed_from"], 0), window_from_s), min(clock(row["closed_to"], 0), window_to_s))
    return Shipment(
        shipment_id=row["shipment_id"], order_ids=(row["order_id"],),
        address_key=f"{row['customer_id']}|{row['address_id'] or ''}|{row['latitude']}|{row['longitude']}",
        latitude=float(row["latitude"]), longitude=float(row["longitude"]), postcode=row["postcode"] or "", country=row["country"] or "",
        weight_g=to_milli(row["weight_kg"]), volume_dm3=to_milli(row["volume_m3"]), value_cents=to_cents(row["value_base"]),
        window_from_s=window_from_s, window_to_s=window_to_s, closed=(gap,) if gap[0] < gap[1] else (), service_s=(row["service_min"] or 0) * 60,
        temperature_class=row["temperature_class"], hazard_class="" if row["hazard_class"] == "none" else row["hazard_class"],
        priority=row["priority"], penalty_cents=30_000 + (10 - row["priority"]) * 2_000 if price is None else price,
        skills=listed(row["skills"]), vehicle_classes=listed(row["vehicle_classes"]), goods_classes=listed(row["goods_classes"]),
        max_late_s=max_late_s,
    )  # fmt: skip


def _pickup(row: Mapping[str, Any], max_late_s: int, worth: int) -> Shipment:
    orders = () if row["order_id"] is None else (row["order_id"],)
    like = _shipment({**row, "shipment_id": row["pickup_id"], "priority": 9}, max_late_s, worth)
    return replace(like, order_ids=orders, is_pickup=True)
