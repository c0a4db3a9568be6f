"""What earlier cycles promised, by the facts alone: where the next plan starts from.

Belongs here: promises in force and lines that are known, read from committed events. Does not belong here: the plan of the
running cycle (`warehouse.sourcing`), and anything of the schema `plans` but the cycle: what it commits itself is left
out, so that a published copy answers as the planning did.
"""

from __future__ import annotations

import duckdb

from oms_dagster.domain.quantities import to_milli
from oms_dagster.domain.sourcing.problem import LastPromise

#: A promise in its parts, less what was released since, the first to ship first, and no more of it than is open.
_IN_FORCE = """
with last as (
    select * from facts.promise_events
    where cycle_seq < (select cycle_seq from plans.cycle)
    qualify row_number() over (partition by order_line_id order by cycle_seq desc, event_at desc) = 1 and event <> 'withdrawn'
),
parts as (
    select order_line_id, cycle_seq, unnest(coalesce(parts, [{'location_id': location_id, 'ship_date': ship_date, 'quantity': quantity}])) as part
    from last
),
released as (
    select e.order_line_id, e.location_id, sum(e.quantity) as quantity
    from facts.line_events as e inner join last on e.order_line_id = last.order_line_id and e.cycle_seq >= last.cycle_seq
    where e.from_bucket = 'open' and e.to_bucket = 'released' and e.cycle_seq < (select cycle_seq from plans.cycle)
    group by all
),
left_over as (
    select p.order_line_id, p.part.location_id as location_id, p.part.ship_date as ship_date,
           greatest(0, least(p.part.quantity, sum(p.part.quantity) over (
               partition by p.order_line_id, p.part.location_id order by p.part.ship_date) - coalesce(r.quantity, 0))) as quantity
    from parts as p left join released as r on p.order_line_id = r.order_line_id and p.part.location_id = r.location_id
)
select o.order_line_id, o.location_id, date_diff('day', (select cast(as_of as date) from plans.cycle), o.ship_date),
       least(o.quantity, l.qty_open - coalesce(sum(o.quantity) over (
           partition by o.order_line_id order by o.ship_date, o.location_id rows between unbounded preceding and 1 preceding), 0)) as kept
from left_over as o inner join intermediate.int_order_lines__balanced as l on o.order_line_id = l.order_line_id
qualify kept > 0
order by 1, 3, 2
"""


def in_force(connection: duckdb.DuckDBPyConnection) -> tuple[LastPromise, ...]:
    """Committed promises of what is still open, days counted from today."""
    found = connection.execute(_IN_FORCE).fetchall()
    return tuple(LastPromise(line, place, day, to_milli(quantity)) for line, place, day, quantity in found)


def told_days(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Last day on which the customer of each line expects it, as told or agreed since, counted from today."""
    found = connection.execute(
        "select p.order_line_id, date_diff('day', (select cast(as_of as date) from plans.cycle), greatest(p.deliver_date, a.agreed_date))"
        " from facts.promise_events as p left join intermediate.int_promises__agreed as a on p.order_line_id = a.order_line_id"
        " where p.cycle_seq < (select cycle_seq from plans.cycle)"
        " qualify row_number() over (partition by p.order_line_id order by p.cycle_seq desc, p.event_at desc) = 1"
        " and p.event not in ('held', 'withdrawn') and p.deliver_date is not null"
    ).fetchall()
    return dict(found)


def known(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Lines that an earlier plan promised or left waiting."""
    found = connection.execute(
        "select order_line_id from facts.promise_events union select order_line_id from facts.backorder_events"
    ).fetchall()
    return frozenset(line for (line,) in found)


def waiting(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Lines with a backorder that began and has not ended."""
    found = connection.execute(
        "select order_line_id from facts.backorder_events group by 1 having arg_max(event, cycle_seq) = 'begun'"
    ).fetchall()
    return frozenset(line for (line,) in found)
