"""A substitute from the backorder to the promise: what is suggested, what goes unasked, and what it costs the customer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from planning import Planning

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse import commands, substitution
from oms_dagster.warehouse.commands import Issued


@pytest.fixture
def shop(planning: Planning) -> Planning:
    """No TEA anywhere; two HERB may go for one, or one COLA; HERB lies in both warehouses."""
    planning.sku("HERB", list_price="2.50", cost="0.75")
    planning.sku("COLA", list_price="9.00")
    planning.stock("HERB", 30, location="LON")
    planning.stock("HERB", 90, location="MAN")
    planning.stock("COLA", 3)
    pair(planning, "HERB", factor="2", rank="1")
    pair(planning, "COLA", rank="2")
    return planning


def pair(planning: Planning, sku: str, **terms: Any) -> None:
    planning.reference("sku_substitutes", f"TEA|{sku}", sku_code="TEA", substitute_sku_code=sku, **terms)


def suggested(planning: Planning) -> dict[tuple[str, str], dict[str, Any]]:
    """Suggestions of the last plan, by line and substitute."""
    found = planning.rows("select * from intermediate.int_substitutions__suggested")
    return {(row["order_line_id"], row["substitute_sku_id"]): row for row in found}


def accept(planning: Planning, line: str, sku: str) -> str:
    command = Issued("sub-1", 1, "substitution.accept", line, {"sku_id": sku}, "ann", "called", planning.as_of, None)
    done = commands.record(planning.connection, [command], Cycle(planning.cycle_seq, planning.as_of, 1))
    assert done["accepted"] == 1
    return str(
        planning.rows("select outcome_reason from facts.commands where command_id = 'sub-1'")[0]["outcome_reason"]
    )


def lines(planning: Planning) -> list[tuple[str, str, Decimal, Decimal]]:
    """Line, SKU, open units and net total, as the plan sees them."""
    return [
        (r["order_line_id"], r["sku_id"], r["qty_open"], r["line_total"])
        for r in planning.rows("select * from intermediate.int_order_lines__balanced order by 1")
    ]


def test_a_backordered_line_is_offered_what_lies_nearest_with_its_price_and_the_alternative(shop: Planning) -> None:
    shop.order("o", "C1", [("TEA", 6, 10)])
    shop.cycle()
    found = suggested(shop)
    assert set(found) == {("o-1", "HERB")}, "of COLA there is too little"
    herb = found["o-1", "HERB"]
    assert (herb["location_id"], herb["substitute_quantity"], herb["quantity_spare"]) == ("LON", 12, 30)
    assert (herb["line_value"], herb["substitute_value"], herb["price_difference"]) == (60, 60, 0)
    assert (herb["cost_difference_base"], herb["consent"], herb["is_automatic"]) == (3, "ask", False)


def test_the_accepted_substitute_is_promised_in_the_same_cycle_at_the_price_that_was_shown(shop: Planning) -> None:
    pair(shop, "HERB", factor="2", price_policy="lower")
    shop.order("o", "C1", [("TEA", 6, 10), ("HERB", 1, 3)])
    shop.cycle()
    shown = suggested(shop)["o-1", "HERB"]
    assert shown["price_difference"] == -30
    assert accept(shop, "o-1", "HERB") == "12 HERB instead of 6 TEA, as line o-1-S1"
    told = shop.cycle()
    assert lines(shop) == [
        ("o-1", "TEA", 0, 60),
        ("o-1-S1", "HERB", 12, shown["substitute_value"]),
        ("o-2", "HERB", 1, 3),
    ]
    assert shop.promised()["o-1-S1"][:2] == ("LON", 12)
    assert (told["o-1-S1"].split(":")[0], shop.waiting(), suggested(shop)) == ("first", {}, {})


def test_the_price_shown_is_the_one_charged_in_whatever_currency(shop: Planning) -> None:
    """The SQL of the suggestion and the domain's own rule agree, cents and all."""
    shop.put("rates", message_id="r1", currency="GBP", rate="1", rate_date=shop.as_of.date())
    shop.put("rates", message_id="r2", currency="EUR", rate="0.857", rate_date=shop.as_of.date())
    pair(shop, "HERB", factor="1.333", price_policy="new")
    shop.order("o", "C1", [("TEA", 7, "3.33")], currency="EUR")
    shop.cycle()
    shown = suggested(shop)["o-1", "HERB"]
    accept(shop, "o-1", "HERB")
    shop.cycle()
    assert lines(shop)[1] == ("o-1-S1", "HERB", Decimal("9.331"), shown["substitute_value"])
    assert shown["substitute_value"] == Decimal("27.22")


