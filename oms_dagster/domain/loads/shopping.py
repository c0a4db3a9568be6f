"""Which carrier and service each shipment takes, where a carrier collects only so many parcels a day.

Belongs here: the choice with its reason and runner-up. Does not belong here: prices (tariffs.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from oms_dagster.domain.loads.assignment.problem import Problem
from oms_dagster.domain.loads.assignment.solve import solve as assign
from oms_dagster.domain.loads.tariffs import FreightRequest, Quote, Tariff, applicable, quote
from oms_dagster.domain.solving import Budget

#: What a day late is worth beside the price when a carrier's capacity must be shared, in cents.
DAY_LATE_CENTS = 10_000_000
_BUDGET = Budget(effort=10_000)


@dataclass(frozen=True, slots=True)
class FreightChoice:
    """The quote taken (None: no carrier takes it), why, the next best, and every quote asked."""

    shipment_id: str
    chosen: Quote | None
    chosen_because: str
    runner_up: Quote | None
    quotes: tuple[Quote, ...]


def choose(
    request: FreightRequest, tariffs: Iterable[Tariff], closed: Mapping[str, str] | None = None
) -> FreightChoice:
    """The cheapest service that arrives in time; where none does, the one that is least late, then cheapest.

    Prices are compared in one currency, by `Quote.compared_cents`.

    Parameters
    ----------
    closed
        Carriers that can't have this shipment, and why.
    """
    quotes = tuple(quote(request, tariff) for tariff in applicable(request, tariffs))
    ranked = sorted((q for q in quotes if not q.refused_because), key=lambda q: _rank(request, q))
    closed = closed or {}
    free = [q for q in ranked if q.carrier_id not in closed or q.after_cutoff]
    if not free:
        because = closed[ranked[0].carrier_id] if ranked else _why_none(request, quotes)
        return FreightChoice(request.shipment_id, None, because, None, quotes)
    because = _because(request, free)
    if free[0] != ranked[0]:
        because = f"{closed[ranked[0].carrier_id]}: {because}"
    return FreightChoice(request.shipment_id, free[0], because, free[1] if len(free) > 1 else None, quotes)


def shop(
    requests: Sequence[FreightRequest], tariffs: Sequence[Tariff], capacity: Mapping[str, int]
) -> dict[str, FreightChoice]:
    """The choice of each shipment when carriers with a `capacity` (parcels that they still collect today) are shared.

    Where the cheapest choices fit, they stand. Else the shipments that today's collections could take are assigned to
    carriers at the least price (a generalised assignment); who gets no place with its cheapest says so.
    """
    choices = {r.shipment_id: choose(r, tariffs) for r in requests}
    wanted: Counter[str] = Counter()
    for choice in choices.values():
        if choice.chosen is not None and not choice.chosen.after_cutoff:
            wanted[choice.chosen.carrier_id] += choice.chosen.parcels
    if all(wanted[carrier] <= capacity[carrier] for carrier in capacity):
        return choices
    today = [
        r for r in requests if any(not q.refused_because and not q.after_cutoff for q in choices[r.shipment_id].quotes)
    ]
    for request, carrier in zip(today, _assigned(today, choices, capacity), strict=True):
        first = choices[request.shipment_id].chosen
        if first is not None and carrier != first.carrier_id:
            closed = {
                q.carrier_id: f"{q.carrier_id} collects {capacity[q.carrier_id]} more parcels today, others need them more"
                for q in choices[request.shipment_id].quotes
                if q.carrier_id in capacity and q.carrier_id != carrier
            }
            choices[request.shipment_id] = choose(request, tariffs, closed)
    return choices


def _assigned(
    requests: Sequence[FreightRequest], choices: Mapping[str, FreightChoice], capacity: Mapping[str, int]
) -> list[str]:
    """The carrier of each shipment, empty where it waits for another collection."""
    carriers = sorted({q.carrier_id for r in requests for q in choices[r.shipment_id].quotes})
    never = 1_000 * DAY_LATE_CENTS
    costs: list[tuple[int, ...]] = []
    needs: list[tuple[int, ...]] = []
    for carrier in carriers:
        best = [
            min(
                (
                    (q.compared_cents + DAY_LATE_CENTS * _days_late(r, q), q.parcels)
                    for q in choices[r.shipment_id].quotes
                    if q.carrier_id == carrier and not q.refused_because and not q.after_cutoff
                ),
                default=(never, 0),
            )
            for r in requests
        ]
        costs.append(tuple(price for price, _ in best))
        needs.append(tuple(parcels for _, parcels in best))
    costs.append((never - 1,) * len(requests))
    needs.append((0,) * len(requests))
    most = sum(max(row, default=0) for row in zip(*needs, strict=True))
    room = (*(max(0, capacity.get(carrier, most)) for carrier in carriers), 0)
    found = assign(Problem(tuple(costs), tuple(needs), room), _BUDGET)
    return ["" if agent == len(carriers) else carriers[agent] for agent in found.agents]


def _rank(request: FreightRequest, quote: Quote) -> tuple[int, int, int, str, str]:
    return _days_late(request, quote), quote.compared_cents, quote.arrives_in_days, quote.carrier_id, quote.service


def _days_late(request: FreightRequest, quote: Quote) -> int:
    return 0 if request.due_in_days is None else max(0, quote.arrives_in_days - request.due_in_days)


def _because(request: FreightRequest, ranked: Sequence[Quote]) -> str:
    best = ranked[0]
    late = _days_late(request, best)
    if late:
        return f"none arrives in time: the least late, {late} day(s)"
    in_time = [q for q in ranked if not _days_late(request, q)]
    cheaper = [q for q in ranked if q.compared_cents < best.compared_cents]
    if cheaper:
        return f"cheapest that arrives in time; {cheaper[0].carrier_id} {cheaper[0].service} costs less but is late"
    if len(in_time) == 1:
        return "the only one that arrives in time" if len(ranked) > 1 else "the only carrier that takes it"
    if in_time[1].compared_cents == best.compared_cents:
        faster = in_time[1].arrives_in_days > best.arrives_in_days
        return "as cheap as the next, and faster" if faster else "as cheap as the next, first by name"
    return f"cheapest of {len(in_time)} by {(in_time[1].compared_cents - best.compared_cents) / 100:.2f}"


def _why_none(request: FreightRequest, quotes: Sequence[Quote]) -> str:
    if not quotes:
        return f"no tariff to {request.country} {request.postcode}"
    return "; ".join(f"{q.carrier_id} {q.service}: {q.refused_because}" for q in quotes)
