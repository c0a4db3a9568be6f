"""Text becomes value, or an error that says what, where and what to do.

Belongs here: SQL of each kind of field, the first error of each row. Does not belong here: business rules
(`quality`), outcomes (`outcomes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from oms_dagster.domain.capture.channel import DOCUMENTS, Channel
from oms_dagster.domain.capture.records import ORDER, Field, Record
from oms_dagster.warehouse.flat import literal, trimmed
from oms_dagster.warehouse.tables import SQL_TYPES

#: Times and dates outside are mistakes of typing or of a broken clock, whatever the business.
EARLIEST, LATEST = "2000-01-01", "2100-01-01"

#: No quantity or amount is as large, nor the worth of a line: sums of an order stay inside decimal(18,2).
LARGEST = "1000000000000"

#: Shape of a row's error.
ERROR_TYPE = "struct(code varchar, field varchar, detail varchar)"

#: A document that shows the whole order, not only what changes.
_WHOLE = "coalesce(t.v_message_kind, 'order') = 'order'"
_NUMBERS = ("quantity", "amount", "price", "number")
_ISO_TIME = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?"
_ZONE = r" ?(Z|z|UTC|[+-]\d{2}(:?\d{2})?)"
_COUNTRY_FIELDS = ("country", "ship_to_country", "bill_to_country")


def value_sql(field: Field, channel: Channel) -> str:
    """SQL of the field's value; null where the text isn't one. ``t`` is the relation of texts."""
    text = f"t.{field.name}"
    if field.name in _COUNTRY_FIELDS:
        return f"coalesce(country_{field.name}.code, {text})"
    if field.kind in _NUMBERS:
        return f"case when {_is_number(text, channel)} then try_cast({_plain(text, channel)} as {SQL_TYPES[field.kind]}) end"
    if field.kind == "integer":
        return f"case when regexp_full_match({text}, '[+-]?\\d+(\\.0+)?') then try_cast(try_cast({text} as decimal(18,3)) as integer) end"
    if field.kind == "timestamp":
        return _timestamp(field, text, channel)
    if field.kind == "date":
        return _date(field, text, channel)
    if field.kind == "time":
        return f"case when regexp_full_match({text}, '([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.0+)?)?') then left({text}, 5) end"
    if field.kind == "boolean":
        return f"case when lower({text}) in ('true', 't', 'yes', 'y', '1') then true when lower({text}) in ('false', 'f', 'no', 'n', '0') then false end"
    return f"lower({text})" if field.choices else text


def _is_number(text: str, channel: Channel) -> str:
    pattern = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?" if channel.decimal == "." else r"[+-]?(\d+,?\d*|,\d+)"
    return f"regexp_full_match({text}, {literal(pattern)})"


def _plain(text: str, channel: Channel) -> str:
    return text if channel.decimal == "." else f"replace({text}, ',', '.')"


def _formats(field: Field, channel: Channel) -> tuple[str, ...]:
    expression = channel.fields.get(field.name)
    return expression.formats if expression else ()


def _timestamp(field: Field, text: str, channel: Channel) -> str:
    zone = literal(channel.timezone)
    formats = _formats(field, channel)
    cases = ""
    if formats:
        listed = ", ".join(literal(f) for f in formats)
        cases = f" when try_strptime({text}, [{listed}]) is not null then timezone({zone}, try_strptime({text}, [{listed}])::timestamp)"
        return f"case{cases} end"
    naive = f"timezone({zone}, try_cast({text} as timestamp))"
    if field.name.endswith("_to") or field.name in ("ship_by", "cancel_after"):
        # A bare date as an end means the whole day.
        cases = (
            f" when regexp_full_match({text}, '\\d{{4}}-\\d{{2}}-\\d{{2}}')"
            f" then timezone({zone}, try_cast({text} as timestamp) + interval '1 day' - interval '1 second')"
        )
    return (
        f"case{cases} when regexp_full_match({text}, {literal(_ISO_TIME)}) then {naive}"
        f" when regexp_full_match({text}, {literal(_ISO_TIME + _ZONE)}) then try_cast({text} as timestamptz) end"
    )


def _date(field: Field, text: str, channel: Channel) -> str:
    formats = _formats(field, channel)
    if formats:
        return f"try_strptime({text}, [{', '.join(literal(f) for f in formats)}])::date"
    return f"case when regexp_full_match({text}, '\\d{{4}}-\\d{{2}}-\\d{{2}}([T ]00:00:00)?') then try_cast(left({text}, 10) as date) end"


_EXPECTED = {
    "quantity": ("BAD_NUMBER", "a number such as 12 or 12.5, without thousands separators"),
    "amount": ("BAD_NUMBER", "an amount such as 1234.50, without thousands separators or currency sign"),
    "price": ("BAD_NUMBER", "a price such as 1234.50, without thousands separators or currency sign"),
    "number": ("BAD_NUMBER", "a number such as 12.5, without thousands separators"),
    "integer": ("BAD_NUMBER", "a whole number such as 12"),
    "timestamp": ("BAD_TIMESTAMP", "a time such as 2025-03-31T14:05:00 or 2025-03-31T14:05:00+02:00"),
    "date": ("BAD_DATE", "a date such as 2025-03-31"),
    "time": ("BAD_TIME", "a time of day such as 08:30"),
    "boolean": ("BAD_BOOLEAN", "true or false"),
}


def expected(field: Field, channel: Channel) -> tuple[str, str]:
    """Error code and expected rule of a text that isn't a value of the field."""
    code, rule = _EXPECTED[field.kind]
    formats = _formats(field, channel)
    if formats:
        return code, "a time in the format " + " or ".join(formats)
    return code, rule.replace(".", ",") if channel.decimal == "," and field.kind in _NUMBERS else rule


