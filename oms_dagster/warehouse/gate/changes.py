"""Changes that name only what changes become whole versions of their order, before anything is judged.

Belongs here: finding the version that a change builds on, in the facts or earlier in the file. Does not belong here: the
rules of applying it (`domain.capture.amendments`), outcomes (`outcomes`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb

from oms_dagster.domain.capture.amendments import Inapplicable, amended
from oms_dagster.domain.capture.channel import Channel
from oms_dagster.domain.capture.records import ORDER
from oms_dagster.warehouse.flat import literal
from oms_dagster.warehouse.gate.typed import ERROR_TYPE

_HEADER = tuple(f.name for f in ORDER.fields[: ORDER.field_names.index("row_kind")])
#: How versions of an order sort: as times, else as numbers, else as texts; none comes first.
VERSION_ORDER = (
    "try_cast(order_version as timestamptz) nulls first, try_cast(order_version as decimal(38,6)) nulls first,"
    " order_version nulls first"
)
Rows = Sequence[Mapping[str, Any]]


def complete_changes(connection: duckdb.DuckDBPyConnection, channel: Channel, present: Sequence[str]) -> None:
    """Replace the rows of each change by those of the order after it; lay an error on what can't be applied."""
    if "message_kind" not in present or not _has_changes(connection) or not _stage_versions(connection, channel):
        return
    known = _rows_by_message(connection, _facts_sql(), "message_id")
    given = _rows_by_message(connection, _file_sql(), "message_no")
    versions: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for order, *version in connection.execute(
        "select channel_order_id, message_id, message_no, kind, order_version, is_known from gate_versions order by"
        f" channel_order_id, {VERSION_ORDER}, kind = 'cancel', message_no nulls first"
    ).fetchall():
        versions[order].append(tuple(version))
    whole: dict[int, Rows] = {}
    failed: list[tuple[int, Inapplicable]] = []
    for order, found in versions.items():
        newest = max((place for place, version in enumerate(found) if version[0] is not None), default=-1)
        current: Rows | None = None
        for place, (message_id, message_no, kind, version, is_known) in enumerate(found):
            if kind != "change":
                current = (known[message_id] if message_id else given[message_no]) if kind == "order" else current
                continue
            if is_known:
                continue
            result = _applied(current, given[message_no], order, version, newest > place)
            if isinstance(result, Inapplicable):
                failed.append((message_no, result))
            else:
                current = whole[message_no] = result
    _replace(connection, whole)
    _refuse(connection, failed)


def _applied(current: Rows | None, change: Rows, order: str, version: str | None, is_late: bool) -> Rows | Inapplicable:
    if is_late:
        detail = f"found {(version or '')[:40]!r}, older than a version of order {order[:40]} accepted before"
        return Inapplicable("OUT_OF_ORDER", "order_version", detail)
    if current is None:
        detail = f"found {order[:40]!r}, of which no order was accepted before; expected one to change"
        return Inapplicable("REF_NOT_FOUND", "channel_order_id", detail)
    return amended(current, change, _HEADER)


