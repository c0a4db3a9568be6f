"""What the segments of an ORDERS or ORDCHG say, gathered message by message.

Belongs here: qualifiers and their meaning. Does not belong here: envelopes (`syntax`), kinds of message (`orders`).

Source: UN/EDIFACT directories D.96A and D.01B: BGM, DTM, FTX, RFF, NAD, COM, CUX, PAT, TOD, LOC, LIN, PIA, IMD, QTY, PRI, MOA, ALC,
PCD, TAX, UNS, CNT; EANCOM 2002 for the use of qualifiers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from oms_dagster.domain.capture.amounts import cents, number, per_unit, plain
from oms_dagster.domain.capture.edifact.syntax import Segment, part, parts

Row = dict[str, str | None]

#: Kinds of item number (element 7143), the seller's own first.
_SKU_KINDS = ("SA", "VN", "IN", "BP", "MF", "IB", "ISB")
#: Fields of a party's address.
_PLACE = ("name", "street", "postcode", "city", "region", "country")
_BARCODE_KINDS = ("SRV", "EN", "UP", "EAN")
#: Qualifiers of a date or time (element 2005) -> fields that it begins, and that it ends.
_DELIVERY, _SHIPPING = (("requested_from",), ("requested_to",)), (("ship_after",), ("ship_by",))
_WINDOW: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "2": _DELIVERY, "76": _DELIVERY, "69": _DELIVERY, "64": (("requested_from",), ()), "63": ((), ("requested_to",)),
    "10": _SHIPPING, "37": (("ship_after",), ()), "38": ((), ("ship_by",)), "61": ((), ("cancel_after",)),
}  # fmt: skip
#: Amounts that declare the order's total (element 5025), the surest first; 79 is of the items alone.
_TOTALS = ("86", "9", "39", "128")
_ALLOWANCE_AMOUNTS = ("8", "204", "23", "25")
_NET, _GROSS = ("AAA", "NTP"), ("AAB", "AAE", "AAF", "INV", "CAL", "INF")
_DATES = {"101": r"(\d\d)(\d\d)(\d\d)", "102": r"(\d{4})(\d\d)(\d\d)"}
_MOMENTS = {
    "201": r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", "203": r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)",
    "204": r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", "303": r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)\D*",
}  # fmt: skip


def moment(text: str, form: str) -> str | None:
    """ISO 8601 of a date or time (C507); what isn't one stays as it is, for the gate to refuse."""
    pattern = _DATES.get(form) or _MOMENTS.get(form) or _DATES["102"]
    found = re.fullmatch(pattern, text, re.ASCII)
    if found is None:
        return text or None
    year, month, day, *clock = (piece for piece in found.groups())
    if len(year) == 2:
        year = ("20" if int(year) < 70 else "19") + year
    date = f"{year}-{month}-{day}"
    return f"{date}T{clock[0]}:{clock[1]}:{clock[2] if len(clock) > 2 else '00'}" if clock else date


class _Line:
    """One LIN group while it is read."""

    __slots__ = ("allowances", "amount", "barcode", "codes", "described", "note", "prices", "row", "tax", "window")

    def __init__(self, segment: Segment) -> None:
        self.row: Row = {"row_kind": "line", "line_number": part(segment, 1) or None}
        self.codes: dict[str, str] = {}
        self.prices: dict[str, str | None] = {}
        self.allowances: list[list[str]] = []
        self.described: list[str] = []
        self.note = ""
        self.amount = ""
        self.tax: str | None = None
        self.window: Row = {}
        self.product(segment, 3)
        if part(segment, 2) == "2":
            self.row["quantity"] = "0"

    def product(self, segment: Segment, first: int) -> None:
        """Item numbers of LIN or PIA."""
        for place in range(first, len(segment)):
            kind, code = part(segment, place, 1), part(segment, place)
            if code:
                self.codes.setdefault(kind or "IN", code)

    def finished(self) -> Row:
        """The row, with what had to wait for later segments: price, allowances of a gross price, code, text."""
        row = self.row
        barcode = next((self.codes[kind] for kind in _BARCODE_KINDS if kind in self.codes), None)
        row["barcode"] = barcode
        row["sku_code"] = next((self.codes[kind] for kind in _SKU_KINDS if kind in self.codes), None) or barcode
        row["description"] = " ".join(self.described) or self.note or None
        net = next((self.prices[kind] for kind in _NET if self.prices.get(kind)), None)
        gross = next((self.prices[kind] for kind in _GROSS if self.prices.get(kind)), None)
        row["unit_price"] = net or gross or next(iter(self.prices.values()), None) or self._derived()
        row["tax_amount"] = self.tax
        if net is None and gross is not None and self.allowances:
            row["discount_amount"] = self._discount(gross)
        return row

    def _derived(self) -> str | None:
        """The price of a line that gives its amount only."""
        return per_unit(self.amount, self.row.get("quantity"))

    def _discount(self, gross: str) -> str | None:
        """Allowances less charges on the line; a net price holds them already."""
        price, quantity = number(gross), number(self.row.get("quantity"))
        total = Decimal(0)
        for kind, amount, percent in self.allowances:
            value, share = number(amount), number(percent)
            if value is None and share is not None and price is not None and quantity is not None:
                value = cents(price * quantity * share / 100)
            if value is None:
                return amount or percent or None
            total += value if kind == "A" else -value
        return plain(total)


