"""A long file in pieces: the same facts, outcomes and checks as in one go."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from gate_desk import Desk, csv_text, pos_row, purchase_order, x12
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_dagster.domain.capture.channel_file import load_channels
from oms_dagster.warehouse.gate import pieces
from oms_dagster.warehouse.tables import TABLES

_COLUMNS = (
    "channel_order_id", "order_version", "message_kind", "customer_code", "placed_at", "currency", "row_kind",
    "line_number", "sku_code", "quantity", "unit_price", "amount",
)  # fmt: skip


def _captured(desk: Desk, folder: Path, channel: str, files: list[str | bytes], rows: int) -> dict[str, object]:
    return _captured_all(desk, folder, [(channel, content) for content in files], rows)


def _captured_all(desk: Desk, folder: Path, files: list[tuple[str, str | bytes]], rows: int) -> dict[str, object]:
    """Every fact that the files became, read in pieces of so many rows (1000: at once, as short files are), and what was told."""
    before = pieces.ROWS_A_PIECE, pieces.LONG_BYTES
    pieces.ROWS_A_PIECE, pieces.LONG_BYTES = rows, 0 if rows < 1000 else before[1]
    try:
        desk.empty(folder)
        desk.channels = load_channels()[0]
        desk.channels["mine"] = replace(desk.channels["pos"], slug="mine", fields={}, rows=(), also=(), location="L1")  # type: ignore[index]
        told = [desk.capture(channel, content) for channel, content in files]
    finally:
        pieces.ROWS_A_PIECE, pieces.LONG_BYTES = before
    facts = {t.name: desk.rows(f"from {t.full_name} order by all") for t in TABLES.values() if t.schema == "facts"}
    return {"told": told, **facts}


def _order_file(dice: random.Random, size: int) -> str:
    """Rows of few orders, customers and goods in any order, some broken, some sent twice."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for _ in range(size):
        number = dice.choice(["", "1", "2", "3", "4", "5", "6"])
        kind = dice.choices(["line", "shipping", "discount", "return", "adjustment", "odd"], [12, 2, 1, 3, 1, 1])[0]
        row = [
            number, dice.choice(["", "1", "2"]), dice.choices(["", "change", "cancel"], [8, 1, 1])[0], f"C{number}",
            f"2025-06-0{dice.choice('12')} 09:00", "GBP", kind, dice.choice(["", "1", "2", "3"]), dice.choice(["TEA", "MUG"]),
            dice.choices(["1", "2", "5", "two"], [4, 4, 4, 1])[0], "3.50", "1.00",
        ]  # fmt: skip
        writer.writerow(row if dice.random() < 0.95 else row[:5])
    return out.getvalue()


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), size=st.integers(20, 80), piece=st.integers(1, 20))
def test_any_order_file_is_the_same_in_pieces_as_in_one_go(
    desk: Desk, tmp_path: Path, seed: int, size: int, piece: int
) -> None:
    dice = random.Random(seed)
    files: list[str | bytes] = [_order_file(dice, size), _order_file(dice, size)]
    whole = _captured(desk, tmp_path, "mine", files, 1000)
    assert _captured(desk, tmp_path, "mine", files, piece) == whole


