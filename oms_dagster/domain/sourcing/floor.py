"""What a store keeps on its floor: never promised to what is shipped, by policy there for who collects it.

Belongs here: how much of a store's stock which lines may take. Does not belong here: how much a store keeps (policies), any choice
of a place (`solve`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from oms_dagster.domain.sourcing.problem import Blocked, Bools, Ints, SourcingProblem


def keep_floors(problem: SourcingProblem, floor_milli: Ints, collected: Bools) -> SourcingProblem:
    """The problem with the floors taken off the stock, but for as much as is asked for by lines that are collected there.

    Where they open a floor, the store ships only what it has promised already and can spare beside the floor; new lines are shipped
    from elsewhere. So no choice of the solver can send the floor away.

    Parameters
    ----------
    floor_milli : (S, W)
        What each location keeps of each SKU, 0 or more.
    collected : (L,)
        Lines that may take of the floor; all others are shipped.
    """
    if not floor_milli.any():
        return problem
    atp, floor = problem.atp_milli, floor_milli[:, :, None]
    free = problem.blocked == Blocked.FREE
    asked = np.zeros(floor_milli.shape, dtype=np.int64)
    lines, places = np.nonzero(free & collected[:, None])
    np.add.at(asked, (problem.line_sku[lines], places), problem.line_quantity_milli[lines])
    shipped = np.where(atp > 0, np.maximum(atp - floor, 0), atp)
    whole = np.maximum(shipped, np.minimum(atp, shipped + np.minimum(floor, asked[:, :, None])))
    return replace(
        problem,
        atp_milli=whole,
        shipped_atp_milli=shipped,
        line_collected=collected,
        blocked=np.where(
            free & ~_may_ship(problem, shipped, whole, collected), int(Blocked.SHOP_FLOOR), problem.blocked
        ),
    )


def _may_ship(problem: SourcingProblem, shipped: Ints, whole: Ints, collected: Bools) -> Bools:
    """(L, W): lines that no floor stands against."""
    bare = (shipped[:, :, -1] <= 0) & (problem.atp_milli[:, :, -1] > 0)
    opened: Bools = np.asarray((whole > shipped).any(axis=2), dtype=np.bool_)
    may: Bools = np.asarray(collected[:, None] | ~(bare | opened)[problem.line_sku], dtype=np.bool_)
    line_of = {name: row for row, name in enumerate(problem.line_ids)}
    place_of = {name: row for row, name in enumerate(problem.location_ids)}
    spare = shipped[:, :, 0].copy()
    promised = {(line_of[p.line_id], place_of[p.location_id]) for p in problem.last_promises if p.line_id in line_of and p.location_id in place_of}  # fmt: skip
    for line, place in sorted(promised, key=lambda at: (problem.order_placed[problem.line_order[at[0]]], problem.line_ids[at[0]], at[1])):  # fmt: skip
        sku, quantity = problem.line_sku[line], problem.line_quantity_milli[line]
        if opened[sku, place] and not collected[line] and quantity <= spare[sku, place]:
            spare[sku, place] -= quantity
            may[line, place] = True
    return may
