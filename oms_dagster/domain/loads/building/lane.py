"""One lane as the search sees it: goods as bits, trailers by price, and what a set of items costs.

Belongs here: arithmetic shared by the steps of the search. The checker has its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oms_dagster.domain.loads.building.problem import Problem, Trailer


class Lane:
    """A lane's items (by position in the problem) and trailers, cheapest first.

    Attributes
    ----------
    sizes, goods, ready, cutoff, leave
        Of each item, in the order of `items`; `leave` is None where it must ride.
    blocked
        For each bit of goods, the bits that never share a trailer with it.
    weight
        Size relative to the biggest trailer in millionths, summed over the dimensions: what "decreasing" goes by.
    """

    def __init__(self, problem: Problem, name: str, items: tuple[int, ...]) -> None:
        self.name = name
        self.items = items
        self.dimensions = range(len(problem.dimensions))
        there = [t for t in problem.trailers if t.lane == name]
        self.trailers: list[Trailer] = sorted(there, key=lambda t: (t.cost_cents, t.capacity, t.trailer_id))
        labels = sorted({g for i in items for g in problem.items[i].goods} | {g for t in there for g in t.goods})
        bit = {label: 1 << n for n, label in enumerate(labels)}
        self.sizes = [problem.items[i].sizes for i in items]
        self.goods = [sum(bit[g] for g in problem.items[i].goods) for i in items]
        self.ready = [problem.items[i].ready for i in items]
        self.cutoff = [problem.items[i].cutoff for i in items]
        self.leave = [problem.items[i].leave_cents for i in items]
        self.postcode = [problem.items[i].postcode for i in items]
        self.capacity = [t.capacity for t in self.trailers]
        self.cost = [t.cost_cents for t in self.trailers]
        self.admits = [sum(bit[g] for g in set(t.goods) if g in bit) for t in self.trailers]
        self.blocked = dict.fromkeys(bit.values(), 0)
        for one, other in problem.apart:
            if one in bit and other in bit:
                self.blocked[bit[one]] |= bit[other]
                self.blocked[bit[other]] |= bit[one]
        biggest = [max((c[d] for c in self.capacity), default=1) or 1 for d in self.dimensions]
        self.weight = [sum(1_000_000 * s[d] // biggest[d] for d in self.dimensions) for s in self.sizes]

    @property
    def is_bin_packing(self) -> bool:
        """Equal trailers of one dimension, and nothing else that counts."""
        return (
            len(self.trailers) == len(self.dimensions) == 1
            and all(price is None for price in self.leave)
            and max(self.ready) <= min(self.cutoff)
            and self.compatible(sum(self.blocked))
        )

    def compatible(self, goods: int) -> bool:
        """Whether goods with these bits may share a trailer."""
        return not any(goods & bit and goods & others for bit, others in self.blocked.items())

    def cheapest(self, sums: Iterable[int], goods: int, start: int = 0) -> int:
        """Position of the cheapest trailer from `start` on that takes the sums and the goods; -1: none does."""
        sums = tuple(sums)
        for t in range(start, len(self.cost)):
            if goods & ~self.admits[t] == 0 and all(s <= c for s, c in zip(sums, self.capacity[t], strict=True)):
                return t
        return -1


@dataclass(slots=True)
class Draft:
    """A load in the making; never changed once it is in a list of loads."""

    items: tuple[int, ...]
    sums: tuple[int, ...]
    goods: int
    ready: int
    cutoff: int
    trailer: int


def drafted(lane: Lane, items: Iterable[int]) -> Draft:
    """The items on the cheapest trailer that takes them.

    Raises
    ------
    ValueError
        None does.
    """
    items = tuple(items)
    sums = tuple(sum(lane.sizes[i][d] for i in items) for d in lane.dimensions)
    goods = 0
    for i in items:
        goods |= lane.goods[i]
    ready, cutoff = max(lane.ready[i] for i in items), min(lane.cutoff[i] for i in items)
    trailer = lane.cheapest(sums, goods) if lane.compatible(goods) and ready <= cutoff else -1
    if trailer < 0:
        raise ValueError(f"lane {lane.name}: no trailer takes items {items} together")
    return Draft(items, sums, goods, ready, cutoff, trailer)


def cost(lane: Lane, loads: Iterable[Draft], left: Iterable[int]) -> int:
    """Cents of the trailers and of what is left to somebody else."""
    return sum(lane.cost[load.trailer] for load in loads) + sum(lane.leave[i] or 0 for i in left)


def unpaid(lane: Lane, loads: list[Draft]) -> list[int]:
    """Take the loads away that cost more than sending their goods otherwise; returns those goods."""
    out: list[int] = []
    kept = []
    for load in loads:
        prices = [lane.leave[i] for i in load.items]
        known = [price for price in prices if price is not None]
        if len(known) == len(prices) and sum(known) <= lane.cost[load.trailer]:
            out += load.items
        else:
            kept.append(load)
    loads[:] = kept
    return out
