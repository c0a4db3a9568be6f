"""The packing slip of a shipment: what is in the parcel, what is still to come, how to send it back.

Belongs here: what a packing slip holds and how it reads. Does not belong here: prices (a parcel may be a gift)
or any decision about what is shipped.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from reportlab.lib.units import mm
from reportlab.platypus.flowables import Flowable, Spacer

from oms_dagster.domain.documents.blocks import Cell, Strong, facts, mixed, section, table, text
from oms_dagster.domain.documents.figures import kilograms, moment_text, quantity
from oms_dagster.domain.documents.paper import Head, Sheet, build, usable_width

DOCUMENT_TYPE = "packing_slip"
TEMPLATE_VERSION = "packing_slip/1"


@dataclass(frozen=True, slots=True)
class ShippedLine:
    """One order line in this shipment; quantities in thousandths of the base unit.

    Attributes
    ----------
    ordered_milli, shipped_milli
        What the customer ordered on this line, and what is in this shipment.
    shipped_before_milli
        What went with earlier shipments.
    cancelled_milli
        What will not come.
    """

    line_number: int
    sku_id: str
    description: str
    unit: str
    ordered_milli: int
    shipped_milli: int
    shipped_before_milli: int = 0
    cancelled_milli: int = 0
    lot: str = ""


@dataclass(frozen=True, slots=True)
class RemainingLine:
    """What is still to come of a line, on this shipment or not.

    Attributes
    ----------
    remaining_milli
        Thousandths of the base unit.
    expected_on
        Local date of the present promise, or None where there is none.
    backordered
        Waits for supply.
    """

    line_number: int
    sku_id: str
    description: str
    unit: str
    remaining_milli: int
    expected_on: date | None = None
    backordered: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """One package: its number, box, gross grams and the carrier's tracking number."""

    package_id: str
    box_type: str
    weight_g: int
    tracking_number: str = ""
    sscc: str = ""


@dataclass(frozen=True, slots=True)
class PackingSlip:
    """A shipment as its receiver sees it.

    Attributes
    ----------
    ship_to
        Name and lines of the address.
    return_note
        In the channel's words, how to send something back; the default is used when empty.
    """

    number: int
    series: str
    issued_at: datetime
    timezone: str
    location_name: str
    shipment_id: str
    order_id: str
    channel_order_id: str
    placed_at: datetime | None
    ship_to: tuple[str, ...]
    lines: tuple[ShippedLine, ...]
    remaining: tuple[RemainingLine, ...] = ()
    packages: tuple[Parcel, ...] = ()
    carrier: str = ""
    service: str = ""
    return_note: str = ""


def default_return_note(data: PackingSlip) -> str:
    """What the slip says about returns when the channel has no words of its own."""
    return (
        f"To return something, ask for a return under order {data.channel_order_id or data.order_id} first, put this "
        f"slip into the parcel and mark what you send back and why. We credit what we receive."
    )


def _lines_table(data: PackingSlip) -> Flowable:
    rows: list[list[Cell]] = []
    for line in sorted(data.lines, key=lambda item: (item.line_number, item.lot)):
        further = [
            (f"Lot {line.lot}" if line.lot else "", False, 8.5),
            (f"{quantity(line.shipped_before_milli)} sent before" if line.shipped_before_milli else "", False, 8.5),
            (f"{quantity(line.cancelled_milli)} cancelled" if line.cancelled_milli else "", False, 8.5),
        ]
        item = mixed([(line.sku_id, True, 10), (line.description, False, 9.5), *further])
        shipped = Strong(quantity(line.shipped_milli), 11.5)
        rows.append([str(line.line_number), item, line.unit, quantity(line.ordered_milli), shipped])
    header = ["Line", "SKU and description", "Unit", "Ordered", "In this shipment"]
    return table(header, rows, [14, 92, 18, 24, 38], "rlcrr", 10)


def _remaining_table(data: PackingSlip) -> list[Flowable]:
    if not data.remaining:
        return [text("Nothing: the order is complete with this shipment.", 10)]
    rows: list[list[Cell]] = []
    for line in sorted(data.remaining, key=lambda item: item.line_number):
        when = line.expected_on.isoformat() if line.expected_on else "date not known yet"
        item = mixed([(line.sku_id, True, 10), (line.description, False, 9.5)])
        why = "backordered" if line.backordered else "follows"
        rows.append([str(line.line_number), item, line.unit, quantity(line.remaining_milli), f"{why}, {when}"])
    header = ["Line", "SKU and description", "Unit", "Remaining", "Expected"]
    return [table(header, rows, [14, 84, 16, 24, 48], "rlcrl", 10)]


def _packages_table(data: PackingSlip) -> list[Flowable]:
    if not data.packages:
        return [text("Not packed into numbered packages.", 10)]
    rows: list[list[Cell]] = [
        [p.package_id, p.box_type, kilograms(p.weight_g), p.tracking_number or "none", p.sscc or "none"]
        for p in data.packages
    ]
    header = ["Package", "Box", "kg gross", "Tracking number", "SSCC"]
    return [table(header, rows, [40, 30, 24, 48, 44], "llrll", 9.5)]


def render_packing_slip(data: PackingSlip) -> bytes:
    """Render the packing slip of a shipment as PDF (A4 portrait).

    Returns
    -------
    bytes
        The same for the same input.

    Raises
    ------
    ValueError
        An instant without a time zone, or an unknown time zone.
    """
    head = Head("Packing slip", data.number, data.series, data.issued_at, data.timezone, TEMPLATE_VERSION)
    width = usable_width()
    top = facts(
        [
            ("Ship to", "\n".join(data.ship_to)),
            ("Order", f"{data.channel_order_id}\n{data.order_id}" if data.channel_order_id else data.order_id),
            ("Ordered on", moment_text(data.placed_at, data.timezone, "not known")),
            ("Sent from", data.location_name),
            ("Shipment", data.shipment_id),
            ("Carrier", " ".join(part for part in (data.carrier, data.service) if part) or "own fleet"),
        ],
        width,
    )
    note = text(data.return_note or default_return_note(data), 9.5)
    body: list[Flowable] = [_lines_table(data) if data.lines else text("No lines in this shipment.", 11)]
    story = (
        top,
        Spacer(1, 2 * mm),
        *body,
        *section("Still to come", _remaining_table(data)),
        *section("Packages", _packages_table(data)),
        *section("Returns", [note]),
    )
    to = data.ship_to[0] if data.ship_to else "receiver not named"
    words = [*data.ship_to, data.location_name, data.return_note, *(line.description for line in data.lines)]
    words += [line.description for line in data.remaining]
    sheet = Sheet("Packing slip", f"Order {data.channel_order_id or data.order_id}\n{to}", data.shipment_id, story)
    return build(head, [sheet], words)
