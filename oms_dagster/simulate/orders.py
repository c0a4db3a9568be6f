"""The ordinary orders of a day, drawn at once, and their money.

Belongs here: an order as the channels write it, and the draw. Does not belong here: the awkward cases (`awkward`) or a
channel's format (`shopify`, `x12`, `pos`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from oms_dagster.simulate.catalogue import TAX_BP, Catalogue
from oms_dagster.simulate.customers import CHANNELS, Customers
from oms_dagster.simulate.dice import stream

ZONE = {"GB": ZoneInfo("Europe/London"), "DE": ZoneInfo("Europe/Berlin")}
SHARE = {"shopify": 0.55, "x12": 0.15, "pos": 0.30}
#: channel -> mean lines above the first, lines at most, units in a pack of the trade, mean packs above the first
_BASKET = {"shopify": (1.9, 9, 1, 0.9), "x12": (6.0, 18, 6, 1.4), "pos": (2.4, 10, 1, 2.4)}
#: channel -> first and last second of the day (UTC) in which orders are placed
_HOURS = {"shopify": (6 * 3600, 20 * 3600 + 1800), "x12": (4 * 3600, 12 * 3600 + 1800), "pos": (8 * 3600, 17 * 3600)}
STANDARD_BP = {"GB": 2000, "DE": 1900}


class Line(NamedTuple):
    """A line; price, discount and tax (on top) in cents, tax rate in basis points, weight of one unit in grams."""

    number: int
    sku_code: str
    barcode: str
    name: str
    quantity: int
    price_cents: int
    discount_cents: int
    tax_cents: int
    tax_bp: int
    grams: int

    @property
    def net_cents(self) -> int:
        return self.quantity * self.price_cents - self.discount_cents


class Order(NamedTuple):
    """An order as of `updated`; instants in seconds since 1970 UTC, money in cents. `customer` is a row of
    `Customers`; `customer_code` what the message says. `place`: known, none (no coordinates and postcode) or unusable.
    """

    channel: str
    key: str
    customer: int
    customer_code: str
    placed: int
    updated: int
    currency: str
    payment: str
    lines: tuple[Line, ...]
    shipping_cents: int
    shipping_tax_cents: int
    discount_code: str
    requested: date | None
    place: str = "known"
    is_test: bool = False
    cancelled: int | None = None

    @property
    def tax_cents(self) -> int:
        return sum(line.tax_cents for line in self.lines) + self.shipping_tax_cents

    @property
    def total_cents(self) -> int:
        return sum(line.net_cents for line in self.lines) + self.shipping_cents + self.tax_cents

    @property
    def grams(self) -> int:
        return sum(line.quantity * line.grams for line in self.lines)


def priced(line: Line, quantity: int) -> Line:
    """The line with another quantity: discount in proportion, tax afresh."""
    discount = line.discount_cents * quantity // max(1, line.quantity)
    net = quantity * line.price_cents - discount
    return line._replace(quantity=quantity, discount_cents=discount, tax_cents=(net * line.tax_bp + 5000) // 10000)


@dataclass(frozen=True, slots=True)
class Draw:
    """The day's orders of a channel as arrays; `order` of a line is its row among the orders, lines sorted by it."""

    channel: str
    customer: np.ndarray
    placed: np.ndarray
    payment: np.ndarray
    is_discounted: np.ndarray
    order: np.ndarray
    sku: np.ndarray
    quantity: np.ndarray


def epoch(day: date, second: int = 0) -> int:
    """Seconds since 1970 of a second of a day in UTC."""
    return int(datetime.combine(day, time(), UTC).timestamp()) + second


def split(count: int) -> dict[str, int]:
    """Orders of a day by channel."""
    counts = {name: round(count * SHARE[name]) for name in ("x12", "pos")}
    return {"shopify": count - sum(counts.values()), **counts}


def draw(seed: int, day: date, count: int, people: Customers, goods: Catalogue) -> tuple[Draw, ...]:
    """Draw a day's `count` ordinary orders. A day's draw depends on the seed and the day, on no other day."""
    return tuple(_draw_channel(seed, day, name, split(count)[name], people, goods) for name in CHANNELS)


