"""What each carrier and service would charge for a shipment, with every part of the price.

Belongs here: tariffs and quotes. Does not belong here: which quote is taken (shopping.py), what is collected together
(carrier_loads.py), auditing the carrier's bill.

Money is whole cents of one currency, weight grams, volume dm3, times of day seconds local to the location.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tariff:
    """A carrier's price for a service to a zone, as it stands on the day that is planned.

    The zone is a country and a postal-code prefix (empty: the whole country); of a service's tariffs the one with the
    longest matching prefix counts. A parcel's chargeable weight is the greater of its weight and its volume in cm3 /
    `volumetric_divisor` kg (0: volume doesn't count). It costs the price of the first of `breaks` that its chargeable
    weight doesn't exceed; above the last (or without any) `base_cents` and `per_kg_cents` for each started kilogram.
    Fuel is charged on that, then the surcharges of each parcel.

    Attributes
    ----------
    breaks
        (up to and including so many grams, cents), lightest first.
    surcharges
        (label, cents): a temperature class or ``hazard`` counts for such goods, any other label for all.
    max_weight_g, max_parcels
        Of one parcel, and how many of them a shipment may be divided into, evenly.
    cutoff_s
        Last time of day for today's collection; -1: none today.
    currency, rate_micro
        What its prices are in, and millionths of the currency of comparison for one unit of it; None: no rate is known,
        and it can't be compared.
    transit_days, missed_days
        Days from today until delivery with today's collection, and with the next (None: a day more).
    """

    carrier_id: str
    service: str
    country: str
    postcode_prefix: str
    base_cents: int
    per_kg_cents: int
    fuel_permille: int
    max_weight_g: int
    transit_days: int
    cutoff_s: int
    volumetric_divisor: int = 0
    temperature_classes: tuple[str, ...] = ("ambient",)
    hazard_ok: bool = False
    breaks: tuple[tuple[int, int], ...] = ()
    surcharges: tuple[tuple[str, int], ...] = ()
    max_parcels: int = 1
    missed_days: int | None = None
    currency: str = ""
    rate_micro: int | None = 1_000_000


@dataclass(frozen=True, slots=True)
class FreightRequest:
    """A shipment that asks for quotes. It is packed at `ready_s` and due `due_in_days` after today (None: any day)."""

    shipment_id: str
    country: str
    postcode: str
    weight_g: int
    volume_dm3: int
    value_cents: int = 0
    ready_s: int = 0
    due_in_days: int | None = None
    temperature_class: str = "ambient"
    hazard_class: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A price with its parts, summed over the parcels. `refused_because` is empty where the carrier takes the shipment.

    `total_cents` is in the tariff's currency, `compared_cents` the same in the currency of comparison (0 without a rate).
    `arrives_in_days` counts from the next collection when the parcel is ready after today's cut-off.
    """

    shipment_id: str
    carrier_id: str
    service: str
    parcels: int
    chargeable_g: int
    base_cents: int
    weight_cents: int
    fuel_cents: int
    surcharge_cents: int
    total_cents: int
    arrives_in_days: int
    after_cutoff: bool
    refused_because: str = ""
    compared_cents: int = 0


def applicable(request: FreightRequest, tariffs: Iterable[Tariff]) -> tuple[Tariff, ...]:
    """The tariff of each carrier and service for the shipment's zone, by carrier and service."""
    best: dict[tuple[str, str], Tariff] = {}
    postcode = _folded(request.postcode)
    for tariff in tariffs:
        prefix = _folded(tariff.postcode_prefix)
        if tariff.country != request.country or not postcode.startswith(prefix):
            continue
        key = (tariff.carrier_id, tariff.service)
        if key not in best or len(prefix) > len(_folded(best[key].postcode_prefix)):
            best[key] = tariff
    return tuple(best[key] for key in sorted(best))


def _folded(postcode: str) -> str:
    return postcode.replace(" ", "").replace("-", "").upper()


def quote(request: FreightRequest, tariff: Tariff) -> Quote:
    """What one tariff asks for the shipment, in as few parcels as its weight limit allows."""
    parcels = min(tariff.max_parcels, max(1, -(-request.weight_g // max(1, tariff.max_weight_g))))
    base_cents = weight_cents = total_g = 0
    for number in range(parcels):
        weight_g, volume_dm3 = _share(request.weight_g, parcels, number), _share(request.volume_dm3, parcels, number)
        chargeable_g = max(weight_g, _volumetric_g(volume_dm3, tariff.volumetric_divisor))
        base, by_weight = _price(chargeable_g, tariff)
        base_cents, weight_cents, total_g = base_cents + base, weight_cents + by_weight, total_g + chargeable_g
    fuel_cents = ((base_cents + weight_cents) * tariff.fuel_permille + 500) // 1000
    surcharge_cents = parcels * sum(cents for label, cents in tariff.surcharges if _counts(label, request))
    total_cents = base_cents + weight_cents + fuel_cents + surcharge_cents
    after_cutoff = request.ready_s > tariff.cutoff_s
    missed_days = tariff.transit_days + 1 if tariff.missed_days is None else tariff.missed_days
    return Quote(
        shipment_id=request.shipment_id,
        carrier_id=tariff.carrier_id,
        service=tariff.service,
        parcels=parcels,
        chargeable_g=total_g,
        base_cents=base_cents,
        weight_cents=weight_cents,
        fuel_cents=fuel_cents,
        surcharge_cents=surcharge_cents,
        total_cents=total_cents,
        arrives_in_days=missed_days if after_cutoff else tariff.transit_days,
        after_cutoff=after_cutoff,
        refused_because=_refusal(request, tariff),
        compared_cents=(total_cents * (tariff.rate_micro or 0) + 500_000) // 1_000_000,
    )


def _share(whole: int, parts: int, number: int) -> int:
    """Whole units divided as evenly as they go: the first parts get one more."""
    return whole // parts + (number < whole % parts)


def _volumetric_g(volume_dm3: int, divisor: int) -> int:
    """Grams that a volume counts as: cm3 / divisor kilograms, up."""
    return -(-volume_dm3 * 1_000_000 // divisor) if divisor else 0


def _price(chargeable_g: int, tariff: Tariff) -> tuple[int, int]:
    """(base, by weight) of a parcel: a break's price is all base."""
    for up_to_g, cents in tariff.breaks:
        if chargeable_g <= up_to_g:
            return cents, 0
    return tariff.base_cents, tariff.per_kg_cents * -(-chargeable_g // 1000)


def _counts(label: str, request: FreightRequest) -> bool:
    if label == "hazard":
        return bool(request.hazard_class)
    return label == request.temperature_class if label in ("ambient", "chilled", "frozen") else True


def _refusal(request: FreightRequest, tariff: Tariff) -> str:
    if tariff.rate_micro is None:
        return f"no exchange rate of {tariff.currency}: send one by the feed rates"
    most_g = tariff.max_weight_g * tariff.max_parcels
    if request.weight_g > most_g:
        in_parcels = f" in {tariff.max_parcels} parcels" if tariff.max_parcels > 1 else ""
        return f"{request.weight_g / 1000:.1f} kg above the carrier's {most_g / 1000:.1f} kg{in_parcels}"
    if request.temperature_class not in tariff.temperature_classes:
        return f"doesn't carry {request.temperature_class} goods"
    if request.hazard_class and not tariff.hazard_ok:
        return "doesn't carry hazardous goods"
    return ""
