"""Passwords, sessions, tokens, limits; second approvals; both logs chained, the commands that are there included."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from oms_dagster.operations.migrations.versions.v0001_commands_and_users import APPEND_ONLY

revision = "0002"
down_revision = "0001"

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")

UNGUARD = {
    "sqlite": ("DROP TRIGGER commands_no_update", "DROP TRIGGER commands_no_delete"),
    "postgresql": ("DROP TRIGGER commands_append_only ON commands", "DROP FUNCTION commands_append_only()"),
}


def upgrade() -> None:
    """Add what signing in and approving need, and chain the log as it stands."""
    engine = op.get_bind().dialect.name
    op.add_column("users", sa.Column("limits", _JSON))
    for column in (
        sa.Column("token_id", sa.Text),
        sa.Column("bulk_id", sa.Text),
        sa.Column("undoes", sa.Text),
        sa.Column("stake", sa.Text),
        sa.Column("needs_approval", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("hash", sa.Text),
    ):
        op.add_column("commands", column)
    op.create_table(
        "credentials",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_credentials"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_credentials_user_id"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_sessions_user_id"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("token_id", name="pk_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_tokens_token_hash"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_tokens_user_id"),
    )
    op.create_table(
        "access_events",
        sa.Column("sequence", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_access_events"),
    )
    op.create_index("ix_access_events_event_at", "access_events", ["event_at"])
    for statement in UNGUARD[engine]:
        op.execute(statement)
    _chain_what_is_there(op.get_bind())
    for table in ("commands", "access_events"):
        for statement in APPEND_ONLY[engine]:
            op.execute(statement.replace("commands", table))


def _chain_what_is_there(connection: sa.Connection) -> None:
    """Give each command of the log its hash, in the form of this version (`operations.log.content_of`)."""
    from oms_dagster.chain import START, link_hash
    from oms_dagster.operations.log import content_of
    from oms_dagster.operations.models import commands

    head = START
    for row in connection.execute(sa.select(commands).order_by(commands.c.sequence)).all():
        head = link_hash(head, content_of(dict(row._mapping)))
        connection.execute(sa.update(commands).where(commands.c.command_id == row.command_id).values(hash=head))
