"""A big day in groups: neighbouring routes are searched together, then grouped anew around other neighbours.

Belongs here: cutting a day into groups of a few hundred stops, dealing idle vehicles to them, the rounds and their
processes. Does not belong here: the search of one group (search.py), which sees a problem like any other.

The first round cuts the stops, each later one the routes of the last by their barycentres, warm-started, in turn
around the depot and across the map, so that a border of one round lies inside a group of the next. A group's result
is never dearer than what it began with. No distance matrix spans more than a group. Compare Taillard 1993 and POPMUSIC (Ostertag, Doerner, Hartl 2009).
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import atan2, ceil, cos, pi, radians, sin
from typing import TypeAlias

from loky import ProcessPoolExecutor

from oms_dagster.domain.routes.baseline import postal_code_draft
from oms_dagster.domain.routes.draft import Draft, Prepared, missing, units
from oms_dagster.domain.routes.insertion import insert_what_pays
from oms_dagster.domain.routes.problem import FrozenLoad, PreviousLoad, Problem, Shipment
from oms_dagster.domain.routes.search import Found, as_loads, cheapest, from_last_plan, read_loads, search
from oms_dagster.domain.solving import Budget

#: Shipments up to which a day is searched as a whole.
WHOLE = 800
#: Stops that a group has, about.
GROUP = 250
#: Every third round only tries a vehicle fewer, in groups of so many stops: more vehicles have more room between them.
WIDE_EVERY, WIDE = 3, 1_000
#: Rounds after the first.
ROUNDS = 10

Loads: TypeAlias = tuple[PreviousLoad, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stays together in a cut: a vehicle with all that rides on it or is tied to it, or one group of shipments."""

    east: float
    north: float
    stops: int
    shipments: tuple[Shipment, ...]
    vehicle_id: str | None = None


