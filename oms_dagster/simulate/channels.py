"""Orders in the channels' own formats: Shopify Admin REST JSON, X12 850 (4010), and the CSV of the trade counters.

Belongs here: how an order is spelled. Does not belong here: what was ordered (`orders`) or in which file it travels
(`world`).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from oms_dagster.simulate.customers import Customers
from oms_dagster.simulate.network import LOCATIONS, STORES
from oms_dagster.simulate.orders import STANDARD_BP, ZONE, Line, Order
from oms_dagster.simulate.tables import decimal_text

UNUSABLE_POSTCODE = {"none": "", "unusable": "TBC"}
_STATUS = {"paid": "paid", "authorised": "authorized", "pending": "pending", "refunded": "refunded", "voided": "voided"}
_COUNTRY = {"GB": "United Kingdom", "DE": "Germany"}


def local(epoch_s: int, country: str) -> datetime:
    """An instant on the wall clocks of a country, with its offset."""
    return datetime.fromtimestamp(epoch_s, ZONE[country])


# ---- Shopify ----------------------------------------------------------------------------------------------------


def shopify_name(order: Order) -> str:
    """The number that the customer sees, as in ``#1042``."""
    return f"#{int(order.key) % 1_000_000_000_000 + 1001}"


def _tax_lines(cents: int, bp: int) -> list[dict[str, Any]]:
    return [{"title": "VAT", "price": decimal_text(cents), "rate": bp / 10000}] if bp else []


def _line_item(order: Order, line: Line) -> dict[str, Any]:
    allocations = [{"amount": decimal_text(line.discount_cents), "discount_application_index": 0}]
    return {
        "id": int(order.key) * 100 + line.number,
        "sku": line.sku_code or None,
        "title": line.name,
        "name": line.name,
        "quantity": line.quantity,
        "current_quantity": 0 if order.cancelled else line.quantity,
        "price": decimal_text(line.price_cents),
        "grams": line.grams,
        "requires_shipping": True,
        "taxable": line.tax_bp > 0,
        "total_discount": "0.00",
        "discount_allocations": allocations if line.discount_cents else [],
        "tax_lines": _tax_lines(line.tax_cents, line.tax_bp),
    }


def shopify_order(order: Order, people: Customers) -> dict[str, Any]:
    """The order as the Admin REST API gives it. Prices exclude tax; the total_* fields add up to the cent."""
    who, country = order.customer, people.country[order.customer]
    known = order.place == "known"
    items = sum(line.quantity * line.price_cents for line in order.lines)
    discount = sum(line.discount_cents for line in order.lines)
    placed, updated = local(order.placed, country).isoformat(), local(order.updated, country).isoformat()
    shipping, total = decimal_text(order.shipping_cents), decimal_text(order.total_cents)
    money = {"amount": shipping, "currency_code": order.currency}
    return {
        "id": int(order.key),
        "name": shopify_name(order),
        "order_number": int(shopify_name(order)[1:]),
        "created_at": placed,
        "processed_at": placed,
        "updated_at": updated,
        "cancelled_at": local(order.cancelled, country).isoformat() if order.cancelled else None,
        "cancel_reason": "customer" if order.cancelled else None,
        "currency": order.currency,
        "presentment_currency": order.currency,
        "financial_status": _STATUS[order.payment],
        "fulfillment_status": None,
        "payment_gateway_names": ["bank_transfer" if order.payment == "pending" else "card"],
        "test": order.is_test,
        "taxes_included": False,
        "source_name": "web",
        "email": people.email(who),
        "note": None,
        "customer": {"id": int(order.customer_code), "email": people.email(who), "last_name": people.name[who]},
        "shipping_address": {
            "name": people.name[who],
            "company": people.name[who],
            "address1": people.street[who],
            "city": people.city[who].name,
            "province": people.city[who].region,
            "zip": people.postcode[who] if known else UNUSABLE_POSTCODE[order.place],
            "country": _COUNTRY[country],
            "country_code": country,
            "latitude": people.latitude[who] if known else None,
            "longitude": people.longitude[who] if known else None,
        },
        "line_items": [_line_item(order, line) for line in order.lines],
        "shipping_lines": [
            {
                "code": "standard",
                "title": "Standard delivery",
                "price": shipping,
                "discounted_price": shipping,
                "tax_lines": _tax_lines(order.shipping_tax_cents, STANDARD_BP[country]),
            }
        ],
        "discount_codes": [{"code": order.discount_code, "amount": decimal_text(discount), "type": "percentage"}]
        if discount
        else [],
        "total_line_items_price": decimal_text(items),
        "total_discounts": decimal_text(discount),
        "subtotal_price": decimal_text(items - discount),
        "total_shipping_price_set": {"shop_money": money, "presentment_money": money},
        "total_tax": decimal_text(order.tax_cents),
        "total_price": total,
        "current_total_price": "0.00" if order.cancelled else total,
        "total_weight": order.grams,
    }