class _Error(NamedTuple):
    """When a row is broken, and the struct that says so."""

    condition: str
    struct: str


def _error(channel: Channel, field: str, condition: str, code: str, rule: str, observed: str | None = None) -> _Error:
    """``{code, field, detail}`` where the condition holds: what was found where, what is expected."""
    expression = channel.fields.get(field)
    column = ", ".join(expression.columns) if expression and expression.columns else field
    place = "message ' || t.message_no || '" if channel.format in DOCUMENTS else "row ' || t.position || '"
    found = f"'''' || left({observed}, 60) || ''''" if observed else "'nothing'"
    fix = literal(f"; expected {rule}; mend it and send the record again")
    at = f"'{place}, ' || {literal(column)} || ': found '"
    return _Error(
        condition, f"{{'code': {literal(code)}, 'field': {literal(field)}, 'detail': {at} || {found} || {fix}}}"
    )


def _field_errors(field: Field, channel: Channel, present: bool, partial: bool) -> list[_Error]:
    """Errors of one field; ``partial``: changes and cancellations may leave it out."""
    text, value = f"t.{field.name}", f"t.v_{field.name}"
    errors = []
    if field.required:
        condition = f"{text} is null" if present else "true"
        if partial:
            condition += f" and {_WHOLE}"
        errors.append(_error(channel, field.name, condition, "MISSING_FIELD", "a value"))
    if not present:
        return errors
    if field.kind in _EXPECTED:
        code, rule = expected(field, channel)
        errors.append(_error(channel, field.name, f"{text} is not null and {value} is null", code, rule, text))
    if field.choices:
        listed = ", ".join(literal(choice) for choice in field.choices)
        rule = "one of " + ", ".join(field.choices)
        errors.append(_error(channel, field.name, f"{value} not in ({listed})", "NOT_IN_LIST", rule, text))
    if field.kind in ("quantity", "amount"):
        rule = "less than 1,000,000,000,000"
        errors.append(_error(channel, field.name, f"abs({value}) >= {LARGEST}", "OUT_OF_RANGE", rule, text))
    limits = [(f"{value} < {field.minimum}", f"{field.minimum} or more")] if field.minimum else []
    limits += [(f"{value} > {field.maximum}", f"{field.maximum} or less")] if field.maximum else []
    if field.kind in ("timestamp", "date"):
        kind = "timestamptz" if field.kind == "timestamp" else "date"
        outside = f"({value} < {kind} '{EARLIEST}' or {value} >= {kind} '{LATEST}')"
        limits = [(outside, f"a year from {EARLIEST[:4]} to {int(LATEST[:4]) - 1}")]
    errors += [_error(channel, field.name, condition, "OUT_OF_RANGE", rule, text) for condition, rule in limits]
    return errors


