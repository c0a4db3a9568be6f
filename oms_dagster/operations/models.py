"""The tables of the operations store.

Belongs here: the tables, their keys and the column types that make SQLite and PostgreSQL agree. Does not belong
here: connections (``store.py``), what a command may say (``catalogue.py``), who may send it (``access.py``).
A change here needs a migration in ``migrations/versions`` and its number at the end of `SCHEMA_VERSIONS`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

#: Versions of the schema that this program knows, oldest first; the last is the one it works with.
SCHEMA_VERSIONS = ("0001", "0002")

#: Where the store keeps its own version: not Alembic's default name, which Dagster takes in a shared database.
VERSION_TABLE = "operations_version"

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant: aware going in, aware and in UTC coming out, to the microsecond, on both engines.

    SQLite has no type for instants: it keeps the UTC wall time as text that sorts by time. PostgreSQL keeps a
    ``timestamptz`` and returns it in the session's zone.

    Raises
    ------
    ValueError
        A naive time going in.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The instant in UTC, without its zone where the engine cannot keep one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The instant, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: One row per person or device that may send commands. Never deleted: switched off.
users = sa.Table(
    "users",
    metadata,
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("limits", sa.JSON().with_variant(JSONB(), "postgresql")),
)

#: One row per command sent. Append-only: the database itself refuses to change or delete a row.
commands = sa.Table(
    "commands",
    metadata,
    sa.Column("command_id", sa.Text, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False, unique=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("payload", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
    sa.Column("actor", sa.Text, sa.ForeignKey("users.user_id"), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("seen_cycle_id", sa.Text),
    sa.Column("seen_hash", sa.Text),
    sa.Column("idempotency_key", sa.Text, nullable=False, unique=True),
    sa.Column("token_id", sa.Text),
    sa.Column("bulk_id", sa.Text),
    sa.Column("undoes", sa.Text),
    sa.Column("stake", sa.Text),
    sa.Column("needs_approval", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("hash", sa.Text),
)

#: One row per user who signs in with a password: its argon2 hash.
credentials = sa.Table(
    "credentials",
    metadata,
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.user_id"), primary_key=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
)

#: One row per sign-in that counts: the token in the browser's cookie is kept as its sha256 alone.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.user_id"), nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Index("ix_sessions_user_id", "user_id"),
)

#: One row per token of the API or a script; the token itself is kept as its sha256 alone.
tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("token_id", sa.Text, primary_key=True),
    sa.Column("token_hash", sa.Text, nullable=False, unique=True),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.user_id"), nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
)

#: One row per event of access: users made and changed, sign-ins and refusals, tokens. Append-only and chained.
access_events = sa.Table(
    "access_events",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("event_at", UtcDateTime, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("ix_access_events_event_at", "event_at"),
)
