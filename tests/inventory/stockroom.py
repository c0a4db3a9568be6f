"""A desk whose cycles add to the balances of stock by the very statements that dbt runs, and that can count anew from all facts.

Belongs here: folding as a cycle does, and the same figures from nothing but facts. Does not belong here: what is expected (the tests).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbt_here import dbt_on
from desk import Desk

MODELS = ("int_atp__by_day", "int_lots__free", "replenishment_suggestions", "stock_snapshots", "supply")
BALANCES = "intermediate.int_stock__balances"
#: The tables that stock is read from; the rest is views.
TABLES = (BALANCES, "intermediate.int_supply__open", "intermediate.int_reservations__active")


@dataclass(frozen=True, slots=True)
class Fold:
    """How dbt adds to the balances: what is new, the temporary table that it puts it in, and the statement that merges it."""

    new: str
    table: str
    merge: str


def folds(folder: Path) -> Fold:
    """Have dbt add to the balances of a prepared warehouse once, and keep the statements."""
    with dbt_on(folder / "warehouse.duckdb", folder / "later") as dbt:
        dbt("run", "--select", "int_stock__balances")
    place = Path("oms/models/intermediate/inventory/int_stock__balances.sql")
    merge = (folder / "later" / "run" / place).read_text()
    table = merge.split("USING ", 1)[1].split()[0]
    return Fold(
        (folder / "later" / "compiled" / place).read_text(),
        table.split(".")[-1].strip('"'),
        merge.replace(table, "_new"),
    )


@dataclass
class Stockroom(Desk):
    """The warehouse, its clock, and how it folds."""

    fold: Fold = field(kw_only=True)

    def open(self) -> None:
        """The running cycle gets its number and time."""
        self.connection.execute("delete from plans.cycle")
        self.connection.execute("insert into plans.cycle values (?, ?, 1)", [self.cycle_seq, self.as_of])

    def run(self, everything: bool = False) -> None:
        """The running cycle builds its tables of stock, or all; the balances are added to."""
        self.open()
        for name, materialised, sql in self.compiled:
            if name == BALANCES:
                self.connection.execute(f"create or replace temp table _new as {self.fold.new}")
                self.connection.execute(self.fold.merge)
            elif materialised == "table" and (everything or name in TABLES):
                self.connection.execute(f"create or replace table {name} as {sql}")

    def forget(self) -> None:
        """The balances are lost: everything but facts may be deleted."""
        sql = next(sql for name, _, sql in self.compiled if name == BALANCES)
        self.connection.execute(f"create or replace table {BALANCES} as {sql}")

    def balances(self) -> list[tuple[Any, ...]]:
        """What the folded table says."""
        return self.connection.execute(f"from {BALANCES} order by all").fetchall()

    def balances_anew(self) -> list[tuple[Any, ...]]:
        """What a full build would say."""
        sql = next(sql for name, _, sql in self.compiled if name == BALANCES)
        return self.connection.execute(f"from ({sql}) order by all").fetchall()
