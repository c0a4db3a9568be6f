"""A channel's mapping as SQL: from the columns of a file to texts of canonical fields.

Belongs here: expressions, conditions, kinds of rows, defaults, columns that are missing. Does not belong here: reading
the file (`flat`) or what a text is worth (`gate`).
"""

from __future__ import annotations

from dataclasses import dataclass

from oms_dagster.domain.capture.channel import Channel, Condition, Expression
from oms_dagster.domain.capture.records import ORDER, SOURCE, Record
from oms_dagster.warehouse.flat import Flat, literal, name

#: An order's line can't do without these, though a shipping row can: their column must exist.
_NEEDED_COLUMNS = ("quantity", "unit_price", "sku_code")


@dataclass(frozen=True, slots=True)
class Mapped:
    """SQL that turns source rows into texts of canonical fields, with what is missing and what is left over.

    Attributes
    ----------
    sql
        Yields ``position``, ``row_error``, ``row_kind`` (orders only) and one varchar a field of ``fields``.
    missing
        ``(field, column)``: columns that the file must have and has not.
    """

    sql: str
    fields: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def map_flat(flat: Flat, channel: Channel, record: Record, source: str) -> Mapped:
    """The channel's mapping as SQL over ``source``, a table of ``position``, ``row_error`` and the source columns."""
    spelled = {column.lower(): column for column in flat.columns}
    expressions = {f.name: channel.fields.get(f.name, Expression("column", (f.name,))) for f in record.fields}
    used = {c.lower() for e in expressions.values() for c in e.columns}
    missing = list(_missing(expressions, channel, record, spelled))
    notes = [f"column {c!r} isn't used" for c in flat.columns if c.lower() not in used | _tested(channel)]
    kind = _kind_sql(channel, spelled)
    selected, fields = [], []
    for item in record.fields:
        if record is ORDER and item.name == "row_kind" and channel.rows:
            selected.append(f"{kind} as row_kind")
            fields.append("row_kind")
            continue
        sql = _field_sql(item.name, expressions[item.name], channel, spelled)
        default = default_of(item.name, channel, record)
        if sql is None and default is None:
            if item.name in channel.fields and all(item.name != field for field, _ in missing):
                notes.append(f"no column for {item.name}: {', '.join(expressions[item.name].columns)} not in the file")
            continue
        parts = [part for part in (sql, literal(default) if default is not None else None) if part]
        selected.append(f"{'coalesce(' + ', '.join(parts) + ')' if len(parts) > 1 else parts[0]} as {item.name}")
        fields.append(item.name)
    sql = f"select position, row_error, {', '.join(selected)} from {source}"
    return Mapped(sql, tuple(fields), tuple(missing), tuple(notes))


def default_of(field: str, channel: Channel, record: Record) -> str | None:
    """The text of a field that the file leaves out: the channel's, or what an absent value means."""
    if record is ORDER:
        include = str(channel.prices_include_tax).lower()
        return {
            "currency": channel.currency, "row_kind": "line", "message_kind": "order", "prices_include_tax": include,
        }.get(field)  # fmt: skip
    if field == SOURCE.name:
        return channel.slug
    return {"currency": channel.currency, "location_code": channel.location}.get(field)


def _missing(
    expressions: dict[str, Expression], channel: Channel, record: Record, spelled: dict[str, str]
) -> list[tuple[str, str]]:
    needed = {f.name for f in record.fields if f.required and default_of(f.name, channel, record) is None}
    if record is ORDER:
        needed |= set(_NEEDED_COLUMNS)
    needed.discard("row_kind")
    needed.discard("message_kind")
    missing = [
        (field, column)
        for field, expression in expressions.items()
        if field in needed
        for column in expression.columns
        if column.lower() not in spelled
    ]
    return missing + [("row_kind", c.column) for r in channel.rows for c in r.when if c.column.lower() not in spelled]


def _tested(channel: Channel) -> set[str]:
    inner = {c.lower() for rule in channel.rows for e in rule.fields.values() for c in e.columns}
    return inner | {condition.column.lower() for rule in channel.rows for condition in rule.when}


def _kind_sql(channel: Channel, spelled: dict[str, str]) -> str:
    cases = "".join(
        f" when {' and '.join(_condition_sql(c, spelled) for c in rule.when)} then {literal(rule.row_kind)}"
        for rule in channel.rows
    )
    return f"case{cases} else 'line' end"


def _field_sql(field: str, expression: Expression, channel: Channel, spelled: dict[str, str]) -> str | None:
    """A field's text, with the replacements of row rules; None when the file has nothing for it."""
    plain = _expression_sql(expression, spelled, channel.decimal)
    cases = ""
    earlier: list[str] = []
    for rule in channel.rows:
        condition = " and ".join(_condition_sql(c, spelled) for c in rule.when)
        if field in rule.fields:
            special = _expression_sql(rule.fields[field], spelled, channel.decimal) or "null"
            guard = "".join(f" and not coalesce({other}, false)" for other in earlier)
            cases += f" when {condition}{guard} then {special}"
        earlier.append(f"({condition})")
    if not cases:
        return plain
    return f"case{cases} else {plain or 'null'} end"


def _column(column: str, spelled: dict[str, str]) -> str | None:
    return f"nullif(trim({name(spelled[column.lower()])}), '')" if column.lower() in spelled else None


def _number(sql: str, decimal: str) -> str:
    plain = sql if decimal == "." else f"replace({sql}, ',', '.')"
    return f"try_cast({plain} as decimal(18,6))"


def _expression_sql(expression: Expression, spelled: dict[str, str], decimal: str) -> str | None:
    if expression.how == "value":
        return literal(expression.value or "")
    columns = [sql for column in expression.columns if (sql := _column(column, spelled))]
    if not columns or (expression.how == "product" and len(columns) < 2):
        return None
    if expression.how == "join":
        return f"nullif(concat_ws({literal(expression.separator)}, {', '.join(columns)}), '')"
    if expression.how == "product":
        sign = "-" if expression.negate else ""
        first, second = (_number(column, decimal) for column in columns)
        product = f"({sign}({first}::decimal(20,3) * {second}))::varchar"
        return product if decimal == "." else f"replace({product}, '.', ',')"
    if expression.negate:
        # Turning the sign of a text keeps what isn't a number for the gate to refuse.
        text = columns[0]
        return f"case when {text} like '-%' then substr({text}, 2) else '-' || ltrim({text}, '+') end"
    return columns[0]


def _condition_sql(condition: Condition, spelled: dict[str, str]) -> str:
    text = _column(condition.column, spelled)
    if text is None:
        return "false"
    if condition.test == "in":
        return f"coalesce({text} in ({', '.join(literal(o) for o in condition.operands)}), false)"
    operand = condition.operands[0]
    if condition.test == "matches":
        return f"coalesce(regexp_matches({text}, {literal(operand)}), false)"
    if condition.test == "missing":
        return f"({text} is {'' if operand == 'true' else 'not '}null)"
    if condition.test == "equals":
        number = f"try_cast({text} as decimal(18,6)) = try_cast({literal(operand)} as decimal(18,6))"
        return f"coalesce({text} = {literal(operand)} or {number}, false)"
    sign = "<" if condition.test == "below" else ">"
    return f"coalesce(try_cast({text} as decimal(18,6)) {sign} {operand}, false)"
