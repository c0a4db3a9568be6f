"""What a batch of commands is judged by, looked up once for all of them: lines, balances, and what happened meanwhile.

Belongs here: the lines behind each target with their balances, and who changed a target since its author looked.
Does not belong here: what a command does (`orders`, `floor`, …).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.domain.fulfilment.book import Book
from oms_dagster.warehouse import ledger
from oms_dagster.warehouse.commands.room import Issued

#: Commands that speak of the same thing of a target: the one who saw it before the other changed it must look again.
TOPICS: Mapping[str, str] = {
    "order.amend": "quantity", "order.cancel": "quantity", "order.priority": "priority", "address.correct": "address",
    "line.pin": "source", "line.unpin": "source", "line.exclude": "source", "substitution.accept": "quantity", "shipment.move": "load",
    "load.approve": "approval", "load.withdraw": "approval", "load.lock": "lock", "load.unlock": "lock",
    "stop.lock": "stops", "stop.unlock": "stops", "stop.resequence": "stops", "vehicle.stop": "service", "vehicle.resume": "service",
    "driver.absent": "service", "driver.return": "service", "hold.release": "hold",
    "promise.set": "date", "settlement.record": "account", "settlement.sign": "account",
}  # fmt: skip
#: Commands about what an order asks for: a newer version of the order is a change.
OF_THE_ORDER = frozenset(
    {"order.amend", "order.cancel", "substitution.accept", "address.correct", "hold.release", "promise.set"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """An accepted command, as those after it must know it."""

    type: str
    actor: str
    cycle_seq: int


class Shelf:
    """The lines, balances and changes that the commands of one cycle may touch.

    Parameters
    ----------
    connection
        The writer, in a transaction.
    now
        The running cycle.
    issued
        The commands to be decided.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, now: Cycle, issued: Iterable[Issued]) -> None:
        self._connection = connection
        self._now = now
        self._targets = sorted({command.target for command in issued})
        self._changes: dict[str, list[Change]] = {}
        self.look()

    def look(self) -> None:
        """Look everything up (again): after what wrote orders itself."""
        self._connection.execute(
            "create or replace temp table _targets as select unnest($targets::varchar[]) as target",
            {"targets": self._targets},
        )
        self._lines = self._lines_of_targets()
        every = sorted({line for lines in self._lines.values() for line in lines})
        self._book = ledger.open_book(self._connection, every, self._now.cycle_seq)
        self._amended = self._amended_orders()
        self._changes = self._accepted_before()

    def _lines_of_targets(self) -> dict[str, list[str]]:
        found = self._connection.execute(
            """
            select target, list(distinct order_line_id order by order_line_id) from (
                select t.target, l.order_line_id from _targets as t inner join facts.order_lines as l on t.target = l.order_line_id
                union all
                select t.target, l.order_line_id from _targets as t inner join facts.order_lines as l on t.target = l.order_id
                union all
                select t.target, p.order_line_id from _targets as t inner join facts.pick_tasks as p on t.target = p.wave_id
                union all
                select t.target, o.order_line_id from _targets as t inner join facts.purchase_order_lines as o
                    on t.target = o.document_id and o.order_line_id is not null
                union all
                select t.target, l.order_line_id from _targets as t
                inner join facts.capture_messages as m on t.target = m.message_id
                inner join facts.order_lines as l on m.order_id = l.order_id
                union all
                select t.target, l.order_line_id from _targets as t inner join facts.loads as d on t.target = d.vehicle_id
                inner join facts.load_shipments as a on d.load_id = a.load_id
                inner join facts.shipment_lines as l on a.shipment_id = l.shipment_id
                union all
                select t.target, r.order_line_id from _targets as t inner join facts.returns as r on t.target = r.return_id
            ) group by 1
            """
        ).fetchall()
        return dict(found)

    def _amended_orders(self) -> dict[str, int]:
        """Target -> the cycle that captured the newest version of its order, where that is not its first."""
        found = self._connection.execute(
            """
            with behind as (
                select t.target, l.order_id from _targets as t inner join facts.order_lines as l on t.target = l.order_line_id
                union select t.target, o.order_id from _targets as t inner join facts.orders as o on t.target = o.order_id
                union select t.target, h.order_id from _targets as t inner join facts.hold_events as h on t.target = h.hold_id
            )
            select b.target, max(o.cycle_seq) from behind as b inner join facts.orders as o on b.order_id = o.order_id
            group by 1 having count(*) > 1
            """
        ).fetchall()
        return dict(found)

    def _accepted_before(self) -> dict[str, list[Change]]:
        found = self._connection.execute(
            "select c.target, c.type, c.actor, c.cycle_seq from facts.commands as c semi join _targets as t on c.target = t.target"
            " where c.outcome = 'accepted' order by c.sequence"
        ).fetchall()
        changes: dict[str, list[Change]] = {}
        for target, kind, actor, cycle_seq in found:
            changes.setdefault(target, []).append(Change(kind, actor, cycle_seq))
        return changes

    def book_for(self, command: Issued) -> Book:
        """The balances of the lines behind the command's target, to try its moves in."""
        return self._book.part(self._lines.get(command.target, ()))

    def keep(self, command: Issued, book: Book) -> None:
        """The command is accepted: what it moved counts for those after it."""
        self._book.take_in(book)
        change = Change(command.type, command.actor, self._now.cycle_seq)
        self._changes.setdefault(command.target, []).append(change)

    def write(self) -> None:
        """Write the moves of the commands kept so far."""
        ledger.keep(self._connection, self._book, self._now)
        for done in (self._book.moves, self._book.stock, self._book.exceptions):
            done.clear()

    def objection(self, command: Issued) -> str:
        """Why the command no longer fits what its author saw; empty: it does, or he did not say what he saw."""
        if not (command.seen_cycle_id or "").isdigit():
            return ""
        seen = int(str(command.seen_cycle_id))
        amended = self._amended.get(command.target, 0)
        if command.type in OF_THE_ORDER and amended > seen:
            return f"the order was changed in cycle {amended}, after cycle {seen} that {command.actor} saw: look again"
        topic = TOPICS.get(command.type)
        if topic is None:
            return ""
        for change in self._changes.get(command.target, ()):
            if change.cycle_seq > seen and change.actor != command.actor and TOPICS.get(change.type) == topic:
                return (
                    f"{change.type} by {change.actor} was accepted in cycle {change.cycle_seq}, after cycle {seen} that"
                    f" {command.actor} saw: look again"
                )
        return ""
