"""The users of the demo days, whose password everybody knows: shown on the sign-in page, on this machine alone.

Belongs here: whether the home is a demo, and its users. Does not belong here: making them (`oms_dagster.demo`).
"""

from __future__ import annotations

from oms_dagster import home as homes
from oms_dagster import settings
from oms_dagster.operations.demo_users import PASSWORD, USERS

__all__ = ["PASSWORD", "is_shown", "users"]


def is_shown() -> bool:
    """Whether the home that is shown holds the demo days."""
    home = settings.home()
    return homes.exists(home) and homes.demo_marker(home)


def users() -> dict[str, str]:
    """User -> what stands on the button."""
    return {user_id: f"{name}, {role}" for user_id, (name, role, _) in USERS.items()}
