"""Quantities ordered in another unit become quantities in the SKU's own, once, when the line is captured.

Belongs here: which factor each line of a file has, and measuring lines that waited for theirs. Does not belong here: what a
unit's text means and what holds for all goods (`domain.capture.units`), the money of a line (`orders`: it is that of the
quantity and price as ordered).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb

from oms_dagster.domain.capture.channel import Channel
from oms_dagster.domain.capture.records import ORDER
from oms_dagster.domain.capture.units import PIECE, conversion, unit_code
from oms_dagster.warehouse.flat import literal
from oms_dagster.warehouse.gate.changes import VERSION_ORDER
from oms_dagster.warehouse.gate.kits import explode_kits

#: Ends the message_id of the row that measures a line which waited for its factor.
MEASURED = ":measured"


def stage_factors(connection: duckdb.DuckDBPyConnection, channel: Channel) -> None:
    """`gate_factors`: per SKU and unit of this file the Recommendation 20 code and, where known, the factor as a fraction."""
    connection.execute(
        """
        create or replace temp table gate_pairs as
        select distinct sku_code, unit from gate_rows where unit is not null and row_kind in ('line', 'return')
        """
    )
    units = [unit for (unit,) in connection.execute("select distinct unit from gate_pairs order by 1").fetchall()]
    is_x12 = channel.format == "x12"
    _factors(connection, {unit: unit_code(unit, is_x12=is_x12) for unit in units})


def _factors(connection: duckdb.DuckDBPyConnection, codes: Mapping[str, str | None]) -> None:
    """Fill `gate_factors` from `gate_pairs`: as `sku_units` says, by the unit's own word before its code, else for all goods."""
    if not codes:
        connection.execute(
            "create or replace temp table gate_factors"
            " (sku_code varchar, unit varchar, unit_code varchar, numerator hugeint, denominator hugeint)"
        )
        return
    connection.execute(
        """
        create or replace temp table gate_bases as
        select p.sku_code, p.unit, coalesce(nullif(trim(s.attributes ->> 'unit'), ''), ?) as base
        from gate_pairs as p join (
            select key, arg_max(attributes, version) as attributes from facts.reference_versions where entity = 'skus' group by 1
        ) as s on s.key = p.sku_code
        """,
        [PIECE],
    )
    bases = connection.execute("select distinct unit, base from gate_bases order by all").fetchall()
    own = connection.execute(
        "select key, split_part(key, '|', 1), split_part(key, '|', 2), arg_max(attributes ->> 'factor', version)"
        " from facts.reference_versions where entity = 'sku_units'"
        " and split_part(key, '|', 1) in (select sku_code from gate_pairs) group by 1 order by 1"
    ).fetchall()
    _table(connection, "gate_unit_codes", ("unit", "unit_code"), list(codes.items()))
    _table(
        connection,
        "gate_own",
        ("sku_code", "word", "unit_code", "factor"),
        [(sku, unit.upper(), unit_code(unit), factor) for _, sku, unit, factor in own],
    )
    _table(connection, "gate_general", ("unit", "base", "numerator", "denominator"), _general(codes, bases))
    connection.execute(
        """
        create or replace temp table gate_factors as
        select p.sku_code, p.unit, c.unit_code,
               coalesce((w.factor::decimal(38,6) * 1000000)::hugeint, (o.factor::decimal(38,6) * 1000000)::hugeint,
                        g.numerator::hugeint) as numerator,
               case when coalesce(w.factor, o.factor) is not null then 1000000::hugeint else g.denominator::hugeint end as denominator
        from gate_pairs as p join gate_unit_codes as c on c.unit = p.unit
        left join gate_bases as b on b.sku_code = p.sku_code and b.unit = p.unit
        left join gate_general as g on g.unit = p.unit and g.base = b.base
        left join gate_own as w on b.base is not null and w.sku_code = p.sku_code and w.word = upper(p.unit)
        left join (select sku_code, unit_code, max(factor) as factor from gate_own group by 1, 2) as o
            on b.base is not null and o.sku_code = p.sku_code and o.unit_code = c.unit_code
        """
    )


