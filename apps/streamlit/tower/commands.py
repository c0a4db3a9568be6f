"""Commands: the only thing that the tower writes. Sent once, pending until a cycle has published their outcome.

Belongs here: opening the operations store for a page, appending, what is pending and what became of the last ones.
Does not belong here: forms (`forms`), who may what (`access`), whether a command fits the state (the cycle decides).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from oms_dagster.operations.commands import CommandRequest, append_all, list_commands
from oms_dagster.operations.store import StoreError, open_store
from oms_dagster.settings import Home
from oms_dagster.warehouse.commands import load_content, stakes
from oms_dagster.warehouse.connect import reader
from tower import access, words
from tower.data.copy import Copy, ask

PENDING_COLUMNS = (
    "issued_at", "type", "target", "actor", "reason", "seen_cycle_id", "command_id", "needs_approval", "stake", "sequence", "payload",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """What a page knows of commands.

    Attributes
    ----------
    user
        Who sends; None when the store does not answer.
    problem
        One line when commands can't be sent now; else empty.
    pending
        Commands without a published outcome, newest first.
    """

    user: access.User | None
    problem: str
    pending: pd.DataFrame

    def waiting(self, *types: str) -> dict[str, str]:
        """Target -> type of the newest pending command of the given types."""
        wanted = self.pending[self.pending["type"].isin(types)].iloc[::-1]
        return dict(zip(wanted["target"], wanted["type"], strict=True))


def desk(home: Home, copy: Copy) -> Desk:
    """User and pending commands. A store that does not answer is a line on the page, never an error."""
    nothing = pd.DataFrame(columns=list(PENDING_COLUMNS))
    try:
        store = open_store(home.operations_url)
    except StoreError as error:
        return Desk(None, str(error), nothing)
    try:
        user = access.me(store)
        known = frozenset(ask(copy, "select command_id from marts.commands")["command_id"])
        waiting = list_commands(store, exclude=known)
    except (StoreError, access.AccessError) as error:
        return Desk(None, str(error), nothing)
    finally:
        store.close()
    if not waiting:
        return Desk(user, "", nothing)
    frame = pd.DataFrame([{name: getattr(command, name) for name in PENDING_COLUMNS} for command in reversed(waiting)])
    frame["issued_at"] = pd.to_datetime(frame["issued_at"], utc=True).dt.tz_convert(copy.timezone)
    return Desk(user, "", frame)


@dataclass(frozen=True, slots=True)
class Order:
    """One command to be sent: type, target, payload, and what it takes back or was judged by.

    Attributes
    ----------
    seen_hash
        Hash of the content seen, for loads.
    undoes
        Id of the command that it takes back.
    """

    type: str
    target: str
    payload: Mapping[str, Any] | None = None
    seen_hash: str | None = None
    undoes: str | None = None


def send(home: Home, copy: Copy, user: access.User, orders: Sequence[Order], reason: str, *, key: str) -> str:
    """Append commands in one transaction, all or none, and say what happens next.

    Parameters
    ----------
    key
        Names one press of a button: pressing twice sends once.

    Raises
    ------
    CommandError, StoreError
        One line; nothing was appended.
    """
    requests = [
        CommandRequest(
            type=order.type,
            target=order.target,
            reason=reason,
            payload={name: value for name, value in (order.payload or {}).items() if value not in (None, "")},
            actor=user.user_id,
            seen_cycle_id=copy.cycle_id,
            seen_hash=order.seen_hash,
            idempotency_key=f"tower-{key}-{order.type}-{order.target}",
            undoes=order.undoes,
        )
        for order in orders
    ]
    store = open_store(home.operations_url)
    try:
        with stakes.of_copy(Path(copy.path)) as known:
            results = append_all(store, requests, known)
    finally:
        store.close()
    waiting = [result.command for result in results if result.command.needs_approval]
    if not waiting:
        said = f"{orders[0].type} on {orders[0].target}" if len(orders) == 1 else words.count(len(orders), "command")
        return f"{said} sent: the next cycle decides."
    going = len(results) - len(waiting)
    why = " and ".join(sorted({f"{words.money(c.stake, copy.currency)} at stake" for c in waiting})[:3])
    said = f"{words.count(len(waiting), 'command')} above your limit ({why}): somebody else must approve on the Audit page."
    return said if not going else f"{words.count(going, 'command')} sent; {said}"


def seen_hash(copy: Copy, load_id: str) -> str | None:
    """Hash of what a planned load carries in the copy shown; None: not a load of the plan."""
    with reader(Path(copy.path)) as connection:
        content = load_content(connection, load_id)
    return None if content is None else hashlib.sha256(content.encode()).hexdigest()


def outcomes(copy: Copy, limit: int = 50) -> pd.DataFrame:
    """The last commands that a cycle looked at, newest first."""
    return ask(
        copy,
        "select recorded_at, type, target, actor, reason, outcome, outcome_reason, cycle_id from marts.commands"
        " order by recorded_at desc, sequence desc limit $limit",
        limit=limit,
    )
