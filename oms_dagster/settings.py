"""OMS_HOME and what hangs from it. The only reader of the environment.

Belongs here: where things are. Does not belong here: what they mean (policies are facts, see `facts.policy_changes`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DBT_PROJECT = CHECKOUT / "dbt_project"
DEMO_DATA = CHECKOUT / "data" / "demo"
CHANNELS = Path(__file__).resolve().parent / "domain" / "capture" / "channels"

#: Layout of a home; a home written by a newer one is refused.
HOME_VERSION = 1


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds a company's whole state."""

    root: Path

    @property
    def version_file(self) -> Path:
        return self.root / "version.json"

    @property
    def lock_file(self) -> Path:
        return self.root / "cycle.lock"

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def channels(self) -> Path:
        """The user's own channel files, laid over the shipped ones."""
        return self.root / "channels"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def current(self) -> Path:
        """Link to the newest published copy; open its real path."""
        return self.published / "current.duckdb"

    @property
    def status_file(self) -> Path:
        return self.published / "status.json"

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @property
    def webhooks(self) -> Path:
        """Receipts of webhook deliveries: one small file a delivery, so that a repeat is known as one."""
        return self.root / "webhooks"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def dbt_target(self) -> Path:
        return self.root / "dbt"

    @property
    def operations_url(self) -> str:
        """The operations store: ``OMS_OPERATIONS_URL`` (PostgreSQL) or a SQLite file in the home."""
        return os.environ.get("OMS_OPERATIONS_URL") or f"sqlite:///{self.root / 'operations.sqlite'}"


def home(path: str | os.PathLike[str] | None = None) -> Home:
    """The home named by ``path``, else by ``OMS_HOME``, else ``data/home`` in the checkout."""
    chosen = path or os.environ.get("OMS_HOME") or CHECKOUT / "data" / "home"
    return Home(Path(chosen).expanduser().absolute())


def webhook_secret(channel: str) -> str | None:
    """What a channel's webhooks are signed with: ``OMS_WEBHOOK_SECRET_<CHANNEL>``, in capitals, ``-`` as ``_``."""
    return os.environ.get(f"OMS_WEBHOOK_SECRET_{channel.upper().replace('-', '_')}") or None


def status_link_secret() -> str | None:
    """What customers' order status links are signed with (``OMS_STATUS_LINK_SECRET``)."""
    return os.environ.get("OMS_STATUS_LINK_SECRET") or None


def api_token() -> str | None:
    """The token that a command line sends with (``OMS_TOKEN``)."""
    return os.environ.get("OMS_TOKEN") or None


def router_url() -> str | None:
    """The road router that distances are asked of (``OMS_ROUTER_URL``): OSRM's table or Valhalla's matrix service."""
    return os.environ.get("OMS_ROUTER_URL") or None


def crash_point() -> str | None:
    """Name of the boundary at which this process kills itself (`OMS_CRASH_AT`), for the crash tests."""
    return os.environ.get("OMS_CRASH_AT")


def wants_traceback() -> bool:
    """Whether the command line shows where an error came from (`OMS_TRACEBACK`) instead of its one line."""
    return bool(os.environ.get("OMS_TRACEBACK"))