def shopify_file(orders: Sequence[Order], people: Customers) -> bytes:
    """``{"orders": [...]}``, one order a line."""
    texts = [json.dumps(shopify_order(order, people), ensure_ascii=False, separators=(",", ":")) for order in orders]
    return ('{"orders":[\n' + ",\n".join(texts) + "\n]}\n").encode()


# ---- X12 850 ----------------------------------------------------------------------------------------------------


def _ascii(text: str) -> str:
    return text.replace("é", "e").replace("*", " ").replace("~", " ").upper()


def x12_transaction(order: Order, people: Customers, number: int) -> list[str]:
    """The segments ST to SE of a purchase order, without terminators."""
    who, control = order.customer, f"{number:04d}"
    segments = [
        f"ST*850*{control}",
        f"BEG*00*SA*{order.key}**{local(order.placed, 'GB'):%Y%m%d}",
        f"CUR*BY*{order.currency}",
        f"REF*IA*{order.customer_code}",
        *([f"DTM*002*{order.requested:%Y%m%d}"] if order.requested else []),
        f"N1*BY*{_ascii(people.name[who])}*92*{order.customer_code}",
        f"N1*ST*{_ascii(people.name[who])}*92*{order.customer_code}",
        f"N3*{_ascii(people.street[who])}",
        f"N4*{_ascii(people.city[who].name)}**{people.postcode[who]}*{people.country[who]}",
        *(
            f"PO1*{line.number}*{line.quantity}*EA*{decimal_text(line.price_cents)}**VP*{line.sku_code}*EN*{line.barcode}"
            for line in order.lines
        ),
        f"CTT*{len(order.lines)}*{sum(line.quantity for line in order.lines)}",
        f"AMT*TT*{decimal_text(order.total_cents)}",
    ]
    return [*segments, f"SE*{len(segments) + 1}*{control}"]


def x12_interchange(orders: Sequence[Order], people: Customers, control: int, sent_s: int) -> str:
    """One interchange of one sender (the customer of the first order), one segment a line."""
    sender, sent = orders[0].customer_code, datetime.fromtimestamp(sent_s, UTC)
    segments = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender:15}*ZZ*{'DISTRIBUTOR':15}*{sent:%y%m%d}*{sent:%H%M}*U*00401*{control:09d}*0*P*>",
        f"GS*PO*{sender}*DISTRIBUTOR*{sent:%Y%m%d}*{sent:%H%M}*{control}*X*004010",
    ]
    for number, order in enumerate(orders, 1):
        segments += x12_transaction(order, people, number)
    segments += [f"GE*{len(orders)}*{control}", f"IEA*1*{control:09d}"]
    return "".join(f"{segment}~\n" for segment in segments)


# ---- trade counters ---------------------------------------------------------------------------------------------

POS_HEADER = (
    "order_no", "store", "customer_no", "placed_at", "currency", "line_no", "sku", "description", "qty", "unit_price",
    "discount", "tax", "payment", "ship_name", "street", "postcode", "city", "country", "requested_date", "order_total",
)  # fmt: skip
PosRow = dict[str, str]


def pos_store(order: Order) -> str:
    """The counter that took the order: one a currency."""
    return LOCATIONS[STORES[0 if order.currency == "GBP" else 1]].code


def channel_key(order: Order) -> str:
    """The order's number as capture knows it: counters number on their own, so theirs carries the store."""
    return f"{pos_store(order)}-{order.key}" if order.channel == "pos" else order.key


def pos_rows(order: Order, people: Customers) -> list[PosRow]:
    """One row a line; `placed_at` on the till system's clock (London's), without offset; prices exclude tax."""
    who, known = order.customer, order.place == "known"
    head = {
        "order_no": order.key,
        "store": pos_store(order),
        "customer_no": order.customer_code,
        "placed_at": f"{local(order.placed, 'GB'):%Y-%m-%d %H:%M:%S}",
        "currency": order.currency,
        "payment": "account" if order.payment == "on_account" else "card",
        "ship_name": people.name[who],
        "street": people.street[who],
        "postcode": people.postcode[who] if known else UNUSABLE_POSTCODE[order.place],
        "city": people.city[who].name,
        "country": people.country[who],
        "requested_date": order.requested.isoformat() if order.requested else "",
        "order_total": decimal_text(order.total_cents),
    }
    return [
        head
        | {
            "line_no": str(line.number),
            "sku": line.sku_code,
            "description": line.name,
            "qty": str(line.quantity),
            "unit_price": decimal_text(line.price_cents),
            "discount": decimal_text(line.discount_cents),
            "tax": decimal_text(line.tax_cents),
        }
        for line in order.lines
    ]


def pos_file(rows: Sequence[PosRow]) -> bytes:
    """CSV with a header, comma-separated, UTF-8."""
    text = io.StringIO()
    writer = csv.DictWriter(text, POS_HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
