"""The log of commands: append one, list them.

Belongs here: the checks that a command can be judged by on its own (its form, its author, its key) and the two
operations on the log. Does not belong here: whether it fits the state of the warehouse; a cycle decides that, records
the outcome there and never writes here. A command without a published outcome is pending.
"""

from __future__ import annotations

import difflib
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from .access import find_user, may, roles_with
from .catalogue import COMMAND_TYPES, PayloadError, parse_payload, stored_payload
from .fields import clean_text, plausible_instant
from .models import commands
from .store import LOCAL_USER, Store

#: How many commands are fetched by one statement.
BATCH = 500


class CommandError(ValueError):
    """A command that is refused: one line with what, where and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRequest:
    """A command as its author gives it.

    Attributes
    ----------
    type, target, payload
        What to do, to what (an id), and the fields of the type: see `oms_dagster.operations.catalogue`.
    reason, actor
        Why, and the id of the user who sends it.
    seen_cycle_id, seen_hash
        The published cycle that the author looked at, and the hash of the content seen.
    idempotency_key
        Sent again with the same content, a command is not appended again. Without it each call is a new command.
    issued_at
        When it was sent, aware; now, without it.
    """

    type: str
    target: str
    reason: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    actor: str = LOCAL_USER
    seen_cycle_id: str | None = None
    seen_hash: str | None = None
    idempotency_key: str | None = None
    issued_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A command in the log. ``issued_at`` is in UTC; ``sequence`` counts from 1 without a gap, in order of commit."""

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


@dataclass(frozen=True, slots=True)
class AppendResult:
    """The command in the log, and whether an earlier call had put it there."""

    command: Command
    already_issued: bool


def append(store: Store, request: CommandRequest) -> AppendResult:
    """Check a command and append it, once.

    Parameters
    ----------
    store
        An open store.
    request
        What its author gave.

    Returns
    -------
    AppendResult
        The new command; or the first one of the same idempotency key, if that says the same.

    Raises
    ------
    CommandError
        An unknown type, an empty target or reason, a payload that the type does not allow, an author who is not known,
        switched off or may not do this, or an idempotency key that was used for something else.
    StoreError
        The database did not answer; nothing was appended.
    """
    command, capability = _checked(request)
    with store.writing() as connection:
        _refuse_author(connection, command, capability)
        first = connection.execute(
            sa.select(commands).where(commands.c.idempotency_key == command.idempotency_key)
        ).one_or_none()
        if first is not None:
            return AppendResult(_same_as(Command(**first._mapping), command), already_issued=True)
        newest: int | None = connection.execute(sa.select(sa.func.max(commands.c.sequence))).scalar_one()
        appended = replace(command, sequence=(newest or 0) + 1)
        connection.execute(sa.insert(commands).values(**_columns(appended)))
    return AppendResult(appended, already_issued=False)


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


def _checked(request: CommandRequest) -> tuple[Command, str]:
    """The command in its final form, not yet numbered, and the capability that it needs."""
    if request.type not in COMMAND_TYPES:
        near = difflib.get_close_matches(str(request.type), COMMAND_TYPES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(COMMAND_TYPES)}"
        raise CommandError(f"command {str(request.type)[:60]!r}: no such type: {hint}")
    where = f"{request.type} on {str(request.target)[:60]!r}"
    try:
        payload = parse_payload(request.type, request.payload)
    except PayloadError as error:
        raise CommandError(f"{where}: {error}") from None
    command_id = str(uuid.uuid4())
    command = Command(
        command_id=command_id,
        sequence=0,
        type=request.type,
        target=_text(where, "target", request.target),
        payload=stored_payload(payload),
        actor=_text(where, "actor", request.actor),
        reason=_text(where, "reason", request.reason, limit=1000, multiline=True),
        issued_at=_instant(where, request.issued_at),
        seen_cycle_id=_optional(where, "seen_cycle_id", request.seen_cycle_id),
        seen_hash=_optional(where, "seen_hash", request.seen_hash),
        idempotency_key=_optional(where, "idempotency_key", request.idempotency_key) or command_id,
    )
    return command, payload.capability(COMMAND_TYPES[request.type].capability)


def _refuse_author(connection: sa.Connection, command: Command, capability: str) -> None:
    """Refuse a command whose author is not known, switched off, or may not do this."""
    user = find_user(connection, command.actor)
    where = f"{command.type} on {command.target!r}"
    if user is None:
        raise CommandError(f"{where}: user {command.actor!r} is not known: ask an administrator to add it")
    if not user.active:
        raise CommandError(f"{where}: user {command.actor!r} is switched off: ask an administrator")
    if not may(user.role, capability):
        raise CommandError(
            f"{where}: user {command.actor!r} (role {user.role}) may not {capability}:"
            f" ask someone in the role {' or '.join(roles_with(capability))}"
        )


def _same_as(first: Command, again: Command) -> Command:
    """The first command of a key, if the second says the same; who, what, why and what was seen all count."""
    said = ("type", "target", "payload", "actor", "reason", "seen_cycle_id", "seen_hash")
    other = [name for name in said if getattr(first, name) != getattr(again, name)]
    if other:
        raise CommandError(
            f"{again.type} on {again.target!r}: idempotency key {again.idempotency_key!r} was used for another command"
            f" (no. {first.sequence}, {first.type} on {first.target!r}; {', '.join(other)} differ): use a new key"
        )
    return first


def _columns(command: Command) -> dict[str, Any]:
    return {column.name: getattr(command, column.name) for column in commands.columns}


def _text(where: str, name: str, value: object, limit: int = 200, multiline: bool = False) -> str:
    if not isinstance(value, str):
        raise CommandError(f"{where}: {name}: {str(value)[:60]!r} is no text: give text")
    try:
        return clean_text(value, limit, multiline)
    except ValueError as error:
        raise CommandError(f"{where}: {name} {error}") from None


def _optional(where: str, name: str, value: object) -> str | None:
    return None if value is None else _text(where, name, value)


def _instant(where: str, value: datetime | None) -> datetime:
    if value is None:
        return datetime.now(UTC)
    try:
        return plausible_instant(value)
    except ValueError as error:
        raise CommandError(f"{where}: issued_at {value.isoformat()} {error}") from None
