"""From a draft to the published figures of a plan.

Belongs here: arithmetic on a finished draft. Does not belong here: decisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from oms_dagster.domain.routes.draft import Draft, Prepared, draft_objective
from oms_dagster.domain.routes.plan import Dimension, Dropped, Load, Plan, Stop
from oms_dagster.domain.routes.problem import Vehicle
from oms_dagster.domain.routes.schedule import (
    Trip,
    TripTiming,
    Visit,
    load_sums,
    most_on_board,
    overtime_s,
    trip_cost_cents,
)
from oms_dagster.domain.solving import SolveReport


def assemble(prepared: Prepared, draft: Draft, dropped: Sequence[Dropped], report: SolveReport) -> Plan:
    """The plan that a draft stands for: loads in order of vehicle and trip."""
    loads = []
    for vehicle_id in sorted(draft):
        vehicle = prepared.vehicles[vehicle_id]
        timings = prepared.evaluate(vehicle, draft[vehicle_id])[0]
        for n, (trip, timing) in enumerate(zip(draft[vehicle_id], timings, strict=True)):
            loads.append(_load(prepared, vehicle, trip, timing, first=n == 0))
    return Plan(tuple(loads), tuple(dropped), draft_objective(prepared, draft), report)


def _load(prepared: Prepared, vehicle: Vehicle, trip: Trip, timing: TripTiming, first: bool) -> Load:
    weight_g, volume_dm3, value_cents = load_sums(trip.visits)
    duration_s = timing.return_s - timing.departure_s
    stops = _stops(prepared, vehicle, trip, timing)
    dimension, permille = _binding(vehicle, *most_on_board(trip.visits), len(stops), duration_s)
    return Load(
        load_id=prepared.problem.load_id(vehicle.vehicle_id, trip.number),
        vehicle_id=vehicle.vehicle_id,
        driver_id=vehicle.driver_id,
        trip=trip.number,
        stops=stops,
        departure_s=timing.departure_s,
        return_s=timing.return_s,
        return_distance_m=timing.legs[-1][0],
        distance_m=timing.distance_m,
        duration_s=duration_s,
        drive_s=timing.drive_s,
        service_s=sum(stop.service_s for stop in stops),
        wait_s=sum(stop.wait_s for stop in stops),
        late_s=sum(stop.late_s for stop in stops),
        cost_cents=trip_cost_cents(vehicle, timing, first),
        weight_g=weight_g,
        volume_dm3=volume_dm3,
        value_cents=value_cents,
        utilisation_permille=permille,
        binding_dimension=dimension,
        baseline_distance_m=postal_code_distance_m(prepared, vehicle, trip.visits),
        is_locked=trip.frozen,
        break_s=sum(timing.breaks),
        return_break_s=timing.breaks[-1],
        overtime_s=overtime_s(vehicle, timing),
    )


def _stops(prepared: Prepared, vehicle: Vehicle, trip: Trip, timing: TripTiming) -> tuple[Stop, ...]:
    locks = prepared.positions.get((vehicle.vehicle_id, trip.number), {})
    position = sum(not s.is_pickup for stop in trip.visits for s in stop.shipments)
    stops = []
    for n, stop in enumerate(trip.visits):
        first = stop.shipments[0]
        start = timing.starts[n]
        positions = []
        for shipment in stop.shipments:
            positions.append(0 if shipment.is_pickup else position)
            position -= not shipment.is_pickup
        stops.append(
            Stop(
                stop_sequence=n + 1,
                address_key=first.address_key,
                shipment_ids=tuple(s.shipment_id for s in stop.shipments),
                load_positions=tuple(positions),
                latitude=first.latitude,
                longitude=first.longitude,
                window_from_s=stop.window_from_s,
                window_to_s=stop.window_to_s,
                arrival_s=timing.arrivals[n],
                service_start_s=start,
                departure_s=start + stop.service_s,
                wait_s=start - timing.arrivals[n],
                service_s=stop.service_s,
                late_s=timing.lates[n],
                distance_m=timing.legs[n][0],
                drive_s=timing.legs[n][1],
                is_locked=trip.frozen or any(s.shipment_id in locks for s in stop.shipments),
                break_s=timing.breaks[n],
            )
        )
    return tuple(stops)


def _binding(
    vehicle: Vehicle, weight_g: int, volume_dm3: int, value_cents: int, stops: int, duration_s: int
) -> tuple[Dimension, int]:
    longest_s = vehicle.shift_end_s + vehicle.max_overtime_s - vehicle.shift_start_s
    shares: list[tuple[Dimension, int]] = [
        ("weight", 1000 * weight_g // vehicle.capacity_g),
        ("volume", 1000 * volume_dm3 // vehicle.capacity_dm3),
        ("stops", 1000 * stops // vehicle.max_stops),
        ("value", 1000 * value_cents // vehicle.max_value_cents),
        ("time", 1000 * duration_s // max(1, longest_s)),
    ]
    return max(shares, key=lambda share: share[1])


def postal_code_distance_m(prepared: Prepared, vehicle: Vehicle, visits: Sequence[Visit]) -> int:
    """Metres of the same stops driven in postal-code order."""
    order = sorted(visits, key=lambda v: (v.shipments[0].country, v.shipments[0].postcode, v.shipments[0].address_key))
    base = prepared.travel.base(vehicle.base)
    points = [base, *(v.point for v in order), base]
    return sum(prepared.travel.leg(a, b)[0] for a, b in pairwise(points))
