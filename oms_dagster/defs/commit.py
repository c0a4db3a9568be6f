"""Audit and commit: the laws are checked, then what takes effect becomes facts in one transaction.

Belongs here: the assets `audit` and `commit`. What is appended is said in `warehouse.commit`, the laws are SQL.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb

from oms_dagster import cycle as cycles
from oms_dagster.crash import boundary
from oms_dagster.cycle import Cycle
from oms_dagster.defs.resources import Warehouse
from oms_dagster.home import code_version
from oms_dagster.settings import Home
from oms_dagster.warehouse import audit as laws
from oms_dagster.warehouse import commit as commits
from oms_dagster.warehouse import connect, publish
from oms_dagster.warehouse.read import value
from oms_dagster.warehouse.shape import project_fingerprint
from oms_dagster.warehouse.write import append, replace


@dg.asset(
    group_name="commit",
    kinds={"duckdb"},
    owners=["team:platform"],
    deps=["carrier_loads", ["intermediate", "int_holds__planned"], ["intermediate", "int_wave_lines__planned"]],
    check_specs=[
        dg.AssetCheckSpec(
            "invariants", asset="audit", description="The laws of the contract, on what this cycle decides."
        )
    ],
)
def audit(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """The laws over facts and candidates. One row of `plans.left_out` per subject that must wait."""
    compiled = laws.laws(warehouse.home.dbt_target / "compiled")
    with warehouse.connect() as connection:
        now = cycles.before_commit(connection)
        with connect.transaction(connection):
            found = laws.findings(connection, compiled)
            outside = laws.leave_out(connection, found)
            _keep_exceptions(connection, now, outside)
            _keep_quality(connection, compiled, found)
    for finding in found[:50]:
        context.log.warning(f"{finding.rule} {finding.subject_type} {finding.subject_id}: {finding.reason}")
    yield dg.MaterializeResult(
        metadata={"laws": len(compiled), "left_out": len(found) - len(outside), "exceptions": len(outside)}
    )
    yield dg.AssetCheckResult(
        check_name="invariants", passed=not found, severity=dg.AssetCheckSeverity.WARN,
        metadata={"findings": len(found), "first": str(found[0]) if found else ""},
    )  # fmt: skip


def _keep_exceptions(connection: duckdb.DuckDBPyConnection, now: Cycle, outside: list[laws.Finding]) -> None:
    known = {row[0] for row in connection.execute("select exception_id from facts.exceptions").fetchall()}
    append(
        connection,
        "facts.exceptions",
        [
            {
                "exception_id": f"{f.rule}#{f.subject_id}", "kind": f.rule, "key": f.subject_id, "expected": f.law, "found": f.reason,
                "explanation": f.reason, "event_at": now.as_of, "cycle_seq": now.cycle_seq, "recorded_at": now.as_of,
            }
            for f in {f"{f.rule}#{f.subject_id}": f for f in outside}.values()
            if f"{f.rule}#{f.subject_id}" not in known
        ],
    )  # fmt: skip


def _keep_quality(connection: duckdb.DuckDBPyConnection, compiled: Any, found: list[laws.Finding]) -> None:
    replace(
        connection,
        "plans.quality",
        [
            {
                "check_name": law, "scope": "", "stage": "commit", "severity": "error", "passed": not any(f.law == law for f in found),
                "failing_rows": sum(f.law == law for f in found),
            }
            for law in compiled
        ],
    )  # fmt: skip


@dg.asset(
    group_name="commit",
    kinds={"duckdb"},
    owners=["team:platform"],
    deps=["audit", "demand_forecasts"],
    output_required=False,
)
def commit(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult]:
    """What takes effect: waves and reservations, dispatches, document numbers, holds, promises. Nothing new: nothing follows."""
    home = warehouse.home
    with warehouse.connect() as connection:
        now = cycles.before_commit(connection)
        if not is_news(home, connection, now):
            publish.write_status(
                home,
                {
                    **publish.read_status(home),
                    "as_of": now.as_of.isoformat(),
                    "outcome": "nothing new",
                    "looked_at_cycle_id": str(now.cycle_seq),
                },
            )
            context.log.info("nothing new: nothing is committed, nothing is published")
            return
        started = datetime.fromtimestamp(context.instance.get_run_stats(context.run_id).start_time or 0, UTC)
        done = commits.commit(
            connection, now, code_version=code_version(), started_at=started, ended_at=datetime.now(UTC)
        )
    boundary("after commit")
    yield dg.MaterializeResult(metadata={name: count for name, count in done.items() if count})


def is_news(home: Home, connection: duckdb.DuckDBPyConnection, now: Cycle) -> bool:
    """Something was captured or commanded, the plan takes effect, a day ended since the last publication, or that was by older code."""
    if publish.read_status(home).get("shape") != project_fingerprint():
        return True
    captured = any(
        value(connection, f"select 1 from {table} where cycle_seq = ? limit 1", [now.cycle_seq])
        for table in (*commits.INPUT, "facts.capture_files")
    )
    if captured or commits.commits_anything(connection):
        return True
    zone = ZoneInfo(
        value(
            connection,
            "select value from intermediate.int_policies__in_force where policy_key = 'reporting.timezone' and scope = ''",
        )
    )
    last = value(connection, "select max(as_of) from facts.cycles where state = 'published'")
    return last is None or last.astimezone(zone).date() < now.as_of.astimezone(zone).date()
