"""Between the tables and the layer check: measures of goods and vehicles in, what a load's row says of it out.

Belongs here: reading rows as `Goods`. Does not belong here: the rule (`domain.loads.layers`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from oms_dagster.domain.loads.layers import CargoSpace, Goods, check
from oms_dagster.domain.routes.plan import Load
from oms_dagster.warehouse.read import rows
from oms_dagster.warehouse.transport import Yard

Row = Mapping[str, Any]
_SPACE = ("cargo_length_mm", "cargo_width_mm", "cargo_height_mm")
_UNIT = ("length_mm", "width_mm", "height_mm")


def units(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Row]]:
    """Units of each SKU on each shipment that may ride, with their measures; part of a unit counts as one."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows(
        connection,
        "select l.shipment_id, l.sku_id, cast(ceil(sum(l.quantity)) as bigint) as units, any_value(s.length_mm) as length_mm,"
        " any_value(s.width_mm) as width_mm, any_value(s.height_mm) as height_mm, coalesce(any_value(s.is_stackable), true) as is_stackable"
        " from (select shipment_id, sku_id, quantity from facts.shipment_lines"
        " union all select shipment_id, sku_id, quantity from intermediate.int_wave_lines__planned) as l"
        " semi join intermediate.int_shipments__waiting as w on l.shipment_id = w.shipment_id"
        " left join intermediate.int_skus__in_force as s on l.sku_id = s.sku_id group by all order by all",
    ):
        found[row["shipment_id"]].append(row)
    return found


def layer_columns(load: Load, yard: Yard, on_board: Mapping[str, Sequence[Row]]) -> dict[str, Any]:
    """What a row of `plans.loads` says of the layer check: nothing where a measure is not known. Pick-ups are not in it."""
    vehicle = next(v for v in yard.vehicles if v["vehicle_id"] == load.vehicle_id)
    delivered = [
        (stop.stop_sequence, on_board.get(shipment_id, ()))
        for stop in load.stops
        for shipment_id, position in zip(stop.shipment_ids, stop.load_positions, strict=True)
        if position
    ]
    space = [vehicle[name] for name in _SPACE]
    measures = [row[name] for _, found in delivered for row in found for name in _UNIT]
    if not delivered or None in (*space, *measures) or not all(found for _, found in delivered):
        return {}
    goods = [
        Goods(stop, row["units"], *(row[name] for name in _UNIT), row["is_stackable"])
        for stop, found in delivered
        for row in found
    ]
    checked = check(CargoSpace(*space), goods)
    return {"layer_check": checked.answer, "layer_binding": checked.binding, "floor_used_mm": checked.floor_mm}
