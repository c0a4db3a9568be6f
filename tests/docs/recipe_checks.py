"""Run in a second process, on a copy of the checkout with all recipes of docs/extending.md in it: what they do, as JSON.

`python recipe_checks.py HOME SQL`: HOME is a folder with what the recipes put there, SQL what they say to homes from before.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oms_dagster import cli, settings
from oms_dagster.settings import Home
from oms_dagster.warehouse import connect

AS_OF = datetime(2026, 3, 2, 18, tzinfo=UTC)
LONG_ORDER = "ticket,time,row,article,pieces,price\n" + "".join(
    f"K-9,2026-03-02 11:00,{row},ART-{row},10,50\n" for row in range(1, 13)
)
RATES = "currency,rate,rate_date\nEUR,0.9,2026-03-01\n"
DOOR = (
    "event_id,shipment_id,outcome,event_at,temperature_c\n"
    "D-1,S-1,delivered,2026-03-02T12:00:00Z,4.5\nD-2,S-2,delivered,2026-03-02T12:00:00Z,99\n"
)


def main(folder: Path, sql: str) -> dict[str, Any]:
    """Captures, builds and asks."""
    home = settings.home(folder / "home")
    cli.main(["init", "--home", str(home.root)])
    (home.channels / "kiosk.yml").write_bytes((folder / "channels" / "kiosk.yml").read_bytes())
    cli.main(["import", str(folder / "kiosk.csv"), "--channel", "kiosk", "--home", str(home.root)])
    with connect.writer(home.warehouse) as connection:
        connection.execute("insert into plans.cycle values (1, ?, 1)", [AS_OF])
        connection.execute("alter table facts.deliveries drop column temperature_c")
        connection.execute(sql)
        capture(connection, home, "rates", RATES)
        capture(connection, home, "kiosk", (home.inbox / "kiosk" / "kiosk.csv").read_text())
        capture(connection, home, "kiosk", LONG_ORDER)
        capture(connection, home, "deliveries", DOOR)
    build(home)
    cli.main(
        ["command", "order.note", "--target", "kiosk-K-1", "--reason", "asked by phone", "--set", "note=ring twice",
         "--home", str(home.root)]
    )  # fmt: skip
    with connect.writer(home.warehouse) as connection:
        return {
            "channel": ask(connection, "select message_key, outcome, error_code from facts.capture_messages where channel = 'kiosk' order by 1"),
            "feed": ask(connection, "select event_id, cast(temperature_c as varchar) from facts.deliveries order by 1"),
            "feed_errors": ask(connection, "select error_code, error_field from facts.capture_messages where channel = 'deliveries' and outcome <> 'accepted'"),
            "published": ask(connection, "select data_type from duckdb_columns() where schema_name = 'marts' and table_name = 'deliveries' and column_name = 'temperature_c'"),
            "hold": ask(connection, "select order_id, observed, threshold from intermediate.int_holds__prepared where hold_type = 'ORDER_VALUE_HIGH'"),
            "hold_blocks": ask(connection, "select distinct blocks_release from intermediate.int_holds__blocking where hold_type = 'ORDER_VALUE_HIGH'"),
            "kpi": ask(connection, "select cast(numerator as integer), cast(denominator as integer) from marts.kpi_daily where kpi = 'long_order_rate' and dimension = 'all'"),
            "drill": drill(connection),
            "document": document(connection),
            "command": command(connection, home),
        }  # fmt: skip


def capture(connection: Any, home: Home, channel: str, text: str) -> None:
    from oms_dagster.warehouse import gate

    path = home.root / "arrived"
    path.write_text(text)
    with connect.transaction(connection):
        gate.capture_file(
            connection, home.channels, path, file_name=f"{channel}-{len(text)}.csv", channel=channel, modified_ns=1, cycle_seq=1, as_of=AS_OF
        )  # fmt: skip


def build(home: Home) -> None:
    """What a cycle's bands would build, as far as the recipes reach."""
    from dbt.cli.main import dbtRunner

    os.environ.update(OMS_WAREHOUSE=str(home.warehouse), DO_NOT_TRACK="1")
    project = str(settings.DBT_PROJECT)
    fixed = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(home.dbt_target), "--quiet", "--log-level-file", "none"]  # fmt: skip
    runner = dbtRunner(manifest=dbtRunner().invoke(["parse", *fixed]).result)
    for command in (
        ["seed"],
        ["run", "--select", "+fqn:oms.intermediate.capture", "+int_holds__blocking", "+kpi_daily", "+deliveries"],
    ):
        outcome = runner.invoke([*command, *fixed])
        failed = [
            f"{r.node.name}: {r.message}" for r in getattr(outcome.result, "results", []) if str(r.status) == "error"
        ]
        if not outcome.success:
            raise SystemExit("; ".join(failed) or str(outcome.exception))


def ask(connection: Any, sql: str) -> list[list[Any]]:
    return [list(row) for row in connection.execute(sql).fetchall()]


def drill(connection: Any) -> list[Any]:
    from oms_dagster.domain.reporting.definitions import read_definitions

    seed = settings.DBT_PROJECT / "seeds" / "reference" / "kpi_definitions.csv"
    (known,) = [d for d in read_definitions(seed.read_text()) if d.kpi == "long_order_rate"]
    rows = connection.execute(known.drill_sql, {"day": AS_OF.date()}).fetchall()
    return [known.title, sorted(row[0] for row in rows if row[4])]


def document(connection: Any) -> list[Any]:
    """A load leaves: the commit draws the number, the reader says what it says, twice the same bytes."""
    from oms_dagster.warehouse import commit, papers

    connection.execute(
        "insert into facts.loads (load_id, location_id, vehicle_id, cycle_seq) values ('L-1', 'MAIN', 'V-1', 1)"
    )
    stamp = f"1 as cycle_seq, cast('{AS_OF.isoformat()}' as timestamptz) as recorded_at"
    connection.execute(commit._memory(stamp, f"cast('{AS_OF.isoformat()}' as timestamptz)")["gate_passes"])
    (issued,) = [paper for paper in papers.pending(connection) if paper["document_type"] == "gate_pass"]
    first, second = papers.render(connection, issued), papers.render(connection, issued)
    return [issued["document_id"], issued["load_id"], first[:5].decode(), first == second]


def command(connection: Any, home: Home) -> list[Any]:
    """What the asset `ledger` does with what was sent."""
    from oms_dagster.cycle import Cycle
    from oms_dagster.operations.commands import list_commands
    from oms_dagster.operations.store import open_store
    from oms_dagster.warehouse import commands as effects

    store = open_store(home.operations_url)
    (sent,) = list_commands(store)
    store.close()
    issued = effects.Issued(
        sent.command_id,
        sent.sequence,
        sent.type,
        sent.target,
        sent.payload,
        sent.actor,
        sent.reason,
        sent.issued_at,
        None,
    )
    effects.record(connection, [issued], Cycle(1, AS_OF, 1))
    return ask(connection, "select type, target, outcome, payload ->> 'note' from facts.commands")


if __name__ == "__main__":
    told = main(Path(sys.argv[1]), sys.argv[2])
    (Path(sys.argv[1]) / "told.json").write_text(json.dumps(told))
