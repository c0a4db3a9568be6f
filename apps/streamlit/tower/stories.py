"""Why an order is held, sourced there, on this truck, late: answers in sentences, from what each decision kept.

Belongs here: rows into sentences (Markdown, text from outside escaped). Does not belong here: SQL (`data.orders`),
drawing.
"""

from __future__ import annotations

import pandas as pd

from tower.data import orders as questions
from tower.data.copy import Copy
from tower.words import count, is_missing, moment, money, plain, quantity

Answers = list[tuple[str, list[str]]]


def reasons(copy: Copy, order: pd.Series) -> Answers:
    """Question and its answers, in the order of the journey; a question without an answer is left out."""
    order_id = str(order["order_id"])
    told: Answers = [
        ("Why is it held?", held(questions.holds(copy, order_id))),
        ("Why from there?", sourced(questions.promises(copy, order_id))),
        ("What waits for stock?", waiting(questions.backorders(copy, order_id))),
        ("Why on this load?", riding(questions.shipments(copy, order_id))),
        ("Will it be late?", lateness(order)),
    ]
    return [(question, answers) for question, answers in told if answers]


def held(holds: pd.DataFrame) -> list[str]:
    """One sentence per open hold."""
    return [
        f"**{plain(row['hold_type'])}** since {moment(row['placed_at'])}: {plain(row['explanation'])}."
        f" Found {plain(row['observed'])}, allowed {plain(row['threshold'])}. What helps: {plain(row['remedy'])}"
        + ("" if row["is_releasable"] else ". No one can release it; the data must change")
        for _, row in holds.iterrows()
    ]


def sourced(promises: pd.DataFrame) -> list[str]:
    """One sentence per promise, with the runner-up."""
    told = []
    for _, row in promises.iterrows():
        other = ""
        if isinstance(row["runner_up_location_id"], str):
            more = row["runner_up_more"]
            dearer = (
                f"{money(abs(more), row['currency'])} {'more' if more >= 0 else 'less'}"
                if not is_missing(more)
                else "an unknown amount more"
            )
            other = f" Runner-up {plain(row['runner_up_location_id'])} would cost {dearer}."
        told.append(
            f"Line {plain(row['line_number'])}: {quantity(row['quantity'])} from **{plain(row['location_id'])}**, ships {row['ship_date']:%d %b}, delivered"
            f" {row['deliver_date']:%d %b}. {plain(row['explanation'] or '')}{other}"
        )
    return told


def waiting(backorders: pd.DataFrame) -> list[str]:
    """One sentence per backorder."""
    return [
        f"Line {plain(row['line_number'])}: {quantity(row['quantity'])} since {moment(row['since'])}, {plain(row['reason'] or 'no stock')}."
        + (
            f" Expected to be covered on {row['expected_cover_date']:%d %b} by {plain(row['cover_reference'])}."
            if not is_missing(row["expected_cover_date"])
            else " No supply is dated for it."
        )
        for _, row in backorders.iterrows()
    ]


def riding(shipments: pd.DataFrame) -> list[str]:
    """One sentence per shipment and load."""
    told = []
    for _, row in shipments.iterrows():
        line = f"Shipment {plain(row['shipment_id'])} ({plain(row['mode'])}): {plain(row['chosen_because'] or 'no reason was kept')}."
        if isinstance(row["on_load"], str):
            line += f" On load **{plain(row['on_load'])}**"
            line += (
                f", stop {quantity(row['stop_sequence'])}, arrives {moment(row['eta'])}"
                if not is_missing(row["eta"])
                else ""
            )
            line += (
                f", {quantity(row['late_min'])} min after its window"
                if not is_missing(row["late_min"]) and row["late_min"] > 0
                else ""
            )
            line += f"; result: {plain(row['outcome'])}." if isinstance(row["outcome"], str) else "."
        elif isinstance(row["dropped_reason"], str):
            line += f" The plan leaves it behind: {plain(row['dropped_reason'])}. Cheapest fix: {plain(row['cheapest_fix'] or 'none known')}."
        told.append(line)
    return told


def lateness(order: pd.Series) -> list[str]:
    """Promised against requested."""
    promised, wanted = order["promised_at"], order["requested_to"]
    if is_missing(promised) or is_missing(wanted):
        return []
    hours = (promised - wanted).total_seconds() / 3600
    if hours <= 0:
        return [f"No: promised {moment(promised)}, requested by {moment(wanted)}."]
    late = count(max(1, round(hours / 24)), "day") if hours >= 12 else f"{hours:.0f} h"
    return [f"Yes, by about {late}: promised {moment(promised)}, requested by {moment(wanted)}."]
