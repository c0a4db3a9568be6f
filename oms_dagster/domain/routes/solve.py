"""Route one location and day: `solve(problem, budget, seed)` → plan.

Candidates from the naive order, from the last plan and from PyVRP (warm-started by the last plan) are repaired where
locks bend them, filled up with what still pays, and judged by the checker; the cheapest without findings is the plan,
so a plan is never worse than its baseline. Belongs here: this order of events. Does not belong here: any step of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from oms_dagster.domain.routes import engine, verify
from oms_dagster.domain.routes.assemble import assemble
from oms_dagster.domain.routes.baseline import NAME as BASELINE
from oms_dagster.domain.routes.baseline import postal_code_draft
from oms_dagster.domain.routes.diagnosis import diagnose
from oms_dagster.domain.routes.draft import Draft, Prepared, placed, units, with_trip
from oms_dagster.domain.routes.insertion import Places, insert_what_pays, neighbours_merged, renumbered, repaired
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import PreviousLoad, Problem, Shipment
from oms_dagster.domain.routes.schedule import Trip
from oms_dagster.domain.solving import Budget, SolveReport, Status

DEFAULT_BUDGET = Budget(effort=1_000)


def solve(problem: Problem, budget: Budget = DEFAULT_BUDGET, seed: int = 0) -> Plan:
    """The routes of one location and day.

    Parameters
    ----------
    problem
        Depot, vehicles, shipments, locks, last plan.
    budget
        PyVRP iterations (`effort`) and the fuse in seconds; 100 to 200 iterations a second at 200 stops.
    seed
        Of PyVRP's random stream. Same problem, effort and seed: same plan, unless `report.fuse` says otherwise.

    Returns
    -------
    Plan
        Every shipment on a load or dropped with a reason and its cheapest fix. Costs in cents. The report carries no
        bound: for a fleet's routes the cheap ones are useless.
    """
    began = time.monotonic()
    prepared = Prepared(problem)
    baseline = postal_code_draft(prepared)
    baseline_cents = verify.objective(problem, _plan(prepared, baseline, _blank_report()))
    warm = _from_last_plan(prepared) if problem.previous else None
    routed = engine.route(
        prepared, units(prepared, prepared.free), list(prepared.vehicles.values()), warm, budget, seed
    )
    candidates: list[Draft] = []
    if routed.feasible:
        candidates.append(_polished(prepared, _as_draft(prepared, routed.trips)))
    if warm is not None:
        candidates.append(_polished(prepared, warm))
    draft, objective = _cheapest(prepared, candidates, baseline_cents)
    if draft is None:
        draft = _better_of(prepared, _polished(prepared, baseline), baseline)
        objective = verify.objective(problem, _plan(prepared, draft, _blank_report()))
    status: Status = "feasible" if problem.shipments else "empty"
    report = SolveReport(
        engine=engine.NAME,
        status=status,
        objective=objective,
        baseline=BASELINE,
        baseline_objective=baseline_cents,
        bound=None,
        bound_kind="none",
        effort=routed.iterations,
        seed=seed,
        wall_s=time.monotonic() - began,
        fuse=routed.fuse,
        size=f"{len(problem.shipments)} shipments, {len(problem.vehicles)} vehicles",
    )
    return assemble(prepared, draft, diagnose(prepared, draft), report)


def serve(problem: Problem, plan: Plan, shipment_id: str) -> Plan | None:
    """The plan with a dropped shipment put at its cheapest place, pay or not; None where it fits nowhere.

    With `fixes.apply_fix(problem, dropped.cheapest_fix)` as the problem this shows what the fix brings.
    """
    prepared = Prepared(problem)
    loads = [PreviousLoad(x.vehicle_id, x.trip, tuple(stop.shipment_ids for stop in x.stops)) for x in plan.loads]
    draft = _read_loads(prepared, loads)
    found = Places(prepared).best(draft, prepared.shipments[shipment_id])
    if found is None:
        return None
    served = {**draft, found[1].vehicle.vehicle_id: found[1].trips}
    dropped = [d for d in plan.dropped if d.shipment_id != shipment_id]
    return assemble(prepared, served, dropped, plan.report)


def _polished(prepared: Prepared, draft: Draft) -> Draft:
    tidy = neighbours_merged(prepared, repaired(prepared, draft))
    return neighbours_merged(prepared, insert_what_pays(prepared, tidy))


def _cheapest(prepared: Prepared, drafts: Sequence[Draft], baseline_cents: int) -> tuple[Draft | None, int]:
    """The first cheapest draft that the checker accepts and that isn't worse than the baseline."""
    best: tuple[Draft | None, int] = (None, baseline_cents)
    for draft in drafts:
        cost = _accepted_cost(prepared, draft)
        if cost is not None and (cost < best[1] or (best[0] is None and cost == best[1])):
            best = (draft, cost)
    return best


