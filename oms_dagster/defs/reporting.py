"""Reporting: the report of each closed day, written once to the outbox with an envelope.

Belongs here: files and the asset. What a report says is in `warehouse.daily`, how it looks in `domain.reporting`.
"""

import json
from datetime import UTC, date
from pathlib import Path

import dagster as dg
import duckdb

from oms_dagster import settings
from oms_dagster.defs.resources import Warehouse
from oms_dagster.settings import Home
from oms_dagster.warehouse import daily

FOLDER = "reports"


def last_reported(home: Home) -> date | None:
    """Day of the newest report; a report stands when its envelope does."""
    return max((date.fromisoformat(path.stem) for path in (home.outbox / FOLDER).glob("????-??-??.json")), default=None)


def write_reports(home: Home, connection: duckdb.DuckDBPyConnection) -> list[Path]:
    """Write the report of each day that closed since the last one; files of a cycle that died here are written over.

    Returns
    -------
    list of Path
        The new files, oldest day first.
    """
    waiting = daily.days_waiting(connection, last_reported(home))
    if not waiting:
        return []
    from oms_dagster.domain.documents.envelope import ENVELOPE_VERSION, sha256_of
    from oms_dagster.domain.reporting.definitions import read_definitions
    from oms_dagster.domain.reporting.report import TEMPLATE_VERSION, render_report

    seed = settings.DBT_PROJECT / "seeds" / "reference" / "kpi_definitions.csv"
    definitions = read_definitions(seed.read_text(encoding="utf-8"))
    folder = home.outbox / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for day in waiting:
        report = daily.daily_report(connection, day, definitions)
        content = render_report(report).encode()
        key = f"daily_report/{day.isoformat()}"
        envelope = {
            "id": key,
            "type": "daily_report",
            "version": ENVELOPE_VERSION,
            "key": key,
            "payload": {
                "title": "Daily Report",
                "day": day.isoformat(),
                "timezone": report.timezone,
                "as_of": report.as_of.astimezone(UTC).isoformat(),
                "cycle_id": report.cycle_id,
                "file": f"{FOLDER}/{day.isoformat()}.html",
                "media_type": "text/html",
                "sha256": sha256_of(content),
                "template_version": TEMPLATE_VERSION,
            },
        }
        target = folder / f"{day.isoformat()}.html"
        _write(target, content)
        _write(target.with_suffix(".json"), (json.dumps(envelope, indent=1, sort_keys=True) + "\n").encode())
        written.append(target)
    return written


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


@dg.asset(group_name="reporting", kinds={"python", "html"}, owners=["team:planning"], deps=["published"])
def daily_reports(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
    """A page for managers per closed day: figures with trend, exceptions, charts; publishing never waits for it."""
    with warehouse.connect() as connection:
        written = write_reports(warehouse.home, connection)
    metadata: dict[str, int | dg.MetadataValue] = {"written": len(written)}
    if written:
        metadata["newest"] = dg.MetadataValue.path(str(written[-1]))
        context.log.info(f"wrote the report of {', '.join(path.stem for path in written)}")
    return dg.MaterializeResult(metadata=metadata)
