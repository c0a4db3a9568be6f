"""The awkward cases that real channels send, put in on purpose and written into a ledger.

Belongs here: the list of cases, how often, and what each does to an order of the day. Does not belong here: shortages
and counts (`stock`) and damaged files (`world`), which only book their cases in this ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np

from oms_dagster.simulate.catalogue import Catalogue
from oms_dagster.simulate.channels import channel_key
from oms_dagster.simulate.customers import POOLS, Customers
from oms_dagster.simulate.network import VAN_PAYLOAD_KG
from oms_dagster.simulate.orders import Line, Order, epoch, order_key, priced, working_day

#: A cancellation up to this many minutes after the order is inside the remorse window.
REMORSE_MIN = 30
#: Keys that the ledger keeps of each case; the count goes on.
KEYS_KEPT = 200
#: channel -> second of the day (UTC) of its last file
LAST_FILE_S = {"shopify": 21 * 3600, "x12": 16 * 3600, "pos": 17 * 3600 + 2700}
_EVERY = ("shopify", "pos", "x12")


class Case(NamedTuple):
    """A case: share of all orders, channels in turn, days that must follow, and what it is."""

    name: str
    share: float
    channels: tuple[str, ...]
    days_after: int
    about: str


CASES = (
    Case("duplicate_message", 0.006, _EVERY, 0, "the same order sent again, unchanged"),
    Case("conflict", 0.004, ("shopify",), 0, "the same order and version with another quantity"),
    Case("amendment", 0.010, ("shopify",), 0, "later updated_at, another quantity"),
    Case("cancel_in_remorse_window", 0.006, ("shopify",), 0, f"cancelled within {REMORSE_MIN} minutes"),
    Case("cancel_after_remorse_window", 0.006, ("shopify",), 1, "cancelled the next day"),
    Case("bad_negative_quantity", 0.003, ("pos",), 0, "a row with a quantity below 0"),
    Case("bad_date_unparseable", 0.003, ("pos",), 0, "placed_at is no date"),
    Case("bad_date_year_0202", 0.003, ("pos",), 0, "placed_at in the year 0202"),
    Case("bad_sku_missing", 0.003, ("pos",), 0, "a row without SKU"),
    Case("bad_not_a_number", 0.003, ("pos",), 0, "a quantity that is no number"),
    Case("unknown_sku", 0.005, _EVERY, 0, "a line for a SKU that we don't know"),
    Case("unknown_customer", 0.004, ("pos", "shopify"), 0, "a customer number that we don't know"),
    Case("blocked_customer", 0.004, ("pos",), 0, "the customer is blocked"),
    Case("credit_over_then_paid", 0.004, ("x12",), 1, "over the credit limit; the invoice is settled the next day"),
    Case("payment_pending_then_captured", 0.006, ("shopify",), 1, "bank transfer that arrives the next day"),
    Case("payment_never", 0.004, ("shopify",), 0, "bank transfer that never arrives"),
    Case("address_missing_then_given", 0.004, ("shopify",), 1, "no coordinates, no postcode; address given next day"),
    Case("address_unusable_then_corrected", 0.004, ("shopify",), 1, "postcode TBC; both corrected the next day"),
    Case("near_duplicate", 0.005, ("pos", "shopify"), 0, "same customer, basket and day under another number"),
    Case("test_order", 0.004, ("shopify",), 0, "marked as a test"),
    Case("future_delivery", 0.006, ("pos", "x12"), 0, "to be delivered eight working days later"),
    Case("heavy_beyond_van", 0.004, ("x12",), 0, f"heavier than a van's {VAN_PAYLOAD_KG} kg"),
    Case("tight_window", 0.006, ("pos",), 0, "a delivery window of 45 minutes"),
)  # fmt: skip
#: Cases that are not an order's: per five days at least two of each.
FILE_CASES = {
    "file_truncated": "a JSON file cut short; sent whole five minutes later",
    "file_empty": "a file of 0 bytes",
    "file_binary": "a file that is no text",
}
_POOL_OF = {
    "blocked_customer": "blocked",
    "credit_over_then_paid": "over_limit",
    "address_missing_then_given": "address_missing",
    "address_unusable_then_corrected": "address_unusable",
    "tight_window": "tight_window",
}
_ONCE = {"address_missing_then_given", "address_unusable_then_corrected"}


class Message(NamedTuple):
    """An order as sent at `at` (seconds since 1970 UTC); `spoil` names the case that damages its rows."""

    at: int
    order: Order
    spoil: str = ""


@dataclass(slots=True)
class Ledger:
    """What was put in on purpose: count and first keys of each case."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    keys: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def book(self, case: str, key: Any) -> None:
        self.counts[case] += 1
        if len(self.keys[case]) < KEYS_KEPT:
            self.keys[case].append(key)


