"""From rows to columns: the problem as a database hands it over, one row an order, line, lane, option and stock day.

Belongs here: building a `SourcingProblem` from plain rows. Does not belong here: reading them from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from oms_dagster.domain.sourcing.problem import NOWHERE, UNLIMITED_SPLITS, Blocked, Ints, SourcingError, SourcingProblem


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with open lines. ``placed`` orders by placement; ``max_splits`` None: no limit."""

    order_id: str
    placed: int
    ship_complete: bool = False
    max_splits: int | None = None


@dataclass(frozen=True, slots=True)
class LineRow:
    """An open line; the columns of `SourcingProblem` with ids for rows, ``excluded`` location ids."""

    line_id: str
    order_id: str
    sku_id: str
    quantity_milli: int
    backorder_cents: int
    priority: int = 1
    divisible: bool = False
    pinned_location_id: str | None = None
    excluded: frozenset[str] = frozenset()
    due_day: int = 0
    late_cents_per_day: int = 0


@dataclass(frozen=True, slots=True)
class LaneRow:
    """What it costs to open a shipment of an order from a location. No row: the location can't reach the order."""

    order_id: str
    location_id: str
    shipment_cost_cents: int


@dataclass(frozen=True, slots=True)
class OptionRow:
    """How a location could ship a line, or why not. No row: `Blocked.NOT_CARRIED`."""

    line_id: str
    location_id: str
    freight_cents: int
    earliest_ship_day: int = 0
    transit_days: int = 0
    blocked: Blocked = Blocked.FREE


@dataclass(frozen=True, slots=True)
class StockRow:
    """What a day adds to available-to-promise: on hand on day 0, then confirmed supply, less firm promises (negative).

    Days beyond the horizon are left out.
    """

    sku_id: str
    location_id: str
    day: int
    quantity_milli: int


def problem_of(
    orders: Sequence[OrderRow],
    lines: Sequence[LineRow],
    lanes: Iterable[LaneRow],
    options: Iterable[OptionRow],
    stock: Iterable[StockRow],
    *,
    location_ids: Sequence[str],
    horizon_days: int,
    split_cost_cents: int,
    stability_cost_cents: int = 0,
) -> SourcingProblem:
    """The problem of these rows.

    Raises
    ------
    SourcingError
        A row names an order, line or location that is not there, or its values make no sense.
    """
    location = _rows("location", location_ids)
    order = _rows("order", [o.order_id for o in orders])
    line = _rows("line", [row.line_id for row in lines])
    sku_ids = sorted({row.sku_id for row in lines})
    sku = _rows("SKU", sku_ids)
    shape = len(lines), len(location)
    line_order = np.array([_row(order, "order", row.order_id) for row in lines], dtype=np.int64)
    shipment, reached = (
        np.zeros((len(orders), len(location)), dtype=np.int64),
        np.zeros((len(orders), len(location)), bool),
    )
    for lane in lanes:
        at = _row(order, "order", lane.order_id), _row(location, "location", lane.location_id)
        shipment[at], reached[at] = lane.shipment_cost_cents, True
    freight, earliest, transit = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    blocked = np.full(shape, int(Blocked.NOT_CARRIED), dtype=np.int64)
    for option in options:
        at = _row(line, "line", option.line_id), _row(location, "location", option.location_id)
        freight[at], earliest[at], transit[at] = option.freight_cents, option.earliest_ship_day, option.transit_days
        blocked[at] = int(option.blocked)
    if lines:
        blocked[(blocked == Blocked.FREE) & ~reached[line_order]] = int(Blocked.NO_LANE)
    for i, row in enumerate(lines):
        for name in row.excluded:
            blocked[i, _row(location, "location", name)] = int(Blocked.EXCLUDED)
    arrivals = np.zeros((len(sku_ids), len(location), horizon_days), dtype=np.int64)
    for level in stock:
        if level.sku_id in sku and level.day < horizon_days:
            place = _row(location, "location", level.location_id)
            arrivals[sku[level.sku_id], place, max(level.day, 0)] += level.quantity_milli

    def optional(name: str | None) -> int:
        return NOWHERE if name is None else _row(location, "location", name)

    return SourcingProblem(
        location_ids=tuple(location_ids),
        sku_ids=tuple(sku_ids),
        order_ids=tuple(o.order_id for o in orders),
        line_ids=tuple(row.line_id for row in lines),
        order_placed=_ints(o.placed for o in orders),
        order_ship_complete=np.array([o.ship_complete for o in orders], dtype=bool),
        order_max_splits=_ints(UNLIMITED_SPLITS if o.max_splits is None else o.max_splits for o in orders),
        shipment_cost_cents=shipment,
        split_cost_cents=split_cost_cents,
        line_order=line_order,
        line_sku=_ints(sku[row.sku_id] for row in lines),
        line_quantity_milli=_ints(row.quantity_milli for row in lines),
        line_priority=_ints(row.priority for row in lines),
        line_divisible=np.array([row.divisible for row in lines], dtype=bool),
        line_pinned=_ints(optional(row.pinned_location_id) for row in lines),
        line_backorder_cents=_ints(row.backorder_cents for row in lines),
        line_due_day=_ints(row.due_day for row in lines),
        line_late_cents_per_day=_ints(row.late_cents_per_day for row in lines),
        stability_cost_cents=stability_cost_cents,
        freight_cents=freight,
        earliest_ship_day=earliest,
        transit_days=transit,
        blocked=blocked,
        atp_milli=np.cumsum(arrivals, axis=2),
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _rows(what: str, ids: Sequence[str]) -> dict[str, int]:
    rows = {name: row for row, name in enumerate(ids)}
    if len(rows) != len(ids):
        raise SourcingError(f"{what}: an id stands twice")
    return rows


def _row(rows: Mapping[str, int], what: str, name: str) -> int:
    if name not in rows:
        raise SourcingError(f"{what} {name!r} is named by another row but not among the {what}s")
    return rows[name]
