"""The checker of carrier choices, collections and hired trailers: prices every shipment and stands every unit up again.

Belongs here: the rules. It shares no code with tariffs.py, shopping.py, carrier_loads.py or layers.py beyond their data.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, inf

from oms_dagster.domain.loads.carrier_loads import CarrierLoad
from oms_dagster.domain.loads.hiring import HiredLoad
from oms_dagster.domain.loads.layers import CargoSpace, Contents, Goods
from oms_dagster.domain.loads.shopping import FreightChoice
from oms_dagster.domain.loads.tariffs import FreightRequest, Quote, Tariff

RULES: dict[str, str] = {
    "LOAD-01": "Each shipment with a carrier that collects today is in exactly one collection, of that carrier.",
    "LOAD-02": "A collection's weight, volume, value and cost are the sums over its shipments.",
    "LOAD-03": "A quote is the tariff of the shipment's zone: parcels, breaks or base and started kilograms, fuel, surcharges.",
    "LOAD-04": "The chosen carrier takes the shipment: weight, temperature, hazard.",
    "LOAD-05": "No other quote that arrives as early or in time is cheaper, but of a carrier whose capacity is used up.",
    "LOAD-06": "A parcel ready after the carrier's cut-off isn't on today's collection.",
    "LOAD-07": "Today's collections of a carrier take no more parcels than it still collects.",
    "LOAD-08": "What has measures on a hired trailer stands on its floor in stacks, later stops further in front; the load says whether all has.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule: `subject` is the collection or shipment, `detail` what was seen and expected."""

    rule: str
    subject: str
    detail: str


def check(
    requests: Sequence[FreightRequest],
    tariffs: Sequence[Tariff],
    choices: Sequence[FreightChoice],
    loads: Sequence[CarrierLoad],
    capacity: Mapping[str, int] | None = None,
    waiting: Collection[str] = (),
) -> tuple[Finding, ...]:
    """All findings on one location's carrier choices and collections of a day; empty means accepted.

    Parameters
    ----------
    capacity
        Parcels that carriers still collect.
    waiting
        Shipments that no collection takes now: not packed, held, or on a hired trailer.
    """
    capacity = capacity or {}
    used: Counter[str] = Counter()
    for choice in choices:
        if choice.chosen is not None and not choice.chosen.after_cutoff:
            used[choice.chosen.carrier_id] += choice.chosen.parcels
    asked = {r.shipment_id: r for r in requests}
    taken = {c.shipment_id: c for c in choices}
    findings = [*_once(taken, loads, waiting), *_sums(asked, taken, loads), *_cutoff(asked, tariffs, loads)]
    for choice in choices:
        full = {c for c, room in capacity.items() if used[c] + _least(choice, c) > room}
        findings += _prices(asked[choice.shipment_id], tariffs, choice, full)
    findings += [
        Finding("LOAD-07", carrier, f"{used[carrier]} parcels of {room}")
        for carrier, room in capacity.items()
        if used[carrier] > room
    ]
    return tuple(sorted(findings, key=lambda f: (f.rule, f.subject, f.detail)))


def _once(taken: dict[str, FreightChoice], loads: Sequence[CarrierLoad], waiting: Collection[str]) -> Iterator[Finding]:
    collected = Counter(s for load in loads for s in load.shipment_ids)
    carriers = {s: (load.carrier_id, load.service) for load in loads for s in load.shipment_ids}
    for shipment_id, choice in taken.items():
        chosen = choice.chosen
        wanted = chosen is not None and not chosen.after_cutoff and shipment_id not in waiting
        if wanted and collected[shipment_id] != 1:
            yield Finding("LOAD-01", shipment_id, f"in {collected[shipment_id]} collections")
        elif wanted and chosen and carriers[shipment_id] != (chosen.carrier_id, chosen.service):
            yield Finding("LOAD-01", shipment_id, f"collected by {carriers[shipment_id]}")
    for shipment_id in sorted(set(collected) - set(taken)):
        yield Finding("LOAD-01", shipment_id, "collected without a choice")


