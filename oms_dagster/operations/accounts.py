"""Local accounts: passwords, signing in and out, sessions that end.

Belongs here: who has proved to be whom. Does not belong here: what users may (``access.py``), tokens of scripts
(``tokens.py``), cookies and pages (the control tower).

Passwords are kept as argon2id, the token of a session as its sha256. Each sign-in is counted in the log of access before
the password is looked at, so tries in parallel, or across restarts, count as those one after the other.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .access import AccessError, User, find_user, manager_of_users
from .access_log import MACHINE, NOBODY, note
from .models import access_events, credentials, sessions, users
from .store import Store

if TYPE_CHECKING:
    from argon2 import PasswordHasher

#: How long a session lasts, and how long a refused sign-in counts.
SESSION = timedelta(hours=12)
WINDOW = timedelta(minutes=15)
#: So many tries without success in a window, then whoever tries waits: for one user, and from one address.
TRIES_OF_A_USER = 5
TRIES_FROM_AN_ADDRESS = 20
#: Shorter passwords are guessed; longer ones only cost time.
SHORTEST, LONGEST = 12, 200

FIRST_ADMIN = "admin"


class SignInError(ValueError):
    """A sign-in or a password that is refused: one line, which never says whether the user or the password was wrong."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has signed in. ``must_change``: may do nothing but set a password of their own."""

    user: User
    expires_at: datetime
    must_change: bool


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # only who signs in pays for it

    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """Checked for unknown users, so that an answer takes as long as for known ones."""
    return _hasher().hash(secrets.token_urlsafe(16))


def _matches(kept: str, password: str) -> bool:
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return _hasher().verify(kept, password)
    except (Argon2Error, InvalidHashError):
        return False


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def has_accounts(store: Store) -> bool:
    """Whether anybody can sign in: from then on everybody must."""
    with store.reading() as connection:
        return connection.execute(sa.select(credentials.c.user_id).limit(1)).one_or_none() is not None


def first_admin(store: Store) -> tuple[str, str] | None:
    """Make the first account, an admin; its id and one-time password. None: there are accounts already."""
    password = secrets.token_urlsafe(12)
    kept = _hasher().hash(password)
    with store.writing() as connection:
        if connection.execute(sa.select(credentials.c.user_id).limit(1)).one_or_none() is not None:
            return None
        if find_user(connection, FIRST_ADMIN) is None:
            row = {"user_id": FIRST_ADMIN, "name": "Administrator", "role": "admin", "active": True}
            connection.execute(sa.insert(users).values(**row, created_at=datetime.now(UTC)))
            note(connection, "user.added", FIRST_ADMIN, actor=MACHINE, detail="role admin, the first account")
        else:
            connection.execute(sa.update(users).where(users.c.user_id == FIRST_ADMIN).values(role="admin", active=True))
        _keep_password(connection, FIRST_ADMIN, kept, must_change=True)
        note(connection, "password.one_time", FIRST_ADMIN, actor=MACHINE)
    return FIRST_ADMIN, password


def give_one_time_password(store: Store, user_id: str, *, by: str | None = None) -> str:
    """Set a password that must be changed at the next sign-in, and end the user's sessions; returns it, this once.

    Raises
    ------
    AccessError
        No such user, or ``by`` (None: the operator of the machine) may not do this.
    """
    password = secrets.token_urlsafe(12)
    set_password(store, user_id, password, by=by, must_change=True)
    return password


def set_password(
    store: Store, user_id: str, password: str, *, by: str | None = None, must_change: bool = False
) -> None:
    """Set somebody's password and end their sessions.

    Raises
    ------
    AccessError
        As in `give_one_time_password`.
    SignInError
        A password that is too short or too long.
    """
    _refuse_weak(user_id, password)
    kept = _hasher().hash(password)
    with store.writing() as connection:
        actor = manager_of_users(connection, by)
        if find_user(connection, user_id) is None:
            raise AccessError(f"user {user_id}: not known: add it first")
        _keep_password(connection, user_id, kept, must_change=must_change)
        connection.execute(sa.delete(sessions).where(sessions.c.user_id == user_id))
        note(connection, "password.one_time" if must_change else "password.set", user_id, actor=actor)


def sign_in(store: Store, user_id: str, password: str, address: str) -> str:
    """Check a password and start a session; returns its new token.

    Parameters
    ----------
    address
        Where it comes from: tries are counted by it too.

    Raises
    ------
    SignInError
        The user or the password is wrong, the user is switched off, or there were too many tries.
    """
    kept = _count_try(store, user_id, address)
    right = _matches(_nobodys_hash() if kept is None else kept, password[: LONGEST + 1])
    if kept is None or not right:
        raise SignInError("The user or the password is not right.")
    with store.writing() as connection:
        user = find_user(connection, user_id)
        if user is None or not user.active:  # switched off meanwhile
            raise SignInError("The user or the password is not right.")
        connection.execute(sa.delete(sessions).where(sessions.c.expires_at <= datetime.now(UTC)))
        note(connection, "sign_in", user_id, actor=user_id, address=address)
        return _start(connection, user_id, address)


