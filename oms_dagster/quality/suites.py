"""The business rules of each channel: one Great Expectations suite a channel, said as data.

Belongs here: each rule's code, the column it looks at, the expectation, why it stands. Does not belong here: whether a
text is a number (`warehouse.gate.typed`), running a suite (`validate`), holds (the screening stage: a rule here means
that the message can't be right, a hold that the order must wait).

Rules look at integers only (micro-units of a price, thousandths of a quantity, cents, seconds), never at doubles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import available_timezones

from oms_dagster.domain.capture import shopify, x12
from oms_dagster.domain.capture.channel import Channel, accepted_countries
from oms_dagster.domain.capture.countries import COUNTRIES
from oms_dagster.domain.capture.records import ORDER

_DOCUMENT_FIELDS = {"shopify": frozenset(shopify.FIELDS), "x12": frozenset(x12.FIELDS)}
_LINE = "row_kind = 'line'"
_DAY = 86_400


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
    """

    code: str
    field: str
    value: str
    expectation: str
    expected: str
    why: str
    needs: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    batch: Literal["rows", "messages"] = "rows"

    @property
    def column(self) -> str:
        """Name of the rule's column in the batch."""
        return self.code.lower()


def _between(code: str, name: str, value: str, low: int | None, high: int | None, expected: str, why: str, *needs: str) -> Rule:
    bounds = {key: bound for key, bound in (("min_value", low), ("max_value", high)) if bound is not None}
    return Rule(code, name, value, "ExpectColumnValuesToBeBetween", expected, why, needs or (name,), bounds)


def _matches(code: str, name: str, value: str, regex: str, expected: str, why: str) -> Rule:
    return Rule(code, name, value, "ExpectColumnValuesToMatchRegex", expected, why, (name,), {"regex": regex})


def _milli(name: str) -> str:
    return f"({name}::decimal(38,3) * 1000)::bigint"


def _cents(amount: str) -> str:
    return f"(({amount})::decimal(38,2) * 100)::bigint"


def _seconds(later: str, earlier: str) -> str:
    return f"date_diff('second', {earlier}, {later})"


def _minutes(later: str, earlier: str) -> str:
    """Minutes between two HH:MM texts."""

    def of(clock: str) -> str:
        return f"(left({clock}, 2)::integer * 60 + substr({clock}, 4, 2)::integer)"

    return f"{of(later)} - {of(earlier)}"


def _currency(channel: Channel) -> Rule:
    accepted = channel.expect.currencies
    if accepted:
        listed = ", ".join(accepted)
        return Rule(
            "CURRENCY_NOT_ACCEPTED", "currency", "currency", "ExpectColumnValuesToBeInSet", f"one of {listed}",
            "the channel sells in these currencies", ("currency",), {"value_set": list(accepted)},
        )  # fmt: skip
    return _matches(
        "CURRENCY_NOT_ACCEPTED", "currency", "currency", "^[A-Z]{3}$", "an ISO 4217 code, as EUR",
        "an amount in no currency is no amount",
    )  # fmt: skip


def _quantity_limit(limit: int, condition: str = "true") -> Rule:
    return _between(
        "QUANTITY_TOO_LARGE", "quantity", f"case when {condition} then abs({_milli('quantity')}) end", None, limit * 1000,
        f"{limit:,} or less", "a barcode scanned into the quantity, or a decimal point lost",
    )  # fmt: skip


