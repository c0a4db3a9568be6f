"""Solve a benchmark file within a time limit: what `oms solve vrp FILE` prints."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

from oms_dagster.domain.routes import engine
from oms_dagster.domain.routes.vrplib.check import cost, violations
from oms_dagster.domain.routes.vrplib.instance import FleetVehicle, Instance
from oms_dagster.domain.routes.vrplib.read import read_instance

#: PyVRP's own word for no limit.
UNLIMITED = int(np.iinfo(np.int64).max)


def solve_vrp_file(text: str, name: str, seconds: float, seed: int) -> dict[str, Any]:
    """Routes for a VRPLIB or Solomon file.

    Parameters
    ----------
    text, name
        The file's content, and what to call it in the answer.
    seconds
        Wall-clock limit (so the answer isn't reproducible; plans are, see `routes.solve`).
    seed
        Of the random stream.

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
    data, kinds = _problem_data(instance)
    left = max(0.05, seconds - (time.monotonic() - began))
    result = pyvrp.solve(data, MaxRuntime(left), seed=seed, collect_stats=False, display=False)
    routes, vehicles = _read(instance, result.best, kinds)
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
        "engine": engine.NAME,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 3),
    }


def _problem_data(instance: Instance) -> tuple[pyvrp.ProblemData, list[list[int]]]:
    """PyVRP's data, with the depots first, and the file's vehicles of each vehicle type."""
    kinds: dict[FleetVehicle, list[int]] = {}
    for number, vehicle in enumerate(instance.vehicles):
        kinds.setdefault(vehicle, []).append(number)
    order = [*instance.depots, *instance.clients]
    matrix: Any = instance.rounding.matrix(np.array([instance.points[i] for i in order], dtype=np.float64))
    windows = instance.windows or ((0, UNLIMITED),) * len(instance.points)
    depots = [pyvrp.Depot(n, *windows[i]) for n, i in enumerate(instance.depots)]
    clients = [
        pyvrp.Client(n, [instance.demands[i]], [], instance.services[i], *windows[i])
        for n, i in enumerate(instance.clients, start=len(depots))
    ]
    types = []
    for vehicle, numbers in kinds.items():
        home = instance.depots.index(vehicle.depot)
        types.append(
            pyvrp.VehicleType(
                len(numbers),
                [vehicle.capacity],
                home,
                home,
                fixed_cost=vehicle.fixed_cost,
                unit_distance_cost=vehicle.unit_cost,
                shift_duration=UNLIMITED if vehicle.max_duration is None else vehicle.max_duration,
            )
        )
    places = [pyvrp.Location(*instance.points[i]) for i in order]
    return pyvrp.ProblemData(places, clients, depots, types, [matrix], [matrix]), list(kinds.values())


def _read(instance: Instance, best: pyvrp.Solution, kinds: list[list[int]]) -> tuple[list[list[int]], list[int]]:
    free = [list(numbers) for numbers in kinds]
    driven = []
    for route in best.routes():
        clients = [instance.clients[activity.idx] for activity in route if activity.is_client()]
        driven.append((free[route.vehicle_type()].pop(0), clients))
    driven.sort()
    return [clients for _, clients in driven], [number for number, _ in driven]
