"""The way without a planner: by postal code, the biggest first within it, into the first trailer with room.

Belongs here: what every load plan is measured against.
"""

from __future__ import annotations

from oms_dagster.domain.loads.building.lane import Draft, Lane, drafted, unpaid

NAME = "first_fit_decreasing_by_postal_code"


def first_fit_decreasing(lane: Lane) -> tuple[list[Draft], list[int]]:
    """Loads of the trailer that is cheapest for what it holds, each sent as the smallest that still takes its goods.

    Returns
    -------
    The loads, and the items that no trailer takes or whose trailer would cost more than sending them otherwise.
    """
    loads: list[Draft] = []
    left: list[int] = []
    for item in sorted(range(len(lane.items)), key=lambda i: (lane.postcode[i], -lane.weight[i], i)):
        size, goods = lane.sizes[item], lane.goods[item]
        for place, load in enumerate(loads):
            capacity, together = lane.capacity[load.trailer], load.goods | goods
            ready, cutoff = max(load.ready, lane.ready[item]), min(load.cutoff, lane.cutoff[item])
            sums = tuple(a + b for a, b in zip(load.sums, size, strict=True))
            if (
                all(s <= c for s, c in zip(sums, capacity, strict=True))
                and together & ~lane.admits[load.trailer] == 0
                and lane.compatible(together)
                and ready <= cutoff
            ):
                loads[place] = Draft((*load.items, item), sums, together, ready, cutoff, load.trailer)
                break
        else:
            trailer = _usual(lane, item)
            if trailer < 0:
                left.append(item)
            else:
                loads.append(Draft((item,), size, goods, lane.ready[item], lane.cutoff[item], trailer))
    loads = [drafted(lane, load.items) for load in loads]
    left += unpaid(lane, loads)
    return loads, sorted(left)


def _usual(lane: Lane, item: int) -> int:
    """The trailer with the lowest price for its room among those that take the item; -1: none."""
    goods = lane.goods[item]
    if not lane.compatible(goods):
        return -1
    fitting = [
        t
        for t in range(len(lane.cost))
        if goods & ~lane.admits[t] == 0 and all(s <= c for s, c in zip(lane.sizes[item], lane.capacity[t], strict=True))
    ]
    biggest = [max(c[d] for c in lane.capacity) or 1 for d in lane.dimensions]

    def price(t: int) -> float:
        room = min(lane.capacity[t][d] / biggest[d] for d in lane.dimensions)
        return lane.cost[t] / room if room else float("inf")

    return min(fitting, key=lambda t: (price(t), t), default=-1)