class Sheet:
    """What one message says, segment by segment.

    Attributes
    ----------
    lines
        Rows of the lines (complete once the message is read).
    function
        BGM 1225.
    declared_lines
        CNT+2.
    """

    def __init__(self, decimal: str) -> None:
        self.function = ""
        self.declared_lines = ""
        self._comma = decimal == ","
        self._head: Row = {}
        self._notes: list[str] = []
        self._parties: dict[str, Row] = {}
        self._party: Row = {}
        self._lines: list[_Line] = []
        self._line: _Line | None = None
        self._summary = False
        self._totals: dict[str, str] = {}
        self._allowances: list[list[str]] = []
        self._kinds: list[tuple[str, str, str]] = []
        self._open: list[str] | None = None
        self._taxes: list[str] = []
        self._rows: list[Row] | None = None

    @property
    def lines(self) -> list[Row]:
        """One row a LIN."""
        if self._rows is None:
            self._rows = [line.finished() for line in self._lines]
        return self._rows

    def read(self, segment: Segment) -> None:
        """Take one segment in; what it belongs to follows from those before it."""
        handler = _HANDLERS.get(segment[0][0])
        if handler is not None:
            handler(self, segment)

    def header(self, sender: str) -> Row:
        """Fields of the header; the buyer is BY, else the invoicee, else who sent the interchange."""
        buyer = self._parties.get("BY") or self._parties.get("IV") or {}
        windows = [line.window for line in self._lines]
        if windows and all(window == windows[0] for window in windows):
            # Dates that all lines share are the order's; those that differ are the lines' own and have no field.
            self._head = windows[0] | self._head
        payer = self._parties.get("IV") or {}
        ship = self._parties.get("DP") or self._parties.get("UC") or self._parties.get("BY") or {}
        return self._head | {
            "customer_code": buyer.get("id") or sender or None,
            "customer_name": buyer.get("name"),
            "customer_email": buyer.get("email"),
            "customer_phone": buyer.get("phone"),
            "customer_tax_id": buyer.get("tax_id") or payer.get("tax_id"),
            "note": ", ".join(self._notes) or None,
            "declared_total": self._declared(),
            **{f"bill_to_{key}": payer.get(key) for key in _PLACE},
            **{f"ship_to_{key}": ship.get(key) for key in _PLACE},
        }

    def _declared(self) -> str | None:
        found = next((self._totals[kind] for kind in _TOTALS if kind in self._totals), None)
        alone = not self._allowances and not self._taxes and all(row["tax_amount"] is None for row in self.lines)
        return found or (self._totals.get("79") if alone else None)

    def charges(self) -> list[Row]:
        """Allowances, charges and taxes of the whole message."""
        rows: list[Row] = []
        worth = sum(
            (
                (number(row.get("quantity")) or Decimal(0)) * (number(row.get("unit_price")) or Decimal(0))
                for row in self.lines
            ),
            Decimal(0),
        )
        for (kind, amount, percent), (code, about, _) in zip(self._allowances, self._kinds, strict=True):
            share = number(percent)
            text = amount or (plain(cents(worth * share / 100)) if share is not None else percent)
            what = "discount" if kind == "A" else "shipping" if code in ("FC", "DL") else "charge"
            rows.append(
                {"row_kind": what, "sku_code": code or None, "description": about or None, "amount": text or None}
            )
        taxes = [number(text) for text in self._taxes]
        on_lines = sum((number(row["tax_amount"]) or Decimal(0) for row in self.lines), Decimal(0))
        total = max((tax for tax in taxes if tax is not None), default=Decimal(0)) - on_lines
        if total > 0:
            rows.append({"row_kind": "tax", "amount": plain(total)})
        return rows

    # ---- segments --------------------------------------------------------------------------------------------------

    def _number(self, text: str) -> str:
        """A number with a point: UNA may name the comma, and partners use it unnamed."""
        return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text

    def _bgm(self, segment: Segment) -> None:
        self.function = part(segment, 3)

    def _dtm(self, segment: Segment) -> None:
        if self._summary:
            return
        kind, text, form = part(segment, 1), part(segment, 1, 1), part(segment, 1, 2)
        if kind in ("4", "137"):
            if self._line is None and (kind == "4" or "placed_at" not in self._head):
                self._head["placed_at"] = moment(text, form)
            return
        ends = (text[:8], text[-8:]) if form == "718" else (text, text)
        window = self._head if self._line is None else self._line.window
        for fields, end in zip(_WINDOW.get(kind, ()), ends, strict=False):
            for field in fields:
                window.setdefault(field, moment(end, form))

    def _ftx(self, segment: Segment) -> None:
        text = " ".join(parts(segment, 4))
        if self._line is not None:
            self._line.note = self._line.note or text
        elif text:
            self._notes.append(text)

    def _rff(self, segment: Segment) -> None:
        if self._line is None and part(segment, 1) in ("VA", "AHP"):
            self._party.setdefault("tax_id", part(segment, 1, 1) or None)

    def _tod(self, segment: Segment) -> None:
        if self._line is None:
            self._head.setdefault("incoterm", part(segment, 3) or None)

    def _loc(self, segment: Segment) -> None:
        if self._line is None and part(segment, 1) == "1":
            self._head.setdefault("incoterm_place", part(segment, 2, 3) or part(segment, 2) or None)

    def _nad(self, segment: Segment) -> None:
        if self._line is not None:
            self._party = {}
            return
        self._open = None
        self._party = self._parties.setdefault(part(segment, 1), {})
        free = parts(segment, 3)
        street = parts(segment, 5)
        self._party |= {
            "id": part(segment, 2) or None,
            "name": " ".join(parts(segment, 4)) or (free[0] if free else None),
            "street": ", ".join(street or free[1:]) or None,
            "city": part(segment, 6) or None,
            "region": next(iter(parts(segment, 7)), None),
            "postcode": part(segment, 8) or None,
            "country": part(segment, 9) or None,
        }

    def _com(self, segment: Segment) -> None:
        for place in range(1, len(segment)):
            key = {"EM": "email", "TE": "phone"}.get(part(segment, place, 1))
            if key and self._line is None:
                self._party.setdefault(key, part(segment, place))

    def _cux(self, segment: Segment) -> None:
        for place in range(1, len(segment)):
            if part(segment, place) in ("2", "4", "10", "11", ""):
                self._head.setdefault("currency", part(segment, place, 1) or None)

    def _pat(self, segment: Segment) -> None:
        days = part(segment, 3, 3)
        self._head |= {"payment_method": f"net {days} days" if days else "terms", "payment_status": "on_account"}

    def _lin(self, segment: Segment) -> None:
        self._line = _Line(segment)
        self._open = None
        self._lines.append(self._line)

    def _pia(self, segment: Segment) -> None:
        if self._line is not None:
            self._line.product(segment, 2)

    def _imd(self, segment: Segment) -> None:
        if self._line is not None and not self._line.described:
            # C273: code, list, agency, then two texts.
            self._line.described = [text for text in (part(segment, 3, 3), part(segment, 3, 4)) if text]

    def _qty(self, segment: Segment) -> None:
        kind = part(segment, 1)
        if self._line is None or kind not in ("21", "1", "113"):
            return
        row = self._line.row
        if "quantity" not in row:
            row["quantity"] = self._number(part(segment, 1, 1)) or None
            row["unit"] = part(segment, 1, 2) or None

    def _pri(self, segment: Segment) -> None:
        if self._line is not None:
            price, basis = self._number(part(segment, 1, 1)), self._number(part(segment, 1, 4))
            self._line.prices.setdefault(part(segment, 1), per_unit(price, basis))

    def _alc(self, segment: Segment) -> None:
        self._open = [part(segment, 1), "", ""]
        if self._line is None:
            self._allowances.append(self._open)
            self._kinds.append((part(segment, 5), part(segment, 5, 3), ""))
        elif not self._summary:
            self._line.allowances.append(self._open)

    def _pcd(self, segment: Segment) -> None:
        if self._open is not None:
            self._open[2] = self._open[2] or self._number(part(segment, 1, 1))

    def _moa(self, segment: Segment) -> None:
        kind, amount = part(segment, 1), self._number(part(segment, 1, 1))
        if self._open is not None and kind in _ALLOWANCE_AMOUNTS:
            self._open[1] = self._open[1] or amount
        elif self._line is not None and not self._summary:
            if kind in ("203", "66"):
                self._line.amount = amount
            elif kind == "124":
                self._line.tax = amount or None
        elif kind in ("124", "176"):
            self._taxes.append(amount)
        else:
            self._totals.setdefault(kind, amount)

    def _tax(self, _: Segment) -> None:
        self._open = None

    def _uns(self, segment: Segment) -> None:
        if part(segment, 1) == "S":
            self._summary, self._line, self._open = True, None, None

    def _cnt(self, segment: Segment) -> None:
        if part(segment, 1) == "2":
            self.declared_lines = part(segment, 1, 1)


_HANDLERS = {
    "BGM": Sheet._bgm, "DTM": Sheet._dtm, "FTX": Sheet._ftx, "NAD": Sheet._nad, "RFF": Sheet._rff, "TOD": Sheet._tod, "LOC": Sheet._loc, "COM": Sheet._com, "CUX": Sheet._cux,
    "PAT": Sheet._pat, "PYT": Sheet._pat, "LIN": Sheet._lin, "PIA": Sheet._pia, "IMD": Sheet._imd, "QTY": Sheet._qty,
    "PRI": Sheet._pri, "ALC": Sheet._alc, "PCD": Sheet._pcd, "MOA": Sheet._moa, "TAX": Sheet._tax, "UNS": Sheet._uns,
    "CNT": Sheet._cnt,
}  # fmt: skip
