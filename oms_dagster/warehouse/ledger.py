"""From captured records and commands to the ledger: line events, stock movements, exceptions.

Belongs here: reading what this cycle captured, loading the balances of the lines it touches, keeping what the book
(`domain.fulfilment`) made of it. One transaction; what a cycle that died had booked is not booked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.domain.fulfilment import events as outside
from oms_dagster.domain.fulfilment.book import Book, Cause, fold_balances, fold_lots
from oms_dagster.domain.quantities import round_half_up
from oms_dagster.warehouse import stock
from oms_dagster.warehouse.gate.changes import VERSION_ORDER
from oms_dagster.warehouse.read import rows
from oms_dagster.warehouse.write import append


def _id(outside: str, feed: str = "") -> str:
    """Id of an outside event as the book takes it: feeds that count from 1 each must not meet, and ``#`` ends an id."""
    return feed + outside.replace("#", "%23")


def touched_lines(connection: duckdb.DuckDBPyConnection, cycle_seq: int, more: Sequence[str] = ()) -> list[str]:
    """Lines that this cycle's opening, cancellations, amendments, scans, deliveries and returns speak of."""
    found = connection.execute(
        """
        select order_line_id from facts.order_lines semi join (
            select order_id from facts.orders group by 1
            having bool_or(cycle_seq = $seq) and (count(*) > 1 or bool_or(message_kind = 'cancel'))
        ) as changed using (order_id)
        union select order_line_id from facts.opening where cycle_seq = $seq
        union select order_line_id from facts.floor where cycle_seq = $seq
        union select order_line_id from facts.returns where cycle_seq = $seq
        union select ordered.order_line_id from facts.vendors as v
              inner join facts.purchase_order_lines as ordered on v.purchase_order_id = ordered.document_id
              where v.cycle_seq = $seq and ordered.order_line_id is not null
        union select lines.order_line_id from facts.deliveries as d
              inner join facts.shipment_lines as lines on d.shipment_id = lines.shipment_id where d.cycle_seq = $seq
        union select events.order_line_id from facts.deliveries as d
              inner join facts.line_events as events on d.shipment_id = events.document_id
              where d.cycle_seq = $seq and starts_with(d.shipment_id, 'opening-')
        """,
        {"seq": cycle_seq},
    ).fetchall()
    return sorted({row[0] for row in found} | set(more))


def open_book(connection: duckdb.DuckDBPyConnection, lines: Sequence[str], cycle_seq: int) -> Book:
    """The book of some lines: their balances, SKUs and the locations of their shipments."""
    connection.execute(
        "create or replace temp table _touched as select unnest($lines::varchar[]) as order_line_id",
        {"lines": list(lines)},
    )
    ordered = dict(
        connection.execute(
            "select order_line_id, sum(quantity_added) from facts.order_lines semi join _touched using (order_line_id) group by 1"
        ).fetchall()
    )
    events = connection.execute(
        "select order_line_id, from_bucket, to_bucket, quantity, document_id, lot_id from facts.line_events semi join _touched using (order_line_id)"
    ).fetchall()
    skus = dict(
        connection.execute(
            "select order_line_id, max(sku_code) from facts.order_lines semi join _touched using (order_line_id) group by 1"
        ).fetchall()
    )
    locations = dict(connection.execute("select shipment_id, location_id from facts.shipments").fetchall())
    done = connection.execute(
        "select split_part(event_id, '#', 1) from facts.line_events where cycle_seq = $seq"
        " union select split_part(movement_id, '#', 1) from facts.stock_movements where cycle_seq = $seq"
        " union select split_part(exception_id, '#', 1) from facts.exceptions where cycle_seq = $seq",
        {"seq": cycle_seq},
    ).fetchall()
    balances = fold_balances(ordered, (event[:5] for event in events))
    return Book(balances, locations, skus, frozenset(row[0] for row in done), fold_lots(events))


def keep(connection: duckdb.DuckDBPyConnection, book: Book, now: Cycle) -> dict[str, int]:
    """Append what the book did."""
    stamp = {"cycle_seq": now.cycle_seq, "recorded_at": now.as_of}
    order_of = dict(
        connection.execute(
            "select order_line_id, max(order_id) from facts.order_lines semi join _touched using (order_line_id) group by 1"
        ).fetchall()
    )
    return {
        "line_events": append(connection, "facts.line_events", [{**asdict(m), **stamp} for m in book.moves]),
        "stock_movements": append(connection, "facts.stock_movements", [{**asdict(m), **stamp} for m in book.stock]),
        "exceptions": append(
            connection,
            "facts.exceptions",
            [{**asdict(e), "order_id": order_of.get(e.order_line_id or ""), **stamp} for e in book.exceptions],
        ),
    }


