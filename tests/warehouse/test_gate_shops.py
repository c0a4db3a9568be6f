"""Orders of shops and marketplaces end as orders with the right lines, money and parties."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from gate_desk import Desk
from shop_documents import (
    ORDERS,
    amazon_report,
    amazon_row,
    as_list,
    magento_order,
    meli_order,
    spapi_order,
    vtex_order,
    woo_order,
)

TOTALS = "items_total, discount_total, shipping_total, charge_total, tax_total, rounding_total, order_total"
#: Channel -> totals in the order of `TOTALS`, of the good order of `shop_documents`.
MONEY = {
    "woocommerce": ("29.00", "2.00", "5.00", "1.00", "6.60", "0.00", "39.60"),
    "vtex": ("130.00", "13.00", "12.00", "0.00", "0.00", "0.00", "129.00"),
    "mercadolibre": ("99.80", "0.00", "15.00", "0.00", "0.00", "0.00", "114.80"),
    "magento": ("62.00", "6.20", "5.00", "0.00", "8.00", "0.00", "68.80"),
    "amazon-spapi": ("25.98", "2.00", "4.99", "0.00", "1.50", "0.00", "30.47"),
}
LINES = {
    "woocommerce": [("11", "TEA-1", "2", "10", "2.00"), ("12", "CUP-1", "3", "3", "0.00")],
    "vtex": [("A1", "TEA-1", "2", "50", "12.25"), ("A2", "CUP-1", "1", "30", "0.75")],
    "mercadolibre": [("MLB1-33", "TEA-1", "2", "49.9", "0.00")],
    "magento": [("3", "TEE-M", "2", "22", "4.40"), ("5", "BAG-1", "1", "18", "1.80")],
    "amazon-spapi": [("1", "TEA-1", "2", "12.99", "2.00")],
}
PARTIES = {
    "woocommerce": ("woocommerce:7", "Ann Lee", "Ann Lee", "Bonn", "DE", "paid"),
    "vtex": ("vtex:u-7", "Ana Reis", "Ana Reis", "São Paulo", "BR", "paid"),
    "mercadolibre": ("mercadolibre:88", "Ana Reis", "Ana Reis", "São Paulo", "BR", "paid"),
    "magento": ("magento:3", "Jane Doe", "Jane Doe", "Purchase", "US", "pending"),
    "amazon-spapi": ("amazon-spapi:jo@example.com", "Jo Doe", "Jo Doe", "Canton", "US", "paid"),
}
CANCEL = {
    "woocommerce": {"status": "cancelled", "date_modified_gmt": "2025-06-01T12:00:00"},
    "vtex": {"status": "canceled", "lastChange": "2025-06-01T12:00:00+00:00"},
    "mercadolibre": {"status": "cancelled", "last_updated": "2025-06-01T22:00:00.000-04:00"},
    "magento": {"state": "canceled", "updated_at": "2025-06-01 12:00:00"},
    "amazon-spapi": {"OrderStatus": "Canceled", "LastUpdateDate": "2025-06-01T12:00:00Z"},
}


def lines(desk: Desk) -> list[tuple[str, ...]]:
    found = desk.rows(
        "select line_number, sku_code, quantity, unit_price, discount_share from facts.order_lines order by line_number"
    )
    return [(str(n), str(s), *(f"{Decimal(str(v)).normalize():f}" for v in (q, p)), str(d)) for n, s, q, p, d in found]


@pytest.mark.parametrize("channel", MONEY)
def test_a_good_order_has_the_lines_money_and_parties_that_the_shop_shows(desk: Desk, channel: str) -> None:
    outcome = desk.capture(channel, as_list(channel, ORDERS[channel]()))
    assert outcome.accepted == 1, desk.rows("select error_code, error_detail from facts.capture_messages")
    assert tuple(map(str, desk.rows(f"select {TOTALS} from facts.orders")[0])) == MONEY[channel]
    assert lines(desk) == LINES[channel]
    parties = "customer_id, customer_name, ship_to_name, ship_to_city, ship_to_country, payment_status"
    assert desk.rows(f"select {parties} from facts.orders") == [PARTIES[channel]]


@pytest.mark.parametrize("channel", MONEY)
def test_a_cancelled_order_is_a_cancel_message_and_an_earlier_one_is_an_amendment(desk: Desk, channel: str) -> None:
    desk.capture(channel, as_list(channel, ORDERS[channel]()))
    desk.capture(channel, as_list(channel, ORDERS[channel](**CANCEL[channel])))
    assert desk.rows("select outcome from facts.capture_messages") == [("accepted",)] * 2
    assert desk.rows("select message_kind from facts.orders order by order_version") == [("order",), ("cancel",)]


@pytest.mark.parametrize("channel", MONEY)
@pytest.mark.parametrize("form", ["one", "lines", "list"])
def test_orders_come_one_alone_one_a_line_or_in_a_list(desk: Desk, channel: str, form: str) -> None:
    orders = [ORDERS[channel](number) for number in (1, 2)]
    text = {
        "one": json.dumps(orders[0], indent=1),
        "lines": "\n".join(json.dumps(order) for order in orders) + "\n",
        "list": json.dumps(orders),
    }[form]
    assert desk.capture(channel, text).accepted == (1 if form == "one" else 2)


@pytest.mark.parametrize("channel", MONEY)
def test_what_is_no_order_is_refused_as_such_and_a_bad_order_fails_alone(desk: Desk, channel: str) -> None:
    broken = ORDERS[channel](2)
    rows = next(key for key in ("line_items", "items", "order_items", "OrderItems") if key in broken)
    text = "\n".join(json.dumps(item) for item in (ORDERS[channel](), {"product": {"id": 1}}, broken | {rows: "none"}))
    outcome = desk.capture(channel, text)
    assert (outcome.accepted, outcome.quarantined) == (1, 2)
    assert [code for code, _ in desk.errors()] == ["NOT_AN_ORDER", "UNREADABLE"]


def test_a_test_order_is_captured_and_marked(desk: Desk) -> None:
    desk.capture("mercadolibre", as_list("mercadolibre", meli_order(tags=["paid", "test_order"]), meli_order(2)))
    meta = [{"key": "_wcpay_mode", "value": "test"}]
    desk.capture("woocommerce", as_list("woocommerce", woo_order(meta_data=meta), woo_order(2)))
    assert desk.rows("select channel, is_test from facts.orders order by all") == [
        ("mercadolibre", False),
        ("mercadolibre", True),
        ("woocommerce", False),
        ("woocommerce", True),
    ]


def test_a_guest_of_woocommerce_is_known_by_the_address_of_mail(desk: Desk) -> None:
    desk.capture("woocommerce", as_list("woocommerce", woo_order(customer_id=0)))
    assert desk.rows("select customer_id from facts.orders") == [("woocommerce:ann@example.com",)]


def test_an_order_discount_of_vtex_is_frozen_to_the_lines_by_largest_remainder(desk: Desk) -> None:
    items = [dict(vtex_order()["items"][1], uniqueId=f"A{n}", price=1000) for n in (1, 2, 3)]
    totals = [{"id": "Items", "value": 3000}, {"id": "Discounts", "value": -100}]
    desk.capture("vtex", as_list("vtex", vtex_order(items=items, totals=totals, value=2900)))
    assert [line[-1] for line in lines(desk)] == ["0.34", "0.33", "0.33"]


def test_a_line_that_magento_cancelled_asks_for_the_rest(desk: Desk) -> None:
    items = magento_order()["items"]
    items[0]["qty_canceled"], items[2]["qty_canceled"] = 1, 1
    desk.capture("magento", as_list("magento", magento_order(items=items, grand_total=None)))
    assert [line[:3] for line in lines(desk)] == [("3", "TEE-M", "1")]


def test_prices_of_amazon_hold_the_tax_outside_north_america(desk: Desk) -> None:
    total = {"CurrencyCode": "EUR", "Amount": "28.97"}
    order = spapi_order(MarketplaceId="A1PA6795UKMFR9", OrderTotal=total)
    desk.capture("amazon-spapi", json.dumps(order))
    found = desk.rows("select items_total, tax_total, order_total, rounding_total from facts.orders")
    assert found == [tuple(map(Decimal, ("24.48", "1.50", "28.97", "0.00")))]


def test_a_cancelled_order_of_a_change_notification_is_a_cancel(desk: Desk) -> None:
    notice = {
        "NotificationType": "ORDER_CHANGE",
        "Payload": {
            "OrderChangeNotification": {
                "AmazonOrderId": "902-1",
                "OrderChangeTrigger": {"TimeOfOrderChange": "2025-06-02T10:00:00Z"},
                "Summary": {"OrderStatus": "Canceled", "PurchaseDate": "2025-06-01T10:00:00Z", "MarketplaceId": "ATVPDKIKX0DER"},
            }
        },
    }  # fmt: skip
    assert desk.capture("amazon-spapi", json.dumps(notice)).accepted == 1
    assert desk.rows("select message_kind, currency from facts.orders") == [("cancel", "USD")]


def test_a_row_of_amazons_report_is_a_line_with_its_post_and_promotions(desk: Desk) -> None:
    outcome = desk.capture("amazon", amazon_report(amazon_row(), amazon_row(2, quantity_purchased="many")))
    assert (outcome.accepted, outcome.quarantined, outcome.lines_read) == (1, 1, 2)
    assert desk.errors() == [("BAD_NUMBER", "quantity")]
    assert tuple(map(str, desk.rows(f"select {TOTALS} from facts.orders")[0])) == (
        "30.00", "5.99", "4.99", "0.00", "2.45", "0.00", "31.45",
    )  # fmt: skip
    found = desk.rows("select sku_code, description, quantity, unit_price from facts.order_lines")
    assert found == [("TEA-1", 'The 12" tin of tea', Decimal(3), Decimal(10))]


def test_the_report_of_all_orders_names_its_columns_otherwise_and_cancels(desk: Desk) -> None:
    renamed = {"order-id": "amazon-order-id", "quantity-purchased": "quantity"}
    row = {renamed.get(key, key): text for key, text in amazon_row().items() if key != "order-item-id"}
    row |= {"order-status": "Shipped", "last-updated-date": "2025-06-01T10:00:00+00:00"}
    later = row | {"order-status": "Cancelled", "last-updated-date": "2025-06-01T12:00:00+00:00", "item-price": ""}
    assert desk.capture("amazon", amazon_report(row, later)).accepted == 2
    assert desk.rows("select message_kind, payment_status from facts.orders order by order_version") == [
        ("order", "paid"),
        ("cancel", "voided"),
    ]
