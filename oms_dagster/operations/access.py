"""The users of a store: who there is, in which role, with which limits of their own.

Belongs here: adding and changing users, and what a user may. Does not belong here: the lists of capabilities and roles
(``roles.py``), passwords and sessions (``accounts.py``), tokens (``tokens.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from .access_log import MACHINE, note
from .fields import clean_text
from .models import users
from .roles import CAPABILITIES, ROLE_LIMITS, ROLES, includes, may, role_limit, roles_with
from .store import LOCAL_USER, Store

__all__ = [
    "CAPABILITIES",
    "ROLES",
    "ROLE_LIMITS",
    "AccessError",
    "User",
    "add_user",
    "change_user",
    "current_user",
    "find_user",
    "includes",
    "list_users",
    "may",
    "role_limit",
    "roles_with",
]


class AccessError(ValueError):
    """A user or a role that cannot be: one line with what, where and what to do."""


@dataclass(frozen=True, slots=True)
class User:
    """A person or device that may send commands.

    Attributes
    ----------
    created_at
        In UTC.
    limits
        Amounts set for this user, by capability, in the reporting currency; None as a value lifts the role's limit.
    """

    user_id: str
    name: str
    role: str
    active: bool
    created_at: datetime
    limits: Mapping[str, Decimal | None] = field(default_factory=dict, hash=False)

    def limit(self, capability: str) -> Decimal | None:
        """The most that one command of this user may put at stake without a second person; None: there is no limit."""
        return role_limit(self.role, capability, self.limits)


def _user(row: Mapping[str, Any]) -> User:
    kept = {name: None if amount is None else Decimal(amount) for name, amount in (row["limits"] or {}).items()}
    return User(row["user_id"], row["name"], row["role"], row["active"], row["created_at"], kept)


def current_user(store: Store, user_id: str = LOCAL_USER) -> User:
    """The user that commands are sent as; without sign-in the local planner.

    Raises
    ------
    AccessError
        No such user, or one that is switched off.
    """
    with store.reading() as connection:
        user = find_user(connection, user_id)
    if user is None or not user.active:
        raise AccessError(f"user {user_id}: {'not known' if user is None else 'switched off'}: ask an administrator")
    return user


def find_user(connection: sa.Connection, user_id: str) -> User | None:
    """One user, in a transaction that is open; None where there is none."""
    row = connection.execute(sa.select(users).where(users.c.user_id == user_id)).one_or_none()
    return None if row is None else _user(dict(row._mapping))


def list_users(store: Store) -> list[User]:
    """All users, by id."""
    with store.reading() as connection:
        return [_user(dict(row._mapping)) for row in connection.execute(sa.select(users).order_by(users.c.user_id))]


def add_user(store: Store, user_id: str, name: str, role: str, *, by: str | None = None) -> User:
    """Add a user, switched on.

    Parameters
    ----------
    by
        The user who asks for it; None: the operator of the machine.

    Raises
    ------
    AccessError
        An empty or overlong id or name, an unknown role, an id that is taken, or somebody who may not do this.
    """
    if not user_id.strip() or not name.strip():
        raise AccessError(f"user {user_id[:60]!r}: id or name is empty: give both")
    try:
        user = User(clean_text(user_id), clean_text(name), _known_role(user_id, role), True, datetime.now(UTC))
    except ValueError as error:
        raise AccessError(f"user {user_id[:60]!r}: id or name {error}") from None
    with store.writing() as connection:
        actor = manager_of_users(connection, by)
        if find_user(connection, user.user_id) is not None:
            raise AccessError(f"user {user.user_id}: there is one already: choose another id")
        connection.execute(
            sa.insert(users).values(
                user_id=user.user_id, name=user.name, role=user.role, active=True, created_at=user.created_at
            )
        )
        note(connection, "user.added", user.user_id, actor=actor, detail=f"role {user.role}")
    return user


def change_user(
    store: Store,
    user_id: str,
    *,
    role: str | None = None,
    active: bool | None = None,
    limits: Mapping[str, object] | None = None,
    by: str | None = None,
) -> User:
    """Give a user another role or other limits, switch it on or off.

    Parameters
    ----------
    limits
        Replaces all limits of the user: capability -> amount, or None for no limit.
    by
        As in `add_user`.

    Raises
    ------
    AccessError
        No such user, an unknown role or capability, no amount, a store that would be left without an active admin, or
        somebody who may not do this.
    """
    with store.writing() as connection:
        actor = manager_of_users(connection, by)
        user = find_user(connection, user_id)
        if user is None:
            raise AccessError(f"user {user_id}: not known: add it first")
        changed = replace(
            user,
            role=user.role if role is None else _known_role(user_id, role),
            active=user.active if active is None else active,
            limits=user.limits if limits is None else _known_limits(user_id, limits),
        )
        kept = {name: None if amount is None else str(amount) for name, amount in changed.limits.items()}
        connection.execute(
            sa.update(users)
            .where(users.c.user_id == user_id)
            .values(role=changed.role, active=changed.active, limits=kept or None)
        )
        admins = sa.select(sa.func.count()).where(users.c.role == "admin", users.c.active)
        if connection.execute(admins).scalar_one() == 0:
            raise AccessError(f"user {user_id}: the last active admin: make another user admin first")
        note(connection, "user.changed", user_id, actor=actor, detail=_difference(user, changed))
    return changed


def manager_of_users(connection: sa.Connection, by: str | None) -> str:
    """Who changes users, as the log of access names it.

    Raises
    ------
    AccessError
        Somebody who is not known, switched off, or may not do this.
    """
    if by is None:
        return MACHINE
    actor = find_user(connection, by)
    if actor is None or not actor.active or not may(actor.role, "user.manage"):
        raise AccessError(
            f"user {by}: may not user.manage: ask someone in the role {' or '.join(roles_with('user.manage'))}"
        )
    return by


def _difference(before: User, after: User) -> str:
    said = [
        f"{name} {_shown(getattr(before, name))} -> {_shown(getattr(after, name))}"
        for name in ("role", "active", "limits")
        if getattr(before, name) != getattr(after, name)
    ]
    return ", ".join(said) or "nothing"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Mapping):
        return (
            "; ".join(f"{name} {'no limit' if amount is None else amount}" for name, amount in value.items()) or "none"
        )
    return str(value)


def _known_limits(user_id: str, limits: Mapping[str, object]) -> dict[str, Decimal | None]:
    kept: dict[str, Decimal | None] = {}
    for name, amount in limits.items():
        if name not in CAPABILITIES:
            raise AccessError(f"user {user_id}: {name!r} is no capability: use one of docs/commands.md")
        if amount is None:
            kept[name] = None
            continue
        try:
            given = Decimal(str(amount))
        except InvalidOperation:
            given = Decimal("NaN")
        if not given.is_finite():
            raise AccessError(f"user {user_id}: limit of {name}: {str(amount)[:40]!r} is no amount: write digits")
        if not 0 <= given < 10**15:
            raise AccessError(f"user {user_id}: limit of {name}: {given} is negative or too large: correct it")
        kept[name] = given.quantize(Decimal("0.01"))
    return kept


def _known_role(user_id: str, role: str) -> str:
    if role not in ROLES:
        raise AccessError(f"user {user_id}: role {role!r} is not known: use one of {', '.join(ROLES)}")
    return role