def _has_changes(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(connection.execute("select 1 from gate_rows where message_kind = 'change' limit 1").fetchall())


def _stage_versions(connection: duckdb.DuckDBPyConnection, channel: Channel) -> bool:
    """`gate_versions`: all versions, kept and new, of orders that this file changes; whether there are any."""
    slug = literal(channel.slug)
    connection.execute(
        f"""
        create or replace temp table gate_versions as
        with given as (
            select m.message_no, m.message_key, m.content_hash, arg_min(r.channel_order_id, r.position) as channel_order_id,
                   arg_min(r.order_version, r.position) as order_version, coalesce(arg_min(r.message_kind, r.position), 'order') as kind
            from gate_messages as m join gate_rows as r using (message_no)
            where m.error is null and m.record = 'order' group by 1, 2, 3
        ),
        changed as (select distinct channel_order_id from given where kind = 'change')
        select channel_order_id, order_version, message_id, null::bigint as message_no, coalesce(message_kind, 'order') as kind,
               false as is_known
        from facts.orders semi join changed using (channel_order_id) where channel = {slug}
        union all by name
        select g.channel_order_id, g.order_version, null as message_id, g.message_no, g.kind,
               exists (select 1 from facts.capture_messages as c where c.channel = {slug} and c.outcome = 'accepted'
                       and c.message_key = g.message_key and c.content_hash = g.content_hash) as is_known
        from given as g semi join changed using (channel_order_id)
        """
    )
    return bool(connection.execute("select 1 from gate_versions limit 1").fetchall())


def _facts_sql() -> str:
    """Rows of the kept versions, charges with the tax that the file gave them in."""
    header = ", ".join(f"o.{name}" for name in _HEADER)
    return f"""
        select {header}, o.message_id, p.* exclude (message_id) from (
            select l.message_id, 'line' as row_kind, l.line_number, l.sku_code, l.barcode, l.description, l.unit,
                   coalesce(l.quantity_doc, l.quantity) as quantity, coalesce(l.unit_price_doc, l.unit_price) as unit_price,
                   l.discount_amount, l.tax_amount, l.substitution_consent
            from facts.order_lines as l where not coalesce(starts_with(l.order_line_id, l.kit_line_id || '-'), false)
            union all by name
            -- the parts of a kit that the document didn't name are one line of it
            select l.message_id, 'line' as row_kind, substr(l.kit_line_id, length(l.order_id) + 2) as line_number, l.kit_sku_code as sku_code,
                   l.kit_quantity as quantity, l.kit_unit_price as unit_price, sum(l.discount_amount) as discount_amount,
                   sum(l.tax_amount) as tax_amount, any_value(l.substitution_consent) as substitution_consent
            from facts.order_lines as l where starts_with(l.order_line_id, l.kit_line_id || '-') group by all
            union all by name
            select c.message_id, c.charge_kind as row_kind, c.charge_code as sku_code, c.description, c.tax_amount,
                   c.amount + case when coalesce(o.prices_include_tax, false) and c.charge_kind <> 'tax' then c.tax_amount else 0 end
                       as amount
            from facts.order_charges as c join facts.orders as o using (message_id)
        ) as p join facts.orders as o using (message_id) semi join gate_versions as v on v.message_id = o.message_id
        order by o.message_id, p.row_kind, p.line_number
    """


def _file_sql() -> str:
    fields = ", ".join(f"r.{name}" for name in ORDER.field_names)
    return f"select r.message_no, {fields} from gate_rows as r semi join gate_versions as v using (message_no) order by r.position"


def _rows_by_message(connection: duckdb.DuckDBPyConnection, sql: str, key: str) -> dict[Any, list[Mapping[str, Any]]]:
    found = connection.execute(sql)
    names = [column[0] for column in found.description or ()]
    grouped: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for values in found.fetchall():
        row = dict(zip(names, values, strict=True))
        grouped[row.pop(key)].append({name: row.get(name) for name in ORDER.field_names})
    return grouped


def _replace(connection: duckdb.DuckDBPyConnection, whole: Mapping[int, Rows]) -> None:
    """Put the whole rows in the place of the changes', at positions that count on from the change's first row."""
    if not whole:
        return
    columns = {name: kind for name, kind, *_ in connection.execute("describe gate_typed").fetchall()}
    _list_messages(connection, whole)
    first = dict(
        connection.execute(
            "select message_no, position from gate_messages semi join gate_changed using (message_no)"
        ).fetchall()
    )
    rows: list[dict[str, str | None]] = []
    for message_no, parts in whole.items():
        for position, part in enumerate(parts, first[message_no]):
            values = {name: _text(part.get(name)) for name in columns if name in ORDER.field_names}
            rows.append({"position": str(position), "message_no": str(message_no), **values})
    connection.execute("delete from gate_typed where message_no in (select message_no from gate_changed)")
    names = [name for name in columns if name in rows[0]]
    shape = literal(json.dumps([dict.fromkeys(names, "VARCHAR")]))
    cast = ", ".join(f"r.{name}::{columns[name]} as {name}" for name in names)
    connection.execute(
        f"insert into gate_typed by name select {cast} from (select unnest(from_json(?, {shape})) as r)",
        [json.dumps(rows)],
    )


def _list_messages(connection: duckdb.DuckDBPyConnection, messages: Iterable[int]) -> None:
    connection.execute("create or replace temp table gate_changed (message_no bigint)")
    connection.execute(
        "insert into gate_changed select unnest(from_json(?, '[\"BIGINT\"]'))", [json.dumps(list(messages))]
    )


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _refuse(connection: duckdb.DuckDBPyConnection, failed: Sequence[tuple[int, Inapplicable]]) -> None:
    if not failed:
        return
    rows = [
        {
            "m": number,
            "code": why.code,
            "field": why.field,
            "detail": f"message {number}, {why.field}: {why.detail}; send the order that it changes, then this again",
        }
        for number, why in failed
    ]
    shape = literal(json.dumps([{"m": "BIGINT", "code": "VARCHAR", "field": "VARCHAR", "detail": "VARCHAR"}]))
    connection.execute(
        f"""
        update gate_messages set error = {{'code': f.r.code, 'field': f.r.field, 'detail': f.r.detail}}::{ERROR_TYPE}
        from (select unnest(from_json(?, {shape})) as r) as f where gate_messages.message_no = f.r.m
        """,
        [json.dumps(rows)],
    )
