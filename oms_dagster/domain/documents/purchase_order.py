"""The purchase order: what a vendor ships straight to a customer under our name, or a supplier to one of our places.

Belongs here: what a purchase order and its later changes hold and how they read. Does not belong here: deciding what is ordered.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus.flowables import Flowable, Spacer

from oms_dagster.domain.documents.blocks import Cell, Strong, facts, figure, mixed, section, table, text
from oms_dagster.domain.documents.figures import grouped, money, quantity
from oms_dagster.domain.documents.paper import Head, Sheet, build, usable_width
from oms_dagster.domain.quantities import from_cents, from_milli, round_half_up, to_cents

DOCUMENT_TYPE = "purchase_order"
TEMPLATE_VERSION = "purchase_order/1"


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """One line of a purchase order; quantities in thousandths of the base unit.

    Attributes
    ----------
    line_number
        By which the seller answers.
    reference
        Our own id of the line: an order line, or a supply line.
    quantity_milli, before_milli
        What is wanted, and what was before this document.
    due_on
        Local day on which it is to leave (drop-ship) or to arrive.
    unit_cost, fee_cents, currency
        What we pay for a unit, beside it for the line, and in which currency (ISO 4217); no cost: as agreed.
    """

    line_number: int
    reference: str
    sku_id: str
    description: str
    unit: str
    quantity_milli: int
    before_milli: int
    due_on: date
    unit_cost: Decimal | None
    fee_cents: int
    currency: str

    @property
    def cost_cents(self) -> int:
        """Of the whole line, with its fee; 0 without a known cost."""
        goods = from_milli(self.quantity_milli) * (self.unit_cost or Decimal(0))
        return to_cents(round_half_up(goods, 2)) + self.fee_cents


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """What is ordered from one seller for one address.

    Attributes
    ----------
    document_id
        Of this paper; the seller quotes it in its answers.
    changes
        Id of the purchase order that this paper changes; empty: it is one itself.
    is_dropship
        It goes to our customer, in our name.
    seller, ship_to
        Name and lines of the address.
    customer_reference
        Order number that the customer knows.
    """

    number: int
    series: str
    issued_at: datetime
    timezone: str
    document_id: str
    is_dropship: bool
    seller: tuple[str, ...]
    ship_to: tuple[str, ...]
    customer_reference: str
    shipment_id: str
    lines: tuple[OrderedLine, ...]
    changes: str = ""


def content(data: PurchaseOrder) -> dict[str, Any]:
    """The same as the paper for a machine: plain JSON types, decimals as text."""
    return {
        "purchase_order_id": data.changes or data.document_id,
        "kind": "dropship" if data.is_dropship else "replenishment",
        "seller": list(data.seller),
        "ship_to": list(data.ship_to),
        "customer_reference": data.customer_reference,
        "shipment_id": data.shipment_id,
        "lines": [
            {
                "line_number": line.line_number, "reference": line.reference, "sku_id": line.sku_id, "description": line.description,
                "unit": line.unit, "quantity": f"{from_milli(line.quantity_milli).normalize():f}",
                "quantity_before": f"{from_milli(line.before_milli).normalize():f}", "due_on": line.due_on.isoformat(),
                "unit_cost": None if line.unit_cost is None else f"{line.unit_cost.normalize():f}",
                "fee": f"{from_cents(line.fee_cents):f}", "line_total": f"{from_cents(line.cost_cents):f}", "currency": line.currency,
            }
            for line in data.lines
        ],
    }  # fmt: skip


def _lines(data: PurchaseOrder) -> Flowable:
    rows: list[list[Cell]] = []
    for line in data.lines:
        item = mixed([(line.sku_id, True, 10), (line.description, False, 9.5), (line.reference, False, 8)])
        fee = f"{money(line.fee_cents, line.currency)} handling" if line.fee_cents else ""
        cost = mixed([(_price(line), False, 9.5), (fee, False, 8)], align="r")
        total = figure(
            money(line.cost_cents, line.currency) if line.unit_cost is not None else "as agreed", 24 * mm, 9.5
        )
        before = [quantity(line.before_milli)] if data.changes else []
        wanted = Strong(quantity(line.quantity_milli), 11.5)
        rows.append([str(line.line_number), item, line.unit, *before, wanted, line.due_on.isoformat(), cost, total])
    when = "Ship on" if data.is_dropship else "Arrives on"
    if data.changes:
        header = ["Line", "SKU and description", "Unit", "Before", "Now", when, "Unit cost", "Total"]
        return table(header, rows, [10, 47, 11, 19, 19, 25, 27, 28], "rlcrrlrr", 9.5)
    header = ["Line", "SKU and description", "Unit", "Quantity", when, "Unit cost", "Total"]
    return table(header, rows, [10, 62, 11, 23, 25, 27, 28], "rlcrlrr", 9.5)


def _price(line: OrderedLine) -> str:
    return "as agreed" if line.unit_cost is None else f"{grouped(line.unit_cost.normalize())} {line.currency}"


def _totals(lines: Sequence[OrderedLine]) -> str:
    total: dict[str, int] = {}
    for line in lines:
        if line.unit_cost is not None:
            total[line.currency] = total.get(line.currency, 0) + line.cost_cents
    return ", ".join(money(cents, currency) for currency, cents in sorted(total.items())) or "as agreed"


def _terms(data: PurchaseOrder) -> list[str]:
    answer = f"Answer with purchase order {data.changes or data.document_id} and the line's number."
    if data.changes:
        return [
            "What stands under Now replaces what was ordered before. Please do not ship what is not wanted any more.",
            answer,
        ]
    if data.is_dropship:
        return ["Ship to the address above in our name. No price and no paper of your own in the parcel.",
                f"Confirm or refuse each line, and tell carrier and tracking number when it leaves. {answer}"]  # fmt: skip
    return [f"Confirm quantity and day of each line. {answer}"]


def render_purchase_order(data: PurchaseOrder) -> bytes:
    """Render a purchase order, or a change of one, as PDF (A4 portrait).

    Returns
    -------
    bytes
        The same for the same input.

    Raises
    ------
    ValueError
        An instant without a time zone, or an unknown time zone.
    """
    title = "Change of purchase order" if data.changes else "Purchase order"
    head = Head(title, data.number, data.series, data.issued_at, data.timezone, TEMPLATE_VERSION)
    top = [
        ("To", "\n".join(data.seller)),
        ("Ship to", "\n".join(data.ship_to)),
        ("Purchase order", data.changes or data.document_id),
    ]
    if data.is_dropship:
        top += [("Customer's order", data.customer_reference), ("Shipment", data.shipment_id)]
    story = (
        facts([*top, ("Total of these lines" if data.changes else "Total", _totals(data.lines))], usable_width()),
        Spacer(1, 2 * mm),
        _lines(data) if data.lines else text("No lines.", 11),
        *section("Please", [text(words, 9.5) for words in _terms(data)]),
    )
    to = data.seller[0] if data.seller else "seller not named"
    words = [*data.seller, *data.ship_to, data.customer_reference, *(line.description for line in data.lines)]
    return build(head, [Sheet(title, to, data.document_id, story)], words)