@pytest.mark.parametrize(
    ("line", "customer", "of_pair", "consent"),
    [
        (None, None, "auto", "auto"),
        (None, "ask", "auto", "ask"),
        ("auto", "never", "ask", "auto"),
        ("never", "auto", "auto", None),
        (None, None, "never", None),
        ("auto", "auto", "never", None),
    ],
)
def test_the_line_speaks_before_the_customer_and_the_customer_before_the_pair(
    shop: Planning, line: str | None, customer: str | None, of_pair: str, consent: str | None
) -> None:
    pair(shop, "HERB", consent=of_pair)
    shop.customer("C1", substitution_consent=customer)
    shop.order("o", "C1", [("TEA", 6, 10)])
    shop.connection.execute("update facts.order_lines set substitution_consent = ?", [line])
    shop.cycle()
    assert suggested(shop).get(("o-1", "HERB"), {}).get("consent") == consent


def test_what_goes_unasked_is_booked_by_the_next_cycle_as_far_as_stock_reaches_by_priority(shop: Planning) -> None:
    """30 HERB lie in London: two lines of six take 24, the third would need twelve more."""
    pair(shop, "HERB", factor="2", consent="auto")
    shop.customer("C2", substitution_consent="ask")
    for name, customer, priority in (("late", "C1", 9), ("a", "C1", 5), ("b", "C1", 5), ("asks", "C2", 9)):
        shop.order(name, customer, [("TEA", 6, 10)], priority=priority)
    shop.order("covered", "C1", [("TEA", 4, 10)], priority=1)
    shop.supply("PO1", "TEA", 4, 20)
    shop.agree("covered", "2026-03-30")
    shop.cycle()
    unasked = {line for (line, sku), row in suggested(shop).items() if row["is_automatic"]}
    assert unasked == {"a-1", "b-1"}
    shop.cycle_seq -= 1  # what the commit remembers
    for line in sorted(unasked):
        shop.put("substitutions", order_line_id=line, sku_id="HERB", quantity=6)
    shop.put("cycles", state="committed")
    shop.cycle_seq += 1
    assert substitution.book_unasked(shop.connection, Cycle(shop.cycle_seq, shop.as_of, 1)) == 2
    shop.cycle()
    assert {line: quantity for line, (_, quantity, _) in shop.promised().items()} == {"a-1-S1": 12, "b-1-S1": 12}


def test_a_substitute_is_offered_no_substitute_and_a_pre_order_neither(shop: Planning) -> None:
    shop.reference("sku_substitutes", "HERB|COLA", sku_code="HERB", substitute_sku_code="COLA")
    shop.order("o", "C1", [("TEA", 1, 10)])
    shop.cycle()
    accept(shop, "o-1", "HERB")
    shop.stock("HERB", -30)
    shop.stock("HERB", -90, location="MAN")
    shop.sku("BOOK", available_from="2026-06-01")
    shop.reference("sku_substitutes", "BOOK|COLA", sku_code="BOOK", substitute_sku_code="COLA")
    shop.order("p", "C1", [("BOOK", 1, 10)])
    shop.cycle()
    assert {"o-1-S1", "p-1"} <= set(shop.waiting())
    assert suggested(shop) == {}


def test_a_location_that_may_not_serve_the_line_offers_nothing(shop: Planning) -> None:
    shop.reference("customer_exclusions", "C1|LON", customer_code="C1", location_code="LON")
    shop.order("o", "C1", [("TEA", 6, 10)])
    shop.cycle()
    assert suggested(shop)["o-1", "HERB"]["location_id"] == "MAN"
