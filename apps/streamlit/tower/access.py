"""Who sits at the tower, and what they may do.

Belongs here: the user that commands are sent as, and the one line for what they may not do. Does not belong here: the
lists of capabilities and roles (`oms_dagster.operations.access`). Without sign-in it is the local user.
"""

from __future__ import annotations

from collections.abc import Iterable

from oms_dagster.operations.access import AccessError, User, current_user, may, roles_with
from oms_dagster.operations.store import Store

__all__ = ["AccessError", "User", "allowed", "me", "refusal"]


def me(store: Store) -> User:
    """The user that commands are sent as.

    Raises
    ------
    AccessError
        The local user is not known or switched off.
    """
    return current_user(store)


def allowed(user: User, capability: str) -> bool:
    """Whether the user holds a capability."""
    return may(user.role, capability)


def refusal(user: User, capabilities: Iterable[str], what: str) -> str:
    """One line for somebody who may not: what, and whom to ask."""
    roles = sorted({role for capability in capabilities for role in roles_with(capability)})
    return f"Your role ({user.role}) may not {what}. Ask someone in the role {' or '.join(roles)}."