def test_orders_scattered_over_a_file_are_the_same_in_pieces_as_in_one_go(desk: Desk, tmp_path: Path) -> None:
    rows = [pos_row(order_no=n % 9, line_no=n // 9 + 1, qty="two" if n == 13 else 2) for n in range(27)]
    rows += [pos_row(order_no="", line_no=n) for n in (1, 2)]
    random.Random(1).shuffle(rows)
    text = csv_text(rows) + "3,S1,C1\n"
    whole = _captured(desk, tmp_path, "pos", [text], 1000)
    assert len(whole["orders"]) == 8  # type: ignore[arg-type]
    for piece in (2, 8):
        assert _captured(desk, tmp_path, "pos", [text], piece) == whole


def test_records_of_a_feed_that_come_again_far_below_are_duplicates_or_conflicts(desk: Desk, tmp_path: Path) -> None:
    header = "movement_id,kind,sku_code,location_code,quantity,event_at\n"
    lines = [f"M{n % 4},receipt,TEA,L1,{3 if n < 6 else 4},2025-06-01T09:00\n" for n in range(12)]
    files: list[str | bytes] = [header + "".join(lines)]
    whole = _captured(desk, tmp_path, "stock", files, 1000)
    assert (whole["told"][0].accepted, whole["told"][0].duplicate, whole["told"][0].conflict) == (4, 2, 6)  # type: ignore[index]
    assert _captured(desk, tmp_path, "stock", files, 5) == whole


def test_versions_of_reference_data_count_on_over_pieces(desk: Desk, tmp_path: Path) -> None:
    header = "supplier_code,name,lead_time_days\n"
    files: list[str | bytes] = [header + "".join(f"S{n % 3},Name {n // 3},{n}\n" for n in range(12))]
    whole = _captured(desk, tmp_path, "suppliers", files * 2, 1000)
    assert _captured(desk, tmp_path, "suppliers", files * 2, 2) == whole


def test_a_return_finds_its_line_though_the_order_stands_below_it(desk: Desk, tmp_path: Path) -> None:
    header = "line_id,invoice_no,stock_code,description,quantity,invoice_ts,unit_price_gbp,customer_id,country\n"
    lines = ["1,C9,22633,Warmer,-2,2010-12-03 09:00:00,1.85,17850,United Kingdom\n"]
    lines += [f"{n},{n},22633,Warmer,6,2010-12-0{n - 1} 08:28:00,1.85,1785{n % 2},United Kingdom\n" for n in (2, 3, 4)]
    (tmp_path / "orders.csv").write_text(header + "".join(lines))
    columns = dict.fromkeys(header.strip().split(","), "varchar")
    duckdb.read_csv(str(tmp_path / "orders.csv"), dtype=columns).write_parquet(str(tmp_path / "orders.parquet"))
    content = (tmp_path / "orders.parquet").read_bytes()
    whole = _captured(desk, tmp_path, "online-retail", [content], 1000)
    assert len(whole["returns"]) == 1  # type: ignore[arg-type]
    assert _captured(desk, tmp_path, "online-retail", [content], 2) == whole


def test_documents_of_one_order_are_judged_together(desk: Desk, tmp_path: Path) -> None:
    orders = [purchase_order(f"P{n % 3}", f"PO1*1*{n // 6 + 1}*EA*3.50**VN*TEA", "CTT*1") for n in range(9)]
    files: list[str | bytes] = [x12(*orders)]
    whole = _captured(desk, tmp_path, "x12", files, 1000)
    told = whole["told"][0]  # type: ignore[index]
    assert (told.accepted, told.duplicate, told.conflict) == (3, 3, 3)
    assert _captured(desk, tmp_path, "x12", files, 2) == whole


def _b2b_file(dice: random.Random, size: int) -> str:
    """Orders in units that are known, not known or absent; some lines said twice, word for word or not, some sent back."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow((*_COLUMNS, "unit"))
    said: list[list[str]] = []
    for line in range(size):
        number = dice.choice("123456")
        row = [
            number, "", "", f"C{number}", "2025-06-01 09:00", "GBP", dice.choices(["line", "return"], [9, 1])[0],
            str(line if dice.random() < 0.97 else 1), dice.choice(["TEA", "MUG", "NEW"]), dice.choice(["1", "2", "5"]), "3.50",
            "1.00", dice.choice(["", "CS", "DZN", "pallet"]),
        ]  # fmt: skip
        said.append(row)
        if dice.random() < 0.3:
            said.append(dice.choice(said))
    dice.shuffle(said)
    writer.writerows(said)
    return out.getvalue()


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), piece=st.integers(1, 12))
def test_units_and_repeated_rows_of_a_long_file_are_the_same_in_pieces_as_in_one_go(
    desk: Desk, tmp_path: Path, seed: int, piece: int
) -> None:
    """Regression: warnings of repeated rows were forgotten by the suite, and factors stand where facts can be read."""
    files: list[tuple[str, str | bytes]] = [
        ("skus", "sku_code,name,unit,weight_kg,volume_m3\nTEA,Tea,EA,0.1,0.001\nMUG,Mug,EA,0.1,0.001\n"),
        ("sku_units", "sku_code,unit,factor\nTEA,CS,7\nMUG,CS,6\n"),
        ("mine", _b2b_file(random.Random(seed), 40)),
    ]
    whole = _captured_all(desk, tmp_path, files, 1000)
    assert any("will be held" in note for note in whole["told"][-1].notes)  # type: ignore[index]
    assert any("ROW_REPEATED" in note for note in whole["told"][-1].notes)  # type: ignore[index]
    assert _captured_all(desk, tmp_path, files, piece) == whole


def test_the_databases_memory_is_as_before_after_a_long_file(desk: Desk, tmp_path: Path) -> None:
    limit = desk.rows("select current_setting('memory_limit')")
    _captured(desk, tmp_path, "pos", [csv_text([pos_row(order_no=n) for n in range(9)])], 2)
    assert desk.rows("select current_setting('memory_limit')") == limit


def test_a_packed_parquet_file_is_long_by_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: 2 MiB of Parquet, half a million lines, was judged in one transaction and took 1.4 GiB."""
    monkeypatch.setattr(pieces, "ROWS_A_PIECE", 100)
    with duckdb.connect() as connection:
        for rows in (100, 101):
            file = tmp_path / f"{rows}.parquet"
            connection.execute(f"copy (select 1 as one from range({rows})) to '{file}' (format parquet)")
            with pieces.desk(connection, file) as desk:
                assert (desk is not connection) is (rows > 100)
        (tmp_path / "broken").write_bytes(b"PAR1 and no more")
        with pieces.desk(connection, tmp_path / "broken") as desk:
            assert desk is connection
