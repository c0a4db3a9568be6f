"""What sourcing decides about, and what it answers: the problem and the plan, as plain values.

Belongs here: the columns of the problem, their meaning and checks, the rows of the plan, the cost terms.
Does not belong here: how a plan is found (`solve`), checked (`verify`) or explained (`explain`).

Days are whole indexes from the planning day (0 = today, local to the location that ships). Money is integer
cents, quantities are thousandths of the SKU's base unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from oms_dagster.domain.solving import SolveReport

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: `order_max_splits` of an order whose shipments nobody limits.
UNLIMITED_SPLITS = 999
#: `pinned_location` or `previous_location` of a line without one.
NOWHERE = -1


class Blocked(IntEnum):
    """Why a location may not ship a line; FREE if it may."""

    FREE = 0
    EXCLUDED = 1
    TEMPERATURE = 2
    HAZARD = 3
    NOT_CARRIED = 4
    NO_LANE = 5
    CLOSED = 6
    PINNED_ELSEWHERE = 7
    #: Others are ahead for what is there (`queue`).
    QUEUED = 8


class SourcingError(ValueError):
    """The problem's columns contradict each other; the message names the column and what to mend."""


@dataclass(frozen=True, slots=True, eq=False)
class SourcingProblem:
    """All open order lines, where each could ship from, and the stock that they compete for.

    A column name that starts with ``order_`` or ``line_`` has one value an order or line. L lines, O orders,
    W locations, S SKUs, D days.

    Attributes
    ----------
    location_ids, sku_ids, order_ids, line_ids
        Names of the rows of the columns below, unique in each tuple.
    order_placed
        Order of placement, earlier is smaller (a sequence number or a timestamp). Only baselines look at it.
    order_ship_complete
        The order is promised whole or not at all: one line short leaves every line on backorder.
    order_max_splits
        Shipments allowed beyond the first. A shipment is one order from one location on one day.
    shipment_cost_cents : (O, W)
        Cost to open a shipment of the order from the location.
    split_cost_cents
        Added for each shipment of an order beyond its first.
    line_order, line_sku
        Row of the line's order and SKU.
    line_quantity_milli
        What is to be sourced, above 0.
    line_priority
        Rank, 1 is most important. It breaks ties of order in the search and sorts the priority baseline; what
        importance is worth in money belongs in ``line_backorder_cents``.
    line_divisible
        The line may come from several shipments, or be promised in part.
    line_pinned, line_previous
        Row of the location that a planner pinned the line to, or that the last plan promised it from, or `NOWHERE`.
    line_backorder_cents
        Cost to leave the whole line on backorder; a part of it costs its share, rounded up.
    line_due_day, line_late_cents_per_day
        Day by which it should be delivered, and the cost of each day after that.
    stability_cost_cents
        Cost to ship a line from another location than ``line_previous``.
    freight_cents : (L, W)
        Cost to ship the whole line from the location; a part of it costs its share, rounded up.
    earliest_ship_day : (L, W)
        First day that the location could ship it, stock apart (cut-off, calendar, holds).
    transit_days : (L, W)
        Delivery day = ship day + transit days.
    blocked : (L, W)
        A `Blocked` code.
    atp_milli : (S, W, D)
        Cumulative available-to-promise at the end of each day, before the lines of this problem, with firm promises
        already taken off. After the plan it must be at least 0 from the first day on that anything is taken. Days at
        or after D see the last day's value.
    """

    location_ids: tuple[str, ...]
    sku_ids: tuple[str, ...]
    order_ids: tuple[str, ...]
    line_ids: tuple[str, ...]
    order_placed: Ints
    order_ship_complete: Bools
    order_max_splits: Ints
    shipment_cost_cents: Ints
    split_cost_cents: int
    line_order: Ints
    line_sku: Ints
    line_quantity_milli: Ints
    line_priority: Ints
    line_divisible: Bools
    line_pinned: Ints
    line_previous: Ints
    line_backorder_cents: Ints
    line_due_day: Ints
    line_late_cents_per_day: Ints
    stability_cost_cents: int
    freight_cents: Ints
    earliest_ship_day: Ints
    transit_days: Ints
    blocked: Ints
    atp_milli: Ints

    def __post_init__(self) -> None:
        orders, locations, lines = len(self.order_ids), len(self.location_ids), len(self.line_ids)
        for name in ("order_placed", "order_ship_complete", "order_max_splits"):
            self._check_shape(name, (orders,))
        self._check_shape("shipment_cost_cents", (orders, locations))
        for name in self.__dataclass_fields__:
            if name.startswith("line_") and name != "line_ids":
                self._check_shape(name, (lines,))
        for name in ("freight_cents", "earliest_ship_day", "transit_days", "blocked"):
            self._check_shape(name, (lines, locations))
        if self.atp_milli.ndim != 3 or self.atp_milli.shape[:2] != (len(self.sku_ids), locations):
            raise SourcingError(f"atp_milli: shape {self.atp_milli.shape}, expected (SKUs, locations, days)")
        if self.atp_milli.shape[2] == 0:
            raise SourcingError("atp_milli: at least one day is needed")
        for name in ("location_ids", "sku_ids", "order_ids", "line_ids"):
            ids = getattr(self, name)
            if len(set(ids)) != len(ids):
                raise SourcingError(f"{name}: an id stands twice")
        self._check_range("line_order", 0, orders - 1)
        self._check_range("line_sku", 0, len(self.sku_ids) - 1)
        self._check_range("line_pinned", NOWHERE, locations - 1)
        self._check_range("line_previous", NOWHERE, locations - 1)
        self._check_range("line_quantity_milli", 1, None)
        for name in (
            "order_max_splits", "shipment_cost_cents", "line_backorder_cents", "line_late_cents_per_day",
            "freight_cents", "earliest_ship_day", "transit_days", "blocked",
        ):  # fmt: skip
            self._check_range(name, 0, None)
        for name in ("split_cost_cents", "stability_cost_cents"):
            if getattr(self, name) < 0:
                raise SourcingError(f"{name}: {getattr(self, name)} is below 0")

    def _check_shape(self, name: str, shape: tuple[int, ...]) -> None:
        found = getattr(self, name).shape
        if found != shape:
            raise SourcingError(f"{name}: shape {found}, expected {shape}")

    def _check_range(self, name: str, low: int, high: int | None) -> None:
        column = getattr(self, name)
        if column.size and (column.min() < low or (high is not None and column.max() > high)):
            raise SourcingError(f"{name}: values {column.min()} to {column.max()}, allowed {low} to {high}")

    @property
    def size(self) -> str:
        """The problem in words."""
        return f"{len(self.line_ids)} lines, {len(self.order_ids)} orders, {len(self.location_ids)} locations"


