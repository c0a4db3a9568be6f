"""The queue for what is short: who is served when a SKU has lines that wait and not enough for all.

Belongs here: the order of the queue and what it lets each line ask for. Does not belong here: from where it ships
(`solve`), and which supply covers what still waits (`pegging`).

Money decides between lines as long as nobody waits. Once a line of a SKU is on backorder, what comes in goes by rank:
first what is promised already, then by priority, then who waits before who is new, then by age. A rush order passes those
who wait only if its priority says so, and nobody takes what is promised.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

import numpy as np

from oms_dagster.domain.sourcing.problem import NO_GROUP, NOWHERE, UNPROMISED, Blocked, Bools, Ints, SourcingProblem

#: Rank, line, quantity asked for at that rank in milli, and the place that promised it (`NOWHERE`: none did).
Claim = tuple[tuple[int, int, int, int, str], int, int, int]


def admitted(problem: SourcingProblem, waiting: Set[str]) -> Ints:
    """What each line may ask for, in milli: less than its quantity only where others of its SKU are ahead.

    Parameters
    ----------
    problem
        All open lines, with the last promises.
    waiting
        Lines with an open backorder.
    """
    contested = _contested(problem, waiting)
    claims = sorted(_claims(problem, waiting, contested))
    mates = [_mates(problem, line) for line in range(len(problem.line_ids))]
    out: set[tuple[int, int]] = set()  # orders and groups that go whole or not at all, and can't go whole
    while True:
        given = _walk(problem, [claim for claim in claims if mates[claim[1]] not in out], contested)
        short = {mates[line] for line in np.nonzero(given < problem.line_quantity_milli)[0].tolist()} - out - {None}
        if not short:
            return given
        out |= {mate for mate in short if mate}


def _mates(problem: SourcingProblem, line: int) -> tuple[int, int] | None:
    """Names the lines that ship together with a line or not at all; None: it goes by itself."""
    order, group = int(problem.line_order[line]), int(problem.line_group[line])
    whole = problem.order_ship_complete[order]
    return (order, NO_GROUP) if whole else None if group == NO_GROUP else (order, group)


def _contested(problem: SourcingProblem, waiting: Set[str]) -> Bools:
    """SKUs for which somebody waits and of which more is wanted than there will be."""
    skus = len(problem.sku_ids)
    wanted = np.bincount(problem.line_sku, problem.line_quantity_milli, skus)
    there = np.maximum(problem.atp_milli[:, :, -1], 0).sum(axis=1)
    anyone = np.bincount(problem.line_sku, [line in waiting for line in problem.line_ids], skus) > 0
    return np.asarray(anyone & (wanted > there), dtype=np.bool_)


def _claims(problem: SourcingProblem, waiting: Set[str], contested: Bools) -> Iterator[Claim]:
    place_of = {name: place for place, name in enumerate(problem.location_ids)}
    promised: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for last in problem.last_promises:
        if last.location_id in place_of:
            promised[last.line_id].append((place_of[last.location_id], last.quantity_milli))
    for line in np.nonzero(contested[problem.line_sku])[0].tolist():
        name, wanted = problem.line_ids[line], int(problem.line_quantity_milli[line])
        placed = int(problem.order_placed[problem.line_order[line]])
        rank = int(problem.line_priority[line]), int(name not in waiting), placed, name
        for place, quantity in promised[name]:
            kept = min(wanted, quantity)
            if kept and (_divisible(problem, line) or kept == problem.line_quantity_milli[line]):
                wanted -= kept
                yield (0, *rank), line, kept, place
        if wanted:
            yield (1, *rank), line, wanted, NOWHERE


def _divisible(problem: SourcingProblem, line: int) -> bool:
    return bool(problem.line_divisible[line]) and int(problem.line_group[line]) == NO_GROUP


def _walk(problem: SourcingProblem, claims: Sequence[Claim], contested: Bools) -> Ints:
    """Let the claims take what is there by the end of the horizon, in their order: where it is promised, else the cheapest."""
    given = np.where(contested[problem.line_sku], 0, problem.line_quantity_milli).astype(np.int64)
    left = np.maximum(problem.atp_milli[:, :, -1], 0).copy()
    for _, line, wanted, promised in claims:
        there = left[problem.line_sku[line]]
        pin = int(problem.line_pinned[line])
        cheapest = np.argsort(problem.freight_cents[line], kind="stable").tolist()
        places = [
            place
            for place in sorted(cheapest, key=promised.__ne__)
            if problem.blocked[line, place] == Blocked.FREE and pin in (NOWHERE, place)
        ]
        if not _divisible(problem, line):
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
        """The part's share of what the whole line costs, rounded down: a promise in force never looks dearer than it was."""
        shape = (-1,) + (1,) * (cents.ndim - 1)
        whole = problem.line_quantity_milli.reshape(shape)
        return np.asarray(cents * asked.reshape(shape) // whole, dtype=np.int64)

    return replace(
        problem,
        line_quantity_milli=asked,
        freight_cents=part(problem.freight_cents),
        line_terms={name: part(cents) for name, cents in problem.line_terms.items()},
        line_backorder_cents=(backorder := -part(-problem.line_backorder_cents)),
        line_remainder_cents=np.minimum(problem.line_remainder_cents, backorder),
        line_late_cents_per_day=part(problem.line_late_cents_per_day),
        line_promised_day=np.where(asked < problem.line_quantity_milli, UNPROMISED, problem.line_promised_day),
        blocked=np.where(waits[:, None] & (problem.blocked == Blocked.FREE), int(Blocked.QUEUED), problem.blocked),
    )


def kept_back(problem: SourcingProblem, given: Ints) -> frozenset[str]:
    """Lines that some place may ship, of which the queue lets them have less than they want."""
    short = (given < problem.line_quantity_milli) & (problem.blocked == Blocked.FREE).any(axis=1)
    return frozenset(problem.line_ids[line] for line in np.nonzero(short)[0].tolist())
