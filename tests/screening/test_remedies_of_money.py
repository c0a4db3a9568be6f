"""A remedy taken literally ends the hold in the next cycle; a cent less does not: credit, payments and prices. A test per type."""

from __future__ import annotations

from decimal import Decimal

import pytest
from desk import Desk
from remedies import CENT, only, said, trade


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
