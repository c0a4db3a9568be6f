"""Returned rows of an order file find the order lines that they belong to; a returned kit is returned in its parts.

Belongs here: what was bought and not returned yet, read for the rule. Does not belong here: the rule (`domain.capture.returns`), writing
returns (`orders`), returns that come by their own feed and name their line.
"""

from __future__ import annotations

import json

import duckdb

from oms_dagster.domain.capture.channel import Channel
from oms_dagster.domain.capture.returns import Match, Purchase, ReturnedRow, match_returns
from oms_dagster.warehouse.flat import literal
from oms_dagster.warehouse.gate.units import measured_sql


def match_returned_rows(connection: duckdb.DuckDBPyConnection, channel: Channel) -> None:
    """`gate_matches`: order lines to which the returned rows of this file belong.

    Only customers and SKUs that have something returned leave the database; the rule itself is `match_returns`. A kit that was sold in
    parts comes back in the parts of which it was sold, whatever it consists of today.
    """
    connection.execute(
        "create or replace temp table gate_matches (position bigint, order_line_id varchar, quantity decimal(18,3), place bigint)"
    )
    slug = literal(channel.slug)
    connection.execute(
        f"""
        create or replace temp table gate_returned as
        with measured as (
            select r.position, r.customer_code, r.sku_code, r.placed_at, {measured_sql("r", "f")}
            from gate_rows as r join gate_outcomes as o using (message_no)
            left join gate_factors as f on f.sku_code = r.sku_code and f.unit = r.unit
            where o.outcome = 'accepted' and o.record = 'returns' and r.customer_code is not null
        )
        select m.position, coalesce(c.key, {slug} || ':' || m.customer_code) as customer_id, m.sku_code,
               epoch_us(m.placed_at) as at_us, (m.quantity * 1000)::bigint as milli
        from measured as m
        left join (select distinct key from facts.reference_versions where entity = 'customers') as c on c.key = m.customer_code
        where m.unit_factor is not null
        """
    )
    returned = connection.execute("select position, customer_id, sku_code, at_us, milli from gate_returned").fetchall()
    if not returned:
        return
    connection.execute(
        f"""
        create or replace temp table gate_bought as
        with cancelled as (
            select order_id from facts.orders where message_kind = 'cancel'
            union all select order_id from gate_orders where message_kind = 'cancel'
        ),
        bought as (
            select l.order_line_id, o.customer_id, l.sku_code, o.placed_at, l.quantity_added as quantity, l.cycle_seq,
                   l.kit_line_id, l.kit_sku_code, l.quantity as part_quantity, l.kit_quantity
            from facts.order_lines as l join facts.orders as o using (message_id)
            where o.channel = {slug} and l.order_id not in (from cancelled)
            union all
            select l.order_line_id, o.customer_id, l.sku_code, o.placed_at, coalesce(a.quantity_added, l.quantity), null,
                   l.kit_line_id, l.kit_sku_code, l.quantity, l.kit_quantity
            from gate_lines as l join gate_orders as o using (message_no)
            left join gate_added as a on a.message_no = l.message_no and a.order_line_id = l.order_line_id
            where l.message_kind <> 'cancel' and l.order_id not in (from cancelled)
        ),
        back as (select order_line_id, sum(quantity) as quantity from facts.returns where kind = 'received' group by 1)
        select b.order_line_id, b.customer_id, b.sku_code, epoch_us(min(b.placed_at)) as at_us,
               ((sum(b.quantity) - coalesce(any_value(k.quantity), 0)) * 1000)::bigint as milli,
               arg_max({{'line': kit_line_id, 'sku': kit_sku_code, 'part': (part_quantity * 1000)::bigint, 'kits': (kit_quantity * 1000)::bigint}},
                       coalesce(cycle_seq, 9223372036854775807)) as kit
        from bought as b
        semi join gate_returned as g on g.customer_id = b.customer_id and g.sku_code in (b.sku_code, b.kit_sku_code)
        left join back as k on k.order_line_id = b.order_line_id
        group by 1, 2, 3 having milli > 0
        """
    )
    lots = connection.execute("select order_line_id, customer_id, sku_code, at_us, milli from gate_bought").fetchall()
    parts: dict[str, list[tuple[str, int, int]]] = {}
    for kit_line, line, part, kits in connection.execute(
        "select kit.line, order_line_id, kit.part, kit.kits from gate_bought where kit.line is not null and kit.part > 0 order by all"
    ).fetchall():
        parts.setdefault(kit_line, []).append((line, part, kits))
    # as many kits are still out as of each of their parts
    lots += connection.execute(
        "select kit.line, customer_id, kit.sku, min(at_us), min(milli * kit.kits // kit.part)::bigint from gate_bought"
        " where kit.line is not null and kit.part > 0 group by 1, 2, 3"
    ).fetchall()
    found = match_returns(
        [Purchase(line, (customer, sku), at, milli) for line, customer, sku, at, milli in lots],
        [ReturnedRow(position, (customer, sku), at, milli) for position, customer, sku, at, milli in returned],
    )
    matches = [
        Match(m.number, line, (2 * m.milli * part + kits) // (2 * kits))
        for m in found
        for line, part, kits in parts.get(m.order_line_id, [(m.order_line_id, 1, 1)])
    ]
    rows = json.dumps([{"p": m.number, "l": m.order_line_id, "q": m.milli, "n": n} for n, m in enumerate(matches)])
    shape = literal(json.dumps([{"p": "BIGINT", "l": "VARCHAR", "q": "BIGINT", "n": "BIGINT"}]))
    connection.execute(
        f"""
        insert into gate_matches
        select m.p, m.l, (m.q::decimal(20,0) / 1000)::decimal(18,3), row_number() over (partition by m.p order by m.n)
        from (select unnest(from_json(?, {shape})) as m)
        """,
        [rows],
    )
