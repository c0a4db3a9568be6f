"""What cycles add up bit by bit is what all facts say, whatever is told early, late, or in the middle of a cycle that dies."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from desk import START
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stockroom import Stockroom

movement = st.tuples(
    st.sampled_from("AB"), st.sampled_from(["LON", "MAN"]), st.sampled_from([None, "OLD", "NEW"]),
    st.sampled_from([None, "usable", "quarantine", "on_hold"]), st.integers(-5, 9), st.integers(-30, 30),
)  # fmt: skip
cycle = st.fixed_dictionaries(
    {
        "hours": st.integers(0, 12),
        "captured": st.lists(movement, max_size=4),
        "dispatched": st.lists(movement, max_size=2),
        "reserved": st.sets(st.sampled_from(["LON", "MAN"])),
        "died_and_opened_again": st.none() | st.integers(0, 12),
        "lost": st.booleans(),
        "seen_from": st.integers(-40, 40),
    }
)


def move(room: Stockroom, told: tuple[Any, ...], name: str = "") -> None:
    sku, location, lot, status, quantity, hours = told
    room.put("stock_movements", movement_id=f"{name}{room.number()}", kind="receipt", sku_id=sku, location_id=location, lot_id=lot,
             stock_status=status, quantity=quantity, event_at=room.as_of + timedelta(hours=hours),
             reference=ANSWERED if quantity > 6 else None)  # fmt: skip


#: The snapshot that some movements say they answer.
ANSWERED = f"w0:A@LON:{START - timedelta(hours=20):%Y%m%dT%H%M%S}"


def snapshots(room: Stockroom) -> None:
    """What warehouse systems have on hand: of all, of a lot, of each status, before and after most movements."""
    said = [
        (None, None, -20),
        (None, None, 9),
        ("OLD", None, 0),
        (None, "usable", 3),
        (None, "on_hold", 0),
        (None, "quarantine", 20),
        ("NEW", "usable", 0),
    ]
    for number, (lot, status, hours) in enumerate(said):
        room.put("stock_snapshot", message_id=room.number(), system=f"w{number}", sku_code="A", location_code="LON", lot_id=lot,
                 stock_status=status, quantity=1, event_at=room.as_of + timedelta(hours=hours))  # fmt: skip


def lots(room: Stockroom) -> None:
    room.reference("lots", "A|OLD", sku_code="A", lot_code="OLD", expiry=room.as_of.date())
    room.reference("lots", "B|NEW", sku_code="B", lot_code="NEW", status="blocked")


#: On hand and what of it may go out, from nothing but facts. A lot may go on its expiry day; before `first` nobody knew the lots.
COUNTED = """
    select sku_id, location_id, sum(quantity)::decimal(18,3) as on_hand,
           sum(case when coalesce(stock_status, 'usable') = 'usable'
                     and not (sku_id = 'A' and coalesce(lot_id, '') = 'OLD' and $expired) and not (sku_id = 'B' and coalesce(lot_id, '') = 'NEW' and $known)
                    then quantity else 0 end)::decimal(18,3) as usable
    from facts.stock_movements where event_at <= $at and not (cycle_seq = $now and movement_id like 'dispatch-%' and $by_plan)
    group by all having on_hand <> 0 or usable <> 0 order by all
"""

#: What each snapshot is compared with, read from all movements.
COMPARED = """
    select s.system, coalesce(sum(m.quantity) filter (where m.event_at <= s.event_at), 0)::decimal(18,3) as expected,
           coalesce(sum(m.quantity) filter (where m.event_at > s.event_at and starts_with(m.reference, s.system || ':')), 0)::decimal(18,3) as adjusted
    from facts.stock_snapshot as s left join facts.stock_movements as m
        on s.sku_code = m.sku_id and s.location_code = m.location_id and (s.lot_id is null or s.lot_id = m.lot_id)
        and coalesce(s.stock_status, m.stock_status, 'usable') = coalesce(m.stock_status, 'usable') and m.event_at <= '{0}'
    where s.event_at <= '{0}' group by all order by all
