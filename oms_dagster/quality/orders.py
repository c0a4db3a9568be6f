"""Business rules of order channels.

Belongs here: what no order of the channel can be. Does not belong here: what makes an order wait (the screening
stage's holds).
"""

from __future__ import annotations

from oms_dagster.domain.capture.channel import Channel, accepted_countries
from oms_dagster.domain.capture.countries import COUNTRIES
from oms_dagster.domain.capture.identifiers import INCOTERMS, is_phone, is_tax_id
from oms_dagster.quality.rule import (
    Rule,
    barcode_rule,
    between,
    cents,
    currency_rule,
    judged,
    matches,
    quantity_limit,
    seconds,
    within,
)

_LINE = "row_kind = 'line'"
#: Decimals of 18 digits multiply to 18 digits and overflow: one of them is made wider.
_WORTH = "quantity::decimal(20,3) * unit_price"
#: Few orders repeat a line number: to look for them costs half of counting each.
_REPEATED = (
    f"select message_no, line_number from gate_rows where {_LINE} and line_number is not null"
    " group by message_no, line_number having count(*) > 1"
)
#: Lines that a part may name as its kit.
_LINES = f"select message_no, line_number from gate_rows where {_LINE} and line_number is not null"
_DAY = 86_400


def _is_phone(value: str) -> bool:
    country, phone = value.split(":", 1)
    return is_phone(phone, country or None)


