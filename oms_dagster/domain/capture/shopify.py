"""Shopify's order JSON (Admin REST API, webhooks) as canonical rows.

Belongs here: the meaning of Shopify's order resource: one order, a list of orders, or one order a line. Does not belong
here: refunds and fulfilments inside the order (they come as feeds) or judging values (`warehouse.gate`).

Money is in the shop's currency (`shop_money` where a price set exists). Amounts stay texts until the gate, sums are
Decimals. Source: Shopify Admin REST API, resource Order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from oms_dagster.domain.capture.json_documents import Broken, documents
from oms_dagster.domain.capture.messages import Message, ParseFailure, unstorable
from oms_dagster.domain.quantities import round_half_up

_PAYMENT_STATUS = {
    "authorized": "authorised", "paid": "paid", "pending": "pending", "partially_paid": "pending",
    "partially_refunded": "paid", "refunded": "refunded", "voided": "voided", "expired": "voided",
}  # fmt: skip


#: Fields of an order that Shopify's JSON can give.
FIELDS = (
    "channel_order_id", "order_version", "message_kind", "customer_code", "customer_name", "customer_email",
    "customer_phone", "placed_at", "currency", "payment_method", "payment_status", "is_test", "purchase_order_number",
    "external_ids", "bill_to_name", "bill_to_street", "bill_to_postcode", "bill_to_city", "bill_to_region", "bill_to_country",
    "note", "pickup_location_code", "ship_to_name", "ship_to_street", "ship_to_postcode", "ship_to_city", "ship_to_region",
    "ship_to_country", "latitude", "longitude", "prices_include_tax", "declared_total", "row_kind", "line_number",
    "sku_code", "description", "quantity", "unit_price", "discount_amount", "tax_amount", "amount", "kit_line_number",
)  # fmt: skip


class _Fault(Exception):
    """A value of one order that can't be used."""

    def __init__(self, code: str, field: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.field, self.detail = code, field, detail


def parse_shopify(source: bytes | BinaryIO) -> Iterator[Message | ParseFailure]:
    """Read a file of Shopify orders.

    Parameters
    ----------
    source
        ``{"order": {…}}``, ``{"orders": […]}``, a bare order, a bare list, or one of these a line; UTF-8, with or
        without byte order mark, or UTF-16 with one.

    Yields
    ------
    Message or ParseFailure
        In the order of the file; one bad order fails alone. A file that isn't JSON is one failure.
    """
    for number, item in enumerate(documents(source, _unwrap), 1):
        if isinstance(item, Broken):
            yield _unreadable(number, item.detail)
            continue
        try:
            yield unstorable(Message(number, tuple(_order_rows(item))))
        except _Fault as fault:
            known = _text(item.get("id")) if isinstance(item, dict) else None
            detail = f"message {number}: {fault.detail}"
            yield unstorable(ParseFailure(number, fault.code, fault.field, detail, known))


def _unreadable(number: int, detail: str) -> ParseFailure:
    return ParseFailure(number, "UNREADABLE", "file", detail)


def _unwrap(document: Any) -> list[Any]:
    if isinstance(document, dict) and isinstance(document.get("orders"), list):
        return document["orders"] or [Broken("the list of orders is empty; nothing to capture")]
    if isinstance(document, dict) and isinstance(document.get("order"), dict):
        return [document["order"]]
    if isinstance(document, list):
        items = [
            item["order"] if isinstance(item, dict) and isinstance(item.get("order"), dict) else item
            for item in document
        ]
        return items or [Broken("the list of orders is empty; nothing to capture")]
    return [document]


def _order_rows(order: Any) -> list[dict[str, str | None]]:
    if not isinstance(order, dict) or "line_items" not in order or order.get("id") is None:
        keys = ", ".join(list(order)[:6]) if isinstance(order, dict) else repr(order)[:60]
        if isinstance(order, dict) and "total_price" in order and order.get("id") is not None:
            raise _Fault("MISSING_FIELD", "line_items", f"order {order['id']} has no line_items; send the whole order")
        raise _Fault(
            "NOT_AN_ORDER", "order", f"expected an order with id and line_items, found {keys}; send orders only"
        )
    header = _header(order)
    if _text(order.get("cancelled_at")):
        # A cancellation empties the order; what is kept of it is what it was worth.
        order = {**order, "line_items": [_unedited(line) for line in _list(order, "line_items")]}
    edited = any(_is_edited(line) for line in _list(order, "line_items"))
    header["declared_total"] = _text(order.get("current_total_price" if edited else "total_price"))
    lines = [_line(line) for line in _list(order, "line_items") if _wanted(line) != 0]
    rows = [*lines, *_bundles(order, lines), *_shipping(order), *_charges(order)]
    _order_level(order, rows)
    if not lines and not _text(order.get("cancelled_at")):
        raise _Fault("MISSING_FIELD", "line_items", f"order {order['id']} has no line left; cancel it instead")
    return [{**header, **row} for row in rows or [{"row_kind": "line"}]]


def _header(order: Mapping[str, Any]) -> dict[str, str | None]:
    customer = _dict(order, "customer")
    status = _text(order.get("financial_status"))
    gateways = order.get("payment_gateway_names")
    gateway = gateways[0] if isinstance(gateways, list) and gateways else order.get("gateway")

    return {
        "channel_order_id": _text(order.get("id")),
        "order_version": _utc(order, "updated_at"),
        "message_kind": "cancel" if _text(order.get("cancelled_at")) else "order",
        "customer_code": _text(customer.get("id")),
        "customer_name": _name(customer),
        "customer_email": _text(order.get("email")) or _text(customer.get("email")),
        "customer_phone": _text(order.get("phone")) or _text(customer.get("phone")),
        "placed_at": _text(order.get("created_at")),
        "currency": _text(order.get("currency")),
        "payment_method": _text(gateway),
        "payment_status": _PAYMENT_STATUS.get(status, status) if status else None,
        "is_test": _text(order.get("test")),
        "purchase_order_number": _text(order.get("po_number")),
        "external_ids": _external_ids(order),
        "note": _text(order.get("note")),
        **_place("bill_to", _dict(order, "billing_address")),
        **_place("ship_to", _dict(order, "shipping_address")),
        "latitude": _text(_dict(order, "shipping_address").get("latitude")),
        "longitude": _text(_dict(order, "shipping_address").get("longitude")),
        "pickup_location_code": _pickup(order),
        "prices_include_tax": _text(order.get("taxes_included")),
    }


def _external_ids(order: Mapping[str, Any]) -> str | None:
    """The number that the shop shows its customer, and that of the marketplace which the order came from."""
    numbers = (_text(order.get(name)) for name in ("name", "source_identifier", "confirmation_number"))
    return " ".join("".join(number.split()) for number in numbers if number) or None


def _pickup(order: Mapping[str, Any]) -> str | None:
    """The store at which the order is collected, by its name in the shop.

    Fulfilment orders say so where they are sent along (``pick_up``). The order alone has no address then, and a shipping line of
    Shopify's own whose code and title are the store's name.
    """
    collected = [
        each
        for each in _list(order, "fulfillment_orders")
        if _dict(each, "delivery_method").get("method_type") == "pick_up"
    ]
    names = [_text(_dict(each, "assigned_location").get("name")) for each in collected]
    if not collected and order.get("shipping_address"):
        return None
    names += [
        _text(line.get("title"))
        for line in _list(order, "shipping_lines")
        if collected or (line.get("source") == "shopify" and line.get("title") == line.get("code"))
    ]
    return next(filter(None, names), None)


def _bundles(order: Mapping[str, Any], lines: list[dict[str, str | None]]) -> list[dict[str, str | None]]:
    """A line of no price for each bundle of which lines are parts: Shopify charges the parts alone.

    Older versions of the resource name the group on its lines only.
    """
    groups = {_text(group.get("id")): group for group in _list(order, "line_item_groups")}
    sold = dict.fromkeys(line["kit_line_number"] for line in lines if line["kit_line_number"])
    return [
        {
            "row_kind": "line",
            "line_number": number,
            "sku_code": _text(groups.get(number, {}).get("variant_sku")) or number,
            "description": _text(groups.get(number, {}).get("title")),
            "quantity": _text(groups.get(number, {}).get("quantity")) or "1",
            "unit_price": "0",
        }
        for number in sold
        if not groups or number in groups
    ]


def _place(party: str, address: Mapping[str, Any]) -> dict[str, str | None]:
    """An address as fields of the order that begin with the party's name."""
    streets = (_text(address.get("address1")), _text(address.get("address2")))
    return {
        f"{party}_name": _text(address.get("name")) or _name(address),
        f"{party}_street": ", ".join(filter(None, streets)) or None,
        f"{party}_postcode": _text(address.get("zip")),
        f"{party}_city": _text(address.get("city")),
        f"{party}_region": _text(address.get("province")),
        f"{party}_country": _text(address.get("country_code")) or _text(address.get("country")),
    }


def _line(line: Any) -> dict[str, str | None]:
    if not isinstance(line, dict):
        raise _Fault("UNREADABLE", "line_items", f"a line is {line!r:.60}, expected an object")
    quantity, wanted = _decimal(line, "quantity"), _wanted(line)
    discount, tax = _line_discount(line), _taxes(line)
    if wanted != quantity and quantity:
        # Discounts and taxes are those of the quantity first ordered: an edit keeps its share of them.
        discount, tax = (round_half_up(part * wanted / quantity) for part in (discount, tax))
    return {
        "row_kind": "line",
        "line_number": _text(line.get("id")),
        "sku_code": _text(line.get("sku")),
        "description": _text(line.get("name")) or _text(line.get("title")),
        "quantity": str(wanted) if _text(line.get("quantity")) is not None else None,
        "unit_price": _money(line, "price"),
        "discount_amount": str(discount),
        "tax_amount": str(tax),
        "kit_line_number": _text(line.get("sales_line_item_group_id")),
    }


def _wanted(line: Any) -> Decimal:
    """Units still wanted: ``current_quantity`` once the order has been edited, else ``quantity``."""
    key = "current_quantity" if isinstance(line, dict) and line.get("current_quantity") is not None else "quantity"
    if not isinstance(line, dict) or line.get(key) is None:
        return Decimal(-1)
    return _decimal(line, key)


def _unedited(line: Any) -> Any:
    return {key: value for key, value in line.items() if key != "current_quantity"} if isinstance(line, dict) else line


def _is_edited(line: Any) -> bool:
    return isinstance(line, dict) and line.get("quantity") is not None and _wanted(line) != _decimal(line, "quantity")


def _line_discount(line: Mapping[str, Any]) -> Decimal:
    """Allocations where there are any (order-level discounts among them), else the older ``total_discount``."""
    allocations = _list(line, "discount_allocations")
    if allocations:
        return _sum(allocations, "amount")
    return Decimal(_money(line, "total_discount") or 0)


def _shipping(order: Mapping[str, Any]) -> list[dict[str, str | None]]:
    rows = []
    for line in _list(order, "shipping_lines"):
        if not isinstance(line, dict) or line.get("is_removed") is True:
            continue
        price = Decimal(_money(line, "price") or 0)
        amount = price - _sum(_list(line, "discount_allocations"), "amount")
        rows.append(_charge("shipping", _text(line.get("code")), _text(line.get("title")), amount, _taxes(line)))
    return rows


def _charges(order: Mapping[str, Any]) -> list[dict[str, str | None]]:
    rows = []
    tip = Decimal(_money(order, "total_tip_received") or 0)
    if tip:
        rows.append(_charge("charge", "TIP", "Tip", tip))
    duties = _set_money(order.get("original_total_duties_set"))
    if duties is not None and Decimal(duties):
        rows.append(_charge("charge", "DUTIES", "Duties", Decimal(duties)))
    return rows


def _order_level(order: Mapping[str, Any], rows: list[dict[str, str | None]]) -> None:
    """Discount and tax of the order that no line carries, as rows of their own."""
    if any(_is_edited(line) for line in _list(order, "line_items")):
        return
    on_lines = sum((Decimal(row.get("discount_amount") or 0) for row in rows), Decimal(0))
    on_shipping = sum(
        (_sum(_list(line, "discount_allocations"), "amount") for line in _list(order, "shipping_lines")), Decimal(0)
    )
    discount = Decimal(_money(order, "total_discounts") or 0) - on_lines - on_shipping
    if discount > 0:
        codes = ", ".join(filter(None, (_text(code.get("code")) for code in _list(order, "discount_codes"))))
        rows.append(_charge("discount", codes or None, "Order discount", discount))
    known = sum((Decimal(row.get("tax_amount") or 0) for row in rows), Decimal(0))
    tax = Decimal(_money(order, "total_tax") or 0) - known
    if tax > 0:
        rows.append(_charge("tax", None, "Order tax", tax))


def _charge(
    kind: str, code: str | None, about: str | None, amount: Decimal, tax: Decimal = Decimal(0)
) -> dict[str, str | None]:
    return {"row_kind": kind, "sku_code": code, "description": about, "amount": str(amount), "tax_amount": str(tax)}


def _taxes(holder: Mapping[str, Any]) -> Decimal:
    return _sum(_list(holder, "tax_lines"), "price")


def _sum(items: Iterable[Any], key: str) -> Decimal:
    return sum((Decimal(_money(item, key) or 0) for item in items if isinstance(item, dict)), Decimal(0))


def _money(holder: Mapping[str, Any], key: str) -> str | None:
    """An amount in the shop's currency, checked to be a number."""
    shop = _set_money(holder.get(f"{key}_set"))
    text = shop if shop is not None else _text(holder.get(key))
    return None if text is None else str(_number(text, key))


def _set_money(price_set: Any) -> str | None:
    shop = price_set.get("shop_money") if isinstance(price_set, dict) else None
    return _text(shop.get("amount")) if isinstance(shop, dict) else None


def _decimal(holder: Mapping[str, Any], key: str) -> Decimal:
    return _number(_text(holder.get(key)) or "0", key)


def _number(text: str, key: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise _Fault(
            "BAD_NUMBER",
            key,
            f"{key}: found {text[:40]!r}; expected a number such as 12.50; mend it and send the order again",
        )
    return value


def _utc(order: Mapping[str, Any], key: str) -> str | None:
    """A time as UTC, so that versions sort by time whatever their offset."""
    text = _text(order.get(key))
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _Fault(
            "BAD_TIMESTAMP", key, f"{key}: found {text[:40]!r}; expected ISO 8601; mend it and send the order again"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    text = ("true" if value else "false") if isinstance(value, bool) else str(value).strip()
    return text or None


def _name(person: Mapping[str, Any]) -> str | None:
    return " ".join(filter(None, (_text(person.get("first_name")), _text(person.get("last_name"))))) or None


def _dict(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = holder.get(key)
    if value is not None and not isinstance(value, dict):
        raise _Fault("UNREADABLE", key, f"{key} is {value!r:.40}, expected an object; mend it and send the order again")
    return value or {}


def _list(holder: Mapping[str, Any], key: str) -> list[Any]:
    value = holder.get(key)
    if value is not None and not isinstance(value, list):
        raise _Fault("UNREADABLE", key, f"{key} is {value!r:.40}, expected a list; mend it and send the order again")
    strange = [item for item in value or [] if not isinstance(item, dict)]
    if strange:
        detail = f"{key} holds {strange[0]!r:.40}, expected objects; mend it and send the order again"
        raise _Fault("UNREADABLE", key, detail)
    return value or []
