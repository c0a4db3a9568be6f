"""The log of commands: its rows, the hash that chains them, reading it.

Belongs here: what is kept of a command, and how the log is numbered, chained and read. Does not belong here: which
command may be appended (``commands.py``), what becomes of it (a cycle decides and keeps the outcome in the warehouse).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from oms_dagster.chain import START, Link, link_hash

from .models import commands
from .store import Store

#: How many commands are fetched by one statement.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Command:
    """A command in the log.

    Attributes
    ----------
    sequence
        Counts from 1 without a gap, in order of commit.
    issued_at
        In UTC.
    token_id
        The token that it came with; None: from a page or the machine's own command line.
    bulk_id
        What the commands of one press of a button share.
    undoes
        Id of the command that this one takes back.
    stake, needs_approval
        The amount at stake when it was sent (reporting currency, as text; None: no limit applied), and whether it waits
        for a second person.
    hash
        Chains it to the row before.
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
    seen_hash: str | None
    idempotency_key: str
    token_id: str | None = None
    bulk_id: str | None = None
    undoes: str | None = None
    stake: str | None = None
    needs_approval: bool = False
    hash: str | None = None


def content_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the hash of a row is made of: all but the hash, without what is empty, so that a new column changes no old hash."""
    return {name: value for name, value in row.items() if name != "hash" and value is not None and value is not False}


def _columns(command: Command) -> dict[str, Any]:
    return {column.name: getattr(command, column.name) for column in commands.columns}


def insert(connection: sa.Connection, new: Iterable[Command]) -> list[Command]:
    """Number, chain and append commands, in a writing transaction that is open."""
    last = connection.execute(
        sa.select(commands.c.sequence, commands.c.hash).order_by(commands.c.sequence.desc()).limit(1)
    ).one_or_none()
    sequence, head = (0, START) if last is None else (last.sequence, last.hash)
    appended = []
    for command in new:
        sequence += 1
        numbered = replace(command, sequence=sequence)
        head = link_hash(head, content_of(_columns(numbered)))
        appended.append(replace(numbered, hash=head))
    if appended:
        connection.execute(sa.insert(commands), [_columns(command) for command in appended])
    return appended


def of_keys(connection: sa.Connection, keys: Collection[str]) -> dict[str, Command]:
    """The commands of some idempotency keys."""
    wanted, found = sorted(keys), {}
    for start in range(0, len(wanted), BATCH):
        batch = sa.select(commands).where(commands.c.idempotency_key.in_(wanted[start : start + BATCH]))
        found.update({row.idempotency_key: Command(**row._mapping) for row in connection.execute(batch)})
    return found


def find_command(connection: sa.Connection, command_id: str) -> Command | None:
    """One command, in a transaction that is open; None where there is none."""
    row = connection.execute(sa.select(commands).where(commands.c.command_id == command_id)).one_or_none()
    return None if row is None else Command(**row._mapping)


def list_commands(
    store: Store, *, exclude: Collection[str] = (), issued_until: datetime | None = None
) -> list[Command]:
    """Commands in order of their sequence.

    Parameters
    ----------
    exclude
        Ids to leave out: with those that have an outcome, what is left is pending (an anti-join; never a high-water
        mark, since a command may be recorded later than one behind it).
    issued_until
        Only those issued at this instant (aware) or before.

    Raises
    ------
    StoreError
        The database did not answer.
    """
    known = exclude if isinstance(exclude, set | frozenset) else frozenset(exclude)
    numbered = sa.select(commands.c.sequence, commands.c.command_id).order_by(commands.c.sequence)
    if issued_until is not None:
        numbered = numbered.where(commands.c.issued_at <= issued_until)
    with store.reading() as connection:
        wanted = [sequence for sequence, command_id in connection.execute(numbered) if command_id not in known]
        listed: list[Command] = []
        for start in range(0, len(wanted), BATCH):
            batch = sa.select(commands).where(commands.c.sequence.in_(wanted[start : start + BATCH]))
            rows = connection.execute(batch.order_by(commands.c.sequence))
            listed.extend(Command(**row._mapping) for row in rows)
    return listed


def links(store: Store) -> list[Link]:
    """The log as it is verified."""
    with store.reading() as connection:
        found = connection.execute(sa.select(commands).order_by(commands.c.sequence))
        return [Link(row.sequence, content_of(dict(row._mapping)), row.hash) for row in found]
