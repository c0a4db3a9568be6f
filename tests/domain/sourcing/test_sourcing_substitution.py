"""A substitute conserves units by its factor and, at the agreed price, every cent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from oms_dagster.domain.quantities import from_cents, pro_rata, to_cents, to_milli
from oms_dagster.domain.sourcing.substitution import Priced, replacement

WHOLE = st.integers(1, 500)
MONEY = st.integers(0, 10**7).map(lambda cents: Decimal(cents).scaleb(-2))


def line(quantity: int, net: Decimal, discount: Decimal = Decimal("0.00"), tax: Decimal = Decimal("0.00")) -> Priced:
    return Priced(Decimal(quantity), net, discount, tax)


@given(WHOLE, MONEY, MONEY, st.data())
def test_what_stays_and_what_is_replaced_are_what_was(
    quantity: int, net: Decimal, tax: Decimal, data: st.DataObject
) -> None:
    before = Decimal(data.draw(st.integers(1, quantity)))
    taken = Decimal(data.draw(st.integers(1, int(before))))
    new = replacement(line(quantity, net, tax=tax), before, taken, Decimal(2), "keep", Decimal("1.00"))

    def worth(amount: Decimal, units: Decimal) -> Decimal:
        return from_cents(pro_rata(to_cents(amount), to_milli(units), quantity * 1000))

    assert new.quantity == 2 * taken
    assert worth(net, before - taken) + new.line_total == worth(net, before)
    assert worth(tax, before - taken) + new.tax_amount == worth(tax, before)


def test_a_new_price_is_the_list_price_with_the_tax_rate_of_the_line() -> None:
    new = replacement(
        line(10, Decimal("50.00"), Decimal("5.00"), Decimal("10.00")),
        Decimal(10),
        Decimal(4),
        Decimal("1.5"),
        "new",
        Decimal("2.50"),
    )
    assert (new.quantity, new.line_total, new.discount_share, new.tax_amount) == (
        Decimal("6.000"), Decimal("15.00"), Decimal("0.00"), Decimal("3.00"),
    )  # fmt: skip


def test_the_lower_of_both_prices_counts_and_an_unknown_price_keeps_what_was_agreed() -> None:
    old, all_of_it = line(10, Decimal("50.00")), Decimal(10)
    assert replacement(old, all_of_it, all_of_it, Decimal(1), "lower", Decimal("6.00")).line_total == Decimal("50.00")
    assert replacement(old, all_of_it, all_of_it, Decimal(1), "lower", Decimal("4.00")).line_total == Decimal("40.00")
    assert replacement(old, all_of_it, all_of_it, Decimal(1), "new", None).line_total == Decimal("50.00")
