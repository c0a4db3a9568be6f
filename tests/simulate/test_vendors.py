"""The vendor of a simulated world: each purchase order is answered once, then shipped, and its parcel goes to a door."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from oms_dagster.simulate.floor import react

DAY = date(2026, 3, 3)
LATER = datetime(2026, 3, 6, 10, tzinfo=UTC)
ORDERS = 120


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A published copy with purchase orders of one line that nobody has answered."""
    path = tmp_path / "1.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema marts; create table marts.purchase_order_lines as select 'PO' || n as purchase_order_id, 1 as line_number,"
            " case when n = 0 then 'replenishment' else 'dropship' end as kind, 'issued' as status, date '2026-03-03' as due_date,"
            " timestamptz '2026-03-02 07:00:00+00' as issued_at, cast(null as timestamptz) as answered_at, 'S' || n as shipment_id"
            f" from range({ORDERS + 1}) as t(n)"
        )
    return path


def told(copy: Path, out: Path) -> list[dict[str, str]]:
    react(copy, LATER, out, 7, DAY)
    return [row for file in (out / "vendors").glob("*.csv") for row in csv.DictReader(file.open())]


def test_each_purchase_order_is_answered_once_then_shipped_on_the_day_that_was_told(copy: Path, tmp_path: Path) -> None:
    rows = told(copy, tmp_path / "out")
    kinds: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        kinds.setdefault(row["purchase_order_id"], []).append(row)
    assert set(kinds) == {f"PO{n}" for n in range(1, ORDERS + 1)}, "a supplier's purchase order is not the vendor's"
    ways = Counter(tuple(row["kind"] for row in said) for said in kinds.values())
    assert set(ways) == {("accepted", "shipped"), ("rejected",)}
    for said in kinds.values():
        if len(said) == 2:
            assert said[1]["event_at"][:10] == said[0]["ship_date"]
            assert said[1]["tracking_number"]
    assert 0 < sum(row["ship_date"] > "2026-03-03" for row in rows) < ORDERS / 4
    assert len({row["event_id"] for row in rows}) == len(rows)


def test_what_the_copy_knows_is_not_said_again(copy: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update marts.purchase_order_lines set status = 'shipped', answered_at = '2026-03-02 09:00'")
    assert told(copy, tmp_path / "out") == []


def test_a_parcel_of_a_vendor_goes_to_a_door_without_a_load_or_a_gate(copy: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(copy)) as connection:
        connection.execute(
            "create table marts.shipments as select 'S' || n as shipment_id, 'dropship' as mode, timestamptz '2026-03-03 14:00:00+00' as departed_at"
            f" from range(1, {ORDERS}) as t(n); create table marts.shipment_lines as select shipment_id, 'L' || shipment_id as order_line_id,"
            " 'SKU' as sku_id, 2 as quantity from marts.shipments"
        )
    counts = react(copy, LATER, tmp_path / "out", 7, DAY)
    assert counts["deliveries"] == ORDERS - 1
    assert counts["yard"] == 0
    assert set(counts) & {"absent", "partial"} == set(), "nobody would send it again"