def _general(
    codes: Mapping[str, str | None], bases: Sequence[tuple[str, str]]
) -> list[tuple[str, str, str | None, str | None]]:
    """Conversions that hold for all goods; a unit that we don't know is worth one of itself."""
    found = []
    for unit, base in bases:
        code, other = codes[unit], unit_code(base)
        factor = conversion(code, other) if code is not None and other is not None else None
        if unit.upper() == base.upper():
            found.append((unit, base, "1", "1"))
        elif factor is not None:
            found.append((unit, base, str(factor.numerator), str(factor.denominator)))
    return found


def _table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...], rows: Sequence[tuple[str | None, ...]]
) -> None:
    typed = ", ".join(f"{column} varchar" for column in columns)
    connection.execute(f"create or replace temp table {name} ({typed})")
    shape = literal(json.dumps([dict.fromkeys(columns, "VARCHAR")]))
    connection.execute(
        f"insert into {name} select r.* from (select unnest(from_json(?, {shape})) as r)",
        [json.dumps([dict(zip(columns, row, strict=True)) for row in rows])],
    )


def measured_sql(row: str, factor: str) -> str:
    """SQL of the columns that a line has once its factor is looked up; quantity and price are those of the order until then.

    Parameters
    ----------
    row
        Alias of rows with ``unit``, ``quantity`` and ``unit_price`` as ordered.
    factor
        Alias of `gate_factors`, joined left.
    """
    exact = f"({row}.quantity::decimal(38,3) * 1000)::hugeint * {factor}.numerator"
    milli = f"(({exact} * 2 + {factor}.denominator) // ({factor}.denominator * 2))"
    base = f"try_cast(try_cast({milli} as decimal(38,0)) * 0.001::decimal(4,3) as decimal(18,3))"
    fits = f"({base} > 0 or {row}.quantity = 0)"
    micro = f"(({row}.unit_price::decimal(38,6) * 1000000)::hugeint * {factor}.denominator * 2 + {factor}.numerator)"
    price = f"try_cast(({micro} // ({factor}.numerator * 2))::decimal(38,0) * 0.000001::decimal(7,6) as decimal(18,6))"
    known = f"({factor}.numerator is not null and {fits} and ({row}.unit_price is null or {price} is not null))"
    share = f"(({factor}.numerator * 2000000 + {factor}.denominator) // ({factor}.denominator * 2))"
    said = f"try_cast({share}::decimal(38,0) * 0.000001::decimal(7,6) as decimal(18,6))"
    return (
        f"{row}.quantity as quantity_doc, {row}.unit_price as unit_price_doc, {factor}.unit_code,"
        f" case when {row}.unit is null then 1 when {known} then {said} end::decimal(18,6) as unit_factor,"
        f" case when {row}.unit is not null and {known} then {base} else {row}.quantity end as quantity,"
        f" case when {row}.unit is not null and {known} then {price} else {row}.unit_price end as unit_price"
    )


def lines_waiting(connection: duckdb.DuckDBPyConnection, channel: Channel) -> dict[str, int]:
    """How many staged lines will wait for what their unit holds, by SKU and unit."""
    if channel.contract is not ORDER:
        return {}
    return dict(
        connection.execute(
            "select coalesce(sku_code, '(none)') || ' in ' || unit, count(*) from gate_lines where unit_factor is null group by 1"
        ).fetchall()
    )


def waiting_notes(waiting: Mapping[str, int]) -> tuple[str, ...]:
    """One line about the lines of a file that wait, as `lines_waiting` counts them; none when there are none."""
    if not waiting:
        return ()
    named = ", ".join(sorted(waiting)[:5]) + (" and others" if len(waiting) > 5 else "")
    return (
        f"{sum(waiting.values())} line(s) will be held: nothing says how much of the SKU the unit holds ({named}); load sku_units or the SKU",
    )


