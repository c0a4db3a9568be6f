"""What every command's effect is given, and how it says no.

Belongs here: the command, the room it is judged in, and the questions that several effects ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.domain.capture.channel import Channel
from oms_dagster.domain.fulfilment.book import Book, Cause
from oms_dagster.warehouse.write import append


@dataclass(frozen=True, slots=True)
class Issued:
    """A command as the operations store keeps it, and what its author may now.

    Attributes
    ----------
    needs_approval
        It waits for a second person: only `command.approve` lets it go.
    hash
        Its hash in the log of commands.
    refused
        Why its author may not send it (any more), in one line; empty: may.
    limit
        The most that it may put at stake, in the reporting currency; None: any amount.
    """

    command_id: str
    sequence: int
    type: str
    target: str
    payload: Mapping[str, Any]
    actor: str
    reason: str
    issued_at: datetime
    seen_cycle_id: str | None
    seen_hash: str | None = None
    needs_approval: bool = False
    hash: str | None = None
    refused: str = ""
    limit: Decimal | None = None


class Rejected(Exception):
    """Why a command can't be accepted now: one line."""


#: What is decided about a waiting command: its id, the command that decides.
Decide = Callable[[str, Issued], str]


@dataclass(frozen=True, slots=True)
class Archive:
    """Where captured bytes are kept, and the home's own channel files."""

    folder: Path
    channels: Path | Mapping[str, Channel]


@dataclass(slots=True)
class Room:
    """What a command's effect may use; without an archive no message can be read again.

    ``approve`` lets a waiting command go and ``reject`` ends it: each takes the id of the waiting one and the decision
    about it, and returns what came of it.
    """

    connection: duckdb.DuckDBPyConnection
    now: Cycle
    book: Book
    archive: Archive | None = None
    approve: Decide | None = None
    reject: Decide | None = None

    def stamp(self) -> dict[str, Any]:
        return {"cycle_seq": self.now.cycle_seq, "recorded_at": self.now.as_of}

    def keep(self, table: str, record: Mapping[str, Any]) -> None:
        append(self.connection, table, [{**record, **self.stamp()}])


Effect = Callable[[Room, Issued], str]


def exists(room: Room, sql: str, *parameters: Any) -> bool:
    return bool(room.connection.execute(sql, list(parameters)).fetchall())


def need_order_or_line(room: Room, command: Issued) -> None:
    if not room.book.sku_of:
        raise Rejected(f"{command.target} is no order and no line that we know")


def cause(command: Issued, room: Room, reason_code: str | None = None) -> Cause:
    return Cause(command.command_id, room.now.as_of, command.actor, reason_code)


def note_for_plan(kind: str, known: str) -> Effect:
    """An accepted command that the plan reads: only its target is checked."""

    def effect(room: Room, command: Issued) -> str:
        if not exists(room, known, command.target):
            raise Rejected(f"{command.target} is no {kind} that we know")
        return "noted: the next plan keeps to it"

    return effect
