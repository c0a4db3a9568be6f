"""A small good order of each shop and marketplace, written as that shop writes it, for tests to change and break."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]


def woo_order(number: int = 1, **changes: Any) -> Document:
    """Two lines, one with a coupon, post with tax, a fee: 20.00 + 9.00 - 2.00 + 5.00 + 1.00 + 6.60 of tax = 39.60."""
    return {
        "id": number,
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2025-06-01T10:00:00",
        "date_modified_gmt": "2025-06-01T10:05:00",
        "prices_include_tax": True,
        "discount_total": "2.00",
        "total": "39.60",
        "total_tax": "6.60",
        "customer_id": 7,
        "billing": {"first_name": "Ann", "last_name": "Lee", "email": "ann@example.com", "country": "DE"},
        "shipping": {
            "first_name": "Ann",
            "last_name": "Lee",
            "address_1": "Weg 1",
            "city": "Bonn",
            "postcode": "53111",
            "country": "DE",
        },
        "payment_method": "stripe",
        "meta_data": [],
        "line_items": [
            {"id": 11, "name": "Tea", "sku": "TEA-1", "quantity": 2, "subtotal": "20.00", "total": "18.00", "total_tax": "3.60"},
            {"id": 12, "name": "Cup", "sku": "CUP-1", "quantity": 3, "subtotal": "9.00", "total": "9.00", "total_tax": "1.80"},
        ],
        "shipping_lines": [{"method_id": "flat_rate", "method_title": "Post", "total": "5.00", "total_tax": "1.00"}],
        "fee_lines": [{"name": "Wrap", "total": "1.00", "total_tax": "0.20"}],
    } | changes  # fmt: skip


def vtex_order(number: int = 1, **changes: Any) -> Document:
    """Two lines in hundredths, an item's discount and one of the order: 100.00 + 30.00 + 12.00 - 10.00 - 3.00 = 129.00."""
    return {
        "orderId": f"v{number}-01",
        "sequence": str(500 + number),
        "status": "ready-for-handling",
        "value": 12900,
        "creationDate": "2025-06-01T10:00:00.0000000+00:00",
        "lastChange": "2025-06-01T11:00:00.0000000+00:00",
        "totals": [
            {"id": "Items", "value": 13000},
            {"id": "Discounts", "value": -1300},
            {"id": "Shipping", "value": 1200},
            {"id": "Tax", "value": 0},
        ],
        "items": [
            {"uniqueId": "A1", "id": "10", "refId": "TEA-1", "ean": "7891000000014", "name": "Tea", "quantity": 2, "price": 5000,
             "priceTags": [{"name": "discount@price-9#1", "value": -1000}], "measurementUnit": "un"},
            {"uniqueId": "A2", "id": "11", "refId": "CUP-1", "name": "Cup", "quantity": 1, "price": 3000, "priceTags": []},
        ],
        "clientProfileData": {"email": "ana@example.com", "firstName": "Ana", "lastName": "Reis", "userProfileId": "u-7"},
        "shippingData": {
            "address": {
                "receiverName": "Ana Reis", "street": "Rua das Flores", "number": "12", "city": "São Paulo", "state": "SP",
                "postalCode": "01234-567", "country": "BRA", "geoCoordinates": [-46.65, -23.56],
            },
            "logisticsInfo": [{"selectedSla": "Normal", "shippingEstimateDate": "2025-06-09T12:00:00+00:00"}],
        },
        "paymentData": {"transactions": [{"payments": [{"paymentSystemName": "Pix", "value": 12900}]}]},
        "storePreferencesData": {"currencyCode": "BRL"},
    } | changes  # fmt: skip


def meli_order(number: int = 1, **changes: Any) -> Document:
    """One line of 2, the buyer pays the post: 2 × 49.90 + 15.00 = 114.80."""
    return {
        "id": 2000000000 + number,
        "status": "paid",
        "date_created": "2025-06-01T10:00:00.000-04:00",
        "last_updated": "2025-06-01T10:30:00.000-04:00",
        "currency_id": "BRL",
        "total_amount": 99.8,
        "order_items": [
            {"item": {"id": "MLB1", "title": "Chá", "seller_sku": "TEA-1", "variation_id": 33}, "quantity": 2, "unit_price": 49.9}
        ],
        "payments": [
            {"id": 1, "status": "rejected", "shipping_cost": 15, "payment_method_id": "visa"},
            {"id": 2, "status": "approved", "shipping_cost": 15, "payment_method_id": "pix"},
        ],
        "buyer": {"id": 88, "nickname": "ANA", "first_name": "Ana", "last_name": "Reis"},
        "shipping": {
            "id": 5,
            "receiver_address": {
                "address_line": "Rua das Flores 12", "zip_code": "01234567", "city": {"name": "São Paulo"},
                "state": {"name": "São Paulo"}, "country": {"id": "BR"}, "receiver_name": "Ana Reis",
            },
        },
        "tags": ["paid"],
    } | changes  # fmt: skip


