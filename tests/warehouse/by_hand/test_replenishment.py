"""Goods on order: an accepted suggestion becomes supply, and is cancelled only before anything of it moved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from house import SITE, House

from oms_dagster.warehouse.commands.undo import plan

PURCHASE = {"kind": "purchase", "location_id": SITE, "source": "SUP", "quantity": "24.000", "due_date": "2026-03-20"}
TRANSFER = {**PURCHASE, "kind": "transfer", "source": "KAS"}


@pytest.fixture
def shop(house: House) -> House:
    """The house knows a supplier."""
    house.put("facts.reference_versions", message_id="SUP", entity="suppliers", key="SUP", version=1, attributes="{}",
              valid_from=house.now.as_of)  # fmt: skip
    return house


def supply(house: House) -> list[tuple[Any, ...]]:
    return house.rows(
        "select supply_id, kind, status, cast(quantity as integer) from facts.supply order by cycle_seq, supply_id"
    )


def moved(house: House, kind: str, quantity: int, reference: str | None = None, place: str = SITE) -> None:
    house.put("facts.stock_movements", movement_id=f"{kind}-{reference}-{quantity}", kind=kind, stock_status="usable", sku_id="TEA",
              location_id=place, quantity=quantity, reference=reference, event_at=house.now.as_of - timedelta(hours=1))  # fmt: skip


def test_a_purchase_is_a_draft_until_the_supplier_confirms_it(shop: House) -> None:
    assert shop.command("replenishment.accept", "TEA", command_id="b1", **PURCHASE) == (
        "accepted",
        "PO-b1: 24 of TEA from SUP, due 2026-03-20",
    )
    assert supply(shop) == [("PO-b1", "purchase", "draft", 24)]


def test_an_order_is_taken_back_before_anything_came(shop: House) -> None:
    shop.command("replenishment.accept", "TEA", command_id="b1", **PURCHASE)
    shop.next_cycle()
    (step,) = plan(shop.connection, "b1").steps
    assert shop.command(step.type, step.target)[0] == "accepted"
    assert supply(shop)[-1] == ("PO-b1", "purchase", "cancelled", 0)
    assert shop.command(step.type, step.target) == ("rejected", "PO-b1 is cancelled already")


def test_an_order_of_which_a_part_came_is_not_cancelled(shop: House) -> None:
    shop.command("replenishment.accept", "TEA", command_id="b1", **PURCHASE)
    shop.next_cycle()
    moved(shop, "receipt", 4, "PO-b1")
    outcome, why = shop.command("replenishment.cancel", "PO-b1")
    assert (outcome, "have moved" in why) == ("rejected", True)


def test_two_transfers_never_take_more_than_the_giver_has(shop: House) -> None:
    moved(shop, "opening", 30, place="KAS")
    shop.put("plans.promises", order_line_id="x", sku_id="TEA", location_id="KAS", quantity=4)
    assert shop.command("replenishment.accept", "TEA", command_id="t1", **TRANSFER)[0] == "accepted"
    assert supply(shop) == [("TO-t1", "transfer", "confirmed", 24)]
    refused = shop.command("replenishment.accept", "TEA", command_id="t2", **TRANSFER)
    assert refused == ("rejected", "KAS has 2 of TEA to give: ask for less")
    moved(shop, "transfer_out", -14, "TO-t1", "KAS")
    refused = shop.command("replenishment.accept", "TEA", command_id="t4", **{**TRANSFER, "quantity": "3"})
    assert refused == ("rejected", "KAS has 2 of TEA to give: ask for less"), "ten have yet to leave"
    moved(shop, "transfer_out", -10, "TO-t1", "KAS")
    assert (
        shop.command("replenishment.accept", "TEA", command_id="t3", **{**TRANSFER, "quantity": "2"})[0] == "accepted"
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"source": "NOBODY"}, "NOBODY is no supplier that we know"),
        ({"location_id": "MOON"}, "MOON is no location that we know"),
        ({"due_date": "2026-03-01"}, "2026-03-01 is over: name a later day"),
        ({"kind": "transfer", "source": SITE}, f"{SITE} can't give to itself: name another location"),
    ],
)
def test_what_can_not_be_ordered_is_refused_in_one_line(shop: House, change: dict[str, str], why: str) -> None:
    assert shop.command("replenishment.accept", "TEA", **{**PURCHASE, **change}) == ("rejected", why)


def test_an_unknown_order_is_not_cancelled(shop: House) -> None:
    assert shop.command("replenishment.cancel", "PO-x")[1] == "PO-x is no purchase or transfer order that we know"
