"""OR-Tools behind the same port: takes up a plan where PyVRP's doesn't hold, because of rules that PyVRP can't be told.

It knows goods that may not meet, lateness at a price, overtime by the clock and gaps in windows. It could place breaks
too, at ten to forty times the effort: as for PyVRP, room for one is taken off a long day, and schedule.py places it. It is
slower and farther from the best than PyVRP, so it never begins by itself: it gets a plan that keeps all rules, at most
`MOST` stops of it, and ends after so many improvements. Belongs here: OR-Tools' routing model, its units and traps. Does not belong
here: when it is asked (search.py), what its answer is judged by.

Loads that are frozen or have locked stops, and vehicles with more than one trip, are left as they are. Costs are
thousandths of a cent.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from oms_dagster.domain.routes.draft import Draft, Prepared, missing, stops_of, units
from oms_dagster.domain.routes.problem import Shipment, Vehicle
from oms_dagster.domain.routes.schedule import Trip, Visit, sums, time_day, visit
from oms_dagster.domain.solving import Budget

NAME = f"or-tools {version('ortools')}"
#: Stops up to which it is asked.
MOST = 200
#: One solution for so many iterations of PyVRP.
ITERATIONS = 8

Stops = list[tuple[Shipment, ...]]


@dataclass(frozen=True, slots=True)
class Improved:
    """Stops of the vehicles that took part, in order; solutions looked at, fuse blown."""

    trips: dict[str, Stops]
    solutions: int
    fuse: bool


def improve(prepared: Prepared, draft: Draft, budget: Budget) -> Improved | None:
    """The draft improved under all rules; None where it is too big, or OR-Tools finds nothing wrong with leaving it.

    Parameters
    ----------
    draft
        Keeps all limits.
    budget
        ``effort`` as of PyVRP; the same effort gives the same answer unless the fuse blew.
    """
    fleet = _taking_part(prepared, draft)
    begun = [[stop for trip in draft.get(v.vehicle_id, ()) for stop in stops_of(trip)] for v in fleet]
    stops = [stop for row in begun for stop in row] + [
        tuple(unit) for unit in units(prepared, missing(prepared, draft))
    ]
    if not fleet or not stops or len(stops) > MOST:
        return None
    return _Model(prepared, draft, fleet, stops).solved(begun, budget)


def _taking_part(prepared: Prepared, draft: Draft) -> list[Vehicle]:
    """Vehicles with one free load, and of each kind one that stays at home."""
    fleet, at_home = [], set()
    for vehicle_id, vehicle in prepared.vehicles.items():
        trips = draft.get(vehicle_id, ())
        named = any(h[0] == vehicle_id and h[1] not in (None, 1) for h in prepared.held_by.values())
        if (
            vehicle.trips_done
            or vehicle_id in prepared.frozen
            or (vehicle_id, 1) in prepared.positions
            or len(trips) > 1
            or named
        ):
            continue
        if not trips and vehicle_id not in prepared.tied:
            if prepared.kind[vehicle_id] in at_home:
                continue
            at_home.add(prepared.kind[vehicle_id])
        fleet.append(vehicle)
    return fleet


class _Model:
    """OR-Tools' model of some vehicles and stops; the first nodes are their bases, then come the stops."""

    def __init__(
        self, prepared: Prepared, draft: Draft, fleet: Sequence[Vehicle], stops: Sequence[tuple[Shipment, ...]]
    ) -> None:
        self._prepared, self._fleet, self._stops = prepared, fleet, stops
        self._visits = [visit(prepared.problem, prepared.travel, stop) for stop in stops]
        bases = list(dict.fromkeys(prepared.travel.base(v.base) for v in fleet))
        home = [bases.index(prepared.travel.base(v.base)) for v in fleet]
        self._first = len(bases)
        self._manager: Any = pywrapcp.RoutingIndexManager(len(stops) + self._first, len(fleet), home, home)
        self._routing: Any = pywrapcp.RoutingModel(self._manager)
        self._metres, self._seconds = prepared.travel.block([*bases, *(v.point for v in self._visits)])
        self._add_costs()
        self._add_loads()
        self._add_time(draft)
        self._add_stops()
        self._add_goods_apart()

    def solved(self, begun: Sequence[Sequence[tuple[Shipment, ...]]], budget: Budget) -> Improved | None:
        """The best found from the stops of each vehicle that are given."""
        node = {stop: n for n, stop in enumerate(self._stops, start=self._first)}
        parameters: Any = pywrapcp.DefaultRoutingSearchParameters()  # type: ignore[no-untyped-call]
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        parameters.solution_limit = 1 + budget.effort // ITERATIONS
        parameters.time_limit.FromMilliseconds(max(1, int(budget.fuse_s * 1_000)))
        self._routing.CloseModelWithParameters(parameters)
        first = self._routing.ReadAssignmentFromRoutes([[node[stop] for stop in row] for row in begun], True)
        if first is None:
            return None
        began = time.monotonic()
        best = self._routing.SolveFromAssignmentWithParameters(first, parameters)
        if best is None:
            return None
        trips = {v.vehicle_id: self._read(best, n) for n, v in enumerate(self._fleet)}
        return Improved(trips, budget.effort, time.monotonic() - began >= budget.fuse_s)

    def _read(self, best: Any, vehicle: int) -> Stops:
        index, found = self._routing.Start(vehicle), []
        while not self._routing.IsEnd(index):
            node = self._manager.IndexToNode(index)
            if node >= self._first:
                found.append(self._stops[node - self._first])
            index = best.Value(self._routing.NextVar(index))
        return found

    def _matrix(self, values: NDArray[np.int64]) -> int:
        return int(self._routing.RegisterTransitMatrix(values.tolist()))

    def _add_costs(self) -> None:
        per_km: dict[int, int] = {}
        for n, vehicle in enumerate(self._fleet):
            cents = vehicle.cost_per_km_cents
            if cents not in per_km:
                per_km[cents] = self._matrix(self._metres * cents)
            self._routing.SetArcCostEvaluatorOfVehicle(per_km[cents], n)
            self._routing.SetFixedCostOfVehicle(1_000 * vehicle.fixed_cost_cents, n)

    def _add_loads(self) -> None:
        def limited(amounts: list[int], limits: list[int], name: str, from_zero: bool = True) -> None:
            callback = self._routing.RegisterUnaryTransitVector([*[0] * self._first, *amounts])
            self._routing.AddDimensionWithVehicleCapacity(callback, 0, limits, from_zero, name)

        stops, fleet = self._stops, self._fleet
        off = [sums([s for s in stop if not s.is_pickup]) for stop in stops]
        on = [sums([s for s in stop if s.is_pickup]) for stop in stops]
        limits = [(v.capacity_g, v.capacity_dm3, v.max_value_cents) for v in fleet]
        for n, name in enumerate(("weight", "volume", "value")):
            most = [limit[n] for limit in limits]
            if not any(amount[n] for amount in on):
                limited([amount[n] for amount in off], most, name)
                continue
            # On board falls with what is delivered and rises with what is picked up; it ends as all that was picked up.
            limited([up[n] - down[n] for down, up in zip(off, on, strict=True)], most, name, from_zero=False)
            limited([amount[n] for amount in on], most, f"{name} picked up")
            aboard, coming = (self._routing.GetDimensionOrDie(x) for x in (name, f"{name} picked up"))
            for k in range(len(fleet)):
                end = self._routing.End(k)
                self._routing.solver().Add(aboard.CumulVar(end) == coming.CumulVar(end))
        limited([1] * len(stops), [v.max_stops for v in fleet], "stops")
        driving, most = self._matrix(self._seconds), [max(0, v.max_drive_s) for v in fleet]
        self._routing.AddDimensionWithVehicleCapacity(driving, 0, most, True, "driving")

    def _add_time(self, draft: Draft) -> None:
        depot, fleet = self._prepared.problem.depot, self._fleet
        ends = [self._end(v, draft.get(v.vehicle_id, ())) for v in fleet]
        services = [*[0] * self._first, *(v.service_s for v in self._visits)]
        spent = self._seconds + np.array(services, dtype=np.int64)[:, None]
        horizon = max(*ends, *(v.latest_s for v in self._visits), 1)
        self._routing.AddDimension(self._matrix(spent), horizon, horizon, False, "time")
        clock = self._routing.GetDimensionOrDie("time")
        for n, (vehicle, end_s) in enumerate(zip(fleet, ends, strict=True)):
            start_s = max(vehicle.shift_start_s, depot.open_s, self._prepared.ready.get((vehicle.vehicle_id, 1), 0))
            start, end = self._routing.Start(n), self._routing.End(n)
            clock.CumulVar(start).SetRange(min(start_s, end_s), end_s)
            clock.CumulVar(end).SetRange(min(start_s, end_s), end_s)
            clock.SetSpanCostCoefficientForVehicle((vehicle.cost_per_hour_cents * 10 + 18) // 36, n)
            if vehicle.max_duty_s is not None:
                clock.SetSpanUpperBoundForVehicle(vehicle.max_duty_s, n)
            if vehicle.max_overtime_s:
                dear = (vehicle.overtime_per_hour_cents * 10 + 18) // 36
                clock.SetCumulVarSoftUpperBound(end, vehicle.shift_end_s, dear)
            self._routing.AddVariableMinimizedByFinalizer(clock.CumulVar(end))
            self._routing.AddVariableMaximizedByFinalizer(clock.CumulVar(start))

    def _end(self, vehicle: Vehicle, trips: Sequence[Trip]) -> int:
        """The latest return on a day without its break, but no earlier than that of the plan it begins from."""
        rule, depot = self._prepared.problem.breaks, self._prepared.problem.depot
        end = min(vehicle.shift_end_s + vehicle.max_overtime_s, depot.close_s)
        if rule is None or end - max(vehicle.shift_start_s, depot.open_s) <= rule.work_s + rule.break_s:
            return end
        without = replace(self._prepared.problem, breaks=None)
        timings = time_day(without, self._prepared.travel, vehicle, trips, self._prepared.ready)
        return max([end - rule.break_s, *(t.return_s for t in timings)])

    def _add_stops(self) -> None:
        problem, clock = self._prepared.problem, self._routing.GetDimensionOrDie("time")
        late = (problem.late_per_hour_cents * 10 + 18) // 36
        for n, (stop, there) in enumerate(zip(self._stops, self._visits, strict=True), start=self._first):
            index = self._manager.NodeToIndex(n)
            self._routing.AddDisjunction([index], 1_000 * sum(s.penalty_cents for s in stop))
            self._add_window(clock.CumulVar(index), there)
            if there.latest_s > there.window_to_s:
                clock.SetCumulVarSoftUpperBound(index, there.window_to_s, late)
            fit = [k for k, v in enumerate(self._fleet) if all(self._prepared.allowed(s, v) for s in stop)]
            self._routing.VehicleVar(index).SetValues([-1, *fit])  # -1: stays behind

    @staticmethod
    def _add_window(start: Any, there: Visit) -> None:
        start.SetRange(max(0, there.window_from_s), max(0, there.latest_s))
        for closed_from, closed_to in there.closed:
            start.RemoveInterval(closed_from + 1, closed_to - 1)

    def _add_goods_apart(self) -> None:
        """Stops whose goods count the same are one type; two types of which a pair may not meet exclude each other."""
        classes = [frozenset(c for s in stop for c in s.goods_classes) for stop in self._stops]
        kinds = {kind: n for n, kind in enumerate(sorted({c for c in classes if c}, key=sorted))}
        if not self._prepared.problem.apart or not kinds:
            return
        policy = pywrapcp.RoutingModel.TYPE_ADDED_TO_VEHICLE
        for n, kind in enumerate(classes, start=self._first):
            if kind:
                self._routing.SetVisitType(self._manager.NodeToIndex(n), kinds[kind], policy)
        for one, other in combinations(kinds, 2):
            pairs = self._prepared.problem.apart
            if any((a in one and b in other) or (b in one and a in other) for a, b in pairs):
                self._routing.AddHardTypeIncompatibility(kinds[one], kinds[other])
