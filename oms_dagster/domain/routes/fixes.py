"""What relaxes a constraint: its price, its words, and the problem with it applied.

Belongs here: the closed vocabulary of fixes. Does not belong here: finding the one that helps (diagnosis.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oms_dagster.domain.routes.plan import Change, Fix, Reason
from oms_dagster.domain.routes.problem import Problem, RelaxationPrices, Shipment, Vehicle

_REASON_OF: dict[str, Reason] = {
    "capacity_g": "CAPACITY_WEIGHT",
    "capacity_dm3": "CAPACITY_VOLUME",
    "max_stops": "MAX_STOPS",
    "max_value_cents": "MAX_VALUE",
    "window_from_s": "TIME_WINDOW",
    "window_to_s": "TIME_WINDOW",
    "shift_end_s": "SHIFT",
    "max_drive_s": "SHIFT",
    "max_duty_s": "SHIFT",
    "close_s": "SHIFT",
    "temperature_classes": "TEMPERATURE",
    "hazard_ok": "HAZARD",
    "skills": "SKILL",
    "vehicle_classes": "ACCESS",
    "apart": "APART",
    "pickup": "PICKUP",
    "vehicle": "NO_VEHICLE",
    "penalty_cents": "NOT_WORTH",
}


def reason_of(change: Change) -> Reason:
    """The constraint that a change relaxes."""
    return _REASON_OF[change.attribute]


def price_cents(prices: RelaxationPrices, change: Change) -> int:
    """What a change is taken to cost, by the problem's relaxation prices; amounts count by the started unit."""
    size = abs(change.amount)
    match change.attribute:
        case "capacity_g":
            return prices.capacity_kg * -(-size // 1000)
        case "capacity_dm3":
            return prices.capacity_dm3 * size
        case "max_stops":
            return prices.stop * size
        case "max_value_cents":
            return prices.value_per_100 * -(-size // 10_000)
        case "window_from_s" | "window_to_s":
            return prices.window_minute * -(-size // 60)
        case "shift_end_s" | "max_drive_s" | "max_duty_s" | "close_s":
            return prices.shift_minute * -(-size // 60)
        case "temperature_classes":
            return prices.temperature
        case "hazard_ok":
            return prices.hazard
        case "skills":
            return prices.skill
        case "vehicle_classes":
            return prices.access
        case "apart":
            return prices.apart
        case "vehicle":
            return prices.vehicle_upgrade if change.text == "upgrade" else prices.vehicle
        case "penalty_cents":
            return size
        case "pickup":
            return 0  # what it is worth is in the routing cost


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def _minutes(seconds: int) -> str:
    return f"{-(-abs(seconds) // 60)} min"


def words(problem: Problem, change: Change) -> str:
    """A change in the planner's words."""
    target, amount = change.target, change.amount
    is_pickup = any(s.is_pickup for s in problem.shipments if s.shipment_id == target)
    serve, service = ("collect", "pick-up") if is_pickup else ("deliver", "delivery")
    match change.attribute:
        case "capacity_g":
            return f"+{amount / 1000:.1f} kg on {target}"
        case "capacity_dm3":
            return f"+{amount / 1000:.3f} m3 on {target}"
        case "max_stops":
            return f"+{amount} stop on {target}"
        case "max_value_cents":
            return f"+{amount / 100:.2f} insured value on {target}"
        case "window_to_s":
            end = next(s.window_to_s for s in problem.shipments if s.shipment_id == target)
            return f"{serve} up to {_minutes(amount)} later (until {_clock(end + amount)})"
        case "window_from_s":
            begin = next(s.window_from_s for s in problem.shipments if s.shipment_id == target)
            return f"{serve} up to {_minutes(amount)} earlier (from {_clock(begin + amount)})"
        case "shift_end_s":
            return f"{_minutes(amount)} overtime on {target}"
        case "max_drive_s":
            return f"{_minutes(amount)} more driving time on {target}"
        case "max_duty_s":
            return f"{_minutes(amount)} longer on duty with {target}"
        case "close_s":
            return f"keep {target} open {_minutes(amount)} longer"
        case "temperature_classes":
            return f"make {target} fit for {change.text} goods"
        case "hazard_ok":
            return f"admit {target} to hazardous goods"
        case "skills":
            return f"give {target} {change.text}"
        case "vehicle_classes":
            return f"let a {change.text or 'vehicle'} in at the address of {target}"
        case "apart":
            return f"let {change.text.replace('+', ' and ')} goods ride together"
        case "vehicle":
            return _vehicle_words(problem, change)
        case "pickup":
            return f"leave {target} for another day"
        case "penalty_cents":
            return f"value its {service} {amount / 100:.2f} higher"


def _vehicle_words(problem: Problem, change: Change) -> str:
    vehicle = change.vehicle
    if vehicle is None:
        raise ValueError("a change of vehicle must bring the vehicle")
    instead = " in place of " + change.target if any(v.vehicle_id == change.target for v in problem.vehicles) else ""
    name = vehicle.vehicle_class or "vehicle"
    if change.text != "upgrade":
        return f"one more {name} like {change.text}{instead}"
    kind = ", ".join(
        (*vehicle.temperature_classes, *(["hazardous goods"] if vehicle.hazard_ok else []), *vehicle.skills)
    )
    size = f"{vehicle.capacity_g / 1000:.0f} kg, {vehicle.capacity_dm3 / 1000:.1f} m3"
    shift = f"{_clock(vehicle.shift_start_s)}-{_clock(vehicle.shift_end_s)}"
    trips = f", {vehicle.max_trips} trips" if vehicle.max_trips > 1 else ""
    return f"a {name} of {size} for {kind}, {shift}{trips}{instead or ' more'}"


def fix(problem: Problem, changes: Sequence[Change], price: int, alone: bool) -> Fix:
    """A fix with its words."""
    return Fix(tuple(changes), price, " and ".join(words(problem, change) for change in changes), alone)


def apply_fix(problem: Problem, fix: Fix) -> Problem:
    """The problem with a fix in force, for a what-if or a proof.

    Raises
    ------
    ValueError
        The fix names a shipment, vehicle or location that the problem doesn't have.
    """
    for change in fix.changes:
        problem = _apply(problem, change)
    return problem


def _apply(problem: Problem, change: Change) -> Problem:
    if change.attribute == "vehicle":
        if change.vehicle is None:
            raise ValueError("a change of vehicle must bring the vehicle")
        others = tuple(v for v in problem.vehicles if v.vehicle_id != change.target)
        return replace(problem, vehicles=(*others, change.vehicle))
    if change.attribute == "close_s":
        if change.target != problem.depot.location_id:
            raise ValueError(f"fix: {change.target} is not the location of this problem")
        return replace(problem, depot=replace(problem.depot, close_s=problem.depot.close_s + change.amount))
    if change.attribute == "pickup":
        return replace(problem, shipments=tuple(s for s in problem.shipments if s.shipment_id != change.target))
    if change.attribute == "apart":
        return replace(problem, apart=tuple(pair for pair in problem.apart if "+".join(pair) != change.text))
    if change.attribute in ("window_from_s", "window_to_s", "penalty_cents", "vehicle_classes"):
        if all(s.shipment_id != change.target for s in problem.shipments):
            raise ValueError(f"fix: shipment {change.target} is not in the problem")
        shipments = (_relaxed_shipment(s, change) if s.shipment_id == change.target else s for s in problem.shipments)
        return replace(problem, shipments=tuple(shipments))
    if all(v.vehicle_id != change.target for v in problem.vehicles):
        raise ValueError(f"fix: vehicle {change.target} is not in the problem")
    vehicles = (relaxed_vehicle(v, change) if v.vehicle_id == change.target else v for v in problem.vehicles)
    return replace(problem, vehicles=tuple(vehicles))


def _relaxed_shipment(shipment: Shipment, change: Change) -> Shipment:
    if change.attribute == "window_from_s":
        return replace(shipment, window_from_s=shipment.window_from_s + change.amount)
    if change.attribute == "window_to_s":
        return replace(shipment, window_to_s=shipment.window_to_s + change.amount)
    if change.attribute == "vehicle_classes":
        return replace(shipment, vehicle_classes=(*shipment.vehicle_classes, change.text))
    return replace(shipment, penalty_cents=shipment.penalty_cents + change.amount)


def relaxed_vehicle(vehicle: Vehicle, change: Change) -> Vehicle:
    """A vehicle with one of its limits relaxed."""
    match change.attribute:
        case "capacity_g":
            return replace(vehicle, capacity_g=vehicle.capacity_g + change.amount)
        case "capacity_dm3":
            return replace(vehicle, capacity_dm3=vehicle.capacity_dm3 + change.amount)
        case "max_stops":
            return replace(vehicle, max_stops=vehicle.max_stops + change.amount)
        case "max_value_cents":
            return replace(vehicle, max_value_cents=vehicle.max_value_cents + change.amount)
        case "shift_end_s":
            return replace(vehicle, shift_end_s=vehicle.shift_end_s + change.amount)
        case "max_drive_s":
            return replace(vehicle, max_drive_s=vehicle.max_drive_s + change.amount)
        case "max_duty_s":
            return replace(
                vehicle, max_duty_s=None if vehicle.max_duty_s is None else vehicle.max_duty_s + change.amount
            )
        case "temperature_classes":
            return replace(vehicle, temperature_classes=(*vehicle.temperature_classes, change.text))
        case "hazard_ok":
            return replace(vehicle, hazard_ok=True)
        case "skills":
            return replace(vehicle, skills=(*vehicle.skills, change.text))
        case _:
            raise ValueError(f"fix: {change.attribute} is not a limit of a vehicle")
