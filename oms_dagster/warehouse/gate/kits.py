"""A line of a kit becomes lines of its parts: each part is sourced, picked and returned as any line, the kit's price spread over them.

Belongs here: the lines of an accepted order, whether its document names the parts (`gather_kits`) or only the kit (`explode_kits`). Does not belong here: that the parts leave together (sourcing's item groups), kits that
are assembled beforehand (movements of kind `kit_assemble`: such a SKU has no `sku_components`).
"""

from __future__ import annotations

import duckdb

from oms_dagster.warehouse.gate.remainder import largest_remainder_sql

#: What a unit of each SKU is worth beside others.
_WORTH = (
    "select key, coalesce(arg_max(attributes ->> 'list_price', version), arg_max(attributes ->> 'cost', version))::decimal(18,6) as price"
    " from facts.reference_versions where entity = 'skus' group by key"
)
#: Kits in kits of a document, at most: more is a mistake, and its lines stay as they came.
_DEEPEST = 4


def gather_kits(connection: duckdb.DuckDBPyConnection) -> None:
    """Take the lines that sell a kit out of `gate_lines`, their money spread over the parts which the document names beside them.

    A part names its kit by `kit_line_number`; parts of a kit inside a kit belong to the outer one. The kit's total, discount and tax
    are split by what the parts cost on their own, else by their list price (else cost) times quantity, and come on top of it.
    """
    if not connection.execute("select 1 from gate_lines where kit_line_number is not null limit 1").fetchall():
        return
    money = ("total_cents", "discount_cents", "own_cents", "tax_cents")
    source = "shared_kits"
    for column in money:
        source = f"({largest_remainder_sql(source, 'message_no, root', 'order_line_id', f'kit_{column}', 'weight', f'share_{column}')})"
    connection.execute(
        f"""
        create or replace temp table gate_kit_lines as
        with recursive upward as (
            select message_no, line_number, kit_line_number as root, 1 as level from gate_lines where kit_line_number is not null
            union all
            select u.message_no, u.line_number, k.kit_line_number, u.level + 1
            from upward as u join gate_lines as k on k.message_no = u.message_no and k.line_number = u.root
            where k.kit_line_number is not null and u.level < {_DEEPEST}
        ),
        rooted as (select message_no, line_number, arg_max(root, level) as root from upward group by 1, 2 having max(level) < {_DEEPEST}),
        kits as (select distinct message_no, kit_line_number as line_number from gate_lines where kit_line_number is not null),
        outer_kits as (select distinct message_no, root as line_number, root from rooted)
        select *, (message_no, line_number) in (from kits) as is_kit from rooted union all select *, true from outer_kits
        """
    )
    connection.execute(
        f"""
        create or replace temp table gate_gathered as
        with valued as (
            select l.*, k.root, k.is_kit, (discount_amount * 100)::bigint as own_cents, (tax_amount * 100)::bigint as tax_cents
            from gate_lines as l join gate_kit_lines as k using (message_no, line_number)
        ),
        parts as (
            select v.*, (w.price * 1000000)::hugeint * (v.quantity * 1000)::hugeint as worth
            from valued as v left join ({_WORTH}) as w on w.key = v.sku_code where not is_kit
        ),
        sold as (
            select message_no, root, {", ".join(f"sum({c})::bigint as kit_{c}" for c in money)} from valued where is_kit group by 1, 2
        ),
        shared_kits as (
            select p.*, s.* exclude (message_no, root), k.order_line_id as root_line_id, k.sku_code as root_sku, k.quantity as root_quantity,
                   case when sum(p.gross_cents) over kit > 0 then p.gross_cents else coalesce(p.worth, 0) end as weight
            from parts as p join sold as s using (message_no, root)
            join gate_lines as k on k.message_no = p.message_no and k.line_number = p.root
            window kit as (partition by p.message_no, p.root)
        ),
        spread as (
            select *, gross_cents + share_total_cents + share_discount_cents
                      + case when prices_include_tax then share_tax_cents else 0 end as whole_cents from {source}
        )
        select message_no, order_line_id, root, root_line_id, root_sku, root_quantity, whole_cents, total_cents + share_total_cents as total_cents,
               discount_cents + share_discount_cents as discount_cents, own_cents + share_own_cents as own_cents,
               tax_cents + share_tax_cents as tax_cents, sum(whole_cents) over (partition by message_no, root) as kit_cents
        from spread
        """
    )
    connection.execute(
        f"""
        update gate_lines as l set gross_cents = g.whole_cents, total_cents = g.total_cents, discount_cents = g.discount_cents,
            discount_amount = (g.own_cents * 0.01::decimal(3,2))::decimal(18,2), tax_amount = (g.tax_cents * 0.01::decimal(3,2))::decimal(18,2),
            unit_price = {_each("g.whole_cents", "l.quantity")}, unit_price_doc = {_each("g.whole_cents", "l.quantity_doc")},
            kit_line_id = g.root_line_id, kit_sku_code = g.root_sku, kit_quantity = g.root_quantity,
            kit_unit_price = {_each("g.kit_cents", "g.root_quantity")}
        from gate_gathered as g where l.message_no = g.message_no and l.order_line_id = g.order_line_id
        """
    )
    connection.execute(
        """
        delete from gate_lines where (message_no, line_number) in (
            select k.message_no, k.line_number from gate_kit_lines as k
            where k.is_kit and (k.message_no, k.root) in (select message_no, root from gate_gathered)
        )
        """
    )


def _each(cents: str, quantity: str) -> str:
    """SQL of the price of one, to six decimals, of so many cents for a quantity of three decimals; null for none."""
    milli = f"({quantity} * 1000)::hugeint"
    micro = f"(({cents}::hugeint * 20000000 + {milli}) // (2 * {milli}))"
    return f"case when {quantity} > 0 then ({micro}::decimal(38,0) * 0.000001::decimal(7,6))::decimal(18,6) end"


def explode_kits(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the parts in the place of each line of `gate_lines` whose SKU has `sku_components`.

    The kit's total, discount and tax are split over the parts by their list price (else cost) times quantity, so that they sum to
    the kit's to the cent. A kit in a unit that nobody can measure yet stays as it is.
    """
    connection.execute(
        f"""
        create or replace temp table gate_parts_of_kits as
        with newest as (
            select key, arg_max(attributes, version) as attributes from facts.reference_versions
            where entity = 'sku_components'
              and split_part(key, '|', 1) in (select sku_code from gate_lines) group by key
        ),
        worth as ({_WORTH})
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
        priced as (select *, {_each("part_gross", "part_quantity")} as part_price from shared)
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
