"""The ledger of the lines: what this cycle captured and what people asked for, booked once.

Belongs here: the asset `ledger`. Which moves exist is said in `domain.ledger`, how events become moves in
`domain.fulfilment.book`.
"""

import dagster as dg

from oms_dagster import cycle as cycles
from oms_dagster.defs.metadata import table_metadata
from oms_dagster.defs.resources import Warehouse
from oms_dagster.warehouse import commands as effects
from oms_dagster.warehouse import connect
from oms_dagster.warehouse import ledger as book


@dg.asset(group_name="fulfilment", kinds={"python", "duckdb"}, owners=["team:warehouse"], deps=["captured"])
def ledger(warehouse: Warehouse) -> dg.MaterializeResult:
    """Moves of units between the ledger buckets of each line, stock movements, and the outcome of each command."""
    from oms_dagster.operations.commands import list_commands
    from oms_dagster.operations.store import open_store

    archive = effects.Archive(warehouse.home.archive, warehouse.home.channels)
    store = open_store(warehouse.home.operations_url)
    try:
        with warehouse.connect() as connection:
            now = cycles.current(connection)
            known = {row[0] for row in connection.execute("select command_id from facts.commands").fetchall()}
            issued = [
                effects.Issued(
                    c.command_id,
                    c.sequence,
                    c.type,
                    c.target,
                    c.payload,
                    c.actor,
                    c.reason,
                    c.issued_at,
                    c.seen_cycle_id,
                    c.seen_hash,
                )
                for c in list_commands(store, exclude=sorted(known))
            ]
            with connect.transaction(connection):
                booked = book.apply_captured(connection, now)
                decided = effects.record(connection, issued, now, archive)
            shown = table_metadata(connection, "facts", "line_events")
    finally:
        store.close()
    return dg.MaterializeResult(metadata={**shown, **booked, **{f"commands_{k}": v for k, v in decided.items()}})