def _sums(
    asked: dict[str, FreightRequest], taken: dict[str, FreightChoice], loads: Sequence[CarrierLoad]
) -> Iterator[Finding]:
    for load in loads:
        goods = [asked[s] for s in load.shipment_ids if s in asked]
        prices = [c.chosen.compared_cents for s in load.shipment_ids if (c := taken.get(s)) and c.chosen]
        stated = (load.weight_g, load.volume_dm3, load.value_cents, load.cost_cents)
        sums = (sum(g.weight_g for g in goods), sum(g.volume_dm3 for g in goods),
                sum(g.value_cents for g in goods), sum(prices))  # fmt: skip
        if stated != sums:
            yield Finding("LOAD-02", load.load_id, f"{stated} stated, {sums} summed")


def _cutoff(
    asked: dict[str, FreightRequest], tariffs: Iterable[Tariff], loads: Sequence[CarrierLoad]
) -> Iterator[Finding]:
    tariffs = tuple(tariffs)
    for load in loads:
        for shipment_id in load.shipment_ids:
            request = asked.get(shipment_id)
            zone = _zone(request, tariffs, load.carrier_id, load.service) if request else None
            if request and zone and request.ready_s > zone.cutoff_s:
                yield Finding("LOAD-06", shipment_id, f"ready at {request.ready_s} s, cut-off {zone.cutoff_s} s")


