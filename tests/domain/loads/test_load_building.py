"""Load building: plans that the checker accepts, costs that are optimal where trying all shows it, bounds that are true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms_dagster.domain.loads.building.baseline import first_fit_decreasing
from oms_dagster.domain.loads.building.bound import l2, lower_bound
from oms_dagster.domain.loads.building.bpplib import read_bpplib
from oms_dagster.domain.loads.building.columns import Columns
from oms_dagster.domain.loads.building.lane import Lane, cost, drafted
from oms_dagster.domain.loads.building.polish import polish, repacked
from oms_dagster.domain.loads.building.problem import Building, Item, Problem, Trailer
from oms_dagster.domain.loads.building.solve import solve, solve_binpack_file
from oms_dagster.domain.loads.building.verify import RULES, findings
from oms_dagster.domain.solving import Budget

BENCH = Path(__file__).parents[4] / "shared" / "bench"
needs_bench = pytest.mark.skipif(not BENCH.is_dir(), reason="no ../shared/bench with the public instances")
APART = frozenset({("chilled", "hazard")})


def bins(sizes: tuple[int, ...], capacity: int) -> Problem:
    return Problem(tuple(Item(str(n), (s,)) for n, s in enumerate(sizes)), (Trailer("bin", (capacity,)),), ("size",))


def lane_of(problem: Problem) -> Lane:
    return Lane(problem, "", tuple(range(len(problem.items))))


#: First-fit decreasing needs three bins for what fits in two.
TRAP = bins((7, 7, 4, 4, 4, 4), 15)


def cheapest(problem: Problem) -> int:
    """The least cost by trying: each item left, into an open load, or on a new one; each load on its cheapest trailer."""
    best = 10**9

    def price(load: list[Item]) -> int:
        first, last = max(i.ready for i in load), min(i.cutoff for i in load)
        goods = {g for i in load for g in i.goods}
        fitting = [
            t.cost_cents
            for t in problem.trailers
            if t.lane == load[0].lane and goods <= set(t.goods) and not any(set(pair) <= goods for pair in problem.apart)
            and all(sum(i.sizes[d] for i in load) <= t.capacity[d] for d in range(len(t.capacity)))
        ]  # fmt: skip
        return min(fitting, default=10**9) if first <= last else 10**9

    def place(n: int, loads: list[list[Item]], left: int) -> None:
        nonlocal best
        if n == len(problem.items):
            best = min(best, left + sum(price(load) for load in loads))
            return
        item = problem.items[n]
        if item.leave_cents is not None:
            place(n + 1, loads, left + item.leave_cents)
        for b, load in enumerate(loads):
            if load[0].lane == item.lane:
                place(n + 1, [*loads[:b], [*load, item], *loads[b + 1 :]], left)
        place(n + 1, [*loads, [item]], left)

    place(0, [], 0)
    return best


@st.composite
def days(draw: st.DrawFn) -> Problem:
    """Up to six items over one or two lanes, each of which fits a trailer or may be left."""
    dimensions = draw(st.integers(1, 2))
    trailers = []
    for lane in ("N", "S"):
        for n in range(draw(st.integers(1, 2))):
            room = tuple(draw(st.integers(6, 20)) for _ in range(dimensions))
            goods = draw(
                st.sampled_from((("ambient", "hazard"), ("ambient", "chilled"), ("ambient", "chilled", "hazard")))
            )
            trailers.append(Trailer(f"T{n}", room, draw(st.integers(1, 40)), lane, goods))
    items = []
    for n in range(draw(st.integers(0, 6))):
        ready = draw(st.integers(0, 3))
        item = Item(
            f"I{n}", tuple(draw(st.integers(0, 9)) for _ in range(dimensions)), draw(st.sampled_from("NS")),
            draw(st.sampled_from(("AB1", "ZE2"))), (draw(st.sampled_from(("ambient", "chilled", "hazard"))),),
            ready, ready + draw(st.integers(0, 3)), draw(st.none() | st.integers(0, 30)),
        )  # fmt: skip
        fits = any(
            t.lane == item.lane
            and set(item.goods) <= set(t.goods)
            and all(s <= c for s, c in zip(item.sizes, t.capacity, strict=True))
            for t in trailers
        )
        items.append(item if fits or item.leave_cents is not None else replace(item, leave_cents=50))
    names = ("weight", "volume")[:dimensions]
    return Problem(tuple(items), tuple(trailers), names, APART)


@settings(max_examples=80, deadline=None)
@given(days())
def test_small_days_are_optimal_and_their_bounds_true(problem: Problem):
    plan = solve(problem, Budget(200), seed=1)
    assert list(findings(problem, plan)) == []
    assert (plan.report.bound or 0) <= plan.report.objective == cheapest(problem)
    assert plan.report.objective <= (plan.report.baseline_objective or 0)


def test_first_fit_decreasing_falls_in_the_trap_and_the_solver_does_not():
    assert len(first_fit_decreasing(lane_of(TRAP))[0]) == 3
    assert len(solve(TRAP).loads) == 2


def test_the_same_seed_gives_the_same_loads():
    problem = bins(tuple(7 + 13 * n % 41 for n in range(60)), 100)
    one, other = solve(problem, Budget(500), 4), solve(problem, Budget(500), 4)
    assert (one.loads, one.left) == (other.loads, other.left)
    assert replace(one.report, wall_s=0) == replace(other.report, wall_s=0)


def test_the_smallest_trailer_that_is_enough_is_hired_and_what_fills_it_is_said():
    kinds = (Trailer("van", (10, 9), 100), Trailer("truck", (40, 50), 300))
    few = Problem((Item("a", (4, 3)), Item("b", (5, 3))), kinds, ("weight", "volume"))
    load = solve(few).loads[0]
    assert (load.trailer_id, load.binding_dimension, load.utilisation_permille) == ("van", "weight", 900)
    many = Problem(tuple(Item(str(n), (6, 6)) for n in range(4)), kinds, ("weight", "volume"))
    assert [x.trailer_id for x in solve(many).loads] == ["truck"]


def test_a_trailer_is_hired_when_it_costs_less_than_sending_its_goods_otherwise():
    """No item alone is worth the trailer; three are, two are not."""

    def sent(count: int) -> tuple[int, int]:
        items = tuple(Item(str(n), (2,), leave_cents=40) for n in range(count))
        plan = solve(Problem(items, (Trailer("truck", (10,), 100),), ("weight",)))
        return len(plan.loads), len(plan.left)

    assert (sent(2), sent(3)) == ((0, 2), (1, 0))


def test_chilled_and_hazardous_goods_part_and_so_do_those_that_cannot_leave_together():
    kind = (Trailer("truck", (10,), 100, "", ("ambient", "chilled", "hazard")),)
    goods = Problem(
        (Item("a", (1,), goods=("chilled",)), Item("b", (1,), goods=("hazard",)), Item("c", (1,), goods=("ambient",))),
        kind, ("weight",), APART,
    )  # fmt: skip
    assert solve(goods).report.objective == solve(goods).report.bound == 200
    times = Problem((Item("a", (1,), cutoff=9), Item("b", (1,), ready=9), Item("c", (1,), ready=10)), kind, ("weight",))
    assert [load.ready for load in solve(times).loads] in ([9, 10], [0, 10])


def test_cp_sat_saves_a_load_whole_or_in_parts(monkeypatch: pytest.MonkeyPatch):
    lane = lane_of(TRAP)
    loads, left = first_fit_decreasing(lane)
    again, still = repacked(lane, loads, left, effort=5, seed=1, fuse_s=20, floor=1)
    assert (cost(lane, again, still), sorted(i for load in again for i in load.items)) == (2, [0, 1, 2, 3, 4, 5])
    monkeypatch.setattr("oms_dagster.domain.loads.building.polish.MOST_PAIRS", 150)
    lane = lane_of(bins((7, 7, 4, 4, 4, 4) * 3, 15))
    loads = [drafted(lane, (n + i for i in group)) for n in (0, 6, 12) for group in ((0, 1), (2, 3, 4), (5,))]
    again, still = polish(lane, loads, [], 1, effort=5, seed=1, fuse_s=lambda: 20.0)
    assert cost(lane, again, still) < cost(lane, loads, [])
    assert sorted(i for load in again for i in load.items) == list(range(18))


def test_column_generation_proves_more_than_sums_do():
    """Five items of 4 in bins of 10: 20 / 10 = 2 by weight, but only two fit in each."""
    columns = Columns([4] * 5, 10)
    columns.solve(columns.demand, 50, lambda: False)
    assert (l2([4] * 5, 10), columns.bound) == (2, 3)


def test_the_bound_counts_whole_trailers_and_those_that_special_goods_need():
    """11 of weight need two trucks of 10, and the chilled one among it the dearer kind."""
    kinds = (Trailer("plain", (10,), 100, "", ("ambient",)), Trailer("chilled", (10,), 150, "", ("ambient", "chilled")))
    items = tuple(Item(str(n), (2,), goods=("chilled" if n == 0 else "ambient",)) for n in range(6))
    assert lower_bound(lane_of(Problem(items, kinds, ("weight",))), 5) == 250


Break = Callable[[Building], Building]


def _load(plan: Building, **changes: object) -> Building:
    return replace(plan, loads=(replace(plan.loads[0], **changes), *plan.loads[1:]))  # type: ignore[arg-type]


BROKEN: dict[str, Break] = {
    "BUILD-01": lambda p: replace(p, left=(1,), report=replace(p.report, objective=p.report.objective)),
    "BUILD-02": lambda p: _load(p, items=(0, 3)),
    "BUILD-03": lambda p: _load(p, items=(0, 4), utilisation_permille=1_100),
    "BUILD-04": lambda p: _load(p, items=(0, 2), utilisation_permille=500),
    "BUILD-05": lambda p: _load(p, ready=99),
    "BUILD-06": lambda p: replace(p, loads=(*p.loads, replace(p.loads[0], items=())), report=p.report),
    "BUILD-07": lambda p: replace(p, report=replace(p.report, objective=1)),
}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_each_broken_plan_is_caught_by_its_rule(rule: str):
    goods = ("ambient", "chilled", "hazard")
    kinds = (Trailer("truck", (10,), 100, "", goods), Trailer("truck", (10,), 100, "far", goods))
    items = (
        Item("a", (4,), goods=("chilled",), cutoff=50), Item("b", (6,), goods=("ambient",)),
        Item("c", (1,), goods=("hazard",)), Item("d", (1,), "far"), Item("e", (7,)),
    )  # fmt: skip
    problem = Problem(items, kinds, ("weight",), APART)
    plan = solve(problem)
    assert list(findings(problem, plan)) == []
    plan = replace(plan, loads=tuple(sorted(plan.loads, key=lambda x: x.items)))
    assert rule in {found for found, _ in findings(problem, BROKEN[rule](plan))}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"items": (Item("a", (9,)),)}, "item a of \\(9,\\) fits no trailer of lane ''"),
        ({"items": (Item("a", (1, 1)),)}, "item a has 2 dimensions, not 1"),
        ({"items": (Item("a", (-1,)),)}, "item a has a negative size"),
        ({"items": (Item("a", (1,)), Item("a", (1,)))}, "item a is given twice"),
        ({"items": (Item("a", (1,), ready=2, cutoff=1),)}, "item a is ready after its cut-off"),
        ({"trailers": (Trailer("t", (5,), -1),)}, "trailer t: capacity"),
    ],
)
def test_a_problem_without_sense_names_what_is_wrong(changes: dict[str, object], words: str):
    with pytest.raises(ValueError, match=words):
        replace(Problem((), (Trailer("t", (5,)),), ("weight",)), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "words"), [("3\n10\n4 4", "3 items announced, 2"), ("1 10 x", "whole numbers"), ("1 10 11", "fits no")]
)
def test_a_packing_file_that_cannot_be_read_says_why(text: str, words: str):
    with pytest.raises(ValueError, match=words):
        read_bpplib(text)


@needs_bench
def test_sixty_items_in_triplets_are_packed_within_a_bin_of_the_optimum():
    answer = solve_binpack_file((BENCH / "binpack/Falkenauer_t60_00.txt").read_text(), "t60_00", 5, 1)
    assert answer["feasible"]
    assert 20 <= answer["cost"] <= 21
    assert answer["bound"] <= 20
