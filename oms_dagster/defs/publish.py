"""Publish: the closed warehouse file becomes the copy that everybody reads, and the cycle is done.

Belongs here: the asset `published` and what finishes a committed cycle that died. The copying is in `warehouse.publish`.
"""

from datetime import timedelta

import dagster as dg

from oms_dagster import cycle as cycles
from oms_dagster.crash import boundary
from oms_dagster.cycle import Cycle
from oms_dagster.defs.resources import Warehouse
from oms_dagster.warehouse import publish as copies
from oms_dagster.warehouse.shape import project_fingerprint


def publish_cycle(warehouse: Warehouse, now: Cycle) -> dict[str, str | int]:
    """Copy, switch the link, write the last state of the cycle, tidy old copies."""
    home = warehouse.home
    with warehouse.connect() as connection:
        connection.execute("checkpoint")
    path = copies.publish(home, now.cycle_seq)
    boundary("after link")
    with warehouse.connect() as connection:
        connection.execute(
            "insert into facts.cycles by name select ? as cycle_seq, 'published' as state, ? as as_of, ? as recorded_at, ? as seed",
            [now.cycle_seq, now.as_of, now.as_of, now.seed],
        )
        published = dict(
            connection.execute(
                "select cycle_seq, max(as_of) from facts.cycles where state = 'published' group by 1"
            ).fetchall()
        )
    gone = copies.retain(home, published)
    copies.write_status(
        home,
        {
            "cycle_id": str(now.cycle_seq),
            "as_of": now.as_of.isoformat(),
            "outcome": "published",
            "published_as_of": now.as_of.isoformat(),
            "shape": project_fingerprint(),
        },
    )
    return {"file": path.name, "bytes": path.stat().st_size, "copies_removed": len(gone)}


def finish(warehouse: Warehouse, left: Cycle) -> None:
    """Render, build the marts and publish a committed cycle that died before it was published."""
    from oms_dagster.defs.dbt import REPORT, VIEWS, invoke
    from oms_dagster.defs.documents import render_pending

    with warehouse.connect() as connection:
        render_pending(warehouse.home, connection, left)
    invoke(["run", "--select", *REPORT, "--exclude", VIEWS], warehouse.home.warehouse, warehouse.home.dbt_target)
    publish_cycle(warehouse, left)


@dg.asset(
    group_name="publish",
    kinds={"duckdb"},
    owners=["team:platform"],
    deps=[["marts", "orders"], ["marts", "kpi_daily"], "documents"],
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=24), warn_window=timedelta(hours=4)),
)
def published(warehouse: Warehouse) -> dg.MaterializeResult:
    """The read-only copy of the whole warehouse that the control tower and BI tools open. One file a cycle."""
    with warehouse.connect() as connection:
        now = cycles.before_publish(connection)
    boundary("before copy")
    return dg.MaterializeResult(metadata=publish_cycle(warehouse, now))
