"""The feeds of a day: stock, supply, payments, receivables, rates.

Belongs here: rows of feeds and their files. Does not belong here: how much stock comes (`stock`) or which order is paid
late (`awkward`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from oms_dagster.simulate import lots
from oms_dagster.simulate.awkward import Traffic
from oms_dagster.simulate.catalogue import Catalogue
from oms_dagster.simulate.channels import channel_key
from oms_dagster.simulate.customers import Customers
from oms_dagster.simulate.dice import stream
from oms_dagster.simulate.network import LOCATION_CODES
from oms_dagster.simulate.orders import Order, epoch
from oms_dagster.simulate.stock import StockPlan, Supply
from oms_dagster.simulate.tables import decimal_text, instant, write_record, write_rows

SOURCE = "simulated"
STOCK = ("movement_id", "kind", "sku_code", "location_code", "lot_id", "stock_status", "quantity", "reason_code", "reference",
         "event_at", "source")  # fmt: skip
SUPPLY = ("supply_id", "kind", "sku_code", "location_code", "from_location_code", "supplier_code", "quantity",
          "due_date", "status", "event_at", "source")  # fmt: skip
SNAPSHOT = ("system", "sku_code", "location_code", "stock_status", "quantity", "event_at", "source")
PAYMENT = ("payment_id", "channel", "channel_order_id", "method", "event", "amount", "currency", "event_at", "source")
RECEIVABLE = (
    "invoice_number",
    "customer_code",
    "open_amount",
    "currency",
    "issued_at",
    "due_date",
    "event_at",
    "source",
)
_EURO_IN_POUNDS = 0.855
Row = tuple[Any, ...]


def feed_path(days: Path, day: date, feed: str, clock: str) -> Path:
    """File of a feed of a day, with the time (UTC, HHMM) at which it was written."""
    return days / day.isoformat() / feed / f"{feed}-{day:%Y%m%d}T{clock}.csv"


# ---- stock and supply -------------------------------------------------------------------------------------------


def write_opening(
    days: Path,
    day: date,
    codes: list[str],
    opening: np.ndarray,
    locations: tuple[str, ...] = LOCATION_CODES,
    kept: frozenset[str] = frozenset(),
) -> int:
    """Opening movements (SKU x location, x lot of those kept by lot) on the evening before the first day. Returns their number."""
    place, sku = np.nonzero(opening.T)
    rows: list[tuple[str, str, str, str | None, int]] = []
    for p, s in zip(place.tolist(), sku.tolist(), strict=True):
        number, units = f"OPEN-{locations[p]}-{codes[s]}", int(opening[s, p])
        of_lots = lots.opened(codes[s], p, units) if codes[s] in kept else []
        rows += [(f"{number}-{lot}", codes[s], locations[p], lot, part) for lot, part in of_lots]
        rows += [] if of_lots else [(number, codes[s], locations[p], None, units)]
    return write_record(
        feed_path(days, day, "stock", "1800"),
        "stock",
        {
            "movement_id": [row[0] for row in rows],
            "kind": ["opening"] * len(rows),
            "sku_code": [row[1] for row in rows],
            "location_code": [row[2] for row in rows],
            "lot_id": [row[3] for row in rows],
            "stock_status": ["usable"] * len(rows),
            "quantity": [row[4] for row in rows],
            "event_at": [instant(epoch(day, 18 * 3600))] * len(rows),
            "source": [SOURCE] * len(rows),
        },
    )


def stock_days(plan: StockPlan, goods: Catalogue, start: date) -> tuple[dict[int, list[Row]], dict[int, list[Row]]]:
    """Rows of `stock` and of `supply` by day number, from the plan."""
    stock: dict[int, list[Row]] = defaultdict(list)
    supply: dict[int, list[Row]] = defaultdict(list)
    kept = lots.by_lot(goods)
    for line in plan.supplies:
        code = goods.code[line.sku]
        lot = f"{code}-{'B' if line.kind == 'transfer' else lots.RECEIVED}" if code in kept else None
        _supply_rows(line, code, lot, start, stock, supply)
    for count in plan.counts:
        at = instant(epoch(start + timedelta(days=count.day), 18 * 3600 + 1800))
        number = f"COUNT-{count.day}-{LOCATION_CODES[count.location]}-{goods.code[count.sku]}"
        stock[count.day].append(
            (number, "count", goods.code[count.sku], LOCATION_CODES[count.location], None, "usable", count.found,
             "CYCLE_COUNT", None, at, SOURCE)
        )  # fmt: skip
    return stock, supply


def _supply_rows(
    line: Supply, sku: str, lot: str | None, start: date, stock: dict[int, list[Row]], supply: dict[int, list[Row]]
) -> None:
    place, due = LOCATION_CODES[line.location], (start + timedelta(days=line.due)).isoformat()
    transfer = line.kind == "transfer"
    ends = (line.source, None) if transfer else (None, line.source)

    def say(day: int, quantity: int, status: str, second: int) -> None:
        at = instant(epoch(start + timedelta(days=day), second))
        supply[day].append((line.supply_id, line.kind, sku, place, *ends, quantity, due, status, at, SOURCE))

    def move(day: int, kind: str, where: str, quantity: int, second: int) -> None:
        at = instant(epoch(start + timedelta(days=day), second))
        stock[day].append(
            (f"{line.supply_id}-{kind}", kind, sku, where, lot, "usable", quantity, None, line.supply_id, at, SOURCE)
        )

    say(line.confirmed, line.quantity, "confirmed", 5 * 3600 if line.confirmed >= 0 else 17 * 3600)
    if transfer:
        move(line.confirmed, "transfer_out", line.source, -line.quantity, 5 * 3600 + 600)
    if line.cancelled is not None:
        say(line.cancelled, 0, "cancelled", 5 * 3600 + 1200)
    if line.received is not None:
        say(line.received, 0, "received", 5 * 3600 + 1800)
        move(line.received, "transfer_in" if transfer else "receipt", place, line.quantity, 5 * 3600 + 1800)


def write_stock(
    days: Path, day: date, stock: Sequence[Row], supply: Sequence[Row], clock: str = "0600"
) -> tuple[int, int]:
    """Stock files of the morning and (counts) of the evening, and the supply file. Returns rows and files."""
    evening = [row for row in stock if row[1] == "count"]
    morning = [row for row in stock if row[1] != "count"]
    parts = [("stock", STOCK, morning, clock), ("stock", STOCK, evening, "1900"), ("supply", SUPPLY, supply, clock)]
    written = [write_rows(feed_path(days, day, feed, at), feed, list(names), rows) for feed, names, rows, at in parts]
    return sum(written), sum(1 for rows in written if rows)


def write_snapshot(days: Path, day: date, plan: StockPlan, goods: Catalogue) -> tuple[int, int]:
    """What the warehouse system of the first DC says of some of its stock. Returns rows and files."""
    rows = lots.snapshot(plan, goods, day)
    return write_rows(feed_path(days, day, "stock_snapshot", "0600"), "stock_snapshot", list(SNAPSHOT), rows), int(
        bool(rows)
    )


# ---- money ------------------------------------------------------------------------------------------------------


def payment_rows(today: int, rest: int, day: date, orders: Sequence[Order], traffic: Traffic) -> None:
    """Queue what banks report of the day's orders: paid at once, or authorised and captured the next morning.

    Nothing is queued for pending orders (`awkward` says when their money comes) and for test orders.
    """
    undone = {
        entry[0].key for entry in [*traffic.payments[today], *traffic.payments[today + 1]] if entry[4] == "cancel"
    }
    tomorrow = epoch(day + timedelta(days=1), 9 * 3600)
    for order in orders:
        if order.is_test or order.payment not in ("paid", "authorised"):
            continue
        event = "captured" if order.payment == "paid" else "authorised"
        traffic.payments[today].append((order, event, order.total_cents, order.placed + 30, ""))
        if event == "authorised" and rest > 0 and order.key not in undone:
            traffic.payments[today + 1].append((order, "captured", order.total_cents, tomorrow, ""))


def write_payments(days: Path, day: date, entries: Sequence[tuple[Any, ...]]) -> tuple[int, int]:
    """Files at 12:15 and 21:15 UTC. Returns rows and files."""
    noon = epoch(day, 12 * 3600)
    rows, files = 0, 0
    for clock, part in (("1215", [e for e in entries if e[3] < noon]), ("2115", [e for e in entries if e[3] >= noon])):
        made = [
            (
                f"PAY-{channel_key(order)}-{event}{'-' + mark if mark else ''}", order.channel, channel_key(order),
                "transfer" if mark == "transfer" else "card", event, decimal_text(cents), order.currency, instant(at),
                SOURCE,
            )
            for order, event, cents, at, mark in sorted(part, key=lambda entry: (entry[3], entry[0].key, entry[1]))
        ]  # fmt: skip
        rows += write_rows(feed_path(days, day, "payments", clock), "payments", PAYMENT, made)
        files += bool(made)
    return rows, files


def open_invoices(seed: int, people: Customers, start: date, days: int, traffic: Traffic) -> None:
    """Queue open invoices of customers with credit (5 to 25 % of the limit); a third is settled in time."""
    rng = stream(seed, "receivables")
    reserved = set(people.pools["over_limit"].tolist())
    share, has_one, settled = (
        rng.uniform(0.05, 0.25, people.size),
        rng.random(people.size),
        rng.integers(0, 3 * days, people.size),
    )
    issued, due = start - timedelta(days=20), start + timedelta(days=10)
    for index in range(people.size):
        limit = int(people.credit_cents[index])
        if limit < 0 or index in reserved or has_one[index] > 0.7:
            continue
        head = (f"INV-{people.code[index]}-1", people.code[index])
        tail = (people.currency(index), issued.isoformat(), due.isoformat())
        traffic.receivables[-1].append((*head, int(limit * share[index]), *tail, epoch(start, -6 * 3600)))
        if settled[index] < days:
            day = start + timedelta(days=int(settled[index]))
            traffic.receivables[int(settled[index])].append((*head, 0, *tail, epoch(day, 3 * 3600)))


def write_receivables(
    days: Path, day: date, entries: Sequence[tuple[Any, ...]], clock: str = "0400"
) -> tuple[int, int]:
    """One file a day. Returns rows and files."""
    rows = [(*e[:2], decimal_text(e[2]), *e[3:6], instant(e[6]), SOURCE) for e in entries]
    return write_rows(feed_path(days, day, "receivables", clock), "receivables", RECEIVABLE, rows), int(bool(rows))


def write_rates(days: Path, seed: int, day: date, clock: str = "0400") -> tuple[int, int]:
    """Rates into pounds, the reporting currency. Returns rows and files."""
    euro = _EURO_IN_POUNDS + float(stream(seed, "rates", day.toordinal()).normal(0, 0.002))
    columns: Mapping[str, list[str]] = {
        "currency": ["GBP", "EUR"],
        "rate": ["1.000000", f"{euro:.6f}"],
        "rate_date": [day.isoformat()] * 2,
        "source": [SOURCE] * 2,
    }
    return write_record(feed_path(days, day, "rates", clock), "rates", columns), 1
