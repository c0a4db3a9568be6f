"""What the plan leaves: the stock, and the room of each day, that its promises don't use.

Belongs here: the problem of one order over what the others leave it. Does not belong here: what is asked of it (`phone_promise`,
`why`).
"""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np

from oms_dagster.domain.quantities import to_milli
from oms_dagster.domain.sourcing.problem import UNLIMITED_LINES, SourcingProblem


def left_by_others(connection: duckdb.DuckDBPyConnection, asked: SourcingProblem) -> SourcingProblem:
    """The problem of one order over what the plan's promises of all other orders leave."""
    sku = {name: row for row, name in enumerate(asked.sku_ids)}
    place = {name: row for row, name in enumerate(asked.location_ids)}
    atp, room = asked.atp_milli.copy(), asked.location_capacity_lines.copy()
    for sku_id, location_id, day, quantity, lines in connection.execute(
        "select sku_id, location_id, greatest(0, date_diff('day', (select cast(as_of as date) from plans.cycle), ship_date)), sum(quantity),"
        " count(distinct order_line_id) from plans.promises where order_id <> $order group by all order by all",
        {"order": asked.order_ids[0]},
    ).fetchall():
        if location_id not in place:
            continue
        if day < room.shape[1] and room[place[location_id], day] < UNLIMITED_LINES:
            room[place[location_id], day] = max(0, room[place[location_id], day] - lines)
        if sku_id in sku:
            atp[sku[sku_id], place[location_id], min(day, atp.shape[2] - 1) :] -= to_milli(quantity)
    return replace(
        asked, atp_milli=np.minimum.accumulate(atp[:, :, ::-1], axis=2)[:, :, ::-1], location_capacity_lines=room
    )
