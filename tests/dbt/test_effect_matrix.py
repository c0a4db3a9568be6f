"""The effect matrix is obeyed: whatever holds an order has, each step is kept from it exactly if one of them blocks the step."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from oms_dagster import settings

#: Before the step there is a line to promise and release, O2-1, and a shipment that may ride, S4 of O4.
MATRIX = {
    row["hold_type"]: row
    for row in csv.DictReader((settings.DBT_PROJECT / "seeds" / "policies" / "hold_types.csv").open(encoding="utf-8"))
    if row["band"] == "prepare"
}
MODELS = ("int_holds__blocking", "int_demand__open", "int_release__queue", "int_shipments__waiting")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps, each a query over the world before the commit."""

    connection: duckdb.DuckDBPyConnection
    sql: Mapping[str, str]

    def hold(self, order_id: str, line_id: str, types: Mapping[str, bool]) -> None:
        """Place holds, each on the whole order (True) or on its line, and nothing else."""
        self.connection.execute("delete from intermediate.int_holds__prepared")
        for hold_type, on_order in types.items():
            self.connection.execute(
                "insert into intermediate.int_holds__prepared by name select ? as hold_type, ? as order_id, ? as order_line_id, false as is_released",
                [hold_type, order_id, None if on_order else line_id],
            )
        self.build("int_holds__blocking")

    def build(self, model: str) -> None:
        self.connection.execute(f"create or replace table intermediate.{model} as {self.sql[model]}")

    def rows(self, model: str, where: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(f"select * from ({self.sql[model]}) where {where}").fetchall()


@pytest.fixture
def pipeline(built: Any, unbuilt: duckdb.DuckDBPyConnection) -> Pipeline:
    compiled = built.dbt("compile", "--select", *MODELS).results
    return Pipeline(unbuilt, {r.node.name: r.node.compiled_code for r in compiled if r.node.name in MODELS})


def blocks(types: Mapping[str, bool], *steps: str) -> bool:
    return any(MATRIX[hold_type][f"blocks_{step}"] == "true" for hold_type in types for step in steps)


held = st.dictionaries(st.sampled_from(sorted(MATRIX)), st.booleans(), max_size=4)
once = budget(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(types=held)
@once
def test_a_line_is_promised_and_released_unless_a_hold_of_it_says_no(
    pipeline: Pipeline, types: Mapping[str, bool]
) -> None:
    pipeline.hold("O2", "O2-1", types)
    assert bool(pipeline.rows("int_demand__open", "order_line_id = 'O2-1'")) is not blocks(types, "promise")
    due = pipeline.rows(
        "int_release__queue",
        "order_line_id = 'O2-1' and ship_date = date '2026-03-10' and waits_for is distinct from 'HELD'",
    )
    assert bool(due) is not blocks(types, "release", "reserve")


@given(types=held)
@once
def test_a_shipment_on_the_floor_rides_unless_a_hold_of_its_order_says_no(
    pipeline: Pipeline, types: Mapping[str, bool]
) -> None:
    pipeline.hold("O4", "O4-1", types)
    free = pipeline.rows("int_shipments__waiting", "shipment_id = 'S4' and held_by is null")
    assert bool(free) is not blocks(types, "load")
