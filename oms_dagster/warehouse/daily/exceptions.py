"""What a person should look at when the day has closed.

Belongs here: one reader a kind of exception. Does not belong here: their order (`domain.reporting.daily`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import duckdb

from oms_dagster.domain.quantities import to_cents
from oms_dagster.domain.reporting.daily import ExceptionItem
from oms_dagster.warehouse.daily.day import Day, at_stake, base, open_holds
from oms_dagster.warehouse.read import rows

#: Alerts that the report already tells as holds, dropped shipments or quarantined messages.
_TOLD_APART = ("HOLD_AGE", "SHIPMENT_DROPPED", "MESSAGE_QUARANTINED")
#: A shipment that waits in its turn needs nobody.
_IN_TURN = ("NOT_DUE", "NOT_PACKED")


def alerts(connection: duckdb.DuckDBPyConnection, day: Day) -> Iterable[ExceptionItem]:
    for row in rows(
        connection,
        "select kind, severity, subject_id, message, raised_at, owner from marts.alerts"
        " where status = 'open' and raised_at < ? and not list_contains(?, kind) order by alert_id",
        [day.closes, list(_TOLD_APART)],
    ):
        yield ExceptionItem(
            "alert", row["severity"], f"{row['kind']} {row['subject_id']}", row["message"],
            age_days=day.age_days(row["raised_at"]), owner=_team(row["owner"]),
        )  # fmt: skip


def holds(connection: duckdb.DuckDBPyConnection, day: Day) -> Iterable[ExceptionItem]:
    by_type = defaultdict(list)
    for row in open_holds(connection, day):
        by_type[row["hold_type"]].append(row)
    for hold_type, found in sorted(by_type.items()):
        oldest, sla_hours = found[0], found[0]["sla_hours"]
        late = sla_hours is not None and oldest["age"] * 24 > sla_hours
        yield ExceptionItem(
            "hold", "critical" if late else "warning", hold_type, _first("The oldest: ", len(found)) + (oldest["remedy"] or ""), len(found), oldest["age"],
            at_stake(found), owner=_team(oldest["owner"]),
        )  # fmt: skip


def dropped(connection: duckdb.DuckDBPyConnection, day: Day) -> Iterable[ExceptionItem]:
    """Shipments that the plan leaves behind, by reason; the dearest one is named with what would mend it."""
    by_reason = defaultdict(list)
    for row in rows(
        connection,
        "select d.shipment_id, d.reason, d.cheapest_fix, coalesce(s.value, 0) as value, o.order_total, o.order_total_base"
        " from marts.dropped_shipments as d left join marts.shipments as s on d.shipment_id = s.shipment_id"
        " left join marts.orders as o on s.order_id = o.order_id where o.placed_at is null or o.placed_at < ?"
        " order by d.shipment_id",
        [day.closes],
    ):
        by_reason[row["reason"]].append((to_cents(base(row["value"], row)), row))
    for reason, found in sorted(by_reason.items()):
        _, dearest = max(found, key=lambda one: one[0])
        first = _first("The dearest, ", len(found)) + dearest["shipment_id"]
        message = f"{first}: {dearest['cheapest_fix'] or 'no fix known'}"
        yield ExceptionItem(
            "dropped_shipment", "info" if reason in _IN_TURN else "warning", reason, message, len(found),
            value_cents=sum(cents for cents, _ in found), owner="transport",
        )  # fmt: skip


def reconciliation(connection: duckdb.DuckDBPyConnection, day: Day) -> Iterable[ExceptionItem]:
    for row in rows(
        connection,
        "select kind, count(*) as n, min(event_at) as since, min(owner) as owner, arg_min(key, (event_at, exception_id)) as key,"
        " arg_min(explanation, (event_at, exception_id)) as explanation from marts.reconciliation_exceptions"
        " where event_at < ? and (closed_at is null or closed_at >= ?) group by kind order by kind",
        [day.closes, day.closes],
    ):
        first = _first("The oldest, ", row["n"]) + row["key"]
        message = f"{first}: {row['explanation'] or 'see the exceptions in the control tower'}"
        yield ExceptionItem(
            "reconciliation", "warning", row["kind"], message, row["n"], day.age_days(row["since"]), owner=_team(row["owner"])
        )  # fmt: skip


def laws(connection: duckdb.DuckDBPyConnection, day: Day) -> Iterable[ExceptionItem]:
    """Invariants that found something on the day: critical when the day's last cycle still did."""
    for row in rows(
        connection,
        'select q."check" as law, count(*) filter (where not q.passed) as cycles, count(*) as all_cycles, arg_max(q.failing_rows, cast(c.cycle_id as bigint)) as failing_rows,'
        " arg_max(q.passed, cast(c.cycle_id as bigint)) as passed, max(c.as_of) filter (where not q.passed) as seen_at"
        " from marts.data_quality as q inner join marts.cycles as c on q.cycle_id = c.cycle_id"
        " where q.stage = 'commit' and c.as_of >= ? and c.as_of < ? group by 1 having count(*) filter (where not q.passed) > 0 order by 1",
        [day.opens, day.closes],
    ):
        still = "passes again" if row["passed"] else f"keeps {row['failing_rows']} subjects out of the commit"
        yield ExceptionItem(
            "reconciliation", "info" if row["passed"] else "critical", row["law"],
            f"the law found something in {row['cycles']} of the day's {row['all_cycles']} cycles; in the last one it {still}",
            row["failing_rows"] or row["cycles"], day.age_days(row["seen_at"]), owner="platform",
        )  # fmt: skip


def quarantine(connection: duckdb.DuckDBPyConnection, day: Day) -> Iterable[ExceptionItem]:
    for row in rows(
        connection,
        "select case when m.outcome = 'conflict' then 'CONFLICT' else coalesce(m.error_code, 'UNKNOWN') end as code, count(*) as n,"
        " min(m.received_at) as since, arg_min(m.channel || '/' || m.file_name, (m.received_at, m.message_id)) as file,"
        " arg_min(coalesce(m.error_detail, 'known key, other content: say which counts'), (m.received_at, m.message_id)) as detail"
        " from marts.capture_messages as m where m.outcome in ('quarantined', 'conflict') and m.received_at < ? and not exists ("
        "  select 1 from marts.commands as c where c.type in ('message.dismiss', 'message.conflict_resolve')"
        "  and c.target = m.message_id and c.outcome = 'accepted' and c.issued_at < ?)"
        " group by 1 order by 1",
        [day.closes, day.closes],
    ):
        yield ExceptionItem(
            "quarantine", "warning", row["code"], f"{_first('The oldest, ', row['n'])}in {row['file']}: {row['detail']}", row["n"],
            day.age_days(row["since"]), owner="integration",
        )  # fmt: skip


def _first(words: str, count: int) -> str:
    """Says which of several is shown; nothing where there is one."""
    return words if count > 1 else ""


def _team(owner: str | None) -> str:
    return (owner or "").removeprefix("team:")
