"""Questions of the dispatcher's desk: where a shipment could go, versions of a day's plan, options, vehicles and drivers.

Belongs here: SQL over the published copy and the pure domain on it. Does not belong here: drawing.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import duckdb
import pandas as pd

from oms_dagster.domain.quantities import from_cents, from_milli
from oms_dagster.road_router import by_road
from oms_dagster.settings import Home
from oms_dagster.warehouse.dispatch import Outage, outage, possible_moves
from oms_dagster.warehouse.run_sheet import run_sheet as planned_sheet
from tower.data.copy import Copy, ask

#: Columns of `moves`.
MOVES = ("load_id", "vehicle_id", "is_new", "is_feasible", "cost", "distance_km", "late_min", "needs")
#: Columns of `versions`.
VERSIONS = ("cycle_id", "planned_at", "loads", "cost", "distance_km", "late_min", "left_behind", "homes")


class CannotTell(RuntimeError):
    """The copy can't answer: one line."""


def moves(home: Home, copy: Copy, shipment_id: str) -> pd.DataFrame:
    """Loads that a shipment could go to, the best first, with what the move adds to the plan.

    Raises
    ------
    CannotTell
        It can't be moved now, or the copy lacks what the plan was made from.
    """
    try:
        found = possible_moves(Path(copy.path), shipment_id, partial(by_road, home))
    except ValueError as error:
        raise CannotTell(str(error)) from None
    except duckdb.Error:
        raise CannotTell("this copy lacks what the plan was made from: run `oms cycle`") from None
    return pd.DataFrame(
        [
            (
                m.load_id, m.vehicle_id, m.is_new, m.is_feasible, float(from_cents(m.cost_cents)),
                float(from_milli(m.distance_m)), m.late_s / 60, " and ".join(m.needs),
            )
            for m in found
        ],
        columns=list(MOVES),
    )  # fmt: skip


def without(home: Home, copy: Copy, vehicle_id: str) -> Outage | None:
    """What the planned day loses with a vehicle; None where nothing is planned, or the copy can't tell."""
    try:
        return outage(Path(copy.path), vehicle_id, partial(by_road, home))
    except (ValueError, duckdb.Error):
        return None


def versions(copy: Copy, location_id: str, day: object) -> pd.DataFrame:
    """Plans of a location's day, newest first; `homes` maps each shipment to its vehicle and trip."""
    kept = ask(
        copy,
        "select cycle_seq, recorded_at, cast(content as varchar) as content from facts.plan_snapshots"
        " where stage = $stage and content ->> '$.day' = $day order by cycle_seq desc limit 50",
        stage=f"routes:{location_id}",
        day=str(day)[:10],
    )
    rows = []
    for cycle_seq, planned_at, content in zip(kept["cycle_seq"], kept["recorded_at"], kept["content"], strict=True):
        said = json.loads(content)
        loads = said["loads"]
        if any("cost_cents" not in load for load in loads):
            continue  # kept before plans had their figures
        homes = {s: f"{x['vehicle_id']}-{x['trip']}" for x in loads for stop in x["stops"] for s in stop}
        rows.append(
            (
                str(cycle_seq), planned_at, len(loads), float(from_cents(sum(x["cost_cents"] for x in loads))),
                float(from_milli(sum(x["distance_m"] for x in loads))), sum(x["late_s"] for x in loads) / 60,
                len(said["left_behind"]), homes,
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(VERSIONS))


def moved(one: dict[str, str], other: dict[str, str]) -> pd.DataFrame:
    """Shipments that ride elsewhere in the other version: new, gone, or on another load."""
    rows = [
        (shipment, one.get(shipment, "not planned"), other.get(shipment, "not planned"))
        for shipment in sorted({*one, *other})
        if one.get(shipment) != other.get(shipment)
    ]
    return pd.DataFrame(rows, columns=["shipment_id", "was", "is_now"])


def what_ifs(copy: Copy, location_id: str = "") -> pd.DataFrame:
    """What one more vehicle, or more time, would save on the planned day."""
    return ask(
        copy,
        "select * from marts.route_what_ifs where $location_id = '' or location_id = $location_id"
        " order by saving desc, location_id, option",
        location_id=location_id,
    )


def crews(copy: Copy, location_id: str = "") -> pd.DataFrame:
    """Vehicles of a location with their driver, and since when either is out, by the last command about it."""
    return ask(
        copy,
        """
        with said as (
            select split_part(type, '.', 1) as kind, target,
                   arg_max(type, sequence) in ('vehicle.stop', 'driver.absent') as is_out,
                   arg_max(coalesce(payload ->> '$.until', ''), sequence) as until,
                   arg_max(coalesce(payload ->> '$.stand_in', ''), sequence) as stand_in
            from facts.commands
            where outcome = 'accepted' and split_part(type, '.', 1) in ('vehicle', 'driver')
            group by 1, 2
        )
        select v.vehicle_id, v.plate, v.vehicle_class, v.driver_id, v.location_id, coalesce(a.is_out, false) as vehicle_out,
               coalesce(b.is_out, false) as driver_out, b.stand_in, coalesce(nullif(a.until, ''), nullif(b.until, '')) as until,
               coalesce(v.max_trips, 1) as trips, v.payload_kg,
               case when v.base_latitude is not null then format('{:.3f}, {:.3f}', v.base_latitude::double, v.base_longitude::double) else v.location_id end as base
        from marts.vehicles as v
        left join said as a on a.kind = 'vehicle' and v.vehicle_id = a.target
        left join said as b on b.kind = 'driver' and v.driver_id = b.target
        where $location_id = '' or v.location_id = $location_id
        order by v.location_id, v.vehicle_id
        """,
        location_id=location_id,
    )


def run_sheet(copy: Copy, load_id: str) -> bytes:
    """The run sheet of a planned load, as PDF."""
    return planned_sheet(Path(copy.path), load_id)
