"""When and where loads are put on board.

Belongs here: the rule on the depot's doors, recomputed from the problem. Does not belong here: what is on board (goods.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import ceil

from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import FrozenLoad, Problem
from oms_dagster.domain.routes.verify.findings import Finding


def at_the_doors(problem: Problem, plan: Plan) -> Iterator[Finding]:
    """Findings on when and where loads are put on board."""
    docks = problem.docks
    elsewhere = {v.vehicle_id for v in problem.vehicles if v.base is not None}
    gone = {(k.vehicle_id, k.trip) for k in problem.locks if isinstance(k, FrozenLoad) and k.departure_s is not None}
    here = [x for x in plan.loads if x.vehicle_id not in elsewhere and (x.vehicle_id, x.trip) not in gone]
    if docks is None:
        here = []
    for load in plan.loads:
        if load not in here and (load.door, load.loading_s, load.loaded_s) != (0, 0, 0):
            yield Finding("ROUTE-29", load.load_id, f"at door {load.door}, where it needs none")
    if docks is None:
        return
    volumes = {s.shipment_id: s.volume_dm3 for s in problem.shipments if not s.is_pickup}
    on_the_road = {v.vehicle_id: v.shift_start_s - problem.reload_s for v in problem.vehicles if v.trips_done}
    for load in here:
        cubic = sum(volumes.get(s, 0) for s in load.shipment_ids)
        minutes = ceil((docks.fixed_s * 1_000 + docks.per_m3_s * cubic) / 60_000)
        before = (x.return_s for x in plan.loads if x.vehicle_id == load.vehicle_id and x.trip < load.trip)
        back = max(before, default=on_the_road.get(load.vehicle_id, 0))
        opens = max(docks.open_s, problem.depot.open_s, back)
        if not 1 <= load.door <= docks.doors or load.loaded_s - load.loading_s != 60 * minutes:
            stated = f"door {load.door}, {load.loaded_s - load.loading_s} s"
            yield Finding(
                "ROUTE-29", load.load_id, f"{stated} stated, one of {docks.doors} and {60 * minutes} s expected"
            )
        if 1 <= load.door <= len(docks.taken_s):
            opens = max(opens, docks.taken_s[load.door - 1])
        if load.loading_s < opens or load.loaded_s > min(docks.close_s, load.departure_s):
            until = f"until {load.loaded_s} s, leaves at {load.departure_s} s"
            yield Finding("ROUTE-29", load.load_id, f"loaded from {load.loading_s} s (earliest {opens} s) {until}")
    for one, other in combinations(here, 2):
        if one.door == other.door and one.loading_s < other.loaded_s and other.loading_s < one.loaded_s:
            yield Finding("ROUTE-29", one.load_id, f"at door {one.door} with {other.load_id}")
