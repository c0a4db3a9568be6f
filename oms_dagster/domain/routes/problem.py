"""What the routing of one location and day is asked: depot, fleet, shipments, locks, travel, prices.

Belongs here: frozen inputs and the checks that they make sense. Does not belong here: anything that decides
(solve.py), the answer (plan.py), where the numbers come from (the warehouse).

Times are whole seconds since midnight of the planned day, local to the location. Weight is grams, volume dm3
(0.001 m3), distance metres, money cents.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from oms_dagster.domain.routes.doors import DAY_S, Docks, Ready
from oms_dagster.domain.routes.roads import RoadMatrix
from oms_dagster.domain.routes.speeds import TravelModel


def load_id(location_id: str, day: str, vehicle_id: str, trip: int) -> str:
    """Stable id of a load: location x date x vehicle (or carrier and service) x trip."""
    return f"{location_id}-{day.replace('-', '')}-{vehicle_id}-{trip}"


@dataclass(frozen=True, slots=True)
class Depot:
    """Where vehicles start, reload and end; none leaves before it opens or comes back after it closes."""

    location_id: str
    latitude: float
    longitude: float
    open_s: int = 0
    close_s: int = DAY_S


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its driver for the day.

    Attributes
    ----------
    capacity_g, capacity_dm3, max_stops, max_value_cents
        Limits of one load (one trip).
    shift_start_s, shift_end_s, max_drive_s
        The driver's shift, and the most seconds at the wheel over all trips of the day.
    cost_per_km_cents, cost_per_hour_cents, fixed_cost_cents
        Per kilometre (toll included), per hour between departure and return, and once a day when the vehicle is used.
    temperature_classes, hazard_ok
        What goods it may carry; an empty `hazard_class` of a shipment is always allowed.
    max_trips
        Loads a day; between two of them the depot takes `Problem.reload_s`.
    trips_done
        Loads that left already today: the next one has the number after them. See running.py.
    vehicle_class
        The kind of vehicle in the planner's words (``van``, ``truck 7.5 t``); an address may let in some kinds only.
    skills
        What vehicle and driver together can do (``tail-lift``, ``two-person``).
    max_overtime_s, overtime_per_hour_cents
        How far beyond `shift_end_s` it may come back, and what an hour of that costs on top.
    max_duty_s
        Most seconds from the first departure to the last return; None: the shift alone counts.
    base
        (latitude, longitude) where it loads, starts and ends; None: at the depot. All goods are there too.
    """

    vehicle_id: str
    driver_id: str
    capacity_g: int
    capacity_dm3: int
    max_stops: int
    max_value_cents: int
    shift_start_s: int
    shift_end_s: int
    max_drive_s: int
    cost_per_km_cents: int
    cost_per_hour_cents: int
    fixed_cost_cents: int
    temperature_classes: tuple[str, ...] = ("ambient",)
    hazard_ok: bool = False
    max_trips: int = 1
    vehicle_class: str = ""
    skills: tuple[str, ...] = ()
    max_overtime_s: int = 0
    overtime_per_hour_cents: int = 0
    max_duty_s: int | None = None
    base: tuple[float, float] | None = None
    trips_done: int = 0


@dataclass(frozen=True, slots=True)
class Shipment:
    """Goods to or from one address. Those with the same `address_key` on a load share a stop where windows allow.

    Attributes
    ----------
    window_from_s, window_to_s
        Bounds of the *start* of service.
    closed
        (from, to) inside the window, exclusive: no service starts between them. Two windows are one with a gap.
    service_s
        This shipment's part of the time at the stop.
    priority, penalty_cents
        Lower is more urgent, and only breaks ties; what it costs to leave it behind today.
    skills
        What its visit needs; the vehicle must have all of them.
    vehicle_classes
        Kinds of vehicle that can come to its address; empty: any.
    goods_classes
        What its goods count as (``food``, ``toxic``) where classes may not travel together, see `Problem.apart`.
    max_late_s
        How long after the window service may still start, at `Problem.late_per_hour_cents`.
    home_vehicle_id
        The vehicle that a running plan has it on.
    is_pickup
        It is collected there and brought to the vehicle's base: on board after its stop, not before.
    """

    shipment_id: str
    order_ids: tuple[str, ...]
    address_key: str
    latitude: float
    longitude: float
    postcode: str
    country: str
    weight_g: int
    volume_dm3: int
    value_cents: int
    window_from_s: int = 0
    window_to_s: int = DAY_S
    service_s: int = 0
    temperature_class: str = "ambient"
    hazard_class: str = ""
    priority: int = 100
    penalty_cents: int = 100_000
    closed: tuple[tuple[int, int], ...] = ()
    skills: tuple[str, ...] = ()
    vehicle_classes: tuple[str, ...] = ()
    goods_classes: tuple[str, ...] = ()
    max_late_s: int = 0
    home_vehicle_id: str = ""
    is_pickup: bool = False


@dataclass(frozen=True, slots=True)
class VehicleLock:
    """The planner tied a shipment to a vehicle (and, with `trip`, to one load of it)."""

    shipment_id: str
    vehicle_id: str
    trip: int | None = None


