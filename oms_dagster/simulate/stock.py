"""How much lies where, and what comes: sized on the demand so that most of it is covered and some of it is not.

Belongs here: the plan of opening stock, purchases, transfers and counts, as arrays. Does not belong here: the files
(`feeds`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from oms_dagster.simulate.awkward import due_today
from oms_dagster.simulate.catalogue import SUPPLIERS, Catalogue
from oms_dagster.simulate.dice import stream
from oms_dagster.simulate.network import DCS, LOCATION_CODES, STOCK_SHARE, STORES, VENDOR

#: Days between two deliveries of a supplier.
PERIOD = 3
#: Share of the demand that is asked for in SKUs that run short; about two thirds of it is short on its own day.
SHORT_SHARE = 0.062
_SHORT_OPENING = 0.35


class Supply(NamedTuple):
    """A supply line; days count from the world's first day, -1 is the day before. `received` or `cancelled` is None
    when it does not happen."""

    supply_id: str
    kind: str
    sku: int
    location: int
    source: str
    quantity: int
    confirmed: int
    due: int
    received: int | None
    cancelled: int | None = None


class Count(NamedTuple):
    """A count on a day that finds less than there should be."""

    day: int
    sku: int
    location: int
    found: int
    missing: int


@dataclass(frozen=True, slots=True)
class StockPlan:
    """Opening units (SKU x location), what comes, what is counted, and which SKUs run short.

    `short_share` is the share of demanded units that their country's DCs could not give on the day of demand.
    """

    opening: np.ndarray
    supplies: list[Supply]
    counts: list[Count]
    safety: np.ndarray
    short_then_covered: np.ndarray
    short_never_covered: np.ndarray
    short_share: float


def plan_stock(seed: int, goods: Catalogue, demand: np.ndarray, lines: np.ndarray, heavy_units: int) -> StockPlan:
    """Plan the stock for `demand`: units by day x country (GB, DE) x SKU; `lines` the same as counts of lines.

    `heavy_units` are the units of the heavy SKU that the heavy orders add.
    """
    rng = stream(seed, "stock")
    days, per_sku = len(demand), demand.sum(axis=(0, 1))
    covered, never = _short_skus(rng, goods, lines.sum(axis=(0, 1)), per_sku)
    is_short = np.zeros(goods.size, dtype=bool)
    is_short[covered] = is_short[never] = True
    safety = np.where(is_short, 0, np.ceil(0.4 * per_sku / max(1, days)).astype(np.int64) + 2)
    normal = ~is_short & ~goods.is_vendor & ~goods.is_dead
    opening = np.zeros((goods.size, len(LOCATION_CODES)), dtype=np.int64)
    supplies: list[Supply] = []
    for country, row in (("GB", 0), ("DE", 1)):
        for location, share in STOCK_SHARE[country].items():
            wanted = _periods(demand[:, row, :] * share)
            opening[normal, location] = np.ceil(1.15 * wanted[0] + safety)[normal]
            opening[is_short, location] = np.floor(_SHORT_OPENING * wanted[0])[is_short]
            supplies += _purchases(location, np.nonzero(normal)[0], np.ceil(1.15 * wanted), lag=0)
            supplies += _to_come(location, np.nonzero(normal)[0], np.ceil(wanted.mean(axis=0)), PERIOD * len(wanted))
            if days > 1:
                supplies += _late(location, covered, demand[:, row, :] * share, days)
                supplies += _lapsed(location, never, wanted)
    opening[goods.is_dead, : len(DCS)] = 24
    opening[goods.heavy, 0] += heavy_units
    opening[goods.is_vendor, VENDOR] = 2 * per_sku[goods.is_vendor] + 20
    for place in STORES:
        stores = normal & (rng.random(goods.size) < 0.3)
        opening[stores, place] = (safety + np.ceil(0.1 * per_sku / max(1, days)))[stores]
    supplies += _transfers(rng, np.nonzero(normal)[0], days)
    counts = _counts(rng, np.nonzero(goods.is_dead)[0], opening, days, int(lines.sum()))
    short = _uncovered(demand, opening, supplies) / max(1.0, float(demand.sum()))
    return StockPlan(opening, supplies, counts, safety, covered, never, round(short, 4))


def _short_skus(
    rng: np.random.Generator, goods: Catalogue, lines: np.ndarray, units: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """SKUs up to the wanted share of lines: two of three are covered later, one never; at least two of each."""
    usable = np.nonzero((units >= 6) & ~goods.is_vendor & ~goods.is_dead & (np.arange(goods.size) != goods.heavy))[0]
    usable = rng.permutation(usable)
    enough = int(np.searchsorted(np.cumsum(lines[usable]), SHORT_SHARE * lines.sum())) + 1
    chosen = usable[: max(4, enough)]
    is_never = np.arange(len(chosen)) % 3 == 1 if len(chosen) > 4 else np.arange(len(chosen)) % 2 == 1
    return chosen[~is_never], chosen[is_never]


def _periods(daily: np.ndarray) -> np.ndarray:
    """Demand by supplier period x SKU."""
    return np.add.reduceat(daily, np.arange(0, len(daily), PERIOD), axis=0)


def _purchases(location: int, skus: np.ndarray, wanted: np.ndarray, lag: int) -> list[Supply]:
    made = []
    for period in range(1, len(wanted)):
        due = PERIOD * period + lag
        for sku in skus[wanted[period, skus] > 0].tolist():
            made.append(_purchase(f"N{period}", location, sku, int(wanted[period, sku]), due, due))
    return made


def _to_come(location: int, skus: np.ndarray, wanted: np.ndarray, due: int) -> list[Supply]:
    """Purchases that are on order when the world ends: suppliers don't stop with the last day that is simulated."""
    return [_purchase("E", location, sku, int(wanted[sku]), due, None) for sku in skus.tolist() if wanted[sku] > 0]


