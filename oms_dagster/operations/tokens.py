"""Tokens of the API and of scripts: each of one user, with a role that bounds it and a day on which it ends.

Belongs here: making, knowing, revoking them. Does not belong here: passwords (``accounts.py``), what a role may
(``roles.py``). A token is shown once; the store keeps its sha256.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from .access import ROLES, AccessError, User, find_user, manager_of_users
from .access_log import note
from .fields import clean_text
from .models import tokens
from .store import Store

LONGEST_DAYS = 730


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; times in UTC."""

    token_id: str
    user_id: str
    role: str
    name: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """active, revoked or expired."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if now < self.expires_at else "expired"


_KNOWN = tuple(tokens.c[name] for name in Token.__slots__)


def new_token(
    store: Store, user_id: str, name: str, *, role: str | None = None, days: int = 90, by: str | None = None
) -> tuple[Token, str]:
    """Make a token; returns what is kept of it, and the token itself, this once.

    Parameters
    ----------
    role
        It may what both this role and its user's may; without it, what the user's may.
    by
        Who asks for it; None: the operator of the machine.

    Raises
    ------
    AccessError
        No such user or role, no name, days outside 1 to `LONGEST_DAYS`, or somebody who may not do this.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise AccessError(f"token {name!r}: {days} days will not do: give 1 to {LONGEST_DAYS}")
    try:
        called = clean_text(name, 100)
    except ValueError as error:
        raise AccessError(f"token of {user_id}: its name {error}") from None
    now = datetime.now(UTC)
    secret = secrets.token_urlsafe(32)
    with store.writing() as connection:
        actor = manager_of_users(connection, by)
        user = find_user(connection, user_id)
        if user is None or not user.active:
            raise AccessError(f"user {user_id}: {'not known: add it first' if user is None else 'switched off'}")
        bound = user.role if role is None else role
        if bound not in ROLES:
            raise AccessError(f"token {called!r}: role {bound!r} is not known: use one of {', '.join(ROLES)}")
        token = Token(secrets.token_hex(4), user_id, bound, called, now, now + timedelta(days=days), None)
        text = f"oms_{token.token_id}_{secret}"
        values = {name: getattr(token, name) for name in Token.__slots__}
        connection.execute(sa.insert(tokens).values(**values, token_hash=_sha256(text)))
        detail = f"token {token.token_id} {called!r}, role {bound}, until {token.expires_at:%Y-%m-%d}"
        note(connection, "token.added", user_id, actor=actor, detail=detail)
    return token, text


def holder_of(store: Store, text: str) -> tuple[User, Token]:
    """The user and the token behind a text that came in.

    Raises
    ------
    AccessError
        No token of ours, one that has ended, or a user who is switched off; the line says no more than that.
    """
    with store.reading() as connection:
        row = connection.execute(sa.select(*_KNOWN).where(tokens.c.token_hash == _sha256(text))).one_or_none()
        token = None if row is None else Token(**row._mapping)
        user = None if token is None else find_user(connection, token.user_id)
    if token is None or user is None or not user.active or token.state(datetime.now(UTC)) != "active":
        raise AccessError("the token is not known, revoked or too old: make another with `oms token new`")
    return user, token


def revoke_token(store: Store, token_id: str, *, by: str | None = None) -> Token:
    """End a token; doing it again changes nothing.

    Raises
    ------
    AccessError
        No such token, or somebody who may not do this.
    """
    with store.writing() as connection:
        actor = manager_of_users(connection, by)
        row = connection.execute(sa.select(*_KNOWN).where(tokens.c.token_id == token_id)).one_or_none()
        if row is None:
            raise AccessError(f"token {token_id}: not known: `oms token list` shows them")
        if row.revoked_at is None:
            now = datetime.now(UTC)
            connection.execute(sa.update(tokens).where(tokens.c.token_id == token_id).values(revoked_at=now))
            note(connection, "token.revoked", row.user_id, actor=actor, detail=f"token {token_id} {row.name!r}")
            return Token(**{**row._mapping, "revoked_at": now})
    return Token(**row._mapping)


def list_tokens(store: Store, user_id: str | None = None) -> list[Token]:
    """All tokens, or those of one user, the newest first."""
    asked = sa.select(*_KNOWN).order_by(tokens.c.created_at.desc(), tokens.c.token_id)
    if user_id is not None:
        asked = asked.where(tokens.c.user_id == user_id)
    with store.reading() as connection:
        return [Token(**row._mapping) for row in connection.execute(asked)]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
