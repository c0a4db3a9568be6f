"""A channel's mapping as SQL: from the columns of a file to texts of canonical fields.

Belongs here: expressions, conditions, kinds of rows, defaults, columns that are missing. Does not belong here: reading
the file (`flat`) or what a text is worth (`gate`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from oms_dagster.domain.capture.channel import AlsoRow, Channel, Condition, Expression
from oms_dagster.domain.capture.records import ORDER, SOURCE, Record
from oms_dagster.warehouse.flat import Flat, literal, name, trimmed

#: An order's line can't do without these, though a shipping row can: their column must exist.
_NEEDED_COLUMNS = ("quantity", "unit_price", "sku_code")
_HEADER = frozenset(ORDER.field_names[: ORDER.field_names.index("row_kind")])
_NUMERIC = ("quantity", "amount", "price", "number")
#: Rows that are looked at to tell the decimal sign.
_LOOKED_AT = 10_000


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
    missing = list(_missing(expressions, channel, record, spelled))
    used = _used(expressions.values(), channel)
    notes = [f"column {c!r} isn't used" for c in flat.columns if c.lower() not in used]
    texts: dict[str, str] = {}
    for item in record.fields:
        if record is ORDER and item.name == "row_kind" and channel.rows:
            texts["row_kind"] = _kind_sql(channel, spelled)
            continue
        sql = _field_sql(item.name, expressions[item.name], channel, spelled)
        default = default_of(item.name, channel, record)
        if sql is None and default is None:
            if item.name in channel.fields and all(item.name != field for field, _ in missing):
                notes.append(f"no column for {item.name}: {', '.join(expressions[item.name].columns)} not in the file")
            continue
        parts = [part for part in (sql, literal(default) if default is not None else None) if part]
        texts[item.name] = f"coalesce({', '.join(parts)})" if len(parts) > 1 else parts[0]
    further = [_also_texts(also, texts, channel, spelled) for also in channel.also]
    fields = tuple(f.name for f in record.fields if f.name in texts or any(f.name in row for row in further if row))
    sql = " union all ".join(
        f"select position, row_error, {_listed(fields, row)} from {source}{where}"
        for row, where in [(texts, ""), *((row, _where_amount(row, channel)) for row in further if row)]
    )
    return Mapped(sql, fields, tuple(missing), tuple(notes))


def _used(expressions: Iterable[Expression], channel: Channel) -> set[str]:
    """Columns that the mapping names, in small letters; of alternatives each."""
    others = [e for rule in (*channel.rows, *channel.also) for e in rule.fields.values()]
    named = [c for e in (*expressions, *others) for c in (*e.columns, *e.less)]
    named += [condition.column for rule in channel.rows for condition in rule.when]
    return {part.lower() for column in named for part in (column, *column.split("|"))}


def _listed(fields: Sequence[str], texts: Mapping[str, str]) -> str:
    return ", ".join(f"{texts.get(field, 'null::varchar')} as {field}" for field in fields)


def _also_texts(
    also: AlsoRow, line: Mapping[str, str], channel: Channel, spelled: Mapping[str, str]
) -> dict[str, str] | None:
    """Texts of a further row: the line's header and its own fields; None when the file has no such amount."""
    texts = {field: text for field, text in line.items() if field in _HEADER} | {"row_kind": literal(also.row_kind)}
    for field, expression in also.fields.items():
        sql = _expression_sql(expression, spelled, channel.decimal)
        if sql is not None:
            texts[field] = sql
        elif field == "amount":
            return None
    return texts


def _where_amount(texts: Mapping[str, str], channel: Channel) -> str:
    amount = texts["amount"]
    return (
        f" where row_error is null and {amount} is not null and coalesce({_number(amount, channel.decimal)} <> 0, true)"
    )


def decimal_of(connection: duckdb.DuckDBPyConnection, flat: Flat, channel: Channel, record: Record) -> str:
    """The decimal sign of a file's numbers: as the channel says, else a comma when only commas stand before digits.

    ``1,234`` alone is no evidence: it may be twelve hundred. Looks at the first rows.
    """
    if channel.decimal != "auto":
        return channel.decimal
    spelled = {column.lower(): column for column in flat.columns}
    numeric = [f.name for f in record.fields if f.kind in _NUMERIC]
    named = [c for n in numeric for c in channel.fields.get(n, Expression("column", (n,))).columns]
    columns = sorted({sql for column in named if (sql := _column(column, spelled))})
    if not columns:
        return "."
    group = "'[+-]?\\d{1,3}(,\\d{3})+'"
    comma = (
        f"regexp_full_match(text, '[+-]?(\\d+|\\d{{1,3}}(\\.\\d{{3}})+),\\d+') and not regexp_full_match(text, {group})"
    )
    point = "regexp_full_match(text, '[+-]?[\\d,]*\\.\\d+')"
    with connection.cursor() as probe:
        commas, points = probe.execute(
            f"select count(*) filter ({comma}), count(*) filter ({point})"
            f" from (select unnest([{', '.join(columns)}]) as text from ({flat.sql} limit {_LOOKED_AT}))"
        ).fetchall()[0]
    return "," if commas and not points else "."


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
    expressions: Mapping[str, Expression], channel: Channel, record: Record, spelled: Mapping[str, str]
) -> list[tuple[str, str]]:
    needed = {f.name for f in record.fields if f.required and default_of(f.name, channel, record) is None}
    if record is ORDER:
        needed |= set(_NEEDED_COLUMNS)
    needed.discard("row_kind")
    needed.discard("message_kind")
    missing = [
        (field, column)
        for field, expression in expressions.items()
        if field in needed and expression.how != "first"
        for column in expression.columns
        if _spelling(column, spelled) is None
    ]
    missing += [
        (field, expression.columns[0])
        for field, expression in expressions.items()
        if field in needed and expression.how == "first"
        if not any(_spelling(column, spelled) for column in expression.columns)
    ]
    return missing + [
        ("row_kind", c.column) for r in channel.rows for c in r.when if _spelling(c.column, spelled) is None
    ]


