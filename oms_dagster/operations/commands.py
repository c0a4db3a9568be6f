"""Sending commands: checked, and appended to the log, one or many at once.

Belongs here: the checks that a command can be judged by on its own (its form, its author and his limit, its key). Does not belong here: whether it fits the state of the warehouse; a cycle decides that, records
the outcome there and never writes here. A command without a published outcome is pending.
"""

from __future__ import annotations

import difflib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from . import log
from .authority import DECISIONS, Authority, Judge, above
from .catalogue import COMMAND_TYPES, PayloadError, parse_payload, stored_payload
from .fields import clean_text, plausible_instant
from .log import Command, find_command, list_commands
from .store import LOCAL_USER, Store

__all__ = [
    "AppendResult",
    "Command",
    "CommandError",
    "CommandRequest",
    "NotAllowed",
    "Stakes",
    "append",
    "append_all",
    "list_commands",
]

#: What is at stake in a command (type, target, payload), in the reporting currency, from the ledger and never from its
#: author; None: not known.
Stakes = Callable[[str, str, Mapping[str, Any]], Decimal | None]


class CommandError(ValueError):
    """A command that is refused: one line with what, where and what to do."""


class NotAllowed(CommandError):
    """A command that its author may not send."""


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
    token_id
        The token that it came with: its role bounds the author's.
    undoes
        Id of the command that this one takes back.
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
    token_id: str | None = None
    undoes: str | None = None


@dataclass(frozen=True, slots=True)
class AppendResult:
    """The command in the log, and whether an earlier call had put it there."""

    command: Command
    already_issued: bool


def append(store: Store, request: CommandRequest, stakes: Stakes | None = None) -> AppendResult:
    """Check a command and append it, once.

    Parameters
    ----------
    store
        An open store.
    request
        What its author gave.
    stakes
        Says what is at stake; asked only where a limit applies. Without it, or where it knows no amount, the command
        counts as above the limit.

    Returns
    -------
    AppendResult
        The new command; or the first one of the same idempotency key, if that says the same. One above the limit of
        its author is in the log, but waits for a second person (`Command.needs_approval`).

    Raises
    ------
    CommandError
        An unknown type, an empty target or reason, a payload that the type does not allow, an author who is not known,
        switched off or may not do this, or an idempotency key that was used for something else.
    StoreError
        The database did not answer; nothing was appended.
    """
    return append_all(store, [request], stakes)[0]


def append_all(
    store: Store, requests: Sequence[CommandRequest], stakes: Stakes | None = None, *, bulk_id: str | None = None
) -> list[AppendResult]:
    """Append many commands in one transaction: all of them, or none where one is refused. Each gets an outcome of its own.

    Parameters
    ----------
    bulk_id
        Marks them as sent together; without it, those of more than one command get a new one.

    Raises
    ------
    CommandError, StoreError
        As for `append`; nothing was appended.
    """
    checked = [_checked(request) for request in requests]
    bulk = bulk_id or (str(uuid.uuid4()) if len(checked) > 1 else None)
    amounts = _amounts(store, checked, stakes)  # asked before the writers' lock is taken
    with store.writing() as connection:
        first = log.of_keys(connection, [command.idempotency_key for command in checked])
        new: dict[str, Command] = {}
        judge = Judge(connection)
        for command in checked:
            before = first.get(command.idempotency_key) or new.get(command.idempotency_key)
            if before is not None:
                _same_as(before, command)
                continue
            limited = _within(judge(command), command, amounts.get(command.command_id))
            new[command.idempotency_key] = replace(limited, bulk_id=bulk)
        appended = {command.idempotency_key: command for command in log.insert(connection, new.values())}
    seen: set[str] = set()
    results = []
    for command in checked:
        key = command.idempotency_key
        results.append(AppendResult(first.get(key) or appended[key], already_issued=key in first or key in seen))
        seen.add(key)
    return results


def _amounts(store: Store, checked: Sequence[Command], stakes: Stakes | None) -> dict[str, Decimal]:
    """What is at stake in the commands to which a limit applies, by command id; those of unknown amount are left out."""
    asked: list[tuple[str, Command]] = []
    with store.reading() as connection:
        judge = Judge(connection)
        for command in checked:
            judged = judge(command)
            if judged.limit is not None and not judged.refused:
                decided = find_command(connection, command.target) if command.type in DECISIONS else None
                asked.append((command.command_id, decided or command))
    amounts: dict[str, Decimal] = {}
    for command_id, subject in asked:
        found = None if stakes is None else stakes(subject.type, subject.target, subject.payload)
        if found is None and subject.stake is not None:
            found = Decimal(subject.stake)
        if found is not None:
            amounts[command_id] = found
    return amounts


def _within(judged: Authority, command: Command, stake: Decimal | None) -> Command:
    """The command as its author's limit lets it: at once, or only after a second person."""
    where = f"{command.type} on {command.target!r}"
    if judged.refused:
        raise NotAllowed(f"{where}: {judged.refused}")
    if judged.limit is None:
        return command
    amount = None if stake is None else str(stake)
    if command.type in DECISIONS:
        if command.type == "command.approve" and not judged.covers(stake):
            raise NotAllowed(f"{where}: {above(judged, stake, command.actor)}: ask somebody with a higher limit")
        return replace(command, stake=amount)
    return replace(command, stake=amount, needs_approval=not judged.covers(stake))


def _checked(request: CommandRequest) -> Command:
    """The command in its final form, not yet numbered."""
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
    return Command(
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
        token_id=_optional(where, "token_id", request.token_id),
        undoes=_optional(where, "undoes", request.undoes),
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
