"""Each message of a file ends as exactly one of accepted, duplicate, conflict, quarantined."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from gate_desk import AS_OF, Desk, csv_text, pos_csv, pos_row, purchase_order, shopify_json, shopify_order, x12
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_dagster.warehouse import gate


def test_a_good_file_of_two_orders_is_accepted_and_becomes_facts(desk: Desk) -> None:
    outcome = desk.capture("pos", pos_csv(pos_row(), pos_row(line_no=2, sku="CUP-1"), pos_row(order_no=2)))
    assert (outcome.messages, outcome.accepted, outcome.lines_read, outcome.lines_accepted) == (2, 2, 3, 3)
    assert desk.rows("select order_id, items_total from facts.orders order by 1") == [
        ("pos-S1-1", pytest.approx(14)),
        ("pos-S1-2", pytest.approx(7)),
    ]
    assert [row[0] for row in desk.rows("select order_line_id from facts.order_lines order by 1")] == [
        "pos-S1-1-1",
        "pos-S1-1-2",
        "pos-S1-2-1",
    ]


def test_a_naive_time_is_in_the_channels_zone_and_a_window_ends_with_its_day(desk: Desk) -> None:
    desk.capture("pos", pos_csv(pos_row()))
    found = desk.rows("select placed_at, requested_from, requested_to from facts.orders")[0]
    assert found == (
        datetime(2025, 6, 2, 8, 30, tzinfo=UTC),
        datetime(2025, 6, 4, 23, tzinfo=UTC),
        datetime(2025, 6, 5, 22, 59, 59, tzinfo=UTC),
    )


def test_the_same_order_again_is_a_duplicate_and_with_other_content_a_conflict(desk: Desk) -> None:
    desk.capture("pos", pos_csv(pos_row()))
    assert desk.capture("pos", pos_csv(pos_row(), pos_row(order_no=2))).duplicate == 1
    assert desk.capture("pos", pos_csv(pos_row(qty=3))).conflict == 1
    assert desk.rows("select count(*), sum(quantity) from facts.order_lines") == [(2, 4)]


def test_content_is_compared_by_value_not_by_spelling(desk: Desk) -> None:
    desk.capture("pos", pos_csv(pos_row(unit_price="3.50")))
    assert desk.capture("pos", pos_csv(pos_row(unit_price="3.5", placed_at="2025-06-02T09:30:00"))).duplicate == 1


def test_within_a_file_the_first_of_equal_orders_is_accepted(desk: Desk) -> None:
    outcome = desk.capture("shopify", shopify_json(shopify_order(), shopify_order(), shopify_order(note="other")))
    assert (outcome.accepted, outcome.duplicate, outcome.conflict) == (1, 1, 1)


def test_the_very_same_file_is_captured_once(desk: Desk) -> None:
    """Regression: a cycle that dies between commit and removal from the inbox would count the file twice."""
    desk.capture("pos", pos_csv(pos_row()), name="a.csv", modified_ns=5)
    again = desk.capture("pos", pos_csv(pos_row()), name="a.csv", modified_ns=5)
    assert again.already_captured
    assert desk.rows("select count(*) from facts.capture_files") == [(1,)]


def test_the_same_bytes_under_another_name_have_messages_of_their_own(desk: Desk) -> None:
    """Regression: equal ids for both readings would break the capture log's key."""
    desk.capture("pos", pos_csv(pos_row()), name="a.csv")
    desk.capture("pos", pos_csv(pos_row()), name="b.csv")
    assert desk.rows("select count(*), count(distinct message_id) from facts.capture_messages") == [(2, 2)]


def test_one_bad_row_quarantines_its_order_and_nothing_else(desk: Desk) -> None:
    outcome = desk.capture("pos", pos_csv(pos_row(), pos_row(line_no=2, qty="two"), pos_row(order_no=2)))
    assert (outcome.accepted, outcome.quarantined, outcome.lines_quarantined) == (1, 1, 2)
    detail = desk.rows(
        "select error_code, error_field, error_detail from facts.capture_messages where error_code is not null"
    )
    assert detail == [
        (
            "BAD_NUMBER",
            "quantity",
            "row 2, qty: found 'two'; expected a number such as 12 or 12.5, without thousands separators;"
            " mend it and send the record again",
        ),
    ]


def test_a_quarantined_order_is_accepted_once_it_is_mended(desk: Desk) -> None:
    desk.capture("pos", pos_csv(pos_row(qty="-1")))
    assert desk.capture("pos", pos_csv(pos_row(qty="1"))).accepted == 1


def test_an_unknown_sku_and_an_unknown_customer_are_accepted(desk: Desk) -> None:
    assert desk.capture("pos", pos_csv(pos_row(sku="NOBODY-KNOWS", customer_no="ghost"))).accepted == 1
    assert desk.rows("select customer_id from facts.orders") == [("pos:ghost",)]


