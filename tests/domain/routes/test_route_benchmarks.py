"""Public benchmark files: read as their authors meant, costed in their convention, checked by our own checker.

The instances stand outside the project (`../shared/bench`); the tests that need them skip where it is absent.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from oms_dagster.domain.routes.vrplib.check import cost, violations
from oms_dagster.domain.routes.vrplib.read import read_instance
from oms_dagster.domain.routes.vrplib.solve import solve_vrp_file

BENCH = Path(__file__).parents[4] / "shared" / "bench" / "vrp"
needs_bench = pytest.mark.skipif(not BENCH.is_dir(), reason="no ../shared/bench/vrp with the public instances")

CVRP = """NAME : square
TYPE : CVRP
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 2
NODE_COORD_SECTION
1 0 0
2 10 0
3 10 1
4 0 10
5 1 10
DEMAND_SECTION
1 0
2 1
3 1
4 1
5 1
DEPOT_SECTION
1
-1
EOF
"""

MIXED_FLEET = CVRP.replace("TYPE : CVRP", "TYPE : HFVRP").replace("CAPACITY : 2", "VEHICLES : 2").replace(
    "DEPOT_SECTION",
    "CAPACITY_SECTION\n1 1\n2 4\nVEHICLES_FIXED_COST_SECTION\n1 50\n2 700\n"
    "VEHICLES_UNIT_DISTANCE_COST_SECTION\n1 41\n2 51\nDEPOT_SECTION",
)  # fmt: skip

SOLOMON = """tiny

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0          0          0          0        100          0
    1      3          4          5         20         30         10
    2      6          8          5          0         12          5
