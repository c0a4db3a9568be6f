"""The users of the demo days: one a role, with a password that everybody knows.

Belongs here: who they are, and making them. A home that holds them is served on this machine alone
(`apps/streamlit/serve.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from .access import add_user, change_user, list_users
from .accounts import set_password
from .store import Store

PASSWORD = "only-for-the-demo"

#: User -> name, role, limits of their own (reporting currency).
USERS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "paul": ("Paul", "planner", {}),
    "cora": ("Cora", "credit", {"hold.release.payment": "300"}),
    "walt": ("Walt", "warehouse", {}),
    "dina": ("Dina", "dispatcher", {}),
    "meg": ("Meg", "manager", {}),
    "ada": ("Ada", "admin", {}),
    "vera": ("Vera", "viewer", {}),
}


def make(store: Store) -> None:
    """Add those who are not there yet."""
    known = {user.user_id for user in list_users(store)}
    for user_id, (name, role, limits) in USERS.items():
        if user_id not in known:
            add_user(store, user_id, name, role)
            if limits:
                change_user(store, user_id, limits=limits)
            set_password(store, user_id, PASSWORD)
