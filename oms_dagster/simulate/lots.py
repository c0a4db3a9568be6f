"""Chilled goods that are kept by lot, and what another system believes of dead stock.

Belongs here: which SKUs have lots, how long they last, the snapshot with its drift. Does not belong here: the files of a
day (`feeds`).
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from oms_dagster.simulate.catalogue import Catalogue
from oms_dagster.simulate.network import DCS, LOCATION_CODES
from oms_dagster.simulate.orders import epoch
from oms_dagster.simulate.stock import StockPlan
from oms_dagster.simulate.tables import instant, write_record

#: SKUs kept by lot, at most.
SKUS = 12
#: Lot -> days from the world's first day to its expiry, share of the opening stock in quarters.
OPENING = {"A": (9, 1), "B": (75, 3)}
EXPIRED, RECEIVED = "X", "R"
#: What the other system has too much (or too little) of the first dead SKUs at the first DC; the last of them agree.
DRIFT = (3, -2, 0, 0)


def by_lot(goods: Catalogue) -> frozenset[str]:
    """Codes of the SKUs that are kept by lot: the first chilled ones."""
    chilled = (code for code, kind, odd in zip(goods.code, goods.temperature, goods.is_dead | goods.is_vendor, strict=True)
               if kind == "chilled" and not odd)  # fmt: skip
    return frozenset(list(chilled)[:SKUS])


def write_lots(folder: Path, goods: Catalogue, start: date) -> int:
    """The lots of these SKUs. Returns the number of files."""
    codes = sorted(by_lot(goods))
    expiry = {**{lot: days for lot, (days, _) in OPENING.items()}, EXPIRED: -2, RECEIVED: 60}
    rows = [(code, lot, days) for code in codes for lot, days in expiry.items()]
    if not rows:
        return 0
    write_record(
        folder / "lots.csv",
        "lots",
        {
            "sku_code": [code for code, _, _ in rows],
            "lot_code": [f"{code}-{lot}" for code, lot, _ in rows],
            "expiry": [(start + timedelta(days=days)).isoformat() for _, _, days in rows],
            "manufactured": [(start + timedelta(days=days - 90)).isoformat() for _, _, days in rows],
            "status": ["approved"] * len(rows),
        },
    )
    return 1


def opened(code: str, location: int, quantity: int) -> list[tuple[str, int]]:
    """Lots of the opening stock of a SKU at a location; the first DC also has units that expired."""
    first = quantity * OPENING["A"][1] // 4
    found = [(f"{code}-A", first), (f"{code}-B", quantity - first), (f"{code}-{EXPIRED}", 5 if location == 0 else 0)]
    return [(lot, units) for lot, units in found if units]


def snapshot(plan: StockPlan, goods: Catalogue, day: date) -> list[tuple[Any, ...]]:
    """What the warehouse system of the first DC has of some dead SKUs that nobody counts: not quite what we have."""
    counted = {count.sku for count in plan.counts if count.location == DCS[0]}
    dead = [sku for sku in np.nonzero(goods.is_dead)[0].tolist() if sku not in counted][: len(DRIFT)]
    at = instant(epoch(day, 5 * 3600))
    return [
        ("wms-dav", goods.code[sku], LOCATION_CODES[DCS[0]], "usable", int(plan.opening[sku, DCS[0]]) - drift, at, "simulated")
        for sku, drift in zip(dead, DRIFT, strict=False)
    ]  # fmt: skip
