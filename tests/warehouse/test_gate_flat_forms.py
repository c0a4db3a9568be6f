"""One file in every form that a sender may write: the same orders, by the same YAML, which names none of it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from gate_desk import Desk
from workbook import xlsx

from oms_dagster.domain.capture.channel_file import parse_text

HEADER = ("ticket", "time", "row", "article", "name", "pieces", "price", "city")
ROWS = [
    ("K-1", "2025-06-02 09:30:00", 1, "TEA-1", "Grüner Tee, lose", 2, 3.5, "Köln"),
    ("K-1", "2025-06-02 09:30:00", 2, "CUP-4", "Große Tasse", 1.5, 12, "Köln"),
    ("K-2", "2025-06-02 10:00:00", 1, "TEA-1", "Grüner Tee, lose", 10, 3.25, "Düsseldorf"),
]
YAML = """
record: order
format: {format}
currency: EUR
fields:
  channel_order_id: ticket
  placed_at: time
  line_number: row
  sku_code: article
  description: name
  quantity: pieces
  unit_price: price
  ship_to_city: city
"""


def kiosk(desk: Desk, form: str = "auto", more: str = "") -> Desk:
    """The desk with the channel `kiosk`, told nothing but where the fields are."""
    desk.channels = {"kiosk": parse_text("kiosk", YAML.format(format=form) + more, "kiosk.yml")}
    return desk


def text(delimiter: str, quote: str = '"', decimal: str = ".", end: str = "\n") -> str:
    def cell(value: object) -> str:
        shown = str(value).replace(".", decimal) if isinstance(value, float) else str(value)
        return f"{quote}{shown}{quote}" if quote and (delimiter in shown or quote == "'") else shown

    return end.join(delimiter.join(cell(value) for value in row) for row in (HEADER, *ROWS)) + end


def captured(desk: Desk) -> list[tuple[object, ...]]:
    return desk.rows(
        "select o.order_id, o.ship_to_city, o.order_total, l.line_number, l.description, l.quantity, l.unit_price"
        " from facts.orders as o join facts.order_lines as l using (message_id) order by all"
    )


@pytest.fixture
def expected(desk: Desk) -> list[tuple[object, ...]]:
    assert kiosk(desk).capture("kiosk", text(",")).accepted == 2
    found = captured(desk)
    assert [(str(row[2]), row[3], row[4]) for row in found] == [
        ("25.00", "1", "Grüner Tee, lose"),
        ("25.00", "2", "Große Tasse"),
        ("32.50", "1", "Grüner Tee, lose"),
    ]
    desk.empty(desk.folder)
    return found


@pytest.mark.parametrize(
    ("delimiter", "quote", "decimal", "encoding"),
    [
        (";", '"', ",", "utf-8"),
        (";", '"', ".", "cp1252"),
        (";", '"', ",", "utf-8-sig"),
        ("\t", '"', ",", "utf-16"),
        ("\t", "", ".", "utf-16-le"),
        ("|", "", ".", "latin-1"),
        (",", "'", ".", "utf-8"),
        (",", "'", ",", "cp1252"),
        (",", '"', ",", "utf-8"),
        ("\t", '"', ".", "utf-8"),
    ],
)
def test_delimiter_quotes_decimal_sign_and_encoding_are_told_from_the_file(
    desk: Desk, expected: list[tuple[object, ...]], delimiter: str, quote: str, decimal: str, encoding: str
) -> None:
    outcome = kiosk(desk).capture("kiosk", text(delimiter, quote, decimal, "\r\n").encode(encoding))
    assert outcome.accepted == 2, desk.rows("select error_detail from facts.capture_messages")
    assert captured(desk) == expected


@pytest.mark.parametrize("form", ["auto", "own"])
@pytest.mark.parametrize("kind", ["excel", "parquet", "json", "lines"])
def test_excel_parquet_json_and_json_lines_take_the_same_yaml(
    desk: Desk, expected: list[tuple[object, ...]], tmp_path: Path, kind: str, form: str
) -> None:
    objects = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    if kind == "parquet":
        path = tmp_path / "rows.parquet"
        values = ", ".join(str(row) for row in ROWS)
        duckdb.sql(f"copy (select * from (values {values}) as v ({', '.join(HEADER)})) to '{path}'")
        content = path.read_bytes()
    else:
        content = {
            "excel": lambda: xlsx([HEADER, *ROWS]),
            "json": lambda: json.dumps(objects).encode(),
            "lines": lambda: "\n".join(json.dumps(item, ensure_ascii=False) for item in objects).encode(),
        }[kind]()
    outcome = kiosk(desk, "auto" if form == "auto" else {"lines": "json"}.get(kind, kind)).capture("kiosk", content)
    assert outcome.accepted == 2, desk.rows("select error_detail from facts.capture_messages")
    assert captured(desk) == expected


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1250", "Świeża żółta łąka i źródło, Łódź i Kraków, gdzie mieszkają przyjaciele"),
        ("cp1251", "Зелёный чай из горного сада, который очень любят наши постоянные покупатели"),
        ("cp1252", "Thé vert du jardin, préféré des clients fidèles de la région où il a été récolté"),
    ],
)
def test_the_code_page_of_a_language_is_told_from_its_letters(desk: Desk, encoding: str, name: str) -> None:
    content = text(";").replace("Große Tasse", name).replace("Grüner Tee, lose", name).replace("Köln", "Ort")
    content = content.replace("Düsseldorf", "Ort")
    assert kiosk(desk).capture("kiosk", content.encode(encoding)).accepted == 2
    assert desk.rows("select distinct description from facts.order_lines") == [(name,)]


def test_a_comma_between_thousands_alone_is_not_taken_for_a_decimal_comma(desk: Desk) -> None:
    content = text(";").replace(";3.5;", ";1,250;").replace(";3.25;", ";2;").replace(";1.5;", ";1;")
    kiosk(desk).capture("kiosk", content)
    assert desk.errors() == [("BAD_NUMBER", "unit_price")]


def test_what_the_yaml_says_of_the_form_goes_before_what_the_file_looks_like(desk: Desk) -> None:
    content = text(";", decimal=",").replace(";2;3,5;", ";2;3;").replace(";1,5;", ";1;").replace(";3,25;", ";3;")
    kiosk(desk, "csv", 'decimal: ","\ndelimiter: ";"\nquote: none\nencoding: cp1252\n')
    assert desk.capture("kiosk", content.replace("Große", "12 ”").encode("cp1252")).accepted == 2
    assert ("12 ” Tasse",) in desk.rows("select description from facts.order_lines")


def test_a_broken_line_of_json_lines_is_quarantined_alone(desk: Desk) -> None:
    objects = [json.dumps(dict(zip(HEADER, row, strict=True))) for row in ROWS]
    outcome = kiosk(desk).capture("kiosk", "\n".join([*objects, '{"ticket": "K-3", "ti', "7"]))
    assert (outcome.accepted, outcome.quarantined, outcome.lines_read) == (2, 2, 5)
    assert desk.errors() == [("UNREADABLE", "row")] * 2


def test_a_workbook_without_the_sheet_or_with_none_at_all_says_so(desk: Desk) -> None:
    kiosk(desk, "excel", "sheet: May\n").capture("kiosk", xlsx([HEADER, *ROWS]))
    kiosk(desk, "excel").capture("kiosk", b"PK\x03\x04 no workbook")
    details = [str(row[0]) for row in desk.rows("select error_detail from facts.capture_messages order by all")]
    assert "not readable as an Excel workbook" in details[1]
    assert "no sheet 'May', only Orders" in details[0]