@dataclass(frozen=True, slots=True)
class CostTerms:
    """The objective by name, in cents."""

    shipment: int
    line_freight: int
    split: int
    lateness: int
    backorder: int
    stability: int

    @property
    def total(self) -> int:
        """The objective."""
        return self.shipment + self.line_freight + self.split + self.lateness + self.backorder + self.stability


@dataclass(frozen=True, slots=True)
class Assignment:
    """One promise: this much of a line from this location on this day.

    ``cost_cents`` is its own freight, lateness and stability cost and its share of the shipment and of the order's
    split cost; over a plan, assignments and backorders sum to the objective.
    """

    line_id: str
    location_id: str
    quantity_milli: int
    ship_day: int
    deliver_day: int
    cost_cents: int


@dataclass(frozen=True, slots=True)
class Backorder:
    """What of a line no location ships in this plan.

    Attributes
    ----------
    reason
        ``blocked`` (no location may ship it), ``no_stock`` (none that may has enough within the horizon),
        ``ship_complete`` (it could ship, another line of its order can't), ``outbid`` (there was stock, other lines
        make better use of it or shipping it costs more than waiting).
    expected_cover_day
        First day on which the stock that this plan leaves could cover it, at any location that may ship it; None
        if no day of the horizon can.
    """

    line_id: str
    quantity_milli: int
    reason: str
    expected_cover_day: int | None
    cost_cents: int


@dataclass(frozen=True, slots=True)
class StockPrice:
    """What a whole unit is worth to the lines that compete for it, taken from this day until the next priced one.

    A dual price of the stock: cells with enough for all cost nothing and have no row.
    """

    sku_id: str
    location_id: str
    from_day: int
    millicents_per_unit: int


@dataclass(frozen=True, slots=True)
class SourcingPlan:
    """The answer: each line's quantity is in its assignments and its backorder, nothing left over."""

    assignments: tuple[Assignment, ...]
    backorders: tuple[Backorder, ...]
    costs: CostTerms
    prices: tuple[StockPrice, ...]
    report: SolveReport


def canonical(problem: SourcingProblem) -> SourcingProblem:
    """The same problem with every row in order of its id (lines by order, then line): row order stops mattering.

    Orders without lines are left out.
    """
    location_at, locations = _sorted_rows(problem.location_ids)
    sku_at, skus = _sorted_rows(problem.sku_ids)
    used = set(problem.line_order.tolist())
    order_at = np.array(sorted(used, key=lambda i: problem.order_ids[i]), dtype=np.int64)
    orders = tuple(problem.order_ids[i] for i in order_at)
    order_row = np.zeros(len(problem.order_ids), dtype=np.int64)
    order_row[order_at] = np.arange(len(order_at))
    line_at = np.array(
        sorted(range(len(problem.line_ids)), key=lambda i: (order_row[problem.line_order[i]], problem.line_ids[i])),
        dtype=np.int64,
    )
    changed: dict[str, Any] = {"location_ids": locations, "sku_ids": skus, "order_ids": orders}
    changed["line_ids"] = tuple(problem.line_ids[i] for i in line_at)
    for name in problem.__dataclass_fields__:
        value = getattr(problem, name)
        if name in changed or isinstance(value, int):
            continue
        changed[name] = (
            value[order_at] if name.startswith("order_") else value[line_at] if name[:4] == "line" else value
        )
    changed["line_order"] = order_row[changed["line_order"]]
    changed["line_sku"] = _inverse(sku_at)[changed["line_sku"]]
    location_row = np.append(_inverse(location_at), NOWHERE)  # row -1 stays -1
    for name in ("line_pinned", "line_previous"):
        changed[name] = location_row[changed[name]]
    changed["shipment_cost_cents"] = problem.shipment_cost_cents[np.ix_(order_at, location_at)]
    for name in ("freight_cents", "earliest_ship_day", "transit_days", "blocked"):
        changed[name] = getattr(problem, name)[np.ix_(line_at, location_at)]
    changed["atp_milli"] = problem.atp_milli[np.ix_(sku_at, location_at)]
    changed["split_cost_cents"], changed["stability_cost_cents"] = (
        problem.split_cost_cents,
        problem.stability_cost_cents,
    )
    return SourcingProblem(**changed)


def _sorted_rows(ids: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    at = sorted(range(len(ids)), key=ids.__getitem__)
    return np.array(at, dtype=np.int64), tuple(ids[i] for i in at)


def _inverse(rows: Ints) -> Ints:
    inverse = np.empty(len(rows), dtype=np.int64)
    inverse[rows] = np.arange(len(rows))
    return inverse
