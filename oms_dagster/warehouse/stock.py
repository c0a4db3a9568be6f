"""From the stock feed to stock movements: what moved, what was counted, and serial numbers that contradict each other.

Belongs here: booking the feed, and when what was folded of it is void. Does not belong here: moves of order lines (`warehouse.ledger`), positions (dbt).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.warehouse.read import rows, value
from oms_dagster.warehouse.write import append

BALANCES = "intermediate.int_stock__balances"


def apply_stock(connection: duckdb.DuckDBPyConnection, now: Cycle) -> int:
    """Book what this cycle captured of the stock feed. Returns the number of movements appended."""
    done = _movements(connection, now) + _counts(connection, now)
    _contradictions(connection, now)
    return done


def forget_later_balances(connection: duckdb.DuckDBPyConnection, now: Cycle) -> None:
    """Drop balances that hold movements of cycles which this home has not had: it was cut back, and folds anew."""
    there = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'intermediate' and table_name = 'int_stock__balances'"
    ).fetchall()
    if there and (value(connection, f"select max(folded_cycle_seq) from {BALANCES}") or 0) >= now.cycle_seq:
        connection.execute(f"drop table {BALANCES}")


def _movements(connection: duckdb.DuckDBPyConnection, now: Cycle) -> int:
    appended = connection.execute(
        """
        insert into facts.stock_movements by name
        select s.movement_id, s.kind, coalesce(s.stock_status, 'usable') as stock_status, s.sku_code as sku_id,
               s.location_code as location_id, s.lot_id, s.quantity, s.reason_code, s.reference, s.event_at, s.bin, s.serial_number,
               s.cycle_seq, ?::timestamptz as recorded_at
        from facts.stock as s
        where s.cycle_seq = ? and s.kind <> 'count'
          and not exists (select 1 from facts.stock_movements as m where m.movement_id = s.movement_id)
        order by s.event_at, s.movement_id
        """,
        [now.as_of, now.cycle_seq],
    ).fetchall()
    return int(appended[0][0])


def _counts(connection: duckdb.DuckDBPyConnection, now: Cycle) -> int:
    """Counts become the variance against the fold at their instant.

    A movement from before a count that comes to be known after it was in the count already: the count takes back what
    that movement adds, so that the fold at its instant stays what was counted.
    """
    counts = rows(
        connection,
        """
        with fresh as (
            select sku_id, location_id, stock_status, min(event_at) as since from (
                select sku_id, location_id, stock_status, event_at from facts.stock_movements
                where cycle_seq >= (select coalesce(max(cycle_seq), 0) from facts.cycles where state = 'committed' and cycle_seq < $seq)
                union all
                select sku_code, location_code, coalesce(stock_status, 'usable'), event_at from facts.stock where cycle_seq = $seq and kind = 'count')
            group by all
        ),
        counted as (
            select s.movement_id, s.sku_code as sku_id, s.location_code as location_id, coalesce(s.stock_status, 'usable') as stock_status,
                   s.lot_id, s.quantity, s.reason_code, s.reference, s.event_at, s.bin
            from facts.stock as s inner join fresh as f
                on s.sku_code = f.sku_id and s.location_code = f.location_id and coalesce(s.stock_status, 'usable') = f.stock_status
            where s.kind = 'count' and s.event_at >= f.since and s.cycle_seq <= $seq
        )
        select c.*, coalesce(sum(m.quantity), 0) as there, coalesce(bool_or(m.movement_id = c.movement_id), false) as is_booked
        from counted as c left join facts.stock_movements as m
            on m.sku_id = c.sku_id and m.location_id = c.location_id and m.stock_status = c.stock_status
           and (c.lot_id is null or m.lot_id = c.lot_id) and m.event_at <= c.event_at
        group by all order by c.event_at, c.movement_id
        """,
        {"seq": now.cycle_seq},
    )
    found: list[dict[str, Any]] = []
    changed: dict[tuple[str, str, str], list[tuple[str | None, Decimal]]] = defaultdict(list)
    for count in counts:
        earlier = changed[count["sku_id"], count["location_id"], count["stock_status"]]
        there = count.pop("there") + sum(q for lot, q in earlier if count["lot_id"] in (None, lot))
        difference = count["quantity"] - there
        late = count.pop("is_booked")
        if late and difference == 0:
            continue
        earlier.append((count["lot_id"], difference))
        found.append(
            {
                **count, "movement_id": f"{count['movement_id']}#late-{now.cycle_seq}" if late else count["movement_id"],
                "kind": "count", "quantity": difference, "reason_code": "LATE" if late else count["reason_code"] or "COUNT",
                "cycle_seq": now.cycle_seq, "recorded_at": now.as_of,
            }
        )  # fmt: skip
    return append(connection, "facts.stock_movements", found)


def _contradictions(connection: duckdb.DuckDBPyConnection, now: Cycle) -> None:
    """A serial number that is in two places, or left twice; a unit of a serial-tracked SKU picked without its number."""
    stamp = {"cycle_seq": now.cycle_seq, "recorded_at": now.as_of}
    twice = rows(
        connection,
        """
        with seen as (
            select sku_code as sku_id, serial_number, movement_id as event_id, kind, location_code as place, sign(quantity) as step, event_at, cycle_seq
            from facts.stock where serial_number is not null and kind <> 'count'
            union all
            select l.sku_code, f.serial_number, f.scan_id, f.kind, f.order_line_id, -1, f.event_at, f.cycle_seq
            from facts.floor as f inner join (select order_line_id, any_value(sku_code) as sku_code from facts.order_lines group by 1) as l
                on f.order_line_id = l.order_line_id
            where f.serial_number is not null and f.kind = 'pick' and f.quantity > 0
        ),
        run as (
            select *, sum(step) over (partition by sku_id, serial_number order by event_at, step, event_id rows unbounded preceding) as there
            from seen semi join (select sku_id, serial_number from seen where cycle_seq = ?) as fresh using (sku_id, serial_number)
        )
        select * from run as r where there not in (0, 1)
          and not exists (select 1 from facts.exceptions as x where x.exception_id = r.event_id || '#SERIAL_TWICE')
        order by event_at, event_id
        """,
        [now.cycle_seq],
    )
    missing = rows(
        connection,
        """
        select f.scan_id, f.order_line_id, f.quantity, f.event_at, l.order_id, l.sku_code from facts.floor as f
        inner join (select order_line_id, any_value(order_id) as order_id, any_value(sku_code) as sku_code from facts.order_lines group by 1) as l
            on f.order_line_id = l.order_line_id
        inner join (select key, arg_max(json_extract_string(attributes, '$.is_serial_tracked'), version) as tracked
                    from facts.reference_versions where entity = 'skus' group by 1) as k on l.sku_code = k.key and k.tracked = 'true'
        where f.cycle_seq = ? and f.kind = 'pick' and f.quantity > 0 and f.serial_number is null
          and not exists (select 1 from facts.exceptions as x where x.exception_id = f.scan_id || '#SERIAL_MISSING')
        order by f.event_at, f.scan_id
        """,
        [now.cycle_seq],
    )
    append(
        connection,
        "facts.exceptions",
        [
            {
                "exception_id": f"{r['event_id']}#SERIAL_TWICE", "kind": "SERIAL_TWICE", "key": f"{r['sku_id']}/{r['serial_number']}",
                "expected": "one unit in one place", "found": f"{r['kind']} {r['place']}", "difference": "1", "event_at": r["event_at"],
                "explanation": f"serial number {r['serial_number']} of {r['sku_id']} "
                + ("came in while it was there" if r["there"] > 1 else "left, but was not there"), **stamp,
            }
            for r in twice
        ]
        + [
            {
                "exception_id": f"{r['scan_id']}#SERIAL_MISSING", "kind": "SERIAL_MISSING", "key": r["order_line_id"], "order_id": r["order_id"],
                "order_line_id": r["order_line_id"], "expected": "a serial number", "found": "none", "difference": str(r["quantity"]),
                "event_at": r["event_at"], "explanation": f"{r['sku_code']} is kept by serial number, scan {r['scan_id']} gives none", **stamp,
            }
            for r in missing
        ],
    )  # fmt: skip