"""

TWO_DEPOTS = """NAME: two depots
TYPE: MDVRPTW
EDGE_WEIGHT_TYPE: EUC_2D
DIMENSION: 4
VEHICLES: 2
CAPACITY: 10
VEHICLES_MAX_DURATION: 30
NODE_COORD_SECTION
1\t0\t0
2\t100\t0
3\t10\t0
4\t90\t0
DEMAND_SECTION
1\t0
2\t0
3\t1
4\t1
SERVICE_TIME_SECTION
1\t0
2\t0
3\t5
4\t5
TIME_WINDOW_SECTION
1\t0\t1000
2\t0\t1000
3\t50\t60
4\t0\t1000
VEHICLES_DEPOT_SECTION
1\t1
2\t2
DEPOT_SECTION
1
2
EOF
"""


def test_a_small_cvrp_is_solved_to_the_cost_that_one_can_count():
    """Two pairs of neighbours, 10 + 1 + 10 each, distances to the nearest integer."""
    answer = solve_vrp_file(CVRP, "square", 0.2, 1)
    assert (answer["cost"], answer["feasible"]) == (42, True)
    assert sorted(sorted(route) for route in answer["routes"]) == [[1, 2], [3, 4]]
    assert (answer["bound"], answer["gap"], answer["seed"]) == (None, None, 1)


def test_a_mixed_fleet_is_costed_in_hundredths_with_its_fixed_costs():
    answer = solve_vrp_file(MIXED_FLEET, "mixed", 0.2, 1)
    assert (answer["cost"], answer["vehicles"], answer["feasible"]) == (24.85, [2], True)
    assert cost(read_instance(MIXED_FLEET), [[1, 2, 4, 3]], [1]) == (700 + 51 * (10 + 1 + 13 + 1 + 10)) / 100 == 24.85


def test_solomon_distances_are_tenths_cut_off():
    instance = read_instance(SOLOMON)
    assert instance.distance(0, 1) == 50
    assert instance.windows == ((0, 1000), (200, 300), (0, 120))
    answer = solve_vrp_file(SOLOMON, "tiny", 0.2, 1)
    assert (answer["cost"], answer["routes"]) == (20.0, [[2, 1]])
    assert list(violations(instance, [[1, 2]], [0])) == ["vehicle 0 reaches 2 at 350, after 120"]


def test_with_several_depots_each_vehicle_returns_to_its_own_and_waiting_counts_as_duration():
    instance = read_instance(TWO_DEPOTS)
    assert list(violations(instance, [[2], [3]], [0, 1])) == []
    short = replace(instance, vehicles=tuple(replace(v, max_duration=24_999) for v in instance.vehicles))
    assert [text.split(" is out")[0] for text in violations(short, [[2], [3]], [0, 1])] == ["vehicle 0", "vehicle 1"]
    answer = solve_vrp_file(TWO_DEPOTS, "two depots", 0.2, 1)
    assert (answer["cost"], answer["routes"], answer["vehicles"]) == (40_000, [[2], [3]], [1, 2])


def test_the_checker_sees_a_missed_client_a_double_one_an_overload_and_a_shared_vehicle():
    instance = read_instance(CVRP)
    assert list(violations(instance, [[1, 2], [3]], [0, 1])) == ["client 4 is visited 0 times"]
    assert list(violations(instance, [[1, 2], [3, 4], [4]], [0, 1, 2])) == ["client 4 is visited 2 times"]
    assert list(violations(instance, [[1, 2, 3], [4]], [0, 1])) == ["vehicle 0 carries 3 of 2"]
    assert list(violations(instance, [[1, 2], [3, 4]], [0, 0])) == [
        "a vehicle drives more than one route, or a route has none"
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "neither a VRPLIB file"),
        (CVRP.replace("EUC_2D", "GEO"), "GEO isn't supported"),
        (CVRP.replace("2 10 0\n", "2 ten 0\n"), "not a row of numbers: '2 ten 0'"),
        (CVRP.replace("DIMENSION : 5", "DIMENSION : 6"), "DIMENSION says 6, there are 5"),
        (CVRP.replace("CAPACITY : 2\n", ""), "CAPACITY is missing"),
        (CVRP.replace("DEMAND_SECTION", "BACKHAUL_SECTION"), "BACKHAUL_SECTION isn't supported"),
        (CVRP.replace("5 1\nDEPOT", "DEPOT"), "4 rows for 5 nodes"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str, words: str):
    with pytest.raises(ValueError, match=words):
        read_instance(text)


def published(name: str) -> tuple[float, list[list[int]]]:
    lines = (BENCH / f"{name}.sol").read_text().splitlines()
    value = next(float(line.replace(":", " ").split()[1]) for line in lines if line.startswith("Cost"))
    return value, [[int(x) for x in line.split(":")[1].split()] for line in lines if line.startswith("Route")]


@needs_bench
@pytest.mark.parametrize(
    ("name", "suffix", "value"),
    [("C101", "txt", 827.3), ("X-n101-k25", "vrp", 27591), ("X214-HVRP", "vrp", 15980.86), ("PR11A", "vrp", 6655548)],
)
def test_the_published_routes_cost_what_is_published_and_are_feasible(name: str, suffix: str, value: float):
    """So the reader's rounding, depots and fleet are those of the authors (X214 re-costed on rounded distances)."""
    instance = read_instance((BENCH / f"{name}.{suffix}").read_text())
    driven = [(n, route) for n, route in enumerate(published(name)[1]) if route]
    routes, vehicles = [route for _, route in driven], [n for n, _ in driven]
    assert cost(instance, routes, vehicles) == value
    assert list(violations(instance, routes, vehicles)) == []


@needs_bench
@pytest.mark.parametrize(("name", "suffix", "seconds", "percent"), [("C101", "txt", 3, 1), ("X-n101-k25", "vrp", 5, 3)])
def test_a_hundred_clients_come_within_reach_of_the_best_known_in_seconds(
    name: str, suffix: str, seconds: float, percent: float
):
    answer = solve_vrp_file((BENCH / f"{name}.{suffix}").read_text(), name, seconds, 1)
    best, _ = published(name)
    assert answer["feasible"]
    assert best <= answer["cost"] <= best * (1 + percent / 100)
