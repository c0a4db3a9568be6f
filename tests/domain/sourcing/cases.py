"""Sourcing problems for the tests: tiny ones by hand, random ones by seed, the public benchmark."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from oms_dagster.domain.sourcing.problem import (
    LINES_BY_LOCATIONS,
    NOWHERE,
    UNLIMITED_SPLITS,
    UNPROMISED,
    Blocked,
    LastPromise,
    SourcingProblem,
)

BENCH = Path(__file__).resolve().parents[4] / "shared" / "bench" / "sourcing"


def benchmark(size: str) -> SourcingProblem:
    """The public instance ``1k``, ``10k`` or ``100k``: one day, indivisible lines."""
    import pandas as pd

    lines, orders, stock = (pd.read_parquet(BENCH / f"{size}_{name}.parquet") for name in ("lines", "orders", "stock"))
    locations = sum(name.startswith("stock_") for name in stock.columns)

    def columns(frame: pd.DataFrame, prefix: str) -> np.ndarray:
        return frame[[f"{prefix}_{w}" for w in range(locations)]].to_numpy(np.int64)

    zero, cells = np.zeros(len(lines), np.int64), np.zeros((len(lines), locations), np.int64)
    order_row = {order: row for row, order in enumerate(orders["order"])}
    sku_row = {sku: row for row, sku in enumerate(stock["sku"])}
    return SourcingProblem(
        location_ids=tuple(f"w{w}" for w in range(locations)),
        sku_ids=tuple(f"s{sku:06d}" for sku in stock["sku"]),
        order_ids=tuple(f"o{order:06d}" for order in orders["order"]),
        line_ids=tuple(f"l{row:06d}" for row in range(len(lines))),
        order_placed=np.arange(len(orders)),
        order_ship_complete=np.zeros(len(orders), bool),
        order_max_splits=np.full(len(orders), UNLIMITED_SPLITS),
        shipment_cost_cents=columns(orders, "shipment_cost"),
        split_cost_cents=300,
        line_order=np.array([order_row[order] for order in lines["order"]]),
        line_sku=np.array([sku_row[sku] for sku in lines["sku"]]),
        line_quantity_milli=lines["qty"].to_numpy(np.int64) * 1000,
        line_priority=zero + 1,
        line_divisible=zero.astype(bool),
        line_pinned=zero + NOWHERE,
        line_backorder_cents=zero + 5000,
        line_due_day=zero,
        line_late_cents_per_day=zero,
        stability_cost_cents=0,
        freight_cents=columns(lines, "line_cost"),
        earliest_ship_day=cells,
        transit_days=cells,
        blocked=cells,
        atp_milli=columns(stock, "stock")[:, :, None] * 1000,
    )


def random_problem(
    seed: int,
    *,
    orders: int = 8,
    lines_per_order: int = 3,
    skus: int = 6,
    locations: int = 4,
    days: int = 1,
    divisible: float = 0.0,
    rules: bool = True,
    scarcity: float = 1.2,
    repeats: bool = True,
) -> SourcingProblem:
    """A problem with every rule in it: pins, exclusions, ship-complete, split limits, supply on later days."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(1, 2 * lines_per_order, orders)
    line_order = np.repeat(np.arange(orders), sizes)
    lines = len(line_order)
    if repeats:
        line_sku = (draw.random(lines) ** 1.5 * skus).astype(np.int64)
    else:
        line_sku = np.concatenate([draw.permutation(skus)[:size] for size in sizes])
    quantity = draw.integers(1, 7, lines) * 1000
    demand = np.bincount(line_sku, weights=quantity, minlength=skus)
    share = draw.random((skus, locations, days)) * (draw.random((skus, locations, days)) < 0.6)
    share[:, :, 1:] *= draw.random((skus, locations, max(days - 1, 0))) < 0.2
    arrivals = share / np.maximum(share.sum(axis=(1, 2), keepdims=True), 1e-9) * demand[:, None, None] * scarcity
    atp = np.cumsum((arrivals // 1000).astype(np.int64) * 1000, axis=2)
    some = draw.random(lines)
    blocked = np.where(draw.random((lines, locations)) < (0.08 if rules else 0), int(Blocked.TEMPERATURE), 0)
    blocked = np.where(draw.random((lines, locations)) < (0.05 if rules else 0), int(Blocked.EXCLUDED), blocked)
    lasts = np.where(some > 0.7, draw.integers(0, locations, lines), NOWHERE).tolist()
    last = tuple(
        LastPromise(f"O{o:05d}-{i:05d}", f"L{place}", i % max(days - 1, 1), int(quantity[i]))
        for i, (o, place) in enumerate(zip(line_order.tolist(), lasts, strict=True))
        if place >= 0
    )
    return SourcingProblem(
        location_ids=tuple(f"L{i}" for i in range(locations)),
        sku_ids=tuple(f"S{i:04d}" for i in range(skus)),
        order_ids=tuple(f"O{i:05d}" for i in range(orders)),
        line_ids=tuple(f"O{o:05d}-{i:05d}" for i, o in enumerate(line_order)),
        order_placed=draw.permutation(orders),
        order_ship_complete=draw.random(orders) < (0.2 if rules else 0),
        order_max_splits=np.where(draw.random(orders) < (0.3 if rules else 0), draw.integers(0, 2, orders), 999),
        shipment_cost_cents=draw.integers(300, 900, (orders, locations)),
        split_cost_cents=300,
        line_order=line_order,
        line_sku=line_sku,
        line_quantity_milli=quantity,
        line_priority=draw.integers(1, 4, lines),
        line_divisible=draw.random(lines) < divisible,
        line_pinned=np.where(some < (0.05 if rules else 0), draw.integers(0, locations, lines), NOWHERE),
        last_promises=last,
        line_backorder_cents=(backorder := draw.integers(800, 5000, lines)),
        line_remainder_cents=np.where(draw.random(lines) < 0.3, backorder // 4, 0),
        line_due_day=draw.integers(0, days + 2, lines),
        line_late_cents_per_day=draw.integers(0, 120, lines),
        line_promised_day=np.where(some > 0.8, (some * 1000).astype(np.int64) % (days + 2), UNPROMISED),
        late_promise_cents=70,
        stability_cost_cents=40,
        stability_day_cost_cents=15,
        freight_cents=draw.integers(5, 200, (lines, locations)),
        earliest_ship_day=draw.integers(0, 2, (lines, locations))
        if days > 1
        else np.zeros((lines, locations), np.int64),
        transit_days=np.broadcast_to(draw.integers(1, 3, (orders, locations))[line_order], (lines, locations)).copy(),
        lane=np.where(draw.random((lines, locations)) < 0.4, draw.integers(0, 2, (lines, locations)), -1),
        lane_delivery_day=np.array([np.arange(days) + 1, (np.arange(days) + 3) // 2 * 2]),
        blocked=blocked.astype(np.int64),
        atp_milli=atp,
    )


def of_orders(problem: SourcingProblem, chosen: np.ndarray) -> SourcingProblem:
    """The same problem with some of its orders only, and the SKUs that they ask for."""
    orders, lines = np.nonzero(chosen)[0], np.nonzero(chosen[problem.line_order])[0]
    skus = np.unique(problem.line_sku[lines])
    changed = {
        name: getattr(problem, name)[lines if name.startswith("line") else orders]
        for name in problem.__dataclass_fields__
        if name.startswith(("line_", "order_")) and not name.endswith(("_ids", "_terms"))
    }
    changed["line_order"] = np.searchsorted(orders, changed["line_order"])
    changed["line_sku"] = np.searchsorted(skus, changed["line_sku"])
    return replace(
        problem,
        sku_ids=tuple(problem.sku_ids[s] for s in skus),
        order_ids=tuple(problem.order_ids[o] for o in orders),
        line_ids=tuple(problem.line_ids[i] for i in lines),
        line_terms={name: column[lines] for name, column in problem.line_terms.items()},
        shipment_cost_cents=problem.shipment_cost_cents[orders],
        atp_milli=problem.atp_milli[skus],
        **{name: getattr(problem, name)[lines] for name in LINES_BY_LOCATIONS},
        **changed,
    )


def many_locations(lines: int, locations: int) -> SourcingProblem:
    """A large problem on a plane, like the public ones: costs by distance and weight, each SKU in one place of ten."""
    draw = np.random.default_rng(1)
    sizes = draw.integers(1, 6, lines)
    sizes = sizes[: np.searchsorted(np.cumsum(sizes), lines) + 1]
    line_order = np.repeat(np.arange(len(sizes)), sizes)[:lines]
    orders, skus = int(line_order[-1]) + 1, lines // 20
    distance = np.hypot(*(draw.random((orders, 1, 2)) - draw.random((locations, 2))).T).T
    line_sku = (draw.random(lines) ** 2 * skus).astype(np.int64)
    quantity = draw.integers(1, 6, lines)
    weight = draw.integers(1, 30, skus)[line_sku] * quantity
    demand = np.bincount(line_sku, quantity, skus)
    split = draw.random((skus, locations)) * (draw.random((skus, locations)) < 0.1)
    stock = np.ceil(1.5 * demand[:, None] * split / np.maximum(split.sum(axis=1, keepdims=True), 1e-9))
    zero, cells = np.zeros(lines, np.int64), np.zeros((lines, locations), np.int64)
    return SourcingProblem(
        location_ids=tuple(f"w{w:03d}" for w in range(locations)),
        sku_ids=tuple(f"s{s:06d}" for s in range(skus)),
        order_ids=tuple(f"o{o:06d}" for o in range(orders)),
        line_ids=tuple(f"l{i:06d}" for i in range(lines)),
        order_placed=np.arange(orders),
        order_ship_complete=np.zeros(orders, bool),
        order_max_splits=np.full(orders, UNLIMITED_SPLITS),
        shipment_cost_cents=(300 + 1000 * distance).astype(np.int64),
        split_cost_cents=300,
        line_order=line_order,
        line_sku=line_sku,
        line_quantity_milli=quantity * 1000,
        line_priority=zero + 1,
        line_divisible=zero.astype(bool),
        line_pinned=zero + NOWHERE,
        line_backorder_cents=zero + 5000,
        line_due_day=zero,
        line_late_cents_per_day=zero,
        stability_cost_cents=0,
        freight_cents=(weight[:, None] * distance[line_order] * 3).astype(np.int64),
        earliest_ship_day=cells,
        transit_days=cells,
        blocked=cells,
        atp_milli=stock.astype(np.int64)[:, :, None] * 1000,
    )


def shuffled(problem: SourcingProblem, seed: int) -> SourcingProblem:
    """The same problem with its rows in another order."""
    draw = np.random.default_rng(seed)
    line, order, place, sku = (
        draw.permutation(len(ids))
        for ids in (problem.line_ids, problem.order_ids, problem.location_ids, problem.sku_ids)
    )
    new = {name: np.argsort(at) for name, at in (("order", order), ("sku", sku))}
    location = np.append(np.argsort(place), NOWHERE)
    changed = {
        name: getattr(problem, name)[line if name.startswith("line") else order]
        for name in problem.__dataclass_fields__
        if name.startswith(("line_", "order_")) and not name.endswith(("_ids", "_terms"))
    }
    changed["line_order"] = new["order"][changed["line_order"]]
    changed["line_sku"] = new["sku"][changed["line_sku"]]
    changed["line_pinned"] = location[changed["line_pinned"]]
    for name in ("location_open", "location_capacity_lines"):
        changed[name] = getattr(problem, name)[place]
    changed["line_terms"] = {name: column[np.ix_(line, place)] for name, column in problem.line_terms.items()}
    for name in LINES_BY_LOCATIONS:
        changed[name] = getattr(problem, name)[np.ix_(line, place)]
    return replace(
        problem,
        line_ids=tuple(problem.line_ids[i] for i in line),
        order_ids=tuple(problem.order_ids[i] for i in order),
        location_ids=tuple(problem.location_ids[i] for i in place),
        sku_ids=tuple(problem.sku_ids[i] for i in sku),
        shipment_cost_cents=problem.shipment_cost_cents[np.ix_(order, place)],
        atp_milli=problem.atp_milli[np.ix_(sku, place)],
        **changed,
    )