def measure_waiting(connection: duckdb.DuckDBPyConnection, cycle_seq: int, as_of: datetime) -> int:
    """Measure lines whose factor came after them, inside the caller's transaction; returns how many.

    A line that has moved in the ledger meanwhile (some of it was cancelled) keeps waiting: what of it was meant can't be told.
    """
    connection.execute(
        f"""
        create or replace temp table gate_waiting as
        with open_ones as (
            select * from facts.order_lines where order_line_id in
                (select order_line_id from facts.order_lines where unit_factor is null and quantity_doc is not null)
        ),
        newest as (
            select *, sum(quantity_added) over (partition by order_line_id) as counted from open_ones
            qualify row_number() over (
                partition by order_line_id order by {VERSION_ORDER.replace("nulls first", "desc nulls last")},
                cycle_seq desc, message_id desc
            ) = 1
        )
        select * from newest where unit_factor is null and quantity_doc is not null
            and order_line_id not in (select order_line_id from facts.line_events)
        """
    )
    connection.execute(
        "create or replace temp table gate_pairs as select distinct sku_code, unit from gate_waiting where sku_code is not null"
    )
    codes = dict(connection.execute("select unit, any_value(unit_code) from gate_waiting group by 1").fetchall())
    done = 0
    if codes:
        _factors(connection, codes)
        connection.execute(
            f"""
            create or replace temp table gate_measured as
            select w.* exclude (quantity, unit_price, unit_factor, quantity_doc, unit_price_doc, unit_code), m.*
            from gate_waiting as w join (
                select r.order_line_id as line, {measured_sql("r", "f")}
                from (select * replace (quantity_doc as quantity, unit_price_doc as unit_price) from gate_waiting) as r
                join gate_factors as f on f.sku_code = r.sku_code and f.unit = r.unit
            ) as m on m.line = w.order_line_id
            where m.unit_factor is not null
            """
        )
        connection.execute(
            """
            create or replace temp table gate_lines as
            select m.* exclude (line), 0 as message_no, coalesce(o.prices_include_tax, false) as prices_include_tax, 0::bigint as gross_cents,
                   (m.discount_share * 100)::bigint as discount_cents, (m.line_total * 100)::bigint as total_cents
            from gate_measured as m left join facts.orders as o using (message_id)
            """
        )
        explode_kits(connection)
        connection.execute(
            f"""
            insert into facts.order_lines by name
            with lines as (
                select * exclude (message_no, prices_include_tax, gross_cents, discount_cents, total_cents) replace (
                    (discount_cents * 0.01::decimal(3,2))::decimal(18,2) as discount_share,
                    (total_cents * 0.01::decimal(3,2))::decimal(18,2) as line_total,
                    quantity - case when order_line_id in (select order_line_id from gate_measured) then counted else 0 end as quantity_added)
                from gate_lines
                union all by name
                -- a kit that is sold in parts now asks for nothing itself
                select * exclude (line) replace (
                    0 as quantity, -counted as quantity_added, 0 as discount_amount, 0 as discount_share, 0 as tax_amount, 0 as line_total)
                from gate_measured where order_line_id in (select kit_line_id from gate_lines)
            )
            select * exclude (counted) replace (
                message_id || '{MEASURED}' as message_id, {cycle_seq} as cycle_seq, timestamptz {literal(as_of.isoformat())} as recorded_at)
            from lines order by order_line_id
            """
        )
        done = connection.execute("select count(*) from gate_measured").fetchall()[0][0]
    for (name,) in connection.execute(
        "select table_name from duckdb_tables() where temporary and table_name like 'gate_%'"
    ).fetchall():
        connection.execute(f"drop table temp.{name}")
    return done
