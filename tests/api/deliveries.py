"""Signed deliveries, as Shopify and WooCommerce send them."""

from __future__ import annotations

import json

from oms_dagster.domain.capture import webhooks

ORDER = {
    "id": 501, "created_at": "2026-03-02T10:00:00+01:00", "updated_at": "2026-03-02T10:00:00+01:00", "currency": "EUR",
    "financial_status": "paid", "taxes_included": False, "email": "ann@example.com", "total_price": "15.00", "total_tax": "0.00",
    "customer": {"id": 77}, "shipping_address": {"name": "Ann Lee", "address1": "Weg 1", "city": "Bonn", "zip": "53111", "country_code": "DE"},
    "line_items": [{"id": 11, "sku": "TEA-1", "title": "Tea", "quantity": 2, "price": "7.50"}],
}  # fmt: skip
BODY = json.dumps(ORDER).encode()


def shopify(body: bytes = BODY, delivery_id: str | None = "d-1", secret: str = "hush") -> dict[str, str]:
    """Headers of a Shopify delivery."""
    headers = {"X-Shopify-Hmac-Sha256": webhooks.sign(secret, body), "Content-Type": "application/json"}
    return headers if delivery_id is None else {**headers, "X-Shopify-Webhook-Id": delivery_id}


def woocommerce(body: bytes = BODY, delivery_id: str = "d-1", secret: str = "hush") -> dict[str, str]:
    """Headers of a WooCommerce delivery."""
    return {"X-WC-Webhook-Signature": webhooks.sign(secret, body), "X-WC-Webhook-Delivery-ID": delivery_id}
