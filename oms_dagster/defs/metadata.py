"""What assets show of themselves in the Dagster UI: row counts, a preview, the report of a solver."""

from typing import Any

import dagster as dg
import duckdb

from oms_dagster.domain.solving import SolveReport

PREVIEW_ROWS = 5


def table_metadata(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> dict[str, Any]:
    """Row count and the first rows of a table."""
    count = connection.execute(f'select count(*) from {schema}."{table}"').fetchall()[0][0]
    metadata: dict[str, Any] = {"dagster/row_count": count}
    if count:
        cursor = connection.execute(f'select * from {schema}."{table}" limit {PREVIEW_ROWS}')
        names = [column[0] for column in cursor.description or ()]
        metadata["preview"] = dg.MetadataValue.table(
            [dg.TableRecord({n: _cell(v) for n, v in zip(names, row, strict=True)}) for row in cursor.fetchall()],
            schema=dg.TableSchema([dg.TableColumn(n) for n in names]),
        )
    return metadata


def _cell(value: Any) -> str | int | float | bool | None:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def solve_metadata(report: SolveReport) -> dict[str, Any]:
    """Cost, bound and gap, gain over the naive plan, effort: what every plan says about itself."""
    shown: dict[str, Any] = {
        "engine": report.engine, "status": report.status, "objective": report.objective, "baseline": report.baseline,
        "effort": report.effort, "seed": report.seed, "seconds": round(report.wall_s, 3), "fuse": report.fuse, "size": report.size,
    }  # fmt: skip
    for name, value in (("bound", report.bound), ("gap", report.gap), ("gain", report.gain)):
        if value is not None:
            shown[name] = value
    return shown


def solver_run(stage: str, scope: str, report: SolveReport) -> dict[str, Any]:
    """A row of `solver_runs`."""
    return {
        "stage": stage, "scope": scope, "engine": report.engine, "status": report.status, "objective": report.objective,
        "baseline": report.baseline, "baseline_objective": report.baseline_objective, "bound": report.bound,
        "bound_kind": report.bound_kind, "gap": None if report.gap is None else f"{report.gap:.6f}", "effort": report.effort,
        "fuse": report.fuse, "wall_s": f"{report.wall_s:.3f}", "seed": report.seed, "size": report.size,
    }  # fmt: skip
