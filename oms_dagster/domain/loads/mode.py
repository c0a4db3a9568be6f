"""Own fleet or carrier: the mode of each shipment.

Belongs here: the rule and its words. Does not belong here: which vehicle or which carrier.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Literal

from oms_dagster.domain.loads.shopping import FreightChoice

Mode = Literal["own_fleet", "carrier", "pickup"]

EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Site:
    """A location's delivery area and what its biggest vehicle takes; no fleet: `vehicles` is 0.

    `delivery_radius_m` is straight-line metres. Shipments above `carrier_max_g` (the heaviest that any carrier takes)
    ride with the fleet even beyond the radius, where there is one.
    """

    location_id: str
    latitude: float
    longitude: float
    country: str
    vehicles: int
    delivery_radius_m: int
    vehicle_capacity_g: int = 0
    vehicle_capacity_dm3: int = 0
    temperature_classes: tuple[str, ...] = ("ambient",)
    hazard_ok: bool = False
    carrier_max_g: int = 30_000


@dataclass(frozen=True, slots=True)
class Consignment:
    """What the mode depends on. `collected_by_customer`: the order says that the customer fetches it."""

    shipment_id: str
    latitude: float
    longitude: float
    country: str
    weight_g: int
    volume_dm3: int
    temperature_class: str = "ambient"
    hazard_class: str = ""
    collected_by_customer: bool = False


@dataclass(frozen=True, slots=True)
class ModeDecision:
    """The mode and why, with what was compared."""

    shipment_id: str
    mode: Mode
    because: str


def straight_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> int:
    """Great-circle metres between two points in degrees (haversine formula)."""
    phi_a, phi_b = radians(lat_a), radians(lat_b)
    chord = sin((phi_b - phi_a) / 2) ** 2 + cos(phi_a) * cos(phi_b) * sin(radians(lon_b - lon_a) / 2) ** 2
    return round(2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord))))


def decide_mode(site: Site, consignment: Consignment) -> ModeDecision:
    """Own fleet within the delivery radius where a vehicle can take it, else a carrier; the first rule that fits."""

    def decided(mode: Mode, because: str) -> ModeDecision:
        return ModeDecision(consignment.shipment_id, mode, because)

    if consignment.collected_by_customer:
        return decided("pickup", "the customer collects it")
    obstacle = _fleet_obstacle(site, consignment)
    if obstacle:
        return decided("carrier", obstacle)
    metres = straight_m(site.latitude, site.longitude, consignment.latitude, consignment.longitude)
    km, radius_km = metres / 1000, site.delivery_radius_m / 1000
    if metres <= site.delivery_radius_m:
        return decided("own_fleet", f"{km:.1f} km away, within the {radius_km:.0f} km of {site.location_id}")
    if consignment.weight_g > site.carrier_max_g:
        kg = f"{consignment.weight_g / 1000:.1f} kg of {site.carrier_max_g / 1000:.1f} kg"
        return decided("own_fleet", f"too heavy for a carrier: {kg}")
    return decided("carrier", f"{km:.1f} km away, beyond the {radius_km:.0f} km of {site.location_id}")


def takes_over(
    choice: FreightChoice,
    reason: str,
    own_cents: int | None,
    *,
    due_in_days: int,
    own_in_days: int,
    is_leaving: bool,
    late_cents: int = 0,
) -> str:
    """Why a carrier takes what own vehicles leave behind; empty where it waits for their next departure.

    A carrier takes it when the next departure (`own_in_days`) would break the promise and the carrier keeps it, or, with
    the vehicles leaving now, brings it no later than they could, or was held to be cheaper than a place on them, late as it is.

    Parameters
    ----------
    reason, own_cents
        What keeps it off the vehicles, and what it would cost there (None: it fits nowhere): only told.
    due_in_days, own_in_days
        Days from today until it is promised, and until own vehicles go next.
    late_cents
        What the carrier's lateness is held to cost.
    """
    chosen = choice.chosen
    if chosen is None or own_in_days <= due_in_days:
        return ""
    in_time = chosen.arrives_in_days <= due_in_days
    no_later, cheaper = chosen.arrives_in_days <= own_in_days, reason == "NOT_WORTH"
    if not in_time and not (is_leaving and (no_later or cheaper)):
        return ""
    own = "no vehicle can" if own_cents is None else f"{own_cents / 100:.2f}"
    kept = "keeps the promise" if in_time else "is no later than they could be"
    price = f"{chosen.compared_cents / 100:.2f}"
    if not in_time and not no_later:
        kept = f"is {chosen.arrives_in_days - due_in_days} days late"
        price += f", {(chosen.compared_cents + late_cents) / 100:.2f} with the wait"
    return f"own vehicles leave it behind ({reason}, {own}); {chosen.carrier_id} {chosen.service} {kept} for {price}"


def _fleet_obstacle(site: Site, consignment: Consignment) -> str:
    """Why no vehicle of the site can take it, empty where one can."""
    if site.vehicles <= 0:
        return f"{site.location_id} has no fleet"
    if site.country != consignment.country:
        return f"to {consignment.country}, the fleet of {site.location_id} stays in {site.country}"
    if consignment.weight_g > site.vehicle_capacity_g:
        return f"{consignment.weight_g / 1000:.1f} kg, no vehicle takes above {site.vehicle_capacity_g / 1000:.1f} kg"
    if consignment.volume_dm3 > site.vehicle_capacity_dm3:
        return (
            f"{consignment.volume_dm3 / 1000:.3f} m3, no vehicle takes above {site.vehicle_capacity_dm3 / 1000:.3f} m3"
        )
    if consignment.temperature_class not in site.temperature_classes:
        return f"no vehicle for {consignment.temperature_class} goods"
    if consignment.hazard_class and not site.hazard_ok:
        return "no vehicle admitted to hazardous goods"
    return ""
