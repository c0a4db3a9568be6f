"""Ruin and recreate: take some loads apart, put the goods back cheaper, keep what costs less or is fuller.

Belongs here: the search over the loads of one lane. Source of the scheme: Schrimpf et al. 2000; the squared fullness
that guides it between equal costs: Falkenauer 1996.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from oms_dagster.domain.loads.building.lane import Draft, Lane, cost, unpaid

#: Accepted above the best cost, in thousandths, while the search is young; falls to nothing.
SLACK_PERMILLE = 8


class Search:
    """Loads of a lane under improvement.

    Parameters
    ----------
    lane, loads, left
        What to build, and a plan to begin from.
    seed
        Of the random stream.
    """

    def __init__(self, lane: Lane, loads: list[Draft], left: list[int], seed: int) -> None:
        self._lane = lane
        self._dice = random.Random(seed)
        self._loads, self._left = list(loads), list(left)
        self._score = self._rate(self._loads, self._left)
        self.best, self.best_left = list(loads), list(left)
        self._best_score = self._score

    @property
    def cost(self) -> int:
        """Cents of the best plan."""
        return self._best_score[0]

    def run(self, iterations: int, target: int, stop: Callable[[], bool]) -> int:
        """Search until `iterations`, until the cost is down to `target`, or until `stop`; returns iterations."""
        for done in range(iterations):
            if self.cost <= target or (done % 64 == 0 and stop()):
                return done
            self._step(SLACK_PERMILLE * (iterations - done) // iterations)
        return iterations

    def _step(self, slack_permille: int) -> None:
        loads, loose = self._ruined()
        left = self._recreated(loads, loose)
        score = self._rate(loads, left)
        limit = self._best_score[0] + self._best_score[0] * slack_permille // 1000
        if score <= self._score or (score[0] < limit and self._dice.random() < 0.1):
            self._loads, self._left, self._score = loads, left, score
            if score < self._best_score:
                self.best, self.best_left, self._best_score = list(loads), list(left), score

    def _ruined(self) -> tuple[list[Draft], list[int]]:
        """Half the time the dearest for what it holds and some others whole, and single items of a few more."""
        dice, lane, loads = self._dice, self._lane, self._loads
        loose = [i for i in self._left if dice.random() < 0.5] if self._left else []
        if not loads:
            return [], list(self._left)
        count = min(len(loads), 1 + dice.randrange(4))
        out = set(dice.sample(range(len(loads)), count))
        if dice.random() < 0.5:
            out.add(min(range(len(loads)), key=lambda b: sum(lane.weight[i] for i in loads[b].items)))
        kept = [load for b, load in enumerate(loads) if b not in out]
        loose += [i for b in sorted(out) for i in loads[b].items]
        if kept and dice.random() < 0.5:
            for b in dice.sample(range(len(kept)), min(len(kept), 3)):
                items = list(kept[b].items)
                if len(items) > 1:
                    loose.append(items.pop(dice.randrange(len(items))))
                    kept[b] = self._again(items)
        return kept, loose

    def _again(self, items: list[int]) -> Draft:
        lane = self._lane
        goods = 0
        for i in items:
            goods |= lane.goods[i]
        sums = tuple(sum(lane.sizes[i][d] for i in items) for d in lane.dimensions)
        ready, cutoff = max(lane.ready[i] for i in items), min(lane.cutoff[i] for i in items)
        return Draft(tuple(items), sums, goods, ready, cutoff, lane.cheapest(sums, goods))

    def _recreated(self, loads: list[Draft], loose: list[int]) -> list[int]:
        """Cheapest place, then the tightest, the biggest first but for noise, places passed over now and then.

        Returns what is left to somebody else.
        """
        dice, lane = self._dice, self._lane
        noise = dice.choice((0.0, 0.1, 0.4))
        hiring = dice.random() < 0.5
        taken = set(loose)
        left = [i for i in self._left if i not in taken]
        loose.sort(key=lambda i: -lane.weight[i] * (1 + noise * (dice.random() - 0.5)))
        for item in loose:
            added = self._cheapest_place(loads, item, None if hiring else lane.leave[item])
            if added is None:
                left.append(item)
            else:
                place, load = added
                if place < len(loads):
                    loads[place] = load
                else:
                    loads.append(load)
        if hiring:
            left += unpaid(lane, loads)
        return sorted(left)

    def _cheapest_place(self, loads: list[Draft], item: int, leave: int | None) -> tuple[int, Draft] | None:
        dice, lane = self._dice, self._lane
        size, goods, ready, cutoff = lane.sizes[item], lane.goods[item], lane.ready[item], lane.cutoff[item]
        capacity, admits, prices = lane.capacity, lane.admits, lane.cost
        alone = lane.cheapest(size, goods)
        best: tuple[int, int] | None = None
        chosen: tuple[int, tuple[int, ...], int] | None = None
        for place, load in enumerate(loads):
            if load.ready > cutoff or ready > load.cutoff:
                continue
            sums = tuple([a + b for a, b in zip(load.sums, size, strict=True)])
            together = load.goods | goods
            trailer = load.trailer
            if together != load.goods and not lane.compatible(together):
                continue
            limit = capacity[trailer]
            if together & ~admits[trailer] or any(s > c for s, c in zip(sums, limit, strict=True)):
                trailer = lane.cheapest(sums, together, trailer + 1)
                if trailer < 0:
                    continue
                limit = capacity[trailer]
            room = sum([1_000_000 * (c - s) // c for s, c in zip(sums, limit, strict=True) if c])
            key = (prices[trailer] - prices[load.trailer], room)
            if (best is None or key < best) and dice.random() > 0.03:
                best, chosen = key, (place, sums, trailer)
        if alone >= 0 and (best is None or prices[alone] < best[0]):
            best, chosen = (prices[alone], 0), (len(loads), size, alone)
        if best is None or (leave is not None and leave < best[0]):
            return None
        assert chosen is not None
        place, sums, trailer = chosen
        if place == len(loads):
            return place, Draft((item,), size, goods, ready, cutoff, trailer)
        load = loads[place]
        together = load.goods | goods
        return place, Draft(
            (*load.items, item), sums, together, max(load.ready, ready), min(load.cutoff, cutoff), trailer
        )

    def _rate(self, loads: list[Draft], left: list[int]) -> tuple[int, int]:
        weight = self._lane.weight
        return cost(self._lane, loads, left), -sum(sum([weight[i] for i in load.items]) ** 2 for load in loads)
