"""What people and the yard fixed of a day's plan.

Belongs here: commands and events as locks of the routing. Does not belong here: keeping to them (`domain.routes`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from oms_dagster.domain.routes.problem import FrozenLoad, Lock, PositionLock, PreviousLoad, VehicleLock
from oms_dagster.warehouse.transport import Yard


def locks(
    connection: duckdb.DuckDBPyConnection, yard: Yard, shipments: Iterable[str], previous: Sequence[PreviousLoad]
) -> tuple[Lock, ...]:
    """What is fixed of the day: each shipment by the first that speaks of it, in this order.

    Locked or approved loads as their author saw them; shipments moved to a load; loads of the last plan that the yard is
    loading, unless somebody moved a shipment to their vehicle; stops in their place.
    """
    day = _Day(connection, yard, set(shipments))
    day.loads_as_seen()
    day.moved()
    day.at_the_dock(previous)
    day.trips_before(previous)
    day.stops_in_place(previous)
    day.stops_in_order()
    return tuple(day.found)


class _Day:
    """The locks found so far, and the shipments that they hold."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, yard: Yard, there: set[str]) -> None:
        self._connection = connection
        self._prefix = f"{yard.location['location_id']}-{yard.day:%Y%m%d}-"
        self._fleet = {v["vehicle_id"] for v in yard.vehicles}
        self._free = there
        self.found: list[Lock] = []

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, {"prefix": self._prefix}).fetchall()

    def _trip(self, load_id: str) -> tuple[str, int]:
        vehicle, trip = load_id.removeprefix(self._prefix).rsplit("-", 1)
        return vehicle, int(trip)

    def _keep(self, lock: Lock, *shipment_ids: str) -> None:
        self.found.append(lock)
        self._free -= set(shipment_ids)

    def _freeze(self, vehicle_id: str, trip: int, stops: Iterable[Sequence[str]]) -> None:
        kept = tuple(here for stop in stops if (here := tuple(s for s in stop if s in self._free)))
        if kept and vehicle_id in self._fleet:
            self._keep(FrozenLoad(vehicle_id, trip, kept), *(s for stop in kept for s in stop))

    def loads_as_seen(self) -> None:
        for load_id, event, content in self._ask(
            f"select load_id, {_last('event')}, {_last('content')} from facts.load_events where starts_with(load_id, $prefix)"
            " and event in ('locked', 'unlocked', 'approved', 'withdrawn', 'dispatch_asked') group by 1 order by 1"
        ):
            if event in ("locked", "approved", "dispatch_asked"):
                self._freeze(*self._trip(load_id), [[s] for s in json.loads(content)])

    def moved(self) -> None:
        for shipment_id, load_id in self._ask(
            "select target, arg_max(payload ->> '$.load_id', cycle_seq * 1000000 + sequence) as load_id from facts.commands"
            " where outcome = 'accepted' and type = 'shipment.move' group by 1 having starts_with(load_id, $prefix) order by 1"
        ):
            vehicle_id = self._trip(load_id)[0]
            if vehicle_id in self._fleet and shipment_id in self._free:
                self._keep(VehicleLock(shipment_id, vehicle_id), shipment_id)

    def at_the_dock(self, previous: Sequence[PreviousLoad]) -> None:
        loading = self._ask(
            "select distinct load_id from facts.yard where kind in ('loading_start', 'loading_end') and starts_with(load_id, $prefix)"
        )
        trips = {self._trip(load_id) for (load_id,) in loading}
        more = {lock.vehicle_id for lock in self.found}
        for load in previous:
            if (load.vehicle_id, load.trip) in trips and load.vehicle_id not in more:
                self._freeze(load.vehicle_id, load.trip, load.stops)

    def trips_before(self, previous: Sequence[PreviousLoad]) -> None:
        """Loads of a vehicle that go before one that is fixed are fixed too."""
        fixed = {(lock.vehicle_id, lock.trip) for lock in self.found if isinstance(lock, FrozenLoad)}
        for load in previous:
            is_before = any(v == load.vehicle_id and load.trip < trip for v, trip in fixed)
            if is_before and (load.vehicle_id, load.trip) not in fixed:
                self._freeze(load.vehicle_id, load.trip, load.stops)

    def stops_in_place(self, previous: Sequence[PreviousLoad]) -> None:
        for load_id, shipment_id, place in self._ask(
            "select c.target, c.payload ->> '$.shipment_id', cast(c.payload ->> '$.stop_sequence' as integer) from facts.commands as c"
            " where c.outcome = 'accepted' and c.type = 'stop.lock' and starts_with(c.target, $prefix) and not exists ("
            " select 1 from facts.commands as u where u.type = 'stop.unlock' and u.outcome = 'accepted' and u.target = c.target"
            " and u.sequence > c.sequence and coalesce(u.payload ->> '$.shipment_id', c.payload ->> '$.shipment_id', '')"
            " = coalesce(c.payload ->> '$.shipment_id', '')) order by c.sequence"
        ):
            vehicle_id, trip = self._trip(load_id)
            self._place(shipment_id or _at_stop(previous, vehicle_id, trip, place), vehicle_id, trip, place)

    def stops_in_order(self) -> None:
        for load_id, content in self._ask(
            f"select load_id, {_last('content')} from facts.load_events where event in ('resequenced', 'stop_unlocked')"
            f" and starts_with(load_id, $prefix) group by 1 having {_last('event')} = 'resequenced' order by 1"
        ):
            for place, shipment_id in enumerate(json.loads(content), 1):
                self._place(shipment_id, *self._trip(load_id), place)

    def _place(self, shipment_id: str | None, vehicle_id: str, trip: int, place: int) -> None:
        closed = any(isinstance(k, FrozenLoad) and k.vehicle_id == vehicle_id and trip <= k.trip for k in self.found)
        if shipment_id in self._free and vehicle_id in self._fleet and not closed:
            self._keep(PositionLock(shipment_id, vehicle_id, trip, place), shipment_id)


def _last(column: str) -> str:
    return f"arg_max({column}, struct_pack(a := cycle_seq, b := event_at, c := command_id))"


def _at_stop(loads: Iterable[PreviousLoad], vehicle_id: str, trip: int, stop_sequence: int) -> str | None:
    """A shipment of a stop of the last plan."""
    for load in loads:
        if (load.vehicle_id, load.trip) == (vehicle_id, trip) and stop_sequence <= len(load.stops):
            return load.stops[stop_sequence - 1][0]
    return None
