"""A remedy taken literally ends the hold in the next cycle; a unit, a day or a minute less does not. A test per type."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from pathlib import Path

import pytest
from desk import Desk
from remedies import CENT, only, said, trade

from oms_dagster import settings


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
    """Asked for on Thursday: the next Monday goes without asking, a Tuesday does not, though each is a weekend later."""
    trade(desk)
    desk.location("LON")
    asked = desk.as_of + timedelta(days=1)
    for version, days, held in ((1, 6, 1), (2, 5, 0), (3, 7, 1)):
        desk.order("o", "A", [("TEA", 1, "10")], version=version, requested_to=asked)
        desk.promise("o", 1, 1, days=days)
        assert len(desk.found("DATE_UNPROMISABLE")) == held, days
        if days == 6:
            remedy = "agree with the customer on Tuesday 10 March instead of Thursday 5 March"
            assert only(desk, "DATE_UNPROMISABLE")["remedy"] == remedy
        desk.next_cycle(0.1)


def test_days_that_go_without_asking_are_working_days(desk: Desk) -> None:
    """Whatever the weekday, as many Mondays to Fridays are allowed; what is asked for on a weekend counts from its Friday."""
    trade(desk)
    desk.location("LON")
    for ahead in range(1, 8):
        asked = desk.as_of + timedelta(days=ahead)
        last = asked.date()
        for _ in range(2):
            last += timedelta(days=3 if last.weekday() == 4 else 2 if last.weekday() == 5 else 1)
        for late, held in ((0, 0), (1, 1)):
            desk.order("o", "A", [("TEA", 1, "10")], version=2 * ahead + late, requested_to=asked)
            desk.promise("o", 1, 1, days=(last - desk.as_of.date()).days + late)
            assert len(desk.found("DATE_UNPROMISABLE")) == held, (asked, last)
            desk.next_cycle(0.1)


def test_a_day_agreed_with_the_customer_clears_date_unpromisable(desk: Desk) -> None:
    """Promised for Tuesday 10 March: agreed for the Thursday before it is held still, agreed for the day named it is not."""
    trade(desk)
    desk.location("LON")
    desk.order("o", "A", [("TEA", 1, "10")], requested_to=desk.as_of)
    for day, held in (("2026-03-05", 1), ("2026-03-10", 0)):
        desk.next_cycle(0.1)
        desk.agree("o-1" if held else "o", day)
        desk.promise("o", 1, 1, days=6)
        assert len(desk.found("DATE_UNPROMISABLE")) == held
    desk.next_cycle(0.1)
    desk.order("o", "A", [("TEA", 1, "10")], version=2, requested_to=desk.as_of + timedelta(days=1))
    desk.promise("o", 1, 1, days=6)
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


def test_every_type_that_a_rule_places_has_a_test_of_its_remedy() -> None:
    seed = settings.DBT_PROJECT / "seeds" / "policies" / "hold_types.csv"
    with seed.open(encoding="utf-8", newline="") as file:
        types = {row["hold_type"].lower() for row in csv.DictReader(file)} - {"manual_user"}
    files = Path(__file__).parent.glob("test_remedies_*.py")
    tests = [name for file in files for name in re.findall(r"^def test_(\w+)\(", file.read_text(), re.MULTILINE)]
    assert [name for name in sorted(types) if not any(test.startswith(name) for test in tests)] == []
