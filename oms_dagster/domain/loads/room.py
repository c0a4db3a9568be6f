"""A day's trailers held to the floor that their goods need: what load building by sums can't see.

Belongs here: what leaves a load that isn't shown to fit. Does not belong here: the rule itself (`layers`), how loads are
built (`building/`), prices and lanes (`hiring`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from oms_dagster.domain.loads.building.problem import Building, Load, Problem, Trailer
from oms_dagster.domain.loads.layers import LayerCheck
from oms_dagster.domain.solving import Status

#: The check of items (by position in the problem) on a trailer, in the order in which it would deliver them.
Check = Callable[[Trailer, Sequence[int]], LayerCheck]


def held_to_the_floor(problem: Problem, plan: Building, check: Check) -> tuple[Building, dict[int, str]]:
    """The plan without what isn't shown to fit, and of each item that leaves it why.

    A load that isn't goes on the cheapest trailer of its lane on which it is. Where there is none, items leave it one at a
    time, the one after which the least floor is missing, of equals the one that is cheapest left to somebody else. What is
    left of it rides only where that costs less than leaving it too. The bound stays valid: a rule more never makes a plan cheaper.
    """
    loads: list[Load] = []
    because: dict[int, str] = {}
    for load in plan.loads:
        trailer = next(t for t in problem.trailers if (t.lane, t.trailer_id) == (load.lane, load.trailer_id))
        if _holds(check, trailer, load.items):
            loads.append(load)
            continue
        kept = list(load.items)
        while kept and (other := _cheapest(problem, check, kept)) is None:
            kept.remove(_least_missed(problem, check, trailer, kept))
        if kept and other and sum(problem.items[i].leave_cents or 0 for i in kept) > other.cost_cents:
            loads.append(_load(problem, other, kept))
        else:
            kept = []
        because |= {i: f"no room by layers on the {trailer.trailer_id}" for i in load.items if i not in kept}
    if not because and tuple(loads) == plan.loads:
        return plan, {}
    left = tuple(sorted((*plan.left, *because)))
    cents = sum(load.cost_cents for load in loads) + sum(problem.items[i].leave_cents or 0 for i in left)
    status: Status = "optimal" if cents == plan.report.bound else "feasible"
    return Building(tuple(loads), left, replace(plan.report, objective=cents, status=status)), because


def _holds(check: Check, trailer: Trailer, items: Sequence[int]) -> bool:
    return check(trailer, items).answer != "not_shown"


def _cheapest(problem: Problem, check: Check, items: Sequence[int]) -> Trailer | None:
    """The cheapest trailer that takes the items together."""
    goods = {label for i in items for label in problem.items[i].goods}
    sums = [sum(problem.items[i].sizes[d] for i in items) for d in range(len(problem.dimensions))]
    lane = problem.items[items[0]].lane
    for trailer in sorted(problem.trailers, key=lambda t: (t.cost_cents, t.trailer_id)):
        fits = trailer.lane == lane and goods <= set(trailer.goods)
        if fits and all(s <= c for s, c in zip(sums, trailer.capacity, strict=True)) and _holds(check, trailer, items):
            return trailer
    return None


def _least_missed(problem: Problem, check: Check, trailer: Trailer, items: Sequence[int]) -> int:
    """The item without which the others miss the least floor on the trailer, of equals the cheapest to leave."""

    def missed(item: int) -> tuple[int, int, int]:
        found = check(trailer, [i for i in items if i != item])
        floor_mm = found.floor_mm or 0 if found.answer == "not_shown" else 0
        return floor_mm, problem.items[item].leave_cents or 0, item

    return min(items, key=missed)


def _load(problem: Problem, trailer: Trailer, items: Sequence[int]) -> Load:
    shares = [
        1000 * sum(problem.items[i].sizes[d] for i in items) // limit if limit else 0
        for d, limit in enumerate(trailer.capacity)
    ]
    fullest = shares.index(max(shares))
    ready = max(problem.items[i].ready for i in items)
    return Load(
        trailer.lane,
        trailer.trailer_id,
        tuple(sorted(items)),
        ready,
        trailer.cost_cents,
        problem.dimensions[fullest],
        shares[fullest],
    )
