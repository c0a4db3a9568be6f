"""A cancellation may come before the order, a version before an older one: they end as if they had come in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from gate_desk import Desk, shopify_json, shopify_order

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse import gate, ledger

DAY = datetime(2025, 6, 2, 12, tzinfo=UTC)


def version(hour: int, quantity: int = 2, cancelled: bool = False) -> dict[str, object]:
    """A version of one order, by the hour of its change."""
    at = f"2025-06-02T{hour:02}:00:00Z"
    item = {"id": 11, "sku": "TEA-1", "title": "Tea", "quantity": quantity, "price": "5.00"}
    return shopify_order(
        1, updated_at=at, cancelled_at=at if cancelled else None, line_items=[item], shipping_lines=[],
        total_price=f"{5 * quantity}.00", total_tax="0.00",
    )  # fmt: skip


ORDERED, RAISED, CANCELLED, AGAIN = version(8), version(9, 3), version(10, 3, cancelled=True), version(11, 4)


class Room:
    """A desk whose cycles also book what they captured."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder, self.cycle = desk, folder, 0

    def cycle_of(self, *orders: object) -> dict[str, int]:
        self.cycle += 1
        now = Cycle(self.cycle, DAY + timedelta(days=self.cycle), 1)
        for number, order in enumerate(orders):
            path = self.folder / f"{self.cycle}-{number}"
            path.write_text(shopify_json(order))
            gate.capture_file(
                self.desk.connection, self.desk.channels, path, file_name=path.name, channel="shopify", modified_ns=1,
                cycle_seq=now.cycle_seq, as_of=now.as_of,
            )  # fmt: skip
        return ledger.apply_captured(self.desk.connection, now)

    def buckets(self) -> dict[str, int]:
        """Units of the line by bucket."""
        book = ledger.open_book(self.desk.connection, ["shopify-1-11"], 0)
        found: dict[str, int] = {}
        for (_, bucket, _), quantity in book.balances.items():
            found[bucket] = found.get(bucket, 0) + int(quantity)
        return {bucket: units for bucket, units in found.items() if units}


@pytest.fixture
def room(desk: Desk, tmp_path: Path) -> Iterator[Room]:
    yield Room(desk, tmp_path)
    desk.connection.execute("drop table if exists temp._touched")


def test_a_cancellation_waits_for_its_order_and_is_applied_when_that_comes(room: Room) -> None:
    """Regression: applied in its own cycle, to no line, it was lost, and the order went to the floor."""
    room.cycle_of(CANCELLED)
    assert room.buckets() == {}
    room.cycle_of()
    room.cycle_of(ORDERED)
    assert room.buckets() == {"cancelled": 2}
    assert room.desk.rows("select reason_code, event_at from facts.line_events") == [
        ("CUSTOMER", DAY + timedelta(days=3))
    ]


def test_an_older_version_that_comes_after_order_and_cancellation_stays_cancelled(room: Room) -> None:
    for message in (ORDERED, CANCELLED, RAISED):
        room.cycle_of(message)
    assert room.buckets() == {"cancelled": 3}


def test_a_cancellation_older_than_what_the_customer_asked_anew_is_void(room: Room) -> None:
    room.cycle_of(AGAIN)
    room.cycle_of(CANCELLED)
    assert room.buckets() == {"open": 4}


def test_asked_anew_in_the_same_cycle_as_the_cancellation(room: Room) -> None:
    room.cycle_of(ORDERED, CANCELLED, AGAIN)
    assert room.buckets()["open"] == 4


def test_the_same_message_twice_books_nothing_more(room: Room) -> None:
    for message in (CANCELLED, ORDERED):
        room.cycle_of(message)
    before = room.desk.rows("select * from facts.line_events")
    for message in (CANCELLED, ORDERED):
        assert room.cycle_of(message)["line_events"] == 0
    assert room.desk.rows("select * from facts.line_events") == before


@pytest.mark.parametrize("order", list(permutations((ORDERED, RAISED, CANCELLED)))[1::2], ids=lambda o: "")
def test_whatever_comes_first_nothing_of_a_cancelled_order_is_left(
    room: Room, order: tuple[dict[str, object], ...]
) -> None:
    for message in order:
        room.cycle_of(message)
    assert set(room.buckets()) == {"cancelled"}


@pytest.mark.parametrize("order", list(permutations((ORDERED, CANCELLED, AGAIN)))[1::2], ids=lambda o: "")
def test_whatever_comes_first_what_was_asked_last_is_open(room: Room, order: tuple[dict[str, object], ...]) -> None:
    for message in order:
        room.cycle_of(message)
    assert room.buckets()["open"] == 4, json.dumps([o["updated_at"] for o in order])
