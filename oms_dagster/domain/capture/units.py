"""Units of measure: what a partner's word for one means, and what one unit is worth in another.

Belongs here: UN/ECE Recommendation 20 codes in common use (packages as in Recommendation 21, with an X before), X12 codes
and everyday words for them, conversions that hold for all goods. Does not belong here: how many pieces a case of one SKU
holds (reference data `sku_units`), where quantities are converted (`warehouse.gate.units`).

Source: UN/ECE Recommendations 20 and 21, X12 element 355, NIST Handbook 44 for the exact values of US customary units.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

#: What a SKU is counted in when its reference data doesn't say.
PIECE = "C62"

#: Dimension -> code -> size in one unit that all sizes of the dimension are whole numbers of.
_SIZES: Mapping[str, Mapping[str, int]] = {
    "count": {
        "C62": 1, "EA": 1, "H87": 1, "NAR": 1, "PR": 2, "NPR": 2, "DZN": 12, "SCO": 20, "DPR": 24, "CEN": 100, "GRO": 144,
        "MIL": 1000, "T3": 1000,
    },
    "mass": {  # nanograms
        "MGM": 10**6, "GRM": 10**9, "KGM": 10**12, "TNE": 10**15, "ONZ": 28_349_523_125, "LBR": 453_592_370_000,
        "STN": 907_184_740_000_000, "LTN": 1_016_046_908_800_000,
    },
    "length": {  # micrometres
        "MMT": 10**3, "CMT": 10**4, "DMT": 10**5, "MTR": 10**6, "KMT": 10**9, "INH": 25_400, "FOT": 304_800, "YRD": 914_400,
        "SMI": 1_609_344_000,
    },
    "area": {  # hundredths of a square millimetre
        "MMK": 10**2, "CMK": 10**4, "MTK": 10**8, "INK": 64_516, "FTK": 9_290_304, "YDK": 83_612_736,
    },
    "volume": {  # tenths of a picolitre
        "MLT": 10**10, "CLT": 10**11, "DLT": 10**12, "LTR": 10**13, "HLT": 10**15, "MTQ": 10**16, "OZA": 295_735_295_625,
        "PTL": 4_731_764_730_000, "QTL": 9_463_529_460_000, "GLL": 37_854_117_840_000, "GLI": 45_460_900_000_000,
        "INQ": 163_870_640_000, "FTQ": 283_168_465_920_000,
    },
    "time": {"MIN": 1, "HUR": 60, "DAY": 1440, "WEE": 10_080},
}  # fmt: skip

#: Packages and groups: how much one holds is another matter for each SKU.
_PACKAGES = (
    "XAE", "XBA", "XBE", "XBG", "XBJ", "XBK", "XBO", "XBX", "XCA", "XCR", "XCS", "XCT", "XCX", "XDR", "XEN", "XJR", "XKG",
    "XPA", "XPC", "XPK", "XPL", "XPU", "XPX", "XRL", "XRO", "XSA", "XSH", "XST", "XTN", "XTU", "SET", "KT", "RM", "PD", "AS",
    "LO", "NRL", "E48", "KWH", "MON", "ANN",
)  # fmt: skip
CODES = frozenset({*(code for sizes in _SIZES.values() for code in sizes), *_PACKAGES})

#: Everyday words, older codes of Recommendation 20 (packages without X among them) and common abbreviations.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "C62": ("one", "unit", "units", "un", "und", "unid", "unidad", "unidade", "unidades", "ud", "st", "stk", "stück"),
    "EA": ("each", "eaches"),
    "H87": ("piece", "pieces", "pce", "pc", "pcs", "pza", "pieza", "peça"),
    "PR": ("pair", "pairs", "par"), "DZN": ("dozen", "dozens", "dz", "doz", "dúzia", "docena"), "GRO": ("gross",),
    "CEN": ("hundred",), "MIL": ("thousand",),
    "KGM": ("kg", "kilo", "kilos", "kilogram", "kilograms"), "GRM": ("g", "gr", "gram", "grams"), "MGM": ("mg",),
    "TNE": ("t", "tonne", "tonnes"), "LBR": ("lb", "lbs", "pound", "pounds"), "ONZ": ("oz", "ounce", "ounces"),
    "MTR": ("m", "metre", "metres", "meter", "meters"), "CMT": ("cm",), "MMT": ("mm",), "INH": ("inch", "inches"),
    "FOT": ("foot", "feet", "ft"), "YRD": ("yard", "yards", "yd"), "MTK": ("m2", "m²"), "FTK": ("sqft",),
    "LTR": ("l", "litre", "litres", "liter", "liters"), "MLT": ("ml",), "CLT": ("cl",), "MTQ": ("m3", "m³"),
    "GLL": ("gallon", "gallons", "gal"),
    "XCS": ("cs", "case", "cases", "caja", "cajas", "caixa", "caixas", "cx", "caisse"), "XCT": ("ct", "carton", "cartons"),
    "XBX": ("bx", "box", "boxes"), "XPX": ("px", "pallet", "pallets", "palete", "palet"),
    "XPK": ("pk", "pack", "packs", "package", "packages", "pkg", "paquete", "pacote"), "XBG": ("bg", "bag", "bags"),
    "XBE": ("be", "bundle", "bundles"), "XCR": ("cr", "crate", "crates"), "XBO": ("bo", "bottle", "bottles"),
    "XDR": ("dr", "drum", "drums"), "XPU": ("pu", "tray", "trays"), "XRO": ("ro", "roll", "rolls"), "XSA": ("sa", "sack", "sacks"),
    "XTU": ("tu", "tube", "tubes"), "SET": ("set", "sets"), "KT": ("kit", "kits"), "RM": ("ream", "reams"),
}  # fmt: skip

#: X12 element 355 where it says something else than Recommendation 20, or more.
_X12: Mapping[str, str] = {
    "CA": "XCS", "CT": "XCT", "BX": "XBX", "PL": "XPX", "PF": "XPX", "PK": "XPK", "BG": "XBG", "BD": "XBE", "BO": "XBO",
    "CN": "XCX", "CR": "XCR", "DR": "XDR", "JR": "XJR", "PA": "XPL", "RL": "XRO", "TB": "XTU", "TY": "XPU", "SH": "XST",
    "ST": "SET", "KT": "KT", "RM": "RM", "AS": "AS", "EA": "EA", "PC": "H87", "UN": "C62", "PR": "PR", "DZ": "DZN", "GS": "GRO",
    "HU": "CEN", "TH": "MIL", "LB": "LBR", "OZ": "ONZ", "KG": "KGM", "GR": "GRM", "ME": "MGM", "TN": "STN", "MP": "TNE",
    "IN": "INH", "FT": "FOT", "YD": "YRD", "LM": "MTR", "MR": "MTR", "CM": "CMT", "MM": "MMT", "SF": "FTK", "SY": "YDK",
    "SM": "MTK", "GA": "GLL", "QT": "QTL", "PT": "PTL", "FO": "OZA", "LT": "LTR", "ML": "MLT", "CF": "FTQ",
    "HR": "HUR", "DA": "DAY", "WK": "WEE", "MO": "MON", "YR": "ANN",
}  # fmt: skip


@cache
def _spellings() -> Mapping[str, str]:
    return {code: code for code in CODES} | {word.upper(): code for code, words in _WORDS.items() for word in words}


def unit_code(text: str, *, is_x12: bool = False) -> str | None:
    """The Recommendation 20 code that a unit's text means; None where we know none.

    Parameters
    ----------
    is_x12
        The text is an X12 code: ``CA`` is a case there, a can elsewhere.
    """
    word = text.strip().upper()
    return (_X12.get(word) if is_x12 else None) or _spellings().get(word)


def conversion(code: str, base: str) -> Fraction | None:
    """How many of unit ``base`` are one of unit ``code``, for all goods alike; None where that depends on the goods."""
    if code == base:
        return Fraction(1)
    for sizes in _SIZES.values():
        if code in sizes and base in sizes:
            return Fraction(sizes[code], sizes[base])
    return None
