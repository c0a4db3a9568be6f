"""cXML order requests as canonical rows: new, updated and deleted orders.

Belongs here: the meaning of OrderRequest. Does not belong here: reading XML (`xml_document`), other requests and messages
(NOT_AN_ORDER), checking the shared secret (the door that receives the request) or judging values (`warehouse.gate`).

An update shows the whole order as it is now, so it is a version of the order. Source: cXML 1.2 reference guide, chapter on
purchase orders.
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
    text,
)

Row = dict[str, str | None]

#: Fields of an order that an OrderRequest can give.
FIELDS = (
    "channel_order_id", "order_version", "message_kind", "customer_code", "customer_name", "customer_email",
    "customer_phone", "placed_at", "requested_from", "requested_to", "customer_tax_id", "incoterm", "incoterm_place", "currency", "payment_method", "payment_status",
    "bill_to_name", "bill_to_street", "bill_to_postcode", "bill_to_city", "bill_to_region", "bill_to_country",
    "is_test", "purchase_order_number", "note", "ship_to_name", "ship_to_street", "ship_to_postcode", "ship_to_city",
    "ship_to_region", "ship_to_country", "declared_total", "row_kind", "line_number", "sku_code", "barcode",
    "description", "unit", "quantity", "unit_price", "tax_amount", "amount",
)  # fmt: skip

_KINDS = {"new": "order", "update": "order", "delete": "cancel"}


def parse_cxml(raw: bytes) -> Iterator[Message | ParseFailure]:
    """Read a file of one or more cXML documents.

    Yields
    ------
    Message or ParseFailure
        One a document, in the order of the file. The DTD that a document names is never fetched; a document that
        declares entities fails.
    """
    return messages_of(raw, _rows)


def _rows(root: Element) -> list[Row]:
    request = find(root, "Request")
    order = find(request, "OrderRequest")
    if local(root) != "cXML" or order is None:
        inner = next((local(child) for holder in root for child in holder if local(holder) != "Header"), "")
        found = inner if local(root) == "cXML" and inner else local(root)
        raise Fault(
            "NOT_AN_ORDER",
            "document",
            f"{found[:40] or 'document'} is not an order, expected cXML with an OrderRequest; take it out of this channel",
        )
    head = find(order, "OrderRequestHeader")
    number_ = attribute(head, "orderID")
    if number_ is None:
        raise Fault("MISSING_FIELD", "orderID", "orderID is missing; ask the partner to send it again")
    asked = attribute(head, "type") or "new"
    if asked not in _KINDS:
        detail = f"type of order {number_[:40]} is {asked[:20]!r}, expected new, update or delete; send it again"
        raise Fault("UNSUPPORTED", "type", detail, number_)
    items = children(order, "ItemOut")
    if not items and asked != "delete":
        raise Fault("MISSING_FIELD", "ItemOut", f"order {number_[:40]} has no ItemOut; send it again", number_)
    header = _header(root, request, head, asked)
    dates = {attribute(item, "requestedDeliveryDate") for item in items}
    if header["requested_to"] is None and len(dates) == 1:
        # A date that all lines share is the order's; dates that differ have no field in an order.
        header["requested_from"] = header["requested_to"] = dates.pop()
    rows = [*(_line(item) for item in items), *_charges(head, items)] or [{"row_kind": "line"}]
    return [{**header, **row} for row in rows]


def _header(root: Element, request: Element | None, head: Element | None, asked: str) -> Row:
    bill, ship = find(head, "BillTo", "Address"), find(head, "ShipTo", "Address")
    total = find(head, "Total", "Money")
    term = attribute(find(head, "PaymentTerm"), "payInNumberOfDays")
    requested, period = attribute(head, "requestedDeliveryDate"), find(head, "DeliveryPeriod", "Period")
    code = text(root, "Header", "From", "Credential", "Identity") or attribute(bill, "addressID")
    version = attribute(head, "orderVersion") or attribute(root, "timestamp") or attribute(head, "orderDate")
    return {
        "channel_order_id": attribute(head, "orderID"),
        "purchase_order_number": attribute(head, "orderID"),
        "message_kind": _KINDS[asked],
        # An original has no version of its own (sent twice it is a duplicate).
        "order_version": None if asked == "new" else version,
        "placed_at": attribute(head, "orderDate"),
        "is_test": "true" if attribute(request, "deploymentMode") == "test" else "false",
        "customer_code": code,
        "customer_name": text(bill, "Name") or text(ship, "Name"),
        "customer_email": text(bill, "Email") or text(ship, "Email"),
        "customer_phone": _phone(bill) or _phone(ship),
        "currency": attribute(total, "currency"),
        "declared_total": text(total),
        "requested_from": attribute(period, "startDate") or requested,
        "requested_to": attribute(period, "endDate") or requested,
        "customer_tax_id": _tax_id(head),
        "incoterm": attribute(find(head, "TermsOfDelivery", "TransportTerms"), "value"),
        "incoterm_place": text(head, "TermsOfDelivery", "Address", "PostalAddress", "City"),
        "note": _comments(head),
        "payment_method": f"net {term} days"
        if term
        else "card"
        if find(head, "Payment", "PCard") is not None
        else None,
        "payment_status": "on_account" if term else None,
        **_place("bill_to", bill),
        **_place("ship_to", ship if ship is not None else bill),
    }


def _tax_id(head: Element | None) -> str | None:
    """The buyer's tax id: among the references of BillTo, else the extrinsic that procurement systems send it in."""
    for reference in children(find(head, "BillTo"), "IdReference"):
        if attribute(reference, "domain") in ("vatID", "taxID"):
            return attribute(reference, "identifier")
    for extrinsic in children(head, "Extrinsic"):
        if attribute(extrinsic, "name") == "buyerVatID":
            return text(extrinsic)
    return None


