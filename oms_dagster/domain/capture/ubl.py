"""UBL orders, order changes and order cancellations as canonical rows, with what Peppol BIS Ordering makes of them.

Belongs here: the meaning of Order, OrderChange and OrderCancellation of UBL 2.0 to 2.4. Does not belong here: reading XML
(`xml_document`), other documents (NOT_AN_ORDER) or judging values (`warehouse.gate`).

An order change shows the whole order as it is now, so it is a version of the order; lines that it marks as cancelled are
left out. Source: OASIS UBL 2.1 (clauses on ordering), Peppol BIS Ordering 3, Peppol BIS Advanced Ordering 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from oms_dagster.domain.capture.amounts import number, per_unit, plain
from oms_dagster.domain.capture.messages import Message, ParseFailure
from oms_dagster.domain.capture.xml_document import (
    Element,
    Fault,
    attribute,
    children,
    find,
    local,
    messages_of,
    namespace,
    text,
)

Row = dict[str, str | None]

#: Fields of an order that UBL can give.
FIELDS = (
    "channel_order_id", "order_version", "message_kind", "customer_code", "customer_name", "customer_email",
    "customer_phone", "placed_at", "requested_from", "requested_to", "customer_tax_id", "ship_after", "ship_by", "cancel_after", "incoterm", "incoterm_place", "currency", "payment_method", "payment_status",
    "bill_to_name", "bill_to_street", "bill_to_postcode", "bill_to_city", "bill_to_region", "bill_to_country",
    "purchase_order_number", "note", "ship_to_name", "ship_to_street", "ship_to_postcode", "ship_to_city",
    "ship_to_region", "ship_to_country", "declared_total", "row_kind", "line_number", "sku_code", "barcode",
    "description", "unit", "quantity", "unit_price", "discount_amount", "tax_amount", "amount",
)  # fmt: skip

_SPACE = "urn:oasis:names:specification:ubl:schema:xsd:"
_KINDS = {"Order": "order", "OrderChange": "order", "OrderCancellation": "cancel"}
#: A line that the change takes off the order: UNCL 1229, and UBL's own list of line states.
_CANCELLED = ("2", "7", "Cancelled")
_GTIN_SCHEMES = ("0160", "GTIN", "EAN", "GS1")
_FREIGHT = ("FC", "DL", "SAA")


def parse_ubl(raw: bytes) -> Iterator[Message | ParseFailure]:
    """Read a file of one or more UBL documents, bare or in a standard business document (SBDH).

    Yields
    ------
    Message or ParseFailure
        One a document, in the order of the file. Entities are never expanded: a document that declares any fails.
    """
    return messages_of(raw, lambda root: _rows(_unwrapped(root)))


def _unwrapped(root: Element) -> Element:
    """The business document inside a standard business document."""
    if local(root) != "StandardBusinessDocument":
        return root
    inner = [child for child in root if local(child) not in ("", "StandardBusinessDocumentHeader")]
    return inner[0] if inner else root


def _rows(root: Element) -> list[Row]:
    name = local(root)
    if name not in _KINDS:
        detail = f"document {name[:40]} is not an order, expected Order, OrderChange or OrderCancellation"
        raise Fault("NOT_AN_ORDER", "document", f"{detail}; take it out of this channel")
    if namespace(root) != f"{_SPACE}{name}-2":
        found = namespace(root)[:80] or "none"
        raise Fault(
            "UNSUPPORTED", "document", f"namespace {found} of {name} isn't UBL 2, expected {_SPACE}{name}-2; send UBL 2"
        )
    order = text(root, "ID") if name == "Order" else text(root, "OrderReference", "ID")
    if order is None:
        field = "ID" if name == "Order" else "OrderReference/ID"
        raise Fault("MISSING_FIELD", field, f"{field} of {name} is missing; ask the partner to send it again")
    lines = [] if name == "OrderCancellation" else _lines(root)
    if name != "OrderCancellation" and not lines:
        detail = f"{name} {order[:40]} has no line; send an OrderCancellation to cancel it"
        raise Fault("MISSING_FIELD", "OrderLine", detail, order)
    header = _header(root, name, order)
    rows = [*lines, *_charges(root, lines)] or [{"row_kind": "line"}]
    return [{**header, **row} for row in rows]


def _header(root: Element, name: str, order: str) -> Row:
    delivery = find(root, "Delivery")
    window = find(delivery, "RequestedDeliveryPeriod")
    requested = _moment(window, "Start"), _moment(window, "End")
    if window is None:
        requested = _shared_window(root)
    terms, incoterm = text(root, "PaymentTerms", "Note"), find(root, "DeliveryTerms")
    place = find(incoterm, "DeliveryLocation")
    leaves = _moment(find(delivery, "Despatch"), "RequestedDespatch")
    notes = [note for note in (text(child) for child in children(root, "Note")) if note]
    return {
        "channel_order_id": order,
        "purchase_order_number": order,
        "message_kind": _KINDS[name],
        "order_version": None if name == "Order" else text(root, "SequenceNumberID") or _moment(root, "Issue"),
        "placed_at": _moment(root, "Issue"),
        "currency": _currency(root),
        "note": ", ".join(notes) or None,
        "requested_from": requested[0],
        "requested_to": requested[1],
        "ship_after": leaves,
        "ship_by": leaves,
        "cancel_after": _moment(find(root, "ValidityPeriod"), "End"),
        "incoterm": text(incoterm, "ID"),
        "incoterm_place": text(place, "Name") or text(place, "Address", "CityName") or text(place, "ID"),
        "payment_method": terms,
        "payment_status": "on_account" if terms else None,
        "declared_total": text(root, "AnticipatedMonetaryTotal", "PayableAmount"),
        **_buyer(find(root, "BuyerCustomerParty")),
        **_bill_to(find(root, "AccountingCustomerParty", "Party")),
        **_ship_to(root, delivery),
    }


def _moment(holder: Element | None, prefix: str) -> str | None:
    """Date and time of a pair such as IssueDate and IssueTime; a fraction of a second and a date's zone are dropped."""
    date, time = text(holder, f"{prefix}Date"), text(holder, f"{prefix}Time")
    if date is None:
        return None
    if time is None:
        return date[:10] if date[10:11] in ("Z", "+", "-") else date
    return f"{date[:10]}T{time}"


