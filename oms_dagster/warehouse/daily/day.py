"""A closed local day, ages at its end, and what is open then.

Belongs here: what several parts of the report measure with. Does not belong here: what the report shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from oms_dagster.domain.quantities import round_half_up, to_cents
from oms_dagster.warehouse.read import rows

#: Whole days of age, the last open-ended.
_AGES = ((2, "0-2 days"), (7, "3-7 days"), (14, "8-14 days"), (30, "15-30 days"))
_OLDEST = "over 30 days"
BUCKETS = (*(name for _, name in _AGES), _OLDEST)


@dataclass(frozen=True, slots=True)
class Day:
    """A local day with its instants in UTC: ``opens`` is in it, ``closes`` is not."""

    date: date
    opens: datetime
    closes: datetime

    def age_days(self, since: datetime) -> Decimal:
        """Days from an instant to the day's end."""
        return Decimal(int((self.closes - since).total_seconds())) / 86400


def local_day(day: date, timezone: str) -> Day:
    """The day in a time zone; it has 23 or 25 hours where the clock changes."""
    zone = ZoneInfo(timezone)
    opens, closes = (datetime.combine(d, time(), zone).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    return Day(day, opens, closes)


def bucket(age_days: Decimal) -> str:
    return next((name for until, name in _AGES if int(age_days) <= until), _OLDEST)


def base(amount: Decimal, order: dict[str, Any]) -> Decimal:
    """An amount of an order in the reporting currency, at the order's own rate."""
    if not order["order_total"]:
        return amount
    return round_half_up(amount * Decimal(order["order_total_base"]) / Decimal(order["order_total"]))


def open_holds(connection: duckdb.DuckDBPyConnection, day: Day) -> list[dict[str, Any]]:
    """Holds open at the day's end, each with what is held in the reporting currency's cents."""
    found = rows(
        connection,
        "select h.hold_id, h.hold_type, h.remedy, h.placed_at, h.owner, h.sla_hours, h.order_id, h.order_line_id,"
        " o.order_total, o.order_total_base, l.line_total from marts.order_holds as h"
        " left join marts.orders as o on h.order_id = o.order_id left join marts.order_lines as l on h.order_line_id = l.order_line_id"
        " where h.placed_at < ? and (h.cleared_at is null or h.cleared_at >= ?) order by h.placed_at, h.hold_id",
        [day.closes, day.closes],
    )
    for row in found:
        whole = row["order_total_base"]
        row["value_cents"] = (
            to_cents(whole if row["line_total"] is None else base(row["line_total"], row)) if whole else 0
        )
        row["age"] = day.age_days(row["placed_at"])
    return found


def at_stake(holds: Iterable[dict[str, Any]]) -> int:
    """Value held, each order or line once; a held order covers its lines."""
    held = {(h["order_id"], h["order_line_id"]): h["value_cents"] for h in holds}
    whole = {order for order, line in held if line is None}
    return sum(cents for (order, line), cents in held.items() if line is None or order not in whole)