def _draw_channel(seed: int, day: date, channel: str, count: int, people: Customers, goods: Catalogue) -> Draw:
    rng = stream(seed, "orders", day.toordinal(), channel)
    who = np.concatenate([people.ordinary[channel, "GB"], people.ordinary[channel, "DE"]])
    first, last = _HOURS[channel]
    more_lines, most, pack, more_packs = _BASKET[channel]
    lines = np.minimum(most, 1 + rng.geometric(1 / (1 + more_lines), count) - 1)
    order = np.repeat(np.arange(count), lines)
    sku = np.searchsorted(np.cumsum(goods.appeal), rng.random(len(order)) * 0.999999999)
    keep = np.sort(np.unique(order * goods.size + sku, return_index=True)[1])
    quantity = pack * rng.geometric(1 / (1 + more_packs), len(order))
    return Draw(
        channel=channel,
        customer=who[rng.integers(0, len(who), count)] if len(who) else np.zeros(0, dtype=np.int64),
        placed=epoch(day) + np.sort(rng.integers(first, last, count)),
        payment=rng.random(count),
        is_discounted=rng.random(count) < 0.15,
        order=order[keep],
        sku=sku[keep],
        quantity=np.where(goods.grams[sku[keep]] >= 5000, np.minimum(quantity[keep], 4), quantity[keep]),
    )


def orders(drawn: Draw, day_number: int, day: date, people: Customers, goods: Catalogue) -> list[Order]:
    """The drawn day as orders, with prices of each customer's list, discounts and taxes to the cent."""
    is_german = np.array([people.country[c] == "DE" for c in drawn.customer.tolist()], dtype=bool)
    price = goods.price_cents[people.price_list[drawn.customer][drawn.order], drawn.sku]
    gross = price * drawn.quantity
    discount = np.where(drawn.is_discounted[drawn.order] & (drawn.channel != "x12"), gross // 10, 0)
    rates = np.array([TAX_BP["GB"], TAX_BP["DE"]])
    rate = rates[is_german[drawn.order].astype(int), np.where(goods.is_food[drawn.sku], 0, 1)]
    if drawn.channel == "x12":
        rate = np.zeros_like(rate)
    tax = ((gross - discount) * rate + 5000) // 10000
    columns = (drawn.sku, drawn.quantity, price, discount, tax, rate)
    ends = np.searchsorted(drawn.order, np.arange(len(drawn.customer) + 1)).tolist()
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    made = []
    headers = zip(drawn.customer.tolist(), drawn.placed.tolist(), drawn.payment.tolist(),
                  drawn.is_discounted.tolist(), is_german.tolist(), strict=True)  # fmt: skip
    for row, (customer, placed, luck, has_code, german) in enumerate(headers):
        lines = tuple(
            Line(n, goods.code[s], goods.barcode[s], goods.name[s], q, p, d, t, bp, int(goods.grams[s]))
            for n, (s, q, p, d, t, bp) in enumerate(rows[ends[row] : ends[row + 1]], 1)
        )
        made.append(
            _order(drawn.channel, (day_number, day, row), customer, people, placed, luck, has_code, german, lines)
        )
    return made


def _order(
    channel: str, at: tuple[int, date, int], customer: int, people: Customers, placed: int, luck: float,
    has_code: bool, german: bool, lines: tuple[Line, ...],
) -> Order:  # fmt: skip
    day_number, day, row = at
    payment, shipping, requested = "on_account", 0, None
    if channel == "shopify":
        payment = "paid" if luck < 0.85 else "authorised"
        if sum(line.net_cents for line in lines) < 6000:
            shipping = 595 if german else 495
    else:
        requested = working_day(day, 1 + int(luck * (3 if channel == "pos" else 2)))
        if people.credit_cents[customer] < 0:
            payment = "paid"
    bp = STANDARD_BP["DE" if german else "GB"]
    return Order(
        channel, order_key(channel, day_number, row), customer, people.code[customer], placed, placed,
        people.currency(customer), payment, lines, shipping, (shipping * bp + 5000) // 10000,
        "WELCOME10" if has_code and channel == "shopify" else "", requested,
    )  # fmt: skip


def order_key(channel: str, day_number: int, row: int) -> str:
    """The channel's number of an order: unique for each day number and row (below ten million a day)."""
    if channel == "shopify":
        return str(5_000_000_000_000 + day_number * 10_000_000 + row)
    return f"{'PO' if channel == 'x12' else 'T'}{day_number:04d}{row:07d}"


def working_day(day: date, later: int) -> date:
    """The day some working days later (Monday to Friday)."""
    while later:
        day += timedelta(days=1)
        later -= day.isoweekday() <= 5
    return day
