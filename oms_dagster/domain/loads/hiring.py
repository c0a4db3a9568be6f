"""Trailers hired for a lane instead of sending everything by tariff: which shipments ride on one, in which order.

Belongs here: the load building problem of a location's collections of a day, and its answer in loads. Does not belong
here: the method (`building/`), tariffs and the choice among them (tariffs.py, shopping.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from oms_dagster.domain.loads.building.problem import Building, Item, Load, Problem, Trailer
from oms_dagster.domain.loads.building.solve import solve
from oms_dagster.domain.loads.deck import Arrangement, Deck, Piece, arrange
from oms_dagster.domain.loads.layers import CargoSpace, Contents, LayerCheck, check_stops
from oms_dagster.domain.loads.room import held_to_the_floor
from oms_dagster.domain.loads.shopping import FreightChoice
from oms_dagster.domain.loads.tariffs import FreightRequest
from oms_dagster.domain.quantities import largest_remainder
from oms_dagster.domain.solving import Budget

DIMENSIONS = ("weight", "volume", "pallets", "stops")
#: Goods that never share a trailer.
APART = frozenset({("chilled", "hazard"), ("frozen", "hazard")})
#: What stands on one pallet place at most; places are counted in thousandths.
PALLET_G, PALLET_DM3 = 1_000_000, 1_600


@dataclass(frozen=True, slots=True)
class TrailerKind:
    """A carrier's trailer to a zone: a price for the trip, one for each stop, and what it takes.

    It collects until `cutoff_s` (-1: not today) and is at its last stop `transit_days` after the collection.
    """

    carrier_id: str
    trailer_id: str
    country: str
    postcode_prefix: str
    capacity_g: int
    capacity_dm3: int
    pallets: int
    max_stops: int
    trip_cents: int
    stop_cents: int
    transit_days: int
    cutoff_s: int
    temperature_classes: tuple[str, ...] = ("ambient",)
    hazard_ok: bool = False
    deck: Deck | None = None
    space: CargoSpace | None = None


@dataclass(frozen=True, slots=True)
class HiredLoad:
    """One trailer: shipments in order of their stops with their shares of its cost.

    `load_positions` runs beside `shipment_ids`: 1 is loaded first, in front, and unloaded last. `arrangement` is None where
    the trailer's floor is not known. `floor`, beside `shipment_ids`: (places before it from the front, places it takes), in
    thousandths of a pallet place. `layers`: whether the goods stand in it; never `not_shown`. `instead_cents`: what the goods
    would cost by tariff.
    """

    kind: TrailerKind
    shipment_ids: tuple[str, ...]
    load_positions: tuple[int, ...]
    shares_cents: tuple[int, ...]
    cost_cents: int
    instead_cents: int
    weight_g: int
    volume_dm3: int
    value_cents: int
    pallets_permille: int
    utilisation_permille: int
    binding_dimension: str
    arrangement: Arrangement | None
    floor: tuple[tuple[int, int], ...]
    layers: LayerCheck


@dataclass(frozen=True, slots=True)
class Hired:
    """The trailers of a location and day; `problem` and `plan` are None where no shipment has a lane.

    `no_room`: of shipments that would have ridden, were their goods not too long, wide or high for it: why they don't.
    """

    loads: tuple[HiredLoad, ...]
    problem: Problem | None
    plan: Building | None
    no_room: Mapping[str, str] = field(default_factory=dict)


def hire(
    requests: Sequence[FreightRequest],
    choices: Mapping[str, FreightChoice],
    kinds: Sequence[TrailerKind],
    metres: Mapping[str, int],
    contents: Mapping[str, Contents],
    budget: Budget,
    seed: int,
) -> Hired:
    """The trailers that cost less than what their goods would cost by tariff.

    Parameters
    ----------
    requests, choices
        Shipments that today's collections could take, with the quote that each would pay otherwise.
    metres
        Of each shipment from the location: the nearest is the first stop, and the last to be loaded.
    contents
        What each shipment holds, for the check by layers.
    """
    lanes: dict[str, list[TrailerKind]] = {}
    for kind in kinds:
        if kind.cutoff_s >= 0:
            lanes.setdefault(_lane(kind), []).append(kind)
    items: list[Item] = []
    asked: list[FreightRequest] = []
    for request in sorted(requests, key=lambda r: r.shipment_id):
        lane = _lane_of(request, lanes)
        chosen = choices[request.shipment_id].chosen
        if lane is None or chosen is None:
            continue
        there = lanes[lane]
        latest = max(kind.transit_days for kind in there)
        due = (
            chosen.arrives_in_days if request.due_in_days is None else max(request.due_in_days, chosen.arrives_in_days)
        )
        leave_cents = chosen.compared_cents - max(kind.stop_cents for kind in there)
        if latest > due or leave_cents <= 0 or request.ready_s > min(kind.cutoff_s for kind in there):
            continue
        held = _held(contents, request)
        goods = (
            request.temperature_class,
            *(["hazard"] if request.hazard_class else []),
            *(_too_big(kind) for kind in there if check_stops(kind.space, [held]).answer == "not_shown"),
        )
        size = (request.weight_g, request.volume_dm3, pallet_places(request), 1)
        items.append(Item(request.shipment_id, size, lane, request.postcode, goods, leave_cents=leave_cents))
        asked.append(request)
    if not items:
        return Hired((), None, None)
    too_big = {_too_big(kind) for there in lanes.values() for kind in there} & {g for item in items for g in item.goods}
    trailers = tuple(
        Trailer(
            _name(kind),
            (kind.capacity_g, kind.capacity_dm3, kind.pallets * 1000, kind.max_stops),
            kind.trip_cents,
            lane,
            (*kind.temperature_classes, *(["hazard"] if kind.hazard_ok else []), *sorted(too_big - {_too_big(kind)})),
        )
        for lane, there in sorted(lanes.items())
        for kind in there
    )
    problem = Problem(tuple(items), trailers, DIMENSIONS, APART)
    by_id = {(lane, _name(kind)): kind for lane, there in lanes.items() for kind in there}

    def check(trailer: Trailer, positions: Sequence[int]) -> LayerCheck:
        order = _by_stop([asked[i] for i in positions], metres)
        return check_stops(by_id[trailer.lane, trailer.trailer_id].space, [_held(contents, r) for r in order])

    plan, gone = held_to_the_floor(problem, solve(problem, budget, seed), check)
    loads = [
        _hired(by_id[load.lane, load.trailer_id], [asked[i] for i in load.items], choices, metres, contents, load)
        for load in plan.loads
    ]
    no_room = {asked[i].shipment_id: because for i, because in gone.items()} | {
        item.item_id: "it isn't shown to fit by layers on any trailer of its lane"
        for item in items
        if {_too_big(kind) for kind in lanes[item.lane]} <= set(item.goods)
    }
    return Hired(tuple(loads), problem, plan, no_room)


def _name(kind: TrailerKind) -> str:
    return f"{kind.carrier_id} {kind.trailer_id}"


def _too_big(kind: TrailerKind) -> str:
    """The label of goods that even an empty trailer of the kind isn't shown to take; all other kinds admit it."""
    return f"too big for {_name(kind)}"


