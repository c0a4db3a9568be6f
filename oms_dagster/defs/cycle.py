"""The cycle opens: what the last one left unfinished is finished, the new one gets its number.

Belongs here: the asset `cycle` and nothing of any stage.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from oms_dagster import cycle as cycles
from oms_dagster import home as homes
from oms_dagster.defs.resources import Warehouse
from oms_dagster.settings import Home
from oms_dagster.warehouse import publish

DEMO_STEP = timedelta(minutes=15)

COMMITTED = dg.AssetSpec(
    "committed_facts",
    group_name="cycle",
    description="Facts that earlier cycles committed: waves, dispatches, documents, holds, promises.",
    owners=["team:platform"],
    kinds={"duckdb"},
)


class CycleConfig(dg.Config):
    """What a run may say about its cycle.

    Attributes
    ----------
    as_of
        Effective time, ISO 8601 with offset; empty: now, to the second.
    seed
        Seed of the solvers.
    """

    as_of: str = ""
    seed: int = 1


def effective_time(text: str, home: Home) -> datetime:
    """The cycle's ``as_of`` in UTC: the only place where a clock is read.

    The demo's clock stands in the days that it simulated: there, a cycle without a time follows the last by minutes.
    """
    if text:
        return cycles.instant(text)
    last = publish.read_status(home).get("as_of")
    if last and homes.demo_marker(home):
        return datetime.fromisoformat(last) + DEMO_STEP
    return datetime.now(UTC).replace(microsecond=0)


@dg.asset(group_name="cycle", kinds={"python", "duckdb"}, owners=["team:platform"], deps=[COMMITTED])
def cycle(context: dg.AssetExecutionContext, warehouse: Warehouse, config: CycleConfig) -> dg.MaterializeResult:
    """The running cycle: its number, effective time and seed. A committed cycle that died is published first.

    To run one, launch the job `planning_cycle`. Materialising the whole graph is the same with all dbt tests, and slower;
    what books facts refuses to be materialised alone.
    """
    from oms_dagster.defs.dbt import ensure_schema
    from oms_dagster.defs.online_atp import tell_what_is_owed
    from oms_dagster.defs.publish import finish
    from oms_dagster.defs.reporting import write_reports
    from oms_dagster.warehouse import connect, stock

    connect.create(warehouse.home.warehouse)
    rebuilt = ensure_schema(warehouse)
    with warehouse.connect() as connection:
        left = cycles.unfinished(connection)
    if left is not None:
        context.log.info(f"cycle {left.cycle_seq} was committed and not published: finishing it")
        finish(warehouse, left)
    if warehouse.home.current.exists():
        with warehouse.connect() as connection:
            # a cycle that died after publishing owes its reports, and the channels their offers
            write_reports(warehouse.home, connection)
            tell_what_is_owed(warehouse.home, connection)
    with warehouse.connect() as connection:
        opened = cycles.opened(connection, effective_time(config.as_of, warehouse.home), config.seed)
        stock.forget_later_balances(connection, opened)
    return dg.MaterializeResult(
        metadata={
            "cycle_seq": opened.cycle_seq,
            "as_of": opened.as_of.isoformat(),
            "seed": opened.seed,
            "finished": left.cycle_seq if left else 0,
            "schema_rebuilt": rebuilt,
        }
    )


defs_specs = [COMMITTED]