def _comments(head: Element | None) -> str | None:
    """Comments without their attachments."""
    said = ((item.text or "").strip() for item in children(head, "Comments"))
    return ", ".join(" ".join(words.split()) for words in said if words) or None


def _phone(address: Element | None) -> str | None:
    digits = find(address, "Phone", "TelephoneNumber")
    parts = (text(digits, "CountryCode"), text(digits, "AreaOrCityCode"), text(digits, "Number"))
    return " ".join(("+" if place == 0 else "") + part for place, part in enumerate(parts) if part) or None


def _place(party: str, address: Element | None) -> Row:
    postal = find(address, "PostalAddress")
    streets = [text(item) for item in children(postal, "Street")]
    country = find(postal, "Country")
    return {
        f"{party}_name": text(address, "Name") or text(postal, "DeliverTo"),
        f"{party}_street": ", ".join(filter(None, streets)) or None,
        f"{party}_postcode": text(postal, "PostalCode"),
        f"{party}_city": text(postal, "City"),
        f"{party}_region": text(postal, "State"),
        f"{party}_country": attribute(country, "isoCountryCode") or text(country),
    }


def _line(item: Element) -> Row:
    detail = find(item, "ItemDetail")
    money = find(detail, "UnitPrice", "Money")
    if detail is None:
        detail = find(item, "BlanketItemDetail")
    return {
        "row_kind": "line",
        "line_number": attribute(item, "lineNumber"),
        "quantity": attribute(item, "quantity"),
        "sku_code": text(item, "ItemID", "SupplierPartID") or text(detail, "ManufacturerPartID"),
        "barcode": text(detail, "ItemDetailIndustry", "ItemDetailRetail", "EANID"),
        "description": _description(detail),
        "unit": text(detail, "UnitOfMeasure"),
        "unit_price": per_unit(text(money), attribute(find(detail, "PriceBasisQuantity"), "quantity")),
        "tax_amount": text(item, "Tax", "Money"),
    }


def _description(detail: Element | None) -> str | None:
    about = find(detail, "Description")
    return text(about, "ShortName") or text(about)


def _charges(head: Element | None, items: list[Element]) -> list[Row]:
    rows: list[Row] = []
    for change in children(find(head, "Total", "Modifications"), "Modification"):
        deducted = text(change, "AdditionalDeduction", "DeductionAmount", "Money")
        about = text(change, "ModificationDetail", "Description")
        amount = deducted or text(change, "AdditionalCost", "Money")
        rows.append({"row_kind": "discount" if deducted else "charge", "description": about, "amount": amount})
    shipping = [text(head, "Shipping", "Money"), *(text(item, "Shipping", "Money") for item in items)]
    for amount in shipping:
        value = number(amount)
        if amount is not None and (value is None or value != 0):
            rows.append({"row_kind": "shipping", "amount": amount})
    declared = number(text(head, "Tax", "Money"))
    on_lines = sum((number(text(item, "Tax", "Money")) or Decimal(0) for item in items), Decimal(0))
    if declared is not None and declared > on_lines:
        rows.append({"row_kind": "tax", "amount": plain(declared - on_lines)})
    return rows
