"""Purchase orders: what a vendor is asked to ship to a customer, or a supplier to us, and what is taken back of it.

Belongs here: which lines a purchase order asks for, and the change that tells of units no longer wanted. Both follow from facts
alone: what has no purchase order gets one, what was taken back and not told is told; so a cycle that runs again says nothing twice.
Does not belong here: how they look (`domain.documents.purchase_order`), what the vendor answers (`warehouse.ledger`).
"""

from __future__ import annotations

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.domain.documents.purchase_order import DOCUMENT_TYPE, TEMPLATE_VERSION

CHANGE = f"{DOCUMENT_TYPE}_change"

#: A shipment from a vendor is one purchase order; accepted suggestions go to their supplier together, one a place of arrival.
_WANTED = """
with wanted as (
    select 'dropship' as kind, s.shipment_id as together, s.location_id as seller_id, s.location_id, s.shipment_id, s.order_id, l.order_line_id,
           cast(null as varchar) as supply_id, l.sku_id, sum(l.quantity) as quantity, s.ship_date as due_date, coalesce(p.handling_cost, 0) as fee
    from facts.shipments as s inner join facts.shipment_lines as l on s.shipment_id = l.shipment_id
    left join intermediate.int_locations__in_force as p on s.location_id = p.location_id
    where s.mode = 'dropship' and not exists (select 1 from facts.purchase_order_lines as o where o.shipment_id = s.shipment_id)
    group by all
    union all
    select 'replenishment', s.supplier_code || '|' || s.location_code, s.supplier_code, s.location_code, null, null, null,
           s.supply_id, s.sku_code, s.quantity, s.due_date, 0
    from facts.supply as s inner join facts.commands as c
        on s.message_id = c.command_id and c.type = 'replenishment.accept' and c.outcome = 'accepted'
    where s.kind = 'purchase' and not exists (select 1 from facts.purchase_order_lines as o where o.supply_id = s.supply_id)
      and not exists (select 1 from facts.supply as x where x.supply_id = s.supply_id and x.status = 'cancelled')
)
select w.* exclude (fee), cast(k.cost as decimal(18,6)) as unit_cost, cast(round(w.fee / coalesce(r.rate, 1), 2) as decimal(18,2)) as fee, k.currency,
       (select coalesce(max(number), 0) from facts.documents where document_type = $type and series = 'A')
       + dense_rank() over (order by w.kind, w.together) as number,
       row_number() over (partition by w.kind, w.together order by w.order_line_id, w.supply_id) as line_number
from wanted as w left join intermediate.int_skus__in_force as k on w.sku_id = k.sku_id
left join intermediate.int_rates__in_force as r on upper(k.currency) = r.currency
"""

#: Units of live purchase orders that went back to planning or were cancelled by us, beyond those that a change has told already.
_WITHDRAWN = """
with ordered as (
    select o.*, coalesce((select -sum(t.quantity) from facts.purchase_order_lines as t where t.purchase_order_id = o.document_id
                          and t.document_id <> o.document_id and t.line_number = o.line_number), 0) as told
    from facts.purchase_order_lines as o where o.document_id = o.purchase_order_id
),
back as (
    select o.document_id, o.line_number, sum(e.quantity) as quantity
    from ordered as o inner join facts.line_events as e on o.shipment_id = e.document_id and o.order_line_id = e.order_line_id
    where e.to_bucket in ('open', 'cancelled') and not starts_with(e.event_id, 'vendor:') group by all
    union all
    select o.document_id, o.line_number, any_value(o.quantity)
    from ordered as o inner join facts.supply as s on o.supply_id = s.supply_id and s.status = 'cancelled'
    inner join facts.commands as c on s.message_id = c.command_id and c.type = 'replenishment.cancel' group by all
),
news as (
    select o.* exclude (document_id, quantity, fee, told, cycle_seq, recorded_at), b.quantity - o.told as quantity, case when b.quantity = o.quantity then o.fee else 0 end as fee
    from ordered as o inner join back as b on o.document_id = b.document_id and o.line_number = b.line_number where b.quantity > o.told
)
select n.* replace (-n.quantity as quantity, -n.fee as fee),
       (select coalesce(max(number), 0) from facts.documents where document_type = $type and series = 'A')
       + dense_rank() over (order by n.purchase_order_id) as number
from news as n
"""


def issue(connection: duckdb.DuckDBPyConnection, now: Cycle) -> dict[str, int]:
    """Append the purchase orders that are due, and the changes of earlier ones. Returns documents appended by what they are.

    A purchase order of which nothing is wanted any more is void.
    """
    stamp = {"seq": now.cycle_seq, "at": now.as_of}
    done = {}
    for kind, sql in ((DOCUMENT_TYPE, _WANTED), (CHANGE, _WITHDRAWN)):
        connection.execute(
            f"create or replace temp table _ordered as select *, $type || '-A-' || lpad(cast(number as varchar), 6, '0') as document_id from ({sql})",
            {"type": kind},
        )
        added = connection.execute(
            "insert into facts.documents by name select distinct document_id, $type as document_type, 'A' as series, number, shipment_id, order_id,"
            " location_id, cast($at as timestamptz) as issued_at, $template as template_version, $seq as cycle_seq, cast($at as timestamptz) as recorded_at from _ordered",
            {**stamp, "type": kind, "template": TEMPLATE_VERSION},
        ).fetchall()
        done[f"{kind}s"] = int(added[0][0])
        own = "" if kind == CHANGE else ", document_id as purchase_order_id"
        connection.execute(
            f"insert into facts.purchase_order_lines by name select * exclude (number{', together' if own else ''}){own},"
            " $seq as cycle_seq, cast($at as timestamptz) as recorded_at from _ordered",
            stamp,
        )
    connection.execute(
        "insert into facts.document_events by name select purchase_order_id as document_id, 'void' as event, 'nothing of it is wanted any more' as reason,"
        " cast($at as timestamptz) as event_at, $seq as cycle_seq, cast($at as timestamptz) as recorded_at"
        " from facts.purchase_order_lines where purchase_order_id in (select purchase_order_id from _ordered)"
        " group by purchase_order_id having sum(quantity) = 0",
        stamp,
    )
    return done
