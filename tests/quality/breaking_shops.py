"""Lists of a shop's two orders, a good one and one that breaks one rule and no other, by channel and code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from breaking_rows import Breaking
from shop_documents import ORDERS, as_list, magento_order

_LATE = {
    "woocommerce": {"date_created_gmt": "2025-06-04T09:00:00"},
    "vtex": {"creationDate": "2025-06-04T09:00:00Z"},
    "mercadolibre": {"date_created": "2025-06-04T09:00:00Z"},
    "magento": {"created_at": "2025-06-04 09:00:00"},
    "amazon-spapi": {"PurchaseDate": "2025-06-04T09:00:00Z"},
}
#: Channel -> its keys of: list of lines; of a line number, SKU and quantity; the order's total; a price and a discount beyond it.
_KEYS = {
    "woocommerce": ("line_items", "id", "sku", "quantity", "total", {"subtotal": "-1", "total": "-1"}, {"total": "-1.00"}),
    "vtex": ("items", "uniqueId", "refId", "quantity", "value", {"price": -100, "priceTags": []},
             {"priceTags": [{"name": "discount@price-1", "value": -10001}]}),
    "mercadolibre": ("order_items", "item", "item", "quantity", "total_amount", {"unit_price": -1}, {}),
    "magento": ("items", "item_id", "sku", "qty_ordered", "grand_total", {"price": -1, "discount_amount": 0},
                {"discount_amount": 44.01}),
    "amazon-spapi": ("OrderItems", "OrderItemId", "SellerSKU", "QuantityOrdered", "OrderTotal",
                     {"ItemPrice": {"Amount": "-1", "CurrencyCode": "USD"}, "PromotionDiscount": None}, {"PromotionDiscount": {"Amount": "25.99"}}),
}  # fmt: skip

_LIMIT = {"amazon-spapi": 100001}

_WRONG_PHONE: Mapping[str, Breaking] = {
    "woocommerce": {"billing": {"email": "ann@example.com", "phone": "none"}},
    "vtex": {"clientProfileData": {"email": "ana@example.com", "userProfileId": "u-7", "phone": "+55"}},
    "mercadolibre": {"buyer": {"id": 88, "phone": {"area_code": "11", "number": "x"}}},
    "magento": {"billing_address": {"telephone": "1"}},
    "amazon-spapi": {"ShippingAddress": {"CountryCode": "US", "Phone": "1"}},
}

_WRONG_TAX_ID: Mapping[str, Breaking] = {
    "vtex": {"clientProfileData": {"email": "ana@example.com", "userProfileId": "u-7", "document": "DE136695977"}},
    "magento": {"customer_taxvat": "DE136695977"},
    "amazon-spapi": {"BuyerInfo": {"BuyerTaxInfo": {"TaxClassifications": [{"Name": "VAT", "Value": "DE136695977"}]}}},
}

_NOWHERE: Mapping[str, Breaking] = {
    "woocommerce": {"shipping_lines": [{"method_id": "pickup_location", "method_title": "S" * 65, "total": "0.00", "total_tax": "0"}]},
    "magento": {
        "extension_attributes": magento_order()["extension_attributes"] | {"pickup_location_code": "S" * 65},
    },
}  # fmt: skip


def _orphan(channel: str, first: Breaking) -> Breaking:
    """Lines of which one is a part of a kit that isn't there."""
    if channel == "woocommerce":
        return {"line_items": [first, first | {"id": 99, "bundled_by": "98"}]}
    bundle = {"item_id": 98, "sku": "BOX", "qty_ordered": 1, "qty_canceled": 1, "price": 0, "product_type": "bundle"}
    return {
        "items": [
            first,
            bundle,
            first | {"item_id": 99, "product_type": "simple", "parent_item_id": 98, "price": 0, "discount_amount": 0},
        ]
    }


def _wrong_barcode(channel: str) -> Breaking:
    """Changes that give an order's first line a barcode with a wrong check digit."""
    field = {"woocommerce": "global_unique_id", "vtex": "ean"}[channel]
    rows = _KEYS[channel][0]
    first, *rest = ORDERS[channel]()[rows]
    return {rows: [first | {field: "7891000000019"}, *rest]}