def _zone(request: FreightRequest, tariffs: Iterable[Tariff], carrier_id: str, service: str) -> Tariff | None:
    code = "".join(c for c in request.postcode.upper() if c not in " -")
    fitting = [
        (len(prefix), tariff)
        for tariff in tariffs
        if (tariff.carrier_id, tariff.service, tariff.country) == (carrier_id, service, request.country)
        and code.startswith(prefix := "".join(c for c in tariff.postcode_prefix.upper() if c not in " -"))
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _least(choice: FreightChoice, carrier_id: str) -> int:
    return min((q.parcels for q in choice.quotes if q.carrier_id == carrier_id), default=0)


def _prices(
    request: FreightRequest, tariffs: Sequence[Tariff], choice: FreightChoice, full: set[str]
) -> Iterator[Finding]:
    for quote in choice.quotes:
        zone = _zone(request, tariffs, quote.carrier_id, quote.service)
        expected = None if zone is None else (_price(request, zone), _compared(request, zone))
        if (quote.total_cents, quote.compared_cents) != expected:
            stated = f"{quote.carrier_id} {quote.total_cents}, {quote.compared_cents} to compare"
            yield Finding("LOAD-03", request.shipment_id, f"{stated} stated, {expected or 'no tariff'}")
    chosen = choice.chosen
    if chosen is None:
        return
    zone = _zone(request, tariffs, chosen.carrier_id, chosen.service)
    if zone is not None and not _takes(request, zone):
        yield Finding("LOAD-04", request.shipment_id, f"{chosen.carrier_id} {chosen.service} doesn't take it")
    for other in choice.quotes:
        zone = _zone(request, tariffs, other.carrier_id, other.service)
        if zone is None or not _takes(request, zone) or other.compared_cents >= chosen.compared_cents:
            continue
        if other.carrier_id in full and not other.after_cutoff:
            continue
        if _late(request, other) <= _late(request, chosen):
            yield Finding("LOAD-05", request.shipment_id, f"{other.carrier_id} {other.service} is cheaper")


def _price(request: FreightRequest, tariff: Tariff) -> int:
    parcels = min(tariff.max_parcels, max(1, ceil(Fraction(request.weight_g, tariff.max_weight_g))))
    extra = sum(cents for label, cents in tariff.surcharges if label not in ("hazard", "ambient", "chilled", "frozen"))
    extra += sum(cents for label, cents in tariff.surcharges if label == request.temperature_class)
    extra += sum(cents for label, cents in tariff.surcharges if label == "hazard" and request.hazard_class)
    net = 0
    for n in range(1, parcels + 1):
        grams = request.weight_g * n // parcels - request.weight_g * (n - 1) // parcels
        dm3 = request.volume_dm3 * n // parcels - request.volume_dm3 * (n - 1) // parcels
        if tariff.volumetric_divisor:
            grams = max(grams, ceil(Fraction(dm3 * 1_000_000, tariff.volumetric_divisor)))
        fitting = [cents for limit, cents in tariff.breaks if grams <= limit]
        net += fitting[0] if fitting else tariff.base_cents + tariff.per_kg_cents * ceil(Fraction(grams, 1000))
    return net + floor(Fraction(net * tariff.fuel_permille, 1000) + Fraction(1, 2)) + parcels * extra


def _compared(request: FreightRequest, tariff: Tariff) -> int:
    """The price in the currency of comparison, half a cent up; 0 where no rate is known."""
    return floor(Fraction(_price(request, tariff) * (tariff.rate_micro or 0), 1_000_000) + Fraction(1, 2))


def _takes(request: FreightRequest, tariff: Tariff) -> bool:
    if tariff.rate_micro is None:
        return False
    fits = request.weight_g <= tariff.max_weight_g * tariff.max_parcels
    goods = request.temperature_class in tariff.temperature_classes and (tariff.hazard_ok or not request.hazard_class)
    return fits and goods


def _late(request: FreightRequest, quote: Quote) -> int:
    return max(0, quote.arrives_in_days - request.due_in_days) if request.due_in_days is not None else 0


def check_hired(loads: Sequence[HiredLoad], contents: Mapping[str, Contents]) -> tuple[Finding, ...]:
    """All findings on the room in hired trailers: every unit is stood up by itself; empty means accepted."""
    findings = []
    for number, load in enumerate(loads, 1):
        subject = f"{load.kind.carrier_id} {load.kind.trailer_id} {number}"
        if sorted(load.load_positions, reverse=True) != list(load.load_positions):
            findings.append(
                Finding("LOAD-08", subject, f"loading order {load.load_positions} is not the stops' reverse")
            )
        held = [contents[s] for s in load.shipment_ids if s in contents]
        is_known = (
            load.kind.space is not None and len(held) == len(load.shipment_ids) and not any(h.unmeasured for h in held)
        )
        space = load.kind.space
        floor_mm = None if space is None else _floor_mm(space, [h.goods for h in held])
        fits = floor_mm is None or (space is not None and floor_mm <= space.length_mm)
        if not fits or load.layers.answer != ("fits" if is_known else "unknown"):
            findings.append(Finding("LOAD-08", subject, f"{load.layers.answer}, but the goods take {floor_mm} mm"))
        elif is_known and load.layers.floor_mm != floor_mm:
            findings.append(Finding("LOAD-08", subject, f"{load.layers.floor_mm} mm stated, {floor_mm} mm taken"))
    return tuple(findings)


def _floor_mm(space: CargoSpace, stops: Sequence[Sequence[Goods]]) -> float:
    """The shortest floor on which the units stand, in mm; infinite where one is too high or wide."""
    if any(
        g.units and (g.height_mm > space.height_mm or min(g.length_mm, g.width_mm) > space.width_mm)
        for held in stops
        for g in held
    ):
        return inf
    floors = []
    for across in (True, False):
        stacks = [_stood(space, held, across) for held in reversed(stops)]
        deepest = max((depth for stop in stacks for depth, _ in stop), default=0)
        floors.append(sum(_in_rows(space, stop) for stop in stacks))
        floors.append(_in_rows(space, [(deepest, width) for stop in stacks for _, width in stop]))
    return min(floors)


def _stood(space: CargoSpace, held: Sequence[Goods], across: bool) -> list[tuple[int, int]]:
    """(depth, width) of each stack of a stop, deepest and widest first."""
    units: defaultdict[tuple[int, int], list[Goods]] = defaultdict(list)
    for g in held:
        sides = (g.length_mm, g.width_mm)
        turned = across and max(sides) <= space.width_mm
        units[(min(sides), max(sides)) if turned else (max(sides), min(sides))] += [g] * g.units
    found = []
    for footprint in sorted(units, reverse=True):
        room = sorted(space.height_mm - g.height_mm for g in units[footprint] if not g.is_stackable)
        at = 0
        for height in sorted((g.height_mm for g in units[footprint] if g.is_stackable), reverse=True):
            while at < len(room) and room[at] < height:
                at += 1
            if at == len(room):
                room.append(space.height_mm)
            room[at] -= height
        found += [footprint] * len(room)
    return found


def _in_rows(space: CargoSpace, stacks: Sequence[tuple[int, int]]) -> int:
    floor = room = 0
    for depth, width in stacks:
        if width > room:
            floor, room = floor + depth, space.width_mm
        room -= width
    return floor
