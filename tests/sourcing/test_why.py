"""Why a line ships from there, asked of what the last cycle left behind: every place, and what a pin there would cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from planning import Planning

from oms_dagster.warehouse import why

NEAR_LONDON = {"latitude": "51.5", "longitude": "-0.1"}


def told(planning: Planning, line: str = "o-1") -> dict[str, dict[str, Any]]:
    return {row["location_id"]: row for row in why.places(planning.connection, line)}


@pytest.fixture
def both(planning: Planning) -> Planning:
    """Both places have the tea; a customer in London ordered two."""
    for place in ("LON", "MAN"):
        planning.stock("TEA", 5, location=place)
    planning.order("o", "C1", [("TEA", 2, 10)], **NEAR_LONDON)
    return planning


def test_the_chosen_place_costs_nothing_extra_and_stands_first(both: Planning) -> None:
    both.cycle()
    chosen, other = why.places(both.connection, "o-1")
    assert (chosen["location_id"], chosen["standing"], chosen["extra"]) == ("LON", "chosen", 0)
    assert (other["location_id"], other["standing"]) == ("MAN", "free")
    assert other["extra"] > 0
    assert other["order_cost"] == chosen["order_cost"] + other["extra"]
    assert chosen["order_cost"] == sum(
        v for k, v in chosen.items() if k in ("freight", "shipment", "handling", "lateness")
    )


def test_what_is_promised_to_others_can_t_be_had_by_a_pin(both: Planning) -> None:
    both.order("first", "C1", [("TEA", 4, 10)], latitude="53.5", longitude="-2.2", priority=1)
    both.cycle()
    assert both.promised()["first-1"][0] == "MAN"
    pinned = told(both)["MAN"]
    assert pinned["waiting"] == Decimal(1), "one of five is left there"


def test_a_day_that_is_full_can_t_be_had_by_a_pin(both: Planning) -> None:
    """Regression: a pin was told today's delivery at a place whose day the plan had filled already."""
    before = both.as_of
    both.cycle()
    free = told(both)["MAN"]["deliver_date"]
    both.as_of = before
    both.location("MAN", city="Manchester", latitude="53.5", longitude="-2.2", max_lines_day=1)
    both.order("first", "C1", [("TEA", 1, 10)], latitude="53.5", longitude="-2.2", priority=1)
    both.cycle()
    assert both.promised()["first-1"][0] == "MAN"
    assert told(both)["MAN"]["deliver_date"] > free


def test_a_place_that_may_not_ship_it_says_why(both: Planning) -> None:
    both.reference("customer_exclusions", "C1|MAN", customer_code="C1", location_code="MAN")
    both.cycle()
    assert told(both)["MAN"] == {"location_id": "MAN", "standing": "customer_exclusion"}


def test_a_line_that_is_not_open_has_no_places(both: Planning) -> None:
    both.cycle()
    assert why.places(both.connection, "nobody-1") == []
