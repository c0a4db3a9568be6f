"""Accepted orders become facts: header with totals, lines with their shares, charges.

Belongs here: money of an order in whole cents, by the channel's rounding; what a version adds to the line; returns
and stock adjustments that came inside an order file. Does not belong here: outcomes (`outcomes`), feeds of their own
(`feeds`).

Source of the shares: largest remainder, as `domain.quantities.largest_remainder`.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from oms_dagster.domain.capture.channel import Channel
from oms_dagster.domain.capture.records import ORDER
from oms_dagster.warehouse.flat import literal
from oms_dagster.warehouse.gate.changes import VERSION_ORDER
from oms_dagster.warehouse.gate.kits import explode_kits, gather_kits
from oms_dagster.warehouse.gate.outcomes import moment
from oms_dagster.warehouse.gate.remainder import largest_remainder_sql
from oms_dagster.warehouse.gate.units import MEASURED, measured_sql, stage_factors

#: The sum of the rows may miss the declared total by so much; the difference is rounding.
ROUNDING_TOLERANCE = "0.05"

#: Tables from which `write_orders` and `write_second_targets` write, beside the outcomes.
ORDERS_FROM = ("gate_lines", "gate_added", "gate_parts", "gate_orders")
SECOND_TARGETS_FROM = ("gate_rows", "gate_matches")
_HEADER = tuple(f.name for f in ORDER.fields[: ORDER.field_names.index("row_kind")])


def _cents(sql: str) -> str:
    return f"(({sql})::decimal(38,2) * 100)::bigint"


def stage_orders(connection: duckdb.DuckDBPyConnection, channel: Channel) -> None:
    """`gate_orders`, `gate_lines`, `gate_added` and `gate_parts` (their rows) of the messages accepted so far."""
    include = str(channel.prices_include_tax).lower()
    stage_factors(connection, channel)
    connection.execute(
        f"""
        create or replace temp table gate_parts as
        select o.message_no, o.message_id, o.order_id, r.position, r.row_kind, r.line_number, r.sku_code, r.barcode, r.description,
               r.unit, {measured_sql("r", "f")}, coalesce(r.message_kind, 'order') as message_kind, r.order_version,
               coalesce(r.prices_include_tax, {include}) as prices_include_tax, coalesce(r.discount_amount, 0) as discount_amount,
               coalesce(r.tax_amount, 0) as tax_amount, coalesce(r.amount, 0) as amount,
               lower(r.substitution_consent) as substitution_consent, r.kit_line_number
        from gate_rows as r join gate_outcomes as o using (message_no)
        left join gate_factors as f on f.sku_code = r.sku_code and f.unit = r.unit
        where o.outcome = 'accepted' and o.record = 'order'
        """
    )
    _lines(connection, channel)
    gather_kits(connection)
    explode_kits(connection)
    _headers(connection, channel)
    _stage_added(connection)


def _lines(connection: duckdb.DuckDBPyConnection, channel: Channel) -> None:
    worth = "coalesce(quantity_doc, 0)::decimal(20,3) * coalesce(unit_price_doc, 0)"
    if channel.rounding == "line":
        gross = f"select *, {_cents(worth)} as gross_cents from numbered"
    else:
        # Once per order: the rounded sum is split over the exact amounts of its lines.
        weight = "(coalesce(quantity_doc, 0)::decimal(38,3) * 1000)::hugeint * (coalesce(unit_price_doc, 0)::decimal(38,6) * 1000000)::hugeint"
        whole = _cents(f"sum({worth}) over (partition by message_no)")
        exact = f"(select *, {weight} as exact, {whole} as whole from numbered)"
        gross = largest_remainder_sql(exact, "message_no", "position", "whole", "exact", "gross_cents")
    shared = largest_remainder_sql("discounted", "message_no", "position", "order_discount", "weight", "share_cents")
    connection.execute(
        f"""
        create or replace temp table gate_lines as
        with numbered as (
            select *, coalesce(line_number, row_number() over (partition by message_no order by position)::varchar) as number
            from gate_parts where row_kind = 'line'
        ),
        valued as ({gross}),
        discounts as (
            select message_no, sum({_cents("amount")})::bigint as order_discount from gate_parts where row_kind = 'discount' group by 1
        ),
        weighed as (
            select v.*, coalesce(d.order_discount, 0) as order_discount,
                   greatest(v.gross_cents - {_cents("v.discount_amount")}, 0) as weight
            from valued as v left join discounts as d using (message_no)
        ),
        discounted as (select * from weighed where order_discount <> 0),
        shared as ({shared} union all by name select *, 0::bigint as share_cents from weighed where order_discount = 0)
        select message_no, message_id, order_id, order_version, message_kind, position, order_id || '-' || number as order_line_id,
               number as line_number, sku_code, barcode, description, unit, unit_code, unit_factor, quantity_doc, unit_price_doc,
               quantity, unit_price, gross_cents,
               discount_amount, tax_amount, prices_include_tax, substitution_consent, kit_line_number,
               null::varchar as kit_line_id, null::varchar as kit_sku_code, null::decimal(18,3) as kit_quantity,
               null::decimal(18,6) as kit_unit_price,
               {_cents("discount_amount")} + share_cents as discount_cents,
               gross_cents - {_cents("discount_amount")} - share_cents
                   - case when prices_include_tax then {_cents("tax_amount")} else 0 end as total_cents
        from shared
        """
    )


def _headers(connection: duckdb.DuckDBPyConnection, channel: Channel) -> None:
    """One row an order version; totals net of tax but for tax and order total."""
    given = {row[0] for row in connection.execute("describe gate_typed").fetchall()}
    header = ", ".join(
        "min(placed_at) as placed_at"
        if name == "placed_at"
        else f"arg_min({name}, position) as {name}"
        if name in given
        else f"any_value({name}) as {name}"
        for name in _HEADER
    )
    email, code = "lower(h.customer_email)", "h.customer_code"
    included = "bool_or(prices_include_tax)"

    def total(kind: str, column: str) -> str:
        return f"coalesce(sum({_cents(column)}) filter (row_kind in ({kind})), 0)"

    tax = f"{total(repr('line'), 'tax_amount')} + {total(repr('tax'), 'amount')}"
    connection.execute(
        f"""
        create or replace temp table gate_orders as
        with headers as (
            select message_no, {header} from gate_rows semi join
                (select message_no from gate_outcomes where outcome = 'accepted' and record = 'order') using (message_no)
            group by message_no
        ),
        gross as (select message_no, sum(gross_cents)::bigint as cents from gate_lines group by 1),
        sums as (
            select message_no, any_value(message_id) as message_id, any_value(order_id) as order_id, {included} as included,
                   {tax} as goods_tax, {total("'shipping'", "tax_amount")} as shipping_tax,
                   {total("'charge', 'discount'", "tax_amount")} as charge_tax,
                   {total("'line'", "discount_amount")} + {total("'discount'", "amount")} as discount,
                   {total("'shipping'", "amount")} as shipping, {total("'charge'", "amount")} as charges
            from gate_parts group by 1
        ),
        totals as (
            select s.message_no, s.message_id, s.order_id, discount,
                   coalesce(g.cents, 0) - case when included then goods_tax else 0 end as items,
                   shipping - case when included then shipping_tax else 0 end as shipping,
                   charges - case when included then charge_tax else 0 end as charges,
                   goods_tax + shipping_tax + charge_tax as tax
            from sums as s left join gross as g using (message_no)
        ),
        summed as (select *, items - discount + shipping + charges + tax as total from totals),
        compared as (
            select s.*, h.* exclude (message_no),
                   case when abs({_cents("h.declared_total")} - s.total) <= {_cents(ROUNDING_TOLERANCE)}
                       then {_cents("h.declared_total")} - s.total else 0 end as rounding
            from summed as s join headers as h using (message_no)
        )
        select h.* exclude (items, discount, shipping, charges, tax, total, rounding),
               case when c.key is not null then {code}
                   when coalesce({code}, {email}) is not null then {literal(channel.slug + ":")} || coalesce({code}, {email}) end as customer_id,
               {literal(channel.slug)} as channel, {_settings_sql(channel)}, {_money("items")} as items_total, {_money("discount")} as discount_total,
               {_money("shipping")} as shipping_total, {_money("charges")} as charge_total, {_money("tax")} as tax_total,
               coalesce({_money("rounding")}, 0) as rounding_total, {_money("total + coalesce(rounding, 0)")} as order_total
        from compared as h
        left join (select distinct key from facts.reference_versions where entity = 'customers') as c on c.key = {code}
        """
    )


def _settings_sql(channel: Channel) -> str:
    """What the channel's settings mean for an order, fixed when it is captured."""
    remorse = "null" if channel.remorse_minutes is None else str(channel.remorse_minutes)
    counts_from = "null"
    if channel.cutoff is not None:
        local = f"timezone({literal(channel.timezone)}, h.placed_at)"
        day = f"({local}::date + case when {local}::time > {literal(channel.cutoff)}::time then 1 else 0 end)"
        counts_from = f"({day} + case when isodow({day}) > 5 then 8 - isodow({day}) else 0 end::integer)"
    needs_known = str(channel.unknown_customer == "hold").lower()
    return f"{counts_from}::date as counts_from, {remorse}::integer as remorse_minutes, {needs_known} as needs_known_customer"