#: Amazon names barcodes in vendors' orders only.
_VENDOR_ORDER = {
    "purchaseOrderNumber": "V1",
    "orderDetails": {
        "purchaseOrderDate": "2025-06-01T10:00:00Z",
        "buyingParty": {"partyId": "AMZ"},
        "shipToParty": {"partyId": "FC1", "address": {"countryCode": "US"}},
        "items": [
            {
                "itemSequenceNumber": "1",
                "vendorProductIdentifier": "028877454079",
                "orderedQuantity": {"amount": 2, "unitOfMeasure": "Cases", "unitSize": 5},
                "netCost": {"currencyCode": "USD", "amount": "3.10"},
            }
        ],
    },
}


def _untotalled(channel: str) -> Breaking:
    """What takes the totals out of an order, so that a changed line contradicts nothing."""
    return {_KEYS[channel][4]: None, "totals": [], "payments": [], "total_tax": None, "tax_amount": 0}


def _shop_order(channel: str, code: str) -> Breaking:
    rows, _, sku, quantity, total, price, discount = _KEYS[channel]
    first = ORDERS[channel]()[rows][0]

    def lines(*changes: Breaking) -> Breaking:
        return _untotalled(channel) | {rows: [first | change for change in changes]}

    if code in ("CURRENCY_NOT_ACCEPTED", "COUNTRY_UNKNOWN", "WINDOW_REVERSED"):
        return _header_change(channel, code)
    return {
        "PRICE_NEGATIVE": lambda: lines(price),
        "QUANTITY_TOO_LARGE": lambda: lines({quantity: _LIMIT.get(channel, 10001)}),
        "LINE_NUMBER_REPEATED": lambda: lines({}, {}),
        "DISCOUNT_OVER_LINE": lambda: lines(discount),
        "SKU_PATTERN": lambda: lines(
            {"item": {"id": "X", "seller_sku": "T" * 65}} if sku == "item" else {sku: "T" * 65}
        ),
        "TOTAL_CONTRADICTED": lambda: {
            total: {"Amount": "99.00", "CurrencyCode": "USD"} if total == "OrderTotal" else 9
        },
        "PLACED_IN_FUTURE": lambda: _LATE[channel],
        "PHONE_IMPOSSIBLE": lambda: _WRONG_PHONE[channel],
        "BARCODE_CHECK_DIGIT": lambda: _wrong_barcode(channel),
        "TAX_ID_CHECK": lambda: _WRONG_TAX_ID[channel],
        "KIT_LINE_UNKNOWN": lambda: _untotalled(channel) | _orphan(channel, first),
        "PICKUP_PATTERN": lambda: _NOWHERE[channel],
    }[code]()


def _header_change(channel: str, code: str) -> Breaking:
    order = ORDERS[channel]()
    if code == "WINDOW_REVERSED":
        if channel == "vtex":
            window = {"startDateUtc": "2025-06-09T00:00:00Z", "endDateUtc": "2025-06-05T00:00:00Z"}
            return {"shippingData": order["shippingData"] | {"logisticsInfo": [{"deliveryWindow": window}]}}
        return {"EarliestDeliveryDate": "2025-06-09T00:00:00Z"}
    if code == "CURRENCY_NOT_ACCEPTED":
        return {
            "woocommerce": {"currency": "eur"},
            "vtex": {"storePreferencesData": {"currencyCode": "R$"}},
            "mercadolibre": {"currency_id": "R$"},
            "magento": {"order_currency_code": "US$"},
            "amazon-spapi": {"OrderTotal": {"CurrencyCode": "US$", "Amount": "30.47"}},
        }[channel]
    key, path = {
        "woocommerce": ("shipping", ("country",)),
        "vtex": ("shippingData", ("address", "country")),
        "mercadolibre": ("shipping", ("receiver_address", "country", "id")),
        "magento": ("extension_attributes", ("shipping_assignments", 0, "shipping", "address", "country_id")),
        "amazon-spapi": ("ShippingAddress", ("CountryCode",)),
    }[channel]
    place: Any = order
    for step in (key, *path[:-1]):
        place = place[step]
    place[path[-1]] = "XX"
    return {key: order[key]}


def shop_file(channel: str) -> Callable[[str, Path], str]:
    def content(code: str, _: Path) -> str:
        if (channel, code) == ("amazon-spapi", "BARCODE_CHECK_DIGIT"):
            return as_list(channel, ORDERS[channel](1), _VENDOR_ORDER)
        return as_list(channel, ORDERS[channel](1), ORDERS[channel](2, **_shop_order(channel, code)))

    return content