def magento_order(number: int = 1, **changes: Any) -> Document:
    """A configurable product with its child and a simple one, a discount, post: 44.00 + 18.00 - 6.20 + 5.00 + 8.00 tax."""
    address = {
        "firstname": "Jane", "lastname": "Doe", "street": ["123 Oak Ave", "Apt 4"], "city": "Purchase", "region": "New York",
        "postcode": "10577", "country_id": "US",
    }  # fmt: skip
    return {
        "entity_id": number,
        "increment_id": f"{number:09}",
        "state": "new",
        "status": "pending",
        "created_at": "2025-06-01 10:00:00",
        "updated_at": "2025-06-01 10:00:01",
        "order_currency_code": "USD",
        "customer_id": 3,
        "customer_firstname": "Jane",
        "customer_lastname": "Doe",
        "customer_email": "jane@example.com",
        "grand_total": 68.8,
        "discount_amount": -6.2,
        "shipping_amount": 5,
        "shipping_tax_amount": 0.5,
        "tax_amount": 8,
        "items": [
            {"item_id": 3, "sku": "TEE-M", "name": "Tee", "qty_ordered": 2, "qty_canceled": 0, "price": 22, "discount_amount": 4.4,
             "tax_amount": 5, "product_type": "configurable"},
            {"item_id": 4, "sku": "TEE-M", "name": "Tee-M", "qty_ordered": 2, "price": 0, "parent_item_id": 3, "tax_amount": 0},
            {"item_id": 5, "sku": "BAG-1", "name": "Bag", "qty_ordered": 1, "price": 18, "discount_amount": 1.8, "tax_amount": 2},
        ],
        "payment": {"method": "banktransfer"},
        "extension_attributes": {"shipping_assignments": [{"shipping": {"address": address, "method": "flatrate"}}]},
    } | changes  # fmt: skip


def spapi_order(number: int = 1, **changes: Any) -> Document:
    """Orders v0 with its items: 25.98 + 1.50 of tax + 4.99 of post - 2.00 of promotion = 30.47."""
    return {
        "AmazonOrderId": f"902-{number:07}-1111111",
        "PurchaseDate": "2025-06-01T10:00:00Z",
        "LastUpdateDate": "2025-06-01T10:30:00Z",
        "OrderStatus": "Unshipped",
        "MarketplaceId": "ATVPDKIKX0DER",
        "OrderTotal": {"CurrencyCode": "USD", "Amount": "30.47"},
        "PaymentMethodDetails": ["CreditCard"],
        "EarliestDeliveryDate": "2025-06-05T07:00:00Z",
        "LatestDeliveryDate": "2025-06-08T06:59:59Z",
        "ShippingAddress": {
            "Name": "Jo Doe", "AddressLine1": "1 Cross St", "City": "Canton", "StateOrRegion": "MI", "PostalCode": "48817",
            "CountryCode": "US",
        },
        "BuyerInfo": {"BuyerEmail": "jo@example.com", "BuyerName": "Jo Doe"},
        "OrderItems": [
            {"OrderItemId": "1", "SellerSKU": "TEA-1", "Title": "Tea", "QuantityOrdered": 2,
             "ItemPrice": {"CurrencyCode": "USD", "Amount": "25.98"}, "ItemTax": {"CurrencyCode": "USD", "Amount": "1.50"},
             "ShippingPrice": {"CurrencyCode": "USD", "Amount": "4.99"}, "PromotionDiscount": {"CurrencyCode": "USD", "Amount": "2.00"}},
        ],
    } | changes  # fmt: skip


_AMAZON_ROW = {
    "order-id": "111-1", "order-item-id": "1", "purchase-date": "2025-06-01T10:00:00+00:00", "buyer-email": "jo@example.com",
    "buyer-name": "Jo Doe", "sku": "TEA-1", "product-name": 'The 12" tin of tea', "quantity-purchased": "3", "currency": "USD",
    "item-price": "30.00", "item-tax": "2.10", "shipping-price": "4.99", "shipping-tax": "0.35", "ship-service-level": "Standard",
    "recipient-name": "Jo Doe", "ship-address-1": "1 Cross St", "ship-city": "Canton", "ship-state": "MI",
    "ship-postal-code": "48817", "ship-country": "US", "item-promotion-discount": "-1.00", "ship-promotion-discount": "-4.99",
}  # fmt: skip


def amazon_row(number: int = 1, **changes: str) -> dict[str, str]:
    """A row of the flat-file order report; names of columns with ``_`` for ``-``."""
    return _AMAZON_ROW | {"order-id": f"111-{number}"} | {key.replace("_", "-"): text for key, text in changes.items()}


def amazon_report(*rows: Mapping[str, str]) -> str:
    """Rows as Amazon writes them: tabs, no quoting."""
    names = list(dict.fromkeys(key for row in rows for key in row))
    return (
        "\n".join("\t".join(line) for line in (names, *([row.get(name, "") for name in names] for row in rows))) + "\n"
    )


def as_list(channel: str, *orders: Document) -> str:
    """A page of orders, wrapped as the channel's API wraps it."""
    whole: Any = {
        "woocommerce": list(orders),
        "vtex": {"list": list(orders)},
        "mercadolibre": {"results": list(orders), "paging": {"total": len(orders)}},
        "magento": {"items": list(orders), "search_criteria": {}, "total_count": len(orders)},
        "amazon-spapi": {"payload": {"Orders": list(orders)}},
    }[channel]
    return json.dumps(whole, ensure_ascii=False)


ORDERS = {
    "woocommerce": woo_order,
    "vtex": vtex_order,
    "mercadolibre": meli_order,
    "magento": magento_order,
    "amazon-spapi": spapi_order,
}
