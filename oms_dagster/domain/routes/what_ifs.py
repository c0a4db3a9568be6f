"""What one more vehicle, or half an hour more, would save: the same day solved again with it.

Belongs here: the questions asked of each plan, each answered by a re-solve from the plan itself with a small budget.
Does not belong here: what one shipment needs (diagnosis.py), where one could go (moves.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import PreviousLoad, Problem, Vehicle
from oms_dagster.domain.routes.replan import replan
from oms_dagster.domain.solving import Budget

#: Kinds of vehicle of which one more is tried: those that do most of the work.
KINDS = 2
#: How much longer every driver may work and drive, in seconds.
LONGER_S = 1_800


@dataclass(frozen=True, slots=True)
class WhatIf:
    """An option and what it saves on the day, all its costs counted, against the same search without it.

    `saving_cents` counts shipments that ride instead of staying behind by their penalty; 0: it would not be used.
    """

    kind: Literal["vehicle", "time"]
    option: str
    saving_cents: int
    distance_m: int
    left_behind_before: int
    left_behind_after: int


def what_ifs(problem: Problem, plan: Plan, budget: Budget, seed: int = 0) -> tuple[WhatIf, ...]:
    """Each option with its saving, the best first.

    Parameters
    ----------
    plan
        The plan of the problem: every search begins with it, and so does the one that the options are compared with.
    budget
        Iterations of each search.
    """
    if not plan.loads and not plan.dropped:
        return ()
    loads = tuple(PreviousLoad(x.vehicle_id, x.trip, tuple(s.shipment_ids for s in x.stops)) for x in plan.loads)
    free = replace(problem, previous=loads, stability_cents=0)
    searched = replan(free, budget, seed)
    reference = searched if searched.objective_cents < plan.objective_cents else plan
    found = []
    for kind, option, asked in _options(free, plan):
        better = replan(asked, budget, seed)
        if better.objective_cents >= reference.objective_cents:
            better = reference
        found.append(
            WhatIf(
                kind, option, reference.objective_cents - better.objective_cents,
                sum(x.distance_m for x in better.loads) - sum(x.distance_m for x in reference.loads),
                len(reference.left_behind), len(better.left_behind),
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda w: (-w.saving_cents, w.kind, w.option)))


def _options(problem: Problem, plan: Plan) -> Iterator[tuple[Literal["vehicle", "time"], str, Problem]]:
    used = [load.vehicle_id for load in plan.loads]
    kinds: dict[Vehicle, list[Vehicle]] = {}
    for vehicle in problem.vehicles:
        kinds.setdefault(replace(vehicle, vehicle_id="", driver_id=""), []).append(vehicle)
    ranked = sorted(kinds.values(), key=lambda alike: (-sum(v.vehicle_id in used for v in alike), alike[0].vehicle_id))
    for alike in ranked[:KINDS]:
        like = alike[0]
        more = replace(like, vehicle_id=f"{like.vehicle_id}+1", driver_id=f"{like.driver_id}+1")
        name = like.vehicle_class or "vehicle"
        yield "vehicle", f"one more {name} like {like.vehicle_id}", replace(problem, vehicles=(*problem.vehicles, more))
    longer = (
        replace(v, shift_end_s=v.shift_end_s + LONGER_S, max_drive_s=v.max_drive_s + LONGER_S) for v in problem.vehicles
    )
    yield "time", f"{LONGER_S // 60} minutes more for every driver", replace(problem, vehicles=tuple(longer))