def apply_cancellations(connection: duckdb.DuckDBPyConnection, book: Book, cycle_seq: int) -> None:
    """Cancellations that the channels sent, and what newer versions of orders no longer ask for.

    Events may come in any order. A cancellation that came before its order waits and is applied when the order comes; one
    that came after a version newer than itself is void, since the customer asked anew.
    """
    cancelled = connection.execute(
        f"""
        with ranked as (
            select order_id, message_id, coalesce(message_kind, 'order') = 'cancel' as is_cancel, cycle_seq, recorded_at,
                   row_number() over (partition by order_id order by {VERSION_ORDER}, message_kind = 'cancel', cycle_seq, message_id) as place
            from facts.orders where order_id in (select order_id from facts.orders where cycle_seq = $seq)
        ),
        last as (
            select order_id, max(place) filter (is_cancel) as cancel_place, max(place) filter (not is_cancel) as order_place,
                   arg_max(message_id, place) filter (is_cancel) as cancel_id,
                   arg_max(cycle_seq, place) filter (is_cancel) as cancel_seq,
                   arg_max(message_id, place) filter (not is_cancel and cycle_seq = $seq) as late_id,
                   max(recorded_at) as recorded_at
            from ranked group by 1
        )
        select o.order_id, case when o.cancel_seq = $seq then o.cancel_id else o.cancel_id || ':' || o.late_id end, o.recorded_at,
               list(distinct l.order_line_id order by l.order_line_id)
        from last as o inner join facts.order_lines as l on o.order_id = l.order_id
        where o.cancel_place > o.order_place and (o.cancel_seq = $seq or o.late_id is not null)
        group by all order by 1
        """,
        {"seq": cycle_seq},
    ).fetchall()
    for order_id, message_id, recorded_at, lines in cancelled:
        cause = Cause(_id(message_id), recorded_at, "channel", "CUSTOMER")
        if cause.event_id in book.done:
            continue
        for line in lines:
            left = sum(
                (book.held(line, b, s) for b in ("loaded", "shipped") for s in book.shipments_of(line, b)), Decimal(0)
            )
            outside.cancel(book, line, None, cause)
            if left > 0:
                book.contradict(
                    "CANCEL_TOO_LATE",
                    line,
                    0,
                    left,
                    left,
                    f"cancelled, but {left} of {order_id} are on the road: expect a refusal",
                    cause,
                )
    lowered = connection.execute(
        """
        with newest as (
            select *, row_number() over (partition by order_id order by try_cast(order_version as timestamptz) desc nulls last,
                       try_cast(order_version as decimal(38,6)) desc nulls last, order_version desc nulls last, cycle_seq desc, message_id desc) as n,
                   count(*) over (partition by order_id) as versions
            from facts.orders where coalesce(message_kind, 'order') = 'order'
        ), wanted as (
            select l.order_line_id, n.message_id, n.recorded_at,
                   max(l.quantity) filter (where l.message_id = n.message_id) as quantity
            from facts.order_lines as l inner join newest as n on l.order_id = n.order_id and n.n = 1
            where n.versions > 1 and n.cycle_seq = ? and l.substitution_of_line_id is null group by all
        )
        select order_line_id, message_id, recorded_at, coalesce(quantity, 0), coalesce(
            (select list((s.order_line_id, s.substitution_factor) order by s.order_line_id) from facts.order_lines as s
             where s.substitution_of_line_id = wanted.order_line_id), [])
        from wanted order by 1
        """,
        [cycle_seq],
    ).fetchall()
    for line, message_id, recorded_at, wanted, substitutes in lowered:
        alive = book.alive(line) + sum(
            (round_half_up(book.alive(other) / factor, 3) for other, factor in substitutes), Decimal(0)
        )
        cause = Cause(_id(message_id), recorded_at, "channel", "AMENDED")
        if alive > wanted and cause.event_id not in book.done:
            done = outside.cancel(book, line, alive - wanted, cause)
            for other, factor in substitutes:  # the line itself goes first
                surplus = round_half_up((alive - wanted - done) * factor, 3)
                done += round_half_up(outside.cancel(book, other, surplus, cause) / factor, 3)
            if done < alive - wanted:
                book.contradict("AMENDED_TOO_LATE", line, wanted, alive - done, alive - done - wanted,
                                f"the order now asks for {wanted}; {alive - done} are beyond recall", cause)  # fmt: skip


