"""What each carrier and service would charge, and which one is taken.

Belongs here: tariffs, quotes, the choice with its reason and runner-up. Does not belong here: what is collected
together (carrier_loads.py), auditing the carrier's bill.

Money is whole cents of one currency, weight grams, volume dm3, times of day seconds local to the location.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tariff:
    """A carrier's price for a service to a zone.

    The zone is a country and a postal-code prefix (empty: the whole country); of a service's tariffs the one with the
    longest matching prefix counts. Price = (base + per started kilogram of the chargeable weight) + fuel surcharge. The
    chargeable weight is the greater of the weight and volume x `volumetric_g_per_dm3`.
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
    volumetric_g_per_dm3: int = 0
    temperature_classes: tuple[str, ...] = ("ambient",)
    hazard_ok: bool = False


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
    """A price with its parts. `refused_because` is empty where the carrier takes the shipment.

    `arrives_in_days` counts a day more when the parcel is ready after the carrier's cut-off.
    """

    shipment_id: str
    carrier_id: str
    service: str
    chargeable_g: int
    base_cents: int
    weight_cents: int
    fuel_cents: int
    total_cents: int
    arrives_in_days: int
    after_cutoff: bool
    refused_because: str = ""


@dataclass(frozen=True, slots=True)
class FreightChoice:
    """The quote taken (None: no carrier takes it), why, the next best, and every quote asked."""

    shipment_id: str
    chosen: Quote | None
    chosen_because: str
    runner_up: Quote | None
    quotes: tuple[Quote, ...]


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
    """What one tariff asks for the shipment."""
    chargeable_g = max(request.weight_g, request.volume_dm3 * tariff.volumetric_g_per_dm3)
    weight_cents = tariff.per_kg_cents * -(-chargeable_g // 1000)
    fuel_cents = ((tariff.base_cents + weight_cents) * tariff.fuel_permille + 500) // 1000
    after_cutoff = request.ready_s > tariff.cutoff_s
    return Quote(
        shipment_id=request.shipment_id,
        carrier_id=tariff.carrier_id,
        service=tariff.service,
        chargeable_g=chargeable_g,
        base_cents=tariff.base_cents,
        weight_cents=weight_cents,
        fuel_cents=fuel_cents,
        total_cents=tariff.base_cents + weight_cents + fuel_cents,
        arrives_in_days=tariff.transit_days + after_cutoff,
        after_cutoff=after_cutoff,
        refused_because=_refusal(request, tariff),
    )


def _refusal(request: FreightRequest, tariff: Tariff) -> str:
    if request.weight_g > tariff.max_weight_g:
        return f"{request.weight_g / 1000:.1f} kg above the carrier's {tariff.max_weight_g / 1000:.1f} kg"
    if request.temperature_class not in tariff.temperature_classes:
        return f"doesn't carry {request.temperature_class} goods"
    if request.hazard_class and not tariff.hazard_ok:
        return "doesn't carry hazardous goods"
    return ""


def choose(request: FreightRequest, tariffs: Iterable[Tariff]) -> FreightChoice:
    """The cheapest service that arrives in time; where none does, the one that is least late, then cheapest."""
    quotes = tuple(quote(request, tariff) for tariff in applicable(request, tariffs))
    ranked = sorted((q for q in quotes if not q.refused_because), key=lambda q: _rank(request, q))
    if not ranked:
        return FreightChoice(request.shipment_id, None, _why_none(request, quotes), None, quotes)
    runner_up = ranked[1] if len(ranked) > 1 else None
    return FreightChoice(request.shipment_id, ranked[0], _because(request, ranked), runner_up, quotes)


def _rank(request: FreightRequest, quote: Quote) -> tuple[int, int, int, str, str]:
    return _days_late(request, quote), quote.total_cents, quote.arrives_in_days, quote.carrier_id, quote.service


def _days_late(request: FreightRequest, quote: Quote) -> int:
    return 0 if request.due_in_days is None else max(0, quote.arrives_in_days - request.due_in_days)


def _because(request: FreightRequest, ranked: Sequence[Quote]) -> str:
    best = ranked[0]
    late = _days_late(request, best)
    if late:
        return f"none arrives in time: the least late, {late} day(s)"
    in_time = [q for q in ranked if not _days_late(request, q)]
    cheaper = [q for q in ranked if q.total_cents < best.total_cents]
    if cheaper:
        return f"cheapest that arrives in time; {cheaper[0].carrier_id} {cheaper[0].service} costs less but is late"
    if len(in_time) == 1:
        return "the only one that arrives in time" if len(ranked) > 1 else "the only carrier that takes it"
    if in_time[1].total_cents == best.total_cents:
        faster = in_time[1].arrives_in_days > best.arrives_in_days
        return "as cheap as the next, and faster" if faster else "as cheap as the next, first by name"
    return f"cheapest of {len(in_time)} by {(in_time[1].total_cents - best.total_cents) / 100:.2f}"


def _why_none(request: FreightRequest, quotes: Sequence[Quote]) -> str:
    if not quotes:
        return f"no tariff to {request.country} {request.postcode}"
    return "; ".join(f"{q.carrier_id} {q.service}: {q.refused_because}" for q in quotes)
