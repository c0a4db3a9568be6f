"""What would physically happen after a cycle: the floor picks, vendors ship, drivers and carriers deliver, some goods come back.

Belongs here: `react`, which reads a published copy and writes the feeds `floor`, `vendors`, `deliveries`, `returns`, `pickups`
and `yard`, and the work of pickers and packers. Does not belong here: the vendor (`vendors`), the door (`doors`), what comes
back (`comebacks`).

Chance comes from the seed and the id of the subject, times from committed instants: asked twice of the same copy, the
same happens. What a copy shows as recorded is not written again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from oms_dagster.simulate.comebacks import RETURN, customer_returns, door_returns
from oms_dagster.simulate.dice import between, chance, token
from oms_dagster.simulate.doors import DELIVERY, PICKUP, YARD, door_events, pickup_events, road, yard_events
from oms_dagster.simulate.published import Published, Row, plain, units
from oms_dagster.simulate.tables import instant, write_rows
from oms_dagster.simulate.vendors import VENDOR, vendor_answers

FLOOR = ("scan_id", "kind", "task_id", "order_line_id", "quantity", "short_reason", "package_id", "package_type",
         "weight_kg", "actor", "event_at", "source")  # fmt: skip
SOURCE = "simulated"
SHORT_CHANCE = 0.015
_SHORT_REASONS = ("not_found", "damaged", "wrong_bin")
#: Heaviest carton, in kg; what does not fit in one goes into the next.
CARTON_KG = Decimal(25)
_Place = tuple[str | None, str]
_AT_WORK = frozenset({"done", "picked", "packed", "short", "stopped", "cancelled", "closed"})


def react(published: Path, as_of: datetime, out: Path, seed: int, day: date) -> dict[str, int]:
    """Write what happens up to `as_of` after the cycle that published the copy.

    Parameters
    ----------
    published
        The published DuckDB file, or the link to it; opened read-only.
    as_of
        Aware; nothing later is written.
    out
        Folder in which each feed has its own: ``<out>/<feed>/<feed>-<day>T<HHMM>.csv``.
    day
        The day in the files' names.

    Returns
    -------
    dict
        Rows by feed, and events by kind (``pick_short``, ``refused``, ``partial``, ``over_returned``, …).

    Raises
    ------
    ValueError
        When `as_of` has no time zone.
    FileNotFoundError
        When there is no published copy.
    """
    if as_of.tzinfo is None:
        raise ValueError(f"as_of {as_of} has no time zone: give UTC")
    until, counts = int(as_of.timestamp()), Counter[str]()
    with Published(published) as copy:
        journeys = road(copy, seed)
        feeds: tuple[tuple[str, tuple[str, ...], list[tuple[Any, ...]]], ...] = (
            ("floor", FLOOR, list(_scans(copy, seed, until, counts))),
            ("vendors", VENDOR, list(vendor_answers(copy, seed, until, counts))),
            ("deliveries", DELIVERY, door_events(journeys, seed, until, counts)),
            ("pickups", PICKUP, pickup_events(copy, seed, until)),
            ("yard", YARD, yard_events(copy, journeys, seed, until)),
            (
                "returns",
                RETURN,
                [*customer_returns(copy, seed, until, counts), *door_returns(copy, seed, until, counts)],
            ),
        )
    clock = f"{day:%Y%m%d}T{as_of.astimezone(UTC):%H%M}"
    for feed, names, rows in feeds:
        dated = [(*row[:-1], instant(row[-1]), SOURCE) for row in sorted(rows, key=lambda row: (row[-1], str(row[0])))]
        counts[feed] = write_rows(out / feed / f"{feed}-{clock}.csv", feed, names, dated)
    return dict(sorted(counts.items()))


def _scans(copy: Published, seed: int, until: int, counts: Counter[str]) -> Iterator[tuple[Any, ...]]:
    """Pick, pack and check of each open task of a released wave; all three, or none when time is too short."""
    waves = {
        row["wave_id"]: row["released_at"]
        for row in copy.rows("waves", ("wave_id", "status", "released_at"), ("wave_id",))
        if row["status"] == "released"
    }
    waiting = {
        row["order_line_id"]
        for row in copy.rows("order_lines", ("order_line_id", "qty_released"), ("order_line_id",))
        if units(row["qty_released"]) > 0
    }
    packages = _packages(copy)
    columns = ("task_id", "wave_id", "order_line_id", "qty_to_pick", "qty_picked", "status", "shipment_id", "as_of")
    for task in copy.rows("pick_tasks", columns, ("task_id",)):
        is_open = task["status"] not in _AT_WORK and units(task["qty_picked"]) == 0
        if is_open and task["wave_id"] in waves and task["order_line_id"] in waiting:
            released = int(waves[task["wave_id"]] or task["as_of"] or until - 7200)
            yield from _work(task, released, packages, seed, until, counts)


def _work(
    task: Row,
    released: int,
    packages: Mapping[_Place, tuple[str, Decimal]],
    seed: int,
    until: int,
    counts: Counter[str],
) -> Iterator[tuple[Any, ...]]:
    """All tasks of a line and shipment are worked on at one time: which of them were done is then never in doubt."""
    name, line, asked = str(task["task_id"]), str(task["order_line_id"]), units(task["qty_to_pick"])
    together = (str(task["shipment_id"]), line)
    picked_at = released + between(seed, 300, 3000, "pick", *together)
    packed_at = picked_at + between(seed, 120, 900, "pack", *together)
    checked_at = packed_at + between(seed, 60, 240, "check", *together)
    if checked_at > until or asked <= 0:
        return
    is_short = chance(seed, "short", name) < SHORT_CHANCE
    picked = max(Decimal(0), asked - between(seed, 1, max(1, int(asked) // 2), "missing", name)) if is_short else asked
    reason = _SHORT_REASONS[between(seed, 0, len(_SHORT_REASONS) - 1, "reason", name)] if is_short else None
    counts["pick_short" if is_short else "pick_full"] += 1
    picker, packer = f"picker-{between(seed, 1, 6, 'who', name)}", f"packer-{between(seed, 1, 3, 'who', name)}"
    package, kg = packages.get((task["shipment_id"], line)) or packages.get((None, line)) or (f"{name}-P1", Decimal(1))
    asked_for = (name, line, plain(picked))
    yield (token("SCAN", "pick", name), "pick", *asked_for, reason, None, None, None, picker, picked_at)
    if picked > 0:
        packed = (*asked_for, None, package, "carton" if kg <= CARTON_KG else "pallet", f"{kg:.3f}", packer)
        yield (token("SCAN", "pack", name), "pack", *packed, packed_at)
        yield (token("SCAN", "check", name), "check", *packed, checked_at)


def _packages(copy: Published) -> dict[_Place, tuple[str, Decimal]]:
    """Package and its whole weight (kg) by shipment and line, and by line alone; cartons are filled in lines' order."""
    weight = {row["sku_id"]: row["weight_kg"] for row in copy.rows("skus", ("sku_id", "weight_kg"), ("sku_id",))}
    columns = ("shipment_id", "order_line_id", "sku_id", "quantity")
    place: dict[tuple[str, str], str] = {}
    filled: dict[str, Decimal] = defaultdict(Decimal)
    carton: dict[str, int] = defaultdict(lambda: 1)
    for row in copy.rows("shipment_lines", columns, ("shipment_id", "order_line_id", "sku_id")):
        shipment, kg = row["shipment_id"], (weight.get(row["sku_id"]) or Decimal(1)) * units(row["quantity"])
        package = f"{shipment}-P{carton[shipment]}"
        if filled[package] > 0 and filled[package] + kg > CARTON_KG:
            carton[shipment] += 1
            package = f"{shipment}-P{carton[shipment]}"
        filled[package] += kg
        place[shipment, row["order_line_id"]] = package
    packages: dict[_Place, tuple[str, Decimal]] = {}
    for (shipment, line), package in place.items():
        packages[shipment, line] = packages[None, line] = (package, filled[package])
    return packages
