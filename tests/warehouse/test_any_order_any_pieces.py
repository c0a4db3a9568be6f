"""Invariant 11: every file fed twice, in pieces, in any order, gives the same orders, lines, stock and payments.

Messages carry a version of their own here, as Shopify's do, or never change, as those of the till; a key that comes with
two contents and no version is a conflict, and which of the two came first is then the world's own doing.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from gate_desk import Desk, csv_text, pos_csv, pos_row, shopify_json, shopify_order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_dagster.cycle import Cycle
from oms_dagster.domain.capture import shopify
from oms_dagster.domain.capture.messages import Message
from oms_dagster.warehouse import gate, ledger

DAY = datetime(2025, 6, 2, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sent:
    """One message: the channel that it comes by, and its content (a JSON order, or the rows of a table)."""

    channel: str
    content: object


def as_file(pieces: Sequence[Sent]) -> str:
    """One file of some messages of one channel."""
    contents = [piece.content for piece in pieces]
    if pieces[0].channel == "shopify":
        return shopify_json(*contents)
    rows = [row for content in contents for row in content]  # type: ignore[attr-defined]
    return pos_csv(*rows) if pieces[0].channel == "pos" else csv_text(rows)


def files_of(messages: Sequence[Sent], dice: random.Random) -> Iterator[Sequence[Sent]]:
    """The messages cut into files of one channel each, of one to four messages."""
    left = list(messages)
    while left:
        first = left.pop(0)
        piece = [first]
        for other in [m for m in left if m.channel == first.channel][: dice.randrange(4)]:
            if other not in piece:  # all rows of a key in one table are one message: it would be twice as long
                left.remove(other)
                piece.append(other)
        yield piece


def feed(desk: Desk, folder: Path, files: Sequence[Sequence[Sent]], a_cycle: int) -> None:
    """Capture and book the files, so many a cycle."""
    for start in range(0, len(files), a_cycle):
        now = Cycle(start // a_cycle + 1, DAY + timedelta(hours=start), 1)
        chosen = sorted(files[start : start + a_cycle], key=lambda file: gate.precedence(file[0].channel))
        for number, file in enumerate(chosen):
            path = folder / f"{start}-{number}"
            path.write_text(as_file(file))
            outcome = gate.capture_file(
                desk.connection, desk.channels, path, file_name=path.name, channel=file[0].channel,
                modified_ns=start + number, cycle_seq=now.cycle_seq, as_of=now.as_of,
            )  # fmt: skip
            assert outcome.quarantined == outcome.conflict == 0, desk.errors()
        ledger.apply_captured(desk.connection, now)


def state(desk: Desk) -> Mapping[str, object]:
    """Orders as their newest version says, their lines, what is left of each, payments and stock."""
    newest = f"""
        with versions as (
            select *, row_number() over (partition by order_id order by {gate.orders.VERSION_ORDER.replace(" nulls first", " desc nulls last")}) as n
            from facts.orders where coalesce(message_kind, 'order') = 'order'
        ), newest as (select * from versions where n = 1)
    """
    lines = [str(row[0]) for row in desk.rows("select distinct order_line_id from facts.order_lines order by 1")]
    book = ledger.open_book(desk.connection, lines, 0)
    alive: dict[str, int] = {}
    for (line, bucket, _), units in book.balances.items():
        alive[line] = alive.get(line, 0) + (0 if bucket == "cancelled" else int(units))
    return {
        "orders": desk.rows(
            f"{newest} select order_id, order_version, customer_id, currency, order_total from newest order by 1"
        ),
        "lines": desk.rows(
            f"{newest} select l.order_line_id, l.sku_code, l.quantity, l.unit_price, l.line_total"
            " from facts.order_lines as l join newest using (message_id) order by 1"
        ),
        "left": {line: units for line, units in sorted(alive.items()) if units},
        "payments": desk.rows("select payment_id, channel_order_id, event, amount from facts.payments order by 1"),
        "stock": desk.rows("select movement_id, kind, quantity from facts.stock_movements order by 1"),
    }


def versions(number: int, plan: Sequence[tuple[int, int, bool]]) -> Iterator[Sent]:
    """Versions of a Shopify order: units of two lines each, and whether it is cancelled by then."""
    for hour, (first, second, cancelled) in enumerate(plan, 8):
        at = f"2025-06-02T{hour:02}:00:00Z"
        items = [
            {"id": item, "sku": f"SKU-{item}", "title": "Tea", "quantity": units, "price": "5.00"}
            for item, units in ((1, first), (2, second))
            if units
        ]
        total = f"{5 * (first + second)}.00"
        yield Sent(
            "shopify",
            shopify_order(number, updated_at=at, cancelled_at=at if cancelled else None, line_items=items,
                          shipping_lines=[], total_price=total, total_tax="0.00"),
        )  # fmt: skip


def others(count: int) -> Iterator[Sent]:
    """Orders of the till, payments and stock movements."""
    for number in range(count):
        yield Sent("pos", [pos_row(order_no=number, line_no=line, qty=line + 1) for line in (1, 2)])
        payment = {"payment_id": f"P{number}", "channel": "shopify", "channel_order_id": str(number), "event": "captured",
                   "amount": "10.00", "currency": "EUR", "event_at": "2025-06-02T09:00:00Z"}  # fmt: skip
        yield Sent("payments", [payment])
        movement = {"movement_id": f"M{number}", "kind": "receipt", "sku_code": "SKU-1", "location_code": "DC",
                    "quantity": "5", "event_at": "2025-06-02T07:00:00Z"}  # fmt: skip
        yield Sent("stock", [movement])


PLAN = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3), st.booleans()), min_size=1, max_size=4)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    plans=st.lists(PLAN, min_size=1, max_size=3),
    count=st.integers(0, 2),
    seed=st.integers(0, 2**32),
    a_cycle=st.integers(1, 6),
)
def test_twice_in_pieces_and_in_any_order_gives_the_same_facts(
    desk: Desk, tmp_path: Path, plans: list[list[tuple[int, int, bool]]], count: int, seed: int, a_cycle: int
) -> None:
    dice = random.Random(seed)
    messages = [message for number, plan in enumerate(plans, 1) for message in versions(number, plan)] + list(
        others(count)
    )
    feed(desk.empty(tmp_path), tmp_path, [[message] for message in messages], 1)
    expected = state(desk)
    again = messages * 2
    dice.shuffle(again)
    feed(desk.empty(tmp_path), tmp_path, list(files_of(again, dice)), a_cycle)
    found = state(desk)
    desk.connection.execute("drop table if exists temp._touched")
    assert found == expected


@pytest.mark.parametrize("seed", range(3))
def test_the_sample_orders_of_shopify_too(desk: Desk, tmp_path: Path, shared: Path, seed: int) -> None:
    known: dict[tuple[object, object], Sent] = {}
    for file in sorted((shared / "data" / "channels" / "shopify").rglob("*.json")):
        for order in _orders(file):
            known.setdefault((order.get("id"), order.get("updated_at")), Sent("shopify", order))
    messages = list(known.values())
    assert messages
    feed(desk.empty(tmp_path), tmp_path, [messages], 1)
    expected, dice = state(desk), random.Random(seed)
    again = messages * 2
    dice.shuffle(again)
    feed(desk.empty(tmp_path), tmp_path, list(files_of(again, dice)), 5)
    found = state(desk)
    desk.connection.execute("drop table if exists temp._touched")
    assert found == expected


def _orders(file: Path) -> Iterator[dict[str, object]]:
    """Orders of a sample file that the parser reads."""
    try:
        document = json.loads(file.read_bytes())
    except ValueError:
        return
    inner = document.get("orders", document.get("order", document)) if isinstance(document, dict) else document
    for order in inner if isinstance(inner, list) else [inner]:
        read = list(shopify.parse_shopify(json.dumps(order).encode()))
        if isinstance(order, dict) and len(read) == 1 and isinstance(read[0], Message):
            yield order
