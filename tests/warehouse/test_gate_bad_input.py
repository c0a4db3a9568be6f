"""Every bad file and row gives one clear line that says what, where and what to do; the rest goes on."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from gate_desk import POS_HEADER, Desk, csv_text, pos_csv, pos_row, purchase_order, shopify_json, shopify_order, x12

from oms_dagster.domain.capture.channel_file import load_channels

GOOD = pos_csv(pos_row(), pos_row(order_no=2))


@pytest.mark.parametrize(
    ("channel", "content", "seen"),
    [
        ("pos", b"", "0 bytes"),
        ("shopify", b"", "0 bytes"),
        ("x12", b"", "0 bytes"),
        ("online-retail", b"", "0 bytes"),
        ("pos", b"\x00\x01\x02\xff" * 400, "binary"),
        ("pos", b"PK\x03\x04rest of a workbook", "ZIP or Excel"),
        ("pos", ",".join(POS_HEADER).encode() + b"\n", "a header and no rows"),
        ("pos", b"sku,sku\n1,2\n", "names the column 'sku' twice"),
        ("shopify", shopify_json(shopify_order()).encode()[:-40], "perhaps cut short"),
        ("shopify", b"\x00\xff\xfe\x81" * 100, "binary"),
        ("shopify", b'{"order": {"note": "Zo\xeb"}}', "isn't UTF-8"),
        ("shopify", b'{"orders": []}', "the list of orders is empty"),
        ("x12", b"\x00\x01" * 200, "expected an interchange beginning ISA"),
        ("x12", b"ISA*00*", "expected an interchange beginning ISA"),
        ("online-retail", b"order,qty\n1,2\n", "expected a Parquet file"),
        ("online-retail", b"PAR1" + b"\x00" * 500, "not readable as Parquet"),
        ("stock", b'[{"movement_id": "M1", "kin', "not readable as JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_quarantined_message(
    desk: Desk, channel: str, content: bytes, seen: str
) -> None:
    outcome = desk.capture(channel, content, name="bad.file")
    assert (outcome.messages, outcome.quarantined, outcome.lines_read) == (1, 1, outcome.lines_quarantined)
    code, detail = desk.rows("select error_code, error_detail from facts.capture_messages")[0]
    assert code == "UNREADABLE"
    assert seen in str(detail)
    assert "\n" not in str(detail)
    assert desk.capture("pos", GOOD).accepted == 2, "nothing else stops"


def test_a_truncated_parquet_file_is_unreadable_and_spares_the_transaction(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "whole.parquet"
    duckdb.sql(f"copy (select range as line_id, 'x' as invoice_no from range(5000)) to '{path}'")
    for keep in (100, path.stat().st_size - 20):
        assert desk.capture("online-retail", path.read_bytes()[:keep]).quarantined == 1
    assert {row[0] for row in desk.errors()} == {"UNREADABLE"}


def test_a_channel_that_nobody_knows_quarantines_the_file(desk: Desk) -> None:
    assert desk.capture("etsy", GOOD, name="x.csv").quarantined == 1
    code, detail = desk.rows("select error_code, error_detail from facts.capture_messages")[0]
    assert code == "CHANNEL_UNUSABLE"
    assert "no channel 'etsy'; add channels/etsy.yml" in str(detail)


def test_a_channel_file_that_cannot_be_used_quarantines_its_files_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "channels").mkdir()
    (tmp_path / "channels" / "pos.yml").write_text("timezone: Europe/Londn\n")
    desk = Desk(tmp_path, tmp_path / "channels")
    assert desk.capture("pos", GOOD).quarantined == 1
    assert "timezone: expected an IANA time zone" in str(
        desk.rows("select error_detail from facts.capture_messages")[0][0]
    )
    assert desk.capture("shopify", shopify_json(shopify_order())).accepted == 1


def test_a_pattern_that_the_database_cannot_use_is_named(tmp_path: Path) -> None:
    (tmp_path / "pos.yml").write_text("rows: [{row_kind: return, when: {sku: {matches: '(?=R)R'}}}]\n")
    desk = Desk(tmp_path, load_channels(tmp_path)[0])
    assert desk.capture("pos", GOOD).quarantined == 1
    assert "channels/pos.yml: rows: '(?=R)R' isn't usable" in str(
        desk.rows("select error_detail from facts.capture_messages")[0][0]
    )


def test_a_missing_column_quarantines_each_message_and_is_named(desk: Desk) -> None:
    header = [name for name in POS_HEADER if name != "qty"]
    outcome = desk.capture("pos", csv_text([pos_row(), pos_row(order_no=2)], header))
    assert outcome.quarantined == 2
    assert set(desk.errors()) == {("MISSING_COLUMN", "quantity")}
    detail = str(desk.rows("select error_detail from facts.capture_messages")[0][0])
    assert detail.startswith("column 'qty' is missing; the file has order_no, store")


BAD_CELLS = [
    ({"qty": "-3"}, "QUANTITY_NOT_POSITIVE", "quantity"),
    ({"qty": "0"}, "QUANTITY_NOT_POSITIVE", "quantity"),
    ({"qty": ""}, "MISSING_FIELD", "quantity"),
    ({"unit_price": ""}, "MISSING_FIELD", "unit_price"),
    ({"unit_price": "1,234.50"}, "BAD_NUMBER", "unit_price"),
    ({"unit_price": "1_234"}, "BAD_NUMBER", "unit_price"),
    ({"unit_price": "£5"}, "BAD_NUMBER", "unit_price"),
    ({"unit_price": "NaN"}, "BAD_NUMBER", "unit_price"),
    ({"unit_price": "1e40"}, "BAD_NUMBER", "unit_price"),
    ({"unit_price": "99999999999", "qty": "999999999999"}, "OUT_OF_RANGE", "unit_price"),
    ({"qty": "1000000000000"}, "OUT_OF_RANGE", "quantity"),
    ({"order_total": "9999999999999"}, "OUT_OF_RANGE", "declared_total"),
    ({"placed_at": ""}, "MISSING_FIELD", "placed_at"),
    ({"placed_at": "0202-06-01 10:00"}, "OUT_OF_RANGE", "placed_at"),
    ({"placed_at": "2150-06-01 10:00"}, "OUT_OF_RANGE", "placed_at"),
    ({"placed_at": "01/06/2025"}, "BAD_TIMESTAMP", "placed_at"),
    ({"placed_at": "2025-02-30 10:00"}, "BAD_TIMESTAMP", "placed_at"),
    ({"requested_date": "soon"}, "BAD_TIMESTAMP", "requested_from"),
    ({"discount": "-1"}, "OUT_OF_RANGE", "discount_amount"),
    ({"currency": ""}, "MISSING_FIELD", "currency"),
    ({"order_no": "", "store": ""}, "MISSING_FIELD", "channel_order_id"),
]


def test_each_bad_cell_quarantines_its_order_alone(desk: Desk) -> None:
    rows = [pos_row(order_no=number) | changes for number, (changes, _, _) in enumerate(BAD_CELLS, 1)]
    outcome = desk.capture("pos", pos_csv(*rows, pos_row(order_no=99)))
    assert (outcome.accepted, outcome.quarantined) == (1, len(BAD_CELLS))
    found = desk.rows(
        "select error_code, error_field from facts.capture_messages where outcome = 'quarantined' order by position"
    )
    assert found == [(code, field) for _, code, field in BAD_CELLS]


@pytest.mark.parametrize(
    ("header", "row", "code", "field"),
    [
        (
            "movement_id,kind,sku_code,location_code,quantity,event_at",
            "M1,gift,A,DC,1,2025-06-01T08:00Z",
            "NOT_IN_LIST",
            "kind",
        ),
        (
            "vehicle_code,location_code,payload_kg,volume_m3,cost_km,cost_hour,currency,hazard_ok",
            "V1,DC,1,1,1,1,GBP,maybe",
            "BAD_BOOLEAN",
            "hazard_ok",
        ),
        ("driver_code,name,shift_from,shift_to", "D1,Ann,8 o'clock,17:00", "BAD_TIME", "shift_from"),
        ("customer_code,name,priority", "C1,Ann,12", "OUT_OF_RANGE", "priority"),
        ("customer_code,name,max_splits", "C1,Ann,2.5", "BAD_NUMBER", "max_splits"),
        (
            "invoice_number,customer_code,open_amount,currency,due_date,event_at",
            "I1,C1,5,GBP,31.12.2025,2025-06-01",
            "BAD_DATE",
            "due_date",
        ),
        ("supplier_code,name", "S1,", "MISSING_FIELD", "name"),
        ("supplier_code,fullname", "S1,One", "MISSING_COLUMN", "name"),
    ],
)
def test_a_bad_record_of_a_feed_or_of_reference_data_says_why(
    desk: Desk, header: str, row: str, code: str, field: str
) -> None:
    channel = {
        "movement_id": "stock",
        "vehicle_code": "vehicles",
        "driver_code": "drivers",
        "customer_code": "customers",
        "invoice_number": "receivables",
        "supplier_code": "suppliers",
    }[header.split(",")[0]]
    assert desk.capture(channel, f"{header}\n{row}\n").quarantined == 1
    assert desk.errors() == [(code, field)]


@pytest.mark.parametrize("broken", ["2,S1,C1,2025", ",".join(["2,S1", *["x"] * 30])])
def test_a_ragged_row_quarantines_its_order_not_the_file(desk: Desk, broken: str) -> None:
    text = pos_csv(pos_row(), pos_row(order_no=2), pos_row(order_no=3)) + broken + "\n"
    outcome = desk.capture("pos", text)
    assert (outcome.accepted, outcome.quarantined, outcome.lines_read, outcome.lines_quarantined) == (2, 1, 4, 2)
    assert desk.errors() == [("UNREADABLE", "row")]
    assert str(
        desk.rows("select error_detail from facts.capture_messages where error_code is not null")[0][0]
    ).startswith("line 5: Expected Number")


def test_a_quote_left_open_takes_no_other_order_along(desk: Desk) -> None:
    """Regression: the reader takes an open quote for one value down to the end of the file."""
    lines = pos_csv(pos_row(), pos_row(order_no=2), pos_row(order_no=3)).splitlines()
    lines[2] = lines[2].replace("Tea", '"Tea')
    outcome = desk.capture("pos", "\n".join(lines) + "\n")
    assert (outcome.lines_read, outcome.accepted) == (3, 1)
    assert desk.rows("select message_key from facts.capture_messages where outcome = 'quarantined' order by 1") == [
        ("S1-2|",),
        ("S1-3|",),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"])
def test_a_file_in_any_usual_encoding_is_read(desk: Desk, encoding: str) -> None:
    assert desk.capture("pos", pos_csv(pos_row(ship_name="Zoë Müller", city="Besançon")).encode(encoding)).accepted == 1
    assert desk.rows("select ship_to_name, ship_to_city from facts.orders") == [("Zoë Müller", "Besançon")]


def test_undecodable_bytes_quarantine_their_order_not_the_file(desk: Desk) -> None:
    rows = pos_csv(pos_row(ship_name="Zoë"), pos_row(order_no=2, ship_name="BROKEN"), pos_row(order_no=3)).encode()
    outcome = desk.capture("pos", rows.replace(b"BROKEN", b"Zo\xeb"))
    assert (outcome.accepted, outcome.quarantined) == (2, 1)
    assert desk.errors() == [("UNREADABLE", "file")]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_seen_in_the_header(desk: Desk, delimiter: str) -> None:
    assert desk.capture("suppliers", f"supplier_code{delimiter}name\nS1{delimiter}One\n").accepted == 1


def test_a_decimal_comma_is_read_where_the_channel_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "channels"
    folder.mkdir()
    (folder / "pos.yml").write_text('decimal: ","\ndelimiter: ";"\n')
    desk = Desk(tmp_path, load_channels(folder)[0])
    header = ";".join(POS_HEADER)
    row = ";".join(pos_row(unit_price="3,50").values())
    bad = ";".join(pos_row(order_no=2, unit_price="3.50").values())
    outcome = desk.capture("pos", f"{header}\n{row}\n{bad}\n")
    assert (outcome.accepted, desk.errors()) == (1, [("BAD_NUMBER", "unit_price")])
    assert desk.rows("select unit_price from facts.order_lines") == [(pytest.approx(3.5),)]


def test_one_bad_shopify_order_in_a_list_fails_alone(desk: Desk) -> None:
    bad = shopify_order(2, line_items=[{"id": 1, "sku": "A", "quantity": 1, "price": "ten"}])
    outcome = desk.capture(
        "shopify",
        shopify_json(
            shopify_order(1), bad, {"id": 3}, shopify_order(4, created_at="0202-01-01T00:00:00Z"), shopify_order(5)
        ),
    )
    assert (outcome.accepted, outcome.quarantined) == (2, 3)
    assert desk.errors() == [("BAD_NUMBER", "price"), ("NOT_AN_ORDER", "order"), ("OUT_OF_RANGE", "placed_at")]


def test_one_bad_x12_set_in_an_interchange_fails_alone(desk: Desk) -> None:
    text = x12(purchase_order("A"), purchase_order("B", "PO1*1*-2*EA*3.50**VN*TEA-1"), purchase_order("C"))
    outcome = desk.capture("x12", text.replace("SE*10*0003", "SE*9*0003"))
    assert (outcome.accepted, outcome.quarantined) == (1, 2)
    assert desk.errors() == [("QUANTITY_NOT_POSITIVE", "quantity"), ("CONTROL_MISMATCH", "SE01")]
