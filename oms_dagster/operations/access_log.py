"""The log of access: users made and changed, sign-ins and refusals, tokens. Append-only, each row chained to the last.

Belongs here: its rows, noting one, listing them. Does not belong here: what is allowed (``access.py``, ``accounts.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from oms_dagster.chain import START, Link, link_hash

from .models import access_events
from .store import Store

#: Who acts when nobody has signed in: the operator of the machine, at its command line.
MACHINE = "(machine)"
#: The subject of a sign-in under a name that is nobody's: what was typed may be a password in the wrong field.
NOBODY = "(unknown)"


@dataclass(frozen=True, slots=True)
class AccessEvent:
    """One row: what happened to whom, by whom, from which address. ``event_at`` is in UTC."""

    sequence: int
    event: str
    subject: str
    actor: str
    address: str
    detail: str
    event_at: datetime
    hash: str


def content_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the hash of a row is made of: all but the hash."""
    return {name: row[name] for name in AccessEvent.__slots__ if name != "hash"}


def note(
    connection: sa.Connection, event: str, subject: str, *, actor: str, address: str = "", detail: str = ""
) -> None:
    """Append a row, in a writing transaction that is open."""
    last = connection.execute(
        sa.select(access_events.c.sequence, access_events.c.hash).order_by(access_events.c.sequence.desc()).limit(1)
    ).one_or_none()
    row: dict[str, Any] = {
        "sequence": 1 if last is None else last.sequence + 1,
        "event": event,
        "subject": subject,
        "actor": actor,
        "address": address[:200],
        "detail": detail[:1000],
        "event_at": datetime.now(UTC),
    }
    digest = link_hash(START if last is None else last.hash, row)
    connection.execute(sa.insert(access_events).values(**row, hash=digest))


def list_events(store: Store, limit: int | None = None) -> list[AccessEvent]:
    """The rows in their order; with a limit the newest so many, newest first."""
    asked = sa.select(access_events)
    asked = (
        asked.order_by(access_events.c.sequence)
        if limit is None
        else asked.order_by(access_events.c.sequence.desc()).limit(limit)
    )
    with store.reading() as connection:
        return [AccessEvent(**row._mapping) for row in connection.execute(asked)]


def links(store: Store) -> list[Link]:
    """The log as it is verified."""
    with store.reading() as connection:
        found = connection.execute(sa.select(access_events).order_by(access_events.c.sequence))
        return [Link(row.sequence, content_of(dict(row._mapping)), row.hash) for row in found]
