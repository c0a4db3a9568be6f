"""What every published table owes its readers: the contract's columns and types, a dictionary, keys, lists and laws."""

from __future__ import annotations

import pytest
from published_columns import PUBLISHED

from oms_dagster.warehouse import connect

#: Tables of which the contract names columns without an order.
ANY_ORDER = {
    "credit_notes",
    "refunds",
    *(f"{entity}_versions" for entity in ("customer", "sku", "location", "vehicle", "supplier")),
}


@pytest.fixture(scope="module")
def columns(built):
    """Columns of each published table, in their order."""
    found = {}
    for table, column in built.rows(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' order by 1, column_index"
    ):
        found.setdefault(table, []).append(column)
    return found


@pytest.mark.parametrize("table", sorted(PUBLISHED))
def test_each_published_table_begins_with_the_columns_of_the_contract(columns, table):
    assert tuple(columns[table][: len(PUBLISHED[table])]) == PUBLISHED[table] or table in ANY_ORDER
    assert set(PUBLISHED[table]) <= set(columns[table])
    assert {"as_of", "cycle_id"} <= set(columns[table])


def test_every_published_column_is_described_and_typed_under_an_enforced_contract(built, columns):
    marts = {
        node.name: node
        for node in built.manifest.nodes.values()
        if node.resource_type == "model" and node.schema == "marts"
    }
    for table in PUBLISHED:
        node = marts[table]
        assert node.config.contract.enforced, table
        assert node.description.startswith("One row per "), table
        assert list(node.columns) == columns[table], table
        assert not [
            name for name, column in node.columns.items() if not column.description.strip() or not column.data_type
        ], table


def test_no_published_number_is_a_double(built):
    assert (
        built.rows(
            "select table_name, column_name from duckdb_columns()"
            " where schema_name = 'marts' and data_type in ('DOUBLE', 'FLOAT')"
        )
        == []
    )


def test_keys_closed_lists_relations_and_laws_of_the_published_tables_hold(built):
    assert len(built.tests) > 150
    with connect.reader(built.after) as connection:
        failing = {name: len(connection.execute(sql).fetchall()) for name, sql in built.tests.items()}
    assert {name: rows for name, rows in failing.items() if rows} == {}
