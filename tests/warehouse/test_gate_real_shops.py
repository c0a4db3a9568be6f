"""Every file of Shopify, Amazon and Magento in the shared data: what it is, and what becomes of it.

`ACCEPTED` and `QUARANTINED` name the files that hold an order, a change or a cancellation, and those that can't be read.
All others are products, notices, errors, parts of orders: each of their messages must end as NOT_AN_ORDER.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from gate_desk import Desk

from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.domain.capture.json_orders import parse_json_orders
from oms_dagster.domain.capture.messages import Message, ParseFailure
from oms_dagster.domain.capture.shopify import parse_shopify

FOLDERS = {"shopify": "shopify", "amazon-spapi": "amazon_spapi", "magento": "magento"}
CHANNELS = load_channels()[0]
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)

V2026 = "orders_2026-01-01/get_orders_2026-01-01_orders"
VENDOR = "vendorOrders/get_vendor_orders_v1_purchaseOrders"
DIRECT = "vendorDirectFulfillmentOrders_2021-12-28/get_vendor_directFulfillment_orders_2021-12-28_purchaseOrders"
V0 = "ordersV0/get_orders_v0_orders"
_PO1 = ("TestPO1", "order", [10], "150.00", "USD", "ABCD", None, "2020-05-26 18:49:20")
_PO2 = ("TestPO2", "order", [20], "1400.00", "USD", "ABCD", None, "2020-05-25 19:29:23")
_PO3 = ("TestPO3", "order", [10], "500.00", "USD", "ABCF", None, "2020-05-26 18:05:23")
_CANCELLED = ("123456", "cancel", [], "10.00", "USD", "John Smith", "Shippington", "2016-05-17 04:14:36")

#: (channel, file) -> per order: number, kind, quantities by line, total, currency, buyer, city of delivery, placed at (UTC).
ACCEPTED: dict[tuple[str, str], list[tuple[object, ...]]] = {
    ("shopify", "go-shopify/fixtures/order.json"): [_CANCELLED],
    ("shopify", "go-shopify/fixtures/order_with_transaction.json"): [_CANCELLED],
    ("shopify", "go-shopify/fixtures/orders.json"): [_CANCELLED],
    ("amazon-spapi", f"{V2026}_200.json"): [
        ("123-4567890-1234567", "order", [2, 1], "154.99", "USD", "Smith Industries LLC", "Seattle", "2024-12-25 10:30:00")
    ],
    ("amazon-spapi", f"{V2026}_200_sandbox0.json"): [
        ("250-1234567-8901234", "order", [1, 2], "19940.00", "JPY", "John Smith", "Tokyo", "2024-12-25 02:30:00")
    ],
    ("amazon-spapi", f"{V2026}_200_sandbox1.json"): [
        ("202-7654321-1098765", "order", [1], "34.99", "GBP", "Sarah Thompson", "London", "2024-12-24 14:20:00")
    ],
    ("amazon-spapi", f"{V2026}_200_sandbox2.json"): [
        ("171-2345678-9012345", "order", [1], "1599.90", "BRL", "Oliveira Tecnologia Ltda", "São Paulo", "2024-12-22 15:30:00")
    ],
    ("amazon-spapi", f"{V2026}_orderId_200.json"): [
        ("202-1234567-8901234", "order", [3], "103.97", "GBP", "James Wilson", "Manchester", "2024-12-25 09:15:00")
    ],
    ("amazon-spapi", f"{V2026}_orderId_200_sandbox0.json"): [
        ("171-9876543-2109876", "order", [1], "299.90", "BRL", "Maria Silva Santos", "São Paulo", "2024-12-24 20:30:00")
    ],
    ("amazon-spapi", f"{V2026}_orderId_200_sandbox1.json"): [
        ("028-1234567-8901234", "order", [2], "125.00", "TRY", "Mehmet Yilmaz", "Istanbul", "2025-03-15 10:30:00")
    ],
    ("amazon-spapi", f"{V2026}_orderId_200_sandbox2.json"): [
        ("114-9876543-1234567", "order", [1], "49.99", "USD", None, "Seattle", "2025-03-10 14:00:00")
    ],
    ("amazon-spapi", f"{DIRECT}_purchaseOrderNumber_200.json"): [
        ("2JK3S9VC", "order", [1, 2], "2090.00", "USD", None, "San Jose", "2020-02-20 13:51:00")
    ],
    # A case of ten units, at the cost of one unit.
    ("amazon-spapi", f"{VENDOR}_200_sandbox0.json"): [
        ("2JK3S9VC", "order", [1, 2, 13], "6170.44", "USD", "ABCD", None, "2019-08-20 15:51:00"),
        ("3TRD2IAB", "order", [50], "4748.50", "USD", "ABC1", None, "2019-08-20 16:29:00"),
    ],
    # The first line of TestPO1 was cancelled: it asks for none.
    ("amazon-spapi", f"{VENDOR}_200_sandbox2.json"): [_PO1, _PO2],
    ("amazon-spapi", f"{VENDOR}_200_sandbox3.json"): [_PO1],
    ("amazon-spapi", f"{VENDOR}_200_sandbox4.json"): [_PO2],
    ("amazon-spapi", f"{VENDOR}_200_sandbox5.json"): [_PO2, _PO3],
    ("amazon-spapi", f"{VENDOR}_200_sandbox6.json"): [
        ("mock-purchaseOrderNumber2", "order", [120], "11396.40", "INR", "ABC1", None, "2019-08-13 06:29:00")
    ],
    ("amazon-spapi", f"{VENDOR}_purchaseOrderNumber_200.json"): [_PO3],
    ("amazon-spapi", f"{VENDOR}_purchaseOrderNumber_200_sandbox0.json"): [
        ("4Z32PABC", "order", [37, 24, 1], "5664.88", "USD", "ABCD", None, "2019-07-26 11:10:00")
    ],
    ("amazon-spapi", f"{VENDOR}_purchaseOrderNumber_200_sandbox1.json"): [
        ("mock-purchaseOrderNumber", "order", [37, 24, 1], "878044.00", "INR", "ABCD", None, "2019-07-26 11:10:00")
    ],
}  # fmt: skip

#: (channel, file) -> code and field of each of its messages that is quarantined.
QUARANTINED: dict[tuple[str, str], list[tuple[str, str]]] = {
    # Three lines of 199.00 under a total of 409.94.
    ("shopify", "shopify_python_api/test/fixtures/order.json"): [("TOTAL_CONTRADICTED", "declared_total")],
    ("shopify", "shopify_python_api/test/fixtures/orders.json"): [("MISSING_FIELD", "line_items")],
    ("shopify", "go-shopify/fixtures/orderlineitems/properties_invalid0.json"): [("UNREADABLE", "file")],
    ("shopify", "go-shopify/fixtures/shippinglines/requested_fulfillment_service_id_invalid.json"): [("UNREADABLE", "file")],
    ("magento", "rest__tutorials__orders__order-create-order_01.invalid.json"): [("UNREADABLE", "file")],
    ("magento", "rest__tutorials__inventory__create-cart-add-products_05.invalid.json"): [("UNREADABLE", "file")],
    # Headers without their items, which the API gives by another call.
    **{
        ("amazon-spapi", f"{V0}_{name}.json"): [("MISSING_FIELD", "OrderItems")] * messages
        for name, messages in {
            "200": 1, "200_sandbox0": 2, "200_sandbox1": 1, "200_sandbox2": 1, "orderId_200": 1, "orderId_200_sandbox0": 1,
            "orderId_200_sandbox1": 1,
        }.items()
    },
    ("amazon-spapi", f"{VENDOR}_200_sandbox1.json"): [("MISSING_FIELD", "orderDetails.items")] * 2,
    # The first order names no cost, only Amazon's list price.
    ("amazon-spapi", f"{VENDOR}_200_sandbox6.json"): [("MISSING_FIELD", "unit_price")],
    # A change that doesn't cancel: the order has to be read again.
    ("amazon-spapi", "OrderChangeNotification/example0.json"): [("MISSING_FIELD", "unit_price")],
}  # fmt: skip


def parse(channel: str, raw: bytes) -> list[Message | ParseFailure]:
    return list(parse_shopify(raw)) if channel == "shopify" else list(parse_json_orders(raw, CHANNELS[channel]))


def others(shared: Path) -> Iterator[tuple[str, str, Path]]:
    for channel, folder in FOLDERS.items():
        top = shared / "data" / "channels" / folder
        for path in sorted(top.rglob("*.json")):
            name = path.relative_to(top).as_posix()
            if (channel, name) not in ACCEPTED and (channel, name) not in QUARANTINED:
                yield channel, name, path


@pytest.mark.parametrize(("channel", "name"), sorted({*ACCEPTED, *QUARANTINED}))
def test_each_file_with_an_order_ends_as_its_table_says(full_desk: Desk, shared: Path, channel: str, name: str) -> None:
    raw = (shared / "data" / "channels" / FOLDERS[channel] / name).read_bytes()
    outcome = full_desk.capture(channel, raw, as_of=AS_OF)
    accepted, quarantined = ACCEPTED.get((channel, name), []), QUARANTINED.get((channel, name), [])
    assert full_desk.errors() == quarantined
    assert (outcome.messages, outcome.accepted) == (len(accepted) + len(quarantined), len(accepted))
    found = full_desk.rows(
        "select o.channel_order_id, o.message_kind, coalesce((select list(l.quantity::integer order by l.line_number)"
        " from facts.order_lines as l where l.message_id = o.message_id), []), o.order_total::varchar, o.currency,"
        " o.customer_name, o.ship_to_city, strftime(o.placed_at, '%Y-%m-%d %H:%M:%S') from facts.orders as o"
    )
    assert sorted(found, key=repr) == sorted(accepted, key=repr)


def test_each_other_file_says_that_it_is_no_order(shared: Path) -> None:
    wrong = {
        (channel, name): [getattr(item, "code", "an order") for item in parse(channel, path.read_bytes())]
        for channel, name, path in others(shared)
        if any(
            not isinstance(item, ParseFailure) or item.code != "NOT_AN_ORDER"
            for item in parse(channel, path.read_bytes())
        )
    }
    assert wrong == {}
    assert sum(1 for _ in others(shared)) > 200


@pytest.mark.parametrize("channel", FOLDERS)
def test_a_list_of_all_that_is_no_order_is_quarantined_message_by_message(
    desk: Desk, shared: Path, channel: str
) -> None:
    documents = [json.loads(path.read_bytes()) for slug, _, path in others(shared) if slug == channel]
    outcome = desk.capture(channel, json.dumps(documents), as_of=AS_OF)
    assert outcome.messages == outcome.quarantined >= len(documents)
    assert {code for code, _ in desk.errors()} == {"NOT_AN_ORDER"}
