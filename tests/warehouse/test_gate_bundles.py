"""Bundles and pickup of Shopify, WooCommerce and Magento: parts are the lines, the kit's money is theirs, the store is named."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from gate_desk import Desk, shopify_json, shopify_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop_documents import as_list, magento_order, woo_order

LINES = (
    "select line_number, sku_code, quantity::integer, line_total::varchar, kit_line_id, kit_sku_code, kit_quantity::integer"
    " from facts.order_lines order by line_number"
)
SUMS = "select sum(line_total), sum(discount_share), sum(tax_amount) from facts.order_lines where order_id = '{}'"


def woo_line(number: int, sku: str, quantity: int, subtotal: str, **changes: Any) -> dict[str, Any]:
    """A line as Product Bundles writes it: `bundled_by` names the kit's line, empty on lines that are no part."""
    money = {"subtotal": subtotal, "total": subtotal, "total_tax": "0"}
    return {"id": number, "sku": sku, "quantity": quantity, "bundled_by": "", "bundled_items": [], **money} | changes


def woo_bundle(*lines: dict[str, Any], **changes: Any) -> str:
    bare = {"shipping_lines": [], "fee_lines": [], "total": None, "total_tax": None}
    return as_list("woocommerce", woo_order(line_items=list(lines), **bare | changes))


def test_parts_of_a_woocommerce_bundle_are_lines_and_share_what_the_bundle_costs(desk: Desk) -> None:
    kit = woo_line(20, "BOX", 2, "30.01", bundled_items=[21, 22], total="28.01", total_tax="5.60")
    parts = (woo_line(21, "TEA", 4, "0", bundled_by="20"), woo_line(22, "MUG", 2, "0", bundled_by="20"))
    assert desk.capture("woocommerce", woo_bundle(kit, *parts, woo_line(23, "CUP", 1, "3.00"))).accepted == 1
    assert desk.rows(LINES) == [
        ("21", "TEA", 4, "14.01", "woocommerce-1-20", "BOX", 2),
        ("22", "MUG", 2, "14.00", "woocommerce-1-20", "BOX", 2),
        ("23", "CUP", 1, "3.00", None, None, None),
    ]
    assert desk.rows(SUMS.format("woocommerce-1")) == [tuple(map(Decimal, ("31.01", "2.00", "5.60")))]
    assert desk.rows("select items_total, discount_total, tax_total, order_total from facts.orders") == [
        tuple(map(Decimal, ("33.01", "2.00", "5.60", "36.61")))
    ]


def test_a_bundle_inside_a_composite_belongs_to_the_outer_kit(desk: Desk) -> None:
    lines = (
        woo_line(20, "HAMPER", 1, "10.00", composite_parent="", composite_children=[21, 24]),
        woo_line(21, "BOX", 1, "5.00", composite_parent="20", bundled_items=[22, 23]),
        woo_line(22, "TEA", 2, "1.00", bundled_by="21"),
        woo_line(23, "MUG", 1, "1.00", bundled_by="21"),
        woo_line(24, "CUP", 1, "2.00", composite_parent="20"),
    )
    desk.capture("woocommerce", woo_bundle(*lines))
    assert [(row[1], row[3], row[4]) for row in desk.rows(LINES)] == [
        ("TEA", "4.75", "woocommerce-1-20"),
        ("MUG", "4.75", "woocommerce-1-20"),
        ("CUP", "9.50", "woocommerce-1-20"),
    ]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kit=st.integers(0, 99_999),
    parts=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9_999), st.integers(0, 500)), min_size=1, max_size=5),
    discount=st.integers(0, 99),
)
def test_bundle_and_parts_together_cost_what_the_document_says(
    desk: Desk, kit: int, parts: list[tuple[int, int, int]], discount: int
) -> None:
    def cents(value: int) -> str:
        return str(Decimal(value).scaleb(-2))

    number = abs(hash((kit, tuple(parts), discount)))
    off = min(discount, kit)
    lines = [woo_line(1, "BOX", 3, cents(kit), total=cents(kit - off))]
    lines += [
        woo_line(place, f"P{place}", quantity, cents(price), total_tax=cents(tax), bundled_by="1")
        for place, (quantity, price, tax) in enumerate(parts, 2)
    ]
    assert desk.capture("woocommerce", woo_bundle(*lines, id=number)).accepted == 1
    order = f"woocommerce-{number}"
    whole = kit - off + sum(price for _, price, _ in parts)
    assert desk.rows(SUMS.format(order)) == [
        tuple(map(Decimal, map(cents, (whole, off, sum(tax for *_, tax in parts)))))
    ]
    assert desk.rows(
        f"select sum(quantity)::integer, min(line_total) >= 0 from facts.order_lines where order_id = '{order}'"
    ) == [(sum(quantity for quantity, *_ in parts), True)]


