"""The queue for what is short: who is served when a SKU has lines that wait and not enough for all.

Belongs here: the order of the queue and what it lets each line ask for. Does not belong here: from where it ships
(`solve`), and which supply covers what still waits (`pegging`).

Money decides between lines as long as nobody waits. Once a line of a SKU is on backorder, what comes in goes by rank:
first what is promised already, then by priority, then who waits before who is new, then by age. A rush order passes those
who wait only if its priority says so, and nobody takes what is promised.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from oms_dagster.domain.sourcing.problem import NOWHERE, Blocked, Bools, Ints, SourcingProblem

#: Rank, line, and quantity asked for at that rank, in milli.
Claim = tuple[tuple[int, int, int, int, str], int, int]


def admitted(problem: SourcingProblem, promised_milli: Ints, waiting: Bools) -> Ints:
    """What each line may ask for, in milli: less than its quantity only where others of its SKU are ahead.

    Parameters
    ----------
    problem
        All open lines.
    promised_milli
        What the committed promise of each line gives it; 0 without one.
    waiting
        Whether a committed backorder of the line is open.
    """
    quantity = problem.line_quantity_milli
    out: set[int] = set()  # ship-complete orders that can't be whole
    allowed = _contested(problem, waiting)
    while True:
        given = _walk(problem, promised_milli, waiting, allowed, out)
        short = {int(o) for o in problem.line_order[given < quantity] if problem.order_ship_complete[o]} - out
        if not short:
            return given
        out |= short


def _contested(problem: SourcingProblem, waiting: Bools) -> Bools:
    """SKUs for which somebody waits and of which more is wanted than there will be."""
    skus = len(problem.sku_ids)
    wanted = np.bincount(problem.line_sku, problem.line_quantity_milli, skus)
    there = np.maximum(problem.atp_milli[:, :, -1], 0).sum(axis=1)
    anyone = np.bincount(problem.line_sku, waiting, skus) > 0
    return np.asarray(anyone & (wanted > there), dtype=np.bool_)


def _claims(problem: SourcingProblem, promised_milli: Ints, waiting: Bools, contested: Bools) -> Iterator[Claim]:
    for line in np.nonzero(contested[problem.line_sku])[0].tolist():
        wanted = int(problem.line_quantity_milli[line])
        kept = min(wanted, int(promised_milli[line]))
        if not problem.line_divisible[line] and kept < wanted:
            kept = 0
        placed = int(problem.order_placed[problem.line_order[line]])
        rank = int(problem.line_priority[line]), int(not waiting[line]), placed, problem.line_ids[line]
        if kept:
            yield (0, *rank), line, kept
        if kept < wanted:
            yield (1, *rank), line, wanted - kept


def _walk(problem: SourcingProblem, promised_milli: Ints, waiting: Bools, contested: Bools, out: set[int]) -> Ints:
    """Let the claims take what is there by the end of the horizon, in order of rank, the cheapest place first."""
    given = np.where(contested[problem.line_sku], 0, problem.line_quantity_milli).astype(np.int64)
    left = np.maximum(problem.atp_milli[:, :, -1], 0).copy()
    for _, line, wanted in sorted(_claims(problem, promised_milli, waiting, contested)):
        if int(problem.line_order[line]) in out:
            continue
        there = left[problem.line_sku[line]]
        pin = int(problem.line_pinned[line])
        places = [
            int(place)
            for place in np.argsort(problem.freight_cents[line], kind="stable")
            if problem.blocked[line, place] == Blocked.FREE and pin in (NOWHERE, place)
        ]
        if not problem.line_divisible[line]:
            places = [place for place in places if there[place] >= wanted][:1]
        for place in places:
            taken = min(wanted, int(there[place]))
            there[place] -= taken
            given[line] += taken
            wanted -= taken
    return given


def in_turn(problem: SourcingProblem, given: Ints) -> SourcingProblem:
    """The problem with each line asking for what the queue lets it: a line that must wait is `Blocked.QUEUED` everywhere."""
    waits = given == 0
    asked = np.where(waits, problem.line_quantity_milli, given)
    if not waits.any() and (asked == problem.line_quantity_milli).all():
        return problem

    def part(cents: Ints) -> Ints:
        """The part's share of what the whole line costs, rounded up."""
        shape = (-1,) + (1,) * (cents.ndim - 1)
        whole = problem.line_quantity_milli.reshape(shape)
        return np.asarray(-(-cents * asked.reshape(shape) // whole), dtype=np.int64)

    return replace(
        problem,
        line_quantity_milli=asked,
        freight_cents=part(problem.freight_cents),
        line_terms={name: part(column) for name, column in problem.line_terms.items()},
        line_backorder_cents=part(problem.line_backorder_cents),
        blocked=np.where(waits[:, None] & (problem.blocked == Blocked.FREE), int(Blocked.QUEUED), problem.blocked),
    )


def kept_back(problem: SourcingProblem, given: Ints) -> frozenset[str]:
    """Lines that the queue lets have less than they want."""
    return frozenset(problem.line_ids[line] for line in np.nonzero(given < problem.line_quantity_milli)[0].tolist())
