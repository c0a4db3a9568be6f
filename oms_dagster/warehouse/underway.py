"""Own vehicles on the road: which loads of a day have left, and when each vehicle is back.

Belongs here: facts of loads, gates and doors as what a vehicle has done of its day. Does not belong here: what it may still
do (`domain.routes.running`), who drives (`crew`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from oms_dagster.domain.routes.running import Underway
from oms_dagster.warehouse.read import rows

#: A load is back when the gate or a person says so; else it is expected with the delay of what it did last.
_TRIPS = """
    with gates as (
        select load_id, max(event_at) filter (kind = 'gate_out') as out_at, max(event_at) filter (kind = 'returned') as back_at
        from facts.yard where load_id is not null and event_at <= $as_of group by load_id
    ), came_back as (
        select load_id, max(event_at) as back_at from facts.load_events where event = 'returned' and event_at <= $as_of group by load_id
    ), doors as (
        select stops.load_id, arg_max(results.event_at - stops.eta, (stops.stop_sequence, results.event_at)) as delay
        from (select load_id, stop_sequence, eta, unnest(shipment_ids) as shipment_id from facts.load_stops) as stops
        inner join facts.loads as loads on stops.load_id = loads.load_id
        inner join facts.deliveries as results on stops.shipment_id = results.shipment_id
        where results.event_at between loads.departed_at and $as_of group by stops.load_id
    )
    select loads.load_id, loads.vehicle_id, coalesce(gates.out_at, greatest(loads.departed_at, loads.planned_departure)) as left_at,
        loads.drive_min, coalesce(
            gates.back_at, came_back.back_at,
            greatest($as_of, loads.planned_departure + to_seconds(cast(60 * loads.duration_min as bigint))
                + coalesce(doors.delay, left_at - loads.planned_departure))
        ) as back_at
    from facts.loads as loads
    left join gates on loads.load_id = gates.load_id
    left join came_back on loads.load_id = came_back.load_id
    left join doors on loads.load_id = doors.load_id
    where loads.mode = 'own_fleet' and loads.departed_at >= $as_of - interval 2 day
    order by loads.load_id
"""


@dataclass(frozen=True, slots=True)
class LeftLoad:
    """A load that has left: by whom, when, the seconds at the wheel, and when it is back or expected."""

    load_id: str
    vehicle_id: str
    left_at: datetime
    back_at: datetime
    drive_s: int


def left_loads(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> list[LeftLoad]:
    """Own loads that left in the last two days, in order of their id."""
    return [
        LeftLoad(
            r["load_id"], r["vehicle_id"], r["left_at"], r["back_at"] or r["left_at"], int(60 * (r["drive_min"] or 0))
        )
        for r in rows(connection, _TRIPS, {"as_of": as_of})
    ]


def underway(loads: Iterable[LeftLoad], location_id: str, day: date, midnight: datetime) -> Mapping[str, Underway]:
    """What each vehicle of a location has done of a day; seconds since its midnight."""
    prefix = f"{location_id}-{day:%Y%m%d}-"
    found: dict[str, list[LeftLoad]] = {}
    for load in loads:
        if load.load_id.startswith(prefix):
            found.setdefault(load.vehicle_id, []).append(load)

    def seconds(at: datetime) -> int:
        return int((at - midnight).total_seconds())

    return {
        vehicle_id: Underway(
            max(int(load.load_id.rsplit("-", 1)[1]) for load in out), min(seconds(load.left_at) for load in out),
            max(seconds(load.back_at) for load in out), sum(load.drive_s for load in out),
        )
        for vehicle_id, out in found.items()
    }  # fmt: skip
