"""A whole synthetic world, written day by day: reference data, channel files, feeds, and the ledger of what is awkward.

Belongs here: the order of writing and which message travels in which file. Does not belong here: what orders, formats,
feeds and cases look like (the other modules). The folder that is written::

    reference/<record>.csv                     as known before the first day
    days/<YYYY-MM-DD>/<channel or feed>/<file> what arrives on the day; the name carries the UTC time of the file
    days/<YYYY-MM-DD>/reference/<record>.csv   new versions of reference data, in the morning (05:00 UTC)
    world.json                                 arguments, sizes, and each awkward case with its count and keys

The day before the first carries the opening stock, open invoices and rates.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import numpy as np

from oms_dagster.simulate import awkward, channels, empties, feeds, lots, network
from oms_dagster.simulate.awkward import CASES, FILE_CASES, REMORSE_MIN, Message, Today, Traffic, inject
from oms_dagster.simulate.catalogue import Catalogue, catalogue, write_catalogue
from oms_dagster.simulate.customers import Customers, customers, write_addresses, write_customers
from oms_dagster.simulate.dice import stream
from oms_dagster.simulate.orders import Order, draw, epoch, orders
from oms_dagster.simulate.stock import StockPlan, plan_stock
from oms_dagster.simulate.tables import write_bytes

#: channel -> seconds of the day (UTC) at which a file is sent
FILE_TIMES = {
    "shopify": (8 * 3600, 11 * 3600, 14 * 3600, 17 * 3600, awkward.LAST_FILE_S["shopify"]),
    "x12": (7 * 3600 + 1800, 13 * 3600, awkward.LAST_FILE_S["x12"]),
    "pos": (10 * 3600, 12 * 3600 + 1800, 15 * 3600, awkward.LAST_FILE_S["pos"]),
}
#: Orders in one file at most.
FILE_ORDERS = 2000
_SUFFIX = {"shopify": "json", "x12": "edi", "pos": "csv"}


@dataclass(frozen=True, slots=True)
class WorldSummary:
    """What was written: `orders` are different orders, `messages` also their repeats and new versions; `cases` counts
    each awkward case; `short_share` is the share of demanded units not on hand in their country on their day.
    """

    orders: int
    order_lines: int
    messages: int
    feed_rows: int
    files: int
    customers: int
    skus: int
    short_share: float
    cases: Mapping[str, int]


@dataclass(slots=True)
class _Tally:
    messages: int = 0
    feed_rows: int = 0
    files: int = 0
    orders: int = 0
    order_lines: int = 0

    def feed(self, written: tuple[int, int]) -> None:
        self.feed_rows += written[0]
        self.files += written[1]


def simulate(out: Path, orders_per_day: int, days: int, seed: int, start: date) -> WorldSummary:
    """Write a world of `days` days with `orders_per_day` ordinary orders each into `out` (near-duplicates come on top).

    The same arguments give the same bytes. Memory grows with the orders of one day, not with the days.

    Raises
    ------
    ValueError
        When a size is below 1.
    FileExistsError
        When `out` holds anything.
    """
    if orders_per_day < 1 or days < 1:
        raise ValueError(f"orders a day and days must be at least 1, not {orders_per_day} and {days}")
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out} holds files: choose an empty folder")
    total, growth = orders_per_day * days, math.sqrt(max(1.0, orders_per_day / 120))
    people = customers(seed, max(600, orders_per_day), awkward.pool_sizes(total))
    goods = catalogue(seed, min(20_000, round(400 * growth)))
    heavy = next(awkward.quota(case, total) for case in CASES if case.name == "heavy_beyond_van")
    demand, lines = _demand(seed, start, days, orders_per_day, people, goods)
    plan = plan_stock(seed, goods, demand, lines, heavy_units=2 + 90 * heavy)
    tally, traffic = _Tally(), Traffic()
    vehicles = min(240, 12 * round(growth))
    tally.files += _reference(out / "reference", people, goods, plan, orders_per_day, vehicles, start)
    _book_stock(plan, goods, traffic)
    _before(out / "days", seed, start, days, people, goods, plan, traffic, tally)
    stock, supply = feeds.stock_days(plan, goods, start)
    tally.feed(feeds.write_stock(out / "days", start - timedelta(days=1), stock[-1], supply[-1], "1800"))
    tally.feed(feeds.write_snapshot(out / "days", start, plan, goods))
    tally.files += empties.write_crate(out / "days", start)
    for number in range(days):
        day = start + timedelta(days=number)
        today = Today(seed, number, day, days, total, people, goods)
        _orders_of_day(out / "days", today, orders_per_day, traffic, tally)
        tally.feed(feeds.write_stock(out / "days", day, stock.pop(number, []), supply.pop(number, [])))
        tally.feed(feeds.write_payments(out / "days", day, traffic.payments.pop(number, [])))
        tally.feed(feeds.write_receivables(out / "days", day, traffic.receivables.pop(number, [])))
        tally.feed(feeds.write_rates(out / "days", seed, day))
        tally.feed(empties.write_empties(out / "days", seed, number, day, people))
        corrected = traffic.addresses.pop(number, [])
        if corrected:
            write_addresses(out / "days" / day.isoformat() / "reference", people, sorted(set(corrected)))
            tally.files += 1
    summary = WorldSummary(
        tally.orders, tally.order_lines, tally.messages, tally.feed_rows, tally.files, people.size, goods.size,
        plan.short_share, dict(sorted(traffic.ledger.counts.items())),
    )  # fmt: skip
    _write_ledger(out / "world.json", summary, traffic, (orders_per_day, days, seed, start))
    return summary


def _demand(
    seed: int, start: date, days: int, count: int, people: Customers, goods: Catalogue
) -> tuple[np.ndarray, np.ndarray]:
    """Units and lines asked for, by day x country (GB, DE) x SKU."""
    units, lines = np.zeros((2, days, 2, goods.size), dtype=np.int64)
    german = np.array([country == "DE" for country in people.country], dtype=np.int64)
    for number in range(days):
        for drawn in draw(seed, start + timedelta(days=number), count, people, goods):
            slot = german[drawn.customer][drawn.order] * goods.size + drawn.sku
            asked = np.bincount(slot, weights=drawn.quantity, minlength=2 * goods.size)
            units[number] += asked.astype(np.int64).reshape(2, -1)
            lines[number] += np.bincount(slot, minlength=2 * goods.size).reshape(2, -1)
    return units, lines


def _reference(
    folder: Path, people: Customers, goods: Catalogue, plan: StockPlan, orders_per_day: int, vehicles: int, start: date
) -> int:
    valid_from = date(start.year, 1, 1)
    files = write_catalogue(folder, goods, plan.safety, valid_from)
    files += write_customers(folder, people, start)
    files += network.write_network(folder, 4 * orders_per_day, vehicles, valid_from, ("GB", "DE"), start)
    stocked = plan.opening > 0
    for supply in plan.supplies:
        stocked[supply.sku, supply.location] = True
    network.write_bins(folder, goods.code, goods.temperature, goods.hazard, stocked)
    return files + 1 + lots.write_lots(folder, goods, start)


def _book_stock(plan: StockPlan, goods: Catalogue, traffic: Traffic) -> None:
    for case, skus in (
        ("short_then_covered", plan.short_then_covered),
        ("short_never_covered", plan.short_never_covered),
    ):
        for sku in skus.tolist():
            traffic.ledger.book(case, {"sku": goods.code[sku]})
    for count in plan.counts:
        where = network.LOCATION_CODES[count.location]
        key = {"sku": goods.code[count.sku], "location": where, "day": count.day, "missing": count.missing}
        traffic.ledger.book("count_finds_less", key)


def _before(
    folder: Path, seed: int, start: date, days: int, people: Customers, goods: Catalogue, plan: StockPlan,
    traffic: Traffic, tally: _Tally,
) -> None:  # fmt: skip
    eve = start - timedelta(days=1)
    feeds.open_invoices(seed, people, start, days, traffic)
    tally.feed((feeds.write_opening(folder, eve, goods.code, plan.opening, kept=lots.by_lot(goods)), 1))
    tally.feed(feeds.write_receivables(folder, eve, traffic.receivables.pop(-1, []), "1800"))
    tally.feed(feeds.write_rates(folder, seed, eve, "1800"))


# ---- a day's orders ---------------------------------------------------------------------------------------------


def _orders_of_day(folder: Path, today: Today, count: int, traffic: Traffic, tally: _Tally) -> None:
    drawn = draw(today.seed, today.day, count, today.people, today.goods)
    made = {d.channel: orders(d, today.number, today.day, today.people, today.goods) for d in drawn}
    inject(today, made, stream(today.seed, "cases", today.day.toordinal()), traffic)
    queue = sorted(
        traffic.messages.pop(today.number), key=lambda m: (m.at, m.order.channel, m.order.key, m.order.updated)
    )
    first = _first_versions(queue, epoch(today.day))
    _book_goods([message.order for message in first], today.goods, traffic)
    feeds.payment_rows(
        today.number, today.days - 1 - today.number, today.day, [m.order for m in first if not m.spoil], traffic
    )
    tally.orders += len(first)
    tally.order_lines += sum(len(message.order.lines) for message in first)
    tally.messages += len(queue)
    for channel in FILE_TIMES:
        _files(folder, today, channel, [m for m in queue if m.order.channel == channel], traffic, tally)


def _first_versions(queue: Sequence[Message], midnight: int) -> list[Message]:
    """The first message of each order placed on this day."""
    seen: dict[tuple[str, str], Message] = {}
    for message in queue:
        if message.order.placed >= midnight:
            seen.setdefault((message.order.channel, message.order.key), message)
    return list(seen.values())


def _book_goods(rows: Sequence[Order], goods: Catalogue, traffic: Traffic) -> None:
    cold = {code for code, t in zip(goods.code, goods.temperature, strict=True) if t != "ambient"}
    risky = {code for code, h in zip(goods.code, goods.hazard, strict=True) if h != "none"}
    for order in rows:
        key = {"channel": order.channel, "order": channels.channel_key(order)}
        traffic.ledger.book(f"currency_{order.currency.lower()}", key)
        if any(line.sku_code in cold for line in order.lines):
            traffic.ledger.book("chilled_goods", key)
        if any(line.sku_code in risky for line in order.lines):
            traffic.ledger.book("hazardous_goods", key)


def _files(folder: Path, today: Today, channel: str, queue: Sequence[Message], traffic: Traffic, tally: _Tally) -> None:
    times = FILE_TIMES[channel]
    place = folder / today.day.isoformat() / channel
    slots = np.searchsorted([epoch(today.day, second) for second in times], [message.at for message in queue])
    for slot, group in groupby(zip(slots.tolist(), queue, strict=True), key=lambda pair: pair[0]):
        batch = [message for _, message in group]
        for part in range(0, len(batch), FILE_ORDERS):
            mark = f"-{part // FILE_ORDERS + 1}" if len(batch) > FILE_ORDERS else ""
            second = times[min(slot, len(times) - 1)]
            tally.files += _file(place, today, channel, second, mark, batch[part : part + FILE_ORDERS])
    _damaged(place, today, channel, queue, traffic, tally)


def _name(day: date, channel: str, second: int, mark: str) -> str:
    return f"orders-{day:%Y%m%d}T{second // 3600:02d}{second % 3600 // 60:02d}{mark}.{_SUFFIX[channel]}"


def _file(place: Path, today: Today, channel: str, second: int, mark: str, batch: Sequence[Message]) -> int:
    """Write one file, or one for each counter. Returns the number of files."""
    people = today.people
    if channel == "shopify":
        content = channels.shopify_file([message.order for message in batch], people)
        write_bytes(place / _name(today.day, channel, second, mark), content)
        return 1
    if channel == "x12":
        senders: dict[str, list[Order]] = {}
        for message in batch:
            senders.setdefault(message.order.customer_code, []).append(message.order)
        base = (today.number * 97_003 + second + int(mark[1:] or 0) * FILE_ORDERS) % 900_000_000
        text = "".join(
            channels.x12_interchange(group, people, base + n, epoch(today.day, second))
            for n, group in enumerate(senders.values(), 1)
        )
        write_bytes(place / _name(today.day, channel, second, mark), text.encode("ascii"))
        return 1
    stores: dict[str, list[channels.PosRow]] = {}
    for message in batch:
        rows = awkward.spoil(channels.pos_rows(message.order, people), message.spoil)
        stores.setdefault(channels.pos_store(message.order), []).extend(rows)
    for store, rows in stores.items():
        write_bytes(place / _name(today.day, channel, second, f"-{store}{mark}"), channels.pos_file(rows))
    return len(stores)


def _damaged(
    place: Path, today: Today, channel: str, queue: Sequence[Message], traffic: Traffic, tally: _Tally
) -> None:
    """The damaged files of the day: a Shopify file cut short, an empty counter file, an X12 file of random bytes."""
    case = {"shopify": "file_truncated", "pos": "file_empty", "x12": "file_binary"}[channel]
    for turn in awkward.due_today(max(2, today.days * 2 // 5), today.number, today.days):
        second = FILE_TIMES[channel][-1] - 300
        if channel == "shopify":
            whole = channels.shopify_file([message.order for message in queue[-20:]], today.people)
            content = whole[: len(whole) * 3 // 5]
        else:
            content = b"" if channel == "pos" else stream(today.seed, "binary", turn).bytes(2048)
        path = write_bytes(place / _name(today.day, channel, second, ""), content)
        traffic.ledger.book(case, {"file": path.relative_to(place.parents[2]).as_posix()})
        tally.files += 1


def _write_ledger(path: Path, summary: WorldSummary, traffic: Traffic, arguments: tuple[int, int, int, date]) -> None:
    about = {case.name: case.about for case in CASES} | FILE_CASES | {
        "short_then_covered": "a SKU that runs short until a later receipt",
        "short_never_covered": "a SKU that runs short; its purchase is cancelled",
        "count_finds_less": "a count that finds less than there should be",
        "currency_gbp": "orders in pounds",
        "currency_eur": "orders in euros",
        "chilled_goods": "orders with chilled or frozen goods",
        "hazardous_goods": "orders with hazardous goods",
    }  # fmt: skip
    per_day, days, seed, start = arguments
    content = {
        "seed": seed,
        "start": start.isoformat(),
        "days": days,
        "orders_per_day": per_day,
        "remorse_min": REMORSE_MIN,
        "source": feeds.SOURCE,
        "summary": asdict(summary),
        "cases": {
            name: {
                "about": text,
                "count": traffic.ledger.counts.get(name, 0),
                "keys": traffic.ledger.keys.get(name, []),
            }
            for name, text in about.items()
        },
    }
    write_bytes(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
