"""A remedy taken literally ends the hold in the next cycle; a cent, a unit, a day or a minute less does not. A test per type."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from desk import Desk

from oms_dagster import settings

CENT = Decimal("0.01")


def only(desk: Desk, hold_type: str) -> dict[str, Any]:
    """The one finding of a rule."""
    (found,) = desk.found(hold_type)
    assert isinstance(json.loads(found["evidence"]), dict)
    assert found["distance"] > 0
    return found


def said(remedy: str, pattern: str) -> Any:
    """What a remedy says, by a pattern that it must begin with."""
    match = re.match(pattern, remedy)
    assert match, remedy
    return match[1]


def trade(desk: Desk, **customer: Any) -> None:
    desk.customer("A", **{"credit_limit": "1000", **customer})
    desk.sku("TEA")


def test_credit_limit_pay_in_advance(desk: Desk) -> None:
    trade(desk)
    desk.invoice("I1", "A", "600.00")
    desk.order("o", "A", [("TEA", 1, "712.40")])
    amount = Decimal(said(only(desk, "CREDIT_LIMIT")["remedy"], r"pay (\d+\.\d\d) GBP in advance"))
    assert amount == Decimal("312.40")
    desk.pay("o", amount - CENT)
    assert only(desk, "CREDIT_LIMIT")["remedy"].startswith("pay 0.01 GBP")
    desk.pay("o", CENT)
    assert desk.found("CREDIT_LIMIT") == []


def test_credit_limit_pay_invoices(desk: Desk) -> None:
    trade(desk)
    desk.invoice("I1", "A", "600.00")
    desk.order("o", "A", [("TEA", 1, "712.40")])
    assert only(desk, "CREDIT_LIMIT")["remedy"] == "pay 312.40 GBP in advance, or of open invoices"
    desk.next_cycle()
    desk.invoice("I1", "A", Decimal("600.00") - Decimal("312.39"))
    assert only(desk, "CREDIT_LIMIT")["distance"] == CENT
    desk.next_cycle()
    desk.invoice("I1", "A", Decimal("600.00") - Decimal("312.40"))
    assert desk.found("CREDIT_LIMIT") == []


def test_credit_limit_expired(desk: Desk) -> None:
    trade(desk, credit_limit_expiry="2026-03-03")
    desk.order("o", "A", [("TEA", 1, "10")])
    found = only(desk, "CREDIT_LIMIT_EXPIRED")
    assert found["remedy"] == "renew the credit limit of A to Wednesday 4 March 2026 or later"
    desk.customer("A", credit_limit_expiry="2026-03-04")
    assert desk.found("CREDIT_LIMIT_EXPIRED") == []


@pytest.mark.parametrize("way", ["pay", "rate"])
def test_credit_risk_class(desk: Desk, way: str) -> None:
    trade(desk, risk_class="e")
    desk.order("o", "A", [("TEA", 1, "312.40")])
    found = only(desk, "CREDIT_RISK_CLASS")
    assert found["remedy"] == "pay 312.40 GBP in advance, or have A rated C or better"
    if way == "pay":
        desk.pay("o", "312.39")
        assert only(desk, "CREDIT_RISK_CLASS")["remedy"].startswith("pay 0.01 GBP")
        desk.pay("o", CENT)
    else:
        desk.customer("A", risk_class="d")
        assert only(desk, "CREDIT_RISK_CLASS")["distance"] == 1
        desk.customer("A", risk_class="c")
    assert desk.found("CREDIT_RISK_CLASS") == []


def test_credit_overdue(desk: Desk) -> None:
    trade(desk)
    desk.invoice("I1", "A", "50.00", days_past_due=31)
    desk.invoice("I2", "A", "20.00", days_past_due=30)
    desk.order("o", "A", [("TEA", 1, "10")])
    assert only(desk, "CREDIT_OVERDUE")["remedy"] == "pay 50.00 GBP: invoice I1"
    desk.next_cycle(0.1)
    desk.invoice("I1", "A", CENT, days_past_due=31)
    assert only(desk, "CREDIT_OVERDUE")["remedy"] == "pay 0.01 GBP: invoice I1"
    desk.next_cycle(0.1)
    desk.invoice("I1", "A", "0.00", days_past_due=31)
    assert desk.found("CREDIT_OVERDUE") == []


def test_credit_reopened(desk: Desk) -> None:
    trade(desk, credit_limit="100")
    desk.order("o", "A", [("TEA", 20, "10"), ("TEA", 1, "0.01")])
    assert desk.commit()["CREDIT_LIMIT-o-1"] == "placed"
    desk.next_cycle()
    desk.release("CREDIT_LIMIT-o-1")
    assert desk.found("CREDIT_REOPENED") == []
    desk.next_cycle()
    desk.order("o", "A", [("TEA", 23, "10"), ("TEA", 2, "0.01")], version=2)
    found = only(desk, "CREDIT_REOPENED")
    assert said(found["remedy"], r"cut (\d+\.\d\d) GBP off") == "30.01"
    desk.cut("o-1", 3)
    assert only(desk, "CREDIT_REOPENED")["distance"] == CENT
    desk.cut("o-2", 1)
    assert desk.found("CREDIT_REOPENED") == []


def test_payment_awaited(desk: Desk) -> None:
    desk.order("o", "guest", [("TEA", 1, "312.40")], payment_status="pending")
    amount = Decimal(said(only(desk, "PAYMENT_AWAITED")["remedy"], r"pay (\d+\.\d\d) GBP"))
    assert amount == Decimal("312.35"), "0.05 may be missing"
    desk.pay("o", amount - CENT)
    assert only(desk, "PAYMENT_AWAITED")["remedy"] == "pay 0.01 GBP"
    desk.pay("o", CENT)
    assert desk.found("PAYMENT_AWAITED") == []


def test_payment_mismatch(desk: Desk) -> None:
    desk.order("o", "guest", [("TEA", 1, "100")], payment_status="paid", declared_total="112.40")
    assert "parts that add up to 112.40 GBP" in only(desk, "PAYMENT_MISMATCH")["remedy"]
    desk.next_cycle()
    desk.order("o", "guest", [("TEA", 1, "112.34")], version=2, payment_status="paid", declared_total="112.40")
    assert only(desk, "PAYMENT_MISMATCH")["distance"] == CENT
    desk.next_cycle()
    desk.order("o", "guest", [("TEA", 1, "112.40")], version=3, payment_status="paid", declared_total="112.40")
    assert desk.found("PAYMENT_MISMATCH") == []


def test_prepayment_required(desk: Desk) -> None:
    trade(desk, prepayment_pct="30")
    desk.order("o", "A", [("TEA", 1, "312.40")])
    amount = Decimal(said(only(desk, "PREPAYMENT_REQUIRED")["remedy"], r"pay (\d+\.\d\d) GBP in advance"))
    assert amount == Decimal("93.72")
    desk.pay("o", amount, event="authorised")
    assert only(desk, "PREPAYMENT_REQUIRED"), "authorised is not paid"
    desk.pay("o", amount - CENT)
    assert only(desk, "PREPAYMENT_REQUIRED")["distance"] == CENT
    desk.pay("o", CENT)
    assert desk.found("PREPAYMENT_REQUIRED") == []


@pytest.mark.parametrize("event", ["captured", "authorised"])
def test_payment_expired(desk: Desk, event: str) -> None:
    desk.order("o", "guest", [("TEA", 1, "100")], payment_status="pending", minutes_ago=20_000)
    desk.pay("o", "100.00", event="authorised", days_ago=7)
    assert desk.found("PAYMENT_EXPIRED") == [], "honoured to the second"
    desk.next_cycle(24)
    found = only(desk, "PAYMENT_EXPIRED")
    assert (found["observed"], found["threshold"]) == ("8", "7")
    amount = Decimal(said(found["remedy"], r"capture or authorise again (\d+\.\d\d) GBP"))
    desk.pay("o", amount - CENT, event=event, method="card" if event == "captured" else "again")
    assert only(desk, "PAYMENT_EXPIRED")["remedy"].endswith(" 0.01 GBP")
    desk.pay("o", CENT, event=event, method="card" if event == "captured" else "again")
    assert desk.found("PAYMENT_EXPIRED") == []


def test_fraud_score(desk: Desk) -> None:
    address = {"bill_to_country": "DE", "bill_to_postcode": "10115", "payment_status": "paid"}
    desk.order("o", "new", [("TEA", 1, "100")], **address)
    found = only(desk, "FRAUD_SCORE")
    assert found["remedy"].startswith("have it sent to where it is paid for (DE 10115): 40 points less")
    desk.next_cycle()
    desk.order("o", "new", [("TEA", 1, "100")], version=2, **address, ship_to_country="FR", ship_to_postcode="75001")
    assert only(desk, "FRAUD_SCORE"), "another address will not do"
    desk.next_cycle()
    desk.order("o", "new", [("TEA", 1, "100")], version=3, **address, ship_to_country="DE", ship_to_postcode="10115")
    assert desk.found("FRAUD_SCORE") == []


def test_duplicate_suspect(desk: Desk) -> None:
    desk.customer("A")
    desk.order("first", "A", [("TEA", 2, "10")], minutes_ago=90)
    desk.order("second", "A", [("TEA", 2, "10")], minutes_ago=30)
    found = only(desk, "DUPLICATE_SUSPECT")
    assert (found["order_id"], found["distance"]) == ("second", 24 * 60 - 60)
    desk.cut("second-1", 1)
    assert desk.found("DUPLICATE_SUSPECT") == [], "another basket is no duplicate"
    desk.cut("first-1", 1)
    assert only(desk, "DUPLICATE_SUSPECT")
    desk.cut("second-1", 1)
    assert desk.found("DUPLICATE_SUSPECT") == [], "cancelled, as the remedy says"


def test_price_below_min(desk: Desk) -> None:
    trade(desk, price_list="TRADE")
    desk.price("TRADE", "TEA", min_price="9.333333")
    desk.order("o", "A", [("TEA", 3, "9")])
    found = only(desk, "PRICE_BELOW_MIN")
    assert found["remedy"] == "charge 1.00 GBP more for line 1", "3 x 9.333333 is 27.999999: not below 28.00"
    for version, net in ((2, "27.99"), (3, "28.00")):
        desk.next_cycle()
        desk.order("o", "A", [("TEA", 3, "10")], version=version, discount=str(Decimal(30) - Decimal(net)))
        assert len(desk.found("PRICE_BELOW_MIN")) == (net == "27.99")


def test_margin_below_min(desk: Desk) -> None:
    trade(desk)
    desk.sku("TEA", cost="9.90")
    desk.order("o", "A", [("TEA", 10, "10")])
    found = only(desk, "MARGIN_BELOW_MIN")
    amount = Decimal(said(found["remedy"], r"charge (\d+\.\d\d) GBP more for the goods"))
    assert amount == Decimal("1.03"), "99.00 is 98 % of 101.0204"
    for version, net in ((2, 100 + amount - CENT), (3, 100 + amount)):
        desk.next_cycle()
        desk.order("o", "A", [("TEA", 10, "11")], version=version, discount=str(110 - net))
        assert len(desk.found("MARGIN_BELOW_MIN")) == (version == 2)


def test_discount_above_max(desk: Desk) -> None:
    trade(desk)
    desk.order("o", "A", [("TEA", 3, "33.33")], discount="30")
    found = only(desk, "DISCOUNT_ABOVE_MAX")
    amount = Decimal(said(found["remedy"], r"take (\d+\.\d\d) GBP off the discount"))
    assert amount == Decimal("5.01"), "25 % of 99.99 is 24.9975"
    for version, discount in ((2, 30 - amount + CENT), (3, 30 - amount)):
        desk.next_cycle()
        desk.order("o", "A", [("TEA", 3, "33.33")], version=version, discount=str(discount))
        assert len(desk.found("DISCOUNT_ABOVE_MAX")) == (version == 2)


def test_order_below_min(desk: Desk) -> None:
    trade(desk)
    desk.order("o", "A", [("TEA", 1, "1.25")])
    assert only(desk, "ORDER_BELOW_MIN")["remedy"] == "add goods for 0.75 GBP"
    for version, price in ((2, "1.99"), (3, "2.00")):
        desk.next_cycle()
        desk.order("o", "A", [("TEA", 1, price)], version=version)
        assert len(desk.found("ORDER_BELOW_MIN")) == (version == 2)


def test_order_above_max(desk: Desk) -> None:
    trade(desk)
    desk.policy("orders.max_total", "100")
    desk.order("o", "A", [("TEA", 9, "10"), ("TEA", 7, "3.33"), ("TEA", 1, "40")])
    found = only(desk, "ORDER_ABOVE_MAX")
    units = said(found["remedy"], r"cut (\d+) of line 1,")
    assert (found["distance"], units) == (Decimal("53.31"), "6"), "6 of 10.00 are less than 40.00 and all of line 2"
    desk.cut("o-1", 5)
    assert only(desk, "ORDER_ABOVE_MAX")["remedy"].startswith("cut 1 of line 2"), "now 3.33 will do"
    desk.cut("o-2", 1)
    assert desk.found("ORDER_ABOVE_MAX") == []


def test_customer_blocked(desk: Desk) -> None:
    trade(desk, is_blocked=True, block_reason="returned cheque")
    desk.order("o", "A", [("TEA", 1, "10")])
    assert only(desk, "CUSTOMER_BLOCKED")["remedy"] == "unblock customer A in the reference data"
    desk.customer("A", is_blocked=False)
    assert desk.found("CUSTOMER_BLOCKED") == []


@pytest.mark.parametrize("way", ["load", "pay"])
def test_customer_blocked_of_a_stranger(desk: Desk, way: str) -> None:
    desk.order("o", "X", [("TEA", 1, "312.40")])
    remedy = only(desk, "CUSTOMER_BLOCKED")["remedy"]
    assert remedy == "load customer X with the reference data, or take 312.40 GBP in advance"
    if way == "load":
        desk.customer("X")
    else:
        desk.pay("o", "312.39")
        assert "take 0.01 GBP in advance" in only(desk, "CUSTOMER_BLOCKED")["remedy"]
        desk.pay("o", CENT)
    assert desk.found("CUSTOMER_BLOCKED") == []


def test_address_invalid(desk: Desk) -> None:
    trade(desk)
    desk.order("o", "A", [("TEA", 1, "10")], latitude=None, longitude=None, ship_to_postcode="TBC")
    found = only(desk, "ADDRESS_INVALID")
    assert found["remedy"].startswith(
        "correct the address of customer A: latitude and longitude and a postal code such as "
    )
    assert found["distance"] == 2
    desk.next_cycle()
    desk.order("o", "A", [("TEA", 1, "10")], version=2, ship_to_postcode="TBC")
    assert only(desk, "ADDRESS_INVALID")["distance"] == 1
    desk.next_cycle()
    desk.order("o", "A", [("TEA", 1, "10")], version=3)
    assert desk.found("ADDRESS_INVALID") == []


@pytest.mark.parametrize("way", ["load", "cancel"])
def test_sku_invalid(desk: Desk, way: str) -> None:
    desk.customer("A")
    desk.order("o", "A", [("TEA", 2, "10")])
    assert only(desk, "SKU_INVALID")["remedy"] == "load SKU TEA with the reference data, or cancel line 1"
    if way == "load":
        desk.sku("TEA", is_active=False)
        assert only(desk, "SKU_INVALID"), "loaded as no longer sold"
        desk.sku("TEA")
    else:
        desk.cut("o-1", 1)
        assert only(desk, "SKU_INVALID")
        desk.cut("o-1", 1)
    assert desk.found("SKU_INVALID") == []


def test_stock_short(desk: Desk) -> None:
    trade(desk)
    desk.order("o", "A", [("TEA", 5, "10")])
    desk.backorder("o", 1, 3)
    assert only(desk, "STOCK_SHORT")["remedy"] == "buy 3 TEA, or cut 3 of line 1"
    desk.next_cycle()
    desk.backorder("o", 1, 1)
    assert only(desk, "STOCK_SHORT")["remedy"] == "buy 1 TEA, or cut 1 of line 1"
    desk.next_cycle()
    assert desk.found("STOCK_SHORT") == []


def test_ship_restriction_of_customs(desk: Desk) -> None:
    trade(desk)
    desk.policy("shipping.customs_countries", "CH|NO")
    desk.order("o", "A", [("TEA", 1, "10")], ship_to_country="CH", ship_to_postcode="8001")
    found = only(desk, "SHIP_RESTRICTION")
    assert (found["scope"], found["remedy"]) == ("line", "load the customs code and the country of origin of TEA")
    desk.sku("TEA", tariff_number="0902.10")
    assert only(desk, "SHIP_RESTRICTION")["remedy"] == "load the country of origin of TEA"
    desk.sku("TEA", tariff_number="0902.10", origin_country="LK")
    assert desk.found("SHIP_RESTRICTION") == []


@pytest.mark.parametrize(
    ("policy", "sku"),
    [
        ("shipping.embargo_countries", {}),
        ("shipping.no_hazard_countries", {"hazard_class": "flammable"}),
        ("shipping.no_cold_countries", {"temperature_class": "frozen"}),
    ],
)
def test_ship_restriction_of_goods_and_countries(desk: Desk, policy: str, sku: dict[str, str]) -> None:
    trade(desk)
    desk.sku("TEA", **sku)
    desk.policy(policy, "CH")
    desk.order("o", "A", [("TEA", 1, "10")], ship_to_country="CH", ship_to_postcode="8001")
    assert "sent to another country" in only(desk, "SHIP_RESTRICTION")["remedy"]
    desk.next_cycle()
    desk.order("o", "A", [("TEA", 1, "10")], version=2, ship_to_country="GB")
    assert desk.found("SHIP_RESTRICTION") == []


def test_date_unpromisable(desk: Desk) -> None:
    trade(desk)
    desk.location("LON")
    asked = desk.as_of + timedelta(days=1)
    desk.order("o", "A", [("TEA", 1, "10")], requested_to=asked)
    desk.promise("o", 1, 1, days=5)
    found = only(desk, "DATE_UNPROMISABLE")
    assert found["remedy"] == "agree with the customer on Saturday 7 March instead of Thursday 5 March"
    for version, days in ((2, 2), (3, 3)):
        desk.next_cycle(0.1)
        desk.order("o", "A", [("TEA", 1, "10")], version=version, requested_to=asked + timedelta(days=days - 1))
        desk.promise("o", 1, 1, days=5)
        assert len(desk.found("DATE_UNPROMISABLE")) == (days == 2)


def test_a_day_agreed_with_the_customer_clears_date_unpromisable_and_the_day_before_does_not(desk: Desk) -> None:
    """Promised for Monday 9 March, two days may go without asking: the remedy names Saturday 7 March."""
    trade(desk)
    desk.location("LON")
    desk.order("o", "A", [("TEA", 1, "10")], requested_to=desk.as_of + timedelta(days=1))
    for day, held in (("2026-03-06", 1), ("2026-03-07", 0)):
        desk.next_cycle(0.1)
        desk.agree("o-1" if held else "o", day)
        desk.promise("o", 1, 1, days=5)
        assert len(desk.found("DATE_UNPROMISABLE")) == held
    desk.next_cycle(0.1)
    desk.order("o", "A", [("TEA", 1, "10")], version=2, requested_to=desk.as_of + timedelta(days=1))
    desk.promise("o", 1, 1, days=5)
    assert (
        "asked for Thursday 5 March" in only(desk, "DATE_UNPROMISABLE")["explanation"]
    )  # nobody agreed on this version


def test_manual_stock(desk: Desk) -> None:
    trade(desk)
    desk.stock("TEA", 2)
    desk.stock("TEA", 10, "on_hold")
    desk.order("o", "A", [("TEA", 5, "10")])
    assert only(desk, "MANUAL_STOCK")["remedy"] == "free 3 TEA at LON, or release it for what is usable"
    for units in (2, 1):
        desk.stock("TEA", -units, "on_hold")
        desk.stock("TEA", units)
        assert len(desk.found("MANUAL_STOCK")) == (units == 2)


def test_remorse_window(desk: Desk) -> None:
    trade(desk)
    desk.order("o", "A", [("TEA", 1, "10")], minutes_ago=12)
    minutes = int(said(only(desk, "REMORSE_WINDOW")["remedy"], r"wait (\d+) min: it clears itself"))
    assert minutes == 18
    desk.next_cycle((minutes - 1) / 60)
    assert only(desk, "REMORSE_WINDOW")["distance"] == 1
    desk.next_cycle(1 / 60)
    assert desk.found("REMORSE_WINDOW") == []


def test_downstream_not_ready(desk: Desk) -> None:
    trade(desk)
    desk.location("LON", not_ready_until="2026-03-04T14:00:00Z", not_ready_reason="stock count")
    desk.order("o", "A", [("TEA", 1, "10")])
    desk.promise("o", 1, 1, days=1)
    found = only(desk, "DOWNSTREAM_NOT_READY")
    assert found["remedy"] == "wait until 2026-03-04 14:00 UTC: it clears itself"
    assert "stock count" in found["explanation"]
    desk.next_cycle(2 - 1 / 60)
    desk.promise("o", 1, 1, days=1)
    assert only(desk, "DOWNSTREAM_NOT_READY")["distance"] == 2
    desk.next_cycle(1 / 60)
    desk.promise("o", 1, 1, days=1)
    assert desk.found("DOWNSTREAM_NOT_READY") == []


def test_data_conflict(desk: Desk) -> None:
    trade(desk)
    desk.order("o", "A", [("TEA", 1, "10")])
    desk.conflict("e1", "o")
    desk.conflict("e2", "o")
    assert only(desk, "DATA_CONFLICT")["remedy"].endswith("close exception e1, e2")
    desk.close("e1")
    assert only(desk, "DATA_CONFLICT")["distance"] == 1
    desk.close("e2")
    assert desk.found("DATA_CONFLICT") == []


def test_every_type_that_a_rule_places_has_a_test_here() -> None:
    seed = settings.DBT_PROJECT / "seeds" / "policies" / "hold_types.csv"
    with seed.open(encoding="utf-8", newline="") as file:
        types = {row["hold_type"].lower() for row in csv.DictReader(file)} - {"manual_user"}
    tests = [name.removeprefix("test_") for name in globals() if name.startswith("test_")]
    assert [name for name in sorted(types) if not any(test.startswith(name) for test in tests)] == []
