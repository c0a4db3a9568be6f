"""A day that runs: what has left is history, a vehicle that breaks down or a driver who is ill takes no part in the rest.

Belongs here: from a problem and what happened to the problem of what is left. Does not belong here: planning it
(replan.py), where events come from (`warehouse.underway`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from oms_dagster.domain.routes.problem import FrozenLoad, Problem, Vehicle


@dataclass(frozen=True, slots=True)
class Underway:
    """What a vehicle has done of its day: `trips` loads have left, the first at `departure_s`; the last is back at `back_s`."""

    trips: int
    departure_s: int
    back_s: int
    drive_s: int


def continued(vehicle: Vehicle, out: Underway, reload_s: int) -> Vehicle:
    """The vehicle with what is left of its day: from its return on, with the driving, duty and trips that it has not used.

    Its day is paid for. The driver is taken to be rested when it leaves again.
    """
    end_s, overtime_s = vehicle.shift_end_s, vehicle.max_overtime_s
    if vehicle.max_duty_s is not None:
        last_s = min(end_s + overtime_s, out.departure_s + vehicle.max_duty_s)
        end_s, overtime_s = min(end_s, last_s), max(0, last_s - end_s)
    return replace(
        vehicle,
        trips_done=out.trips,
        shift_start_s=max(vehicle.shift_start_s, out.back_s + reload_s),
        shift_end_s=end_s,
        max_overtime_s=overtime_s,
        max_drive_s=vehicle.max_drive_s - out.drive_s,
        max_duty_s=None,
        fixed_cost_cents=0,
    )


def without_vehicle(problem: Problem, vehicle_id: str, done: Collection[str] = ()) -> Problem:
    """The problem when a vehicle breaks down: what it delivered (`done`, shipment ids) stays, the rest goes to others.

    Its locks end with it. The goods still aboard are taken to be back at the location.
    """
    kept = []
    for lock in problem.locks:
        if lock.vehicle_id != vehicle_id:
            kept.append(lock)
        elif isinstance(lock, FrozenLoad):
            served = tuple(stop for stop in lock.stops if set(stop) <= set(done))
            kept += [replace(lock, stops=served)] if served else []
    last = max(
        (lock.trip for lock in kept if isinstance(lock, FrozenLoad) and lock.vehicle_id == vehicle_id), default=0
    )
    others = (
        v if v.vehicle_id != vehicle_id else replace(v, max_trips=last)
        for v in problem.vehicles
        if last or v.vehicle_id != vehicle_id
    )
    return replace(
        problem,
        vehicles=tuple(others),
        locks=tuple(kept),
        previous=tuple(load for load in problem.previous if load.vehicle_id != vehicle_id),
    )


def without_driver(problem: Problem, driver_id: str, stand_in: str = "") -> Problem:
    """The problem when a driver calls in sick before the start: somebody stands in, or the vehicle stays at home."""
    drives = [v.vehicle_id for v in problem.vehicles if v.driver_id == driver_id]
    if stand_in:
        return replace(problem, vehicles=tuple(_driven_by(v, driver_id, stand_in) for v in problem.vehicles))
    for vehicle_id in drives:
        problem = without_vehicle(problem, vehicle_id)
    return problem


def _driven_by(vehicle: Vehicle, driver_id: str, stand_in: str) -> Vehicle:
    return replace(vehicle, driver_id=stand_in) if vehicle.driver_id == driver_id else vehicle