@dataclass(frozen=True, slots=True)
class PositionLock:
    """The planner fixed a shipment's stop on a load. A load with fewer stops keeps locked ones last, in order."""

    shipment_id: str
    vehicle_id: str
    trip: int
    stop_sequence: int


@dataclass(frozen=True, slots=True)
class FrozenLoad:
    """A load approved with this content and order: nothing joins, leaves or moves. `departure_s` holds if given."""

    vehicle_id: str
    trip: int
    stops: tuple[tuple[str, ...], ...]
    departure_s: int | None = None


Lock: TypeAlias = VehicleLock | PositionLock | FrozenLoad


@dataclass(frozen=True, slots=True)
class PreviousLoad:
    """A load of the last plan: its stops as shipment ids, in order. What is unknown today is skipped."""

    vehicle_id: str
    trip: int
    stops: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class BreakRule:
    """No more than `drive_s` at the wheel and `work_s` on duty without a break of `break_s` seconds in one piece.

    Waiting of that length is a break; loading and unloading are work. A single service is never cut. The default is the
    law for lorries in the EU: 45 minutes after 4.5 hours at the wheel (Regulation 561/2006, article 7) or after six hours
    of work (Directive 2002/15, article 5, which asks for less).
    """

    drive_s: int = 16_200
    work_s: int = 21_600
    break_s: int = 2_700


@dataclass(frozen=True, slots=True)
class RelaxationPrices:
    """What it costs, in cents, to relax a constraint: ranks the fixes of a dropped shipment against each other."""

    window_minute: int = 50
    shift_minute: int = 75
    capacity_kg: int = 200
    capacity_dm3: int = 60
    stop: int = 1_500
    value_per_100: int = 20
    temperature: int = 15_000
    hazard: int = 20_000
    skill: int = 12_000
    access: int = 18_000
    apart: int = 45_000
    vehicle: int = 25_000
    vehicle_upgrade: int = 40_000


@dataclass(frozen=True, slots=True)
class Problem:
    """The routing of one location and day.

    Attributes
    ----------
    day
        ISO date, part of each `load_id`.
    previous
        The last plan of this day, the warm start: its routes are kept where they still pay.
    stop_service_s
        Seconds per stop on top of its shipments' `service_s`.
    reload_s
        Seconds at the depot between two trips of a vehicle.
    apart
        Pairs of goods classes that may not be on one load, in two shipments. (One shipment was packed as it is.)
    breaks
        When a driver must rest; None: breaks aren't planned.
    roads
        Ways by road between all places; None: `travel` is used.
    late_per_hour_cents
        Price of an hour of lateness, at each stop. It is in the objective, not in the cost of a load.
    docks
        Where loads of vehicles without a base of their own are put on board; None: it takes no time and no room.
    ready
        Departures that wait for a door; docks.py works them out.
    stability_cents
        What a stop is held to cost in the search when it leaves its `home_vehicle_id`; no part of a plan's objective.

    Raises
    ------
    ValueError
        Ids used twice, a limit that is not positive, a lock on something unknown or locked twice, coordinates out
        of range, a window that ends before it begins, a gap outside of its window: each names the thing and the rule.
    """

    depot: Depot
    day: str
    vehicles: tuple[Vehicle, ...]
    shipments: tuple[Shipment, ...]
    locks: tuple[Lock, ...] = ()
    previous: tuple[PreviousLoad, ...] = ()
    travel: TravelModel = field(default_factory=TravelModel)
    prices: RelaxationPrices = field(default_factory=RelaxationPrices)
    stop_service_s: int = 0
    reload_s: int = 1_800
    apart: tuple[tuple[str, str], ...] = ()
    breaks: BreakRule | None = None
    late_per_hour_cents: int = 0
    stability_cents: int = 0
    roads: RoadMatrix | None = None
    docks: Docks | None = None
    ready: tuple[Ready, ...] = ()

    def __post_init__(self) -> None:
        _reject_repeated("vehicle", [v.vehicle_id for v in self.vehicles])
        _reject_repeated("shipment", [s.shipment_id for s in self.shipments])
        _check_place(f"location {self.depot.location_id}", self.depot.latitude, self.depot.longitude)
        if self.breaks is not None and min(self.breaks.drive_s, self.breaks.work_s, self.breaks.break_s) <= 0:
            raise ValueError("breaks: driving, work and break must be above 0 s")
        if self.late_per_hour_cents < 0:
            raise ValueError("an hour of lateness must not cost less than nothing")
        if self.docks is not None and (self.docks.doors <= 0 or min(self.docks.fixed_s, self.docks.per_m3_s) < 0):
            raise ValueError(f"location {self.depot.location_id}: docks must be above 0, loading times not below")
        if self.roads is not None:
            unknown = set(self.places).difference(self.roads.places)
            if unknown:
                raise ValueError(f"roads: no way is known to {min(unknown)}")
        for vehicle in self.vehicles:
            _check_vehicle(vehicle)
        for shipment in self.shipments:
            _check_shipment(shipment)
        _check_locks(self.locks, {s.shipment_id for s in self.shipments}, {v.vehicle_id: v for v in self.vehicles})

    @property
    def places(self) -> tuple[tuple[float, float], ...]:
        """(latitude, longitude) of depot, bases and shipments, each once, the depot first."""
        bases = (v.base for v in self.vehicles if v.base is not None)
        shipments = ((s.latitude, s.longitude) for s in self.shipments)
        return tuple(dict.fromkeys([(self.depot.latitude, self.depot.longitude), *bases, *shipments]))

    @property
    def in_words(self) -> str:
        """Its size, and what distances it is planned with."""
        size = f"{len(self.shipments)} shipments, {len(self.vehicles)} vehicles"
        if self.roads is not None:
            return f"{size}, {self.roads.source}"
        return f"{size}, great circle x {self.travel.detour_permille / 1000:.2f}{self.travel.because and ': '}{self.travel.because}"

    def load_id(self, vehicle_id: str, trip: int) -> str:
        """Stable id of a load: location x date x vehicle x trip."""
        return load_id(self.depot.location_id, self.day, vehicle_id, trip)