def _money(cents: str) -> str:
    return f"(({cents})::decimal(20,0) / 100)::decimal(18,2)"


def write_orders(connection: duckdb.DuckDBPyConnection, cycle_seq: int, as_of: datetime) -> None:
    """Append what `stage_orders` prepared."""
    recorded = f"{cycle_seq} as cycle_seq, {moment(as_of)} as recorded_at"
    connection.execute(
        f"""
        insert into facts.order_lines by name
        select l.message_id, l.order_id, l.order_version, l.order_line_id, l.line_number, l.sku_code, l.barcode, l.description,
               l.unit, l.unit_code, l.unit_factor, l.quantity_doc, l.unit_price_doc, l.quantity, coalesce(a.quantity_added, l.quantity) as quantity_added, l.unit_price, l.discount_amount,
               {_money("l.discount_cents")} as discount_share, l.tax_amount, {_money("l.total_cents")} as line_total, l.substitution_consent, l.kit_line_id, l.kit_sku_code, l.kit_quantity, l.kit_unit_price, {recorded}
        from gate_lines as l left join gate_added as a on a.message_no = l.message_no and a.order_line_id = l.order_line_id
        where l.message_kind <> 'cancel' order by l.position
        """
    )
    connection.execute(
        f"""
        insert into facts.order_charges by name
        select message_id, order_id, order_version, position, row_kind as charge_kind, sku_code as charge_code, description,
               (amount - case when prices_include_tax and row_kind <> 'tax' then tax_amount else 0 end)::decimal(18,2) as amount,
               tax_amount, {recorded}
        from gate_parts where row_kind in ('shipping', 'discount', 'charge', 'tax') and message_kind <> 'cancel' order by position
        """
    )
    connection.execute(
        f"insert into facts.orders by name select * exclude (message_no), {recorded} from gate_orders order by message_no"
    )


