"""Business rules of feeds and of reference data.

Belongs here: what no event and no entity can be. Does not belong here: orders (`orders`), contradictions between facts
(the invariants).
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import available_timezones

from oms_dagster.domain.capture.countries import COUNTRIES
from oms_dagster.domain.capture.identifiers import is_iban, is_phone, is_tax_id
from oms_dagster.domain.sourcing.calendar import is_calendar
from oms_dagster.quality.rule import (
    Rule,
    barcode_rule,
    between,
    currency_rule,
    judged,
    matches,
    milli,
    minutes,
    quantity_limit,
    within,
)

_COUNTRY = within(
    "COUNTRY_UNKNOWN",
    "country",
    sorted(COUNTRIES),
    "an ISO 3166 country, by code or English name",
    "nothing can be sent there",
)


def _needed(code: str, name: str, when: str, allowed: str, why: str, beside: str) -> Rule:
    """A field that must be there under a condition on another."""
    value = f"case when {when} then coalesce({name}::varchar, '') end"
    return Rule(code, name, value, "ExpectColumnValuesToMatchRegex", allowed, why, (beside,), {"regex": "."})


def _part_of(line: str, whole: str) -> Rule:
    """A quantity is of one line."""
    allowed, why = f"{line} beside a quantity", f"a part of a {whole} can't be told without its line"
    return _needed("QUANTITY_WITHOUT_LINE", line, "quantity is not null", allowed, why, "quantity")


FEED_RULES: Mapping[str, tuple[Rule, ...]] = {
    "stock": (
        quantity_limit(10_000_000),
        between(
            "COUNT_NEGATIVE",
            "quantity",
            f"case when kind = 'count' then {milli('quantity')} end",
            0,
            None,
            "0 or more for a count",
            "nobody can count less than nothing",
            "quantity",
            "kind",
        ),
        between(
            "MOVEMENT_SIGN",
            "quantity",
            "case when kind in ('receipt', 'transfer_in', 'return_restock') then sign(quantity) "
            "when kind in ('ship', 'transfer_out', 'scrap') then -sign(quantity) end",
            0,
            None,
            "above 0 for what comes in, below 0 for what goes out",
            "the stock would move the wrong way",
            "quantity",
            "kind",
        ),
        between(
            "SERIAL_OF_MANY",
            "quantity",
            f"case when serial_number is not null then abs({milli('quantity')}) end",
            None,
            1000,
            "1 or less beside a serial number",
            "a serial number is of one unit",
            "quantity",
            "serial_number",
        ),
    ),
    "stock_snapshot": (quantity_limit(10_000_000),),
    "supply": (
        quantity_limit(10_000_000),
        between(
            "DUE_TOO_FAR",
            "due_date",
            "date_diff('day', event_at::date, due_date)",
            -1830,
            1830,
            "within five years of event_at",
            "a year mistyped",
            "due_date",
            "event_at",
        ),
    ),
    "payments": (
        between(
            "AMOUNT_ZERO",
            "amount",
            "case when event <> 'voided' and event <> 'declined' then (amount::decimal(38,2) * 100)::bigint end",
            1,
            None,
            "more than 0",
            "a payment of nothing says nothing",
            "amount",
            "event",
        ),
        currency_rule(),
        judged(
            "IBAN_CHECK_DIGITS",
            "payer_iban",
            "payer_iban",
            is_iban,
            "an IBAN with right check digits",
            "a refund to it would come back; the payment itself is a fact",
            "warn",
        ),
    ),
    "receivables": (
        between(
            "DUE_BEFORE_ISSUED",
            "due_date",
            "date_diff('day', issued_at, due_date)",
            0,
            None,
            "issued_at or later",
            "an invoice can't be due before it exists",
            "due_date",
            "issued_at",
        ),
        currency_rule(),
    ),
    "rates": (
        between(
            "RATE_IMPLAUSIBLE",
            "rate",
            "(rate::decimal(38,6) * 1000000)::bigint",
            None,
            1_000_000_000_000,
            "1,000,000 or less",
            "a decimal point lost",
        ),
        currency_rule(),
    ),
    "floor": (
        quantity_limit(1_000_000),
        between(
            "PACKAGE_TOO_HEAVY",
            "weight_kg",
            milli("weight_kg"),
            None,
            2_000_000,
            "2,000 kg or less",
            "grams in the place of kg",
        ),
        between(
            "SERIAL_OF_MANY",
            "quantity",
            f"case when serial_number is not null then {milli('quantity')} end",
            None,
            1000,
            "1 or less beside a serial number",
            "a serial number is of one unit",
            "quantity",
            "serial_number",
        ),
    ),
    "deliveries": (quantity_limit(1_000_000), _part_of("order_line_id", "shipment")),
    "vendors": (quantity_limit(1_000_000), _part_of("line_number", "purchase order")),
    "returns": (
        between(
            "QUANTITY_ZERO", "quantity", milli("quantity"), 1, None, "more than 0", "a return of nothing says nothing"
        ),
        _needed(
            "INSPECTED_WITHOUT_DISPOSITION",
            "disposition",
            "kind = 'inspected'",
            "a disposition for what was inspected",
            "the units would hang between door and shelf",
            "kind",
        ),
    ),
    "empties": (quantity_limit(100_000),),
    "pickups": (),
    "opening": (
        between(
            "QUANTITY_ZERO", "quantity", milli("quantity"), 1, None, "more than 0", "nothing had left before the start"
        ),
    ),
    "yard": (
        _needed(
            "LOADING_WITHOUT_LOAD",
            "load_id",
            "kind in ('loading_start', 'loading_end')",
            "a load_id for loading",
            "nobody knows what was loaded",
            "kind",
        ),
    ),
}

_WINDOW = between(
    "WINDOW_REVERSED",
    "window_to",
    minutes("window_to", "window_from"),
    1,
    None,
    "later than window_from",
    "no delivery can be inside it",
    "window_from",
    "window_to",
)


_GAP = between(
    "GAP_REVERSED",
    "closed_to",
    minutes("closed_to", "closed_from"),
    1,
    None,
    "later than closed_from",
    "no delivery can be outside of it",
    "closed_from",
    "closed_to",
)


def _weekdays(name: str) -> Rule:
    return matches(
        "WEEKDAYS_PATTERN",
        name,
        name,
        r"^[1-7](?:-[1-7])?(?:\|[1-7](?:-[1-7])?)*$",
        "ISO weekdays, as 1-5 or 1|3|5",
        "nobody knows on which days it works",
    )


def _prices_by(code: str, name: str, key: str, example: str) -> Rule:
    pair = key + r":\d+(?:\.\d+)?"
    pattern, about = rf"^{pair}(?:\|{pair})*$", f"pairs with their price, as {example}"
    return matches(code, name, name, pattern, about, "nobody knows what a parcel costs")


REFERENCE_RULES: Mapping[str, tuple[Rule, ...]] = {
    "customers": (
        matches(
            "EMAIL_PATTERN",
            "email",
            "email",
            r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
            "an address such as name@example.com",
            "notices would reach nobody",
        ),
        currency_rule(),
        judged(
            "TAX_ID_CHECK",
            "tax_id",
            r"case when regexp_matches(tax_id, '^[A-Za-z]{2}[A-Za-z]{0,2}\d') then tax_id end",
            is_tax_id,
            "after a country's code, a VAT number of that country",
            "the tax office refuses the invoice; the goods can go",
            "warn",
        ),
        judged(
            "PHONE_IMPOSSIBLE",
            "phone",
            "phone",
            lambda phone: is_phone(phone, None),
            "with + and country code, a number of the length that the country has",
            "the driver can't call; the goods can go",
            "warn",
        ),
    ),
    "addresses": (_WINDOW, _GAP, _COUNTRY),
    "delivery_windows": (_WINDOW, _GAP),
    "skus": (
        between(
            "WEIGHT_IMPLAUSIBLE",
            "weight_kg",
            milli("weight_kg"),
            None,
            5_000_000,
            "5,000 kg or less",
            "grams in the place of kg",
        ),
        between(
            "VOLUME_IMPLAUSIBLE",
            "volume_m3",
            "(volume_m3::decimal(38,6) * 1000000)::bigint",
            None,
            50_000_000,
            "50 m3 or less",
            "litres or cm3 in the place of m3",
        ),
        barcode_rule("error", "no scanner would read it on the floor"),
        currency_rule(),
    ),
    "lots": (
        between(
            "EXPIRED_WHEN_MADE",
            "expiry",
            "date_diff('day', manufactured, expiry)",
            0,
            None,
            "the day of manufacture or later",
            "day and month were exchanged, or the two dates",
            "manufactured",
            "expiry",
        ),
    ),
    "locations": (
        Rule(
            "TIMEZONE_UNKNOWN",
            "timezone",
            "timezone",
            "ExpectColumnValuesToBeInSet",
            "an IANA time zone, as Europe/Madrid",
            "windows, shifts and cut-offs are local to it",
            ("timezone",),
            {"value_set": sorted(available_timezones())},
        ),
        _COUNTRY,
        _weekdays("ships_on"),
        judged(
            "HOLIDAYS_UNKNOWN",
            "holidays",
            "case when holidays <> 'none' then holidays end",
            is_calendar,
            "a country or subdivision with known public holidays, as GB-SCT, or none",
            "nobody knows when it is closed",
            "error",
        ),
    ),
    "carriers": (_weekdays("works_on"),),
    "vehicles": (
        between(
            "PAYLOAD_IMPLAUSIBLE",
            "payload_kg",
            milli("payload_kg"),
            1,
            60_000_000,
            "more than 0, 60,000 kg or less",
            "a van carries something, and no lorry more",
        ),
        currency_rule(),
    ),
    "drivers": (
        between(
            "SHIFT_EMPTY",
            "shift_to",
            f"abs({minutes('shift_to', 'shift_from')})",
            1,
            None,
            "another time than shift_from",
            "a driver without a shift drives nothing",
            "shift_from",
            "shift_to",
        ),
    ),
    "tariffs": (
        between(
            "TRANSIT_TOO_LONG",
            "transit_days",
            "transit_days",
            None,
            90,
            "90 days or less",
            "hours in the place of days",
        ),
        _prices_by("WEIGHT_BREAKS_PATTERN", "weight_breaks", r"\d+(?:\.\d+)?", "2:4.20|5:5.10"),
        _prices_by("SURCHARGES_PATTERN", "surcharges", r"[a-z_]+", "toll:0.35|hazard:12.00"),
        _COUNTRY,
        currency_rule(),
    ),
    "trailers": (_COUNTRY, currency_rule()),
    "suppliers": (
        between(
            "LEAD_TIME_TOO_LONG",
            "lead_time_days",
            "lead_time_days",
            None,
            730,
            "730 days or less",
            "hours in the place of days",
        ),
        currency_rule(),
    ),
    "prices": (currency_rule(),),
}
