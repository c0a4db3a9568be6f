"""Between the tables and the choice of lots: promises keep to what lasts long enough, waves take what expires first.

Belongs here: which lots are free, what the lines ask for, and keeping the choice. The choice is `domain.inventory.fefo`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import duckdb

from oms_dagster.domain.inventory.fefo import Lot, Taken, Want, take
from oms_dagster.warehouse.read import rows
from oms_dagster.warehouse.write import append

#: Days that the units of an order must last after delivery: the longer of what its SKU and its customer ask for.
_MIN_LIFE = """
    greatest(coalesce((select max(k.min_remaining_life_days) from intermediate.int_skus__in_force as k where k.sku_id = x.sku_id), 0),
             coalesce((select max(c.min_remaining_life_days) from intermediate.int_orders__current as o
                       inner join intermediate.int_customers__in_force as c on o.customer_id = c.customer_id
                       where o.order_id = x.order_id), 0)) as min_life_days"""
_BY_LOT = "semi join intermediate.int_lots__free as kept on x.sku_id = kept.sku_id and x.location_id = kept.location_id"


def fit_promises(connection: duckdb.DuckDBPyConnection) -> int:
    """Promise no more of a SKU kept by lot than its lots and confirmed supply can give; returns the promises cut.

    What is cut becomes a backorder. A promise that one lot serves names it: a forecast of the choice that its wave makes.
    """
    wanted = rows(
        connection,
        f"""
        select x.order_line_id, x.order_id, x.sku_id, x.location_id, x.quantity, x.ship_date, x.deliver_date, {_MIN_LIFE}
        from plans.promises as x {_BY_LOT}
        order by x.ship_date, x.deliver_date, x.order_line_id
        """,
    )
    cut = 0
    shelves = _shelves(connection, with_supply=True) if wanted else {}
    for place, lines in _by_place(wanted).items():
        taken, short = take(shelves[place], _wants(lines))
        cut += len(short)
        for row in lines:
            used = [t for t in taken if t.key == row["key"]]
            _keep_promise(connection, row, used, short.get(row["key"], Decimal(0)))
    connection.execute("delete from plans.promises where quantity <= 0")
    return cut


def _keep_promise(
    connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any], used: list[Taken], short: Decimal
) -> None:
    lot = used[0].lot_id if len(used) == 1 else None
    connection.execute(
        "update plans.promises set lot_id = ?, quantity = quantity - ?, cost = round(cost * (quantity - ?) / quantity, 2)"
        " where order_line_id = ? and location_id = ? and ship_date = ?",
        [lot, short, short, row["order_line_id"], row["location_id"], row["ship_date"]],
    )
    if not short:
        return
    waiting = connection.execute(
        "update plans.backorders set quantity = quantity + ? where order_line_id = ?", [short, row["order_line_id"]]
    ).fetchall()[0][0]
    if not waiting:
        reason = f"no lot at {row['location_id']} lasts {row['min_life_days']} days after {row['deliver_date']}"
        append(
            connection,
            "plans.backorders",
            [{**{name: row[name] for name in ("order_line_id", "order_id", "sku_id")}, "quantity": short, "reason": reason}],
        )  # fmt: skip


def choose(connection: duckdb.DuckDBPyConnection) -> None:
    """`_lots`: the lots that the lines of this cycle's waves are taken from, the first to expire first, and why.

    A shipment with a line that no lot can serve is left out of the commit.
    """
    wanted = rows(
        connection,
        f"""
        select x.shipment_id, x.order_line_id, x.order_id, x.sku_id, x.location_id, x.quantity, s.ship_date, s.deliver_date, {_MIN_LIFE}
        from intermediate.int_wave_lines__planned as x inner join intermediate.int_shipments__planned as s on x.shipment_id = s.shipment_id
        {_BY_LOT}
        where not exists (select 1 from plans.left_out as l where l.subject_id in (x.order_id, x.shipment_id, x.order_line_id, x.wave_id))
        order by s.ship_date, x.wave_id, x.order_line_id, x.shipment_id
        """,
    )
    connection.execute(
        "create or replace temp table _lots (shipment_id varchar, order_line_id varchar, lot_id varchar, quantity decimal(18,3), because varchar)"
    )
    shelves = _shelves(connection, with_supply=False) if wanted else {}
    for (sku, location), lines in _by_place(wanted).items():
        taken, short = take(shelves[sku, location], _wants(lines))
        at = {row["key"]: row for row in lines}
        if taken:
            connection.executemany(
                "insert into _lots values (?, ?, ?, ?, ?)",
                [(at[t.key]["shipment_id"], at[t.key]["order_line_id"], t.lot_id, t.quantity, t.because) for t in taken],
            )  # fmt: skip
        append(
            connection,
            "plans.left_out",
            [
                {
                    "subject_type": "shipment", "subject_id": at[key]["shipment_id"], "rule": "LOT-LIFE",
                    "reason": f"no lot of {sku} at {location} lasts long enough for {missing.normalize():f} of them",
                }
                for key, missing in short.items()
            ],
        )  # fmt: skip


def _by_place(wanted: Iterable[dict[str, Any]]) -> Mapping[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for number, row in enumerate(wanted):
        found[row["sku_id"], row["location_id"]].append({**row, "key": str(number)})
    return found


def _shelves(connection: duckdb.DuckDBPyConnection, *, with_supply: bool) -> Mapping[tuple[str, str], list[Lot]]:
    """Free units by SKU and location of what is kept by lot; supply comes in no lot that is known."""
    free = rows(
        connection,
        """
        with kept as (select * from intermediate.int_lots__free)
        select sku_id, location_id, lot_id, expiry, quantity, null as from_day from kept
        union all
        select u.sku_id, u.location_id, null, null, u.quantity_open, greatest(u.due_date, (select cast(as_of as date) + 1 from plans.cycle))
        from intermediate.int_supply__open as u semi join kept on u.sku_id = kept.sku_id and u.location_id = kept.location_id
        where $with_supply and u.status = 'confirmed'
        order by all
        """,
        {"with_supply": with_supply},
    )
    found: dict[tuple[str, str], list[Lot]] = defaultdict(list)
    for row in free:
        lot = Lot(row["lot_id"], row["quantity"], row["expiry"], row["from_day"])
        found[row["sku_id"], row["location_id"]].append(lot)
    return found


def _wants(lines: Iterable[Mapping[str, Any]]) -> list[Want]:
    return [
        Want(row["key"], row["quantity"], row["ship_date"], row["deliver_date"], row["min_life_days"]) for row in lines
    ]
