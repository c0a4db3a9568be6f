"""What a real order file lacks is invented for exactly the customers and goods that it names."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oms_dagster.domain.capture.records import RECORDS
from oms_dagster.simulate.like import NO_GOODS, like


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Six lines of three customers over two weeks: goods, a return, postage, a write-off, an unnamed customer."""
    rows = [
        ("1", "22423", "CAKESTAND", 10, datetime(2010, 12, 1, 9), 12.75, 1001, "United Kingdom"),
        ("1", "POST", "POSTAGE", 1, datetime(2010, 12, 1, 9), 18.0, 1001, "United Kingdom"),
        ("2", "22423", "CAKESTAND", 30, datetime(2010, 12, 8, 9), 10.95, 1002, "Germany"),
        ("C3", "22423", "CAKESTAND", -2, datetime(2010, 12, 9, 9), 12.75, 1001, "United Kingdom"),
        ("4", "85123A", "HEART HOLDER", 6, datetime(2010, 12, 9, 9), 2.55, 1003, "Japan"),
        ("5", "85123A", "damaged", -50, datetime(2010, 12, 9, 9), 0.0, None, "United Kingdom"),
    ]
    names = (
        "invoice_no",
        "stock_code",
        "description",
        "quantity",
        "invoice_ts",
        "unit_price_gbp",
        "customer_id",
        "country",
    )
    path = tmp_path / "orders.parquet"
    pq.write_table(pa.table(dict(zip(names, zip(*rows, strict=True), strict=True))), path)
    return path


def records(folder: Path, pattern: str) -> list[dict[str, str]]:
    return [row for path in sorted(folder.glob(pattern)) for row in csv.DictReader(path.open(encoding="utf-8"))]


def test_each_customer_and_each_good_of_the_file_gets_its_record(orders: Path, tmp_path: Path) -> None:
    summary = like(orders, tmp_path / "out", 7)
    skus = {row["sku_code"]: row for row in records(tmp_path / "out", "reference/skus.csv")}
    assert set(skus) == {"22423", "85123A"}
    assert skus["85123A"]["name"] == "HEART HOLDER"
    assert skus["22423"]["list_price"] == "10.95"
    places = {row["customer_code"]: row["country"] for row in records(tmp_path / "out", "reference/addresses.csv")}
    assert places == {"1001": "GB", "1002": "DE", "1003": "JP"}
    assert (summary.lines, summary.customers, summary.skus) == (6, 3, 2)


def test_stock_never_falls_below_zero_by_the_write_offs_of_the_file(orders: Path, tmp_path: Path) -> None:
    like(orders, tmp_path / "out", 7)
    there: dict[tuple[str, str], int] = defaultdict(int)
    for row in records(tmp_path / "out", "days/*/stock/*.csv"):
        there[row["sku_code"], row["location_code"]] += int(row["quantity"])
        assert row["source"] == "simulated"
    assert there["85123A", "MAIN"] >= 50


def test_the_same_seed_gives_the_same_bytes(orders: Path, tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        like(orders, tmp_path / name, seed)
    one, two, three = (
        {p.relative_to(tmp_path / name).as_posix(): p.read_bytes() for p in sorted((tmp_path / name).rglob("*.*"))}
        for name in ("one", "two", "three")
    )
    assert one == two
    assert one["reference/skus.csv"] != three["reference/skus.csv"]


def test_a_file_of_another_layout_is_refused_by_the_name_of_what_it_lacks(tmp_path: Path) -> None:
    pq.write_table(pa.table({"stock_code": ["1"]}), tmp_path / "other.parquet")
    with pytest.raises(ValueError, match="lacks the columns country, customer_id"):
        like(tmp_path / "other.parquet", tmp_path / "out", 7)


def test_the_real_year_gets_all_its_goods_and_customers(shared: Path, tmp_path: Path) -> None:
    path = shared / "data/orders/online_retail_2010_2011_cc0.parquet"
    summary = like(path, tmp_path / "out", 7)
    table = pq.read_table(path, columns=["stock_code", "customer_id"])
    codes = {code.strip() for code in table["stock_code"].unique().to_pylist()} - NO_GOODS
    named = {str(c) for c in table["customer_id"].unique().to_pylist() if c is not None}
    for record, wanted in (("skus", codes), ("customers", named), ("addresses", named)):
        found = records(tmp_path / "out", f"reference/{record}.csv")
        assert {row[RECORDS[record].key[0]] for row in found} == wanted
    assert summary.lines == 541_909
    assert 0.01 <= summary.short_share <= 0.08
