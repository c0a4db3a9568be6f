"""A desk that plans: facts by hand, sourcing by the asset itself, promises and backorders remembered as the commit does.

Belongs here: a cycle from prepared facts to committed promises. Does not belong here: what is expected of it (the tests).
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import dagster as dg
import duckdb
from desk import Compiled, Desk

from oms_dagster.defs.sourcing import promises

MODELS = (
    "int_sourcing__options",
    "int_release__capacity",
    "int_calendar_exceptions__in_force",
    "int_promises__changed",
    "int_backorders__changed",
    "int_covers__changed",
    "int_substitutions__suggested",
)
REMEMBERED = {"promise_events": "int_promises__changed", "backorder_events": "int_backorders__changed",
              "cover_events": "int_covers__changed"}  # fmt: skip


@dataclass
class Planning(Desk):
    """The warehouse, its clock, and its planner."""

    @classmethod
    def start(cls, connection: duckdb.DuckDBPyConnection, compiled: Compiled) -> Planning:
        desk = cls(connection, compiled)
        desk.customer("C1")
        desk.location("LON")
        desk.location("MAN", city="Manchester", latitude="53.5", longitude="-2.2")
        for sku in ("TEA", "MUG"):
            desk.sku(sku)
        return desk

    def customer(self, code: str, **attributes: Any) -> None:
        """A customer with credit: nothing holds their orders."""
        super().customer(code, **{"credit_limit": "1000000", **attributes})

    def connect(self) -> Any:
        """As the resource that the asset is given."""
        return nullcontext(self.connection)

    def cycle(self, hours: float = 6) -> dict[str, str]:
        """Plan and remember; then time passes. Returns what became of each line's promise in this cycle, with the reason."""
        self.build()
        results = list(promises.op.compute_fn.decorated_fn(self))  # type: ignore[attr-defined]
        checks = [result for result in results if isinstance(result, dg.AssetCheckResult)]
        assert checks and all(check.passed for check in checks), checks
        told = {}
        for table, model in REMEMBERED.items():
            for name, materialised, sql in self.compiled:
                if name.endswith(f".{model}") and materialised == "table":
                    self.connection.execute(f"create or replace table {name} as {sql}")
            rows = self.rows(f"select * from intermediate.{model}")
            for row in rows:
                self.put(table, **row, event_at=self.as_of)
            if table == "promise_events":
                told = {row["order_line_id"]: f"{row['event']}: {row['reason']}" for row in rows}
        self.cycle_seq += 1
        self.as_of += timedelta(hours=hours)
        return told

    def promised(self) -> dict[str, tuple[str, float, date]]:
        """Location, quantity and ship date of each line of the last plan."""
        return {
            r["order_line_id"]: (r["location_id"], float(r["quantity"]), r["ship_date"])
            for r in self.rows("select * from plans.promises")
        }

    def waiting(self) -> dict[str, dict[str, Any]]:
        """Backorders of the last plan, by line."""
        return {r["order_line_id"]: r for r in self.rows("select * from plans.backorders")}

    def pegs(self) -> set[tuple[str, str, float]]:
        """Supply, line and quantity of the last plan's pegs."""
        return {
            (r["supply_id"], r["order_line_id"], float(r["quantity"]))
            for r in self.rows("select * from plans.supply_pegs")
        }

    def story(self, table: str, line: str) -> list[str]:
        """Reasons that were remembered of a line, the oldest first."""
        return [
            r["reason"]
            for r in self.rows(f"select reason from facts.{table} where order_line_id = '{line}' order by cycle_seq")
        ]
