"""The checker of load plans: counts, adds and prices again. Shares no code with the solver.

Belongs here: the rules. Does not belong here: how a plan is found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from oms_dagster.domain.loads.building.problem import Building, Item, Load, Problem, Trailer

RULES = {
    "BUILD-01": "Each item is on exactly one load, or left to somebody else where that has a price.",
    "BUILD-02": "A load rides on a trailer of its lane and carries items of that lane only.",
    "BUILD-03": "No load is above the trailer's capacity in any dimension.",
    "BUILD-04": "The trailer admits all goods of its load, and none lies beside what it may not share a trailer with.",
    "BUILD-05": "There is a moment at which all items of a load may leave: `Load.ready`.",
    "BUILD-06": "No load is empty.",
    "BUILD-07": "A load's cost, binding dimension and utilisation, and the plan's objective, are what they say.",
}


def findings(problem: Problem, plan: Building) -> Iterator[tuple[str, str]]:
    """(rule, what was seen) for each broken rule; nothing when the plan is right."""
    kinds = {(t.lane, t.trailer_id): t for t in problem.trailers}
    yield from _everywhere_once(problem, plan)
    spent = 0
    for number, load in enumerate(plan.loads):
        name = f"load {number} of lane {load.lane!r}"
        trailer = kinds.get((load.lane, load.trailer_id))
        goods = [problem.items[i] for i in load.items if 0 <= i < len(problem.items)]
        strangers = [item.item_id for item in goods if item.lane != load.lane]
        if trailer is None or strangers:
            yield "BUILD-02", f"{name}: trailer {load.trailer_id}, strangers {strangers}"
        if not goods:
            yield "BUILD-06", name
        if trailer is not None and goods:
            spent += trailer.cost_cents
            yield from _one(problem, name, load, trailer, goods)
    spent += sum(problem.items[i].leave_cents or 0 for i in plan.left if 0 <= i < len(problem.items))
    if spent != plan.report.objective:
        yield "BUILD-07", f"objective {plan.report.objective}, loads and what is left cost {spent}"


def _everywhere_once(problem: Problem, plan: Building) -> Iterator[tuple[str, str]]:
    seen = Counter(i for load in plan.loads for i in load.items)
    seen.update(plan.left)
    for i in sorted(set(range(len(problem.items))) | set(seen)):
        if seen[i] != 1 or not 0 <= i < len(problem.items):
            yield "BUILD-01", f"item {i} is in {seen[i]} places of {len(problem.items)} items"
    for i in plan.left:
        if 0 <= i < len(problem.items) and problem.items[i].leave_cents is None:
            yield "BUILD-01", f"item {problem.items[i].item_id} must ride and is left"


def _one(problem: Problem, name: str, load: Load, trailer: Trailer, goods: list[Item]) -> Iterator[tuple[str, str]]:
    shares = []
    for d, (dimension, limit) in enumerate(zip(problem.dimensions, trailer.capacity, strict=True)):
        total = sum(item.sizes[d] for item in goods)
        shares.append((1000 * total // limit if limit else 0, dimension))
        if total > limit:
            yield "BUILD-03", f"{name}: {total} of {limit} in {dimension}"
    labels = {label for item in goods for label in item.goods}
    if not labels <= set(trailer.goods):
        yield "BUILD-04", f"{name}: {sorted(labels - set(trailer.goods))} on {trailer.trailer_id}"
    for one, other in sorted(problem.apart):
        if one in labels and other in labels:
            yield "BUILD-04", f"{name}: {one} beside {other}"
    if not all(item.ready <= load.ready <= item.cutoff for item in goods):
        yield "BUILD-05", f"{name}: leaves at {load.ready}"
    fullest = max(share for share, _ in shares)
    stated = (load.cost_cents, load.utilisation_permille, (fullest, load.binding_dimension) in shares)
    if stated != (trailer.cost_cents, fullest, True):
        yield "BUILD-07", f"{name}: {load.cost_cents} cents, {load.utilisation_permille} of {load.binding_dimension}"
