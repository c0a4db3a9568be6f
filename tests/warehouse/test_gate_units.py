"""A line ordered in cases, dozens or grams: quantity and price in the SKU's own unit, the money as it was ordered."""

from __future__ import annotations

from decimal import Decimal

from gate_desk import AS_OF, Desk, purchase_order, x12
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_dagster.domain.capture.channel_file import load_channels, parse_text
from oms_dagster.warehouse import gate

YAML = (
    "record: order\nformat: csv\ncurrency: EUR\nfields: {channel_order_id: nr, placed_at: at, line_number: line, sku_code: sku,"
    " unit: uom, quantity: qty, unit_price: price}\n"
)
CHANNELS = load_channels()[0] | {"b2b": parse_text("b2b", YAML, "b2b.yml")}
HEADER = "nr,at,line,sku,uom,qty,price\n"
SKUS = "sku_code,name,unit,weight_kg,volume_m3\nTEA-1,Tea,EA,0.1,0.001\nRICE,Rice,KGM,1,0.001\nOWN,Own,SCOOP,1,0.001\n"
LINES = (
    "select line_number, quantity, unit_factor, unit_price, quantity_doc, unit_code, line_total from facts.order_lines"
    " order by line_number, cycle_seq"
)


def _order(*lines: str) -> str:
    return HEADER + "".join(f"O1,2025-06-01,{line}\n" for line in lines)


def _texts(desk: Desk) -> list[tuple[str, ...]]:
    return [tuple(str(value) for value in row) for row in desk.rows(LINES)]


def test_a_case_holds_what_the_reference_data_says_and_money_stays(desk: Desk) -> None:
    desk.capture("skus", SKUS)
    desk.capture("sku_units", "sku_code,unit,factor\nTEA-1,CS,7\n")
    desk.channels = CHANNELS
    desk.capture("b2b", _order("1,TEA-1,case,3,10.00"))
    assert _texts(desk) == [("1", "21.000", "7.000000", "1.428571", "3.000", "XCS", "30.00")]


def test_dozens_grams_pieces_and_no_unit_need_no_reference_row(desk: Desk) -> None:
    desk.capture("skus", SKUS)
    desk.channels = CHANNELS
    desk.capture(
        "b2b",
        _order("1,TEA-1,DZN,2,12", "2,RICE,g,1500,0.004", "3,TEA-1,PCE,5,1", "4,TEA-1,,5,1", "5,OWN,scoop,2,3"),
    )
    assert [row[:4] for row in _texts(desk)] == [
        ("1", "24.000", "12.000000", "1.000000"),
        ("2", "1.500", "0.001000", "4.000000"),
        ("3", "5.000", "1.000000", "1.000000"),
        ("4", "5.000", "1.000000", "1.000000"),
        ("5", "2.000", "1.000000", "3.000000"),
    ]


def test_the_very_word_of_a_partner_may_stand_in_the_reference_data(desk: Desk) -> None:
    desk.capture("skus", SKUS)
    desk.capture("sku_units", "sku_code,unit,factor\nTEA-1,display,48\n")
    desk.channels = CHANNELS
    desk.capture("b2b", _order("1,TEA-1,Display,2,96"))
    assert [row[:4] for row in _texts(desk)] == [("1", "96.000", "48.000000", "2.000000")]


def test_an_x12_case_is_a_case(desk: Desk) -> None:
    desk.capture("skus", "sku_code,name,unit,weight_kg,volume_m3\nTEA-1,Tea,EA,0.1,0.001\n")
    desk.capture("sku_units", "sku_code,unit,factor\nTEA-1,XCS,10\n")
    desk.capture("x12", x12(purchase_order("PO1", "PO1*1*4*CA*25**VN*TEA-1")))
    assert [row[:6] for row in _texts(desk)] == [("1", "40.000", "10.000000", "2.500000", "4.000", "XCS")]


def test_a_unit_without_factor_is_accepted_as_ordered_and_measured_when_the_factor_comes(desk: Desk) -> None:
    desk.capture("skus", SKUS)
    desk.channels = CHANNELS
    outcome = desk.capture("b2b", _order("1,TEA-1,pallet,2,480", "2,NEW,EA,3,1", "3,TEA-1,EA,4,1"))
    assert outcome.accepted == 1
    assert outcome.notes[-1].startswith(
        "2 line(s) will be held: nothing says how much of the SKU the unit holds (NEW in EA, TEA-1 in pallet)"
    )
    assert [row[:3] for row in _texts(desk)] == [
        ("1", "2.000", "None"),
        ("2", "3.000", "None"),
        ("3", "4.000", "1.000000"),
    ]
    assert gate.measure_waiting(desk.connection, 90, AS_OF) == 0
    desk.capture("sku_units", "sku_code,unit,factor\nTEA-1,PX,480\n")
    desk.capture("skus", "sku_code,name,unit,weight_kg,volume_m3\nNEW,New,EA,1,0.001\n")
    assert gate.measure_waiting(desk.connection, 91, AS_OF) == 2
    assert gate.measure_waiting(desk.connection, 92, AS_OF) == 0, "measured once"
    wanted = dict(desk.rows("select line_number, sum(quantity_added) from facts.order_lines group by 1"))
    assert wanted == {"1": Decimal(960), "2": Decimal(3), "3": Decimal(4)}
    assert ("1", "960.000", "480.000000", "1.000000", "2.000", "XPX", "960.00") in _texts(desk)


def test_a_change_names_the_unit_of_the_order_and_is_converted_once(desk: Desk) -> None:
    """Regression: a change that is completed from the facts would multiply the quantity in base units once more."""
    desk.capture("skus", "sku_code,name,unit,weight_kg,volume_m3\nTEA-1,Tea,EA,0.1,0.001\nCUP-4,Cup,EA,0.1,0.001\n")
    desk.capture("sku_units", "sku_code,unit,factor\nTEA-1,CS,10\nCUP-4,CS,6\n")
    desk.capture("x12", x12(purchase_order("PO1", "PO1*1*4*CA*25**VN*TEA-1", "PO1*2*1*CA*30**VN*CUP-4")))
    change = x12(["BCH*04*SA*PO1***20250602", "POC*2*QI*2**CA*30**VN*CUP-4"]).replace("ST*850", "ST*860")
    assert desk.capture("x12", change).accepted == 1
    added = dict(desk.rows("select line_number, sum(quantity_added) from facts.order_lines group by 1"))
    assert added == {"1": Decimal(40), "2": Decimal(12)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quantity=st.integers(1, 10**5), price_cents=st.integers(0, 10**7), factor=st.integers(1, 10**6))
def test_whatever_the_factor_the_money_is_that_of_the_order(
    desk: Desk, quantity: int, price_cents: int, factor: int
) -> None:
    desk.empty(desk.folder)
    desk.capture("skus", SKUS)
    desk.capture("sku_units", f"sku_code,unit,factor\nTEA-1,CS,{factor}\n")
    desk.channels = CHANNELS
    desk.capture("b2b", _order(f"1,TEA-1,CS,{quantity},{price_cents / 100:.2f}"))
    total, base = desk.rows("select items_total, (select quantity from facts.order_lines) from facts.orders")[0]
    assert total == Decimal(quantity * price_cents) / 100
    assert base == quantity * factor
