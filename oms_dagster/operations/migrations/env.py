"""Runs the migrations inside the transaction that `oms_dagster.operations.store.upgrade` holds open.

Belongs here: the bridge from that connection to Alembic, nothing else. There is no ``alembic.ini``.
"""

from __future__ import annotations

from alembic import context

from oms_dagster.operations.models import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
