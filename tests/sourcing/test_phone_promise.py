"""One order alone, beside the published copy: date, place and cost by the last cycle's own options, prices and stock."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from planning import Planning

from oms_dagster.warehouse.phone_promise import OPTIONS, offers
from oms_dagster.warehouse.rehearsal import CannotRehearse


@pytest.fixture
def published(planning: Planning, tmp_path: Path) -> tuple[Path, Path]:
    return _published(planning, tmp_path)


def _published(planning: Planning, tmp_path: Path) -> tuple[Path, Path]:
    """C1 of London has five of eight cups of tea promised; the copy, and the folder of what dbt compiled."""
    planning.stock("TEA", 8, location="LON")
    planning.order("o1", "C1", [("TEA", 5, 10)], latitude="51.5", longitude="-0.1")
    planning.cycle()
    assert {place for place, _, _ in planning.promised().values()} == {"LON"}
    return _copied(planning, tmp_path)


def _copied(planning: Planning, tmp_path: Path) -> tuple[Path, Path]:
    planning.connection.execute("checkpoint")
    copy = Path(shutil.copy(tmp_path / "warehouse.duckdb", tmp_path / "00000001.duckdb"))
    options = tmp_path / "compiled" / "oms" / "models" / "intermediate" / "sourcing" / f"{OPTIONS}.sql"
    options.parent.mkdir(parents=True, exist_ok=True)
    options.write_text(next(sql for name, _, sql in planning.compiled if name.endswith(f".{OPTIONS}")))
    return copy, tmp_path / "compiled"


def test_a_known_customer_hears_place_date_and_cost(published: tuple[Path, Path]) -> None:
    before = published[0].read_bytes()
    (offer,) = offers(*published, {"TEA": Decimal(2)}, customer_id="C1")
    assert (offer.sku_id, offer.quantity, offer.location_id) == ("TEA", 2, "LON")
    assert offer.ship_date and offer.deliver_date and offer.deliver_date >= offer.ship_date
    assert offer.cost > 0
    assert published[0].read_bytes() == before


def test_what_is_promised_to_others_is_not_offered(published: tuple[Path, Path]) -> None:
    found = offers(*published, {"TEA": Decimal(4)}, customer_id="C1")
    assert sorted((o.location_id or "", o.quantity) for o in found) == [("", 1), ("LON", 3)]
    assert [o.deliver_date for o in found if o.location_id is None] == [None]


def test_a_place_nearby_is_good_enough(published: tuple[Path, Path]) -> None:
    """The only order went to AL1 1AA; AL3 is the same area, B1 is not."""
    asked = {"TEA": Decimal(1)}
    (offer,) = offers(*published, asked, customer_id="somebody new", country="GB", postcode="al3-4bb")
    assert offer.location_id == "LON"
    assert offers(*published, asked, customer_id="somebody new", country="GB", postcode="B1 1AA") == []
    assert offers(*published, asked, customer_id="somebody new", country="FR", postcode="AL3 4BB") == []
    assert offers(*published, asked, customer_id="nobody") == []


def test_a_customer_without_orders_is_looked_up_in_its_address_book(planning: Planning, tmp_path: Path) -> None:
    planning.customer("C2")
    planning.reference(
        "addresses",
        "C2|1",
        customer_code="C2",
        address_code="1",
        postcode="M1 1AA",
        country="GB",
        latitude="53.5",
        longitude="-2.2",
    )
    (offer,) = offers(*_published(planning, tmp_path), {"TEA": Decimal(1)}, customer_id="C2")
    assert offer.location_id == "LON"


def test_room_that_the_plan_fills_today_is_not_offered(planning: Planning, tmp_path: Path) -> None:
    """London picks one line a day, and that of today is promised."""
    planning.location("LON", max_lines_day=1)
    (offer,) = offers(*_published(planning, tmp_path), {"TEA": Decimal(1)}, customer_id="C1")
    first = next(iter(planning.promised().values()))[2]
    assert offer.ship_date and offer.ship_date > first


def test_a_caller_stands_behind_those_who_wait(planning: Planning, tmp_path: Path) -> None:
    """Three cups are left; whoever ships complete waits for six, and is ahead of all but a better priority."""
    _published(planning, tmp_path)
    planning.customer("C2", ship_complete=True)
    planning.customer("C3", priority=1)
    planning.order("o2", "C2", [("TEA", 6, 10)], minutes_ago=900, latitude="51.5", longitude="-0.1")
    planning.cycle()
    copy, compiled = _copied(planning, tmp_path)
    assert set(planning.waiting()) == {"o2-1"}
    postcode = {"country": "GB", "postcode": "AL1 1AA"}
    (behind,) = offers(copy, compiled, {"TEA": Decimal(2)}, customer_id="C1", **postcode)
    assert (behind.location_id, behind.quantity) == (None, 2)
    (before,) = offers(copy, compiled, {"TEA": Decimal(2)}, customer_id="C3", **postcode)
    assert (before.location_id, before.quantity) == ("LON", 2)


def test_customs_papers_are_asked_of_a_caller_too(planning: Planning, tmp_path: Path) -> None:
    """TEA has no tariff number: nothing of it goes to Switzerland."""
    planning.policy("shipping.customs_countries", "CH")
    planning.order(
        "swiss", "C1", [("MUG", 1, 10)], ship_to_country="CH", ship_to_postcode="8001", latitude="47.4", longitude="8.5"
    )
    (offer,) = offers(
        *_published(planning, tmp_path), {"TEA": Decimal(1)}, customer_id="C1", country="CH", postcode="8001"
    )
    assert offer.location_id is None


def test_what_belongs_together_is_offered_from_one_place(planning: Planning, tmp_path: Path) -> None:
    """London has the tea, Manchester tea and mug: a set goes from Manchester."""
    for sku in ("TEA", "MUG"):
        planning.sku(sku, item_group="SET")
        planning.stock(sku, 5, location="MAN")
    found = offers(*_published(planning, tmp_path), {"TEA": Decimal(1), "MUG": Decimal(1)}, customer_id="C1")
    assert {offer.location_id for offer in found} == {"MAN"}


def test_without_a_copy_or_its_sql_one_line_says_what_to_do(published: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(CannotRehearse, match="run `oms cycle` first"):
        offers(published[0], tmp_path / "nothing", {"TEA": Decimal(1)}, customer_id="C1")
    with pytest.raises(CannotRehearse, match="no promise before the next cycle"):
        offers(tmp_path / "none.duckdb", published[1], {"TEA": Decimal(1)}, customer_id="C1")


def test_a_customer_hears_of_no_place_that_may_not_serve_it(planning: Planning, tmp_path: Path) -> None:
    planning.reference("customer_exclusions", "C2|LON", customer_code="C2", location_code="LON")
    found = offers(
        *_published(planning, tmp_path), {"TEA": Decimal(2)}, customer_id="C2", country="GB", postcode="AL1 1AA"
    )
    assert [(o.location_id, o.quantity) for o in found] == [(None, 2)]