def order_rules(channel: Channel) -> tuple[Rule, ...]:
    """The rules of an order channel, with its own parameters."""
    expect = channel.expect
    pattern = expect.sku_pattern or r"^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$"
    countries = sorted({*COUNTRIES, *accepted_countries(channel)})
    rules = [
        between(
            "PRICE_NEGATIVE",
            "unit_price",
            f"case when {_LINE} then (unit_price::decimal(38,6) * 1000000)::bigint end",
            0,
            None,
            "0 or more",
            "a credit is a return or a discount row, never a negative price",
        ),
        quantity_limit(expect.maximum_quantity, "row_kind in ('line', 'return')"),
        currency_rule(channel.expect.currencies),
        within(
            "COUNTRY_UNKNOWN",
            "ship_to_country",
            countries,
            "an ISO 3166 country, by code or English name",
            "nothing can be sent there",
        ),
        between(
            "LINE_NUMBER_REPEATED",
            "line_number",
            f"case when {_LINE} and line_number is not null then 1 + ((message_no, line_number) in ({_REPEATED}))::integer end",
            None,
            1,
            "each line number once in an order",
            "two lines of one number can't be told apart in amendments, scans and returns",
        ),
        between(
            "DISCOUNT_OVER_LINE",
            "discount_amount",
            f"case when {_LINE} and discount_amount > 0 then {cents(_WORTH)} - {cents('discount_amount')} end",
            0,
            None,
            "the line's quantity × price or less",
            "a line can't be worth less than nothing",
            "discount_amount",
            "quantity",
            "unit_price",
        ),
        matches(
            "SKU_PATTERN",
            "sku_code",
            f"case when {_LINE} then sku_code end",
            pattern,
            f"a code that fits {pattern}",
            "a name or a note in the place of the code",
        ),
        between(
            "WINDOW_REVERSED",
            "requested_to",
            seconds("requested_to", "requested_from"),
            0,
            None,
            "requested_from or later",
            "no delivery can be inside it",
            "requested_from",
            "requested_to",
        ),
        Rule(
            "HEADER_DIFFERS",
            "customer_code",
            "1 + (min(currency) < max(currency) or coalesce(min(customer_code) < max(customer_code), false))::integer",
            "ExpectColumnValuesToBeBetween",
            "the same currency and customer on each row of an order",
            "rows of two orders under one number",
            ("channel_order_id",),
            {"max_value": 1},
            "messages",
        ),
        Rule(
            "TOTAL_CONTRADICTED",
            "declared_total",
            _total_difference(channel),
            "ExpectColumnValuesToBeBetween",
            f"within {expect.total_tolerance_percent} % of the sum of its rows (smaller differences are a hold)",
            "lines are missing, or prices are in another unit",
            ("declared_total", "quantity", "unit_price"),
            {"max_value": expect.total_tolerance_percent},
            "messages",
        ),
    ]
    rules += [
        between(
            "KIT_LINE_UNKNOWN",
            "kit_line_number",
            f"case when {_LINE} and kit_line_number is not null then"
            f" 1 + (kit_line_number = line_number or (message_no, kit_line_number) not in ({_LINES}))::integer end",
            None,
            1,
            "the number of another line of the order, which sells the kit",
            "what the kit costs would be lost",
        ),
        matches(
            "PICKUP_PATTERN",
            "pickup_location_code",
            "pickup_location_code",
            r"^[^\x00-\x1f]{1,64}$",
            "a store's code or name, of at most 64 characters",
            "nobody would know where it is collected",
        ),
        judged(
            "PHONE_IMPOSSIBLE",
            "customer_phone",
            "coalesce(ship_to_country, '') || ':' || customer_phone",
            _is_phone,
            "a number of the length that its country has, national or with + and country code",
            "the driver can't call; the goods can go",
            "warn",
        ),
        barcode_rule("warn", "the SKU's code names the goods; no scanner reads this barcode"),
        judged(
            "TAX_ID_CHECK",
            "customer_tax_id",
            "customer_tax_id",
            is_tax_id,
            "a tax id with right check digits where it begins with a country's code",
            "the invoice would be refused; the goods can go",
            "warn",
        ),
        judged(
            "INCOTERM_UNKNOWN",
            "incoterm",
            "upper(incoterm)",
            INCOTERMS.__contains__,
            f"one of {', '.join(sorted(INCOTERMS))}",
            "who pays the freight isn't clear; the goods can go",
            "warn",
        ),
    ]
    if expect.days_ahead is not None:
        rules.append(
            between(
                "PLACED_IN_FUTURE",
                "placed_at",
                seconds("placed_at", "$as_of"),
                None,
                expect.days_ahead * _DAY,
                f"at most {expect.days_ahead} day(s) after the cycle's time",
                "day and month exchanged, or a wrong clock",
            )
        )
    if expect.value_or_customer:
        rules.append(
            Rule(
                "NO_VALUE_NO_CUSTOMER",
                "unit_price",
                f"case when count(*) filter ({_LINE}) = 0 then null "
                f"when coalesce(max(abs(unit_price)), 0) > 0 or count(customer_code) > 0 then 1 else 0 end",
                "ExpectColumnValuesToBeBetween",
                "a price or a customer on at least one row of an order",
                "a stock correction booked as an invoice: nobody ordered it",
                ("unit_price", "customer_code"),
                {"min_value": 1},
                "messages",
            )
        )
    return tuple(rules)


def _total_difference(channel: Channel) -> str:
    """Difference of declared and summed total in whole percent of the declared; below 1.00 it is none."""
    lines = f"coalesce(sum({_WORTH}) filter ({_LINE}), 0)"
    signed = "case when row_kind = 'discount' then -amount else amount end"
    others = f"coalesce(sum({signed}) filter (row_kind in ('shipping', 'charge', 'discount')), 0)"
    taxes = "coalesce(sum(tax_amount), 0) + coalesce(sum(amount) filter (row_kind = 'tax'), 0)"
    tax = f"case when bool_or(prices_include_tax) then 0 else {taxes} end"
    total = f"({lines} + {others} - coalesce(sum(discount_amount), 0) + {tax})::decimal(18,2)"
    difference = f"abs(max(declared_total) - {total})"
    declared = f"greatest(abs({cents('max(declared_total)')}), 1)"
    idle = "max(declared_total) is null or coalesce(max(message_kind), 'order') = 'cancel'"
    percent = f"({cents(difference)}::hugeint * 100 + {declared} - 1) // {declared}"
    return f"case when {idle} then null when {difference} <= 1 then 0 else least({percent}, 1000000)::bigint end"
