"""A small published world for the control tower: a home with a copy that has every table, and a handful of made-up rows.

Belongs here: the tables as the published contract types them (read from the models' own contracts, so that the world
can't drift from them) and rows that show every state once. Does not belong here: assertions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import world_rows
import yaml
from world_rows import CYCLE, NOW, PDF, TODAY, Row, ago

from oms_dagster import settings
from oms_dagster.operations.store import upgrade
from oms_dagster.settings import DBT_PROJECT, HOME_VERSION, Home
from oms_dagster.warehouse import connect
from oms_dagster.warehouse.shape import project_fingerprint


def contracts() -> dict[str, list[tuple[str, str]]]:
    """Columns and types of every published table, as its model promises."""
    found: dict[str, list[tuple[str, str]]] = {}
    for file in sorted((DBT_PROJECT / "models" / "marts").glob("*/_*__models.yml")):
        for model in yaml.safe_load(file.read_text()).get("models", []):
            found[model["name"]] = [(column["name"], column["data_type"]) for column in model["columns"]]
    return found


def create_home(root: Path) -> Home:
    """A home with its folders and an operations store; nothing published."""
    home = settings.home(root)
    for folder in (home.inbox, home.archive, home.channels, home.published, home.outbox, home.dagster):
        folder.mkdir(parents=True, exist_ok=True)
    upgrade(home.operations_url)
    home.version_file.write_text(json.dumps({"home_version": HOME_VERSION, "code_version": "test"}))
    return home


def publish(home: Home, cycle: int = CYCLE, *, filled: bool = True) -> Path:
    """Write a copy of the world and point `current` at it; empty tables unless ``filled``."""
    path = home.published / f"{cycle:08d}.duckdb"
    path.unlink(missing_ok=True)
    connect.create(path)
    with connect.writer(path) as connection:
        tables = contracts()
        for name, columns in tables.items():
            typed = ", ".join(f'"{column}" {kind}' for column, kind in columns)
            connection.execute(f"create table marts.{name} ({typed})")
        _policies(connection)
        connection.execute("insert into plans.cycle values (?, ?, 1)", [cycle, NOW])
        if filled:
            for name, rows in {
                **world_rows.orders(),
                **world_rows.stock(),
                **world_rows.plans(),
                **world_rows.transport(),
                **world_rows.afterwards(),
                **world_rows.reports(cycle),
            }.items():
                _insert(connection, f"marts.{name}", [c for c, _ in tables[name]], rows, cycle)
            _facts(connection)
            _kpi_definitions(connection)
    _documents_files(home)
    _archive(home)
    link = home.current.with_suffix(".link")
    link.unlink(missing_ok=True)
    link.symlink_to(path.name)
    link.replace(home.current)
    home.status_file.write_text(
        json.dumps(
            {
                "cycle_id": str(cycle),
                "as_of": NOW.isoformat(),
                "outcome": "published",
                "published_as_of": NOW.isoformat(),
                "shape": project_fingerprint(),
            }
        )
    )
    return path


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, known: Sequence[str], rows: Sequence[Row], cycle: int
) -> None:
    for row in rows:
        values = {
            **({"as_of": NOW} if "as_of" in known else {}),
            **({"cycle_id": str(cycle)} if "cycle_id" in known else {}),
            **row,
        }
        unknown = set(values) - set(known)
        assert not unknown, f"{table} has no column {unknown}"
        names = ", ".join(f'"{name}"' for name in values)
        connection.execute(
            f"insert into {table} ({names}) values ({', '.join('?' * len(values))})", list(values.values())
        )


def _archive(home: Home) -> None:
    sha256 = hashlib.sha256(world_rows.TILL).hexdigest()
    kept = home.archive / sha256[:2] / sha256
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(world_rows.TILL)


def _policies(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table intermediate.int_policies__in_force (policy_key varchar, scope varchar, value varchar)"
    )
    connection.execute(
        "insert into intermediate.int_policies__in_force values ('reporting.timezone', '', 'Europe/London'), ('reporting.currency', '', 'GBP'),"
        " ('sourcing.cost_shipment', '', '2.00'), ('sourcing.cost_km_shipment', '', '0.035'), ('sourcing.cost_km_kg', '', '0.0006'),"
        " ('replenishment.transfer_days', '', '2')"
    )


def _facts(connection: duckdb.DuckDBPyConnection) -> None:
    for load, shipment, sequence in (("L1", "SH1", 1), ("L1", "SH2", 2), ("L2", "SH4", 1)):
        connection.execute(
            "insert into plans.load_shipments (load_id, shipment_id, stop_sequence, load_position) values (?, ?, ?, ?)",
            [load, shipment, sequence, sequence],
        )
    for table, row in (
        (
            "facts.deliveries",
            {
                "event_id": "x",
                "shipment_id": "SH3",
                "outcome": "delivered",
                "event_at": ago(hours=18),
                "source": "simulated",
            },
        ),
        (
            "facts.promise_events",
            {
                "order_line_id": "shopify-1001-2",
                "event": "first",
                "location_id": "MAN",
                "quantity": 5,
                "deliver_date": date(2026, 3, 5),
                "event_at": ago(hours=5),
            },
        ),
        (
            "facts.backorder_events",
            {
                "order_line_id": "shopify-1006-2",
                "event": "begun",
                "quantity": 5,
                "reason": "no stock",
                "event_at": ago(days=3),
            },
        ),
        (
            "facts.load_events",
            {"load_id": "L2", "event": "approved", "actor": "planner", "reason": "checked", "event_at": ago(hours=1)},
        ),
    ):
        names = ", ".join(row)
        connection.execute(f"insert into {table} ({names}) values ({', '.join('?' * len(row))})", list(row.values()))


def _kpi_definitions(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"create table staging.kpi_definitions as select * from read_csv('{DBT_PROJECT / 'seeds' / 'reference' / 'kpi_definitions.csv'}', header = true, all_varchar = true)"
    )
    connection.execute(
        "create table intermediate.int_kpi__order_facts (order_id varchar, channel varchar, location_id varchar, segment varchar, is_counted boolean, due_day_requested date,"
        " due_day_latest date, is_on_time_requested boolean, is_on_time_latest boolean, is_in_full boolean, is_otif_requested boolean, is_otif_latest boolean)"
    )
    for number in range(12):
        good = number < 8
        connection.execute("insert into intermediate.int_kpi__order_facts values (?, ?, 'MAN', 'retail', true, ?, ?, ?, ?, true, ?, ?)",
                           [f"shopify-{1001 + number}", "shopify" if number % 2 else "pos", TODAY, TODAY, good, good,
                           good, good])  # fmt: skip


def _documents_files(home: Home) -> None:
    folder = home.outbox / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("romaneio-1.pdf", "packing_slip-1.pdf"):
        (folder / name).write_bytes(PDF)
