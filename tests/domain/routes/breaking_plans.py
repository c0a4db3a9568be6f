"""Ways to break an accepted plan, by the rule that each breaks: the plan is altered, or the day under it.

Each takes Hypothesis' `draw`, a day and a plan that the checker accepts, and gives them back broken; `Not` where the
day has nothing to break that way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from oms_dagster.domain.routes.doors import Docks
from oms_dagster.domain.routes.plan import Load, Plan
from oms_dagster.domain.routes.problem import (
    BreakRule,
    FrozenLoad,
    PositionLock,
    Problem,
    Shipment,
    VehicleLock,
)
from oms_dagster.domain.routes.speeds import SlowHours

Broken = tuple[Problem, Plan]
Draw = Callable[[st.SearchStrategy[Any]], Any]
Way = Callable[[Draw, Problem, Plan], Broken]
WAYS: dict[str, list[Way]] = {}
SECONDS = st.integers(2, 7_200) | st.integers(-7_200, -2)


def breaks(rule: str) -> Callable[[Way], Way]:
    def register(way: Way) -> Way:
        WAYS.setdefault(rule, []).append(way)
        return way

    return register


def a_load(draw: Draw, plan: Plan, stops: int = 1) -> Load:
    loads = [load for load in plan.loads if len(load.stops) >= stops]
    assume(loads)
    return draw(st.sampled_from(loads))


def with_load(plan: Plan, load: Load, **changes: Any) -> Plan:
    changed = replace(load, **changes)
    return replace(plan, loads=tuple(changed if x is load else x for x in plan.loads))


def with_stop(plan: Plan, load: Load, at: int, **changes: Any) -> Plan:
    stops = tuple(replace(stop, **changes) if n == at else stop for n, stop in enumerate(load.stops))
    return with_load(plan, load, stops=stops)


def with_vehicle(problem: Problem, load: Load, **changes: Any) -> Problem:
    fleet = (replace(v, **changes) if v.vehicle_id == load.vehicle_id else v for v in problem.vehicles)
    return replace(problem, vehicles=tuple(fleet))


def with_shipment(problem: Problem, shipment_id: str, **changes: Any) -> Problem:
    goods = (replace(s, **changes) if s.shipment_id == shipment_id else s for s in problem.shipments)
    return replace(problem, shipments=tuple(goods))


def known(problem: Problem, shipment_id: str) -> Shipment:
    return next(s for s in problem.shipments if s.shipment_id == shipment_id)


@breaks("ROUTE-01")
def rides_twice(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    again = draw(st.sampled_from(load.shipment_ids))
    stop = load.stops[0]
    return problem, with_stop(plan, load, 0, shipment_ids=(*stop.shipment_ids, again))


@breaks("ROUTE-01")
def nobody_knows_it(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    return problem, with_stop(plan, load, 0, shipment_ids=(*load.stops[0].shipment_ids, "STRANGER"))


@breaks("ROUTE-02")
def forgotten(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    return problem, replace(plan, loads=tuple(x for x in plan.loads if x is not load))


@breaks("ROUTE-02")
def dropped_and_on_board(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    assume(plan.dropped)
    load = a_load(draw, plan)
    gone = replace(draw(st.sampled_from(plan.dropped)), shipment_id=load.shipment_ids[0])
    return problem, replace(plan, dropped=(*plan.dropped, gone))


def _lower(rule: str, limit: str, seen: Callable[[Load], int]) -> None:
    @breaks(rule)
    def smaller(draw: Draw, problem: Problem, plan: Plan) -> Broken:
        load = a_load(draw, plan)
        assume(seen(load) > 1)
        return with_vehicle(problem, load, **{limit: draw(st.integers(1, seen(load) - 1))}), plan


_lower("ROUTE-03", "capacity_g", lambda load: load.weight_g)
_lower("ROUTE-04", "capacity_dm3", lambda load: load.volume_dm3)
_lower("ROUTE-05", "max_stops", lambda load: len(load.stops))
_lower("ROUTE-06", "max_value_cents", lambda load: load.value_cents)
_lower("ROUTE-08", "max_drive_s", lambda load: load.drive_s)


def _filled(rule: str, limit: str, amount: str) -> None:
    """Room enough at the departure, too little where most is on board."""

    @breaks(rule)
    def too_much_on_the_way(draw: Draw, problem: Problem, plan: Plan) -> Broken:
        load = a_load(draw, plan)
        aboard = sum(getattr(s, amount) for s in _goods_of(problem, load.shipment_ids) if not s.is_pickup)
        legs = [aboard]
        for stop in load.stops:
            for s in _goods_of(problem, stop.shipment_ids):
                aboard += getattr(s, amount) if s.is_pickup else -getattr(s, amount)
            legs.append(aboard)
        assume(max(legs) > legs[0] > 0)
        return with_vehicle(problem, load, **{limit: draw(st.integers(legs[0], max(legs) - 1))}), plan


def _goods_of(problem: Problem, shipment_ids: tuple[str, ...]) -> list[Shipment]:
    return [known(problem, s) for s in shipment_ids]


_filled("ROUTE-03", "capacity_g", "weight_g")
_filled("ROUTE-04", "capacity_dm3", "volume_dm3")
_filled("ROUTE-06", "max_value_cents", "value_cents")


@breaks("ROUTE-07")
def back_after_the_shift(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    early_s = draw(st.integers(1, 7_200))
    overtime_s = draw(st.integers(0, early_s - 1))
    return with_vehicle(problem, load, shift_end_s=load.return_s - early_s, max_overtime_s=overtime_s), plan


@breaks("ROUTE-07")
def out_before_the_depot_opens(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    opens = load.departure_s + draw(st.integers(1, 7_200))
    return replace(problem, depot=replace(problem.depot, open_s=opens)), plan


@breaks("ROUTE-09")
def the_window_was_over(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    stop = draw(st.sampled_from(load.stops))
    there = known(problem, stop.shipment_ids[0])
    assume(not any(s in _locked(problem) for s in stop.shipment_ids))
    late_s = draw(st.integers(1, 7_200))
    end = stop.service_start_s - late_s
    begin = min(there.window_from_s, end)
    changes = {"window_from_s": begin, "window_to_s": end, "closed": (), "max_late_s": draw(st.integers(0, late_s - 1))}
    return with_shipment(problem, there.shipment_id, **changes), plan


def _locked(problem: Problem) -> set[str]:
    return {lock.shipment_id for lock in problem.locks if isinstance(lock, PositionLock)}


@breaks("ROUTE-09")
def the_window_has_not_begun(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    stop = draw(st.sampled_from(load.stops))
    begin = stop.service_start_s + draw(st.integers(1, 7_200))
    changes = {"window_from_s": begin, "window_to_s": begin + 3_600, "closed": ()}
    return with_shipment(problem, stop.shipment_ids[0], **changes), plan


@breaks("ROUTE-09")
def the_door_is_closed_then(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    stop = draw(st.sampled_from(load.stops))
    there = known(problem, stop.shipment_ids[0])
    gap = (stop.service_start_s - draw(st.integers(1, 900)), stop.service_start_s + draw(st.integers(1, 900)))
    wider = {"window_from_s": min(there.window_from_s, gap[0]), "window_to_s": max(there.window_to_s, gap[1])}
    return with_shipment(problem, there.shipment_id, closed=(gap,), **wider), plan


@breaks("ROUTE-10")
def lateness_is_not_as_stated(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    at = draw(st.integers(0, len(load.stops) - 1))
    return problem, with_stop(plan, load, at, late_s=load.stops[at].late_s + draw(st.integers(1, 900)))


@breaks("ROUTE-11")
def a_time_is_made_up(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    at = draw(st.integers(0, len(load.stops) - 1))
    name = draw(
        st.sampled_from(("arrival_s", "service_start_s", "departure_s", "wait_s", "service_s", "drive_s", "break_s"))
    )
    return problem, with_stop(plan, load, at, **{name: getattr(load.stops[at], name) + draw(SECONDS)})


@breaks("ROUTE-11")
def home_by_magic(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    return problem, with_load(plan, load, return_s=load.return_s + draw(SECONDS))


@breaks("ROUTE-11")
def as_fast_as_ever_in_the_rush_hour(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    assume(load.stops[0].drive_s > 2)
    there = load.stops[0]
    slow = SlowHours(
        there.latitude, there.longitude, 100, load.departure_s, load.departure_s + 1, draw(st.integers(2_000, 5_000))
    )
    return replace(problem, travel=replace(problem.travel, slow=(slow,))), plan


@breaks("ROUTE-12")
def elsewhere_than_locked(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan, stops=2)
    at, wanted = draw(st.permutations(range(1, len(load.stops) + 1)))[:2]
    lock = PositionLock(load.stops[at - 1].shipment_ids[0], load.vehicle_id, load.trip, wanted)
    return replace(problem, locks=(lock,)), plan


@breaks("ROUTE-13")
def frozen_in_another_order(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan, stops=2)
    stops = tuple(stop.shipment_ids for stop in load.stops)
    frozen = tuple(draw(st.permutations(stops)))
    assume(frozen != stops)
    return replace(problem, locks=(FrozenLoad(load.vehicle_id, load.trip, frozen),)), plan


@breaks("ROUTE-13")
def frozen_with_another_departure(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    stops = tuple(stop.shipment_ids for stop in load.stops)
    frozen = FrozenLoad(load.vehicle_id, load.trip, stops, load.departure_s + draw(SECONDS))
    return replace(problem, locks=(frozen,)), plan


@breaks("ROUTE-14")
def tied_to_another_vehicle(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    return replace(problem, locks=(VehicleLock(draw(st.sampled_from(load.shipment_ids)), "ANOTHER"),)), plan


@breaks("ROUTE-15")
def reloaded_in_no_time(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    pairs = [(a, b) for a in plan.loads for b in plan.loads if a.vehicle_id == b.vehicle_id and a.trip < b.trip]
    assume(pairs)
    one, other = draw(st.sampled_from(pairs))
    return replace(problem, reload_s=other.departure_s - one.return_s + draw(st.integers(1, 7_200))), plan


@breaks("ROUTE-15")
def more_trips_than_it_may(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    return problem, with_load(plan, load, trip=load.trip + 9, load_id=problem.load_id(load.vehicle_id, load.trip + 9))


@breaks("ROUTE-15")
def a_trip_that_left_already(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    return with_vehicle(problem, load, max_trips=9, trips_done=draw(st.integers(load.trip, 8))), plan


@breaks("ROUTE-16")
def one_driver_for_two(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    assume(len({load.vehicle_id for load in plan.loads}) > 1)
    fleet = tuple(replace(v, driver_id="ANN") for v in problem.vehicles)
    return replace(problem, vehicles=fleet), replace(plan, loads=tuple(replace(x, driver_id="ANN") for x in plan.loads))


def _goods(rule: str, unfit: dict[str, Any], fit: dict[str, Any]) -> None:
    """A shipment of a kind that its vehicle isn't fit for."""

    @breaks(rule)
    def not_fit(draw: Draw, problem: Problem, plan: Plan) -> Broken:
        load = a_load(draw, plan)
        shipment_id = draw(st.sampled_from(load.shipment_ids))
        return with_vehicle(with_shipment(problem, shipment_id, **unfit), load, **fit), plan


