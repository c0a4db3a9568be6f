"""A drop-ship vendor is one more place: own stock goes first while it costs little more, and never in own vehicles from a vendor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planning import Planning

from oms_dagster.warehouse import why

ORDERED = {
    "document_id": "PO1",
    "purchase_order_id": "PO1",
    "line_number": 1,
    "kind": "dropship",
    "order_line_id": "o-1",
}


@pytest.fixture
def beside(planning: Planning) -> Planning:
    """A vendor beside the customer and a warehouse in Manchester have the tea."""
    planning.location("MAN", city="Manchester", latitude="53.5", longitude="-2.2")
    planning.location("MILL", kind="vendor", city="Luton", latitude="51.88", longitude="-0.42")
    for place in ("MAN", "MILL"):
        planning.stock("TEA", 5, location=place)
    planning.order("o", "C1", [("TEA", 2, 10)])
    return planning


def rejected(planning: Planning) -> None:
    planning.put(
        "vendors", message_id="m", event_id="r1", purchase_order_id="PO1", kind="rejected", event_at=planning.as_of
    )


def withdrawn(planning: Planning) -> None:
    planning.put(
        "commands",
        command_id="w1",
        sequence=1,
        type="purchase_order.withdraw",
        target="PO1",
        outcome="accepted",
        reason="late",
    )


@pytest.mark.parametrize(("premium", "place"), [("0", "MILL"), ("20", "MAN")])
def test_own_stock_goes_first_while_it_costs_no_more_than_the_policy_says(
    beside: Planning, premium: str, place: str
) -> None:
    beside.policy("sourcing.vendor_cost", premium)
    beside.cycle()
    assert beside.promised()["o-1"][0] == place
    at_vendor = next(row for row in why.places(beside.connection, "o-1") if row["location_id"] == "MILL")
    assert at_vendor.get("vendor", 0) == int(premium), "why here says what it counts against the vendor"


@pytest.mark.parametrize("no", [rejected, withdrawn])
def test_a_vendor_that_refused_is_not_asked_again_however_short_stock_is_until_it_has_cooled_off(
    beside: Planning, no: Callable[[Planning], None]
) -> None:
    """What a person did not find in our own place may be looked for again; a vendor's no stands."""
    beside.policy("sourcing.vendor_cost", "0")
    beside.put(
        "purchase_order_lines",
        location_id="MILL",
        seller_id="MILL",
        quantity=2,
        shipment_id="S",
        sku_id="TEA",
        **ORDERED,
    )
    no(beside)
    beside.stock("TEA", -5, location="MAN")
    beside.cycle()
    assert beside.promised() == {}
    beside.cycle(hours=72)
    beside.cycle()
    assert beside.promised()["o-1"][0] == "MILL"


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(("LON", "MAN", "MILL")), st.integers(1, 5)), min_size=1, max_size=5))
def test_no_option_at_a_vendor_rides_in_an_own_vehicle(planning: Planning, stock: list[tuple[str, int]]) -> None:
    planning.location("MILL", kind="vendor", city="St Albans", latitude="51.75", longitude="-0.34")
    for place in ("LON", "MILL"):
        planning.reference("vehicles", f"V-{place}", vehicle_code=f"V-{place}", location_code=place, payload_kg="900", volume_m3="9",
                           temperature_classes="ambient", is_active=True)  # fmt: skip
    for place, quantity in stock:
        planning.stock("TEA", quantity, location=place)
    planning.order("o", "C1", [("TEA", 2, 10)])
    planning.build()
    modes = planning.rows("select location_id, mode from intermediate.int_sourcing__options")
    assert {row["mode"] for row in modes if row["location_id"] == "MILL"} <= {"carrier"}
