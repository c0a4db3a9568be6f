"""A substitute in a line's place: how much of it goes, and what it costs the customer.

Belongs here: quantity and money of the new line. Does not belong here: which SKU may replace which (reference data), the moves of units
(`domain.fulfilment.book`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from oms_dagster.domain.quantities import from_cents, from_milli, pro_rata, round_half_up, to_cents, to_milli

PricePolicy = Literal["keep", "lower", "new"]


@dataclass(frozen=True, slots=True)
class Priced:
    """The units that a line's money pays for, in the order's currency. ``line_total`` is net, after the discount's share."""

    quantity: Decimal
    line_total: Decimal
    discount_share: Decimal
    tax_amount: Decimal


@dataclass(frozen=True, slots=True)
class Replacement:
    """The substitute's line: ``unit_price`` times quantity less the discount's share is the line total, to the cent."""

    quantity: Decimal
    unit_price: Decimal
    line_total: Decimal
    discount_share: Decimal
    tax_amount: Decimal


def replacement(
    line: Priced, before: Decimal, taken: Decimal, factor: Decimal, policy: PricePolicy, list_price: Decimal | None
) -> Replacement:
    """The line of the substitute for units of another line.

    Parameters
    ----------
    before, taken
        Units of the line that nobody cancelled, and how many of them the substitute replaces.
    factor
        Units of the substitute for one of the line's.
    list_price
        Net unit price of the substitute in the order's currency; None: unknown, and what was agreed is kept.

    Returns
    -------
    Replacement
        With ``keep``, exactly the money that the replaced units leave behind: what stays and what is replaced sum to
        what was before, to the cent.
    """

    def share(amount: Decimal) -> Decimal:
        cents, whole = to_cents(amount), to_milli(line.quantity)
        return from_cents(pro_rata(cents, to_milli(before), whole) - pro_rata(cents, to_milli(before - taken), whole))

    quantity = from_milli(to_milli(round_half_up(taken * factor, 3)))
    net, discount, tax = share(line.line_total), share(line.discount_share), share(line.tax_amount)
    if policy != "keep" and list_price is not None:
        listed = round_half_up(quantity * list_price)
        if policy == "new" or listed < net:
            tax = from_cents(pro_rata(to_cents(tax), to_cents(listed), to_cents(net))) if net else Decimal("0.00")
            net, discount = listed, Decimal("0.00")
    return Replacement(quantity, round_half_up((net + discount) / quantity, 6), net, discount, tax)
