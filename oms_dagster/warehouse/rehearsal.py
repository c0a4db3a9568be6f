"""What the hold rules would say under other policies: worked out beside the published copy, in memory; nothing is written.

Belongs here: rebuilding the screening of the last cycle over the published facts, with policies changed. Does not belong
here: the rules themselves. They are the very SQL that the last cycle ran, as dbt compiled it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

#: Layers below the published tables, in the order in which they read each other.
LAYERS = ("facts", "plans", "staging", "intermediate")
#: Where the findings of the rules come together.
FINDINGS = ("int_holds__prepared", "int_holds__sourced")


class CannotRehearse(RuntimeError):
    """The copy or the compiled rules are not there, or don't fit each other: one line with what to do."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change of policies does to one hold type.

    Attributes
    ----------
    held_before, held_after
        Orders with a finding that nobody released.
    newly_held, freed
        Orders that only one of the two holds.
    newly_held_base, freed_base
        Their totals, in the reporting currency.
    """

    hold_type: str
    held_before: int
    held_after: int
    newly_held: int
    freed: int
    newly_held_base: Decimal
    freed_base: Decimal


def rehearse(copy: Path, compiled: Path, changes: Mapping[str, str]) -> list[Difference]:
    """Compare the findings under the policies in force with those under changed ones, per hold type that either knows.

    Parameters
    ----------
    copy
        A published copy.
    compiled
        Folder of the SQL that dbt compiled for that copy's last cycle.
    changes
        Policy key -> value, from the copy's `as_of` on.

    Raises
    ------
    CannotRehearse
        The rules don't run over the copy: it is older than the code, or no cycle has run yet.
    """
    with _beside(copy, compiled) as memory:
        _take_down(memory, "before")
        for key, value in changes.items():
            memory.execute("insert into changed values (?, ?)", [key, value])
        _take_down(memory, "after")
        return [Difference(*row) for row in memory.execute(_COMPARED).fetchall()]


@contextmanager
def _beside(copy: Path, compiled: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that sees the copy's tables and has its views, with the changes of policies on top."""
    memory = duckdb.connect()
    try:
        memory.execute("set TimeZone = 'UTC'")
        memory.execute("create table changed (policy_key varchar, value varchar)")
        try:
            memory.execute(f"attach '{copy.resolve(strict=True)}' as published (read_only)")
        except (OSError, duckdb.Error) as error:
            raise CannotRehearse(f"the published copy can't be read ({error}): run `oms cycle` first") from error
        _rebuild(memory, compiled)
        yield memory
    finally:
        memory.close()


def _rebuild(memory: duckdb.DuckDBPyConnection, compiled: Path) -> None:
    rules = {path.stem: path.read_text() for path in compiled.glob("*/models/intermediate/screening/int_*.sql")}
    if not rules:
        raise CannotRehearse("no compiled rules are there: run `oms cycle` first")
    for layer in LAYERS:
        memory.execute(f"create schema {layer}")
    for schema, table in memory.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'published' and list_contains($layers::varchar[], schema_name)",
        {"layers": list(LAYERS)},
    ).fetchall():
        if table not in rules:
            memory.execute(f'create view {schema}."{table}" as {_seen(schema, table)}')
    waiting = {f"intermediate.{name}": f'create view intermediate."{name}" as {sql}' for name, sql in rules.items()}
    waiting |= {
        f"{schema}.{name}": sql.replace(" published.", " ")
        for schema, name, sql in memory.execute(
            "select schema_name, view_name, sql from duckdb_views() where database_name = 'published'"
            " and list_contains($layers::varchar[], schema_name)",
            {"layers": list(LAYERS)},
        ).fetchall()
    }
    while waiting:
        left = {name: sql for name, sql in waiting.items() if not _made(memory, sql)}
        if len(left) == len(waiting):
            break  # what is left is read by no rule, or the findings say so below
        waiting = left


def _seen(schema: str, table: str) -> str:
    """A table of the copy; the changes of policies count from its `as_of` on."""
    shown = f'select * from published.{schema}."{table}"'
    if (schema, table) != ("facts", "policy_changes"):
        return shown
    return (
        f"{shown} union all by name select policy_key, '' as scope, value, cycle.as_of as valid_from, '~' as command_id,"
        " cycle.cycle_seq, cycle.as_of as recorded_at from changed cross join published.plans.cycle as cycle"
    )


def _made(memory: duckdb.DuckDBPyConnection, sql: str) -> bool:
    try:
        memory.execute(sql)
    except (duckdb.CatalogException, duckdb.BinderException):
        return False
    return True


def _take_down(memory: duckdb.DuckDBPyConnection, name: str) -> None:
    there = {
        row[0]
        for row in memory.execute("select view_name from duckdb_views() where schema_name = 'intermediate'").fetchall()
    }
    found = " union all by name ".join(
        f"select hold_type, order_id from intermediate.{model} where not is_released"
        for model in FINDINGS
        if model in there
    )
    if FINDINGS[0] not in there:
        raise CannotRehearse("the rules don't fit the published copy: run `oms cycle` with this version first")
    memory.execute(f"create table {name} as select distinct hold_type, order_id from ({found})")


_COMPARED = """
with sides as (
    select coalesce(b.hold_type, a.hold_type) as hold_type, b.order_id as before_id, a.order_id as after_id,
           coalesce(o.order_total_base, 0) as value
    from before as b full join after as a on b.hold_type = a.hold_type and b.order_id = a.order_id
    left join intermediate.int_orders__current as o on coalesce(b.order_id, a.order_id) = o.order_id
)
select hold_type, count(before_id), count(after_id), count(*) filter (before_id is null), count(*) filter (after_id is null),
       coalesce(sum(value) filter (before_id is null), 0), coalesce(sum(value) filter (after_id is null), 0)
from sides group by hold_type order by count(*) filter (before_id is null or after_id is null) desc, hold_type
"""