def _shared_window(root: Element) -> tuple[str | None, str | None]:
    """The requested window that all lines share; windows that differ have no field in an order."""
    periods = [find(line, "LineItem", "Delivery", "RequestedDeliveryPeriod") for line in children(root, "OrderLine")]
    windows = {(_moment(period, "Start"), _moment(period, "End")) for period in periods}
    return windows.pop() if len(windows) == 1 else (None, None)


def _currency(root: Element) -> str | None:
    """The document's currency; UBL 2.0 names it on the amounts only."""
    named = text(root, "DocumentCurrencyCode") or text(root, "PricingCurrencyCode")
    if named:
        return named
    amounts = [find(root, "AnticipatedMonetaryTotal", "PayableAmount")]
    for line in children(root, "OrderLine"):
        item = find(line, "LineItem")
        amounts += [find(item, "Price", "PriceAmount"), find(item, "LineExtensionAmount")]
    return next((code for code in (attribute(amount, "currencyID") for amount in amounts) if code), None)


def _buyer(holder: Element | None) -> Row:
    """The buyer: by the number that we gave it, else its own identifiers."""
    party = find(holder, "Party")
    contact = find(party, "Contact")
    code = (
        text(holder, "SupplierAssignedAccountID")
        or text(party, "PartyIdentification", "ID")
        or text(party, "EndpointID")
        or text(party, "PartyLegalEntity", "CompanyID")
    )
    return {
        "customer_code": code,
        "customer_name": text(party, "PartyName", "Name") or text(party, "PartyLegalEntity", "RegistrationName"),
        "customer_email": text(contact, "ElectronicMail"),
        "customer_phone": text(contact, "Telephone"),
        "customer_tax_id": text(party, "PartyTaxScheme", "CompanyID"),
    }


def _bill_to(party: Element | None) -> Row:
    name = text(party, "PartyName", "Name") or text(party, "PartyLegalEntity", "RegistrationName")
    return {"bill_to_name": name, **_place("bill_to", find(party, "PostalAddress"))}


