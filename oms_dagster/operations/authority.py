"""Whether the author of a command may send it, and up to which amount alone.

Belongs here: the one judgement that holds when a command is appended and again when a cycle applies it. Does not belong
here: who has which role (``access.py``), what is at stake (the warehouse says it).

Four eyes: what goes above the limit of its author waits for somebody else who holds the same capability with a limit
that covers it. A token never may more than its user, nor more than the role that it was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from .access import User, find_user, may, role_limit, roles_with
from .catalogue import COMMAND_TYPES, PayloadError, parse_payload
from .log import Command, find_command
from .models import tokens
from .store import Store

#: Commands about a command that waits for a second person.
DECISIONS = ("command.approve", "command.reject")


@dataclass(frozen=True, slots=True)
class Authority:
    """What one author may with one command: why not (empty: may), and the most it may put at stake alone (None: any)."""

    refused: str = ""
    limit: Decimal | None = None

    def covers(self, stake: Decimal | None) -> bool:
        """Whether an amount is within the limit; an amount that nobody knows is above any."""
        return self.limit is None or (stake is not None and stake <= self.limit)


def capability_of(command_type: str, payload: Mapping[str, Any]) -> str:
    """The capability that a command needs, given its payload; a payload that no longer reads needs its type's."""
    base = COMMAND_TYPES[command_type].capability
    try:
        return parse_payload(command_type, payload).capability(base)
    except PayloadError:
        return base


class Judge:
    """Judges authors of commands as users and tokens stand now, in a transaction that is open; remembers what it found."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[str, str | None, str], Authority] = {}

    def __call__(self, command: Command) -> Authority:
        """What its author may; the type is one of the catalogue's."""
        judged = self._of_author(command, capability_of(command.type, command.payload))
        if judged.refused or command.type not in DECISIONS:
            return judged
        target = find_command(self._connection, command.target)
        if target is None or target.type not in COMMAND_TYPES:
            return Authority(f"{command.target} is no command that was sent")
        if not target.needs_approval:
            return Authority(f"{target.type} on {target.target!r} needs no second person")
        if target.actor == command.actor:
            return Authority(f"user {command.actor!r} sent it: somebody else must decide (four eyes)")
        return self._of_author(command, capability_of(target.type, target.payload))

    def _of_author(self, command: Command, capability: str) -> Authority:
        key = (command.actor, command.token_id, capability)
        if key not in self._known:
            self._known[key] = _of_author(self._connection, command, capability)
        return self._known[key]


def authorities(store: Store, listed: Iterable[Command]) -> dict[str, Authority]:
    """The judgement of many commands in one look at the store, by command id; types that are not known are left out."""
    with store.reading() as connection:
        judge = Judge(connection)
        return {command.command_id: judge(command) for command in listed if command.type in COMMAND_TYPES}


def above(judged: Authority, stake: Decimal | None, user_id: str) -> str:
    """That an amount is above somebody's limit, in words."""
    found = "an unknown amount is" if stake is None else f"{stake:,.2f} are"
    return f"{found} at stake, more than the {judged.limit:,.2f} that user {user_id!r} may alone"


def _of_author(connection: sa.Connection, command: Command, capability: str) -> Authority:
    user = find_user(connection, command.actor)
    if user is None:
        return Authority(f"user {command.actor!r} is not known: ask an administrator to add it")
    if not user.active:
        return Authority(f"user {command.actor!r} is switched off: ask an administrator")
    if not may(user.role, capability):
        return Authority(
            f"user {command.actor!r} (role {user.role}) may not {capability}:"
            f" ask someone in the role {' or '.join(roles_with(capability))}"
        )
    if command.token_id is None:
        return Authority(limit=user.limit(capability))
    return _of_token(connection, user, command.token_id, capability)


def _of_token(connection: sa.Connection, user: User, token_id: str, capability: str) -> Authority:
    token = connection.execute(sa.select(tokens).where(tokens.c.token_id == token_id)).one_or_none()
    if token is None or token.user_id != user.user_id:
        return Authority(f"token {token_id!r} is none of user {user.user_id!r}: make one with `oms token new`")
    if token.revoked_at is not None:
        return Authority(f"token {token_id!r} is revoked: make another with `oms token new`")
    if not may(token.role, capability):
        return Authority(f"token {token_id!r} (role {token.role}) may not {capability}: make one of another role")
    limits = [limit for limit in (user.limit(capability), role_limit(token.role, capability)) if limit is not None]
    return Authority(limit=min(limits, default=None))