def _stage_added(connection: duckdb.DuckDBPyConnection) -> None:
    """`gate_added`: for lines of orders with more than one version, what each version adds over the one before it.

    A version older than one accepted by an earlier file adds nothing. One older than a cancellation that came before it
    adds what it asks for: the ledger then cancels it, as if both had come in their order.
    """
    connection.execute(
        f"""
        create or replace temp table gate_added as
        with versions as (
            select order_id, order_version, message_id, null::bigint as message_no, message_kind from facts.orders
            where order_id in (select order_id from gate_orders)
            union all
            select order_id, order_version, message_id, message_no, message_kind from gate_orders
        ),
        ranked as (
            select *, row_number() over w as place, lag(message_id) over w as before_id
            from versions
            window w as (partition by order_id order by {VERSION_ORDER}, message_kind = 'cancel', message_no nulls first)
        ),
        judged as (
            select message_no, order_id, before_id,
                   place < coalesce(max(place) filter (message_no is null and coalesce(message_kind, 'order') <> 'cancel')
                                    over (partition by order_id), 0) as is_late
            from ranked
            qualify message_no is not null and (before_id is not null or is_late)
        ),
        wanted as (
            select replace(message_id, '{MEASURED}', '') as message_id, order_line_id, arg_max(quantity, cycle_seq) as quantity
            from facts.order_lines where order_id in (select order_id from judged) group by 1, 2
            union all
            select message_id, order_line_id, quantity from gate_lines
            where message_kind <> 'cancel' and order_id in (select order_id from judged)
        )
        select l.message_no, l.order_line_id,
               case when j.is_late then 0 else greatest(l.quantity - coalesce(w.quantity, 0), 0) end::decimal(18,3) as quantity_added
        from gate_lines as l
        join judged as j on j.message_no = l.message_no
        left join wanted as w on w.message_id = j.before_id and w.order_line_id = l.order_line_id
        """
    )


def has_second_targets(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether returns or stock adjustments were accepted."""
    found = connection.execute("select 1 from gate_outcomes where outcome = 'accepted' and record <> 'order' limit 1")
    return bool(found.fetchall())


def write_second_targets(
    connection: duckdb.DuckDBPyConnection, channel: Channel, cycle_seq: int, as_of: datetime
) -> None:
    """Append the returns and stock adjustments that came inside an order file."""
    recorded = f"{cycle_seq} as cycle_seq, {moment(as_of)} as recorded_at"
    slug, location = literal(channel.slug), literal(channel.location) if channel.location else "null::varchar"
    named = f"{slug} || '-' || replace(o.message_key, '|', '-')"
    accepted = "from gate_rows as r join gate_outcomes as o using (message_no) {join} where o.outcome = 'accepted' and o.record = "
    connection.execute(
        f"""
        insert into facts.returns by name
        select o.message_id, {named} || '-' || m.place as event_id, {slug} || '-' || r.channel_order_id as return_id,
               'received' as kind, m.order_line_id, m.quantity, 'customer' as origin, {location} as location_code,
               r.placed_at as event_at, {slug} as source, {recorded}
        {accepted.format(join="join gate_matches as m on m.position = r.position")} 'returns' order by r.position, m.place
        """
    )
    connection.execute(
        f"""
        insert into facts.stock by name
        select o.message_id, {named} as movement_id, 'variance' as kind, r.sku_code, {location} as location_code,
               'usable' as stock_status, r.quantity, coalesce(left(r.description, 80), 'ADJUSTMENT') as reason_code,
               r.channel_order_id as reference, r.placed_at as event_at, {slug} as source, {recorded}
        {accepted.format(join="")} 'stock' order by r.position
        """
    )