def test_lines_that_are_parts_of_each_other_stay_as_they_came(desk: Desk) -> None:
    """Regression: a circle of kits has no outer one; its lines would be taken out and their money lost."""
    lines = (woo_line(1, "A", 1, "1.00", bundled_by="2"), woo_line(2, "B", 1, "2.00", bundled_by="1"))
    desk.capture("woocommerce", woo_bundle(*lines))
    assert [(row[1], row[3], row[4]) for row in desk.rows(LINES)] == [("A", "1.00", None), ("B", "2.00", None)]


def magento_bundle(price: float, tea: float, mug: float) -> str:
    """Two bundles of two teas and a mug each: at a fixed price, or at the sum of its parts' prices."""
    taxed = {"tax_amount": 2.5, "discount_amount": 1.5}
    tax, part_tax = ({}, taxed) if tea else (taxed, {"tax_amount": 0, "discount_amount": 0})
    items = [
        {"item_id": 7, "sku": "BOX-TEA-MUG", "name": "Box", "qty_ordered": 2, "price": price, "product_type": "bundle", **tax},
        {"item_id": 8, "parent_item_id": 7, "sku": "TEA", "qty_ordered": 4, "price": tea, "product_type": "simple", **part_tax},
        {"item_id": 9, "parent_item_id": 7, "sku": "MUG", "qty_ordered": 2, "price": mug, "product_type": "simple"},
    ]  # fmt: skip
    total = 2 * price + 2.5 - 1.5
    bare = {"shipping_amount": 0, "shipping_tax_amount": 0, "discount_amount": -1.5, "tax_amount": 2.5}
    return as_list("magento", magento_order(items=items, grand_total=total, **bare))


@pytest.mark.parametrize(
    ("price", "tea", "mug", "totals"),
    [(10, 0, 0, ["9.25", "9.25"]), (10, 2, 6, ["6.50", "12.00"])],
    ids=["fixed price", "dynamic price"],
)
def test_a_magento_bundle_is_counted_once(desk: Desk, price: float, tea: float, mug: float, totals: list[str]) -> None:
    assert desk.capture("magento", magento_bundle(price, tea, mug)).accepted == 1
    found = desk.rows(LINES)
    assert [row[:3] for row in found] == [("8", "TEA", 4), ("9", "MUG", 2)]
    assert {row[4:] for row in found} == {("magento-000000001-7", "BOX-TEA-MUG", 2)}
    assert [row[3] for row in found] == totals
    money = "items_total, discount_total, tax_total, rounding_total, order_total"
    assert desk.rows(f"select {money} from facts.orders") == [
        tuple(map(Decimal, ("20.00", "1.50", "2.50", "0.00", "21.00")))
    ]


def shopify_bundle(**changes: Any) -> str:
    lines = [
        {"id": 11, "sku": "TEA", "quantity": 4, "price": "2.50", "sales_line_item_group_id": 501},
        {"id": 12, "sku": "MUG", "quantity": 2, "price": "4.00", "sales_line_item_group_id": 501},
        {"id": 13, "sku": "CUP", "quantity": 1, "price": "3.00", "sales_line_item_group_id": None},
    ]
    groups = [{"id": 501, "title": "Breakfast", "quantity": 2, "variant_sku": "BOX"}]
    total = {"total_price": "21.00", "total_tax": "0.00", "shipping_lines": []}
    return shopify_json(shopify_order(1, **{"line_items": lines, "line_item_groups": groups} | total | changes))


