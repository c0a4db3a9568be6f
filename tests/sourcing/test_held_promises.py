"""What is held is promised once, when it is let go; what was promised before keeps its promise, as it was, until then."""

from __future__ import annotations

from planning import Planning


def hold(planning: Planning, order_id: str) -> None:
    """Somebody holds the order by hand."""
    planning.put(
        "hold_events", hold_id=f"MANUAL_USER:{order_id}", event="placed", hold_type="MANUAL_USER", family="manual", scope="order",
        subject_id=order_id, order_id=order_id, actor="carol", reason="ask her", event_at=planning.as_of,
    )  # fmt: skip


def said(planning: Planning, line: str) -> list[tuple[str, str]]:
    """All that was ever said of a line's promise: event and reason."""
    rows = planning.rows("select * from facts.promise_events order by cycle_seq")
    return [(row["event"], row["reason"]) for row in rows if row["order_line_id"] == line]


def test_a_held_line_is_planned_keeps_its_stock_and_is_promised_when_it_is_let_go(planning: Planning) -> None:
    planning.stock("TEA", 2, location="LON")
    planning.order("o", "C1", [("TEA", 2, 10)])
    hold(planning, "o")
    planning.cycle(hours=24)
    planning.order("late", "C1", [("TEA", 2, 10)], priority=1)
    for _ in range(3):
        planning.cycle(hours=24)
    assert said(planning, "o-1") == [("held", "promised when it is let go: MANUAL_USER")]
    assert planning.promised()["o-1"][:2] == ("LON", 2.0), "what is held keeps its stock"
    planning.release("MANUAL_USER:o")
    today = planning.as_of.date()
    planning.cycle(hours=1)
    assert said(planning, "o-1")[1:] == [("first", "first promise, held until now: MANUAL_USER")]
    (first,) = [row for row in planning.rows("select * from facts.promise_events") if row["event"] == "first" and row["order_line_id"] == "o-1"]  # fmt: skip
    assert first["ship_date"] >= today
    planning.cycle(hours=1)
    assert len(said(planning, "o-1")) == 2


def test_a_promise_that_is_held_afterwards_does_not_slip_day_by_day(planning: Planning) -> None:
    """Regression: each day of the hold moved the promise by a day, though nothing had happened."""
    planning.stock("TEA", 2, location="LON")
    planning.order("o", "C1", [("TEA", 2, 10)])
    planning.cycle(hours=1)
    day = planning.as_of.date()
    hold(planning, "o")
    for _ in range(4):
        planning.cycle(hours=24)
    assert said(planning, "o-1") == [("first", "first promise")]
    planning.release("MANUAL_USER:o")
    planning.cycle(hours=1)
    assert said(planning, "o-1")[1:] == [("changed", f"held until now, since {day}: MANUAL_USER")]


def test_a_held_promise_moves_when_its_customer_changes_the_order(planning: Planning) -> None:
    planning.stock("TEA", 9, location="LON")
    planning.order("o", "C1", [("TEA", 2, 10)])
    planning.cycle(hours=1)
    hold(planning, "o")
    planning.cycle(hours=1)
    planning.order("o", "C1", [("TEA", 5, 10)], version=2)
    planning.cycle(hours=1)
    assert said(planning, "o-1")[1:] == [("changed", "the order was changed")]
