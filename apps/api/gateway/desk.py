"""Commands over HTTP: sent with a token, and asked after.

Belongs here: whose token it is, and answers as HTTP has them. Does not belong here: routes (`web`), what a command may
say and who may send it (`oms_dagster.operations`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field

from oms_dagster.operations.access import AccessError, User
from oms_dagster.operations.commands import CommandError, CommandRequest, NotAllowed, append
from oms_dagster.operations.log import find_command
from oms_dagster.operations.store import Store, StoreError, open_store
from oms_dagster.operations.tokens import Token, holder_of
from oms_dagster.settings import Home
from oms_dagster.warehouse.commands import stakes
from oms_dagster.warehouse.connect import reader

_Short = Annotated[str, Field(max_length=200)]


class Command(BaseModel):
    """A command; docs/commands.md lists types, targets and fields."""

    model_config = ConfigDict(extra="forbid")

    type: _Short
    target: _Short
    reason: Annotated[str, Field(max_length=1000)]
    payload: dict[str, Any] = Field(default_factory=dict)
    seen_cycle_id: _Short | None = None
    seen_hash: _Short | None = None
    idempotency_key: _Short | None = None


class Sent(BaseModel):
    """A command in the log."""

    command_id: str
    sequence: int
    state: str
    already_issued: bool


class Fate(BaseModel):
    """What became of a command; the reason is empty while it is pending."""

    command_id: str
    type: str
    target: str
    state: str
    reason: str
    cycle_id: str


@contextmanager
def _operations(home: Home, authorization: str | None) -> Iterator[tuple[Store, User, Token]]:
    """The operations store, with the holder of the token that came."""
    scheme, _, text = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise HTTPException(401, "no token came: send `Authorization: Bearer TOKEN`", {"WWW-Authenticate": "Bearer"})
    try:
        store = open_store(home.operations_url)
    except StoreError as error:
        raise HTTPException(503, str(error)) from None
    try:
        user, token = holder_of(store, text.strip())
        yield store, user, token
    except AccessError as error:
        raise HTTPException(401, str(error), {"WWW-Authenticate": "Bearer"}) from None
    except StoreError as error:
        raise HTTPException(503, str(error)) from None
    finally:
        store.close()


def send(home: Home, authorization: str | None, said: Command) -> Sent:
    """Append it as the token's user.

    Raises
    ------
    HTTPException
        400, 401, 403 or 503, with one line.
    """
    with _operations(home, authorization) as (store, user, token):
        try:
            request = CommandRequest(**said.model_dump(), actor=user.user_id, token_id=token.token_id)
            with stakes.of_copy(home.current) as known:
                result = append(store, request, known)
        except NotAllowed as error:
            raise HTTPException(403, str(error)) from None
        except CommandError as error:
            raise HTTPException(400, str(error)) from None
    command = result.command
    state = "awaiting" if command.needs_approval else "pending"
    return Sent(
        command_id=command.command_id, sequence=command.sequence, state=state, already_issued=result.already_issued
    )


def fate(home: Home, authorization: str | None, command_id: str) -> Fate:
    """What became of a command.

    Raises
    ------
    HTTPException
        401, 404 or 503, with one line.
    """
    with _operations(home, authorization) as (store, _, _):
        with store.reading() as connection:
            command = find_command(connection, command_id)
        if command is None:
            raise HTTPException(404, "no command of that id was sent")
        decided = _decided(home, command_id)
    state, reason, cycle_id = decided or ("awaiting" if command.needs_approval else "pending", "", "")
    return Fate(
        command_id=command_id, type=command.type, target=command.target, state=state, reason=reason, cycle_id=cycle_id
    )


def _decided(home: Home, command_id: str) -> tuple[str, str, str] | None:
    if not home.current.exists():
        return None
    with reader(home.current) as connection:
        found = connection.execute(
            "select outcome, outcome_reason, cycle_id from marts.commands where command_id = ?", [command_id]
        ).fetchall()
    return (str(found[0][0]), str(found[0][1]), str(found[0][2])) if found else None