def test_a_known_customer_is_named_by_its_own_code(desk: Desk) -> None:
    desk.capture("customers", "customer_code,name\nC1,Ann\n")
    desk.capture("pos", pos_csv(pos_row()))
    desk.capture("shopify", shopify_json(shopify_order(customer=None)))
    assert desk.rows("select customer_id from facts.orders order by 1") == [("C1",), ("shopify:ann@example.com",)]


def test_reference_data_that_changes_is_a_new_version(desk: Desk) -> None:
    assert desk.capture("suppliers", "supplier_code,name\nS1,One\nS2,Two\n").accepted == 2
    outcome = desk.capture("suppliers", "supplier_code,name\nS1,One\nS2,Due\n")
    assert (outcome.accepted, outcome.duplicate) == (1, 1)
    assert desk.capture("suppliers", "supplier_code,name\nS2,Two\n").accepted == 1
    versions = desk.rows("select key, version, attributes ->> 'name' from facts.reference_versions order by 1, 2")
    assert versions == [("S1", 1, "One"), ("S2", 1, "Two"), ("S2", 2, "Due"), ("S2", 3, "Two")]


def test_a_version_is_valid_from_the_date_that_the_file_names(desk: Desk) -> None:
    desk.capture("prices", "price_list,sku_code,unit_price,currency,valid_from\nA,TEA-1,1.25,EUR,2025-01-01\n")
    assert desk.rows("select key, valid_from, attributes ->> 'unit_price' from facts.reference_versions") == [
        ("A|TEA-1|2025-01-01", datetime(2025, 1, 1, tzinfo=UTC), "1.250000"),
    ]


def test_a_feed_appends_typed_rows_in_any_flat_format(desk: Desk, tmp_path: Path) -> None:
    header = "movement_id,kind,sku_code,location_code,quantity,event_at"
    desk.capture("stock", f"{header}\nM1,receipt,TEA-1,DC,5,2025-06-01T08:00:00Z\n")
    desk.capture(
        "stock",
        '[{"movement_id":"M2","kind":"ship","sku_code":"TEA-1","location_code":"DC","quantity":-2.5,"event_at":"2025-06-01T09:00:00Z"}]',
    )
    parquet = tmp_path / "stock.parquet"
    desk.connection.execute(
        "copy (select 'M3' as movement_id, 'count' as kind, 'TEA-1' as sku_code, 'DC' as location_code, 3 as quantity,"
        f" timestamptz '2025-06-01 10:00:00+00' as event_at) to '{parquet}'"
    )
    desk.capture("stock", parquet.read_bytes())
    found = desk.rows("select movement_id, quantity, hour(event_at), source from facts.stock order by 1")
    assert found == [("M1", 5, 8, "stock"), ("M2", pytest.approx(-2.5), 9, "stock"), ("M3", 3, 10, "stock")]


def test_a_feeds_record_is_known_whatever_channel_brings_it(desk: Desk) -> None:
    header = "payment_id,channel,channel_order_id,event,amount,currency,event_at"
    text = f"{header}\nP1,pos,1,captured,5,GBP,2025-06-01T08:00:00Z\n"
    desk.channels = {**desk.channels, "psp": desk.channels["payments"]}
    assert desk.capture("payments", text).accepted == 1
    assert desk.capture("psp", text.replace(",5,", ",6,")).conflict == 1


def test_a_check_tells_each_rows_outcome_and_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "check.csv"
    path.write_text(pos_csv(pos_row(), pos_row(order_no=2, qty="x"), pos_row(order_no=2, line_no=2)))
    found = gate.check_file(desk.connection, desk.channels, path, file_name="check.csv", channel="pos", as_of=AS_OF)
    assert [(row.position, row.outcome, row.error_code) for row in found.rows] == [
        (1, "accepted", None),
        (2, "quarantined", "BAD_NUMBER"),
        (3, "quarantined", "BAD_NUMBER"),
    ]
    assert desk.rows("select count(*) from facts.capture_messages") == [(0,)]
    assert desk.rows("select count(*) from duckdb_tables() where temporary") == [(0,)]


def _mixed(orders: int) -> list[dict[str, str]]:
    rows = []
    for order in range(orders):
        rows += [
            pos_row(order_no=order, line_no=line, qty=order + line + 1, discount="0.10", order_total="")
            for line in range(1 + order % 3)
        ]
    return rows


def test_feeding_twice_shuffled_or_in_pieces_gives_the_same_facts(desk: Desk, tmp_path: Path) -> None:
    rows = _mixed(12)
    expected = desk
    expected.capture("pos", pos_csv(*rows))
    for seed in range(2):
        again = Desk(tmp_path)
        dice = random.Random(seed)
        orders = sorted({row["order_no"] for row in rows})
        dice.shuffle(orders)
        pieces = [orders[:5], orders[5:], orders[3:8]]
        for piece in pieces:
            part = [row for row in rows if row["order_no"] in piece]
            dice.shuffle(part)
            again.capture("pos", pos_csv(*part))
        assert again.facts() == expected.facts()