def search_in_rounds(prepared: Prepared, budget: Budget, seed: int, workers: int, ceiling_cents: int) -> Found:
    """The best draft of a big day that costs at most `ceiling_cents`.

    Parameters
    ----------
    budget
        ``effort``: PyVRP iterations that each group gets, over all rounds.
    workers
        Processes; the answer doesn't depend on them.
    """
    deadline = time.monotonic() + budget.fuse_s
    dice = random.Random(seed)
    draft: Draft = from_last_plan(prepared) if prepared.problem.previous else prepared.start()
    searches = ROUNDS + 1 - (ROUNDS + 1) // WIDE_EVERY
    iterations, fuse = 0, False
    with _processes(workers) as improved:
        for number in range(ROUNDS + 1):
            is_wide = number % WIDE_EVERY == WIDE_EVERY - 1
            groups = _cut(_pieces(prepared, draft), number, dice, WIDE if is_wide else GROUP)
            left_s = max(0.1, (deadline - time.monotonic()) / (ROUNDS + 1 - number))
            effort = Budget(1 if is_wide else max(1, budget.effort // searches), left_s / ceil(len(groups) / workers))
            parts = [
                part(
                    prepared,
                    draft,
                    [*(p.vehicle_id for p in group if p.vehicle_id), *idle],
                    [s for p in group for s in p.shipments],
                )
                for group, idle in _dealt(prepared, groups)
            ]
            answers = improved(parts, [effort] * len(parts), [seed + number] * len(parts))
            draft = read_loads(prepared, [load for loads, _, _ in answers for load in loads])
            iterations += sum(used for _, used, _ in answers)
            fuse = fuse or any(blown for _, _, blown in answers)
    best, objective = cheapest(prepared, [insert_what_pays(prepared, draft)], ceiling_cents)
    return Found(best, objective, iterations, fuse)


def _improved(part: Problem, budget: Budget, seed: int) -> tuple[Loads, int, bool]:
    """(loads, iterations, fuse blown) of one group: what it began with, or something cheaper."""
    prepared = Prepared(part)
    warm = from_last_plan(prepared) if part.previous else None
    known = None if warm else postal_code_draft(prepared)
    all_left = sum(s.penalty_cents for s in part.shipments)
    found = search(prepared, warm, budget, seed, all_left, known)
    loads = part.previous if found.draft is None else as_loads(found.draft)
    return loads, found.iterations, found.fuse


@contextmanager
def _processes(workers: int) -> Iterator[Callable[..., list[tuple[Loads, int, bool]]]]:
    """`map` of `_improved`, in this process or in `workers` others.

    Loky's are fresh (a fork would inherit locks) and don't run the caller's main module, which may be the control tower.
    """
    if workers <= 1:
        yield lambda *columns: list(map(_improved, *columns))
        return
    with ProcessPoolExecutor(workers) as pool:
        yield lambda *columns: list(pool.map(_improved, *columns))


def _pieces(prepared: Prepared, draft: Draft) -> list[_Piece]:
    """Each vehicle with goods on it or tied to it, then what rides nowhere."""
    riding: dict[str, list[Shipment]] = {
        v: [s for trip in trips for stop in trip.visits for s in stop.shipments] for v, trips in sorted(draft.items())
    }
    left = []
    for shipment in missing(prepared, draft):
        held = prepared.held_by.get(shipment.shipment_id)
        if held is not None and held[0] in prepared.vehicles:
            riding.setdefault(held[0], []).append(shipment)
        else:
            left.append(shipment)
    pieces = [_piece(goods, len({s.address_key for s in goods}), v) for v, goods in riding.items() if goods]
    return [*pieces, *(_piece(unit, 1) for unit in units(prepared, left))]


def _piece(goods: Sequence[Shipment], stops: int, vehicle_id: str | None = None) -> _Piece:
    north = sum(s.latitude for s in goods) / len(goods)
    east = sum(s.longitude for s in goods) / len(goods) * cos(radians(north))
    return _Piece(east, north, stops, tuple(goods), vehicle_id)


def _cut(pieces: Sequence[_Piece], number: int, dice: random.Random, stops: int) -> list[list[_Piece]]:
    """Groups of about so many stops: around the middle in even rounds, halves of halves across the map in odd ones."""
    groups = max(1, round(sum(p.stops for p in pieces) / stops))
    turn = dice.random() * 2 * pi
    if number % 2:
        return _halved(list(pieces), groups, dice)
    east = sum(p.east for p in pieces) / len(pieces)
    north = sum(p.north for p in pieces) / len(pieces)
    around = sorted(pieces, key=lambda p: ((atan2(p.north - north, p.east - east) + turn) % (2 * pi), _name(p)))
    return _split(around, [1] * groups)


def _halved(pieces: list[_Piece], groups: int, dice: random.Random) -> list[list[_Piece]]:
    if groups <= 1 or len(pieces) <= 1:
        return [pieces]
    turn = dice.random() * pi
    across = sorted(pieces, key=lambda p: (p.east * cos(turn) + p.north * sin(turn), _name(p)))
    one = groups // 2
    halves = _split(across, [one, groups - one])
    shares = (one, groups - one)
    return [g for half, share in zip(halves, shares, strict=False) for g in _halved(half, share, dice)]


def _name(piece: _Piece) -> str:
    return piece.vehicle_id or piece.shipments[0].shipment_id


def _split(pieces: Sequence[_Piece], shares: Sequence[int]) -> list[list[_Piece]]:
    """The row of pieces cut so that the stops of the parts are as `shares`; no part is empty."""
    total, whole = sum(p.stops for p in pieces), sum(shares)
    parts: list[list[_Piece]] = [[]]
    filled, due = 0, shares[0]
    for piece in pieces:
        if parts[-1] and len(parts) < len(shares) and 2 * filled * whole + piece.stops * whole > 2 * due * total:
            due += shares[len(parts)]
            parts.append([])
        parts[-1].append(piece)
        filled += piece.stops
    return parts


def _dealt(prepared: Prepared, groups: Sequence[Sequence[_Piece]]) -> list[tuple[Sequence[_Piece], list[str]]]:
    """Each group with idle vehicles: of each kind as the group's share of what rides nowhere yet and may ride there.

    Where all ride, idle vehicles go round: the search may still find use for one.
    """
    busy = {p.vehicle_id for group in groups for p in group if p.vehicle_id}
    kinds: dict[int, list[str]] = defaultdict(list)
    for vehicle_id in prepared.vehicles:
        if vehicle_id not in busy:
            kinds[prepared.kind[vehicle_id]].append(vehicle_id)
    idle: list[list[str]] = [[] for _ in groups]
    for vehicle_ids in kinds.values():
        example = prepared.vehicles[vehicle_ids[0]]
        wants = [
            1 + 1_000 * sum(prepared.allowed(p.shipments[0], example) for p in group if p.vehicle_id is None)
            for group in groups
        ]
        given = [0] * len(groups)
        for vehicle_id in vehicle_ids:  # highest averages (D'Hondt): each goes where one more is needed most
            to = max(range(len(groups)), key=lambda g: (wants[g] / (given[g] + 1), -g))
            given[to] += 1
            idle[to].append(vehicle_id)
    return list(zip(groups, idle, strict=True))


def part(prepared: Prepared, draft: Draft, vehicle_ids: Iterable[str], shipments: Iterable[Shipment]) -> Problem:
    """Some vehicles and shipments of a day as a problem of their own, begun from their routes in the draft."""
    problem, vehicles = prepared.problem, sorted(vehicle_ids)
    goods = tuple(sorted(shipments, key=lambda s: s.shipment_id))
    here = {s.shipment_id for s in goods}
    locks = tuple(
        lock
        for lock in problem.locks
        if (lock.vehicle_id in vehicles if isinstance(lock, FrozenLoad) else lock.shipment_id in here)
    )
    began = as_loads({v: draft[v] for v in vehicles if v in draft})
    fleet = tuple(prepared.vehicles[v] for v in vehicles)
    return replace(problem, vehicles=fleet, shipments=goods, locks=locks, previous=began)
