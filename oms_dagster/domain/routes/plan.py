"""What routing answers: loads with timed stops, what was left behind and why, and the report of the solve.

Belongs here: frozen results and what can be read off them. Does not belong here: how they were found.
Units as in problem.py: seconds since local midnight, metres, grams, dm3, cents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from oms_dagster.domain.routes.problem import Vehicle
from oms_dagster.domain.solving import SolveReport

Reason = Literal[
    "CAPACITY_WEIGHT", "CAPACITY_VOLUME", "MAX_STOPS", "MAX_VALUE", "TIME_WINDOW",
    "SHIFT", "TEMPERATURE", "HAZARD", "SKILL", "ACCESS", "APART", "PICKUP", "NO_VEHICLE", "NOT_WORTH",
]  # fmt: skip
#: Why a shipment stays behind: the closed list, in the order that breaks ties between equally cheap fixes.
REASONS: tuple[Reason, ...] = (
    "CAPACITY_WEIGHT", "CAPACITY_VOLUME", "MAX_STOPS", "MAX_VALUE", "TIME_WINDOW",
    "SHIFT", "TEMPERATURE", "HAZARD", "SKILL", "ACCESS", "APART", "PICKUP", "NO_VEHICLE", "NOT_WORTH",
)  # fmt: skip

Attribute = Literal[
    "capacity_g", "capacity_dm3", "max_stops", "max_value_cents", "window_from_s", "window_to_s",
    "shift_end_s", "max_drive_s", "max_duty_s", "close_s", "temperature_classes", "hazard_ok", "skills",
    "vehicle_classes", "apart", "pickup", "vehicle", "penalty_cents",
]  # fmt: skip

Dimension = Literal["weight", "volume", "stops", "value", "time"]


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit of an address. `load_positions` runs beside `shipment_ids`: 1 is loaded first, unloaded last.

    What is picked up there has position 0: it isn't on board at the departure. `break_s`: rest on the way to it, in pieces of the rule's length; beside `drive_s`, before `arrival_s`.
    """

    stop_sequence: int
    address_key: str
    shipment_ids: tuple[str, ...]
    load_positions: tuple[int, ...]
    latitude: float
    longitude: float
    window_from_s: int
    window_to_s: int
    arrival_s: int
    service_start_s: int
    departure_s: int
    wait_s: int
    service_s: int
    late_s: int
    distance_m: int
    drive_s: int
    is_locked: bool
    break_s: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """One trip of one vehicle.

    `weight_g`, `volume_dm3`, `value_cents`: at the departure; what is picked up on the way comes later. `utilisation_permille` and `binding_dimension`: the fullest of weight, volume and
    value (where most is on board), stops and shift time.
    `baseline_distance_m`: the same stops in postal-code order, the way without a planner.
    `break_s`: all rest on the way, `return_break_s` of it on the way back. `overtime_s`: after the end of the shift.
    `door`: the dock that it is loaded at (from 1; 0: none), from `loading_s` to `loaded_s`.
    """

    load_id: str
    vehicle_id: str
    driver_id: str
    trip: int
    stops: tuple[Stop, ...]
    departure_s: int
    return_s: int
    return_distance_m: int
    distance_m: int
    duration_s: int
    drive_s: int
    service_s: int
    wait_s: int
    late_s: int
    cost_cents: int
    weight_g: int
    volume_dm3: int
    value_cents: int
    utilisation_permille: int
    binding_dimension: Dimension
    baseline_distance_m: int
    is_locked: bool
    break_s: int = 0
    return_break_s: int = 0
    overtime_s: int = 0
    door: int = 0
    loading_s: int = 0
    loaded_s: int = 0

    @property
    def shipment_ids(self) -> tuple[str, ...]:
        """All shipments on the load in stop order."""
        return tuple(s for stop in self.stops for s in stop.shipment_ids)


@dataclass(frozen=True, slots=True)
class Change:
    """One relaxation: `attribute` of `target` (a shipment, vehicle or location) by `amount`, or allow `text`.

    ``pickup`` leaves the pick-up `target` for another day.
    For ``apart`` `text` is the pair of goods classes, joined by +. For ``vehicle`` it is `vehicle` that is added to the fleet, or takes the place of the one with its id.
    """

    attribute: Attribute
    target: str
    amount: int = 0
    text: str = ""
    vehicle: Vehicle | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """The cheapest way to serve a dropped shipment with all others kept. `price_cents` ranks it, nobody is billed.

    `alone` is False in the rare case that no single constraint, relaxed by itself, is enough.
    """

    changes: tuple[Change, ...]
    price_cents: int
    text: str
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Dropped:
    """A shipment left behind today, the constraint that keeps it off and the cheapest fix.

    `own_cents`: what it would add to the routes where a vehicle has room for it, None where none has.
    """

    shipment_id: str
    reason: Reason
    cheapest_fix: Fix
    own_cents: int | None = None
    is_pickup: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer for one location and day. `objective_cents` = costs of the loads + price of lateness + penalties of drops."""

    loads: tuple[Load, ...]
    dropped: tuple[Dropped, ...]
    objective_cents: int
    report: SolveReport

    @property
    def left_behind(self) -> tuple[Dropped, ...]:
        """Deliveries that stay behind: a pick-up that isn't planned only waits where it is."""
        return tuple(drop for drop in self.dropped if not drop.is_pickup)
