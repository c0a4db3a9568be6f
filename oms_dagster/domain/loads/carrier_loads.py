"""A parcel carrier's collection as a load: no vehicle, no route, closed at the carrier's cut-off.

Belongs here: grouping the chosen quotes of one location and day. Does not belong here: choosing them (shopping.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from oms_dagster.domain.loads.shopping import FreightChoice
from oms_dagster.domain.loads.tariffs import FreightRequest, Tariff, applicable


@dataclass(frozen=True, slots=True)
class CarrierLoad:
    """What one carrier collects for one service at one location and day; `load_positions` don't exist for it."""

    load_id: str
    location_id: str
    day: str
    carrier_id: str
    service: str
    shipment_ids: tuple[str, ...]
    weight_g: int
    volume_dm3: int
    value_cents: int
    cost_cents: int
    cutoff_s: int


def carrier_load_id(location_id: str, day: str, carrier_id: str, service: str) -> str:
    """Stable id: location x date x carrier and service x 1 (one collection a day)."""
    return f"{location_id}-{day.replace('-', '')}-{carrier_id}-{service}-1"


def collect(
    location_id: str,
    day: str,
    requests: Iterable[FreightRequest],
    choices: Mapping[str, FreightChoice],
    tariffs: Iterable[Tariff],
) -> tuple[CarrierLoad, ...]:
    """The collections of a day, by carrier and service; shipments in order of postal code, those without one left out.

    A parcel ready after the cut-off waits for the next day's collection and isn't on today's. The cut-off of a
    collection is the earliest among its shipments' tariffs.

    Raises
    ------
    KeyError
        A request has no choice.
    """
    tariffs = tuple(tariffs)
    groups: dict[tuple[str, str], list[tuple[FreightRequest, FreightChoice]]] = {}
    for request in sorted(requests, key=lambda r: (r.country, r.postcode, r.shipment_id)):
        choice = choices[request.shipment_id]
        if choice.chosen is not None and not choice.chosen.after_cutoff:
            key = (choice.chosen.carrier_id, choice.chosen.service)
            groups.setdefault(key, []).append((request, choice))
    loads = []
    for (carrier_id, service), group in sorted(groups.items()):
        goods = [request for request, _ in group]
        cutoffs = [
            tariff.cutoff_s
            for request in goods
            for tariff in applicable(request, tariffs)
            if (tariff.carrier_id, tariff.service) == (carrier_id, service)
        ]
        loads.append(
            CarrierLoad(
                load_id=carrier_load_id(location_id, day, carrier_id, service),
                location_id=location_id,
                day=day,
                carrier_id=carrier_id,
                service=service,
                shipment_ids=tuple(request.shipment_id for request in goods),
                weight_g=sum(request.weight_g for request in goods),
                volume_dm3=sum(request.volume_dm3 for request in goods),
                value_cents=sum(request.value_cents for request in goods),
                cost_cents=sum(choice.chosen.compared_cents for _, choice in group if choice.chosen is not None),
                cutoff_s=min(cutoffs),
            )
        )
    return tuple(loads)