def _ship_to(root: Element, delivery: Element | None) -> Row:
    """Where to deliver: the delivery's address, else the buyer's own."""
    buyer = find(root, "BuyerCustomerParty", "Party")
    places = (
        find(delivery, "DeliveryLocation", "Address"),
        find(delivery, "DeliveryAddress"),
        find(delivery, "DeliveryParty", "PostalAddress"),
    )
    address = next((place for place in places if place is not None and len(place)), None)
    name = text(delivery, "DeliveryParty", "PartyName", "Name") or text(delivery, "DeliveryLocation", "Name")
    if address is None:
        address = find(buyer, "PostalAddress")
    name = name or text(buyer, "PartyName", "Name") or text(buyer, "PartyLegalEntity", "RegistrationName")
    return {"ship_to_name": name, **_place("ship_to", address)}


def _place(party: str, address: Element | None) -> Row:
    street = [" ".join(filter(None, (text(address, "StreetName"), text(address, "BuildingNumber"))))]
    street += [text(address, "AdditionalStreetName") or ""]
    street += [text(line, "Line") or "" for line in children(address, "AddressLine")]
    return {
        f"{party}_street": ", ".join(filter(None, street)) or None,
        f"{party}_postcode": text(address, "PostalZone"),
        f"{party}_city": text(address, "CityName"),
        f"{party}_region": text(address, "CountrySubentity"),
        f"{party}_country": text(address, "Country", "IdentificationCode"),
    }


def _lines(root: Element) -> list[Row]:
    items = (find(line, "LineItem") for line in children(root, "OrderLine"))
    return [_line(item) for item in items if item is not None and text(item, "LineStatusCode") not in _CANCELLED]


def _line(line: Element) -> Row:
    product = find(line, "Item")
    standard = find(product, "StandardItemIdentification", "ID")
    barcode = text(standard) if attribute(standard, "schemeID") in (*_GTIN_SCHEMES, None) else None
    quantity = find(line, "Quantity")
    price, basis = find(line, "Price", "PriceAmount"), text(line, "Price", "BaseQuantity")
    worth = text(line, "LineExtensionAmount")
    derived = per_unit(worth, text(quantity)) if worth else None
    discount = _sum(line)
    return {
        "row_kind": "line",
        "line_number": text(line, "ID"),
        "sku_code": text(product, "SellersItemIdentification", "ID")
        or text(product, "BuyersItemIdentification", "ID")
        or text(standard),
        "barcode": barcode,
        "description": text(product, "Name") or text(product, "Description"),
        "quantity": text(quantity),
        "unit": attribute(quantity, "unitCode"),
        "unit_price": per_unit(text(price), basis) if price is not None else derived,
        "discount_amount": plain(discount) if discount > 0 else None,
        "tax_amount": text(line, "TotalTaxAmount") or text(line, "TaxTotal", "TaxAmount"),
    }


def _sum(line: Element) -> Decimal:
    """Allowances less charges of a line."""
    total = Decimal(0)
    for item in children(line, "AllowanceCharge"):
        amount = number(text(item, "Amount")) or Decimal(0)
        total += -amount if text(item, "ChargeIndicator") == "true" else amount
    return total


def _charges(root: Element, lines: list[Row]) -> list[Row]:
    rows: list[Row] = []
    for item in children(root, "AllowanceCharge"):
        code = text(item, "AllowanceChargeReasonCode")
        kind = "discount"
        if text(item, "ChargeIndicator") == "true":
            kind = "shipping" if code in _FREIGHT else "charge"
        about = text(item, "AllowanceChargeReason")
        rows.append({"row_kind": kind, "sku_code": code, "description": about, "amount": text(item, "Amount")})
    for line in children(root, "OrderLine"):
        extra = _sum(item) if (item := find(line, "LineItem")) is not None else Decimal(0)
        if extra < 0 and text(item, "LineStatusCode") not in _CANCELLED:
            rows.append({"row_kind": "charge", "description": f"line {text(item, 'ID')}", "amount": plain(-extra)})
    declared = number(text(root, "TaxTotal", "TaxAmount"))
    on_lines = sum((number(row["tax_amount"]) or Decimal(0) for row in lines), Decimal(0))
    if declared is not None and declared > on_lines:
        rows.append({"row_kind": "tax", "amount": plain(declared - on_lines)})
    return rows
