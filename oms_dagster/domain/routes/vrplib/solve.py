"""Solve a benchmark file within a time limit: what `oms solve vrp FILE` prints."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import Depot, Problem, Shipment, Vehicle
from oms_dagster.domain.routes.roads import Place, RoadMatrix
from oms_dagster.domain.routes.solve import solve
from oms_dagster.domain.routes.vrplib.check import cost, violations
from oms_dagster.domain.routes.vrplib.instance import Instance
from oms_dagster.domain.routes.vrplib.read import read_instance
from oms_dagster.domain.solving import Budget

#: No limit: beyond any time or load of a file.
FOREVER = 10**9
#: A unit of load counts a thousand: the search weighs too much load by the gram.
LOAD = 1_000
#: Iterations without end: the clock stops the search.
ENDLESS = 10**9


def solve_vrp_file(text: str, name: str, seconds: float, seed: int, workers: int = 1) -> dict[str, Any]:
    """Routes for a VRPLIB or Solomon file, by the solver that plans a location's day.

    Parameters
    ----------
    text, name
        The file's content, and what to call it in the answer.
    seconds
        Wall-clock limit (so the answer isn't reproducible; plans are, see `routes.solve`).
    seed
        Of the random stream.
    workers
        Processes, for a file of more than `rounds.WHOLE` clients.

    Returns
    -------
    dict
        `instance`, `cost` in the convention of the file's published solution, `feasible` by the checker, `violations`
        (at most ten), `routes` (locations counted as in published solutions: the depot is 0), `vehicles` (which
        of the file's vehicles, from 1, drives each route), `bound` and `gap` (None: no honest cheap bound), `engine`,
        `seed`, `seconds` used.

    Raises
    ------
    ValueError
        The text can't be read as an instance.
    """
    began = time.monotonic()
    instance = read_instance(text)
    problem = as_problem(instance)
    left = max(0.05, seconds - (time.monotonic() - began))
    plan = solve(problem, Budget(ENDLESS, fuse_s=left), seed, workers)
    routes, vehicles = _read(plan)
    wrong = list(violations(instance, routes, vehicles))
    return {
        "instance": name,
        "cost": cost(instance, routes, vehicles),
        "feasible": not wrong,
        "violations": wrong[:10],
        "routes": routes,
        "vehicles": [number + 1 for number in vehicles],
        "bound": None,
        "gap": None,
        "engine": plan.report.engine,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 3),
    }


def as_problem(instance: Instance) -> Problem:
    """The file as the routing of a day: lengths are metres and seconds, costs are cents, the file's matrix are the roads."""
    order = [*instance.depots, *instance.clients]
    places = _places(instance, order)
    windows = instance.windows or ((0, FOREVER),) * len(instance.points)
    matrix = instance.rounding.matrix(np.array([instance.points[i] for i in order], dtype=np.float64))
    rows = tuple(tuple(row) for row in matrix.tolist())
    dearest = max(v.unit_cost * int(matrix.max()) for v in instance.vehicles)
    penalty = 4 * dearest + max(v.fixed_cost for v in instance.vehicles) + 1
    vehicles = tuple(
        Vehicle(
            f"{number:06d}", "", LOAD * vehicle.capacity, 1, len(order), 1, windows[vehicle.depot][0], windows[vehicle.depot][1],
            FOREVER, 1_000 * vehicle.unit_cost, 0, vehicle.fixed_cost, max_duty_s=vehicle.max_duration,
            base=places[vehicle.depot],
        )
        for number, vehicle in enumerate(instance.vehicles)
    )  # fmt: skip
    shipments = tuple(
        Shipment(
            f"{i:06d}", (), str(i), *places[i], "", "", LOAD * instance.demands[i], 0, 0, *windows[i], instance.services[i],
            penalty_cents=penalty,
        )
        for i in instance.clients
    )  # fmt: skip
    roads = RoadMatrix("the file's distances", tuple(places[i] for i in order), rows, rows)
    first = places[instance.depots[0]]
    return Problem(Depot("", *first, 0, FOREVER), "", vehicles, shipments, roads=roads)


def _places(instance: Instance, order: list[int]) -> dict[int, Place]:
    """The file's points as degrees within one degree, each at a place of its own, for what looks at the map alone."""
    points = np.array([instance.points[i] for i in order], dtype=np.float64)
    span = max(1.0, float(np.ptp(points, axis=0).max()))
    scaled = (points - points.min(axis=0)) / span
    return {i: (float(y) + n * 1e-9, float(x)) for n, (i, (x, y)) in enumerate(zip(order, scaled, strict=True))}


def _read(plan: Plan) -> tuple[list[list[int]], list[int]]:
    loads = sorted(plan.loads, key=lambda load: load.vehicle_id)
    return [[int(s) for s in load.shipment_ids] for load in loads], [int(load.vehicle_id) for load in loads]
