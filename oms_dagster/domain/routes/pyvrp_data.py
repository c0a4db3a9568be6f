"""A group of shipments and vehicles as PyVRP's data: its units and traps.

Belongs here: what each client, depot and vehicle type of PyVRP stands for. Does not belong here: the search, and what is
read from it (engine.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyvrp

from oms_dagster.domain.routes.draft import Prepared
from oms_dagster.domain.routes.problem import Shipment, Vehicle
from oms_dagster.domain.routes.schedule import gaps, window
from oms_dagster.domain.routes.travel import Travel, farther, without_way

Unit: TypeAlias = tuple[Shipment, ...]

#: PyVRP's own word for no limit.
UNLIMITED = int(np.iinfo(np.int64).max)
#: A stop counts a thousand, so that one stop too many weighs as much in PyVRP's penalties as a kilogram.
STOP = 1_000
#: Their place among weight, volume, stops and value. A pick-up is a stop from the departure on, like a delivery.
_STOPS = 2


@dataclass(frozen=True, slots=True)
class Offer:
    """A vehicle as PyVRP sees it: what is left of its day after its frozen loads."""

    vehicle: Vehicle
    from_s: int
    to_s: int
    max_distance_m: int
    reloads: int
    fixed_cost: int
    refused: frozenset[int]
    foreign: frozenset[int]

    def kind(self) -> tuple[object, ...]:
        """Vehicles of one kind are interchangeable."""
        v = self.vehicle
        limits = (v.capacity_g, v.capacity_dm3, v.max_stops, v.max_value_cents, v.cost_per_km_cents)
        overtime = (v.shift_end_s, v.overtime_per_hour_cents) if v.max_overtime_s else ()
        day = (self.from_s, self.to_s, self.max_distance_m, self.reloads, overtime)
        place = (v.base, v.max_duty_s)
        return (*limits, v.cost_per_hour_cents, self.fixed_cost, *day, *place, self.refused, self.foreign)


def problem_data(
    prepared: Prepared,
    units: Sequence[Unit],
    served: Sequence[int],
    groups: Sequence[Sequence[Offer]],
    exact: bool,
    sure: Collection[str],
) -> pyvrp.ProblemData:
    """PyVRP's data of some units and vehicles.

    Parameters
    ----------
    served
        What `Offer.refused` and `Offer.foreign` call each of `units`.
    groups
        Vehicles that are interchangeable, as one vehicle type each.
    exact
        False for the rough twin, in which only time at the wheel costs, by the metre.
    sure
        Ids of shipments that aren't optional.
    """
    problem, travel = prepared.problem, prepared.travel
    bases = bases_of(groups)
    first = len(bases)
    points = [*map(travel.base, bases), *(travel.point(unit[0].latitude, unit[0].longitude) for unit in units)]
    metres, seconds = travel.block(points)
    profiles: dict[tuple[frozenset[int], int, frozenset[int]], int] = {}
    distances: list[Any] = []
    durations: list[Any] = []
    types = []
    kept = _limits_that_may_bind(units, groups)
    for group in groups:
        offer = group[0]
        metre = _metre_cost(travel, offer.vehicle, exact)
        away = 1_000 * problem.stability_cents // metre if offer.foreign and metre else 0
        profile = (offer.refused, away, offer.foreign)
        if profile not in profiles:
            profiles[profile] = len(profiles)
            closed = [n + first for n, unit in enumerate(served) if unit in offer.refused]
            foreign = [n + first for n, unit in enumerate(served) if unit in offer.foreign]
            distances.append(without_way(farther(metres, foreign, away), closed))
            durations.append(without_way(seconds, closed))
        base = bases.index(offer.vehicle.base)
        types.append(_vehicle_type(travel, offer, len(group), profiles[profile], kept, exact, base))
    depot = problem.depot
    homes = [base or (depot.latitude, depot.longitude) for base in bases]
    places = [pyvrp.Location(longitude, latitude) for latitude, longitude in homes]
    places += [pyvrp.Location(unit[0].longitude, unit[0].latitude) for unit in units]
    depots = [
        pyvrp.Depot(base, depot.open_s, depot.close_s, service_duration=service_s)
        for base in range(first)
        for service_s in (0, problem.reload_s)
    ]
    clients: list[pyvrp.Client] = []
    choices: list[pyvrp.ClientGroup] = []
    for n, unit in enumerate(units):
        required = all(s.shipment_id in sure for s in unit)
        openings = _openings(unit)
        group_ = len(choices) if len(openings) > 1 else None
        if group_ is not None:
            choices.append(pyvrp.ClientGroup(list(range(len(clients), len(clients) + len(openings))), required))
        for opening in openings:
            clients.append(_client(problem.stop_service_s, n + first, unit, kept, required, opening, group_))
    return pyvrp.ProblemData(places, clients, depots, types, distances, durations, choices)


def bases_of(groups: Sequence[Sequence[Offer]]) -> list[tuple[float, float] | None]:
    """Where vehicles start and end, each once. PyVRP has two depots for each: depot 2k, and 2k + 1 to load again."""
    return list(dict.fromkeys(group[0].vehicle.base for group in groups))


def _openings(unit: Unit) -> list[tuple[int, int]]:
    """The parts of the common window, first and last second in which service may start."""
    begin, end = window(unit)
    parts = []
    for closed_from, closed_to in gaps(unit):
        if begin <= min(closed_from, end):
            parts.append((begin, min(closed_from, end)))
        begin = max(begin, closed_to)
    return [*parts, (begin, end)] if begin <= end else parts


def unit_of_client(units: Sequence[Unit]) -> list[int]:
    """Which unit each of PyVRP's clients stands for: a window with gaps has several."""
    return [n for n, unit in enumerate(units) for _ in _openings(unit)]


