"""`oms channel check` tells row by row what would be captured and writes nothing; `oms channel new` drafts the YAML."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from gate_desk import pos_csv, pos_row
from shop_documents import ORDERS, as_list
from workbook import xlsx

from oms_dagster import settings
from oms_dagster.cli import main
from oms_dagster.domain.capture.channel_file import parse_text
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect

AS_OF = "2025-06-02T12:00:00+00:00"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home with an empty published copy: what the two commands need of one."""
    home = settings.home(tmp_path / "home")
    for folder in (home.published, home.channels):
        folder.mkdir(parents=True)
    (home.root / "home.json").touch()
    copy = home.published / "1.duckdb"
    connect.create(copy)
    home.current.symlink_to(copy.name)
    yield home


@pytest.fixture(autouse=True)
def _any_home_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oms_dagster.home.require", lambda home: None)


def check(home: Home, capsys: pytest.CaptureFixture[str], file: Path, channel: str, *more: str) -> tuple[int, str]:
    arguments = ["channel", "check", str(file), "--channel", channel, "--home", str(home.root), "--as-of", AS_OF, *more]
    code = main(arguments)
    return code, capsys.readouterr().out


def test_a_check_shows_each_row_with_its_order_line_outcome_error_and_place(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "counter.csv"
    file.write_text(pos_csv(pos_row(), pos_row(line_no=2, sku="CUP-1"), pos_row(order_no=2, qty="two")))
    before = home.current.read_bytes()
    code, out = check(home, capsys, file, "pos")
    assert code == 1
    assert "2 messages: 1 accepted, 1 quarantined; nothing was written" in out
    assert "BAD_NUMBER" in out
    code, out = check(home, capsys, file, "pos", "--json")
    rows = json.loads(out)["rows"]
    assert [
        (row["position"], row["order_id"], row["line_number"], row["sku_code"], row["outcome"]) for row in rows
    ] == [
        (1, "pos-S1-1", "1", "TEA-1", "accepted"),
        (2, "pos-S1-1", "2", "CUP-1", "accepted"),
        (3, "pos-S1-2", "1", "TEA-1", "quarantined"),
    ]
    assert (rows[2]["error_code"], rows[2]["error_field"]) == ("BAD_NUMBER", "quantity")
    assert rows[2]["error_detail"].startswith("row 3, qty: found 'two'")
    assert home.current.read_bytes() == before


def test_a_check_of_an_unknown_channel_or_of_no_file_is_one_line(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "counter.csv"
    file.write_text("a,b\n1,2\n")
    code, out = check(home, capsys, file, "nowhere", "--json")
    assert code == 1
    assert json.loads(out)["rows"][0]["error_code"] == "CHANNEL_UNUSABLE"
    assert main(["channel", "check", str(tmp_path / "no.csv"), "--channel", "pos", "--home", str(home.root)]) == 1
    assert "is no file" in capsys.readouterr().err


def test_a_draft_of_a_flat_sample_captures_the_sample(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "kiosk.xlsx"
    head = (
        "Order no",
        "Order date",
        "Customer no",
        "Pos",
        "Article number",
        "Description",
        "Qty",
        "Unit price",
        "Currency",
    )
    rows = [("K-1", "31/05/2025 10:15", "C7", 1, "TEA-1", "Tea", 2, 3.5, "EUR"), ("K-1", "31/05/2025 10:15", "C7", 2, "CUP-4", "Cup", 1, 12, "EUR")]  # fmt: skip
    file.write_bytes(xlsx([head, *rows]))
    assert main(["channel", "new", str(file), "--name", "kiosk", "--home", str(home.root)]) == 0
    text = (home.channels / "kiosk.yml").read_text(encoding="utf-8")
    channel = parse_text("kiosk", text, "kiosk.yml")
    assert channel.format == "excel"
    assert {field: source.columns[0] for field, source in channel.fields.items()} == {
        "channel_order_id": "Order no", "customer_code": "Customer no", "placed_at": "Order date", "currency": "Currency",
        "line_number": "Pos", "sku_code": "Article number", "description": "Description", "quantity": "Qty",
        "unit_price": "Unit price",
    }  # fmt: skip
    assert channel.fields["placed_at"].formats == ("%d/%m/%Y %H:%M",)
    capsys.readouterr()
    code, out = check(home, capsys, file, "kiosk", "--json")
    assert (code, json.loads(out)["messages"]) == (0, {"accepted": 1})
    assert main(["channel", "new", str(file), "--name", "kiosk", "--home", str(home.root)]) == 1
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("shop", ["woocommerce", "mercadolibre"])
def test_a_draft_of_order_documents_finds_the_lines_and_the_header(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str], shop: str
) -> None:
    file = tmp_path / "orders.json"
    file.write_text(as_list(shop, ORDERS[shop](), ORDERS[shop](2)))
    assert main(["channel", "new", str(file), "--home", str(home.root)]) == 0
    channel = parse_text("sample", capsys.readouterr().out, "sample.yml")
    shape = channel.documents[0]
    assert shape.rows[0].each == {"woocommerce": "line_items", "mercadolibre": "order_items"}[shop]
    assert {"quantity", "sku_code"} <= set(shape.rows[0].fields)
    assert {"channel_order_id", "placed_at", "currency"} <= set(shape.fields)


def test_a_draft_names_what_it_did_not_find(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("bon;wann;sku;menge\nK-1;2025-06-01;TEA-1;2\n")
    assert main(["channel", "new", str(file), "--home", str(home.root)]) == 0
    out = capsys.readouterr().out
    assert "# needed and not found: channel_order_id" in out
    assert "# columns that nothing is read from: bon, wann" in out