def _kind_sql(channel: Channel, spelled: Mapping[str, str]) -> str:
    cases = "".join(
        f" when {' and '.join(_condition_sql(c, spelled) for c in rule.when)} then {literal(rule.row_kind)}"
        for rule in channel.rows
    )
    return f"case{cases} else 'line' end"


def _field_sql(field: str, expression: Expression, channel: Channel, spelled: Mapping[str, str]) -> str | None:
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


def _spelling(column: str, spelled: Mapping[str, str]) -> str | None:
    """The file's spelling of a column, or of the first of its alternatives ``a|b`` that the file has."""
    return next((spelled[name.lower()] for name in (column, *column.split("|")) if name.lower() in spelled), None)


def _column(column: str, spelled: Mapping[str, str]) -> str | None:
    spelling = _spelling(column, spelled)
    return None if spelling is None else f"({trimmed(name(spelling))})"


def _number(sql: str, decimal: str) -> str:
    plain = sql if decimal == "." else f"replace({sql}, ',', '.')"
    return f"try_cast({plain} as decimal(18,6))"


def _said(number: str, decimal: str) -> str:
    """A number as text in the file's own decimal sign."""
    return f"({number})::varchar" if decimal == "." else f"replace(({number})::varchar, '.', ',')"


def _expression_sql(expression: Expression, spelled: Mapping[str, str], decimal: str) -> str | None:
    """A field's text; what isn't a number stays as it is, for the gate to refuse."""
    if expression.how == "value":
        return literal(expression.value or "")
    text = _plain_sql(expression, spelled, decimal)
    if text is None:
        return literal(expression.otherwise) if expression.otherwise is not None else None
    if expression.part is not None:
        separator, place = expression.part
        text = f"nullif(trim(split_part({text}, {literal(separator)}, {place})), '')"
    if expression.scale:
        power = literal(f"{10**expression.scale if expression.scale > 0 else 1 / 10**-expression.scale:f}")
        scaled = f"({_number(text, decimal)} * {power}::decimal(13,6))::decimal(18,6)"
        text = f"coalesce({_said(scaled, decimal)}, {text})"
    if expression.absolute:
        text = f"ltrim({text}, '+-')"
    if expression.negate:
        text = f"case when {text} like '-%' then substr({text}, 2) else '-' || ltrim({text}, '+') end"
    return _looked_up(text, expression) if expression.lookup or expression.is_closed else text


def _looked_up(text: str, expression: Expression) -> str:
    def word(value: str | None) -> str:
        return "null" if value is None else literal(value)

    rest = word(expression.otherwise) if expression.is_closed else text
    whens = "".join(f" when {literal(key)} then {word(value)}" for key, value in expression.lookup.items())
    return f"case lower({text}){whens} else {rest} end" if whens else rest


def _plain_sql(expression: Expression, spelled: Mapping[str, str], decimal: str) -> str | None:
    columns = [sql for column in expression.columns if (sql := _column(column, spelled))]
    if not columns or (expression.how in ("product", "ratio") and len(columns) < 2):
        return None
    if expression.how == "join":
        return f"nullif(concat_ws({literal(expression.separator)}, {', '.join(columns)}), '')"
    if expression.how == "first":
        return f"coalesce({', '.join(columns)})" if len(columns) > 1 else columns[0]
    if expression.how == "column":
        return columns[0]
    less = [sql for column in expression.less if (sql := _column(column, spelled))]
    numbers = {text: _number(text, decimal) for text in (*columns, *less)}
    bad = " ".join(f"when {text} is not null and {number} is null then {text}" for text, number in numbers.items())
    if expression.how == "sum":
        added = " + ".join(f"coalesce({numbers[text]}, 0)::decimal(38,6)" for text in columns)
        taken = "".join(f" - coalesce({numbers[text]}, 0)::decimal(38,6)" for text in less)
        return f"case {bad} when coalesce({', '.join(columns)}) is not null then {_said(added + taken, decimal)} end"
    first, second = (numbers[text] for text in columns)
    if expression.how == "product":
        return f"case {bad} else {_said(f'{first}::decimal(20,3) * {second}', decimal)} end"
    # In whole millionths, since a division of decimals would be a double; rounded half up.
    whole = f"(({first} * 1000000)::hugeint * 2000000 + ({second} * 1000000)::hugeint) // (({second} * 1000000)::hugeint * 2)"
    quotient = f"({whole})::decimal(30,0) * 0.000001::decimal(7,6)"
    return f"case {bad} when {second} > 0 then {_said(quotient, decimal)} end"


def _condition_sql(condition: Condition, spelled: Mapping[str, str]) -> str:
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
