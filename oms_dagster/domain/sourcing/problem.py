"""What sourcing decides about: the columns of the problem, their meaning and checks.

Belongs here: the problem as plain values. Does not belong here: the plan (`plan`), how it is found (`solve`), checked
(`verify`) or explained (`explain`).

Days are whole indexes from the planning day (0 = today, local to the location that ships). Money is integer
cents, quantities are thousandths of the SKU's base unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: `order_max_splits` of an order whose shipments nobody limits.
UNLIMITED_SPLITS = 999
#: `location_capacity_lines` of a day that nobody limits.
UNLIMITED_LINES = 10**9
#: `line_promised_day` of a line whose customer was told no day.
UNPROMISED = 10**6
#: `line_pinned` of a line without a pin, `line_group` of a line that ships on its own.
NOWHERE = NO_GROUP = -1
#: Further cost terms of a line at a location, beside its freight.
LINE_TERMS = ("handling", "vendor", "stockout_risk", "load_balance", "markdown")


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
    CUSTOMS = 9
    CUSTOMER_EXCLUSION = 10
    REJECTED_RECENTLY = 11
    CAPACITY = 12
    LEAD_TIME = 13
    PICKUP_ONLY = 14
    ZONE = 15
    VENDOR_REJECTED = 16
    #: What is there is the store's floor stock (`floor`).
    SHOP_FLOOR = 17


class SourcingError(ValueError):
    """The problem's columns contradict each other; the message names the column and what to mend."""


@dataclass(frozen=True, slots=True)
class LastPromise:
    """What the last plan promised of a line. ``ship_day`` counts from today: below 0 when that day has passed.

    Promises of lines or locations that the problem doesn't know are passed over.
    """

    line_id: str
    location_id: str
    ship_day: int
    quantity_milli: int


