"""Goods that we never hold: a vendor gets purchase orders, answers, ships to customers; one order goes well, three do not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from test_one_order_from_capture_to_kpi import ORDER, REFERENCE, SHOPIFY, Planner, planner  # noqa: F401

from oms_dagster.warehouse.connect import reader, writer
from oms_dagster.warehouse.read import rows

MILL = {
    "location_code": "MILL", "name": "Tea Mill (drop-ship)", "kind": "vendor", "street": "3 Mill Lane", "postcode": "OX1 1AA", "city": "Oxford",
    "country": "GB", "latitude": "51.75", "longitude": "-1.26", "timezone": "Europe/London", "cutoff": "14:00", "processing_days": "1",
    "handling_cost": "1.25",
}  # fmt: skip
CARRIERS = {
    "carriers": [{"carrier_code": "DASH", "name": "Dash", "pickup_at": "17:30"}],
    "tariffs": [{"carrier_code": "DASH", "service": "express", "country": "GB", "zone_prefix": "", "base": "6.00", "per_kg": "0.50", "fuel_pct": "10",
                 "max_kg": "30", "transit_days": "1", "currency": "GBP", "valid_from": "2026-01-01"}],
}  # fmt: skip
#: Four orders of three tins, as the vendor knows them.
SHIPPED, REJECTED, CANCELLED, HALF = (f"purchase_order-A-{number:06d}" for number in range(1, 5))


def orders() -> Iterable[dict[str, Any]]:
    """Ann's order, and three like it from other people of St Albans."""
    for number, name in enumerate(("Ann Lee", "Bo Day", "Cy Fox", "Di Orr")):
        first, last = name.split()
        email = f"{first.lower()}@example.com"
        yield SHOPIFY | {
            "id": 4711 + number, "email": email, "customer": {"id": 77 + number, "first_name": first, "last_name": last},
            "shipping_address": SHOPIFY["shipping_address"] | {"name": name, "address1": f"{number + 1} High Street"},  # type: ignore[operator]
            "line_items": [SHOPIFY["line_items"][0] | {"id": 11 + number}],  # type: ignore[index]
        }  # fmt: skip


@pytest.fixture
def shop(planner: Planner) -> Planner:  # noqa: F811
    """The tea lies with the vendor alone, which says that it has 20; the purchase orders are sent at seven."""
    world = REFERENCE | CARRIERS
    world["locations"] = [{key: REFERENCE["locations"][0].get(key, "") for key in MILL}, MILL]
    world["customers"] = [
        REFERENCE["customers"][0]
        | {"customer_code": str(77 + n), "name": name, "email": f"{name[:3].strip().lower()}@example.com"}
        for n, name in enumerate(("Ann Lee", "Bo Day", "Cy Fox", "Di Orr"))
    ]
    for entity, table in world.items():
        planner.sends(entity, f"{entity}.csv", table)
    said = {"kind": "count", "sku_code": "TEA", "location_code": "MILL", "event_at": "2026-03-01T18:00:00Z"}
    planner.sends("stock", "vendor.csv", [{**said, "movement_id": "mill-1", "quantity": "20"}])
    planner.sends("shopify", "orders.json", json.dumps({"orders": list(orders())}))
    planner.cycle("2026-03-02T07:00:00Z")
    return planner


def answers(planner: Planner, *said: dict[str, Any]) -> None:  # noqa: F811
    """What the vendor sends."""
    fields = ("event_id", "purchase_order_id", "kind", "line_number", "quantity", "ship_date", "carrier_code", "tracking_number", "reason_code", "event_at")  # fmt: skip
    planner.sends(
        "vendors",
        f"answers-{said[0]['event_id']}.csv",
        [{name: event.get(name, "") for name in fields} for event in said],
    )


def all_of(planner: Planner, sql: str) -> list[tuple[Any, ...]]:  # noqa: F811
    with reader(planner.home.current) as connection:
        return connection.execute(sql).fetchall()


def units(planner: Planner) -> dict[str, dict[str, int]]:  # noqa: F811
    """Units of each order's line by ledger bucket; empty ones left out."""
    with reader(planner.home.current) as connection:
        found = rows(connection, "select order_id, columns('^qty_') from marts.order_lines order by order_id")
    return {
        row["order_id"][-4:]: {k.removeprefix("qty_"): int(v) for k, v in row.items() if k.startswith("qty_") and v and k != "qty_ordered"}
        for row in found
    }  # fmt: skip


def asked(planner: Planner) -> dict[str, tuple[str, int, int, int]]:  # noqa: F811
    """Of each purchase order: status, units wanted, withdrawn and gone."""
    found = all_of(
        planner,
        "select purchase_order_id, status, quantity::int, qty_withdrawn::int, qty_gone::int from marts.purchase_order_lines",
    )
    return {name: tuple(said) for name, *said in found}  # type: ignore[misc]


def papers(planner: Planner) -> dict[str, str]:  # noqa: F811
    """Documents about purchase orders with their status."""
    return dict(
        all_of(
            planner,
            "select document_id, status from marts.documents where document_type like 'purchase_order%' order by 1",
        )
    )


