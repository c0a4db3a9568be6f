"""CP-SAT over a few loads at a time, from a hint: saves cents that single moves don't find.

Belongs here: the assignment model and which loads it gets. It finds little by itself: a polisher, not a starter.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

from ortools.sat.python import cp_model

from oms_dagster.domain.loads.building.lane import Draft, Lane, cost, drafted

#: Items x loads that one model may have; beyond, neighbourhoods of a few loads.
MOST_PAIRS = 4_000


def polish(
    lane: Lane,
    loads: list[Draft],
    left: list[int],
    bound: int,
    *,
    effort: float,
    seed: int,
    fuse_s: Callable[[], float],
) -> tuple[list[Draft], list[int]]:
    """The whole lane at once where the model stays small, else rounds over a few loads that could gain.

    Parameters
    ----------
    bound
        A proved lower bound of the lane's cost: the search ends there.
    effort
        CP-SAT's deterministic time for the whole lane, a tenth of it for each round.
    fuse_s
        Wall-clock seconds left.

    Returns
    -------
    Loads and items left, never dearer than those given.
    """
    items = [i for load in loads for i in load.items] + left
    if len(items) * (len(loads) + 1) <= MOST_PAIRS:
        return repacked(lane, loads, left, effort=effort, seed=seed, fuse_s=fuse_s(), floor=bound)
    dice = random.Random(seed)
    best, best_left = list(loads), list(left)
    for _ in range(len(loads)):
        if cost(lane, best, best_left) <= bound or fuse_s() <= 0:
            break
        chosen: list[int] = []
        for b in sorted(range(len(best)), key=lambda b: (_fullness(lane, best[b]) + dice.random() * 0.5, b)):
            if (sum(len(best[c].items) for c in (*chosen, b))) * (len(chosen) + 2) > MOST_PAIRS // 4:
                break
            chosen.append(b)
        part, beside = [best[b] for b in chosen], best_left[:20]
        again, still = repacked(
            lane, part, beside, effort=effort / 10, seed=dice.randrange(2**31), fuse_s=fuse_s(), floor=0
        )
        if cost(lane, again, still) < cost(lane, part, beside):
            best = [load for b, load in enumerate(best) if b not in set(chosen)] + again
            best_left = sorted(still + best_left[20:])
    return best, best_left


def _fullness(lane: Lane, load: Draft) -> float:
    return max(s / c for s, c in zip(load.sums, lane.capacity[load.trailer], strict=True) if c)


def repacked(
    lane: Lane, loads: list[Draft], left: list[int], *, effort: float, seed: int, fuse_s: float, floor: int
) -> tuple[list[Draft], list[int]]:
    """These items again on at most one load more, at the least cost that CP-SAT finds; `floor` is a proved bound."""
    now = cost(lane, loads, left)
    if now <= floor or fuse_s <= 0 or not (loads or left):
        return loads, left
    items = sorted([i for load in loads for i in load.items] + left, key=lambda i: (-lane.weight[i], i))
    model = cp_model.CpModel()
    slots = range(len(loads) + 1)
    kinds = range(len(lane.trailers))
    used = [[model.new_bool_var("") for _ in kinds] for _ in slots]
    where = {i: [model.new_bool_var("") for _ in slots] for i in items}
    stays = {i: model.new_bool_var("") for i in items if lane.leave[i] is not None}
    for i in items:
        model.add_exactly_one(where[i] + ([stays[i]] if i in stays else []))
    price = [sum(lane.cost[t] * used[b][t] for t in kinds) for b in slots]
    for b in slots:
        model.add_at_most_one(used[b])
        for d in lane.dimensions:
            limit = sum(lane.capacity[t][d] * used[b][t] for t in kinds)
            model.add(sum(lane.sizes[i][d] * where[i][b] for i in items) <= limit)
        for i in items:  # an item of no size still needs a trailer
            if not any(lane.sizes[i]):
                model.add_bool_or([where[i][b].negated(), *used[b]])
    for one, other in pairwise(slots):
        model.add(price[one] >= price[other])
    _goods(model, lane, items, where, used)
    _times(model, lane, items, where)
    total = sum(price[b] for b in slots) + sum((lane.leave[i] or 0) * stays[i] for i in stays)
    model.add(total >= floor)
    model.add(total <= now)
    model.minimize(total)
    _hint(model, lane, loads, where, used, stays)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.max_deterministic_time = effort
    solver.parameters.max_time_in_seconds = fuse_s
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return loads, left
    groups = [[i for i in items if solver.boolean_value(where[i][b])] for b in slots]
    again = [drafted(lane, sorted(group)) for group in groups if group]
    still = sorted(i for i in stays if solver.boolean_value(stays[i]))
    return (again, still) if cost(lane, again, still) < now else (loads, left)


def _goods(
    model: cp_model.CpModel,
    lane: Lane,
    items: list[int],
    where: dict[int, list[cp_model.IntVar]],
    used: list[list[cp_model.IntVar]],
) -> None:
    """Goods that the trailer admits, and none beside what they may not share it with."""
    for b, kinds in enumerate(used):
        has: dict[int, cp_model.IntVar] = {}
        for bit, others in lane.blocked.items():
            with_it = [i for i in items if lane.goods[i] & bit]
            refusing = [t for t in range(len(kinds)) if not lane.admits[t] & bit]
            if not with_it or not (refusing or others):
                continue
            has[bit] = model.new_bool_var("")
            for i in with_it:
                model.add_implication(where[i][b], has[bit])
            for t in refusing:
                model.add_bool_or([has[bit].negated(), kinds[t].negated()])
        for bit in has:
            for other in has:
                if bit < other and lane.blocked[bit] & other:
                    model.add_bool_or([has[bit].negated(), has[other].negated()])


def _times(model: cp_model.CpModel, lane: Lane, items: list[int], where: dict[int, list[cp_model.IntVar]]) -> None:
    """What shares a trailer leaves at once, where the windows don't all overlap anyway."""
    latest, first = max(lane.ready[i] for i in items), min(lane.cutoff[i] for i in items)
    if latest <= first:
        return
    for b in range(len(where[items[0]])):
        leaves = model.new_int_var(min(lane.ready[i] for i in items), latest, "")
        for i in items:
            if lane.ready[i] > first or lane.cutoff[i] < latest:
                model.add(leaves >= lane.ready[i]).only_enforce_if(where[i][b])
                if lane.cutoff[i] < latest:
                    model.add(leaves <= lane.cutoff[i]).only_enforce_if(where[i][b])


def _hint(
    model: cp_model.CpModel,
    lane: Lane,
    loads: list[Draft],
    where: dict[int, list[cp_model.IntVar]],
    used: list[list[cp_model.IntVar]],
    stays: dict[int, cp_model.IntVar],
) -> None:
    ordered = sorted(loads, key=lambda load: -lane.cost[load.trailer])
    at = {i: b for b, load in enumerate(ordered) for i in load.items}
    for i, places in where.items():
        for b, place in enumerate(places):
            model.add_hint(place, at.get(i) == b)
    for b, kinds in enumerate(used):
        for t, kind in enumerate(kinds):
            model.add_hint(kind, b < len(ordered) and ordered[b].trailer == t)
    for i, stay in stays.items():
        model.add_hint(stay, i not in at)
