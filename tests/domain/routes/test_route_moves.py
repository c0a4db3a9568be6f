"""What the dispatcher is told before a shipment is moved: the cost of both loads, and what would have to give way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from routing_days import HOUR, calm_day, parcel, van

from oms_dagster.domain.routes.moves import Move, moves
from oms_dagster.domain.routes.problem import FrozenLoad, PreviousLoad, Problem, VehicleLock
from oms_dagster.domain.routes.replan import replan
from oms_dagster.domain.routes.verify import check
from oms_dagster.domain.solving import Budget


def day(**changes: object) -> Problem:
    """Three shipments on the first van, two on the second, the third at home."""
    loads = (PreviousLoad("V1", 1, (("S01",), ("S02",), ("S03",))), PreviousLoad("V2", 1, (("S04",), ("S05",))))
    goods = tuple(parcel(n, n, 8) for n in range(1, 6))
    values: dict[str, object] = {"previous": loads, "shipments": goods, "vehicles": (van(1), van(2), van(3))}
    return calm_day(**{**values, **changes})


def to(problem: Problem, vehicle_id: str, shipment_id: str = "S03") -> Move:
    return next(m for m in moves(problem, shipment_id) if m.vehicle_id == vehicle_id)


@pytest.mark.parametrize("vehicle_id", ["V2", "V3"])
def test_the_cost_shown_is_what_the_next_plan_costs_more(vehicle_id: str):
    """Planned again without a search, with the move sent, nothing else changes: the difference is the figure shown.

    Postal codes go to and fro between north and south, so that the naive plan is far dearer and the running one stays.
    """
    north_and_code = {1: (9, "1"), 2: (12, "3"), 3: (15, "5"), 4: (-20, "2"), 5: (-22, "4")}
    goods = tuple(parcel(n, north, 8, postcode=code) for n, (north, code) in north_and_code.items())
    fleet = tuple(van(n, max_stops=3, fixed_cost_cents=0) for n in (1, 2, 3))
    problem = day(shipments=goods, vehicles=fleet)
    before = replan(problem, Budget(0))
    sent = replace(problem, locks=(VehicleLock("S03", vehicle_id),))
    after = replan(sent, Budget(0))
    assert check(sent, after) == ()
    move = to(problem, vehicle_id)
    assert move.is_feasible
    assert move.cost_cents == after.objective_cents - before.objective_cents
    assert move.distance_m == sum(x.distance_m for x in after.loads) - sum(x.distance_m for x in before.loads)


def test_the_best_comes_first_and_an_idle_vehicle_is_a_new_load():
    found = moves(day(), "S03")
    assert [(m.vehicle_id, m.is_new) for m in found] == [("V2", False), ("V3", True)]
    assert found[0].load_id == "LON-20250305-V2-1"


def test_the_last_shipment_of_a_load_saves_its_vehicle():
    alone = day(
        previous=(PreviousLoad("V1", 1, (("S01",),)), PreviousLoad("V2", 1, (("S02",), ("S03",), ("S04",), ("S05",))))
    )
    assert to(alone, "V2", "S01").cost_cents < -van().fixed_cost_cents


@pytest.mark.parametrize(
    ("changes", "needs"),
    [
        ({"vehicles": (van(1), van(2, capacity_g=250_000))}, "+50.0 kg on V2"),
        ({"vehicles": (van(1), van(2, max_stops=2))}, "+1 stop on V2"),
        ({"shipments": (*(parcel(n, n, 8) for n in (1, 2, 4, 5)), parcel(3, 3, 8, temperature_class="chilled")),
          "vehicles": (van(1, temperature_classes=("ambient", "chilled")), van(2))}, "make V2 fit for chilled goods"),
        ({"vehicles": (van(1), van(2, shift_start_s=14 * HOUR + 3_300, shift_end_s=18 * HOUR))}, "later (until 15:"),
    ],
)  # fmt: skip
def test_a_load_that_can_not_take_it_says_what_would_have_to_give_way(changes: dict[str, object], needs: str):
    move = to(day(**changes), "V2")
    assert not move.is_feasible
    assert needs in " and ".join(move.needs)


def test_what_was_left_behind_can_be_put_on_a_load():
    assert {m.vehicle_id for m in moves(day(shipments=(*day().shipments, parcel(6))), "S06")} == {"V1", "V2", "V3"}


def test_a_locked_load_neither_gives_nor_takes():
    locked = day(locks=(FrozenLoad("V2", 1, (("S04",), ("S05",))),))
    assert [m.vehicle_id for m in moves(locked, "S03")] == ["V3"]
    with pytest.raises(ValueError, match="S04 is on a load that is locked, approved or being loaded"):
        moves(locked, "S04")


def test_an_earlier_move_by_hand_does_not_stand_in_the_way():
    assert to(day(locks=(VehicleLock("S03", "V1"),)), "V2").is_feasible


def test_a_shipment_that_is_not_planned_is_said_in_one_line():
    with pytest.raises(ValueError, match="S99 is in no plan of this day: it may have left"):
        moves(day(), "S99")
