"""Users, roles and capabilities: who may send which command.

Belongs here: the closed lists of capabilities and roles, and the users of a store. Does not belong here: which
capability a command needs (``catalogue.py``), signing in.

A capability is a dotted string; holding ``hold.release`` includes ``hold.release.credit``. A role is a set of
capabilities; a user has one role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from .models import users
from .store import LOCAL_USER, Store

#: What there is to be allowed.
CAPABILITIES: Mapping[str, str] = {
    "hold.place": "put a manual hold on an order or a line",
    "hold.release": "release a hold of any family",
    "hold.release.credit": "release credit holds",
    "hold.release.payment": "release payment holds",
    "hold.release.fraud": "release fraud holds",
    "hold.release.commercial": "release holds on price, margin, discount and order value",
    "hold.release.master_data": "release holds on customer, address and SKU data",
    "hold.release.logistics": "release holds on stock, shipping restrictions and dates",
    "hold.release.manual": "release manual holds and timers",
    "order.create": "take an order by phone",
    "order.amend": "change the quantity of a line or the date of an order",
    "order.cancel": "cancel an order, a line or a part of it",
    "order.priority": "change the priority of an order",
    "address.correct": "correct the ship-to address of an order",
    "line.pin": "pin a line to a location, or keep it away from one",
    "wave.release": "release the waves of a location, where that is manual",
    "wave.stop": "stop a released wave, for what is not picked",
    "shipment.move": "move a shipment to another load",
    "stop.lock": "fix the place of a stop in its route",
    "load.lock": "keep the plan from changing a load",
    "load.approve": "approve a load for dispatch, or withdraw the approval",
    "load.dispatch": "dispatch a load",
    "stock.adjust": "correct the stock of a SKU at a location",
    "return.authorise": "authorise or reject a return",
    "message.resolve": "settle captured messages in quarantine or in conflict",
    "exception.close": "close a reconciliation exception",
    "policy.change": "change a policy",
    "cycle.run": "start a planning cycle",
    "user.manage": "add users, change their role, switch them off",
}

_PLANNER = frozenset(
    {
        "hold.place",
        "hold.release.manual",
        "hold.release.logistics",
        "hold.release.master_data",
        "order.create",
        "order.amend",
        "order.cancel",
        "order.priority",
        "address.correct",
        "line.pin",
        "wave.release",
        "wave.stop",
        "shipment.move",
        "stop.lock",
        "load.lock",
        "return.authorise",
        "message.resolve",
        "cycle.run",
    }
)
_CREDIT = frozenset({"hold.place", "hold.release.credit", "hold.release.payment", "hold.release.fraud"})
_WAREHOUSE = frozenset({"hold.place", "hold.release.manual", "wave.release", "wave.stop", "stock.adjust"})
_DISPATCHER = frozenset(
    {"shipment.move", "stop.lock", "load.lock", "load.approve", "load.dispatch", "hold.place", "cycle.run"}
)

#: Role -> its capabilities.
ROLES: Mapping[str, frozenset[str]] = {
    "viewer": frozenset(),
    "planner": _PLANNER,
    "credit": _CREDIT,
    "warehouse": _WAREHOUSE,
    "dispatcher": _DISPATCHER,
    "manager": frozenset(CAPABILITIES) - {"user.manage"},
    "admin": frozenset(CAPABILITIES),
}


class AccessError(ValueError):
    """A user or a role that cannot be: one line with what, where and what to do."""


@dataclass(frozen=True, slots=True)
class User:
    """A person or device that may send commands. ``created_at`` is in UTC."""

    user_id: str
    name: str
    role: str
    active: bool
    created_at: datetime


def includes(held: str, capability: str) -> bool:
    """Whether holding one capability is holding the other: the same, or above it."""
    return capability == held or capability.startswith(f"{held}.")


def may(role: str, capability: str) -> bool:
    """Whether a role holds a capability, itself or one that includes it. An unknown role holds none."""
    return any(includes(held, capability) for held in ROLES.get(role, frozenset()))


def roles_with(capability: str) -> tuple[str, ...]:
    """The roles that hold a capability, from the least to the most powerful."""
    return tuple(role for role in ROLES if may(role, capability))


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
    return None if row is None else User(**row._mapping)


def list_users(store: Store) -> list[User]:
    """All users, by id."""
    with store.reading() as connection:
        return [User(**row._mapping) for row in connection.execute(sa.select(users).order_by(users.c.user_id))]


def add_user(store: Store, user_id: str, name: str, role: str) -> User:
    """Add a user, switched on.

    Raises
    ------
    AccessError
        An empty id or name, an unknown role, or an id that is taken.
    """
    if not user_id.strip() or not name.strip():
        raise AccessError(f"user {user_id!r}: id or name is empty: give both")
    user = User(user_id.strip(), name.strip(), _known_role(user_id, role), True, datetime.now(UTC))
    with store.writing() as connection:
        if find_user(connection, user.user_id) is not None:
            raise AccessError(f"user {user.user_id}: there is one already: choose another id")
        connection.execute(
            sa.insert(users).values(
                user_id=user.user_id, name=user.name, role=user.role, active=True, created_at=user.created_at
            )
        )
    return user


def change_user(store: Store, user_id: str, *, role: str | None = None, active: bool | None = None) -> User:
    """Give a user another role, switch it on or off.

    Raises
    ------
    AccessError
        No such user, an unknown role, or a store that would be left without an active admin.
    """
    with store.writing() as connection:
        user = find_user(connection, user_id)
        if user is None:
            raise AccessError(f"user {user_id}: not known: add it first")
        changed = User(
            user.user_id,
            user.name,
            user.role if role is None else _known_role(user_id, role),
            user.active if active is None else active,
            user.created_at,
        )
        connection.execute(
            sa.update(users).where(users.c.user_id == user_id).values(role=changed.role, active=changed.active)
        )
        admins = sa.select(sa.func.count()).where(users.c.role == "admin", users.c.active)
        if connection.execute(admins).scalar_one() == 0:
            raise AccessError(f"user {user_id}: the last active admin: make another user admin first")
    return changed


def _known_role(user_id: str, role: str) -> str:
    if role not in ROLES:
        raise AccessError(f"user {user_id}: role {role!r} is not known: use one of {', '.join(ROLES)}")
    return role