def is_sound(planner: Planner) -> None:  # noqa: F811
    """No law is broken, and what a vendor ships is none of our work and none of our money."""
    assert all_of(planner, "select * from marts.data_quality where not passed") == []
    assert all_of(planner, "select * from marts.waves where location_id = 'MILL'") == []
    for table in ("pick_tasks", "load_shipments", "dropped_shipments"):
        of_vendor = f"select * from marts.{table} where shipment_id in (select shipment_id from marts.shipments where mode = 'dropship')"
        assert all_of(planner, of_vendor) == [], table
    assert (
        all_of(
            planner,
            "select * from marts.inventory_positions where is_vendor and (value_base is not null or shortage > 0 or excess > 0)",
        )
        == []
    )
    assert all_of(planner, "select * from marts.reorder_points where location_id = 'MILL'") == []


def test_orders_that_a_vendor_ships_from_capture_to_kpi(shop: Planner) -> None:
    # Seven o'clock: the vendor has its purchase orders, on paper and for its machine; nothing is for our floor or vans.
    assert units(shop) == {order: {"released": 3} for order in ("4711", "4712", "4713", "4714")}
    assert all_of(shop, "select distinct mode, location_id, wave_id, status from marts.shipments") == [
        ("dropship", "MILL", None, "released")
    ]
    told = json.loads((shop.home.outbox / "documents/purchase_order/A-000001.json").read_text())
    (line,) = told["payload"]["content"]["lines"]
    assert (told["id"], line["sku_id"], line["quantity"], line["line_total"]) == (SHIPPED, "TEA", "3", "13.25")
    paper = shop.reads("documents/purchase_order/A-000001.pdf")
    assert all(
        word in paper for word in (SHIPPED, "Tea Mill", "3 Mill Lane", "Ann Lee", "St Albans", "Tin of tea", "4711")
    )
    ordered = shop.sees(
        f"select status, quantity, unit_cost, fee, line_total, due_date from marts.purchase_order_lines where purchase_order_id = '{SHIPPED}'"
    )
    assert ordered == {"status": "issued", "quantity": 3, "unit_cost": Decimal("4.000000"), "fee": Decimal("1.25"),
                       "line_total": Decimal("13.25"), "due_date": date(2026, 3, 3)}  # fmt: skip
    position = shop.sees("select on_hand, reserved, value_base, is_vendor from marts.inventory_positions")
    assert position == {"on_hand": 20, "reserved": 12, "value_base": None, "is_vendor": True}
    is_sound(shop)

    # Every plan is lost: nothing will be asked twice.
    with writer(shop.home.warehouse) as connection:
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'plans' and table_name <> 'cycle'"
        ).fetchall():
            connection.execute(f"delete from plans.{table}")

    # It accepts the first for a day later, refuses the second, has shipped two of the last; of the third one tin less is wanted.
    at = {"event_at": "2026-03-02T10:00:00Z", "line_number": 1}
    answers(
        shop,
        {**at, "event_id": "a1", "purchase_order_id": SHIPPED, "kind": "accepted", "ship_date": "2026-03-04", "reason_code": "NO_STAFF"},
        {**at, "event_id": "r1", "purchase_order_id": REJECTED, "kind": "rejected", "reason_code": "SOLD_OUT"},
        {**at, "event_id": "s1", "purchase_order_id": HALF, "kind": "shipped", "quantity": "2", "carrier_code": "DASH", "tracking_number": "1Z8"},
    )  # fmt: skip
    shop.oms(
        "command",
        "order.amend",
        "--target",
        "shopify-4713-13",
        "--reason",
        "one less",
        "--set",
        "scope=line",
        "--set",
        "quantity=2",
    )
    shop.cycle("2026-03-02T11:00:00Z")
    assert units(shop) == {"4711": {"released": 3}, "4712": {"open": 3, "backordered": 3}, "4713": {"released": 2, "cancelled": 1},
                           "4714": {"released": 1, "shipped": 2}}  # fmt: skip
    assert asked(shop) == {SHIPPED: ("accepted", 3, 0, 0), REJECTED: ("rejected", 3, 0, 0), CANCELLED: ("issued", 2, 1, 0),
                           HALF: ("partially_shipped", 3, 0, 2)}  # fmt: skip
    asked_once = dict.fromkeys((SHIPPED, REJECTED, CANCELLED, HALF), "issued")
    assert papers(shop) == asked_once | {"purchase_order_change-A-000001": "issued"}
    late = shop.sees("select message, status from marts.alerts where kind = 'VENDOR_LATE'")
    assert late == {
        "status": "open",
        "message": f"MILL was asked for 3 of order {ORDER} by 2026-03-03, and says 2026-03-04: NO_STAFF",
    }
    followed = shop.sees(
        "select cause, reason, deliver_date_before, deliver_date from marts.promise_changes where event = 'changed'"
    )
    assert followed == {"cause": "fact", "reason": "MILL ships it on 2026-03-04, not on 2026-03-03: NO_STAFF",
                        "deliver_date_before": date(2026, 3, 4), "deliver_date": date(2026, 3, 5)}  # fmt: skip
    assert shop.sees("select order_id, recipient, state from marts.notifications where event = 'promise_later'") == {
        "order_id": ORDER, "recipient": "ann@example.com", "state": "pending",
    }  # fmt: skip
    change = json.loads((shop.home.outbox / "documents/purchase_order_change/A-000001.json").read_text())["payload"][
        "content"
    ]
    assert (change["purchase_order_id"], change["lines"][0]["quantity_before"], change["lines"][0]["quantity"]) == (
        CANCELLED,
        "3",
        "2",
    )
    assert "Change of purchase order" in shop.reads("documents/purchase_order_change/A-000001.pdf")

    # Both others are cancelled: what has not left is called off. Tea comes to London, for who was refused.
    for order in ("shopify-4713", "shopify-4714"):
        shop.oms(
            "command",
            "order.cancel",
            "--target",
            order,
            "--reason",
            "wants none",
            "--set",
            "scope=order",
            "--set",
            "reason_code=CUSTOMER",
        )
    opening = {
        "movement_id": "open-1",
        "kind": "opening",
        "sku_code": "TEA",
        "location_code": "LON",
        "quantity": "5",
        "event_at": "2026-03-02T11:30:00Z",
    }
    shop.sends("stock", "opening.csv", [opening])
    shop.cycle("2026-03-02T12:00:00Z")
    assert units(shop)["4713"] == {"cancelled": 3}
    assert units(shop)["4714"] == {"cancelled": 1, "shipped": 2}
    assert asked(shop) | {SHIPPED: None, REJECTED: None} == {
        SHIPPED: None, REJECTED: None, CANCELLED: ("cancelled", 0, 3, 0), HALF: ("shipped", 2, 1, 2),
    }  # fmt: skip
    changes = {f"purchase_order_change-A-{number:06d}": "issued" for number in (1, 2, 3)}
    assert papers(shop) == asked_once | {CANCELLED: "void"} | changes
    of_shipment = "select shipment_id, status, tracking_status, carrier_id, tracking_number from marts.shipments"
    on_its_way = shop.sees(f"{of_shipment} where order_id = 'shopify-4714'")
    assert [*on_its_way.values()][1:] == ["shipped", "in_transit", "DASH", "1Z8"]
    assert all_of(
        shop,
        "select order_id, location_id from marts.promises inner join marts.order_lines using (order_line_id, order_id)",
    ) == [("shopify-4712", "LON")]
    is_sound(shop)

    # The vendor ships the first after all in time, and its carrier delivers it; it ships what was called off, too: nothing
    # moves, a person is told.
    answers(
        shop,
        {"event_id": "s2", "purchase_order_id": SHIPPED, "kind": "shipped", "carrier_code": "DASH", "tracking_number": "1Z9", "event_at": "2026-03-03T15:00:00Z"},
        {"event_id": "s3", "purchase_order_id": CANCELLED, "kind": "shipped", "event_at": "2026-03-03T15:10:00Z"},
    )  # fmt: skip
    shipment = shop.sees(f"{of_shipment} where order_id = '{ORDER}'")
    shop.sends("deliveries", "results.csv", [{"event_id": "1", "shipment_id": shipment["shipment_id"], "outcome": "delivered", "receiver": "A. Lee",
                                              "event_at": "2026-03-04T10:50:00Z"}])  # fmt: skip
    shop.cycle("2026-03-05T05:30:00Z")
    assert (units(shop)["4711"], units(shop)["4713"]) == ({"delivered": 3}, {"cancelled": 3})
    assert all_of(shop, "select kind, key from marts.reconciliation_exceptions where kind = 'VENDOR_UNKNOWN'") == [
        ("VENDOR_UNKNOWN", "shopify-4713-13")
    ]
    assert shop.sees("select on_hand, reserved from marts.inventory_positions where is_vendor") == {
        "on_hand": 15,
        "reserved": 0,
    }
    assert all_of(shop, "select * from marts.alerts where kind = 'VENDOR_LATE' and status = 'open'") == []

    # The figures count it, and its story tells each step.
    assert shop.sees("select outcome, load_id from marts.deliveries") == {"outcome": "delivered", "load_id": None}
    assert shop.sees(f"select fulfilment_status from marts.orders where order_id = '{ORDER}'") == {
        "fulfilment_status": "delivered"
    }
    kept = "select numerator from marts.kpi_daily where kpi = 'otif_orders' and day = '2026-03-04' and dimension = 'all' and anchor = 'first commitment'"
    assert shop.sees(kept) == {"numerator": 1}
    is_sound(shop)
    story = shop.oms("explain", ORDER)
    steps = (
        "[PURCHASE_ORDER]",
        "purchase_order number 1",
        "vendor accepted",
        "vendor shipped",
        "DASH 1Z9",
        "shipped -> delivered",
    )
    assert all(step in story for step in steps), story
    assert ORDER in shop.oms("explain", SHIPPED)
