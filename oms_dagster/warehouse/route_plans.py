"""A location's route plan as it is remembered: what the next cycle starts from, and what a dispatcher compares.

Belongs here: the snapshot of a plan, read and written. Does not belong here: the published rows (`transport`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import duckdb

from oms_dagster.domain.quantities import from_cents, from_milli
from oms_dagster.domain.routes.plan import Load, Plan
from oms_dagster.domain.routes.problem import PreviousLoad
from oms_dagster.domain.routes.what_ifs import WhatIf


def last(connection: duckdb.DuckDBPyConnection, location_id: str, day: date) -> dict[str, Any]:
    """The newest snapshot of a location, where it is of that day; else empty."""
    found = connection.execute(
        "select arg_max(content, cycle_seq) from facts.plan_snapshots where stage = ?", [f"routes:{location_id}"]
    ).fetchall()
    content: dict[str, Any] = json.loads(found[0][0]) if found and found[0][0] else {}
    return content if content.get("day") == day.isoformat() else {}


def previous_loads(connection: duckdb.DuckDBPyConnection, location_id: str, day: date) -> tuple[PreviousLoad, ...]:
    """The last committed plan of the same day: the warm start."""
    return tuple(
        PreviousLoad(p["vehicle_id"], p["trip"], tuple(tuple(stop) for stop in p["stops"]))
        for p in last(connection, location_id, day).get("loads", ())
    )


def known_what_ifs(before: Mapping[str, Any], plan: Plan) -> tuple[WhatIf, ...] | None:
    """The options of the last plan, where the plan is still the same; None: they must be worked out."""
    same = before.get("objective_cents") == plan.objective_cents and before.get("loads") == [*map(_told, plan.loads)]
    return tuple(WhatIf(**option) for option in before["what_ifs"]) if same else None


def snapshot(plan: Plan, location_id: str, day: date, options: Iterable[WhatIf]) -> dict[str, str]:
    """A plan to be remembered: its loads with their figures, what stays behind, the options."""
    content = json.dumps(
        {
            "day": day.isoformat(),
            "loads": [_told(load) for load in plan.loads],
            "left_behind": sorted(d.shipment_id for d in plan.left_behind),
            "objective_cents": plan.objective_cents,
            "what_ifs": [{name: getattr(option, name) for name in WhatIf.__slots__} for option in options],
        },
        sort_keys=True,
    )
    return {
        "stage": f"routes:{location_id}",
        "content": content,
        "content_hash": hashlib.sha256(content.encode()).hexdigest(),
    }


def _told(load: Load) -> dict[str, Any]:
    return {
        "vehicle_id": load.vehicle_id, "trip": load.trip, "stops": [list(s.shipment_ids) for s in load.stops],
        "distance_m": load.distance_m, "cost_cents": load.cost_cents, "late_s": load.late_s, "departure_s": load.departure_s,
    }  # fmt: skip


def what_if_rows(options: Iterable[WhatIf], location_id: str, day: date, currency: str) -> list[dict[str, Any]]:
    """Rows of `plans.route_what_ifs`."""
    return [
        {
            "location_id": location_id, "day": day, "option_kind": o.kind, "option": o.option, "saving": from_cents(o.saving_cents),
            "currency": currency, "distance_km": from_milli(o.distance_m), "left_behind": o.left_behind_before,
            "left_behind_with": o.left_behind_after,
        }
        for o in options
    ]  # fmt: skip
