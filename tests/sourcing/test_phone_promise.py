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
    planning.connection.execute("checkpoint")
    copy = Path(shutil.copy(tmp_path / "warehouse.duckdb", tmp_path / "00000001.duckdb"))
    options = tmp_path / "compiled" / "oms" / "models" / "intermediate" / "sourcing" / f"{OPTIONS}.sql"
    options.parent.mkdir(parents=True)
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


def test_a_place_that_no_order_went_to_has_no_offer(published: tuple[Path, Path]) -> None:
    assert offers(*published, {"TEA": Decimal(1)}, customer_id="nobody") == []


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