def _order_rules(channel: Channel) -> tuple[Rule, ...]:
    expect = channel.expect
    pattern = expect.sku_pattern or r"^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$"
    countries = sorted({*COUNTRIES, *accepted_countries(channel)})
    rules = [
        _between(
            "PRICE_NEGATIVE", "unit_price", f"case when {_LINE} then (unit_price::decimal(38,6) * 1000000)::bigint end", 0, None,
            "0 or more", "a credit is a return or a discount row, never a negative price",
        ),
        _quantity_limit(expect.maximum_quantity, "row_kind in ('line', 'return')"),
        _currency(channel),
        Rule(
            "COUNTRY_UNKNOWN", "ship_to_country", "ship_to_country", "ExpectColumnValuesToBeInSet",
            "an ISO 3166 country, by code or English name", "nothing can be sent there", ("ship_to_country",),
            {"value_set": countries},
        ),
        Rule(
            "LINE_NUMBER_REPEATED", "line_number", f"case when {_LINE} then message_no || '/' || line_number end",
            "ExpectColumnValuesToBeUnique", "each line number once in an order",
            "two lines of one number can't be told apart in amendments, scans and returns", ("line_number",),
        ),
        _between(
            "DISCOUNT_OVER_LINE", "discount_amount",
            f"case when {_LINE} and discount_amount > 0 then {_cents('quantity * unit_price')} - {_cents('discount_amount')} end", 0, None,
            "the line's quantity × price or less", "a line can't be worth less than nothing",
            "discount_amount", "quantity", "unit_price",
        ),
        _matches(
            "SKU_PATTERN", "sku_code", f"case when {_LINE} then sku_code end", pattern,
            f"a code that fits {pattern}", "a name or a note in the place of the code",
        ),
        _between(
            "WINDOW_REVERSED", "requested_to", _seconds("requested_to", "requested_from"), 0, None,
            "requested_from or later", "no delivery can be inside it", "requested_from", "requested_to",
        ),
        Rule(
            "HEADER_DIFFERS", "customer_code", "greatest(count(distinct currency), count(distinct customer_code))",
            "ExpectColumnValuesToBeBetween", "the same currency and customer on each row of an order",
            "rows of two orders under one number", ("currency",), {"max_value": 1}, "messages",
        ),
        Rule(
            "TOTAL_CONTRADICTED", "declared_total", _total_difference(channel), "ExpectColumnValuesToBeBetween",
            f"within {expect.total_tolerance_percent} % of the sum of its rows (smaller differences are a hold)",
            "lines are missing, or prices are in another unit", ("declared_total", "quantity", "unit_price"),
            {"max_value": expect.total_tolerance_percent}, "messages",
        ),
    ]  # fmt: skip
    if expect.days_ahead is not None:
        rules.append(
            _between(
                "PLACED_IN_FUTURE", "placed_at", _seconds("placed_at", "$as_of"), None, expect.days_ahead * _DAY,
                f"at most {expect.days_ahead} day(s) after the cycle's time", "day and month exchanged, or a wrong clock",
            )
        )  # fmt: skip
    if expect.value_or_customer:
        rules.append(
            Rule(
                "NO_VALUE_NO_CUSTOMER", "unit_price",
                f"case when count(*) filter ({_LINE}) = 0 then null "
                f"when coalesce(max(abs(unit_price)), 0) > 0 or count(customer_code) > 0 then 1 else 0 end",
                "ExpectColumnValuesToBeBetween", "a price or a customer on at least one row of an order",
                "a stock correction booked as an invoice: nobody ordered it", ("unit_price", "customer_code"),
                {"min_value": 1}, "messages",
            )
        )  # fmt: skip
    return tuple(rules)


def _total_difference(channel: Channel) -> str:
    """Difference of declared and summed total in whole percent of the declared; below 1.00 it is none."""
    lines = f"coalesce(sum(quantity * unit_price) filter ({_LINE}), 0)"
    others = "coalesce(sum(case when row_kind = 'discount' then -amount else amount end) filter (row_kind in ('shipping', 'charge', 'discount')), 0)"
    tax = "case when bool_or(prices_include_tax) then 0 else coalesce(sum(tax_amount), 0) + coalesce(sum(amount) filter (row_kind = 'tax'), 0) end"
    total = f"({lines} + {others} - coalesce(sum(discount_amount), 0) + {tax})::decimal(18,2)"
    difference = f"abs(max(declared_total) - {total})"
    declared = f"greatest(abs({_cents('max(declared_total)')}), 1)"
    return (
        f"case when max(declared_total) is null or coalesce(max(message_kind), 'order') = 'cancel' then null when {difference} <= 1 then 0 "
        f"else least(({_cents(difference)}::hugeint * 100 + {declared} - 1) // {declared}, 1000000)::bigint end"
    )