def _better_of(prepared: Prepared, polished: Draft, naive: Draft) -> Draft:
    polished_cost, naive_cost = _accepted_cost(prepared, polished), _accepted_cost(prepared, naive)
    if polished_cost is not None and (naive_cost is None or polished_cost <= naive_cost):
        return polished
    return naive


def _accepted_cost(prepared: Prepared, draft: Draft) -> int | None:
    plan = _plan(prepared, draft, _blank_report())
    # Nothing is diagnosed yet: what stays behind isn't listed as dropped.
    if any(finding.rule != "ROUTE-02" for finding in verify.check(prepared.problem, plan)):
        return None
    return verify.objective(prepared.problem, plan)


def _plan(prepared: Prepared, draft: Draft, report: SolveReport) -> Plan:
    return assemble(prepared, draft, (), report)


def _blank_report() -> SolveReport:
    return SolveReport(engine.NAME, "feasible", 0, BASELINE, None, None, "none", 0, 0, 0.0, False, "")


def _as_draft(prepared: Prepared, routed: dict[str, list[list[tuple[Shipment, ...]]]]) -> dict[str, tuple[Trip, ...]]:
    draft = prepared.start()
    for vehicle_id, trips in routed.items():
        first = prepared.first_open_trip(vehicle_id)
        named = {h[1] for h in prepared.held_by.values() if h[0] == vehicle_id and h[1] is not None}
        if len(named) == 1:
            first = named.pop()
        for n, stops in enumerate(trips):
            trip = prepared.arrange(vehicle_id, first + n, stops)
            draft[vehicle_id] = with_trip(draft.get(vehicle_id, ()), trip)
    return draft


def _read_loads(prepared: Prepared, loads: Iterable[PreviousLoad]) -> dict[str, tuple[Trip, ...]]:
    """Loads given as ids: what is unknown, frozen elsewhere, locked elsewhere or already placed is skipped."""
    draft = prepared.start()
    seen = placed(draft)
    free = {s.shipment_id: s for s in prepared.free}
    for load in sorted(loads, key=lambda x: (x.vehicle_id, x.trip)):
        vehicle = prepared.vehicles.get(load.vehicle_id)
        if vehicle is None or not prepared.first_open_trip(load.vehicle_id) <= load.trip <= vehicle.max_trips:
            continue
        stops = []
        for stop in load.stops:
            here = [free[s] for s in stop if s in free and s not in seen and prepared.allowed(free[s], vehicle)
                    and prepared.held_by.get(s, ("", None))[1] in (None, load.trip)]  # fmt: skip
            for key in dict.fromkeys((s.address_key, s.latitude, s.longitude) for s in here):
                stops.append(tuple(s for s in here if (s.address_key, s.latitude, s.longitude) == key))
            seen.update(s.shipment_id for s in here)
        trip = prepared.arrange(load.vehicle_id, load.trip, stops)
        draft[load.vehicle_id] = with_trip(draft.get(load.vehicle_id, ()), trip)
    return draft


def _from_last_plan(prepared: Prepared) -> dict[str, tuple[Trip, ...]]:
    draft = repaired(prepared, _read_loads(prepared, prepared.problem.previous))
    return insert_what_pays(prepared, {v: renumbered(prepared, v, trips) for v, trips in draft.items()})
