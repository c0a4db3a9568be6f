"""Route one location and day: `solve(problem, budget, seed)` → plan.

The naive plan first; then one search over the whole day, or, for a day of more than `rounds.WHOLE` stops, rounds of
searches over groups of neighbouring routes. What is found is filled up and judged by the checker, so a plan is never
worse than its baseline. Belongs here: this order of events. Does not belong here: any step of it.
"""

from __future__ import annotations

import time

from oms_dagster.domain.routes import rounds, verify
from oms_dagster.domain.routes.assemble import assemble
from oms_dagster.domain.routes.baseline import NAME as BASELINE
from oms_dagster.domain.routes.baseline import postal_code_draft
from oms_dagster.domain.routes.diagnosis import diagnose
from oms_dagster.domain.routes.docks import staggered
from oms_dagster.domain.routes.draft import Draft, Prepared
from oms_dagster.domain.routes.insertion import Places
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import PreviousLoad, Problem
from oms_dagster.domain.routes.search import (
    Found,
    accepted_cost,
    from_last_plan,
    polished,
    read_loads,
    search,
    unreported,
)
from oms_dagster.domain.solving import Budget, SolveReport, Status

DEFAULT_BUDGET = Budget(effort=1_000)


def solve(problem: Problem, budget: Budget = DEFAULT_BUDGET, seed: int = 0, workers: int = 1) -> Plan:
    """The routes of one location and day.

    Parameters
    ----------
    problem
        Depot, vehicles, shipments, locks, last plan.
    budget
        PyVRP iterations that each shipment takes part in (`effort`), and the fuse in seconds; 100 to 2,000 iterations
        a second at 200 stops, by the machine and the number of vehicles.
    seed
        Of the random streams. Same problem, effort and seed: same plan, unless `report.fuse` says otherwise.
    workers
        Processes for a day that is solved in groups. The plan doesn't depend on it.

    Returns
    -------
    Plan
        Every shipment on a load or dropped with a reason and its cheapest fix. Costs in cents. The report carries no
        bound: for a fleet's routes the cheap ones are useless.
    """
    if problem.docks is not None:
        return staggered(problem, lambda day: solve(day, budget, seed, workers))
    began = time.monotonic()
    prepared = Prepared(problem)
    baseline = postal_code_draft(prepared)
    baseline_cents = verify.objective(problem, unreported(prepared, baseline))
    if len(prepared.free) > rounds.WHOLE:
        found = rounds.search_in_rounds(prepared, budget, seed, workers, baseline_cents)
    else:
        warm = from_last_plan(prepared) if problem.previous else None
        found = search(prepared, warm, budget, seed, baseline_cents, known=baseline)
    draft, objective = _or_naive(prepared, found, baseline)
    status: Status = "feasible" if problem.shipments else "empty"
    report = SolveReport(
        engine=found.engines,
        status=status,
        objective=objective,
        baseline=BASELINE,
        baseline_objective=baseline_cents,
        bound=None,
        bound_kind="none",
        effort=found.iterations,
        seed=seed,
        wall_s=time.monotonic() - began,
        fuse=found.fuse,
        size=problem.in_words,
    )
    return assemble(prepared, draft, diagnose(prepared, draft), report)


def _or_naive(prepared: Prepared, found: Found, baseline: Draft) -> tuple[Draft, int]:
    """What was found; where that is nothing, the naive plan, polished if the checker likes that."""
    if found.draft is not None:
        return found.draft, found.objective
    naive = polished(prepared, baseline)
    naive_cents, baseline_cents = accepted_cost(prepared, naive), accepted_cost(prepared, baseline)
    draft = naive if naive_cents is not None and (baseline_cents is None or naive_cents <= baseline_cents) else baseline
    return draft, verify.objective(prepared.problem, unreported(prepared, draft))


def serve(problem: Problem, plan: Plan, shipment_id: str) -> Plan | None:
    """The plan with a dropped shipment put at its cheapest place, pay or not; None where it fits nowhere.

    With `fixes.apply_fix(problem, dropped.cheapest_fix)` as the problem this shows what the fix brings.
    """
    prepared = Prepared(problem)
    loads = [PreviousLoad(x.vehicle_id, x.trip, tuple(stop.shipment_ids for stop in x.stops)) for x in plan.loads]
    draft = read_loads(prepared, loads)
    found = Places(prepared).best(draft, prepared.shipments[shipment_id])
    if found is None:
        return None
    served = {**draft, found[1].vehicle.vehicle_id: found[1].trips}
    dropped = [d for d in plan.dropped if d.shipment_id != shipment_id]
    return assemble(prepared, served, dropped, plan.report)
