"""The same row twice in one flat file: a copy where lines have numbers, more of the same where they have none."""

from __future__ import annotations

from gate_desk import Desk, pos_csv, pos_row

LINES = "select line_number, quantity::integer from facts.order_lines order by line_number"


def test_a_numbered_line_said_twice_word_for_word_is_counted_once_and_told(full_desk: Desk) -> None:
    """Regression: an export that was appended to itself doubled each order's quantities."""
    other = pos_row(line_no=2, sku="CUP-4")
    outcome = full_desk.capture("pos", pos_csv(pos_row(), other, pos_row(), other, pos_row(order_no=2)))
    assert (outcome.accepted, outcome.lines_read, outcome.lines_accepted) == (2, 5, 5)
    assert full_desk.rows(LINES) == [("1", 2), ("1", 2), ("2", 2)]
    warned = full_desk.rows("select message_key, warnings from facts.capture_messages where warnings is not null")
    assert warned == [(
        "S1-1|",
        'ROW_REPEATED: row 3, line_number: says line "1" again, word for word as row 1; counted once; '
        'row 4, line_number: says line "2" again, word for word as row 2; counted once',
    )]  # fmt: skip
    assert "ROW_REPEATED: 2 row(s) accepted with a warning, each numbered line said once expected" in outcome.notes


def test_without_the_copy_it_is_the_same_order(desk: Desk) -> None:
    desk.capture("pos", pos_csv(pos_row(), pos_row()))
    assert desk.capture("pos", pos_csv(pos_row())).duplicate == 1


def test_two_contents_under_one_line_number_are_quarantined(full_desk: Desk) -> None:
    outcome = full_desk.capture("pos", pos_csv(pos_row(), pos_row(qty="3"), pos_row(order_no=2)))
    assert (outcome.accepted, outcome.quarantined) == (1, 1)
    assert full_desk.errors() == [("LINE_NUMBER_REPEATED", "line_number")]


def test_rows_without_line_numbers_add_up(full_desk: Desk) -> None:
    full_desk.capture("pos", pos_csv(pos_row(line_no=""), pos_row(line_no="")))
    assert full_desk.rows(LINES) == [("1", 2), ("2", 2)]


def test_a_warning_beside_a_repeated_row_is_one_message_in_the_log(full_desk: Desk) -> None:
    """Regression: two kinds of warning on one message would list it twice, and messages in would not be messages out."""
    row = pos_row() | {"customer_phone": "ask Ann"}
    header = list(row)
    text = "\n".join(",".join(line) for line in (header, row.values(), row.values())) + "\n"
    outcome = full_desk.capture("pos", text)
    assert outcome.messages == 1
    (warnings,) = full_desk.rows("select warnings from facts.capture_messages")[0]
    assert [line.partition(":")[0] for line in str(warnings).splitlines()] == ["PHONE_IMPOSSIBLE", "ROW_REPEATED"]
