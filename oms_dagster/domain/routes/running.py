"""A day that runs: what is done is history, a vehicle that breaks down or a driver who is ill takes no part in the rest.

Belongs here: from a problem and what happened to the problem of what is left. Does not belong here: planning it
(replan.py), where events come from (the warehouse).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from oms_dagster.domain.routes.problem import FrozenLoad, Lock, Problem, Vehicle


@dataclass(frozen=True, slots=True)
class Underway:
    """A load that has left: its stops in the order driven, all of them, done or not."""

    vehicle_id: str
    trip: int
    departure_s: int
    stops: tuple[tuple[str, ...], ...]


def running(problem: Problem, now_s: int, underway: Sequence[Underway]) -> Problem:
    """The problem at `now_s`: a load that has left keeps its stops, order and departure; the others leave from now on.

    What a planner locked on a load that has left is history too; a vehicle whose shift is over takes no part.
    """
    history = tuple(FrozenLoad(u.vehicle_id, u.trip, u.stops, u.departure_s) for u in underway)
    aboard = {s for load in history for stop in load.stops for s in stop}
    out = {load.vehicle_id for load in history}
    vehicles = (
        v if v.vehicle_id in out else replace(v, shift_start_s=max(v.shift_start_s, now_s)) for v in problem.vehicles
    )
    return replace(
        problem,
        vehicles=tuple(v for v in vehicles if v.shift_start_s < v.shift_end_s),
        locks=(*(lock for lock in problem.locks if not aboard.intersection(_locked(lock))), *history),
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


def _locked(lock: Lock) -> set[str]:
    if isinstance(lock, FrozenLoad):
        return {s for stop in lock.stops for s in stop}
    return {lock.shipment_id}