def _left_out() -> Any:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class SourcingProblem:
    """All open order lines, where each could ship from, and the stock that they compete for.

    A column name that starts with ``order_``, ``line_`` or ``location_`` has one value an order, line or location.
    L lines, O orders, W locations, S SKUs, D days. Days at or after D are like the last one.

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
    line_pinned
        Row of the location that a planner pinned the line to, or `NOWHERE`.
    line_backorder_cents
        Cost to leave the whole line on backorder; a part of it costs its share, rounded up.
    line_remainder_cents
        What of that cost the smallest part bears in full: what waits ships later, in a shipment of its own. Only the rest is
        shared out. May be left out.
    line_due_day, line_late_cents_per_day
        Day by which it should be delivered, and the cost of each day after that.
    stability_cost_cents
        Cost to ship a line from a location where the last plan promised none of it.
    freight_cents : (L, W)
        Cost to ship the whole line from the location; a part of it costs its share, rounded up.
    earliest_ship_day : (L, W)
        First day that the location could ship it, stock and opening days apart (cut-off, holds).
    transit_days : (L, W)
        Delivery day = ship day + transit days, where no lane says otherwise.
    blocked : (L, W)
        A `Blocked` code.
    atp_milli : (S, W, D)
        Cumulative available-to-promise at the end of each day, before the lines of this problem, with firm promises
        already taken off. After the plan it must be at least 0 from the first day on that anything is taken.

    All below may be left out.

    line_group : (L,)
        Lines of one order with the same number ship together, from one location on one day, or wait together (an item
        group, the components of a kit). They are never divided, so that a kit's ratios hold. `NO_GROUP`: on its own.
    line_known : (L,)
        The last plan decided about the line, even to let it wait. A line with a last promise is known anyway.
        Effort goes to what is new: with every line known and every promise possible, the last plan stays.
    last_promises
        The last plan's promises, firm ones left out; where the new plan starts from.
    stability_day_cost_cents
        Cost to ship a line from a location that the last plan promised it from, on another day.
    line_promised_day : (L,), late_promise_cents
        Day on which its customer was told to have it (`UNPROMISED`: none was told), and the cost of any later day, whatever it is.
    line_terms : (L, W) each
        Further costs of the whole line at the location, by name (`LINE_TERMS`), none below 0 but the mark-down:
        what it is worth to clear the stock there, 0 or less.
    location_open : (W, D)
        Days on which the location ships at all, stock that arrives on a closed day included.
    location_capacity_lines : (W, D)
        Lines that the location may still ship that day; a line that comes from two places counts in both.
    lane : (L, W), lane_delivery_day : (K, D)
        Row of the line's lane from the location, or -1; and the day on which what leaves on each day arrives there: a weekend in
        between moves it. No later ship day arrives sooner.
    line_collected : (L,), shipped_atp_milli : (S, W, D)
        Lines that the customer collects, and how much of ``atp_milli`` all others together may take (`floor.keep_floors`).
    soft_blocked, soft_max_splits, relaxation_cost_cents
        Rules that give way, one line at a time, for what would stay on backorder otherwise: these `Blocked` codes, and
        ``order_max_splits``. The cost is for each line from a blocked place, and for each shipment above the limit.
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
    line_backorder_cents: Ints
    line_due_day: Ints
    line_late_cents_per_day: Ints
    stability_cost_cents: int
    freight_cents: Ints
    earliest_ship_day: Ints
    transit_days: Ints
    blocked: Ints
    atp_milli: Ints
    line_group: Ints = field(default_factory=_left_out)
    line_known: Bools = field(default_factory=_left_out)
    line_remainder_cents: Ints = field(default_factory=_left_out)
    last_promises: tuple[LastPromise, ...] = ()
    stability_day_cost_cents: int = 0
    line_promised_day: Ints = field(default_factory=_left_out)
    late_promise_cents: int = 0
    line_terms: Mapping[str, Ints] = field(default_factory=dict)
    location_open: Bools = field(default_factory=_left_out)
    location_capacity_lines: Ints = field(default_factory=_left_out)
    lane: Ints = field(default_factory=_left_out)
    lane_delivery_day: Ints = field(default_factory=_left_out)
    line_collected: Bools = field(default_factory=_left_out)
    shipped_atp_milli: Ints = field(default_factory=_left_out)
    soft_blocked: frozenset[Blocked] = frozenset()
    soft_max_splits: bool = False
    relaxation_cost_cents: int = 0

    def __post_init__(self) -> None:
        orders, locations, lines = len(self.order_ids), len(self.location_ids), len(self.line_ids)
        if self.atp_milli.ndim != 3 or self.atp_milli.shape[:2] != (len(self.sku_ids), locations):
            raise SourcingError(f"atp_milli: shape {self.atp_milli.shape}, expected (SKUs, locations, days)")
        days = self.atp_milli.shape[2]
        if days == 0:
            raise SourcingError("atp_milli: at least one day is needed")
        for name, shape, value in (
            ("line_group", (lines,), NO_GROUP), ("line_known", (lines,), False), ("line_remainder_cents", (lines,), 0), ("line_promised_day", (lines,), UNPROMISED), ("location_open", (locations, days), True),
            ("location_capacity_lines", (locations, days), UNLIMITED_LINES), ("lane", (lines, locations), np.int16(-1)),
            ("lane_delivery_day", (0, days), 0), ("line_collected", (lines,), False),
        ):  # fmt: skip
            if getattr(self, name).size == 0:
                object.__setattr__(self, name, np.full(shape, value))
        for name in ("order_placed", "order_ship_complete", "order_max_splits"):
            self._check_shape(name, (orders,))
        self._check_shape("shipment_cost_cents", (orders, locations))
        for name in self.__dataclass_fields__:
            if name.startswith("line_") and name not in ("line_ids", "line_terms"):
                self._check_shape(name, (lines,))
        for name in LINES_BY_LOCATIONS:
            self._check_shape(name, (lines, locations))
        self._check_shape("lane_delivery_day", (len(self.lane_delivery_day), days))
        for name in ("location_open", "location_capacity_lines"):
            self._check_shape(name, (locations, days))
        for name in ("location_ids", "sku_ids", "order_ids", "line_ids"):
            ids = getattr(self, name)
            if len(set(ids)) != len(ids):
                raise SourcingError(f"{name}: an id stands twice")
        self._check_values(orders, locations)

    def _check_values(self, orders: int, locations: int) -> None:
        self._check_range("line_order", 0, orders - 1)
        self._check_range("line_sku", 0, len(self.sku_ids) - 1)
        self._check_range("line_pinned", NOWHERE, locations - 1)
        self._check_range("line_quantity_milli", 1, None)
        for name in (
            "order_max_splits", "shipment_cost_cents", "line_backorder_cents", "line_late_cents_per_day", "line_remainder_cents",
            *(name for name in LINES_BY_LOCATIONS if name != "lane"),
            "location_capacity_lines",
        ):  # fmt: skip
            self._check_range(name, 0, None)
        for name in (
            "split_cost_cents", "stability_cost_cents", "stability_day_cost_cents", "late_promise_cents", "relaxation_cost_cents",
        ):  # fmt: skip
            if getattr(self, name) < 0:
                raise SourcingError(f"{name}: {getattr(self, name)} is below 0")
        for name, column in self.line_terms.items():
            if name not in LINE_TERMS or column.shape != self.freight_cents.shape:
                raise SourcingError(f"line_terms: {name!r} of shape {column.shape} is not one of {LINE_TERMS}")
            if column.size and (column.max() > 0 if name == "markdown" else column.min() < 0):
                raise SourcingError(f"line_terms: {name} has the wrong sign")
        if (self.line_remainder_cents > self.line_backorder_cents).any():
            raise SourcingError("line_remainder_cents: above line_backorder_cents")
        if Blocked.FREE in self.soft_blocked:
            raise SourcingError("soft_blocked: FREE is no rule")

    def _check_shape(self, name: str, shape: tuple[int, ...]) -> None:
        found = getattr(self, name).shape
        if found != shape:
            raise SourcingError(f"{name}: shape {found}, expected {shape}")

    def _check_range(self, name: str, low: int, high: int | None) -> None:
        column = getattr(self, name)
        if column.size and (column.min() < low or (high is not None and column.max() > high)):
            raise SourcingError(f"{name}: values {column.min()} to {column.max()}, allowed {low} to {high}")

    def deliver_day(self, line: Any, location: Any, ship_day: Any) -> Any:
        """Day of delivery by line, location and ship day: single values, or arrays that fit each other."""
        plain = ship_day + self.transit_days[line, location]
        if not self.lane_delivery_day.size:
            return plain
        lane, last = self.lane[line, location], self.lane_delivery_day.shape[1] - 1
        return np.where(
            (lane >= 0) & (ship_day <= last), self.lane_delivery_day[lane, np.minimum(ship_day, last)], plain
        )

    def cost_of_lateness(self, line: Any, deliver_day: Any) -> Any:
        """What whole lines cost in cents when delivered on these days: single values, or arrays that fit each other."""
        late = np.maximum(deliver_day - self.line_due_day[line], 0) * self.line_late_cents_per_day[line]
        return late + (deliver_day > self.line_promised_day[line]) * self.late_promise_cents

    def cost_of_waiting(self, line: int, quantity_milli: int) -> int:
        """What a line, or a part of it, costs on backorder, in cents."""
        fixed = int(self.line_remainder_cents[line])
        return fixed + share(
            int(self.line_backorder_cents[line]) - fixed, quantity_milli, int(self.line_quantity_milli[line])
        )

    @property
    def size(self) -> str:
        """The problem in words."""
        return f"{len(self.line_ids)} lines, {len(self.order_ids)} orders, {len(self.location_ids)} locations"


def share(cents: int, part: int, whole: int) -> int:
    """Cost of a part of a line: its share, rounded up to the cent."""
    return -(-cents * part // whole)


#: Columns of shape (L, W).
LINES_BY_LOCATIONS = ("freight_cents", "earliest_ship_day", "transit_days", "blocked", "lane")


def canonical(problem: SourcingProblem) -> SourcingProblem:
    """The same problem with every row in order of its id (lines by order, then line): row order stops mattering.

    Orders without lines are left out.
    """
    location_at, locations = _sorted_rows(problem.location_ids)
    sku_at, skus = _sorted_rows(problem.sku_ids)
    used = set(problem.line_order.tolist())
    order_at = np.array(sorted(used, key=lambda i: problem.order_ids[i]), dtype=np.int64)
    order_row = np.zeros(len(problem.order_ids), dtype=np.int64)
    order_row[order_at] = np.arange(len(order_at))
    line_at = np.array(
        sorted(range(len(problem.line_ids)), key=lambda i: (order_row[problem.line_order[i]], problem.line_ids[i])),
        dtype=np.int64,
    )
    changed: dict[str, Any] = {
        "location_ids": locations,
        "sku_ids": skus,
        "order_ids": tuple(problem.order_ids[i] for i in order_at),
        "line_ids": tuple(problem.line_ids[i] for i in line_at),
    }
    rows = {"order": order_at, "line": line_at, "location": location_at}
    for name in problem.__dataclass_fields__:
        at = rows.get(name.split("_")[0])
        if at is not None and name not in changed and name != "line_terms":
            changed[name] = getattr(problem, name)[at]
    changed["line_order"] = order_row[changed["line_order"]]
    changed["line_sku"] = _inverse(sku_at)[changed["line_sku"]]
    changed["line_pinned"] = np.append(_inverse(location_at), NOWHERE)[changed["line_pinned"]]  # row -1 stays -1
    changed["shipment_cost_cents"] = problem.shipment_cost_cents[np.ix_(order_at, location_at)]
    cells = np.ix_(line_at, location_at)
    for name in LINES_BY_LOCATIONS:
        changed[name] = getattr(problem, name)[cells]
    changed["line_terms"] = {name: column[cells] for name, column in sorted(problem.line_terms.items())}
    changed["atp_milli"] = problem.atp_milli[np.ix_(sku_at, location_at)]
    if problem.shipped_atp_milli.size:
        changed["shipped_atp_milli"] = problem.shipped_atp_milli[np.ix_(sku_at, location_at)]
    changed["last_promises"] = tuple(
        sorted(problem.last_promises, key=lambda p: (p.line_id, p.location_id, p.ship_day))
    )
    return replace(problem, **changed)


def _sorted_rows(ids: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    at = sorted(range(len(ids)), key=ids.__getitem__)
    return np.array(at, dtype=np.int64), tuple(ids[i] for i in at)


def _inverse(rows: Ints) -> Ints:
    inverse = np.empty(len(rows), dtype=np.int64)
    inverse[rows] = np.arange(len(rows))
    return inverse