def _count_try(store: Store, user_id: str, address: str) -> str | None:
    """Count a try, unless there were too many; returns the password hash kept of an active user, else None."""
    with store.writing() as connection:
        user = find_user(connection, user_id)
        subject = NOBODY if user is None else user.user_id
        if user is not None and _tries(connection, access_events.c.subject == subject) >= TRIES_OF_A_USER:
            raise _too_many()
        if _tries(connection, access_events.c.address == address) >= TRIES_FROM_AN_ADDRESS:
            raise _too_many()
        note(connection, "sign_in.tried", subject, actor=subject, address=address)
        if user is None or not user.active:
            return None
        asked = sa.select(credentials.c.password_hash).where(credentials.c.user_id == user_id)
        kept: str | None = connection.execute(asked).scalar_one_or_none()
        return kept


def _tries(connection: sa.Connection, where: sa.ColumnElement[bool]) -> int:
    """Tries of the window that no success came after."""
    since = datetime.now(UTC) - WINDOW
    last: int | None = connection.execute(
        sa.select(sa.func.max(access_events.c.sequence)).where(
            where,
            access_events.c.event.in_(("sign_in", "password.one_time", "password.set")),
            access_events.c.event_at > since,
        )
    ).scalar_one()
    found: int = connection.execute(
        sa.select(sa.func.count()).where(
            where,
            access_events.c.event == "sign_in.tried",
            access_events.c.event_at > since,
            access_events.c.sequence > (last or 0),
        )
    ).scalar_one()
    return found


def _too_many() -> SignInError:
    minutes = int(WINDOW.total_seconds() // 60)
    return SignInError(f"Too many tries: wait {minutes} minutes, or ask an administrator for a one-time password.")


def _start(connection: sa.Connection, user_id: str, address: str) -> str:
    """A new session: never one that the browser brought along."""
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    connection.execute(
        sa.insert(sessions).values(
            token_hash=_sha256(token), user_id=user_id, address=address[:200], created_at=now, expires_at=now + SESSION
        )
    )
    return token


def session_of(store: Store, token: str | None) -> Session | None:
    """Who holds a token; None: nobody, or a session that has ended."""
    if not token:
        return None
    with store.reading() as connection:
        row = connection.execute(
            sa.select(sessions.c.user_id, sessions.c.expires_at).where(sessions.c.token_hash == _sha256(token))
        ).one_or_none()
        if row is None or row.expires_at <= datetime.now(UTC):
            return None
        user = find_user(connection, row.user_id)
        asked = sa.select(credentials.c.must_change).where(credentials.c.user_id == row.user_id)
        must_change = connection.execute(asked).scalar_one_or_none()
    if user is None or not user.active:
        return None
    return Session(user, row.expires_at, bool(must_change))


def change_password(store: Store, token: str, old: str, new: str, address: str) -> str:
    """Set one's own password; ends all sessions of the user and starts a new one, whose token is returned.

    Raises
    ------
    SignInError
        No session, the old password is wrong (it counts as a try), or the new one will not do.
    """
    session = session_of(store, token)
    if session is None:
        raise SignInError("The session has ended: sign in again.")
    user_id = session.user.user_id
    _refuse_weak(user_id, new)
    if secrets.compare_digest(old.encode(), new.encode()):
        raise SignInError("The new password is the old one: choose another.")
    kept = _count_try(store, user_id, address)
    if kept is None or not _matches(kept, old):
        raise SignInError("The password so far is not right.")
    fresh = _hasher().hash(new)
    with store.writing() as connection:
        _keep_password(connection, user_id, fresh, must_change=False)
        connection.execute(sa.delete(sessions).where(sessions.c.user_id == user_id))
        note(connection, "password.set", user_id, actor=user_id, address=address)
        return _start(connection, user_id, address)


def sign_out(store: Store, token: str | None, address: str = "") -> None:
    """End all sessions of whoever holds the token, in every browser."""
    session = session_of(store, token)
    if session is None:
        return
    with store.writing() as connection:
        connection.execute(sa.delete(sessions).where(sessions.c.user_id == session.user.user_id))
        note(connection, "sign_out", session.user.user_id, actor=session.user.user_id, address=address)


def _keep_password(connection: sa.Connection, user_id: str, kept: str, *, must_change: bool) -> None:
    connection.execute(sa.delete(credentials).where(credentials.c.user_id == user_id))
    connection.execute(
        sa.insert(credentials).values(
            user_id=user_id, password_hash=kept, must_change=must_change, changed_at=datetime.now(UTC)
        )
    )


def _refuse_weak(user_id: str, password: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise SignInError(f"A password has {SHORTEST} to {LONGEST} characters: this one has {len(password)}.")
    if user_id.lower() in password.lower() and len(password) < len(user_id) + SHORTEST:
        raise SignInError("A password that is little more than the user's name is guessed first: choose another.")
