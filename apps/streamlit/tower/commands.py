"""Commands: the only thing that the tower writes. Sent once, pending until a cycle has published their outcome.

Belongs here: opening the operations store for a page, appending, what is pending and what became of the last ones.
Does not belong here: forms (`forms`), who may what (`access`), whether a command fits the state (the cycle decides).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from oms_dagster.operations.commands import CommandRequest, append, list_commands
from oms_dagster.operations.store import StoreError, open_store
from oms_dagster.settings import Home
from oms_dagster.warehouse.commands import load_content
from oms_dagster.warehouse.connect import reader
from tower import access
from tower.data.copy import Copy, ask

PENDING_COLUMNS = ("issued_at", "type", "target", "actor", "reason", "seen_cycle_id", "command_id")


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


def send(
    home: Home,
    copy: Copy,
    user: access.User,
    type_: str,
    target: str,
    reason: str,
    payload: Mapping[str, Any] | None = None,
    *,
    key: str,
    seen_hash: str | None = None,
) -> str:
    """Append one command and say what happens next.

    Parameters
    ----------
    key
        Idempotency key: pressing twice sends once.
    seen_hash
        Hash of the content seen, for loads.

    Raises
    ------
    CommandError, StoreError
        One line; nothing was appended.
    """
    store = open_store(home.operations_url)
    try:
        result = append(
            store,
            CommandRequest(
                type=type_,
                target=target,
                reason=reason,
                payload={name: value for name, value in (payload or {}).items() if value not in (None, "")},
                actor=user.user_id,
                seen_cycle_id=copy.cycle_id,
                seen_hash=seen_hash,
                idempotency_key=key,
            ),
        )
    finally:
        store.close()
    return f"{result.command.type} on {target} sent: the next cycle decides."


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
