"""The way without a planner: shipments sorted by postal code, cut into vehicles in that order.

Belongs here: the naive plan that every solve is measured against, under the same locks and limits. Does not belong
here: anything clever.
"""

from __future__ import annotations

from oms_dagster.domain.routes.draft import Prepared, stops_of, units, with_trip
from oms_dagster.domain.routes.problem import Shipment
from oms_dagster.domain.routes.schedule import Trip

NAME = "postal_code_order"


def postal_code_draft(prepared: Prepared) -> dict[str, tuple[Trip, ...]]:
    """Each stop, in order of postal code, goes to the end of the first vehicle that can still take it.

    Stops under a position lock are set first, so that each vehicle's fixed places are known.
    """
    draft = prepared.start()
    locked = {s for locks in prepared.positions.values() for s in locks}
    for unit in sorted(units(prepared, prepared.free), key=lambda u: u[0].shipment_id not in locked):
        _append(prepared, draft, unit)
    return draft


def _append(prepared: Prepared, draft: dict[str, tuple[Trip, ...]], unit: tuple[Shipment, ...]) -> None:
    held = prepared.held_by.get(unit[0].shipment_id)
    for vehicle in prepared.vehicles.values():
        if not prepared.allowed(unit[0], vehicle):
            continue
        trips = draft.get(vehicle.vehicle_id, ())
        first = prepared.first_open_trip(vehicle.vehicle_id)
        last = max((trip.number for trip in trips), default=first - 1)
        numbers = (max(first, last), last + 1) if held is None or held[1] is None else (held[1],)
        for number in dict.fromkeys(numbers):
            if not first <= number <= vehicle.max_trips:
                continue
            stops = next((stops_of(t) for t in trips if t.number == number), ())
            day = with_trip(trips, prepared.arrange(vehicle.vehicle_id, number, [*stops, unit]))
            if prepared.evaluate(vehicle, day)[1].none:
                draft[vehicle.vehicle_id] = day
                return