_goods("ROUTE-17", {"temperature_class": "frozen"}, {"temperature_classes": ("ambient", "chilled")})
_goods("ROUTE-18", {"hazard_class": "3"}, {"hazard_ok": False})
_goods("ROUTE-24", {"skills": ("tail-lift", "two-person")}, {"skills": ("tail-lift",)})
_goods("ROUTE-25", {"vehicle_classes": ("bike",)}, {"vehicle_class": "7.5t"})


@breaks("ROUTE-19")
def a_leg_is_longer_than_it_is(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    at, metres = draw(st.integers(0, len(load.stops))), draw(SECONDS)
    if at == len(load.stops):
        return problem, with_load(plan, load, return_distance_m=load.return_distance_m + metres)
    return problem, with_stop(plan, load, at, distance_m=load.stops[at].distance_m + metres)


@breaks("ROUTE-20")
def loaded_in_another_order(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan, stops=2)
    one, other = load.stops[:2]
    swapped = replace(one, load_positions=tuple(draw(st.integers(1, 3)) for _ in one.load_positions))
    assume(min(swapped.load_positions) <= max(other.load_positions))
    return problem, with_load(plan, load, stops=(swapped, *load.stops[1:]))


@breaks("ROUTE-20")
def a_pickup_is_on_board_at_the_departure(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    at = draw(st.integers(0, len(load.stops) - 1))
    stop = load.stops[at]
    assume(0 in stop.load_positions)
    places = tuple(draw(st.integers(1, 9)) if p == 0 else p for p in stop.load_positions)
    return problem, with_stop(plan, load, at, load_positions=places)


TOTALS = ("duration_s", "drive_s", "service_s", "wait_s", "late_s", "cost_cents", "weight_g", "volume_dm3", "value_cents",
          "break_s", "overtime_s")  # fmt: skip


@breaks("ROUTE-21")
def a_total_is_made_up(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load, name = a_load(draw, plan), draw(st.sampled_from(TOTALS))
    return problem, with_load(plan, load, **{name: getattr(load, name) + draw(SECONDS)})


@breaks("ROUTE-21")
def the_objective_is_made_up(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    return problem, replace(plan, objective_cents=plan.objective_cents + draw(SECONDS))


@breaks("ROUTE-22")
def another_door(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    at = draw(st.integers(0, len(load.stops) - 1))
    moved = draw(st.sampled_from(({"address_key": "ELSEWHERE"}, {"latitude": load.stops[at].latitude + 0.001})))
    return problem, with_stop(plan, load, at, **moved)


@breaks("ROUTE-23")
def a_name_is_made_up(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    return problem, with_load(
        plan, load, **draw(st.sampled_from(({"load_id": "L-1"}, {"vehicle_id": "V99"}, {"driver_id": "D99"})))
    )


@breaks("ROUTE-23")
def a_number_is_left_out(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    at = draw(st.integers(0, len(load.stops) - 1))
    return problem, with_stop(plan, load, at, stop_sequence=at + 2)


@breaks("ROUTE-26")
def what_must_not_meet(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    assume(len(load.shipment_ids) > 1)
    one, other = draw(st.permutations(load.shipment_ids))[:2]
    mixed = with_shipment(with_shipment(problem, one, goods_classes=("dry", "food")), other, goods_classes=("dusty",))
    return replace(mixed, apart=(draw(st.sampled_from((("food", "dusty"), ("dusty", "food")))),)), plan


@breaks("ROUTE-28")
def out_too_long(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    out = [x for x in plan.loads if x.vehicle_id == load.vehicle_id]
    duty_s = max(x.return_s for x in out) - min(x.departure_s for x in out)
    return with_vehicle(problem, load, max_duty_s=draw(st.integers(1, duty_s - 1))), plan


def at_doors(problem: Problem, plan: Plan) -> Broken:
    """The day with a door for each load, ten minutes before it leaves: nothing broken yet."""
    loads = tuple(
        replace(load, door=n, loading_s=load.departure_s - 600, loaded_s=load.departure_s)
        for n, load in enumerate(plan.loads, start=1)
    )
    early = replace(problem.depot, open_s=min(load.loading_s for load in loads))
    docks = Docks(len(loads), fixed_s=600, per_m3_s=0)
    return replace(problem, depot=early, docks=docks), replace(plan, loads=loads)


@breaks("ROUTE-29")
def two_loads_at_one_door(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    assume(len(plan.loads) > 1)
    problem, plan = at_doors(problem, plan)
    one, other = draw(st.permutations(plan.loads))[:2]
    begin = other.loading_s + draw(st.integers(-599, 599))
    return problem, with_load(plan, one, door=other.door, loading_s=begin, loaded_s=begin + 600)


@breaks("ROUTE-29")
def it_leaves_while_it_is_loaded(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    problem, plan = at_doors(problem, plan)
    load, later = a_load(draw, plan), draw(st.integers(1, 7_200))
    return problem, with_load(plan, load, loading_s=load.loading_s + later, loaded_s=load.loaded_s + later)


@breaks("ROUTE-29")
def loaded_before_the_docks_open(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    problem, plan = at_doors(problem, plan)
    load = a_load(draw, plan)
    return replace(problem, docks=replace(problem.docks, open_s=load.loading_s + draw(st.integers(1, 7_200)))), plan


@breaks("ROUTE-29")
def loaded_in_no_time(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    problem, plan = at_doors(problem, plan)
    load = a_load(draw, plan)
    return problem, with_load(plan, load, loading_s=load.loading_s + draw(st.integers(1, 600)))


@breaks("ROUTE-29")
def at_a_door_that_is_not_there(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    problem, plan = at_doors(problem, plan)
    return problem, with_load(plan, a_load(draw, plan), door=draw(st.sampled_from((0, len(plan.loads) + 1))))


@breaks("ROUTE-27")
def too_long_at_the_wheel(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    assume(load.break_s == 0 and load.wait_s == 0)
    longest = max(stop.drive_s for stop in load.stops)
    assume(longest > 1)
    return replace(problem, breaks=BreakRule(draw(st.integers(1, longest - 1)), 10**6, 2_700)), plan


@breaks("ROUTE-27")
def a_break_in_pieces(draw: Draw, problem: Problem, plan: Plan) -> Broken:
    load = a_load(draw, plan)
    at = draw(st.integers(0, len(load.stops) - 1))
    rule = problem.breaks or BreakRule()
    piece = draw(st.integers(1, rule.break_s - 1))
    return replace(problem, breaks=rule), with_stop(plan, load, at, break_s=load.stops[at].break_s + piece)