@pytest.mark.parametrize(
    ("groups", "kit"), [({}, ("BOX", 2)), ({"line_item_groups": []}, ("501", 1))], ids=["group told", "group not told"]
)
def test_components_of_a_shopify_bundle_keep_their_prices_and_go_together(
    desk: Desk, groups: dict[str, Any], kit: tuple[str, int]
) -> None:
    assert desk.capture("shopify", shopify_bundle(**groups)).accepted == 1
    assert desk.rows(LINES) == [
        ("11", "TEA", 4, "10.00", "shopify-1-501", *kit),
        ("12", "MUG", 2, "8.00", "shopify-1-501", *kit),
        ("13", "CUP", 1, "3.00", None, None, None),
    ]


def test_a_bundle_whose_components_were_all_taken_out_is_gone(desk: Desk) -> None:
    lines = [
        {"id": 11, "sku": "TEA", "quantity": 4, "current_quantity": 0, "price": "2.50", "sales_line_item_group_id": 501},
        {"id": 13, "sku": "CUP", "quantity": 1, "price": "3.00"},
    ]  # fmt: skip
    desk.capture("shopify", shopify_bundle(line_items=lines, current_total_price="3.00"))
    assert [row[:4] for row in desk.rows(LINES)] == [("13", "CUP", 1, "3.00")]


def _shopify(**changes: Any) -> tuple[str, str]:
    return "shopify", shopify_json(shopify_order(1, total_price=None, total_tax=None, **changes))


def _woo(**line: Any) -> tuple[str, str]:
    post = {"total": "0.00", "total_tax": "0", "meta_data": []} | line
    return "woocommerce", as_list("woocommerce", woo_order(shipping_lines=[post], total=None))


_STORE_LINE = {"code": "Jardins", "title": "Jardins", "price": "0.00", "source": "shopify"}
_PICK_UP = {
    "delivery_method": {"method_type": "pick_up"},
    "assigned_location": {"location_id": 9, "name": "Shop Jardins"},
}
_SHIPPED = {"delivery_method": {"method_type": "shipping"}, "assigned_location": {"location_id": 1, "name": "Depot"}}
_ASSIGNED = magento_order()["extension_attributes"]
PICKUPS = {
    "shopify, fulfilment order": (_shopify(fulfillment_orders=[_PICK_UP], shipping_lines=[_STORE_LINE]), "Shop Jardins"),
    "shopify, order alone": (_shopify(shipping_address=None, shipping_lines=[_STORE_LINE]), "Jardins"),
    "shopify, shipped": (_shopify(fulfillment_orders=[_SHIPPED], shipping_lines=[_STORE_LINE]), None),
    "shopify, no address to go to": (_shopify(shipping_address=None, shipping_lines=[]), None),
    "woocommerce, checkout block": (
        _woo(method_id="pickup_location", method_title="Local pickup (Bonn)", meta_data=[{"key": "pickup_location", "value": "Bonn"}]),
        "Bonn",
    ),
    "woocommerce, local pickup of old": (_woo(method_id="local_pickup", method_title="Local pickup"), "local_pickup"),
    "woocommerce, shipped": (_woo(method_id="flat_rate", method_title="Post"), None),
    "magento": (
        ("magento", as_list("magento", magento_order(extension_attributes=_ASSIGNED | {"pickup_location_code": "store_9"}))),
        "store_9",
    ),
    "magento, shipped": (("magento", as_list("magento", magento_order())), None),
}  # fmt: skip


@pytest.mark.parametrize("case", PICKUPS)
def test_the_store_at_which_an_order_is_collected_is_named(desk: Desk, case: str) -> None:
    (channel, content), store = PICKUPS[case]
    assert desk.capture(channel, content).accepted == 1
    assert desk.rows("select pickup_location_code from facts.orders") == [(store,)]
