"""Who sits at the tower, and what they may do.

Belongs here: the user that commands are sent as, and the one line for what they may not do. Does not belong here: the
lists of capabilities and roles (`oms_dagster.operations.access`), the sign-in pages (`gate`).

Who it is comes from OIDC where that is configured (`[auth]` in Streamlit's secrets), else from the session that the
door checked. A home without accounts, opened without the door on this machine, belongs to the local user.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from oms_dagster.operations import accounts
from oms_dagster.operations.access import AccessError, User, current_user, find_user, may, roles_with
from oms_dagster.operations.store import Store
from tower.gate.door import COOKIE

__all__ = [
    "AccessError",
    "SignInNeeded",
    "User",
    "allowed",
    "by_oidc",
    "is_behind_the_door",
    "is_local",
    "me",
    "refusal",
    "sign_out",
    "signed_in",
]

_LOOPBACK = (None, "127.0.0.1", "localhost", "::1")
_served: list[bool] = []


class SignInNeeded(Exception):
    """Nobody has signed in, or their session has ended."""


def serve_behind_the_door() -> None:
    """The door stands in front of this process: nobody is the local user any more."""
    _served.append(True)


def is_behind_the_door() -> bool:
    """Whether the door stands in front of this process."""
    return bool(_served)


def is_local() -> bool:
    """Whether this machine alone reaches the tower, without the door."""
    return not _served and st.get_option("server.address") in _LOOPBACK


def by_oidc() -> bool:
    """Whether Streamlit signs people in by OIDC: its secrets have an ``[auth]`` section."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def _token() -> str | None:
    """The session's token as the browser sent it when it opened the page."""
    found = st.context.cookies.get(COOKIE)
    return found if isinstance(found, str) else None


def me(store: Store) -> User:
    """The user that commands are sent as.

    Raises
    ------
    SignInNeeded
        Nobody has signed in.
    AccessError
        The user is not known here, or switched off.
    """
    if by_oidc():
        return _of_oidc(store)
    if _served or accounts.has_accounts(store):
        session = accounts.session_of(store, _token())
        if session is None or session.must_change:
            raise SignInNeeded
        return session.user
    if not is_local():
        raise AccessError("nobody has an account here, and other machines reach it: start it with `make tower`")
    return current_user(store)


def _of_oidc(store: Store) -> User:
    """The user whose id is the identity's subject, or its verified e-mail address."""
    if not st.user.is_logged_in:
        raise SignInNeeded
    said: Any = st.user.to_dict()
    names = [str(said["sub"])] if said.get("sub") else []
    if said.get("email") and said.get("email_verified") is True:
        names.append(str(said["email"]).lower())
    with store.reading() as connection:
        found = [user for name in names if (user := find_user(connection, name)) is not None]
    if not found or not found[0].active:
        shown = names[-1] if names else "this identity (its e-mail address is not verified)"
        raise AccessError(f"user {shown}: {'switched off' if found else 'not known'}: ask an administrator")
    return found[0]


def signed_in() -> bool:
    """Whether whoever is here came by signing in, and so can sign out."""
    return bool(by_oidc() or _token())


def sign_out(store: Store) -> None:
    """End the sessions of whoever is here, in every browser."""
    accounts.sign_out(store, _token())


def allowed(user: User, capability: str) -> bool:
    """Whether the user holds a capability."""
    return may(user.role, capability)


def refusal(user: User, capabilities: Iterable[str], what: str) -> str:
    """One line for somebody who may not: what, and whom to ask."""
    roles = sorted({role for capability in capabilities for role in roles_with(capability)})
    return f"Your role ({user.role}) may not {what}. Ask someone in the role {' or '.join(roles)}."
