"""Questions of the Audit page: what was decided, what is not decided yet, whether the logs hold, what overrides brought.

Belongs here: SQL over the published copy, and the verdict on the logs. Does not belong here: drawing.
"""

from __future__ import annotations

import re
from pathlib import Path
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from oms_dagster import audit
from oms_dagster.chain import Verdict
from oms_dagster.operations.access_log import list_events
from oms_dagster.operations.store import open_store
from oms_dagster.settings import Home
from tower.data.copy import LIMIT, Copy, ask

COLUMNS = (
    "sequence", "issued_at", "type", "target", "actor", "reason", "outcome", "outcome_reason", "cycle_id", "seen_cycle_id",
    "command_id", "payload",
)  # fmt: skip


def commands(
    copy: Copy,
    pending: pd.DataFrame,
    *,
    actors: list[str],
    types: list[str],
    text: str,
    days: tuple[date, ...],
    outcomes: list[str],
    limit: int | None = LIMIT,
) -> pd.DataFrame:
    """Commands that were sent, newest first; ``found`` says how many there are.

    Parameters
    ----------
    pending
        Those without an outcome, as `tower.commands.desk` has them.
    days
        None, one or two days of sending, in the zone of reports.
    """
    first, last = (days[0], days[-1]) if days else (date(1, 1, 1), date(9999, 12, 31))
    decided = ask(
        copy,
        f"""
        select {", ".join(name for name in COLUMNS if name != "payload")}, cast(payload as varchar) as payload from marts.commands
        where (len($actors::varchar[]) = 0 or list_contains($actors::varchar[], actor))
          and (len($types::varchar[]) = 0 or list_contains($types::varchar[], type))
          and (len($outcomes::varchar[]) = 0 or list_contains($outcomes::varchar[], outcome))
          and ($text = '' or contains(lower(target || ' ' || reason || ' ' || command_id || ' ' || outcome_reason), lower($text)))
          and cast(issued_at at time zone $zone as date) between $first and $last
        order by sequence desc
        """,
        actors=actors, types=types, outcomes=outcomes, text=text.strip(), zone=copy.timezone, first=first, last=last,
    )  # fmt: skip
    found = pd.concat([_undecided(pending, actors, types, text, (first, last), outcomes), decided], ignore_index=True)
    found["issued_at"] = pd.to_datetime(found["issued_at"], utc=True).dt.tz_convert(copy.timezone)  # an empty part has no kind
    return found.assign(found=len(found)).head(limit or len(found))


def _undecided(
    pending: pd.DataFrame, actors: list[str], types: list[str], text: str, days: tuple[date, date], outcomes: list[str]
) -> pd.DataFrame:
    """What no cycle has looked at, in the same columns."""
    if pending.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    late = pending["needs_approval"].astype(bool)
    frame = pending.assign(
        outcome=late.map({True: "awaiting", False: "pending"}), outcome_reason="", cycle_id="", payload=pending["payload"]
    )[list(COLUMNS)]
    said = (frame["target"] + " " + frame["reason"] + " " + frame["command_id"]).str.lower()
    sent_on = frame["issued_at"].dt.date
    keep = said.str.contains(text.strip().lower(), regex=False) & (sent_on >= days[0]) & (sent_on <= days[1])
    for chosen, column in ((actors, "actor"), (types, "type"), (outcomes, "outcome")):
        if chosen:
            keep &= frame[column].isin(chosen)
    return frame[keep]


