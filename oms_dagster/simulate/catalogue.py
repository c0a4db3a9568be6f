"""What the distributor sells: SKUs with weight, volume, classes, barcode, cost and prices; who supplies them.

Belongs here: the catalogue as arrays, and its reference files. Does not belong here: where the goods lie (`network`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from oms_dagster.simulate.dice import stream
from oms_dagster.simulate.tables import decimals, write_record

#: department, noun, gram range, list price range in pence, temperature class, hazard class
_NOUNS = """HH|Glass jar|200-900|250-900||;HH|Storage box|300-1800|400-2200||;HH|Tea towel|80-200|300-900||
HH|Enamel mug|150-400|450-1100||;HH|Bread bin|900-2500|1500-3900||;HH|Candle|150-800|300-1500||
HH|Cutlery set|400-1600|1200-4500||;HH|Chopping board|500-2200|800-2600||;HH|Laundry basket|700-1900|900-2800||
HH|Cleaning spray|500-1100|250-600||corrosive;HH|Descaler|500-1200|300-700||corrosive
HH|Lamp oil|800-1100|450-900||flammable;HH|Kettle|900-1600|1900-5500||;HH|Doormat|900-3000|900-2900||
FD|Olive oil|500-1100|500-1400||;FD|Ground coffee|250-1000|450-1800||;FD|Pasta|500-1000|120-350||
FD|Rice sack|5000-10000|900-2200||;FD|Flour sack|10000-25000|1100-2600||;FD|Tinned tomatoes|400-2600|90-480||
FD|Butter block|250-1000|220-900|chilled|;FD|Hard cheese|500-2500|600-2900|chilled|
FD|Fresh pasta|250-500|220-480|chilled|;FD|Yoghurt tray|1500-3000|350-900|chilled|
FD|Frozen peas|1000-2500|200-650|frozen|;FD|Honey|250-1000|350-1300||;FD|Oat biscuits|150-600|120-450||
FD|Sparkling water case|6000-9500|350-900||;TG|Cordless drill|1200-2800|4500-14900||
TG|LED lamp|80-300|350-1400||;TG|Extension lead|400-1500|700-2400||;TG|Screw assortment|500-2500|600-2200||
TG|Smoke alarm|150-350|900-2600||;TG|Wall charger|100-250|900-2900||;TG|Battery pack|150-700|600-2400||
TG|Contact cleaner|300-600|550-1300||flammable;TG|Tool case|1800-6500|2500-8900||
TG|Cement bag|20000-25000|500-900||;TG|Space heater|3500-9000|3900-11900||;TG|Torch|100-450|500-2900||"""
#: what may not ride together: open food in sacks, and what sheds dust
_GOODS_CLASSES = {"Rice sack": "food", "Flour sack": "food", "Cement bag": "dusty"}
#: nothing stands on them
_FRAGILE = ("Laundry basket", "Space heater")
#: length and width in mm of the boxes that units come in: 600 x 400 and its parts, as in ISO 3394
_FOOTPRINTS = ((150, 100), (200, 150), (300, 200), (400, 300), (600, 400))
_VARIANTS = (
    "classic,blue,green,red,white,small,large,twin,family,premium,basic,country,city,nordic,coastal,amber,graphite,"
    "ivory,sage,copper"
)
#: price list -> (currency, factor on the list price in pence)
PRICE_LISTS = {
    "RETAIL-GBP": ("GBP", 1.0),
    "TRADE-GBP": ("GBP", 0.82),
    "CHAIN-GBP": ("GBP", 0.70),
    "RETAIL-EUR": ("EUR", 1.17),
    "TRADE-EUR": ("EUR", 0.96),
}
LIST_NAMES = tuple(PRICE_LISTS)
#: tax in basis points by country (GB, DE) and department (food, other)
TAX_BP = {"GB": (0, 2000), "DE": (700, 1900)}
HEAVY_NOUN = "Cement bag"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """SKUs as columns: grams, volume in cm3, cost and list price in pence, prices in cents of the list's currency.

    `appeal` sums to 1: the chance that a line asks for the SKU. `is_vendor` marks goods that only the drop-ship vendor
    holds, `is_dead` what nobody asks for any more; `heavy` is the SKU of the heavy orders.
    """

    code: list[str]
    name: list[str]
    barcode: list[str]
    grams: np.ndarray
    volume_cm3: np.ndarray
    temperature: list[str]
    hazard: list[str]
    cost_pence: np.ndarray
    list_pence: np.ndarray
    price_cents: np.ndarray
    is_food: np.ndarray
    appeal: np.ndarray
    is_vendor: np.ndarray
    is_dead: np.ndarray
    heavy: int

    @property
    def size(self) -> int:
        return len(self.code)


def gtin13(bodies: np.ndarray) -> list[str]:
    """GTIN-13 with check digit for bodies of 12 digits (GS1 General Specifications 7.9: weights 1 and 3 in turn)."""
    digits = (bodies[:, None] // 10 ** np.arange(11, -1, -1, dtype=np.int64)) % 10
    check = (-(digits * np.where(np.arange(12) % 2, 3, 1)).sum(axis=1)) % 10
    return [f"{body:012d}{digit}" for body, digit in zip(bodies.tolist(), check.tolist(), strict=True)]


def catalogue(seed: int, count: int) -> Catalogue:
    """Draw `count` SKUs; barcodes start with 290, a range that GS1 leaves to in-house numbers."""
    rng = stream(seed, "catalogue")
    kinds = [kind.split("|") for line in _NOUNS.splitlines() for kind in line.split(";")]
    kind = np.arange(count) % len(kinds)
    low_g, high_g = np.array([[int(v) for v in k[2].split("-")] for k in kinds])[kind].T
    low_p, high_p = np.array([[int(v) for v in k[3].split("-")] for k in kinds])[kind].T
    size = rng.random(count)
    grams = np.maximum(10, np.rint(low_g + size * (high_g - low_g)).astype(np.int64))
    pence = np.rint(low_p + (0.7 * size + 0.3 * rng.random(count)) * (high_p - low_p)).astype(np.int64)
    price = np.stack([np.maximum(1, np.rint(pence * f)).astype(np.int64) for _, f in PRICE_LISTS.values()])
    appeal = 1.0 / (rng.permutation(count) + 12.0) ** 0.75
    appeal *= np.array([(0.4 if k[5] else 1.0) * (0.7 if k[4] else 1.0) for k in kinds])[kind]
    technical = np.array([k[0] == "TG" for k in kinds])[kind]
    heavy = next(i for i in range(count) if kinds[kind[i]][1] == HEAVY_NOUN)
    is_vendor = technical & (rng.random(count) < 0.15)
    is_dead = np.arange(count) >= count - max(6, count // 50)
    is_vendor[heavy], is_dead[heavy] = False, False
    is_vendor[is_dead], appeal[is_dead] = False, 0.0
    variant = [_variant(i // len(kinds)) for i in range(count)]
    return Catalogue(
        code=[f"{kinds[k][0]}-{i + 1:05d}" for i, k in enumerate(kind)],
        name=[f"{kinds[k][1]} {word}" for k, word in zip(kind, variant, strict=True)],
        barcode=gtin13(290_000_000_000 + np.arange(1, count + 1, dtype=np.int64)),
        grams=grams,
        volume_cm3=np.maximum(50, np.rint(grams / rng.uniform(0.18, 0.7, count)).astype(np.int64)),
        temperature=[kinds[k][4] or "ambient" for k in kind],
        hazard=[kinds[k][5] or "none" for k in kind],
        cost_pence=np.maximum(1, np.rint(pence * rng.uniform(0.42, 0.6, count)).astype(np.int64)),
        list_pence=pence,
        price_cents=price,
        is_food=np.array([k[0] == "FD" for k in kinds])[kind],
        appeal=appeal / appeal.sum(),
        is_vendor=is_vendor,
        is_dead=is_dead,
        heavy=heavy,
    )


def _variant(number: int) -> str:
    words = _VARIANTS.split(",")
    word = words[number % len(words)]
    return word if number < len(words) else f"{word} {number // len(words) + 1}"


def measures(goods: Catalogue) -> np.ndarray:
    """Length, width and height of each unit in mm: on the smallest footprint on which it isn't higher than wide, as high as its volume asks."""
    length, width = np.array(_FOOTPRINTS).T
    mm3 = goods.volume_cm3 * 1_000
    on = np.searchsorted((length * width * width)[:-1], mm3)
    return np.stack([length[on], width[on], -(-mm3 // (length * width)[on])], axis=1)


def write_catalogue(folder: Path, goods: Catalogue, safety: np.ndarray, valid_from: date) -> int:
    """Write `skus`, `prices` and `suppliers`; `safety` is the safety stock of each SKU in units. Returns files."""
    write_record(
        folder / "skus.csv",
        "skus",
        {
            "sku_code": goods.code,
            "name": goods.name,
            "barcode": goods.barcode,
            "unit": ["EA"] * goods.size,
            "weight_kg": decimals(goods.grams, 3),
            "volume_m3": decimals(goods.volume_cm3, 6),
            "temperature_class": goods.temperature,
            "hazard_class": goods.hazard,
            "goods_class": [
                next((c for noun, c in _GOODS_CLASSES.items() if noun in name), None) for name in goods.name
            ],
            "cost": decimals(goods.cost_pence),
            "currency": ["GBP"] * goods.size,
            "list_price": decimals(goods.list_pence),
            "safety_stock": safety.tolist(),
            "reorder_point": safety.tolist(),
            "is_active": ["true"] * goods.size,
            "supplier_code": [SUPPLIERS[sku % 3][0] for sku in range(goods.size)],
            "order_multiple": [12 if pence < 500 else 6 if pence < 2000 else 1 for pence in goods.list_pence.tolist()],
            "min_order_quantity": [
                24 if pence < 500 else 6 if pence < 2000 else 2 for pence in goods.list_pence.tolist()
            ],
            **dict(zip(("length_mm", "width_mm", "height_mm"), measures(goods).T.tolist(), strict=True)),
            "is_stackable": ["false" if name.startswith(_FRAGILE) else "true" for name in goods.name],
        },
    )
    names = [name for name in LIST_NAMES for _ in range(goods.size)]
    write_record(
        folder / "prices.csv",
        "prices",
        {
            "price_list": names,
            "sku_code": goods.code * len(LIST_NAMES),
            "unit_price": decimals(goods.price_cents.ravel()),
            "currency": [PRICE_LISTS[name][0] for name in names],
            "valid_from": [valid_from.isoformat()] * len(names),
        },
    )
    write_suppliers(folder)
    return 3


SUPPLIERS = (
    ("SUP-01", "Midland Housewares", 3, "GBP"),
    ("SUP-02", "Pennine Foods", 2, "GBP"),
    ("SUP-03", "Severn Tools", 5, "GBP"),
    ("SUP-04", "Weser Haushaltswaren", 4, "EUR"),
    ("SUP-05", "Fulda Lebensmittel", 2, "EUR"),
    ("SUP-06", "Neckar Technik", 6, "EUR"),
)


def write_suppliers(folder: Path) -> None:
    """Write `suppliers`."""
    codes, names, days, currencies = (list(column) for column in zip(*SUPPLIERS, strict=True))
    columns = {
        "supplier_code": codes,
        "name": names,
        "lead_time_days": days,
        "currency": currencies,
        "lead_time_deviation_days": [1] * len(codes),
        "min_order_value": ["250.00"] * len(codes),
    }
    write_record(folder / "suppliers.csv", "suppliers", columns)
