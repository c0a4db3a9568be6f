"""Which vehicles of a location can go on a day, and who drives them.

Belongs here: vehicles that broke down, drivers who called in sick and who stands in for them, vehicles that have left.
Does not belong here: what they carry (`transport`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from oms_dagster.warehouse.read import rows


@dataclass(frozen=True, slots=True)
class Absences:
    """What is out of service, by the last command about it.

    Attributes
    ----------
    until
        Vehicle or driver -> the last day, None: until somebody says otherwise.
    stand_ins
        Driver -> who drives in their place, with their shift.
    left
        Load ids that have left.
    """

    until: Mapping[str, date | None]
    stand_ins: Mapping[str, Mapping[str, Any]]
    left: frozenset[str]

    def out(self, who: str, day: date) -> bool:
        """Whether a vehicle or driver is out on a day."""
        last = self.until.get(who, date.min)
        return last is None or day <= last


def absences(connection: duckdb.DuckDBPyConnection) -> Absences:
    """Vehicles and drivers that are out, as accepted commands say."""
    drivers = {
        row["driver_id"]: row
        for row in rows(
            connection, "select driver_id, shift_from, shift_to, max_drive_min from intermediate.int_drivers__in_force"
        )
    }
    until: dict[str, date | None] = {}
    stand_ins: dict[str, Mapping[str, Any]] = {}
    for target, kind, payload in connection.execute(
        "select target, type, payload from facts.commands where outcome = 'accepted'"
        " and type in ('vehicle.stop', 'vehicle.resume', 'driver.absent', 'driver.return')"
        " qualify row_number() over (partition by target, split_part(type, '.', 1) order by cycle_seq desc, sequence desc) = 1 order by 1"
    ).fetchall():
        if kind in ("vehicle.stop", "driver.absent"):
            said = json.loads(payload)
            until[target] = date.fromisoformat(said["until"]) if said.get("until") else None
            if said.get("stand_in") in drivers:
                stand_ins[target] = drivers[said["stand_in"]]
    left = connection.execute("select load_id from facts.loads where mode = 'own_fleet'").fetchall()
    return Absences(until, stand_ins, frozenset(load_id for (load_id,) in left))


def ready(fleet: Iterable[Mapping[str, Any]], absent: Absences, day: date) -> tuple[Mapping[str, Any], ...]:
    """The vehicles of a location that can go on a day and have a trip of it left, each with its driver of the day."""
    found = []
    for vehicle in fleet:
        mark = f"{vehicle['location_id']}-{day:%Y%m%d}-{vehicle['vehicle_id']}-"
        driver = vehicle["driver_id"] or ""
        left = max((int(load_id.removeprefix(mark)) for load_id in absent.left if load_id.startswith(mark)), default=0)
        if absent.out(vehicle["vehicle_id"], day) or left >= (vehicle.get("max_trips") or 1):
            continue
        if absent.out(driver, day):
            if driver not in absent.stand_ins or absent.out(absent.stand_ins[driver]["driver_id"], day):
                continue
            vehicle = {**vehicle, **absent.stand_ins[driver]}
        found.append(vehicle)
    return tuple(found)