@dataclass(slots=True)
class Traffic:
    """What waits to be sent, by day number: order messages, rows of feeds, customers with a new address version."""

    messages: dict[int, list[Message]] = field(default_factory=lambda: defaultdict(list))
    payments: dict[int, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    receivables: dict[int, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    addresses: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    ledger: Ledger = field(default_factory=Ledger)


def quota(case: Case, orders_total: int) -> int:
    """How often a case occurs in a world of that many orders."""
    return max(2, round(case.share * orders_total))


def pool_sizes(orders_total: int) -> dict[str, int]:
    """Customers that each pool needs."""
    by_pool = {pool: quota(case, orders_total) for case in CASES for pool in [_POOL_OF.get(case.name)] if pool}
    return {pool: by_pool[pool] for pool in POOLS}


def due_today(total: int, day_number: int, days: int) -> range:
    """Which of `total` occurrences, spread evenly over the days, fall on this day."""
    if not 0 <= day_number < days:
        return range(0)
    return range(-(-day_number * total // days), -(-(day_number + 1) * total // days))


@dataclass(frozen=True, slots=True)
class Today:
    """The day into which cases are put."""

    seed: int
    number: int
    day: date
    days: int
    orders_total: int
    people: Customers
    goods: Catalogue


def inject(today: Today, orders: Mapping[str, list[Order]], rng: np.random.Generator, traffic: Traffic) -> None:
    """Queue the day's orders as messages, with the cases of the day in their midst; each order serves one case."""
    free = {channel: [int(i) for i in rng.permutation(len(rows))] for channel, rows in orders.items()}
    spoilt: dict[str, dict[int, Message]] = {channel: {} for channel in orders}
    for case in CASES:
        total = quota(case, today.orders_total)
        if case.name in _ONCE:
            total = min(total, len(today.people.pools[_POOL_OF[case.name]]))
        for turn in due_today(total, today.number, today.days - case.days_after):
            channel = case.channels[turn % len(case.channels)]
            row, order = _take(case, turn, free[channel], orders[channel], today)
            if order is not None:
                spoilt[channel][row] = _apply(case, turn, order, today, traffic)
                sent = spoilt[channel][row].order
                key = {"channel": channel, "order": channel_key(sent), "customer": sent.customer_code}
                traffic.ledger.book(case.name, key)
    queue = traffic.messages[today.number]
    for channel, rows in orders.items():
        queue += [spoilt[channel].get(row) or Message(order.placed, order) for row, order in enumerate(rows)]


def _take(case: Case, turn: int, free: list[int], orders: list[Order], today: Today) -> tuple[int, Order | None]:
    """An order that serves no case yet; for a pool's case, handed to the pool's customer of the same currency."""
    pool = today.people.pools[_POOL_OF[case.name]] if case.name in _POOL_OF else None
    if pool is not None and not len(pool):
        return -1, None
    customer = int(pool[turn % len(pool)]) if pool is not None else None
    for place in range(len(free) - 1, -1, -1):
        order = orders[free[place]]
        if customer is None or today.people.currency(customer) == order.currency:
            row = free.pop(place)
            if customer is not None:
                order = order._replace(customer=customer, customer_code=today.people.code[customer])
            if case.name in ("blocked_customer", "tight_window"):
                order = order._replace(payment="on_account")
            return row, order
    return -1, None


def _later(order: Order, seconds: int, today: Today) -> int:
    return min(order.placed + seconds, epoch(today.day, LAST_FILE_S[order.channel] - 300))


def _apply(case: Case, turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    """Do what the case does; returns the message that takes the order's own place."""
    if case.name.startswith("bad_"):
        return Message(order.placed, order, case.name)
    return _DEEDS[case.name](turn, order, today, traffic)


def _again(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    traffic.messages[today.number].append(Message(_later(order, 3 * 3600, today), order))
    return Message(order.placed, order)


def _more(order: Order) -> tuple[Line, ...]:
    return (priced(order.lines[0], order.lines[0].quantity + 2), *order.lines[1:])


def _conflict(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    other = order._replace(lines=_more(order))
    traffic.messages[today.number].append(Message(_later(order, 3 * 3600, today), other))
    return Message(order.placed, order)


def _amend(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    at = _later(order, 2 * 3600, today)
    first = order.lines[0]
    quantity = first.quantity - 1 if turn % 2 and first.quantity > 1 else first.quantity + 2
    amended = order._replace(lines=(priced(first, quantity), *order.lines[1:]), updated=at)
    traffic.messages[today.number].append(Message(at, amended))
    difference = amended.total_cents - order.total_cents
    if order.payment == "paid":
        event = "captured" if difference > 0 else "refunded"
        traffic.payments[today.number].append((order, event, abs(difference), at, "amendment"))
    return Message(order.placed, order)


def _cancel(at: int, day_number: int, order: Order, traffic: Traffic) -> Message:
    undone = "refunded" if order.payment == "paid" else "voided"
    traffic.messages[day_number].append(Message(at, order._replace(updated=at, cancelled=at, payment=undone)))
    traffic.payments[day_number].append((order, undone, order.total_cents, at, "cancel"))
    return Message(order.placed, order)


def _cancel_soon(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    return _cancel(_later(order, 10 * 60, today), today.number, order, traffic)


def _cancel_late(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    return _cancel(epoch(today.day + timedelta(days=1), 9 * 3600), today.number + 1, order, traffic)


def _unknown_sku(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    stranger = order.lines[0]._replace(sku_code=f"ZZ-{90000 + turn % 9999}", barcode="", name="Discontinued article")
    return Message(order.placed, order._replace(lines=(stranger, *order.lines[1:])))


def _unknown_customer(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    return Message(order.placed, order._replace(customer_code=str(990_000_001 + turn)))


def _plain(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    return Message(order.placed, order)


def _over_limit(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    limit = int(today.people.credit_cents[order.customer])
    issued, due = today.day - timedelta(days=45), today.day - timedelta(days=15)
    head = (f"INV-{order.customer_code}-{order.key}", order.customer_code)
    tail = (order.currency, issued.isoformat(), due.isoformat())
    morning, paid = epoch(today.day, 3 * 3600), epoch(today.day + timedelta(days=1), 3 * 3600 + 1800)
    traffic.receivables[today.number].append((*head, limit + limit // 20, *tail, morning))
    traffic.receivables[today.number + 1].append((*head, 0, *tail, paid))
    return Message(order.placed, order)


def _pay_late(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    at = epoch(today.day + timedelta(days=1), 8 * 3600)
    traffic.payments[today.number + 1].append((order, "captured", order.total_cents, at, "transfer"))
    return Message(order.placed, order._replace(payment="pending"))


def _pay_never(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    return Message(order.placed, order._replace(payment="pending"))


def _address(place: str) -> Callable[[int, Order, Today, Traffic], Message]:
    def deed(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
        traffic.addresses[today.number + 1].append(order.customer)
        if place == "unusable":
            at = epoch(today.day + timedelta(days=1), 7 * 3600 + 1800)
            traffic.messages[today.number + 1].append(Message(at, order._replace(updated=at)))
        return Message(order.placed, order._replace(place=place))

    return deed


def _near_duplicate(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    at = _later(order, 20 * 60, today)
    twin = order._replace(key=order_key(order.channel, today.number, 9_000_000 + turn), placed=at, updated=at)
    traffic.messages[today.number].append(Message(at, twin))
    return Message(order.placed, order)


def _test(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    return Message(order.placed, order._replace(is_test=True))


def _future(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    return Message(order.placed, order._replace(requested=working_day(today.day, 8)))


def _heavy(turn: int, order: Order, today: Today, traffic: Traffic) -> Message:
    goods, sku = today.goods, today.goods.heavy
    grams = int(goods.grams[sku])
    price = int(goods.price_cents[today.people.price_list[order.customer], sku])
    bags = (VAN_PAYLOAD_KG * 1150 + turn % 7 * 60_000) // grams + 1
    bulk = Line(1, goods.code[sku], goods.barcode[sku], goods.name[sku], bags, price, 0, 0, 0, grams)
    others = [line for line in order.lines if line.sku_code != bulk.sku_code][:4]
    return Message(order.placed, order._replace(lines=(bulk, *(x._replace(number=n) for n, x in enumerate(others, 2)))))


_DEEDS: Mapping[str, Callable[[int, Order, Today, Traffic], Message]] = {
    "duplicate_message": _again,
    "conflict": _conflict,
    "amendment": _amend,
    "cancel_in_remorse_window": _cancel_soon,
    "cancel_after_remorse_window": _cancel_late,
    "unknown_sku": _unknown_sku,
    "unknown_customer": _unknown_customer,
    "blocked_customer": _plain,
    "credit_over_then_paid": _over_limit,
    "payment_pending_then_captured": _pay_late,
    "payment_never": _pay_never,
    "address_missing_then_given": _address("none"),
    "address_unusable_then_corrected": _address("unusable"),
    "near_duplicate": _near_duplicate,
    "test_order": _test,
    "future_delivery": _future,
    "heavy_beyond_van": _heavy,
    "tight_window": _plain,
}


def spoil(rows: list[dict[str, str]], case: str) -> list[dict[str, str]]:
    """Damage the rows of a counter order as the case says."""
    last = dict(rows[-1])
    match case:
        case "bad_negative_quantity":
            last["qty"] = f"-{last['qty']}"
        case "bad_sku_missing":
            last["sku"] = ""
        case "bad_not_a_number":
            last["qty"] = "two"
        case "bad_date_unparseable":
            return [row | {"placed_at": "31/02/next week"} for row in rows]
        case "bad_date_year_0202":
            return [row | {"placed_at": f"0202{row['placed_at'][4:]}"} for row in rows]
    return [*rows[:-1], last]