def _amounts(unit: Unit) -> tuple[int, ...]:
    weight_g, volume_dm3 = sum(s.weight_g for s in unit), sum(s.volume_dm3 for s in unit)
    return weight_g, volume_dm3, STOP, sum(s.value_cents for s in unit)


def _capacities(vehicle: Vehicle) -> tuple[int, ...]:
    return vehicle.capacity_g, vehicle.capacity_dm3, vehicle.max_stops * STOP, vehicle.max_value_cents


def _limits_that_may_bind(units: Sequence[Unit], groups: Sequence[Sequence[Offer]]) -> list[int]:
    """Of weight, volume, stops and value those that all units together exceed on some vehicle."""
    total = [sum(column) for column in zip(*map(_amounts, units), strict=True)]
    least = [min(column) for column in zip(*(_capacities(group[0].vehicle) for group in groups), strict=True)]
    return [n for n in range(len(total)) if total[n] > least[n]]


def _client(
    stop_service_s: int,
    location: int,
    unit: Unit,
    kept: Sequence[int],
    required: bool,
    opening: tuple[int, int],
    group: int | None,
) -> pyvrp.Client:
    amounts, is_pickup = _amounts(unit), unit[0].is_pickup
    return pyvrp.Client(
        location,
        delivery=[amounts[n] if n == _STOPS or not is_pickup else 0 for n in kept],
        pickup=[amounts[n] if n != _STOPS and is_pickup else 0 for n in kept],
        service_duration=stop_service_s + sum(s.service_s for s in unit),
        tw_early=max(0, opening[0]),
        tw_late=max(0, opening[1]),
        prize=0 if required else 1_000 * sum(s.penalty_cents for s in unit),
        required=required and group is None,
        group=group,
    )


def _vehicle_type(
    travel: Travel, offer: Offer, available: int, profile: int, kept: Sequence[int], exact: bool, base: int
) -> pyvrp.VehicleType:
    v = offer.vehicle
    capacities = _capacities(v)
    shift_s, overtime_s, overtime_cost = _overtime(offer)
    return pyvrp.VehicleType(
        available,
        [capacities[n] for n in kept],
        2 * base,
        2 * base,
        fixed_cost=1_000 * offer.fixed_cost,
        tw_early=offer.from_s,
        tw_late=offer.to_s,
        max_distance=offer.max_distance_m,
        unit_distance_cost=_metre_cost(travel, v, exact),
        unit_duration_cost=_second_cost(v) if exact else 0,
        profile=profile,
        reload_depots=[2 * base + 1] if offer.reloads else [],
        max_reloads=offer.reloads,
        shift_duration=shift_s if v.max_duty_s is None else min(shift_s, v.max_duty_s),
        max_overtime=overtime_s,
        unit_overtime_cost=overtime_cost,
    )


def _overtime(offer: Offer) -> tuple[int, int, int]:
    """(seconds out before overtime, most overtime, its cost a second). PyVRP counts from the departure: the whole shift."""
    v = offer.vehicle
    if not v.max_overtime_s or offer.to_s <= v.shift_end_s:
        return UNLIMITED, 0, 0
    cost = (v.overtime_per_hour_cents * 10 + 18) // 36
    return max(0, v.shift_end_s - offer.from_s), offer.to_s - v.shift_end_s, cost


def _second_cost(vehicle: Vehicle) -> int:
    return (vehicle.cost_per_hour_cents * 10 + 18) // 36


def _metre_cost(travel: Travel, vehicle: Vehicle, exact: bool) -> int:
    """Thousandths of a cent; in the rough twin with the time at the wheel."""
    return vehicle.cost_per_km_cents + (0 if exact else _second_cost(vehicle) * 18 // (5 * travel.speed_kmh))