def apply_opening(connection: duckdb.DuckDBPyConnection, book: Book, cycle_seq: int) -> None:
    """What of the captured orders had left before they came here: no stock moves, the opening stock has it off already."""
    events = rows(
        connection,
        "select o.*, l.order_id from facts.opening as o left join (select order_line_id, any_value(order_id) as order_id"
        " from facts.order_lines group by 1) as l on o.order_line_id = l.order_line_id"
        " where o.cycle_seq = ? order by o.event_at, o.event_id",
        [cycle_seq],
    )
    for event in events:
        line, asked = event["order_line_id"], event["quantity"]
        cause = Cause(_id(event["event_id"], "opening:"), event["event_at"], "opening", "OPENING")
        if cause.event_id in book.done:
            continue
        if line not in book.sku_of:
            book.contradict(
                "OPENING_UNKNOWN", line, "an order line", line, asked,
                f"{asked} had left of {line}, which is no captured line: import its order, then this row again under a new event_id", cause,
            )  # fmt: skip
            continue
        moved = outside.open_half_shipped(book, line, asked, f"opening-{event['order_id']}", event["kind"], cause)
        if moved < asked:
            book.contradict("OPENING_OVER", line, moved, asked, asked - moved,
                            f"{asked} had left of {line}, but {moved} were open: the surplus is not booked", cause)  # fmt: skip


def apply_floor(connection: duckdb.DuckDBPyConnection, book: Book, cycle_seq: int) -> None:
    """Pick and pack scans, in the order of their time."""
    scans = rows(
        connection,
        "select f.*, t.shipment_id, t.qty_to_pick, t.lot_id from facts.floor as f left join facts.pick_tasks as t on f.task_id = t.task_id"
        " where f.cycle_seq = ? order by f.event_at, case f.kind when 'pick' then 1 when 'pack' then 2 else 3 end, f.scan_id",
        [cycle_seq],
    )
    for scan in scans:
        cause = Cause(_id(scan["scan_id"], "scan:"), scan["event_at"], scan["actor"] or "floor", scan["short_reason"])
        line, shipment = scan["order_line_id"], scan["shipment_id"]
        if cause.event_id in book.done:
            continue
        if shipment is None:
            book.contradict(
                "SCAN_UNKNOWN",
                line,
                "a pick task",
                scan["task_id"],
                scan["quantity"],
                f"scan {scan['scan_id']} names no task of a released wave",
                cause,
            )
        elif scan["kind"] == "pick":
            outside.pick(book, line, shipment, scan["qty_to_pick"], scan["quantity"], cause, scan["lot_id"])
        elif scan["kind"] == "pack":
            outside.pack(book, line, shipment, scan["quantity"], cause, scan["lot_id"])


def apply_vendors(connection: duckdb.DuckDBPyConnection, book: Book, cycle_seq: int) -> None:
    """What vendors answer to purchase orders, in the order of their time: an acceptance moves nothing."""
    answers = rows(
        connection,
        "select v.*, o.shipment_id, o.order_line_id from facts.vendors as v left join facts.purchase_order_lines as o"
        " on v.purchase_order_id = o.document_id and o.line_number = coalesce(v.line_number, o.line_number) and o.kind = 'dropship'"
        " where v.cycle_seq = ? order by v.event_at, v.line_number nulls last, v.event_id, o.line_number",
        [cycle_seq],
    )
    for answer in answers:
        line, shipment, quantity = answer["order_line_id"], answer["shipment_id"], answer["quantity"]
        cause = Cause(
            _id(answer["event_id"], "vendor:"), answer["event_at"], "vendor", answer["reason_code"] or f"VENDOR_{answer['kind'].upper()}"
        )  # fmt: skip
        if cause.event_id in book.done:
            continue
        if line is None:
            of = f"{answer['purchase_order_id']} line {answer['line_number'] or 'all'}"
            book.contradict("VENDOR_UNKNOWN", None, "a drop-ship purchase order", of, "",
                            f"{answer['kind']} reported for {of}, which no vendor was asked for", cause)  # fmt: skip
        elif answer["kind"] == "rejected":
            outside.refuse(book, line, quantity, shipment, cause)
        elif answer["kind"] == "shipped":
            outside.ship_direct(book, line, quantity, shipment, cause)


