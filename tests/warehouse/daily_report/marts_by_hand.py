"""Tables that have the columns which the marts promise, filled by hand, and the day that is reported."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

from oms_dagster.domain.reporting.daily import DailyReport
from oms_dagster.domain.reporting.definitions import read_definitions
from oms_dagster.settings import DBT_PROJECT
from oms_dagster.warehouse import connect
from oms_dagster.warehouse.daily import daily_report

#: London is in summer time: the day is 2 June 23:00 to 3 June 23:00 UTC.
DAY = date(2026, 6, 3)
OPENS, CLOSES = datetime(2026, 6, 2, 23, tzinfo=UTC), datetime(2026, 6, 3, 23, tzinfo=UTC)
AS_OF = datetime(2026, 6, 4, 5, tzinfo=UTC)
DEFINITIONS = read_definitions((DBT_PROJECT / "seeds/reference/kpi_definitions.csv").read_text(encoding="utf-8"))


def empty(path: Path) -> None:
    """A warehouse whose marts are empty tables with the columns and types of their contracts."""
    connect.create(path)
    with connect.writer(path) as connection:
        for schema, layer in (("marts", "marts"), ("intermediate", "intermediate/reporting")):
            for file in sorted((DBT_PROJECT / "models" / layer).rglob("_*__models.yml")):
                for model in yaml.safe_load(file.read_text()).get("models", []):
                    typed = [c for c in model.get("columns", []) if "data_type" in c]
                    columns = ", ".join(f'"{c["name"]}" {c["data_type"]}' for c in typed)
                    if columns:
                        connection.execute(f"create or replace table {schema}.{model['name']} ({columns})")
        connection.execute("create table intermediate.int_policies__in_force (policy_key text, scope text, value text)")
        connection.execute(
            "insert into intermediate.int_policies__in_force values"
            " ('reporting.timezone', '', 'Europe/London'), ('reporting.currency', '', 'GBP')"
        )


class Marts:
    """The warehouse of a test, to be filled by hand."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def add(self, table: str, **row: Any) -> None:
        """Append one row; what is not said is null."""
        name = table if "." in table else f"marts.{table}"
        columns = ", ".join(f'"{column}"' for column in row)
        self.connection.execute(
            f"insert into {name} ({columns}) values ({', '.join('?' * len(row))})", list(row.values())
        )

    def cycle(self, seq: int, as_of: datetime, *states: str) -> None:
        """A cycle that reached these states; the marts are of the last one added."""
        for state in states or ("committed", "published"):
            self.add("facts.cycles", cycle_seq=seq, state=state, as_of=as_of, recorded_at=as_of, seed=1)
        self.connection.execute("delete from plans.cycle")
        self.add("plans.cycle", cycle_seq=seq, as_of=as_of, seed=1)
        self.add("cycles", cycle_id=str(seq), as_of=as_of, code_version="0.1.0")

    def report(self, day: date = DAY) -> DailyReport:
        return daily_report(self.connection, day, DEFINITIONS)


def order(marts: Marts, order_id: str, **row: Any) -> None:
    given = {
        "placed_at": CLOSES - timedelta(hours=3),
        "is_test": False,
        "fulfilment_status": "open",
        "items_total": 100,
        "discount_total": 0,
        "shipping_total": 0,
        "charge_total": 0,
        "tax_total": 20,
        "rounding_total": 0,
        "order_total": 120,
        "order_total_base": 120,
    }
    marts.add("orders", order_id=order_id, **given | row)


def hold(marts: Marts, hold_id: str, order_id: str, **row: Any) -> None:
    given = {
        "hold_type": "CREDIT_LIMIT",
        "remedy": "pay",
        "owner": "team:credit",
        "sla_hours": 24,
        "placed_at": CLOSES - timedelta(hours=6),
    }
    marts.add("order_holds", hold_id=hold_id, order_id=order_id, **given | row)


def figure(marts: Marts, kpi: str, day: date, numerator: int, denominator: int, **row: Any) -> None:
    value = Decimal(numerator) / Decimal(denominator)
    given = {"kpi": kpi, "kpi_version": "1", "day": day, "dimension": "all", "dimension_value": "all", "n": denominator}
    marts.add("kpi_daily", numerator=numerator, denominator=denominator, value=value, **given | row)