def _order_errors(channel: Channel, present: Sequence[str]) -> list[_Error]:
    """What a row of an order needs beyond its fields' own rules, by the kind of the row."""

    def needs(field: str, kinds: str) -> _Error:
        missing = f"t.{field} is null" if field in present else "true"
        live = f"t.v_row_kind in ({kinds}) and {_WHOLE}"
        return _error(channel, field, f"{live} and {missing}", "MISSING_FIELD", "a value on a row of this kind")

    errors = [
        needs("quantity", "'line', 'return', 'adjustment'"),
        needs("unit_price", "'line'"),
        needs("amount", "'shipping', 'discount', 'charge', 'tax'"),
        needs("sku_code", "'return', 'adjustment'"),
    ]
    if "quantity" in present:
        condition = f"t.v_row_kind in ('line', 'return') and (t.v_quantity < 0 or t.v_quantity = 0 and {_WHOLE}) and coalesce(t.v_message_kind, 'order') <> 'cancel'"
        rule = "more than 0 (a return goes to the feed returns)"
        errors.append(_error(channel, "quantity", condition, "QUANTITY_NOT_POSITIVE", rule, "t.quantity"))
    if {"quantity", "unit_price"} <= set(present):
        worth = f"abs(t.v_quantity::decimal(20,3) * t.v_unit_price) >= {LARGEST}"
        errors.append(
            _error(
                channel, "unit_price", worth, "OUT_OF_RANGE", "a line worth less than 1,000,000,000,000", "t.unit_price"
            )
        )
    if not channel.location:
        rule = f"a location for stock adjustments: set `location` in channels/{channel.slug}.yml"
        errors.append(_error(channel, "location", "t.v_row_kind = 'adjustment'", "MISSING_FIELD", rule))
    return errors


def _canonical(field: Field) -> str:
    """SQL of the text that a value is compared by, or of the text that isn't one."""
    if field.name in _COUNTRY_FIELDS or field.kind not in _EXPECTED:
        return f"t.v_{field.name}"
    return f"coalesce(t.v_{field.name}::varchar, t.{field.name})"


def typed_sql(channel: Channel, record: Record, present: Sequence[str], source: str) -> str:
    """SQL of the typed batch: ``position``, ``message_no``, ``error`` and one typed column a present field.

    Parameters
    ----------
    present
        Fields that ``source`` has as varchar; the others are null.
    source
        A table with ``position``, ``message_no``, ``row_error`` (of `ERROR_TYPE`) and the texts.
    """
    fields = [f for f in record.fields if f.name in present]
    values = ", ".join(f"{value_sql(f, channel)} as v_{f.name}" for f in fields)
    joins = "".join(
        f" left join gate_countries as country_{f.name} on country_{f.name}.name = upper(t.{f.name})"
        for f in fields
        if f.name in _COUNTRY_FIELDS
    )
    texts = ", ".join(f"{trimmed(f't.{f.name}')} as {f.name}" for f in fields)
    kinds = record is ORDER and "message_kind" in present
    partial = [f.name for f in record.fields if kinds and f.name != "channel_order_id"]
    errors = [error for f in record.fields for error in _field_errors(f, channel, f.name in present, f.name in partial)]
    if record is ORDER:
        errors += _order_errors(channel, present)
    columns = ", ".join(f"{_canonical(f)} as x_{f.name}, t.v_{f.name} as {f.name}" for f in fields)
    # Most rows only pass the conditions: structs are made for broken ones alone.
    conditions = " ".join(f"when {error.condition} then {place}" for place, error in enumerate(errors))
    structs = " ".join(f"when {place} then {error.struct}" for place, error in enumerate(errors))
    return (
        f"with texts as (select t.position, t.message_no, t.row_error, {texts} from {source} as t), "
        f"valued as (select t.*, {values} from texts as t{joins}), "
        f"judged as (select t.*, case {conditions} end as broken from valued as t) "
        f"select t.position, t.message_no, coalesce(t.row_error, case when t.broken is not null then case t.broken {structs} end end)::{ERROR_TYPE} as error, {columns} "
        "from judged as t"
    )
