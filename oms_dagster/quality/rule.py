"""One business rule, and the shapes that most of them take.

Belongs here: what a rule is. Does not belong here: the rules (`orders`, `records`) or which channel has which
(`suites`).

Rules look at integers only (micro-units of a price, thousandths of a quantity, cents, seconds), never at doubles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Literal

from oms_dagster.domain.capture.identifiers import CURRENCIES, is_gtin

#: Verdict of a library on a value that is right.
TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation of a suite.

    Attributes
    ----------
    code
        Error code of the messages that break it.
    batch
        ``rows``: one record a row; ``messages``: one an order.
    needs
        Fields without which the rule has nothing to look at.
    value
        SQL over the typed fields (of a group of rows in ``messages``); null where the rule doesn't apply. ``$as_of``
        is the cycle's time.
    expectation, parameters
        Class of `great_expectations.expectations` and its arguments beside the column.
    expected
        What a person reads.
    why
        Why a value that breaks it can't be right.
    judge
        A library's verdict on one value; the expectation then looks at the verdicts, and expects `TAKEN`.
    severity
        ``error`` quarantines the message; ``warn`` accepts it and says so beside it.
    """

    code: str
    field: str
    value: str
    expectation: str
    expected: str
    why: str
    needs: tuple[str, ...]
    parameters: Mapping[str, Any] = default(default_factory=dict)
    batch: Literal["rows", "messages"] = "rows"
    judge: Callable[[str], bool] | None = None
    severity: Literal["error", "warn"] = "error"

    @property
    def column(self) -> str:
        """Name of the rule's column in the batch."""
        return self.code.lower()


def between(
    code: str, name: str, value: str, low: int | None, high: int | None, expected: str, why: str, *needs: str
) -> Rule:
    bounds = {key: bound for key, bound in (("min_value", low), ("max_value", high)) if bound is not None}
    return Rule(code, name, value, "ExpectColumnValuesToBeBetween", expected, why, needs or (name,), bounds)


def matches(code: str, name: str, value: str, regex: str, expected: str, why: str) -> Rule:
    return Rule(code, name, value, "ExpectColumnValuesToMatchRegex", expected, why, (name,), {"regex": regex})


def within(code: str, name: str, value_set: list[str], expected: str, why: str) -> Rule:
    return Rule(code, name, name, "ExpectColumnValuesToBeInSet", expected, why, (name,), {"value_set": value_set})


def judged(
    code: str,
    name: str,
    value: str,
    judge: Callable[[str], bool],
    expected: str,
    why: str,
    severity: Literal["error", "warn"],
) -> Rule:
    """A rule that a library knows; it is asked once a distinct value."""
    taken = {"value_set": [TAKEN]}
    return Rule(
        code, name, value, "ExpectColumnValuesToBeInSet", expected, why, (name,), taken, judge=judge, severity=severity
    )


def currency_rule(accepted: tuple[str, ...] = ()) -> Rule:
    """The currency is one of those accepted, by default any that ISO 4217 knows."""
    why = "the channel sells in these currencies" if accepted else "an amount in no currency is no amount"
    expected = f"one of {', '.join(accepted)}" if accepted else "an ISO 4217 code, as EUR"
    return within("CURRENCY_NOT_ACCEPTED", "currency", sorted(accepted or CURRENCIES), expected, why)


def barcode_rule(severity: Literal["error", "warn"], why: str) -> Rule:
    """Barcodes as long as a GTIN carry its check digit; in-house codes of other lengths are left alone."""
    value = "case when regexp_full_match(barcode, '\\d{8}|\\d{12,14}') then barcode end"
    expected = "a right check digit (GTIN of 8, 12, 13 or 14 digits)"
    return judged("BARCODE_CHECK_DIGIT", "barcode", value, is_gtin, expected, why, severity)


def milli(name: str) -> str:
    return f"({name}::decimal(38,3) * 1000)::bigint"


def cents(amount: str) -> str:
    return f"(({amount})::decimal(38,2) * 100)::bigint"


def seconds(later: str, earlier: str) -> str:
    return f"(epoch_us({later}) - epoch_us({earlier})) // 1000000"


def minutes(later: str, earlier: str) -> str:
    """Minutes between two HH:MM texts."""

    def of(clock: str) -> str:
        return f"(left({clock}, 2)::integer * 60 + substr({clock}, 4, 2)::integer)"

    return f"{of(later)} - {of(earlier)}"


def quantity_limit(limit: int, condition: str = "true") -> Rule:
    return between(
        "QUANTITY_TOO_LARGE",
        "quantity",
        f"case when {condition} then abs({milli('quantity')}) end",
        None,
        limit * 1000,
        f"{limit:,} or less",
        "a barcode scanned into the quantity, or a decimal point lost",
    )