def _purchase(
    mark: str, location: int, sku: int, quantity: int, due: int, received: int | None, cancelled: int | None = None
) -> Supply:
    supplier = SUPPLIERS[sku % 3 + (3 if location == 2 else 0)][0]
    number = f"PO-{mark}-{LOCATION_CODES[location]}-{sku + 1:05d}"
    return Supply(
        number, "purchase", sku, location, supplier, quantity, max(-1, due - 5 - sku % 3), due, received, cancelled
    )


def _late(location: int, skus: np.ndarray, daily: np.ndarray, days: int) -> list[Supply]:
    """Receipts, a period late, that make up for all that was asked so far and most of the next period."""
    made, given = [], np.floor(_SHORT_OPENING * daily[:PERIOD].sum(axis=0))
    for day in range(min(PERIOD, days - 1), days, PERIOD):
        until = daily[:day].sum(axis=0) + (0.5 * daily[day : day + PERIOD].sum(axis=0) if day + PERIOD < days else 0)
        if day + PERIOD >= days:
            until = daily.sum(axis=0)
        missing = np.ceil(until - given)
        given = given + np.maximum(0, missing)
        made += [
            _purchase(f"L{day}", location, sku, int(missing[sku]), day, day)
            for sku in skus.tolist()
            if missing[sku] > 0
        ]
    return made


def _lapsed(location: int, skus: np.ndarray, wanted: np.ndarray) -> list[Supply]:
    """Purchases that were confirmed and then cancelled: nothing ever comes."""
    first = np.ceil(wanted[0])
    return [
        _purchase("C", location, sku, int(first[sku]), PERIOD, None, cancelled=1)
        for sku in skus.tolist()
        if first[sku] > 0
    ]


def _transfers(rng: np.random.Generator, skus: np.ndarray, days: int) -> list[Supply]:
    """Two small transfers a day from Daventry to the London counter, there the next day."""
    made = []
    for day in range(days - 1):
        for sku in rng.choice(skus, min(2, len(skus)), replace=False).tolist():
            number = f"TO-{day}-{sku + 1:05d}"
            made.append(Supply(number, "transfer", sku, STORES[0], LOCATION_CODES[0], 2, day, day + 1, day + 1))
    return made


def _counts(rng: np.random.Generator, dead: np.ndarray, opening: np.ndarray, days: int, lines: int) -> list[Count]:
    """Counts of dead stock, which nobody else moves: what is missing is known for sure."""
    places = [(sku, dc) for sku in rng.permutation(dead).tolist() for dc in DCS]
    total = min(len(places), max(2, lines // 500))
    made = []
    for day in range(days):
        for turn in due_today(total, day, days):
            sku, place = places[turn]
            missing = int(rng.integers(1, 6))
            made.append(Count(day, sku, place, int(opening[sku, place]) - missing, missing))
    return made


def _uncovered(demand: np.ndarray, opening: np.ndarray, supplies: list[Supply]) -> float:
    """Units that their country's DCs, opening and receipts together, could not give on the day of demand."""
    short = 0.0
    for country, row in (("GB", 0), ("DE", 1)):
        places = list(STOCK_SHARE[country])
        coming = np.zeros(demand[:, row, :].shape)
        for supply in supplies:
            if supply.kind == "purchase" and supply.received is not None and supply.location in places:
                coming[min(supply.received, len(demand) - 1), supply.sku] += supply.quantity
        there = opening[:, places].sum(axis=1) + opening[:, VENDOR] + np.cumsum(coming, axis=0)
        asked = np.cumsum(demand[:, row, :], axis=0)
        before = np.vstack([np.zeros(demand.shape[2]), asked[:-1]])
        short += float(np.minimum(demand[:, row, :], np.maximum(0, asked - np.maximum(there, before))).sum())
    return short