_EVENT_CURRENCY = "an amount in no currency is no amount"

_FEED_RULES: Mapping[str, tuple[Rule, ...]] = {
    "stock": (
        _quantity_limit(10_000_000),
        _between(
            "COUNT_NEGATIVE", "quantity", f"case when kind = 'count' then {_milli('quantity')} end", 0, None,
            "0 or more for a count", "nobody can count less than nothing", "quantity", "kind",
        ),
        _between(
            "MOVEMENT_SIGN", "quantity",
            "case when kind in ('receipt', 'transfer_in', 'return_restock') then sign(quantity) "
            "when kind in ('ship', 'transfer_out', 'scrap') then -sign(quantity) end", 0, None,
            "above 0 for what comes in, below 0 for what goes out", "the stock would move the wrong way", "quantity", "kind",
        ),
    ),
    "supply": (
        _quantity_limit(10_000_000),
        _between(
            "DUE_TOO_FAR", "due_date", "date_diff('day', event_at::date, due_date)", -1830, 1830,
            "within five years of event_at", "a year mistyped", "due_date", "event_at",
        ),
    ),
    "payments": (
        _between(
            "AMOUNT_ZERO", "amount",
            "case when event in ('authorised', 'captured', 'refunded', 'chargeback') then (amount::decimal(38,2) * 100)::bigint end",
            1, None, "more than 0", "a payment of nothing says nothing", "amount", "event",
        ),
        _matches("CURRENCY_NOT_ACCEPTED", "currency", "currency", "^[A-Z]{3}$", "an ISO 4217 code, as EUR", _EVENT_CURRENCY),
    ),
    "receivables": (
        _between(
            "DUE_BEFORE_ISSUED", "due_date", "date_diff('day', issued_at, due_date)", 0, None, "issued_at or later",
            "an invoice can't be due before it exists", "due_date", "issued_at",
        ),
        _matches("CURRENCY_NOT_ACCEPTED", "currency", "currency", "^[A-Z]{3}$", "an ISO 4217 code, as EUR", _EVENT_CURRENCY),
    ),
    "rates": (
        _between(
            "RATE_IMPLAUSIBLE", "rate", "(rate::decimal(38,6) * 1000000)::bigint", None, 1_000_000_000_000, "1,000,000 or less",
            "a decimal point lost",
        ),
        _matches("CURRENCY_NOT_ACCEPTED", "currency", "currency", "^[A-Z]{3}$", "an ISO 4217 code, as EUR", _EVENT_CURRENCY),
    ),
    "floor": (
        _quantity_limit(1_000_000),
        _between(
            "PACKAGE_TOO_HEAVY", "weight_kg", _milli("weight_kg"), None, 2_000_000, "2,000 kg or less", "grams in the place of kg",
        ),
    ),
    "deliveries": (
        _quantity_limit(1_000_000),
        Rule(
            "QUANTITY_WITHOUT_LINE", "order_line_id", "case when quantity is not null then coalesce(order_line_id, '') end",
            "ExpectColumnValuesToMatchRegex", "an order_line_id beside a quantity",
            "a part of a shipment can't be told without its line", ("quantity",), {"regex": "."},
        ),
    ),
    "returns": (
        _between("QUANTITY_ZERO", "quantity", _milli("quantity"), 1, None, "more than 0", "a return of nothing says nothing"),
        Rule(
            "INSPECTED_WITHOUT_DISPOSITION", "disposition", "case when kind = 'inspected' then coalesce(disposition, '') end",
            "ExpectColumnValuesToMatchRegex", "a disposition for what was inspected",
            "the units would hang between door and shelf", ("kind",), {"regex": "."},
        ),
    ),
    "yard": (
        Rule(
            "LOADING_WITHOUT_LOAD", "load_id", "case when kind in ('loading_start', 'loading_end') then coalesce(load_id, '') end",
            "ExpectColumnValuesToMatchRegex", "a load_id for loading", "nobody knows what was loaded", ("kind",), {"regex": "."},
        ),
    ),
}  # fmt: skip

