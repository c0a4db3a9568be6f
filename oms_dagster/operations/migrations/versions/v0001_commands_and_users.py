"""Commands and the users who send them; the database refuses to change or delete a command."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER commands_no_update BEFORE UPDATE ON commands"
        " BEGIN SELECT RAISE(ABORT, 'commands are append-only'); END",
        "CREATE TRIGGER commands_no_delete BEFORE DELETE ON commands"
        " BEGIN SELECT RAISE(ABORT, 'commands are append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION commands_append_only() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'commands are append-only'; END $$",
        "CREATE TRIGGER commands_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commands"
        " FOR EACH STATEMENT EXECUTE FUNCTION commands_append_only()",
    ),
}


def upgrade() -> None:
    """Create both tables and the guard of the log."""
    op.create_table(
        "users",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_users"),
    )
    op.create_table(
        "commands",
        sa.Column("command_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("payload", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_cycle_id", sa.Text),
        sa.Column("seen_hash", sa.Text),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("command_id", name="pk_commands"),
        sa.UniqueConstraint("sequence", name="uq_commands_sequence"),
        sa.UniqueConstraint("idempotency_key", name="uq_commands_idempotency_key"),
        sa.ForeignKeyConstraint(["actor"], ["users.user_id"], name="fk_commands_actor"),
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
