"""The ledger of the lines: what this cycle captured and what people asked for, booked once.

Belongs here: the asset `ledger`. Which moves exist is said in `domain.ledger`, how events become moves in
`domain.fulfilment`.
"""

import dagster as dg

from oms_dagster import cycle as cycles
from oms_dagster.defs.metadata import table_metadata
from oms_dagster.defs.resources import Warehouse
from oms_dagster.operations.authority import Authority, authorities
from oms_dagster.operations.commands import Command, list_commands
from oms_dagster.operations.store import open_store
from oms_dagster.warehouse import commands as effects
from oms_dagster.warehouse import connect, pickups, substitution
from oms_dagster.warehouse import ledger as book


@dg.asset(group_name="fulfilment", kinds={"python", "duckdb"}, owners=["team:warehouse"], deps=["captured"])
def ledger(warehouse: Warehouse) -> dg.MaterializeResult:
    """Moves of units between the ledger buckets of each line, stock movements, and the outcome of each command."""
    archive = effects.Archive(warehouse.home.archive, warehouse.home.channels)
    store = open_store(warehouse.home.operations_url)
    try:
        with warehouse.connect() as connection:
            now = cycles.before_commit(connection)
            known = {row[0] for row in connection.execute("select command_id from facts.commands").fetchall()}
            sent = list_commands(store, exclude=known)
            rights = authorities(store, sent)
            issued = [_issued(command, rights.get(command.command_id, Authority())) for command in sent]
            with connect.transaction(connection):
                booked = book.apply_captured(connection, now)
                booked["uncollected"] = pickups.expire(connection, now)
                booked["substituted"] = substitution.book_unasked(connection, now)
                decided = effects.record(connection, issued, now, archive)
            shown = table_metadata(connection, "facts", "line_events")
    finally:
        store.close()
    return dg.MaterializeResult(metadata={**shown, **booked, **{f"commands_{k}": v for k, v in decided.items()}})


def _issued(command: Command, rights: Authority) -> effects.Issued:
    """A command as the warehouse decides about it."""
    return effects.Issued(
        command.command_id,
        command.sequence,
        command.type,
        command.target,
        command.payload,
        command.actor,
        command.reason,
        command.issued_at,
        command.seen_cycle_id,
        command.seen_hash,
        needs_approval=command.needs_approval,
        hash=command.hash,
        refused=rights.refused,
        limit=rights.limit,
    )