_WINDOW = _between(
    "WINDOW_REVERSED", "window_to", _minutes("window_to", "window_from"), 1, None, "later than window_from",
    "no delivery can be inside it", "window_from", "window_to",
)  # fmt: skip

_REFERENCE_RULES: Mapping[str, tuple[Rule, ...]] = {
    "customers": (
        _matches("EMAIL_PATTERN", "email", "email", r"^[^@\s]+@[^@\s]+\.[^@\s]+$", "an address such as name@example.com",
                 "notices would reach nobody"),
    ),
    "addresses": (_WINDOW,),
    "delivery_windows": (_WINDOW,),
    "skus": (
        _between("WEIGHT_IMPLAUSIBLE", "weight_kg", _milli("weight_kg"), None, 5_000_000, "5,000 kg or less",
                 "grams in the place of kg"),
        _between("VOLUME_IMPLAUSIBLE", "volume_m3", "(volume_m3::decimal(38,6) * 1000000)::bigint", None, 50_000_000, "50 m3 or less",
                 "litres or cm3 in the place of m3"),
    ),
    "locations": (
        Rule("TIMEZONE_UNKNOWN", "timezone", "timezone", "ExpectColumnValuesToBeInSet", "an IANA time zone, as Europe/Madrid",
             "windows, shifts and cut-offs are local to it", ("timezone",), {"value_set": sorted(available_timezones())}),
    ),
    "vehicles": (
        _between("PAYLOAD_IMPLAUSIBLE", "payload_kg", _milli("payload_kg"), 1, 60_000_000, "more than 0, 60,000 kg or less",
                 "a van carries something, and no lorry more"),
    ),
    "drivers": (
        _between("SHIFT_EMPTY", "shift_to", f"abs({_minutes('shift_to', 'shift_from')})", 1, None, "another time than shift_from",
                 "a driver without a shift drives nothing", "shift_from", "shift_to"),
    ),
    "tariffs": (
        _between("TRANSIT_TOO_LONG", "transit_days", "transit_days", None, 90, "90 days or less", "hours in the place of days"),
    ),
    "suppliers": (
        _between("LEAD_TIME_TOO_LONG", "lead_time_days", "lead_time_days", None, 730, "730 days or less",
                 "hours in the place of days"),
    ),
    "prices": (
        _matches("CURRENCY_NOT_ACCEPTED", "currency", "currency", "^[A-Z]{3}$", "an ISO 4217 code, as EUR", _EVENT_CURRENCY),
    ),
}  # fmt: skip


def _is_idle(rule: Rule, channel: Channel) -> bool:
    """Whether the channel's mapping alone keeps the rule: a constant, or both ends of a window from one column."""
    sources = [channel.fields.get(need) for need in rule.needs]
    return any(source is not None and source.how == "value" for source in sources) or (
        len(sources) == 2 and sources[0] is not None and sources[0] == sources[1]
    )


def rules_for(channel: Channel) -> tuple[Rule, ...]:
    """The channel's suite, in the order in which a message that breaks several is named."""
    record = channel.contract
    if record is ORDER:
        given = _DOCUMENT_FIELDS.get(channel.format)
        rules = (r for r in _order_rules(channel) if not _is_idle(r, channel))
        # A document has one header, and gives some fields only.
        return tuple(r for r in rules if given is None or (set(r.needs) <= given and r.code != "HEADER_DIFFERS"))
    if record.family == "feed":
        return _FEED_RULES[record.name]
    key = record.key[0]
    code = _matches(
        "KEY_PATTERN", key, key, r"^[^|\s](?:[^|]{0,62}[^|\s])?$", "a code of at most 64 characters without |",
        "keys are joined by | where there are several",
    )  # fmt: skip
    return (code, *_REFERENCE_RULES.get(record.name, ()))
