"""Accepted records of feeds and reference data become facts.

Belongs here: appending typed rows as they are. Does not belong here: orders (`orders`).
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from oms_dagster.domain.capture.records import Field, Record
from oms_dagster.warehouse.flat import literal
from oms_dagster.warehouse.gate.outcomes import moment

_EXACT = ("quantity", "amount", "price", "number")


def write_feed(connection: duckdb.DuckDBPyConnection, record: Record, cycle_seq: int, as_of: datetime) -> None:
    """Append accepted records to the feed's table."""
    fields = ", ".join(f"r.{field}" for field in record.field_names)
    connection.execute(
        f"""
        insert into facts.{record.name} by name
        select o.message_id, {fields}, {cycle_seq} as cycle_seq, {moment(as_of)} as recorded_at
        from gate_rows as r join gate_outcomes as o using (message_no) where o.outcome = 'accepted' order by r.position
        """
    )


def write_reference(connection: duckdb.DuckDBPyConnection, record: Record, cycle_seq: int, as_of: datetime) -> None:
    """Append accepted records as versions: attributes are those given, decimals as exact texts."""
    pairs = ", ".join(f"{literal(f.name)}: {_attribute(f)}" for f in record.fields)
    since = "timezone('UTC', r.valid_from::timestamp)" if "valid_from" in record.field_names else "null::timestamptz"
    connection.execute(
        f"""
        insert into facts.reference_versions by name
        with known as (select key, max(version) as version from facts.reference_versions where entity = {literal(record.name)}
                       and key in (select message_key from gate_outcomes) group by 1)
        select o.message_id, {literal(record.name)} as entity, o.message_key as key,
               coalesce(k.version, 0) + row_number() over (partition by o.message_key order by r.position) as version,
               json_merge_patch('{{}}', to_json({{{pairs}}})) as attributes, coalesce({since}, {moment(as_of)}) as valid_from,
               {cycle_seq} as cycle_seq, {moment(as_of)} as recorded_at
        from gate_rows as r join gate_outcomes as o using (message_no) left join known as k on k.key = o.message_key
        where o.outcome = 'accepted' order by r.position
        """
    )


def _attribute(field: Field) -> str:
    return f"r.{field.name}::varchar" if field.kind in _EXACT else f"r.{field.name}"