def choices(copy: Copy, pending: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Who has sent commands, and of which types."""
    known = ask(copy, "select distinct actor, type from marts.commands")
    both = pd.concat([known, pending[["actor", "type"]]]) if len(pending) else known
    return sorted(set(both["actor"])), sorted(set(both["type"]))


def as_csv(frame: pd.DataFrame) -> bytes:
    """The rows as CSV. What a spreadsheet would run as a formula gets an apostrophe before it."""
    return frame.drop(columns=["found"], errors="ignore").map(_harmless).to_csv(index=False).encode()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and re.match(r"[=+\-@\t\r]", value) else value


@st.cache_data(ttl=60, max_entries=8, show_spinner="Verifying the logs")
def verdicts(root: str, path: str, last: str) -> list[tuple[str, Verdict]]:
    """The verdict on each log; asked again when the copy or the newest pending command is another."""
    home = Home(Path(root))
    store = open_store(home.operations_url)
    try:
        return audit.verify_home(store, home)
    finally:
        store.close()


def access_events(home: Home) -> pd.DataFrame:
    """The newest rows of the log of access."""
    store = open_store(home.operations_url)
    try:
        found = list_events(store, LIMIT)
    finally:
        store.close()
    names = ("event_at", "event", "subject", "actor", "address", "detail")
    return pd.DataFrame([{name: getattr(event, name) for name in names} for event in found], columns=list(names))


def overrides(copy: Copy) -> pd.DataFrame:
    """Pins, exclusions and priorities against the plan: one row a type and actor.

    ``before`` is what the plan had promised when the command was applied, ``after`` the promise that followed. In money the line's
    last promise counts, once units of it were released, against the one before: same quantity, cost as sourcing counts it.
    """
    return ask(
        copy,
        """
        with sent as (
            select c.command_id, c.type, c.actor, c.cycle_seq, l.order_line_id
            from facts.commands as c inner join marts.order_lines as l on c.target = l.order_line_id or c.target = l.order_id
            where c.outcome = 'accepted' and c.type in ('line.pin', 'line.exclude', 'order.priority')
        ),
        judged as (
            select s.type, s.actor, s.command_id,
                   arg_max((p.cost, p.quantity), p.cycle_seq) filter (where p.cycle_seq < s.cycle_seq) as planned,
                   arg_max((p.cost, p.quantity), p.cycle_seq) filter (where p.cycle_seq <= r.cycle_seq) as committed,
                   any_value(r.cycle_seq) >= s.cycle_seq as is_released,
                   max(p.deliver_date) filter (where p.cycle_seq < s.cycle_seq
                       and p.cycle_seq = (select max(b.cycle_seq) from facts.promise_events as b
                                          where b.order_line_id = s.order_line_id and b.cycle_seq < s.cycle_seq)) as before,
                   max(p.deliver_date) filter (where p.cycle_seq >= s.cycle_seq
                       and p.cycle_seq = (select min(a.cycle_seq) from facts.promise_events as a
                                          where a.order_line_id = s.order_line_id and a.cycle_seq >= s.cycle_seq)) as after
            from sent as s left join facts.promise_events as p on s.order_line_id = p.order_line_id
            left join (
                select order_line_id, max(cycle_seq) as cycle_seq from facts.line_events where to_bucket = 'released' group by 1
            ) as r on s.order_line_id = r.order_line_id
            group by s.type, s.actor, s.command_id, s.order_line_id, s.cycle_seq
        ),
        priced as (
            select *, case when is_released and planned[2] = committed[2] then committed[1] - planned[1] end as cost_more from judged
        )
        select type, actor, count(distinct command_id) as commands, count(*) as lines,
               count(*) filter (where after < before) as sooner,
               count(*) filter (where after > before) as later,
               count(*) filter (where before is not null and coalesce(after, before) = before) as unchanged,
               count(*) filter (where before is null) as unknown,
               sum(cost_more) as cost_more, count(*) filter (where cost_more < 0) as cheaper,
               count(*) filter (where cost_more > 0) as dearer, count(*) filter (where cost_more is null) as cost_unknown
        from priced group by 1, 2 order by 1, 2
        """,
    )


def releases(copy: Copy) -> pd.DataFrame:
    """Holds that people released: what became of their orders, one row a hold type and person."""
    return ask(
        copy,
        """
        select h.hold_type, h.cleared_by, count(*) as released, count(distinct h.order_id) as orders,
               sum(o.order_total_base) as value,
               count(*) filter (where o.fulfilment_status = 'delivered') as delivered,
               count(*) filter (where o.fulfilment_status = 'cancelled') as cancelled,
               count(*) filter (where o.return_status not in ('none', '') and o.return_status is not null) as came_back
        from marts.order_holds as h inner join marts.orders as o on h.order_id = o.order_id
        where h.status = 'released' group by 1, 2 order by 1, 2
        """,
    )
