"""A line of a kit becomes lines of its parts: each part is sourced, picked and returned as any line, the kit's price spread over them.

Belongs here: the lines of an accepted order. Does not belong here: that the parts leave together (sourcing's item groups), kits that
are assembled beforehand (movements of kind `kit_assemble`: such a SKU has no `sku_components`).
"""

from __future__ import annotations

import duckdb

from oms_dagster.warehouse.gate.remainder import largest_remainder_sql


def explode_kits(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the parts in the place of each line of `gate_lines` whose SKU has `sku_components`.

    The kit's total, discount and tax are split over the parts by their list price (else cost) times quantity, so that they sum to
    the kit's to the cent. A kit in a unit that nobody can measure yet stays as it is.
    """
    connection.execute(
        """
        create or replace temp table gate_parts_of_kits as
        with newest as (
            select key, arg_max(attributes, version) as attributes from facts.reference_versions
            where entity = 'sku_components'
              and split_part(key, '|', 1) in (select sku_code from gate_lines) group by key
        ),
        worth as (
            select key, coalesce(arg_max(attributes ->> 'list_price', version), arg_max(attributes ->> 'cost', version))::decimal(18,6) as price
            from facts.reference_versions where entity = 'skus' group by key
        )
        select n.attributes ->> 'sku_code' as kit, n.attributes ->> 'component_sku_code' as part,
               (n.attributes ->> 'quantity')::decimal(18,3) as per_kit, coalesce(w.price, 0) as price
        from newest as n left join worth as w on w.key = n.attributes ->> 'component_sku_code'
        where (n.attributes ->> 'quantity')::decimal(18,3) > 0
        """
    )
    if not connection.execute("select 1 from gate_parts_of_kits limit 1").fetchall():
        return
    line, source = "message_no, order_line_id", "exploded"
    for whole, share in (("total_cents", "part_total"), ("discount_cents", "part_discount"), ("tax_cents", "part_tax"), ("own_discount_cents", "part_own")):  # fmt: skip
        source = f"({largest_remainder_sql(source, line, 'part', whole, 'weight', share)})"
    milli = "(part_quantity * 1000)::hugeint"
    micro = f"((part_gross::hugeint * 20000000 + {milli}) // (2 * {milli}))"
    connection.execute(
        f"""
        create or replace temp table gate_exploded as
        with exploded as (
            select l.*, k.part, (l.quantity * k.per_kit)::decimal(18,3) as part_quantity,
                   (k.price * 1000000)::hugeint * (k.per_kit * 1000)::hugeint as weight,
                   (l.tax_amount * 100)::bigint as tax_cents, (l.discount_amount * 100)::bigint as own_discount_cents
            from gate_lines as l join gate_parts_of_kits as k on k.kit = l.sku_code where l.unit_factor is not null and l.quantity > 0
        ),
        shared as (
            select *, part_total + part_discount + case when prices_include_tax then part_tax else 0 end as part_gross from {source}
        ),
        priced as (select *, ({micro}::decimal(38,0) * 0.000001::decimal(7,6))::decimal(18,6) as part_price from shared)
        select l.* exclude (part, part_quantity, weight, tax_cents, own_discount_cents, part_total, part_discount, part_tax, part_own, part_gross, part_price)
               replace (
                   order_line_id || '-' || part as order_line_id, line_number || '-' || part as line_number, part as sku_code,
                   null as barcode, null as description, null as unit, null as unit_code, 1::decimal(18,6) as unit_factor,
                   part_quantity as quantity_doc, part_quantity as quantity, part_price as unit_price_doc, part_price as unit_price,
                   part_gross as gross_cents, (part_own * 0.01::decimal(3,2))::decimal(18,2) as discount_amount,
                   (part_tax * 0.01::decimal(3,2))::decimal(18,2) as tax_amount, part_discount as discount_cents, part_total as total_cents,
                   order_line_id as kit_line_id, sku_code as kit_sku_code, l.quantity as kit_quantity, l.unit_price as kit_unit_price)
        from priced as l
        """
    )
    connection.execute("delete from gate_lines where (message_no, order_line_id) in (select message_no, kit_line_id from gate_exploded)")  # fmt: skip
    connection.execute("insert into gate_lines by name select * from gate_exploded")
