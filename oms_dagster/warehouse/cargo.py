"""Between the tables and the layer check: measures of goods and vehicles in, what a load's row says of it out.

Belongs here: reading rows as `Contents`. Does not belong here: the rule (`domain.loads.layers`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from oms_dagster.domain.loads.layers import CargoSpace, Contents, Goods, LayerCheck, check_stops
from oms_dagster.domain.routes.plan import Load
from oms_dagster.warehouse.transport import Yard

_SPACE = ("cargo_length_mm", "cargo_width_mm", "cargo_height_mm")
#: SKUs without measures that a load names.
_NAMED = 5


def contents(connection: duckdb.DuckDBPyConnection) -> dict[str, Contents]:
    """What each shipment that may ride holds; part of a unit counts as one."""
    goods: defaultdict[str, list[Goods]] = defaultdict(list)
    unmeasured: defaultdict[str, list[str]] = defaultdict(list)
    for shipment_id, sku_id, units, *measures, is_stackable in connection.execute(
        "select l.shipment_id, l.sku_id, cast(ceil(sum(l.quantity)) as bigint) as units, any_value(s.length_mm) as length_mm,"
        " any_value(s.width_mm) as width_mm, any_value(s.height_mm) as height_mm, coalesce(any_value(s.is_stackable), true) as is_stackable"
        " from (select shipment_id, sku_id, quantity from facts.shipment_lines"
        " union all select shipment_id, sku_id, quantity from intermediate.int_wave_lines__planned) as l"
        " semi join intermediate.int_shipments__waiting as w on l.shipment_id = w.shipment_id"
        " left join intermediate.int_skus__in_force as s on l.sku_id = s.sku_id group by all order by all"
    ).fetchall():
        if None in measures:
            unmeasured[shipment_id].append(sku_id)
        else:
            goods[shipment_id].append(Goods(0, units, *measures, is_stackable))
    return {s: Contents(tuple(goods[s]), tuple(unmeasured[s])) for s in (*goods, *(unmeasured.keys() - goods))}


def space(row: Mapping[str, Any]) -> CargoSpace | None:
    """A vehicle's cargo space; None where a measure is not known."""
    measures = [row[name] for name in _SPACE]
    return None if None in measures else CargoSpace(*measures)


def layer_columns(load: Load, yard: Yard, held: Mapping[str, Contents]) -> dict[str, Any]:
    """What a row of `plans.loads` says of an own load's layers; nothing where it delivers nothing. Pick-ups are not in it."""
    vehicle = next(v for v in yard.vehicles if v["vehicle_id"] == load.vehicle_id)
    stops = [
        [shipment_id for shipment_id, position in zip(stop.shipment_ids, stop.load_positions, strict=True) if position]
        for stop in load.stops
    ]
    if not any(stops):
        return {}
    return check_columns(check_stops(space(vehicle), [_together(stop, held) for stop in stops]))


def check_columns(found: LayerCheck) -> dict[str, Any]:
    """A layer check in columns."""
    named = found.unmeasured[:_NAMED]
    more = len(found.unmeasured) - len(named)
    return {
        "layer_check": found.answer,
        "layer_binding": found.binding,
        "floor_used_mm": found.floor_mm,
        "layer_unmeasured": (", ".join(named) + (f" and {more} more" if more else "")) or None,
    }


def _together(stop: Sequence[str], held: Mapping[str, Contents]) -> Contents:
    """What a stop's shipments hold; one of which nothing is known counts as without measures."""
    found = [held.get(shipment_id, Contents((), (shipment_id,))) for shipment_id in stop]
    return Contents(tuple(g for c in found for g in c.goods), tuple(sku for c in found for sku in c.unmeasured))
