"""Assets materialised in Dagster's own way, from the graph instead of the job: no fact is booked twice or into a cycle that is over."""

from __future__ import annotations

import dagster as dg
import duckdb
import pytest

from oms_dagster.definitions import build_defs
from oms_dagster.defs.resources import Warehouse
from oms_dagster.run import run_cycle
from oms_dagster.settings import Home
from oms_dagster.warehouse.tables import FACTS


def materialised(home: Home, *assets: str) -> dg.ExecuteInProcessResult:
    """The implicit job of the asset graph, as the button starts it; no assets: all."""
    job = build_defs({"warehouse": Warehouse(home_path=str(home.root))}).resolve_implicit_global_asset_job_def()
    chosen = [dg.AssetKey(name) for name in assets] or None
    return job.execute_in_process(asset_selection=chosen, instance=dg.DagsterInstance.ephemeral(), raise_on_error=False)


def facts(home: Home, until: int) -> dict[str, tuple[int, int]]:
    """Rows and different keys of each table of facts, up to a cycle."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return {
            table.full_name: connection.execute(
                f"select count(*), count(distinct ({', '.join(table.key)})) from {table.full_name} where cycle_seq <= ?", [until]
            ).fetchall()[0]
            for table in FACTS
        }  # fmt: skip


@pytest.mark.parametrize("asset", ["captured", "ledger", "audit", "commit", "published"])
def test_what_books_facts_refuses_to_be_materialised_alone_after_its_cycle(own_home: Home, asset: str) -> None:
    before = facts(own_home, 10**6)
    result = materialised(own_home, asset)
    said = [str(event.event_specific_data.error) for event in result.all_events if event.is_step_failure]
    assert len(said) == 1
    assert "CycleRefused" in said[0]
    assert facts(own_home, 10**6) == before


def test_materialising_everything_is_one_more_cycle_and_leaves_the_others_as_they_were(own_home: Home) -> None:
    with duckdb.connect(str(own_home.warehouse), read_only=True) as connection:
        ((last,),) = connection.execute("select max(cycle_seq) from facts.cycles").fetchall()
    before = facts(own_home, last)
    assert materialised(own_home).success
    assert facts(own_home, last) == before
    assert all(rows == keys for rows, keys in facts(own_home, last + 1).values())
    assert facts(own_home, 10**6) == facts(own_home, last + 1)


def test_a_cycle_that_found_nothing_new_can_not_be_published_by_hand(own_home: Home) -> None:
    """Regression: it wrote that a cycle was published that was never committed, and its copy held half of two cycles."""
    while run_cycle(own_home)["outcome"] != "nothing new":
        continue
    before, shown = facts(own_home, 10**6), own_home.current.resolve()
    assert not materialised(own_home, "published").success
    assert (facts(own_home, 10**6), own_home.current.resolve()) == (before, shown)
