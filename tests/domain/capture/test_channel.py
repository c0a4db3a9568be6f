"""A channel is said in YAML; what is wrong with it is said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from oms_dagster.domain.capture.channel import Condition, Expression
from oms_dagster.domain.capture.channel_file import ChannelError, load_channels, parse_text
from oms_dagster.domain.capture.records import FEEDS, REFERENCE

BASE = "record: order\nformat: csv\n"


def test_every_feed_and_reference_record_is_a_channel_without_a_file() -> None:
    channels, errors = load_channels()
    assert errors == {}
    assert {record.name for record in (*FEEDS, *REFERENCE)} <= set(channels)
    assert {"shopify", "x12", "pos", "online-retail"} <= set(channels)
    assert channels["stock"].format == "auto"


def test_a_column_that_yaml_takes_for_a_truth_value_is_asked_for_in_quotes() -> None:
    with pytest.raises(ChannelError, match=r"channel_order_id: expected a column's name in quotes .*no, yes"):
        parse_text("shop", BASE + "fields: {channel_order_id: no}\n", "shop.yml")


def test_a_mapping_knows_columns_values_joins_products_and_formats() -> None:
    channel = parse_text(
        "shop",
        BASE
        + """
fields:
  sku_code: article
  currency: {value: EUR}
  ship_to_street: {join: [street, house], with: " "}
  amount: {product: [qty, price], negate: true}
  placed_at: {column: day, formats: ["%d/%m/%Y"]}
rows:
  - row_kind: return
    when: {kind: {in: [R, X]}, qty: {below: 0}}
    fields: {quantity: {column: qty, negate: true}}
""",
        "shop.yml",
    )
    assert channel.fields["sku_code"] == Expression("column", ("article",))
    assert channel.fields["currency"] == Expression("value", value="EUR")
    assert channel.fields["ship_to_street"] == Expression("join", ("street", "house"), separator=" ")
    assert channel.fields["amount"] == Expression("product", ("qty", "price"), negate=True)
    assert channel.fields["placed_at"].formats == ("%d/%m/%Y",)
    assert channel.rows[0].when == (Condition("kind", "in", ("R", "X")), Condition("qty", "below", ("0",)))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "shop.yml: expected a mapping with the keys record and format"),
        ("a: [", "shop.yml: line 1 isn't YAML"),
        ("format: csv\n", "shop.yml: record: expected one of order, stock"),
        (
            "record: order\nformat: xls\n",
            "shop.yml: format: expected one of csv, excel, parquet, json, json-orders, shopify, x12, ",
        ),
        (BASE + "timezone: Mars/Base\n", "shop.yml: timezone: expected an IANA time zone"),
        (BASE + "cutoff: 16:00\n", "shop.yml: cutoff: expected HH:MM in quotes, found 960"),
        (BASE + "currency: euro\n", "shop.yml: currency: expected an ISO 4217 code"),
        (BASE + "remorse_minutes: soon\n", "shop.yml: remorse_minutes: expected a whole number"),
        (BASE + "prices_include_tax: maybe\n", "shop.yml: prices_include_tax: expected true or false"),
        (BASE + "colour: red\n", "shop.yml: colour: expected one of the keys about, record"),
        (BASE + "fields: {quantety: qty}\n", "shop.yml: fields: quantety: expected one of the keys channel_order_id"),
        (
            BASE + "fields: {quantity: {colum: qty}}\n",
            "shop.yml: fields: quantity: expected a column's name, or a mapping",
        ),
        (BASE + "fields: {quantity: {column: q, formats: ['%d']}}\n", "formats: expected no formats"),
        (BASE + "fields: {placed_at: {column: q, formats: ['%Q']}}\n", "formats: expected strptime formats"),
        (BASE + "expect: {sku_pattern: '['}\n", "sku_pattern: expected a regular expression"),
        (BASE + "fields: {amount: {product: [a]}}\n", "product: expected a list of two columns"),
        (
            BASE + "rows: [{row_kind: gift, when: {a: {equals: 1}}}]\n",
            "shop.yml: rows: 1: row_kind: expected one of line, shipping",
        ),
        (BASE + "rows: [{row_kind: return, when: {}}]\n", "shop.yml: rows: 1: when: expected at least one condition"),
        (BASE + "rows: [{row_kind: return, when: {a: {matches: '['}}}]\n", "matches: expected a regular expression"),
        (BASE + "rows: [{row_kind: return, when: {a: {below: x}}}]\n", "below: expected a number"),
        ("record: stock\nformat: csv\nrows: [{row_kind: return, when: {a: {equals: 1}}}]\n", "rows: expected no rows"),
        (BASE + "expect: {currencies: [NO, yes]}\n", "shop.yml: expect: currencies: expected a list of texts"),
    ],
)
def test_a_mistake_is_named_with_file_key_and_what_is_expected(text: str, says: str) -> None:
    with pytest.raises(ChannelError) as error:
        parse_text("shop", text, "shop.yml")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_the_users_file_is_laid_over_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "pos.yml").write_text(
        "timezone: Europe/Berlin\nfields: {sku_code: article}\nexpect: {maximum_quantity: 5}\n"
    )
    (tmp_path / "market.yml").write_text(BASE)
    channels, errors = load_channels(tmp_path)
    assert errors == {}
    pos = channels["pos"]
    assert (pos.timezone, pos.cutoff, pos.expect.maximum_quantity) == ("Europe/Berlin", "16:00", 5)
    assert (pos.fields["sku_code"].columns, pos.fields["quantity"].columns) == (("article",), ("qty",))
    assert channels["market"].record == "order"


def test_a_file_that_cannot_be_used_stops_its_own_channel_only(tmp_path: Path) -> None:
    (tmp_path / "pos.yml").write_text("timezone: nowhere\n")
    channels, errors = load_channels(tmp_path)
    assert "pos" not in channels
    assert "shopify" in channels
    assert errors["pos"].startswith(f"{tmp_path / 'pos.yml'}: timezone:")
