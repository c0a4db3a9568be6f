"""Small days for the tests of the routes stage: one calm one, and random tight ones in which shipments stay behind."""

from __future__ import annotations

import random
from dataclasses import replace

from oms_dagster.domain.routes.problem import (
    BreakRule,
    Depot,
    Problem,
    RelaxationPrices,
    Shipment,
    Vehicle,
    VehicleLock,
)

DEPOT = Depot("LON", 51.5, -0.1, open_s=6 * 3600, close_s=20 * 3600)
HOUR = 3600
#: Kinds of tight days: what there is too little of.
KINDS = 14


def van(number: int = 1, **changes: object) -> Vehicle:
    """A van for 800 kg, 5 m3, 8 stops, 9 hours."""
    values: dict[str, object] = {
        "vehicle_id": f"V{number}", "driver_id": f"D{number}", "capacity_g": 800_000, "capacity_dm3": 5_000,
        "max_stops": 8, "max_value_cents": 5_000_000, "shift_start_s": 7 * HOUR, "shift_end_s": 16 * HOUR,
        "max_drive_s": 8 * HOUR, "cost_per_km_cents": 60, "cost_per_hour_cents": 2_400, "fixed_cost_cents": 5_000,
        "vehicle_class": "van",
    }  # fmt: skip
    return Vehicle(**{**values, **changes})  # type: ignore[arg-type]


def parcel(number: int, north_km: float = 0.0, east_km: float = 5.0, **changes: object) -> Shipment:
    """A shipment of 100 kg and 0.5 m3 at a place so many km north and east of the depot."""
    values: dict[str, object] = {
        "shipment_id": f"S{number:02d}", "order_ids": (f"O{number:02d}",), "address_key": f"A{number:02d}",
        "latitude": DEPOT.latitude + north_km / 111.2, "longitude": DEPOT.longitude + east_km / 69.2,
        "postcode": f"{number:02d}000", "country": "GB", "weight_g": 100_000, "volume_dm3": 500,
        "value_cents": 50_000, "window_from_s": 8 * HOUR, "window_to_s": 15 * HOUR, "service_s": 600,
        "penalty_cents": 50_000,
    }  # fmt: skip
    return Shipment(**{**values, **changes})  # type: ignore[arg-type]


def calm_day(**changes: object) -> Problem:
    """Six shipments around the depot and two vans: all of them fit on one."""
    places = [(5, 0), (6, 3), (-4, 7), (-8, -2), (0, -9), (3, 4)]
    goods = tuple(parcel(n, north, east) for n, (north, east) in enumerate(places, start=1))
    values: dict[str, object] = {"depot": DEPOT, "day": "2025-03-05", "vehicles": (van(1), van(2)), "shipments": goods}
    return Problem(**{**values, **changes})  # type: ignore[arg-type]


def tight_day(seed: int) -> Problem:
    """A random day of eight shipments and too little of one thing: which one depends on the seed."""
    dice = random.Random(seed)
    fleet_changes: dict[str, object] = [
        {"capacity_g": 250_000}, {"capacity_dm3": 1_100}, {"max_stops": 3}, {"max_value_cents": 150_000},
        {"shift_end_s": 9 * HOUR}, {"max_drive_s": 2_400}, {}, {}, {}, {}, {}, {}, {}, {},
    ][seed % KINDS]  # fmt: skip
    vans = [van(n, **fleet_changes) for n in range(1, dice.randrange(1, 3) + 1)]
    if seed % KINDS == 9:
        vans = [] if dice.random() < 0.3 else vans[:1]
    goods = []
    for n in range(1, 9):
        changes: dict[str, object] = {
            "weight_g": dice.randrange(20_000, 200_000),
            "volume_dm3": dice.randrange(50, 800),
        }
        changes["value_cents"] = dice.randrange(1_000, 90_000)
        changes["penalty_cents"] = dice.choice((300, 20_000, 60_000, 200_000))
        if seed % KINDS == 6:
            start = dice.randrange(6, 14) * HOUR
            changes |= {"window_from_s": start, "window_to_s": start + dice.choice((0, 600, 1_800))}
        if seed % KINDS == 7:
            changes |= {"temperature_class": dice.choice(("ambient", "chilled"))}
        if seed % KINDS == 8:
            changes |= {"hazard_class": dice.choice(("", "3"))}
        if seed % KINDS == 10:
            changes |= {"skills": dice.choice(((), ("tail-lift",)))}
        if seed % KINDS == 11:
            changes |= {"vehicle_classes": dice.choice(((), ("bike", "cart")))}
        if seed % KINDS == 12:
            changes |= {"goods_classes": dice.choice((("food",), ("toxic",), ("food", "dry"), ()))}
        if seed % KINDS == 13:
            start = dice.randrange(6, 12) * HOUR
            changes |= {"window_from_s": start, "window_to_s": start + 2 * HOUR, "max_late_s": dice.choice((0, 900))}
            changes |= {"closed": ((start + 600, start + 6_600),)}
        if dice.random() < 0.2:
            changes["address_key"] = "A01"
        north, east = dice.uniform(-15, 15), dice.uniform(-15, 15)
        if changes.get("address_key") == "A01" or n == 1:
            north, east = 3.0, 4.0
        goods.append(parcel(n, north, east, **changes))
    locks: tuple[VehicleLock, ...] = ()
    if seed % KINDS == 12:  # all are tied to one van, and another one is dear
        locks = tuple(VehicleLock(s.shipment_id, "V1") for s in goods)
    breaks = BreakRule(2_700, 7_200, 900) if seed % 3 == 0 else None
    return Problem(
        DEPOT, "2025-03-05", tuple(vans), tuple(goods), locks, stop_service_s=120, apart=(("food", "toxic"),),
        breaks=breaks, late_per_hour_cents=3_000,
        prices=RelaxationPrices(vehicle_upgrade=90_000),
    )  # fmt: skip


def pickup_day(seed: int) -> Problem:
    """A random day of too few stops on which half of the shipments are picked up, dear ones."""
    day, dice = tight_day(KINDS * seed + 2), random.Random(seed)
    goods = (replace(s, is_pickup=True, penalty_cents=90_000) if dice.random() < 0.5 else s for s in day.shipments)
    return replace(day, shipments=tuple(goods))