def _reject_repeated(kind: str, ids: list[str]) -> None:
    repeated = sorted(i for i, n in Counter(ids).items() if n > 1)
    if repeated:
        raise ValueError(f"{kind} {repeated[0]} is given twice")


def _check_place(what: str, latitude: float, longitude: float) -> None:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"{what}: {latitude}, {longitude} is not a latitude and longitude in degrees")


def _check_vehicle(vehicle: Vehicle) -> None:
    limits = (vehicle.capacity_g, vehicle.capacity_dm3, vehicle.max_stops, vehicle.max_value_cents, vehicle.max_trips)
    if min(limits) <= 0:
        raise ValueError(f"vehicle {vehicle.vehicle_id}: capacities, stops, value and trips must be above 0")
    if vehicle.max_duty_s is not None and vehicle.max_duty_s <= 0:
        raise ValueError(f"vehicle {vehicle.vehicle_id}: the time on duty must be above 0")
    if vehicle.base is not None:
        _check_place(f"vehicle {vehicle.vehicle_id}", *vehicle.base)
    costs = (vehicle.cost_per_km_cents, vehicle.cost_per_hour_cents, vehicle.fixed_cost_cents)
    if min(*costs, vehicle.overtime_per_hour_cents, vehicle.max_overtime_s) < 0:
        raise ValueError(f"vehicle {vehicle.vehicle_id}: a cost or the overtime is negative")


def _check_shipment(shipment: Shipment) -> None:
    _check_place(f"shipment {shipment.shipment_id}", shipment.latitude, shipment.longitude)
    if min(shipment.weight_g, shipment.volume_dm3, shipment.value_cents, shipment.service_s) < 0:
        raise ValueError(f"shipment {shipment.shipment_id}: weight, volume, value and service must not be negative")
    if shipment.penalty_cents < 0:
        raise ValueError(f"shipment {shipment.shipment_id}: the penalty for leaving it must not be negative")
    if shipment.window_from_s > shipment.window_to_s:
        raise ValueError(f"shipment {shipment.shipment_id}: its window ends before it begins")
    if shipment.max_late_s < 0:
        raise ValueError(f"shipment {shipment.shipment_id}: the most it may be late must not be negative")
    for closed_from, closed_to in shipment.closed:
        if not shipment.window_from_s <= closed_from < closed_to <= shipment.window_to_s:
            raise ValueError(f"shipment {shipment.shipment_id}: a gap in its window must lie inside it")


def _check_locks(locks: tuple[Lock, ...], shipments: set[str], vehicles: dict[str, Vehicle]) -> None:
    frozen = [lock for lock in locks if isinstance(lock, FrozenLoad)]
    single = [lock for lock in locks if not isinstance(lock, FrozenLoad)]
    held = [s for load in frozen for stop in load.stops for s in stop]
    _reject_repeated("lock on shipment", held + [lock.shipment_id for lock in single])
    _reject_repeated("frozen load", [f"{load.vehicle_id} trip {load.trip}" for load in frozen])
    for shipment_id in (*held, *(lock.shipment_id for lock in single)):
        if shipment_id not in shipments:
            raise ValueError(f"lock: shipment {shipment_id} is not in the problem")
    for load in frozen:
        if load.vehicle_id not in vehicles or not load.stops:
            raise ValueError(f"lock: frozen load of {load.vehicle_id} needs stops and a vehicle of the problem")
    for lock in locks:
        vehicle = vehicles.get(lock.vehicle_id)
        if vehicle is not None and lock.trip is not None and not 1 <= lock.trip <= vehicle.max_trips:
            raise ValueError(f"lock: {lock.vehicle_id} has no trip {lock.trip}")
    closed = {(load.vehicle_id, load.trip) for load in frozen}
    for lock in single:
        if lock.trip is not None and any(v == lock.vehicle_id and lock.trip <= trip for v, trip in closed):
            raise ValueError(f"lock: {lock.shipment_id} is tied to a trip that is frozen, or before a frozen one")
        if isinstance(lock, PositionLock) and lock.stop_sequence < 1:
            raise ValueError(f"lock: {lock.shipment_id}: stop positions count from 1")
