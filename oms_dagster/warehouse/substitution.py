"""A substitute in a line's place: open units are cancelled, a new line of the order asks for what goes instead.

Belongs here: the pair in force, the new line, and what the last commit sends unasked. Does not belong here: quantity and price
(`domain.sourcing.substitution`), who may say so (`warehouse.commands.substitution`), what is suggested (dbt).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb

from oms_dagster.cycle import Cycle
from oms_dagster.domain.fulfilment.book import OPEN, Book, Cause
from oms_dagster.domain.sourcing.substitution import Priced, replacement
from oms_dagster.warehouse import ledger
from oms_dagster.warehouse.read import rows, value
from oms_dagster.warehouse.write import append

_LAST = (
    "select lines.*, (select max(upper(orders.currency)) from facts.orders as orders where orders.order_id = lines.order_id) as currency"
    " from facts.order_lines as lines where lines.order_line_id = ? order by lines.cycle_seq desc, lines.order_version desc limit 1"
)
_PAIR = (
    "select p.factor, p.price_policy, skus.name, skus.list_price, coalesce(of_list.rate, 1) as list_rate,"
    " coalesce(nullif(of_order.rate, 0), 1) as order_rate"
    " from intermediate.int_sku_substitutes__in_force as p"
    " inner join intermediate.int_skus__in_force as skus on p.substitute_sku_id = skus.sku_id and coalesce(skus.is_active, true)"
    " left join intermediate.int_rates__in_force as of_list on upper(skus.currency) = of_list.currency"
    " left join intermediate.int_rates__in_force as of_order on of_order.currency = ?"
    " where p.sku_id = ? and p.substitute_sku_id = ?"
)


class NoSubstitute(Exception):
    """Why a SKU can't go in a line's place: one line."""


def substitute(
    connection: duckdb.DuckDBPyConnection, book: Book, line: str, sku: str, wanted: Decimal | None, cause: Cause
) -> tuple[dict[str, Any], str]:
    """Cancel open units of a line in the book, and make the line that asks for the substitute.

    Parameters
    ----------
    wanted
        Units of the line that it replaces; None: all that are open.

    Returns
    -------
    tuple
        The new row of `facts.order_lines`, and what was done in words.

    Raises
    ------
    NoSubstitute
        The pair isn't in force, or fewer units are open.
    """
    last = rows(connection, _LAST, [line])[0]
    pair = rows(connection, _PAIR, [last.pop("currency"), last["sku_code"], sku])
    if not pair:
        raise NoSubstitute(f"{sku} may not go in the place of {last['sku_code']}")
    there = book.held(line, OPEN)
    taken = there if wanted is None else wanted
    if taken > there or there == 0:
        raise NoSubstitute(f"only {there.normalize():f} units of {line} are open")
    found = pair[0]
    listed = None if found["list_price"] is None else found["list_price"] * found["list_rate"] / found["order_rate"]
    new = replacement(
        Priced(last["quantity"], last["line_total"], last["discount_share"] or Decimal(0), last["tax_amount"] or Decimal(0)),
        book.alive(line), taken, found["factor"], found["price_policy"], listed,
    )  # fmt: skip
    number = 1 + value(
        connection,
        "select count(distinct order_line_id) from facts.order_lines where substitution_of_line_id = ?",
        [line],
    )
    book.move(line, (OPEN, "cancelled"), taken, "", cause)
    row = last | {
        "message_id": cause.event_id, "order_line_id": f"{line}-S{number}", "line_number": f"{last['line_number']}-S{number}",
        "sku_code": sku, "barcode": None, "description": found["name"], "unit": None, "unit_code": None, "unit_factor": 1,
        "quantity_doc": new.quantity, "quantity": new.quantity, "quantity_added": new.quantity,
        "unit_price_doc": new.unit_price, "unit_price": new.unit_price, "discount_amount": new.discount_share,
        "discount_share": new.discount_share, "tax_amount": new.tax_amount, "line_total": new.line_total,
        "substitution_of_line_id": line, "substitution_factor": found["factor"],
    }  # fmt: skip
    said = f"{new.quantity.normalize():f} {sku} instead of {taken.normalize():f} {last['sku_code']}"
    return row, f"{said}, as line {row['order_line_id']}"


def book_unasked(connection: duckdb.DuckDBPyConnection, now: Cycle) -> int:
    """Book what the last commit sends unasked; returns how many lines. What is no longer open needs no substitute."""
    agreed = rows(
        connection,
        "select s.*, 'substitution-' || s.order_line_id || '-' || s.cycle_seq as event_id from facts.substitutions as s"
        " where s.cycle_seq < $seq and event_id not in (select message_id from facts.order_lines where substitution_of_line_id is not null)"
        " and s.cycle_seq = (select max(cycle_seq) from facts.cycles where state = 'committed' and cycle_seq < $seq) order by s.order_line_id",
        {"seq": now.cycle_seq},
    )
    book = ledger.open_book(connection, [s["order_line_id"] for s in agreed], now.cycle_seq)
    made = []
    for s in agreed:
        line, cause = s["order_line_id"], Cause(s["event_id"], now.as_of, "rule", "SUBSTITUTED")
        wanted = min(s["quantity"], book.held(line, OPEN))
        try:
            row, _ = substitute(connection, book, line, s["sku_id"], wanted, cause)
        except NoSubstitute:
            continue
        made.append(row | {"cycle_seq": now.cycle_seq, "recorded_at": now.as_of})
    ledger.keep(connection, book, now)
    return append(connection, "facts.order_lines", made)
