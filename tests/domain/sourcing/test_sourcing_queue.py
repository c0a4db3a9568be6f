"""The queue and the pegs on random problems: nobody gets what is not there, nobody passes who stands ahead."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from oms_dagster.domain.sourcing.pegging import Supply, pegs
from oms_dagster.domain.sourcing.problem import Blocked, SourcingProblem
from oms_dagster.domain.sourcing.queue import admitted, in_turn, kept_back
from oms_dagster.domain.sourcing.solve import default_budget, solve
from oms_dagster.domain.sourcing.verify import verify
from tests.domain.sourcing.cases import random_problem


def contested(seed: int) -> tuple[SourcingProblem, frozenset[str]]:
    """A scarce market in which every third line waits already, and two priorities."""
    problem = random_problem(seed, orders=12, days=3, divisible=0.7, scarcity=0.5)
    ranked = replace(problem, line_priority=1 + np.arange(len(problem.line_ids)) % 2)
    return ranked, frozenset(ranked.line_ids[::3])


@pytest.mark.parametrize("seed", range(12))
def test_the_queue_lets_no_more_ask_than_there_is_and_the_plan_stays_lawful(seed: int) -> None:
    problem, waiting = contested(seed)
    given = admitted(problem, waiting)
    assert (given >= 0).all()
    assert (given <= problem.line_quantity_milli).all()
    for sku in set(problem.line_sku[given < problem.line_quantity_milli].tolist()):
        there = np.maximum(problem.atp_milli[sku, :, -1], 0).sum()
        assert given[problem.line_sku == sku].sum() <= there
    served = in_turn(problem, given)
    plan = solve(served, default_budget(served))
    assert verify(served, plan) == []
    promised = Counter[str]()
    for a in plan.assignments:
        promised[a.line_id] += a.quantity_milli
    assert all(promised[line] <= given[row] for row, line in enumerate(problem.line_ids))


@pytest.mark.parametrize("seed", range(12))
def test_nobody_gets_of_a_sku_what_one_ahead_could_have_used(seed: int) -> None:
    """Lines that can be divided and go anywhere: when one is short, all behind it have nothing."""
    problem, waiting = contested(seed)
    lines, orders = len(problem.line_ids), len(problem.order_ids)
    plain = replace(problem, line_divisible=np.ones(lines, bool), order_ship_complete=np.zeros(orders, bool),
                    blocked=np.zeros_like(problem.blocked), line_pinned=np.full(lines, -1), last_promises=())  # fmt: skip
    given = admitted(plain, waiting)
    placed = plain.order_placed[plain.line_order]
    ahead = sorted(
        range(lines),
        key=lambda i: (plain.line_priority[i], plain.line_ids[i] not in waiting, placed[i], plain.line_ids[i]),
    )
    for sku in set(plain.line_sku.tolist()):
        queue = [i for i in ahead if plain.line_sku[i] == sku]
        first_short = next((at for at, i in enumerate(queue) if given[i] < plain.line_quantity_milli[i]), len(queue))
        assert all(given[i] == 0 for i in queue[first_short + 1 :]), plain.sku_ids[sku]
    assert kept_back(plain, given) == {
        plain.line_ids[i] for i in range(lines) if given[i] < plain.line_quantity_milli[i]
    }


def test_without_anybody_waiting_money_decides() -> None:
    problem, _ = contested(1)
    assert in_turn(problem, admitted(problem, frozenset())) is problem


@pytest.mark.parametrize("seed", range(12))
def test_pegs_take_no_more_than_a_supply_brings_nor_than_a_line_waits_for(seed: int) -> None:
    problem, _ = contested(seed)
    plan = solve(problem, default_budget(problem))
    left = dict(zip(problem.line_ids, problem.line_quantity_milli.tolist(), strict=True))
    for a in plan.assignments:
        left[a.line_id] -= a.quantity_milli
    waiting = {line: quantity for line, quantity in left.items() if quantity}
    supplies = [
        Supply(f"{sku}-{place}-{n}", sku, place, 5 + n, 3000 * (n + 1), n < 2)
        for sku in problem.sku_ids for place in problem.location_ids[:2] for n in range(3)
    ]  # fmt: skip
    found = pegs(problem, plan, supplies, waiting)
    brought, covered = Counter[str](), Counter[str]()
    for peg in found:
        brought[peg.supply_id] += peg.quantity_milli
        covered[peg.line_id] += peg.quantity_milli * (not peg.is_promised)
        row = problem.line_ids.index(peg.line_id)
        place = problem.location_ids.index(peg.location_id)
        assert problem.blocked[row, place] in (Blocked.FREE, Blocked.NOT_CARRIED)
    assert all(brought[s.supply_id] <= s.quantity_milli for s in supplies)
    assert all(covered[line] <= quantity for line, quantity in waiting.items())