"""


def check(room: Stockroom, first: datetime) -> None:
    def facts(by_plan: bool) -> list[tuple[Any, ...]]:
        said = {
            "expired": room.as_of.date() > first.date(),
            "known": room.as_of >= first,
            "at": room.as_of,
            "now": room.cycle_seq,
            "by_plan": by_plan,
        }
        return room.connection.execute(COUNTED, said).fetchall()

    def seen(sql: str) -> list[tuple[Any, ...]]:
        return room.connection.execute(sql).fetchall()

    assert seen(COMPARED.format(room.as_of)) == seen(
        "select system, expected, adjusted from marts.stock_snapshots order by all"
    )
    assert facts(by_plan=True) == seen(
        "select sku_id, location_id, on_hand, (on_hand - unusable)::decimal(18,3) as usable from intermediate.int_inventory__positions"
        " where on_hand <> 0 or usable <> 0 order by all"
    )
    assert facts(by_plan=False) == seen(
        "select sku_id, location_id, sum(on_hand)::decimal(18,3) as on_hand, sum(usable)::decimal(18,3) as usable from intermediate.int_stock__current"
        " group by all having sum(on_hand) <> 0 or sum(usable) <> 0 order by all"
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(cycle, min_size=1, max_size=5))
def test_incremental_is_a_full_rebuild(stockroom: Stockroom, cycles: list[dict[str, Any]]) -> None:
    """Movements of the past and of the future, told before the fold, after it, or by the commit; cycles that die and are opened
    again, even at an earlier time; balances that are lost; and the same facts seen from another day, as a replay does."""
    room = stockroom
    room.connection.execute("begin")
    first = room.as_of
    lots(room)
    snapshots(room)
    room.forget()
    try:
        for told in cycles:
            opened_at = room.as_of
            room.as_of += timedelta(hours=told["hours"])
            for one in told["captured"]:
                move(room, one)
            if told["lost"]:
                room.open()
                room.forget()
            room.run()
            check(room, first)
            if told["died_and_opened_again"] is not None:
                room.as_of = opened_at + timedelta(hours=told["died_and_opened_again"])
                move(room, ("A", "LON", None, "usable", 2, 0))
                room.run()
                check(room, first)
            assert room.balances() == room.balances_anew()
            for one in told["dispatched"]:
                move(room, (*one[:5], 0), "dispatch-")
            check(room, first)
            back = room.as_of
            room.as_of += timedelta(hours=told["seen_from"])
            room.open()
            check(room, first)
            room.as_of = back
            room.cycle_seq += 1
    finally:
        room.connection.execute("rollback")
        room.cycle_seq, room.as_of = 1, first


def on_hand(room: Stockroom) -> int:
    sql = "select coalesce(sum(on_hand), 0) from intermediate.int_inventory__positions"
    return int(room.connection.execute(sql).fetchall()[0][0])


@pytest.mark.parametrize(("hours", "seen"), [(-48, [5, 5]), (5, [0, 5])])
def test_a_movement_counts_from_its_own_time_on_whenever_it_is_told(
    stockroom: Stockroom, hours: int, seen: list[int]
) -> None:
    move(stockroom, ("A", "LON", None, "usable", 5, hours))
    found = []
    for _ in seen:
        stockroom.run()
        found.append(on_hand(stockroom))
        stockroom.cycle_seq += 1
        stockroom.as_of += timedelta(hours=6)
    assert found == seen


def test_what_the_commit_ships_is_off_the_next_plan_once(stockroom: Stockroom) -> None:
    move(stockroom, ("A", "LON", None, "usable", 9, 0))
    stockroom.run()
    move(stockroom, ("A", "LON", None, "usable", -4, 0), "dispatch-")
    assert on_hand(stockroom) == 9, "the plan of this cycle was made before"
    for _ in range(3):
        stockroom.cycle_seq += 1
        stockroom.run()
        assert on_hand(stockroom) == 5


def test_a_position_that_only_had_a_reservation_goes_with_it(stockroom: Stockroom) -> None:
    """Regression: positions that were themselves kept from cycle to cycle stayed as rows of nothing."""
    stockroom.open()
    stockroom.run()
    stockroom.supply("PO", "A", 5, days=2)
    stockroom.cycle_seq += 1
    stockroom.run()
    assert stockroom.rows("from intermediate.int_inventory__positions")
    stockroom.cycle_seq += 1
    stockroom.supply("PO", "A", 0, days=2, status="cancelled")
    stockroom.run()
    assert stockroom.rows("from intermediate.int_inventory__positions") == []
