"""What a real order file lacks: customers, goods, locations, stock and a fleet for exactly what it names.

Belongs here: `like`, for files in the layout of UCI Online Retail (Parquet: invoice_no, stock_code, description,
quantity, invoice_ts, unit_price_gbp, customer_id, country). Does not belong here: the orders themselves, which stay as
they are.

Everything invented is marked: feeds by `source`, reference data by the file `world.json` beside it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from oms_dagster.simulate import feeds, network
from oms_dagster.simulate.catalogue import SUPPLIERS, gtin13, write_suppliers
from oms_dagster.simulate.cities import ABROAD, scatter
from oms_dagster.simulate.dice import chance, stream
from oms_dagster.simulate.orders import epoch
from oms_dagster.simulate.tables import decimals, instant, write_bytes, write_record

#: Codes of the file that are no goods: postage, discounts, manual entries, fees, samples.
NO_GOODS = frozenset({"POST", "DOT", "C2", "D", "M", "m", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK"})
#: Location codes: write-offs in the file happen at the channel's location MAIN, which here is the first DC.
_CODES = ("MAIN", *network.LOCATION_CODES[1:])
#: A SKU is bought every fourth Monday, up to what the coming weeks ask for.
_TURN, _AHEAD = 4, 7
#: Receipts below this many units go to one location.
_SMALL = 24
#: Share of the stock by location: MAIN (Daventry), Warrington, Kassel.
_SPLIT = (0.5, 0.3, 0.2)
_HOME = "United Kingdom"
_WINDOWS = (("08:00", "12:00"), ("08:00", "17:00"), ("09:00", "18:00"), ("10:00", "16:00"))
_HAZARD_WORDS = {"CANDLE": "flammable", "T-LIGHT REFILL": "flammable", "INCENSE": "flammable", "LIGHTER": "flammable"}
_HEAVY_WORDS = ("CABINET", "CHAIR", "TABLE", "BENCH", "DRAWER", "PLANTER", "MIRROR", "TRUNK", "DOORMAT", "STOOL")


@dataclass(frozen=True, slots=True)
class LikeSummary:
    """What was invented for a file: sizes, and the share of weekly demand that the stock cannot give in its week."""

    lines: int
    customers: int
    skus: int
    receipts: int
    short_share: float


@dataclass(frozen=True, slots=True)
class _Goods:
    code: list[str]
    name: list[str]
    price_pence: np.ndarray
    weekly: np.ndarray  # units sold, week x SKU
    written_off: np.ndarray  # units, week x SKU
    first_monday: date


def like(orders: Path, out: Path, seed: int) -> LikeSummary:
    """Write reference data and feeds for the customers and SKUs of an order file into `out`.

    Weekly receipts come on Mondays and follow the demand of their week, with a few SKUs kept short; opening stock is
    dated the day before the file's first week.

    Raises
    ------
    ValueError
        When the file lacks a column of the layout.
    """
    columns = ["stock_code", "description", "quantity", "invoice_ts", "unit_price_gbp", "customer_id", "country"]
    missing = set(columns) - set(pq.read_schema(orders).names)
    if missing:
        raise ValueError(f"{orders.name} lacks the columns {', '.join(sorted(missing))} of the Online Retail layout")
    table = pq.read_table(orders, columns=columns)
    goods = _goods(table)
    start = goods.first_monday - timedelta(days=1)
    valid_from, folder = date(start.year, 1, 1), out / "reference"
    customers = _write_customers(folder, table, seed)
    _write_goods(folder, goods, seed)
    countries = sorted({"GB", "DE", *(place[0] for place in ABROAD.values())})
    lines_a_day = max(1, table.num_rows // max(1, 6 * len(goods.weekly)))
    network.write_network(folder, lines_a_day, 24, valid_from, tuple(countries), goods.first_monday, _CODES)
    write_suppliers(folder)
    receipts, short = _write_stock(out / "days", goods, seed)
    feeds.write_rates(out / "days", seed, start, "1800")
    summary = LikeSummary(table.num_rows, customers, len(goods.code), receipts, short)
    content = {"like": orders.name, "seed": seed, "source": feeds.SOURCE, "summary": asdict(summary)}
    write_bytes(out / "world.json", (json.dumps(content, indent=1) + "\n").encode())
    return summary


def _goods(table: pa.Table) -> _Goods:
    """SKUs of the file with their commonest description, median price and weekly demand (returns left out)."""
    code = pc.utf8_trim_whitespace(table["stock_code"]).combine_chunks().dictionary_encode()
    names, index = code.dictionary.to_pylist(), code.indices.to_numpy(zero_copy_only=False)
    is_goods = np.array([name not in NO_GOODS for name in names])
    quantity = table["quantity"].to_numpy()
    price = table["unit_price_gbp"].to_numpy()
    days = table["invoice_ts"].to_numpy().astype("datetime64[D]").astype(np.int64)
    first = date(1970, 1, 1) + timedelta(days=int(days.min()))
    monday = first - timedelta(days=first.weekday())
    week = (days - (monday - date(1970, 1, 1)).days) // 7
    sold = is_goods[index] & (quantity > 0) & (price > 0)
    weekly = np.bincount(week[sold] * len(names) + index[sold], quantity[sold], (int(week.max()) + 1) * len(names))
    lost = is_goods[index] & (quantity < 0) & (price == 0)
    written_off = np.bincount(week[lost] * len(names) + index[lost], -quantity[lost], len(weekly))
    kept = np.nonzero(is_goods)[0]
    order = kept[np.argsort(np.array([names[k] for k in kept]))]
    titles, medians = _titles(table, index, len(names)), _medians(index[sold], price[sold], len(names))
    return _Goods(
        [names[k] for k in order],
        [titles.get(int(k)) or f"Article {names[k]}" for k in order],
        np.maximum(1, np.rint(100 * medians[order]).astype(np.int64)),
        weekly.reshape(-1, len(names))[:, order].astype(np.int64),
        written_off.reshape(-1, len(names))[:, order].astype(np.int64),
        monday,
    )


def _titles(table: pa.Table, index: np.ndarray, size: int) -> dict[int, str]:
    text = pc.utf8_trim_whitespace(pc.fill_null(table["description"], "")).combine_chunks().dictionary_encode()
    words = text.dictionary.to_pylist()
    pairs, times = np.unique(index * len(words) + text.indices.to_numpy(zero_copy_only=False), return_counts=True)
    titles: dict[int, str] = {}
    for place in np.lexsort((pairs, -times)):
        word = words[int(pairs[place]) % len(words)]
        if word and word.upper() == word:
            titles.setdefault(int(pairs[place]) // len(words), word)
    return titles


def _medians(index: np.ndarray, price: np.ndarray, size: int) -> np.ndarray:
    """Lower median price of each SKU; 1.00 where none was ever sold."""
    order = np.lexsort((price, index))
    count = np.bincount(index, minlength=size)
    middle = np.cumsum(count) - count + (count - 1) // 2
    medians = np.ones(size)
    medians[count > 0] = price[order][middle[count > 0]]
    return medians


def _write_goods(folder: Path, goods: _Goods, seed: int) -> None:
    """Dearer is heavier, furniture heaviest; candles and the like are flammable; cost is about half the price."""
    rng, size = stream(seed, "like", "goods"), len(goods.code)
    heavy = np.array([any(word in name for word in _HEAVY_WORDS) for name in goods.name])
    base = 60 + 110 * np.sqrt(goods.price_pence / 100.0) * rng.uniform(0.5, 1.8, size)
    grams = np.rint(np.clip(base * np.where(heavy, 6, 1), 10, 25_000)).astype(np.int64)
    volume = np.maximum(20, np.rint(grams / rng.uniform(0.12, 0.5, size))).astype(np.int64)
    safety = np.ceil(0.1 * goods.weekly.mean(axis=0)).astype(np.int64)
    cost = np.maximum(1, np.rint(goods.price_pence * rng.uniform(0.4, 0.6, size)).astype(np.int64))
    hazard = [next((h for word, h in _HAZARD_WORDS.items() if word in name), "none") for name in goods.name]
    write_record(
        folder / "skus.csv",
        "skus",
        {
            "sku_code": goods.code,
            "name": goods.name,
            "barcode": gtin13(291_000_000_000 + np.arange(1, size + 1, dtype=np.int64)),
            "unit": ["EA"] * size,
            "weight_kg": decimals(grams, 3),
            "volume_m3": decimals(volume, 6),
            "temperature_class": ["ambient"] * size,
            "hazard_class": hazard,
            "cost": decimals(cost),
            "currency": ["GBP"] * size,
            "list_price": decimals(goods.price_pence),
            "safety_stock": safety.tolist(),
            "reorder_point": (2 * safety).tolist(),
            "is_active": ["true"] * size,
        },
    )
    stocked = np.zeros((size, len(_CODES)), dtype=bool)
    stocked[:, list(network.DCS)] = True
    network.write_bins(folder, goods.code, ["ambient"] * size, hazard, stocked, _CODES)


def _write_customers(folder: Path, table: pa.Table, seed: int) -> int:
    """Customers of the file, each at an address in the country of its first line."""
    named = table.filter(pc.is_valid(table["customer_id"]))
    value = pc.multiply(pc.cast(named["quantity"], pa.float64()), named["unit_price_gbp"])
    grouped = (
        pa.table({"customer": named["customer_id"], "country": named["country"], "value": value})
        .group_by("customer", use_threads=False)
        .aggregate([("country", "first"), ("value", "sum")])
        .sort_by("customer")
    )
    code = [str(c) for c in grouped["customer"].to_pylist()]
    country = grouped["country_first"].to_pylist()
    worth = np.maximum(0, grouped["value_sum"].to_numpy())
    limit = (np.ceil(worth / 2000) * 1000 + 2000).astype(np.int64)
    size = len(code)
    write_record(
        folder / "customers.csv",
        "customers",
        {
            "customer_code": code,
            "name": [f"Customer {c}" for c in code],
            "email": [f"orders.{c}@example.com" for c in code],
            "segment": ["wholesale" if w >= 5000 else "retail" for w in worth],
            "priority": [3 if w >= 20_000 else 4 if w >= 5000 else 5 for w in worth],
            "credit_limit": [f"{v}.00" for v in limit],
            "currency": ["GBP"] * size,
            "is_blocked": ["false"] * size,
            "ship_complete": ["false"] * size,
            "max_splits": [3] * size,
        },
    )
    _write_addresses(folder, seed, code, country)
    return size


def _write_addresses(folder: Path, seed: int, code: list[str], country: list[str]) -> None:
    near = {"GB": iter(_rows(seed, "GB", len(code))), "DE": iter(_rows(seed, "DE", len(code)))}
    rows = []
    for number, land in zip(code, country, strict=True):
        if land == "Germany":
            place = next(near["DE"])
        elif land in ABROAD:
            iso, city, region, postcode, lat, lon = ABROAD[land]
            north, east = (0.1 * chance(seed, axis, number) - 0.05 for axis in ("north", "east"))
            street = f"{1 + int(150 * chance(seed, 'street', number))} Market Street"
            place = (street, postcode, city, region, iso, f"{lat + north:.4f}", f"{lon + east:.4f}")
        else:
            place = next(near["GB"])
        window = _WINDOWS[int(len(_WINDOWS) * chance(seed, "window", number))]
        rows.append((number, "MAIN", f"Customer {number}", *place, *window, 10))
    names = ("customer_code", "address_code", "name", "street", "postcode", "city", "region", "country", "latitude",
             "longitude", "window_from", "window_to", "service_min")  # fmt: skip
    write_record(folder / "addresses.csv", "addresses", dict(zip(names, zip(*rows, strict=True), strict=True)))


def _rows(seed: int, country: str, count: int) -> list[tuple[str, ...]]:
    p = scatter(stream(seed, "like", "addresses", country), count, country)
    columns = zip(p.city, p.street, p.postcode, p.latitude, p.longitude, strict=True)
    return [(s, z, c.name, c.region, country, f"{lat:.4f}", f"{lon:.4f}") for c, s, z, lat, lon in columns]


def _write_stock(days: Path, goods: _Goods, seed: int) -> tuple[int, float]:
    """Opening stock for some weeks; each Monday a quarter of the SKUs is filled up; 4 % of SKUs get too little."""
    rng, size = stream(seed, "like", "stock"), len(goods.code)
    scarce = np.where(rng.random(size) < 0.04, 0.55, 1.0)
    share = np.zeros((size, len(_CODES)))
    share[:, list(network.DCS)] = _SPLIT
    target = np.ceil((goods.weekly[:_AHEAD].sum(axis=0) * 1.1 + 2) * scarce)
    opening = np.ceil(target[:, None] * share).astype(np.int64)
    opening[:, 0] += goods.written_off[0]
    feeds.write_opening(days, goods.first_monday - timedelta(days=1), goods.code, opening, _CODES)
    given, receipts = target, 0
    stock_by_week = [target]
    for week in range(1, len(goods.weekly)):
        wanted = np.ceil(goods.weekly[: week + _AHEAD].sum(axis=0) * 1.1 * scarce) - given
        turn = (np.arange(size) + week) % _TURN == 0
        coming = np.where(turn, np.maximum(0, wanted), 0).astype(np.int64)
        given = given + coming
        stock_by_week.append(given)
        receipts += _write_receipts(days, goods, week, coming, share)
    there, asked = np.array(stock_by_week), np.cumsum(goods.weekly, axis=0)
    before = asked - goods.weekly
    short = np.minimum(goods.weekly, np.maximum(0, asked - np.maximum(there, before))).sum()
    return receipts, round(float(short) / max(1.0, float(goods.weekly.sum())), 4)


def _write_receipts(days: Path, goods: _Goods, week: int, coming: np.ndarray, share: np.ndarray) -> int:
    """A Monday's receipts, announced the Monday before. Returns their number."""
    day = goods.first_monday + timedelta(days=7 * week)
    split = np.ceil(coming[:, None] * share).astype(np.int64)
    small = np.nonzero(coming < _SMALL)[0]
    split[small] = 0
    split[small, small % len(network.DCS)] = coming[small]
    split[:, 0] += goods.written_off[week]
    place, sku = np.nonzero(split.T)
    if not len(sku):
        return 0
    codes, places = [goods.code[s] for s in sku.tolist()], [_CODES[p] for p in place.tolist()]
    amounts, count = split[sku, place].tolist(), len(sku)
    number = [f"PO-{day:%Y%m%d}-{p}-{c}" for p, c in zip(places, codes, strict=True)]
    said, came = day - timedelta(days=7), instant(epoch(day, 5 * 3600))
    line: dict[str, Any] = {"sku_code": codes, "location_code": places, "source": [feeds.SOURCE] * count}
    supply = line | {
        "supply_id": number,
        "kind": ["purchase"] * count,
        "supplier_code": [SUPPLIERS[s % 3][0] for s in sku.tolist()],
        "due_date": [day.isoformat()] * count,
    }
    announced = {
        "quantity": amounts,
        "status": ["confirmed"] * count,
        "event_at": [instant(epoch(said, 5 * 3600))] * count,
    }
    received = {"quantity": [0] * count, "status": ["received"] * count, "event_at": [came] * count}
    write_record(feeds.feed_path(days, said, "supply", "0530"), "supply", supply | announced)
    write_record(feeds.feed_path(days, day, "supply", "0600"), "supply", supply | received)
    moved = {"movement_id": [f"{n}-receipt" for n in number], "kind": ["receipt"] * count, "quantity": amounts}
    moved |= {"stock_status": ["usable"] * count, "reference": number, "event_at": [came] * count}
    write_record(feeds.feed_path(days, day, "stock", "0600"), "stock", line | moved)
    return count