def test_versions_of_an_order_add_what_they_ask_for_beyond_the_version_before(desk: Desk) -> None:
    def version(quantity: int, hour: int) -> str:
        line = {"id": 11, "sku": "TEA-1", "title": "Tea", "quantity": quantity, "price": "7.50"}
        moment = (datetime(2025, 6, 1, tzinfo=UTC) + timedelta(hours=hour)).isoformat()
        return shopify_json(shopify_order(line_items=[line], updated_at=moment, total_price=None, total_tax=None))

    for quantity, hour in ((5, 1), (8, 2), (3, 3), (4, 4)):
        desk.capture("shopify", version(quantity, hour))
    assert [
        int(row[0]) for row in desk.rows("select quantity_added from facts.order_lines order by order_version")
    ] == [5, 3, 0, 1]


def test_an_older_version_that_arrives_late_adds_nothing(desk: Desk) -> None:
    def order(quantity: int, hour: str) -> dict[str, object]:
        line = {"id": 11, "sku": "TEA-1", "title": "Tea", "quantity": quantity, "price": "7.50"}
        return shopify_order(
            line_items=[line], updated_at=f"2025-06-01T{hour}:00:00Z", total_price=None, total_tax=None
        )

    desk.capture("shopify", shopify_json(order(3, "12")))
    outcome = desk.capture("shopify", shopify_json(order(9, "11"), order(4, "13")))
    assert outcome.accepted == 2
    found = desk.rows("select order_version, quantity_added from facts.order_lines order by 1")
    assert [(row[0][11:13], int(row[1])) for row in found] == [("11", 0), ("12", 3), ("13", 1)]


def test_a_cancellation_is_a_version_without_lines(desk: Desk) -> None:
    desk.capture("shopify", shopify_json(shopify_order()))
    desk.capture(
        "shopify", shopify_json(shopify_order(cancelled_at="2025-06-01T12:00:00Z", updated_at="2025-06-01T12:00:00Z"))
    )
    assert desk.rows("select message_kind, order_total from facts.orders order by order_version") == [
        ("order", 24),
        ("cancel", 24),
    ]
    assert desk.rows("select count(*) from facts.order_lines") == [(1,)]


def test_an_x12_order_and_its_cancellation_are_told_apart(desk: Desk) -> None:
    desk.capture("x12", x12(purchase_order("PO1"), purchase_order("PO2")))
    outcome = desk.capture("x12", x12(purchase_order("PO1", purpose="01"), purchase_order("PO2")))
    assert (outcome.accepted, outcome.duplicate) == (1, 1)
    assert desk.rows("select channel_order_id, message_kind from facts.orders order by 1, 2") == [
        ("PO1", "cancel"),
        ("PO1", "order"),
        ("PO2", "order"),
    ]


_CELL = st.sampled_from(["1", "2", "0", "-1", "x", "", "1,5", "99999999"])
_ROW = st.fixed_dictionaries(
    {
        "order_no": st.sampled_from(["1", "2", "3", ""]),
        "qty": _CELL,
        "unit_price": _CELL,
        "line_no": st.sampled_from(["1", "2", ""]),
    },
    optional={
        "placed_at": st.sampled_from(["0202-01-01", "never", ""]),
        "currency": st.sampled_from(["", "GBX1"]),
        "country": st.just("Nowhere"),
        "discount": _CELL,
    },
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(_ROW, min_size=1, max_size=6), min_size=1, max_size=3), ragged=st.booleans())
def test_rows_and_messages_are_conserved_whatever_the_file_says(
    tmp_path: Path, batches: list[list[dict[str, str]]], ragged: bool
) -> None:
    desk = Desk(tmp_path)
    for batch in batches:
        text = pos_csv(*(pos_row(**row) for row in batch)) + ("7,S1\n" if ragged else "")
        outcome = desk.capture("pos", text)
        assert outcome.lines_read == len(batch) + ragged
        assert outcome.lines_read == sum(
            (outcome.lines_accepted, outcome.lines_quarantined, outcome.lines_duplicate, outcome.lines_conflict)
        )
        assert outcome.messages == outcome.accepted + outcome.quarantined + outcome.duplicate + outcome.conflict >= 1
    assert desk.rows("select count(*) - count(distinct message_id) from facts.capture_messages") == [(0,)]
    assert desk.rows(
        "select count(*) from facts.orders where order_total"
        " <> items_total - discount_total + shipping_total + charge_total + tax_total + rounding_total"
    ) == [(0,)]


def test_columns_that_nobody_uses_are_noted(desk: Desk) -> None:
    outcome = desk.capture("suppliers", csv_text([{"supplier_code": "S1", "name": "One", "fax": "1"}]))
    assert outcome.accepted == 1
    assert outcome.notes == ("column 'fax' isn't used",)