def _held(contents: Mapping[str, Contents], request: FreightRequest) -> Contents:
    return contents.get(request.shipment_id, Contents((), (request.shipment_id,)))


def _by_stop(goods: Iterable[FreightRequest], metres: Mapping[str, int]) -> list[FreightRequest]:
    """Each a stop, the nearest first."""
    return sorted(goods, key=lambda r: (metres[r.shipment_id], r.shipment_id))


def pallet_places(request: FreightRequest) -> int:
    """Thousandths of a pallet place that a shipment takes: by volume or weight, whichever is more; whole ones above one."""
    share = max(-(-request.weight_g * 1000 // PALLET_G), -(-request.volume_dm3 * 1000 // PALLET_DM3), 1)
    return share if share <= 1000 else -(-share // 1000) * 1000


def _lane(kind: TrailerKind) -> str:
    return f"{kind.country} {_folded(kind.postcode_prefix)}".strip()


def _lane_of(request: FreightRequest, lanes: Iterable[str]) -> str | None:
    """The lane with the longest prefix of the shipment's postal code."""
    code = f"{request.country} {_folded(request.postcode)}"
    return max((lane for lane in lanes if code.startswith(lane)), key=len, default=None)


def _folded(postcode: str) -> str:
    return postcode.replace(" ", "").replace("-", "").upper()


def _hired(
    kind: TrailerKind,
    goods: list[FreightRequest],
    choices: Mapping[str, FreightChoice],
    metres: Mapping[str, int],
    contents: Mapping[str, Contents],
    load: Load,
) -> HiredLoad:
    order = _by_stop(goods, metres)
    trip = largest_remainder(kind.trip_cents, [max(1, r.weight_g) for r in order])
    places = [pallet_places(r) for r in order]
    arrangement = _arranged(kind, order, places)
    front_first = arrangement.shipment_ids if arrangement else tuple(r.shipment_id for r in reversed(order))
    at = {shipment_id: place for place, shipment_id in enumerate(front_first, 1)}
    instead = [choice.chosen.compared_cents for r in order if (choice := choices[r.shipment_id]).chosen]
    return HiredLoad(
        kind=kind,
        shipment_ids=tuple(r.shipment_id for r in order),
        load_positions=tuple(at[r.shipment_id] for r in order),
        shares_cents=tuple(share + kind.stop_cents for share in trip),
        cost_cents=kind.trip_cents + kind.stop_cents * len(order),
        instead_cents=sum(instead),
        weight_g=sum(r.weight_g for r in order),
        volume_dm3=sum(r.volume_dm3 for r in order),
        value_cents=sum(r.value_cents for r in order),
        pallets_permille=sum(places),
        utilisation_permille=load.utilisation_permille,
        binding_dimension=load.binding_dimension,
        arrangement=arrangement,
        floor=_floor(kind, order, places, front_first, arrangement.start_mm if arrangement else 0),
        layers=check_stops(kind.space, [_held(contents, r) for r in order]),
    )


def _arranged(kind: TrailerKind, order: list[FreightRequest], places: list[int]) -> Arrangement | None:
    """Floor and axles, each shipment as long as its pallet places; deliveries in order, each a stop."""
    if kind.deck is None:
        return None
    place_mm = kind.deck.length_mm
    pieces = [
        Piece(r.shipment_id, stop, r.weight_g, place_mm * share // (1000 * kind.pallets))
        for stop, (r, share) in enumerate(zip(order, places, strict=True), 1)
    ]
    return arrange(kind.deck, pieces)


def _floor(
    kind: TrailerKind, order: list[FreightRequest], places: list[int], front_first: Iterable[str], start_mm: int
) -> tuple[tuple[int, int], ...]:
    """Where each shipment stands, in the order of the stops."""
    taken = {r.shipment_id: share for r, share in zip(order, places, strict=True)}
    before = start_mm * 1000 * kind.pallets // kind.deck.length_mm if kind.deck else 0
    stands = {}
    for shipment_id in front_first:
        stands[shipment_id] = (before, taken[shipment_id])
        before += taken[shipment_id]
    return tuple(stands[r.shipment_id] for r in order)
