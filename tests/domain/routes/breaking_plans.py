"""Ways to break what rides with what, in which order, and what is said of it: the plan is altered, or the day under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from altering_plans import (
    SECONDS,
    Broken,
    Draw,
    a_load,
    breaks,
    known,
    with_load,
    with_shipment,
    with_stop,
    with_vehicle,
)
from hypothesis import assume
from hypothesis import strategies as st

from oms_dagster.domain.routes.plan import Load, Plan
from oms_dagster.domain.routes.problem import (
    FrozenLoad,
    PositionLock,
    Problem,
    Shipment,
    VehicleLock,
)


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
