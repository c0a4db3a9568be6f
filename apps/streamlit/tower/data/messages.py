"""Questions of the Messages page.

Belongs here: SQL over the published copy. Does not belong here: drawing, reading archived files (`warehouse.payload`).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tower.data.copy import LIMIT, Copy, ask

#: View -> which messages it shows.
VIEWS = {
    "Quarantine": "state = 'open' and outcome = 'quarantined'",
    "Conflicts": "state = 'open' and outcome = 'conflict'",
    "Waiting": "state = 'waiting'",
    "Warnings": "outcome = 'accepted' and warnings is not null",
    "Settled": "state = 'resolved'",
}
#: What is said of a message: its error, the first of its warnings, else what became of it.
_ERROR = "coalesce(error_code, split_part(warnings, ':', 1), outcome)"
_DETAIL = "coalesce(error_detail, warnings)"


def total(copy: Copy) -> pd.DataFrame:
    """One row: messages in quarantine, in conflict, waiting, settled, and the age of the oldest that is open."""
    counts = ", ".join(f"count(*) filter (where {rule}) as {view.lower()}" for view, rule in VIEWS.items())
    return ask(copy, f"select {counts}, max(age_days) filter (where state = 'open') as oldest_days from marts.capture_messages")


def counts(copy: Copy, view: str) -> pd.DataFrame:
    """Messages of a view by channel and error, with the age of the oldest."""
    return ask(
        copy,
        f"""
        select channel, {_ERROR} as error, count(*) as messages, max(age_days) as oldest_days
        from marts.capture_messages where {VIEWS[view]} group by all order by messages desc, channel, error
        """,
    )


def queue(
    copy: Copy, view: str, channels: Sequence[str] = (), errors: Sequence[str] = (), age_days: int = 0, text: str = ""
) -> pd.DataFrame:
    """Messages of a view, the oldest first, at most `LIMIT`; ``found`` says how many there are."""
    return ask(
        copy,
        f"""
        select * replace ({_DETAIL} as error_detail), {_ERROR} as error, count(*) over () as found from marts.capture_messages
        where {VIEWS[view]} and (len($channels::varchar[]) = 0 or list_contains($channels::varchar[], channel))
          and (len($errors::varchar[]) = 0 or list_contains($errors::varchar[], {_ERROR}))
          and coalesce(age_days, 0) >= $age_days
          and ($text = '' or contains(lower(concat_ws(' ', order_id, message_key, file_name, error_field, {_DETAIL})), lower($text)))
        order by received_at, file_name, position limit $limit
        """,
        channels=list(channels), errors=list(errors), age_days=age_days, text=text.strip(), limit=LIMIT,
    )  # fmt: skip


def order_lines(copy: Copy, order_id: str) -> pd.DataFrame:
    """Lines of the order as it was accepted first."""
    return ask(
        copy,
        "select line_number, sku_id, qty_ordered, unit_price, currency, line_total, qty_open, qty_cancelled from marts.order_lines"
        " where order_id = $order_id order by try_cast(line_number as bigint) nulls last, line_number",
        order_id=order_id,
    )
