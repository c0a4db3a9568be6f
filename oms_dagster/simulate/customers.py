"""Who orders: trade customers with terms, addresses and delivery windows, and which of them are special.

Belongs here: customers as columns, their reference files, and the pools from which awkward cases take their subject.
Does not belong here: what they order (`orders`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from stdnum.iso7064 import mod_11_10

from oms_dagster.simulate.catalogue import LIST_NAMES
from oms_dagster.simulate.cities import City, scatter
from oms_dagster.simulate.dice import stream
from oms_dagster.simulate.tables import decimal_text, write_record

_WORDS = (
    "Alder,Beacon,Copper,Dale,Elm,Fennel,Garnet,Harbour,Ivory,Juniper,Kestrel,Linden,Mercer,Nettle,Orchard,Pepper,Quarry,"
    "Rowan,Saffron,Thistle,Umber,Vale,Willow,Yarrow,Zephyr,Amber,Birch,Cedar,Dove,Ember"
)
_TRADES = {
    "GB": "Kitchens,Stores,Catering,Hardware,Provisions,Hotels,Household,Trading,Cafés,Supplies",
    "DE": "Küchen,Handel,Gastro,Eisenwaren,Feinkost,Hotels,Haushalt,Technik,Cafés,Bedarf",
}
_DIAL = {"GB": "+44 1632", "DE": "+49 3023125"}
CHANNELS = ("shopify", "x12", "pos")
#: share of customers, and the segment, by channel
_SHARE = {"shopify": 0.60, "x12": 0.14, "pos": 0.26}
_WINDOWS = (("08:00", "12:00"), ("08:00", "17:00"), ("09:00", "18:00"), ("10:00", "16:00"), ("07:00", "15:00"))
TIGHT_WINDOW = ("10:00", "10:45")
#: pool -> channel whose customers fill it; nobody else orders for them
POOLS = {
    "blocked": "pos",
    "over_limit": "x12",
    "address_missing": "shopify",
    "address_unusable": "shopify",
    "tight_window": "pos",
}


@dataclass(frozen=True, slots=True)
class Customers:
    """Customers as columns. `credit_cents` is -1 without credit; `ordinary` lists by channel and country who orders
    in the usual way, `pools` who is kept for an awkward case. Coordinates in degrees.
    """

    code: list[str]
    name: list[str]
    channel: list[str]
    country: list[str]
    city: list[City]
    street: list[str]
    postcode: list[str]
    latitude: list[float]
    longitude: list[float]
    window: list[tuple[str, str]]
    credit_cents: np.ndarray
    price_list: np.ndarray
    pools: Mapping[str, np.ndarray]
    ordinary: Mapping[tuple[str, str], np.ndarray]

    @property
    def size(self) -> int:
        return len(self.code)

    def currency(self, index: int) -> str:
        return "GBP" if self.country[index] == "GB" else "EUR"

    def email(self, index: int) -> str:
        return f"orders.{self.code[index]}@example.com"


def customers(seed: int, count: int, pool_sizes: Mapping[str, int]) -> Customers:
    """Draw `count` customers over the channels, two thirds in Britain, one third in Germany (chains: Britain only).

    Who buys for the trade is mostly near a distribution centre, who buys on the web lives anywhere.
    """
    rng = stream(seed, "customers")
    per_channel = {name: round(count * _SHARE[name]) for name in CHANNELS}
    per_channel["shopify"] += count - sum(per_channel.values())
    channel = [name for name in CHANNELS for _ in range(per_channel[name])]
    country = np.where((np.array(channel) == "x12") | (rng.random(count) < 0.62), "GB", "DE")
    is_trade = np.array(channel) != "shopify"
    places = {
        name: scatter(rng, int((country == name).sum()), name, is_trade[country == name]) for name in ("GB", "DE")
    }
    row = np.where(country == "GB", np.cumsum(country == "GB"), np.cumsum(country == "DE")) - 1
    where = [(places[c], int(r)) for c, r in zip(country.tolist(), row, strict=True)]
    names = _WORDS.split(",")
    words, trades = rng.integers(0, len(names), count), rng.integers(0, 10, count)
    credit = np.array([{"shopify": 0.0, "x12": 1.0, "pos": 0.7}[name] for name in channel]) > rng.random(count)
    limit = np.where(np.array(channel) == "x12", 60_000, 15_000) * rng.integers(2, 6, count) * 100
    prices = [_price_list(ch, co) for ch, co in zip(channel, country.tolist(), strict=True)]
    pools, ordinary = _pools(np.array(channel), country, pool_sizes)
    windows = [_WINDOWS[i] for i in rng.integers(0, len(_WINDOWS), count)]
    for index in pools["tight_window"]:
        windows[index] = TIGHT_WINDOW
    for pool in ("blocked", "tight_window", "over_limit"):
        credit[pools[pool]] = True
    return Customers(
        code=[str(100_001 + i) for i in range(count)],
        name=[
            f"{names[w]} {_TRADES[c].split(',')[t]} {p.city[r].name}"
            for w, t, c, (p, r) in zip(words, trades, country.tolist(), where, strict=True)
        ],
        channel=channel,
        country=country.tolist(),
        city=[p.city[r] for p, r in where],
        street=[p.street[r] for p, r in where],
        postcode=[p.postcode[r] for p, r in where],
        latitude=[p.latitude[r] for p, r in where],
        longitude=[p.longitude[r] for p, r in where],
        window=windows,
        credit_cents=np.where(credit, limit, -1),
        price_list=np.array(prices),
        pools=pools,
        ordinary=ordinary,
    )


def _price_list(channel: str, country: str) -> int:
    currency = "GBP" if country == "GB" else "EUR"
    return LIST_NAMES.index({"shopify": "RETAIL-", "x12": "CHAIN-", "pos": "TRADE-"}[channel] + currency)


def _pools(
    channel: np.ndarray, country: np.ndarray, sizes: Mapping[str, int]
) -> tuple[dict[str, np.ndarray], dict[tuple[str, str], np.ndarray]]:
    """Cut each pool from the end of its channel's customers; what is left orders in the usual way."""
    left = {name: np.nonzero(channel == name)[0] for name in CHANNELS}
    pools = {}
    for pool, name in POOLS.items():
        size = min(sizes[pool], len(left[name]) // 8)
        pools[pool], left[name] = left[name][len(left[name]) - size :], left[name][: len(left[name]) - size]
    ordinary = {(name, place): left[name][country[left[name]] == place] for name in CHANNELS for place in ("GB", "DE")}
    return pools, ordinary


def _tax_id(country: str, number: int) -> str:
    """A made-up VAT number with right check digits."""
    if country == "GB":
        body = f"{(number * 7919 + 1_000_007) % 10_000_000:07d}"
        return (
            f"GB{body}{-sum(weight * int(digit) for weight, digit in zip(range(8, 1, -1), body, strict=True)) % 97:02d}"
        )
    body = f"{(number * 7919 + 10_000_019) % 90_000_000 + 10_000_000:08d}"
    return f"DE{body}{mod_11_10.calc_check_digit(body)}"


def write_customers(folder: Path, people: Customers, start: date) -> int:
    """Write `customers`, `addresses` and `delivery_windows`. Returns the number of files."""
    blocked = set(people.pools["blocked"].tolist())
    everyone = range(people.size)
    has_credit = people.credit_cents >= 0
    write_record(
        folder / "customers.csv",
        "customers",
        {
            "customer_code": people.code,
            "name": people.name,
            "email": [people.email(i) for i in everyone],
            "phone": [f"{_DIAL[people.country[i]]} {i % 1_000_000:06d}" for i in everyone],
            "tax_id": [_tax_id(people.country[i], i) for i in everyone],
            "segment": [{"shopify": "web", "x12": "chain", "pos": "counter"}[name] for name in people.channel],
            "priority": [{"shopify": 5, "x12": 3, "pos": 4}[name] for name in people.channel],
            "credit_limit": [decimal_text(int(c)) if c >= 0 else None for c in people.credit_cents],
            "currency": [people.currency(i) for i in everyone],
            "credit_limit_expiry": [(start + timedelta(days=700)).isoformat() if ok else None for ok in has_credit],
            "is_blocked": ["true" if i in blocked else "false" for i in everyone],
            "block_reason": ["unpaid invoices with the collection agency" if i in blocked else None for i in everyone],
            "ship_complete": ["true" if i % 11 == 3 else "false" for i in everyone],
            "max_splits": [2 + i % 2 for i in everyone],
            "price_list": [LIST_NAMES[p] for p in people.price_list],
        },
    )
    missing = set(people.pools["address_missing"].tolist())
    known = [i for i in everyone if i not in missing]
    write_addresses(folder, people, known, unusable=set(people.pools["address_unusable"].tolist()))
    fridays = sorted({*people.pools["tight_window"].tolist(), *(i for i in known if i % 9 == 0)})
    columns = {
        "customer_code": [people.code[i] for i in fridays],
        "address_code": ["MAIN"] * len(fridays),
        "weekday": [5] * len(fridays),
        "window_from": ["09:00"] * len(fridays),
        "window_to": ["09:45" if people.window[i] == TIGHT_WINDOW else "13:00" for i in fridays],
        "closed_from": ["10:30" if i % 18 == 0 else None for i in fridays],
        "closed_to": ["11:30" if i % 18 == 0 else None for i in fridays],
    }
    write_record(folder / "delivery_windows.csv", "delivery_windows", columns)
    return 3


def write_addresses(folder: Path, people: Customers, who: Sequence[int], unusable: Collection[int] = ()) -> int:
    """Write `addresses` of some customers; of the `unusable` ones with postcode TBC at 0, 0 (nobody had looked yet)."""

    def right(value: Any, index: int, wrong: Any) -> Any:
        return wrong if index in unusable else value

    return write_record(
        folder / "addresses.csv",
        "addresses",
        {
            "customer_code": [people.code[i] for i in who],
            "address_code": ["MAIN"] * len(who),
            "name": [people.name[i] for i in who],
            "street": [people.street[i] for i in who],
            "postcode": [right(people.postcode[i], i, "TBC") for i in who],
            "city": [people.city[i].name for i in who],
            "region": [people.city[i].region for i in who],
            "country": [people.country[i] for i in who],
            "latitude": [f"{right(people.latitude[i], i, 0.0):.4f}" for i in who],
            "longitude": [f"{right(people.longitude[i], i, 0.0):.4f}" for i in who],
            "window_from": [people.window[i][0] for i in who],
            "window_to": [people.window[i][1] for i in who],
            "service_min": [8 + i % 4 * 4 for i in who],
            "closed_from": ["12:00" if i % 6 == 2 else None for i in who],
            "closed_to": ["13:15" if i % 6 == 2 else None for i in who],
            "skills": ["tail-lift|two-person" if i % 69 == 5 else "tail-lift" if i % 23 == 5 else None for i in who],
            "vehicle_classes": ["van|chilled" if i % 17 == 4 else None for i in who],
        },
    )
