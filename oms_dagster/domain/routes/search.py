"""One group of shipments and vehicles: candidates from the last plan and from the engines, the cheapest that is accepted.

PyVRP always; OR-Tools after it where the day has a rule that PyVRP can't be told and that matters (`beyond_pyvrp`).
Belongs here: making drafts whole (repair, what still pays, merged stops) and judging them by the checker. Does not
belong here: the naive plan and the report (solve.py), cutting a big day into groups (rounds.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oms_dagster.domain.routes import apart, engine, verify
from oms_dagster.domain.routes.assemble import assemble
from oms_dagster.domain.routes.baseline import NAME as BASELINE
from oms_dagster.domain.routes.draft import Draft, Prepared, missing, placed, stops_of, units, with_trip
from oms_dagster.domain.routes.insertion import insert_what_pays, neighbours_merged, renumbered, repaired
from oms_dagster.domain.routes.plan import Plan
from oms_dagster.domain.routes.problem import PreviousLoad, Shipment
from oms_dagster.domain.routes.schedule import Trip
from oms_dagster.domain.solving import Budget, SolveReport


@dataclass(frozen=True, slots=True)
class Found:
    """The best draft (None: nothing below the ceiling), its objective in cents, iterations used, fuse blown, engines."""

    draft: Draft | None
    objective: int
    iterations: int
    fuse: bool
    engines: str = engine.NAME


def search(
    prepared: Prepared, warm: Draft | None, budget: Budget, seed: int, ceiling_cents: int, known: Draft | None = None
) -> Found:
    """The cheapest of PyVRP's plan (begun from `warm`) and of `warm` itself that costs at most `ceiling_cents`.

    `known`: another plan that keeps all limits; the search takes for granted that what it (or `warm`) serves can be served.
    """
    sure = max((placed(draft) for draft in (warm, known) if draft is not None), key=len, default=set())
    everything = units(prepared, prepared.free)
    routed = engine.route(prepared, everything, list(prepared.vehicles.values()), warm, budget, seed, sure)
    raw = _as_draft(prepared, routed.trips)
    candidates = [polished(prepared, raw)]
    iterations, fuse = routed.iterations, routed.fuse
    if not prepared.travel.is_steady and _breaks_a_limit(prepared, raw):
        careful = engine.route(
            prepared.cautious(), everything, list(prepared.vehicles.values()), warm, budget, seed, sure
        )
        candidates.append(polished(prepared, _as_draft(prepared, careful.trips)))
        iterations, fuse = iterations + careful.iterations, fuse or careful.fuse
    if warm is not None:
        candidates.append(polished(prepared, warm))
    draft, objective = cheapest(prepared, candidates, ceiling_cents)
    found = Found(draft, objective, iterations, fuse)
    if draft is None or not beyond_pyvrp(prepared, raw, draft):
        return found
    return _improved_by_ortools(prepared, draft, found, budget)


def beyond_pyvrp(prepared: Prepared, raw: Draft, best: Draft) -> bool:
    """A rule that PyVRP can't be told matters: goods to keep apart, its routes broke a limit, or lateness would help."""
    if apart.matters(prepared):
        return True
    return _breaks_a_limit(prepared, raw) or any(s.max_late_s for s in missing(prepared, best))


def _breaks_a_limit(prepared: Prepared, draft: Draft) -> bool:
    return not all(prepared.evaluate(prepared.vehicles[v], trips)[1].none for v, trips in draft.items())


def _improved_by_ortools(prepared: Prepared, draft: Draft, found: Found, budget: Budget) -> Found:
    from oms_dagster.domain.routes import ortools_engine

    improved = ortools_engine.improve(prepared, draft, budget)
    if improved is None:
        return found
    kept = {v: trips for v, trips in draft.items() if v not in improved.trips}
    fresh = {v: (prepared.arrange(v, 1, stops),) for v, stops in improved.trips.items() if stops}
    best, objective = cheapest(prepared, [draft, polished(prepared, {**kept, **fresh})], found.objective)
    engines = f"{engine.NAME}, {ortools_engine.NAME}"
    return Found(best, objective, found.iterations, found.fuse or improved.fuse, engines)


def polished(prepared: Prepared, draft: Draft) -> Draft:
    """The draft without broken limits, with what still pays, and with neighbouring stops of one address merged."""
    tidy = neighbours_merged(prepared, repaired(prepared, draft))
    return neighbours_merged(prepared, insert_what_pays(prepared, tidy))


def cheapest(prepared: Prepared, drafts: Sequence[Draft], ceiling_cents: int) -> tuple[Draft | None, int]:
    """The first cheapest draft that the checker accepts and that isn't dearer than the ceiling."""
    best: tuple[Draft | None, int] = (None, ceiling_cents)
    for draft in drafts:
        cost = accepted_cost(prepared, draft)
        if cost is not None and (cost < best[1] or (best[0] is None and cost == best[1])):
            best = (draft, cost)
    return best


def accepted_cost(prepared: Prepared, draft: Draft) -> int | None:
    """The checker's objective of a draft; None where it finds fault."""
    plan = unreported(prepared, draft)
    # Nothing is diagnosed yet: what stays behind isn't listed as dropped.
    if any(finding.rule != "ROUTE-02" for finding in verify.check(prepared.problem, plan)):
        return None
    return verify.objective(prepared.problem, plan)


def unreported(prepared: Prepared, draft: Draft) -> Plan:
    """The draft as a plan for the checker: without reasons for what stays behind and without a report."""
    report = SolveReport(engine.NAME, "feasible", 0, BASELINE, None, None, "none", 0, 0, 0.0, False, "")
    return assemble(prepared, draft, (), report)


def _as_draft(prepared: Prepared, routed: dict[str, list[list[tuple[Shipment, ...]]]]) -> dict[str, tuple[Trip, ...]]:
    draft = prepared.start()
    for vehicle_id, trips in routed.items():
        first = prepared.first_open_trip(vehicle_id)
        named = {h[1] for h in prepared.held_by.values() if h[0] == vehicle_id and h[1] is not None}
        if len(named) == 1:
            first = named.pop()
        for n, stops in enumerate(trips[: prepared.vehicles[vehicle_id].max_trips + 1 - first]):
            trip = prepared.arrange(vehicle_id, first + n, stops)
            draft[vehicle_id] = with_trip(draft.get(vehicle_id, ()), trip)
    return draft


def as_loads(draft: Draft) -> tuple[PreviousLoad, ...]:
    """The open trips of a draft as ids, in order of vehicle and trip."""
    return tuple(
        PreviousLoad(v, trip.number, tuple(tuple(s.shipment_id for s in stop) for stop in stops_of(trip)))
        for v, trips in sorted(draft.items())
        for trip in trips
        if not trip.frozen
    )


def read_loads(prepared: Prepared, loads: Iterable[PreviousLoad]) -> dict[str, tuple[Trip, ...]]:
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


def from_last_plan(prepared: Prepared) -> dict[str, tuple[Trip, ...]]:
    """The last plan's loads as far as they still stand, filled up with what pays."""
    draft = repaired(prepared, read_loads(prepared, prepared.problem.previous))
    return insert_what_pays(prepared, {v: renumbered(prepared, v, trips) for v, trips in draft.items()})