def apply_deliveries(connection: duckdb.DuckDBPyConnection, book: Book, cycle_seq: int) -> None:
    """Results at the door, in the order of their time; a result for one line goes before one for the whole shipment."""
    results = rows(
        connection,
        "select d.*, case when s.mode = 'pickup' then (select list(distinct l.order_line_id order by l.order_line_id)"
        " from facts.shipment_lines as l where l.shipment_id = d.shipment_id) end as collected"
        " from facts.deliveries as d left join facts.shipments as s on d.shipment_id = s.shipment_id"
        " where d.cycle_seq = ? order by d.event_at, d.order_line_id nulls last, d.event_id",
        [cycle_seq],
    )
    for result in results:
        shipment = result["shipment_id"]
        cause = Cause(
            _id(result["event_id"], "delivery:"),
            result["event_at"],
            result["receiver"] or "driver",
            result["reason_code"] or result["outcome"].upper(),
        )
        if cause.event_id in book.done:
            continue
        if result["collected"] and result["outcome"] == "delivered":
            every = dict.fromkeys(result["collected"])
            outside.hand_over(
                book,
                shipment,
                {result["order_line_id"]: result["quantity"]} if result["order_line_id"] else every,
                cause,
            )
        if result["order_line_id"]:
            lines: dict[str, Decimal | None] = {result["order_line_id"]: result["quantity"]}
        else:
            lines = dict.fromkeys(book.on_the_road(shipment))
        if not lines:
            book.contradict(
                "DELIVERY_UNKNOWN",
                None,
                "goods on the road",
                shipment,
                "",
                f"{result['outcome']} reported for {shipment}, which has nothing on the road",
                cause,
            )
        outside.deliver(book, shipment, lines, result["outcome"], cause)


def apply_returns(connection: duckdb.DuckDBPyConnection, book: Book, cycle_seq: int) -> None:
    """Goods received back, and where inspection sends them."""
    events = rows(
        connection,
        # what is inspected lies where it was received, unless the inspection says otherwise
        "select r.* replace (coalesce(r.location_code, (select arg_max(b.location_code, b.event_at) from facts.returns as b"
        " where b.return_id = r.return_id and b.order_line_id = r.order_line_id and b.kind = 'received')) as location_code)"
        " from facts.returns as r where r.cycle_seq = ? order by r.event_at, r.event_id",
        [cycle_seq],
    )
    for event in events:
        line = event["order_line_id"]
        cause = Cause(_id(event["event_id"]), event["event_at"], "warehouse", event["reason_code"])
        if cause.event_id in book.done:
            continue
        if line not in book.sku_of:
            book.contradict(
                "RETURN_UNKNOWN",
                line,
                "an order line",
                line,
                event["quantity"],
                f"return {event['return_id']} names an unknown line",
                cause,
            )
        elif event["kind"] == "received":
            outside.receive_return(book, line, event["quantity"], cause)
        elif event["kind"] == "inspected":
            outside.inspect_return(book, line, event["quantity"], event["disposition"], event["location_code"], cause)


def settle_order(connection: duckdb.DuckDBPyConnection, order_id: str, now: Cycle) -> None:
    """Book an order that was accepted after what this cycle captured was booked: what it no longer asks for, or cancels."""
    lines = connection.execute("select distinct order_line_id from facts.order_lines where order_id = ?", [order_id])
    book = open_book(connection, sorted(row[0] for row in lines.fetchall()), now.cycle_seq)
    apply_cancellations(connection, book, now.cycle_seq)
    keep(connection, book, now)


def apply_captured(connection: duckdb.DuckDBPyConnection, now: Cycle) -> dict[str, int]:
    """Everything that this cycle captured, applied to the ledger in the order of the journey."""
    book = open_book(connection, touched_lines(connection, now.cycle_seq), now.cycle_seq)
    for apply in (apply_opening, apply_cancellations, apply_floor, apply_vendors, apply_deliveries, apply_returns):
        apply(connection, book, now.cycle_seq)
    kept = keep(connection, book, now)  # before the counts: what was found missing at a pick is no variance once more
    return {"stock": stock.apply_stock(connection, now), **kept}
