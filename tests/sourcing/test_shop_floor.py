"""What a store keeps on its floor is not sent away: it waits for who comes, or for nobody, as the policy says."""

from __future__ import annotations

import pytest
from planning import Planning

from oms_dagster.warehouse import why


@pytest.fixture
def shop(planning: Planning) -> Planning:
    """A store with three teas of which two stay on its floor; nobody else has any."""
    planning.location("SHOP", kind="store", city="Leeds", latitude="53.8", longitude="-1.5", floor_minimum="2")
    planning.stock("TEA", 3, location="SHOP")
    return planning


def test_a_store_ships_what_lies_beside_its_floor(shop: Planning) -> None:
    shop.order("a", "C1", [("TEA", 1, 10)])
    shop.order("b", "C1", [("TEA", 1, 10)])
    shop.cycle()
    assert (len(shop.promised()), len(shop.waiting())) == (1, 1)


def test_who_collects_may_have_the_floor(shop: Planning) -> None:
    shop.order("a", "C1", [("TEA", 3, 10)], pickup_location_code="SHOP")
    shop.cycle()
    assert shop.promised()["a-1"][:2] == ("SHOP", 3.0)


def test_the_policy_keeps_the_floor_from_who_collects_too(shop: Planning) -> None:
    shop.policy("stores.pickup_uses_floor", "false")
    shop.order("a", "C1", [("TEA", 3, 10)], pickup_location_code="SHOP")
    shop.order("b", "C1", [("TEA", 1, 10)], pickup_location_code="SHOP")
    shop.cycle()
    assert set(shop.promised()) == {"b-1"}


def test_sourcing_says_that_the_floor_is_why(shop: Planning) -> None:
    shop.location("SHOP", kind="store", city="Leeds", latitude="53.8", longitude="-1.5", floor_minimum="3")
    shop.stock("TEA", 5, location="LON")
    shop.order("a", "C1", [("TEA", 1, 10)])
    shop.cycle()
    assert {row["location_id"]: row["standing"] for row in why.places(shop.connection, "a-1")} == {
        "LON": "chosen", "SHOP": "shop_floor", "MAN": "not_carried",
    }  # fmt: skip
