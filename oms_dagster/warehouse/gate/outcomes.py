"""What becomes of each message: accepted, duplicate, conflict or quarantined.

Belongs here: the business rules' verdict, the comparison with what was accepted before, the matching of returns, the
capture log. Does not belong here: the facts of accepted messages (`orders`, `feeds`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from oms_dagster.domain.capture.channel import DOCUMENTS, Channel
from oms_dagster.quality.rule import Rule
from oms_dagster.quality.suites import rules_for
from oms_dagster.warehouse.flat import literal
from oms_dagster.warehouse.gate.typed import ERROR_TYPE

#: Name of the check that counts what the gate itself refuses, before the suite.
TYPED_CHECK = "READABLE_AND_TYPED"


@dataclass(frozen=True, slots=True)
class Check:
    """One check's answer on a file: a row of ``facts.data_quality``.

    Attributes
    ----------
    code
        The rule's code; `TYPED_CHECK` for what can't be read or typed.
    failing_rows, checked_rows
        Rows of the file (orders, for rules on orders as a whole).
    """

    code: str
    scope: str
    expected: str
    failing_rows: int
    checked_rows: int
    severity: str = "error"

    @property
    def passed(self) -> bool:
        return not self.failing_rows

    @property
    def check_name(self) -> str:
        return f"capture_{self.code.lower()}"


def added(before: tuple[Check, ...], checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """The checks of a piece, with what those before it counted: each piece is held against the same suite."""
    if not before:
        return checks
    return tuple(
        replace(
            check,
            failing_rows=earlier.failing_rows + check.failing_rows,
            checked_rows=earlier.checked_rows + check.checked_rows,
        )
        for earlier, check in zip(before, checks, strict=True)
    )


def moment(at: datetime) -> str:
    """An instant as an SQL literal."""
    return f"timestamptz {literal(at.isoformat())}"


def run_suite(
    connection: duckdb.DuckDBPyConnection, channel: Channel, present: Sequence[str], as_of: datetime
) -> tuple[Check, ...]:
    """Hold what is readable against the channel's suite; the first rule that a message breaks becomes its error."""
    failing, total = connection.execute(
        "select count(*) filter (error is not null), count(*) from gate_rows"
    ).fetchall()[0]
    checks = [Check(TYPED_CHECK, channel.slug, "every row readable, complete and typed", failing, total)]
    rules = [rule for rule in rules_for(channel) if set(rule.needs) <= set(present)]
    return (*checks, *_validated(connection, channel, rules, as_of))


def _validated(
    connection: duckdb.DuckDBPyConnection, channel: Channel, rules: Sequence[Rule], as_of: datetime
) -> list[Check]:
    if not rules:
        return []
    from oms_dagster.quality.validate import breaking

    connection.execute(f"create or replace temp table gate_batch as {_batch_sql(rules, as_of)}")
    counted = connection.execute(f"select {', '.join(f'count({rule.column})' for rule in rules)} from gate_batch")
    checked = dict(zip((rule.code for rule in rules), counted.fetchall()[0], strict=True))
    checks, failures, warnings = [], [], []
    for rule, values in breaking(rules, _values(connection, rules)):
        found = _holding(connection, rule, values) if values else []
        expected = f"{rule.field}: {rule.expected}"
        checks.append(Check(rule.code, channel.slug, expected, len(found), checked[rule.code], rule.severity))
        laid = warnings if rule.severity == "warn" else failures
        laid += [[message, position, rule.code, rule.field, rule.expected] for message, position in found]
    connection.execute("drop table gate_batch")
    if failures:
        _quarantine(connection, channel, failures)
    if warnings:
        _warn(connection, channel, warnings)
    return checks


def _values(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> dict[str, list[object]]:
    """Each rule's distinct values: a row breaks a rule when its value does, and a file repeats few values often."""
    found = {}
    for rule in rules:
        sql = f"select distinct {rule.column} from gate_batch where {rule.column} is not null order by 1"
        found[rule.column] = [value for (value,) in connection.execute(sql).fetchall()]
    return found


def _holding(connection: duckdb.DuckDBPyConnection, rule: Rule, values: Sequence[object]) -> list[tuple[int, int]]:
    """Message and position of the rows that hold one of these values of a rule, in the order of the file."""
    texts = json.dumps([str(value) for value in values])
    return connection.execute(
        f"select message_no, position from gate_batch where {rule.column}::varchar in"
        " (select unnest(from_json(?, '[\"VARCHAR\"]'))) order by position",
        [texts],
    ).fetchall()


def _batch_sql(rules: Sequence[Rule], as_of: datetime) -> str:
    """One row a readable row, one column a rule; what is said of an order as a whole stands on its first row."""
    source = "gate_rows semi join (select message_no from gate_messages where error is null) using (message_no)"
    values = {rule.column: rule.value.replace("$as_of", moment(as_of)) for rule in rules}
    own = "".join(f", {values[rule.column]} as {rule.column}" for rule in rules if rule.batch == "rows")
    whole = [rule for rule in rules if rule.batch == "messages"]
    if not whole:
        return f"select message_no, position{own} from {source}"
    grouped = ", ".join(f"{values[rule.column]} as {rule.column}" for rule in whole)
    shown = "".join(f", o.{rule.column}" for rule in whole)
    return f"""
        with readable as (from {source}),
        orders as (
            select message_no, min(position) as position, {grouped} from readable
            where row_kind not in ('return', 'adjustment') group by message_no
        )
        select r.*{shown} from (select message_no, position{own} from readable) as r
        left join orders as o on o.position = r.position and o.message_no = r.message_no
    """


def _quarantine(connection: duckdb.DuckDBPyConnection, channel: Channel, failures: list[list[object]]) -> None:
    """Lay each message's first failure on it, with the value observed."""
    connection.execute(
        f"""
        with found as ({_found_sql(channel, failures)}),
        earliest as (select m, arg_min(found, place) as f from found group by 1)
        update gate_messages set error = {{
            'code': f.c, 'field': f.f, 'detail': f.detail || '; mend it and send the record again'
        }}::{ERROR_TYPE}
        from earliest where gate_messages.message_no = earliest.m
        """,
        [_failures_json(failures)],
    )


def _warn(connection: duckdb.DuckDBPyConnection, channel: Channel, warnings: list[list[object]]) -> None:
    """`gate_warnings`: what is odd about each message that is accepted all the same, one line a code."""
    connection.execute(
        f"""
        insert into gate_warnings
        with found as ({_found_sql(channel, warnings)}),
        first_of_code as (select m, c, min(place) as place, arg_min(detail, place) as detail from found group by 1, 2)
        select m, string_agg(c || ': ' || detail, chr(10) order by place) from first_of_code group by 1
        """,
        [_failures_json(warnings)],
    )


def _failures_json(failures: list[list[object]]) -> str:
    return json.dumps([dict(zip(("m", "p", "c", "f", "e"), failure, strict=True)) for failure in failures])


def _found_sql(channel: Channel, failures: list[list[object]]) -> str:
    """SQL of the failures (its parameter, as JSON) with what was found where and what is expected."""
    fields = sorted({str(failure[3]) for failure in failures})
    observed = " ".join(f"when {literal(field)} then r.{field}::varchar" for field in fields)
    shape = literal(json.dumps([{"m": "BIGINT", "p": "BIGINT", "c": "VARCHAR", "f": "VARCHAR", "e": "VARCHAR"}]))
    word = "message" if channel.format in DOCUMENTS else "row"
    number = "r.message_no" if channel.format in DOCUMENTS else "r.position"
    return f"""
        select s.place, s.item.m as m, s.item.c as c, s.item.f as f,
               '{word} ' || {number} || ', ' || s.item.f || ': found '''
               || coalesce(left(case s.item.f {observed} end, 60), 'nothing') || '''; expected ' || s.item.e as detail
        from (select row_number() over () as place, item from (select unnest(from_json(?, {shape})) as item)) as s
        join gate_rows as r on r.position = s.item.p and r.message_no = s.item.m
    """


def decide(connection: duckdb.DuckDBPyConnection, channel: Channel, file_sha256: str, reading: int) -> None:
    """`gate_outcomes`: each message with outcome, message_id and order_id.

    Parameters
    ----------
    reading
        How often these bytes have been captured by this channel before: part of the message's id, so that the second
        reading of a file is told from the first, and rebuilding a home gives the same ids.
    """
    family = channel.contract.family
    prior = (
        # Reference data: what counts is the version in force, whatever stood before it.
        """
        select v.entity as record, v.key as message_key, [arg_max(m.content_hash, v.version)] as hashes
        from facts.reference_versions as v join facts.capture_messages as m on m.message_id = v.message_id
        semi join gate_messages as g on g.record = v.entity and g.message_key = v.key
        group by 1, 2
        """
        if family == "reference"
        else f"""
        select record, message_key, list(distinct content_hash) as hashes
        from facts.capture_messages semi join gate_messages using (record, message_key)
        where outcome = 'accepted' and (record <> 'order' or channel = {literal(channel.slug)}) group by 1, 2
        """
    )
    before = "lag(g.content_hash)" if family == "reference" else "first_value(g.content_hash)"
    other = "accepted" if family == "reference" else "conflict"
    # A person may have let a second content of a key replace the first: both have been seen.
    same = (
        "list_contains(case when place > 1 then [before_hash] else prior_hashes end, content_hash)"
        if family == "reference"
        else "list_contains(prior_hashes, content_hash) or (place > 1 and content_hash = before_hash)"
    )
    slug = literal(channel.slug)
    connection.execute(
        f"""
        create or replace temp table gate_outcomes as
        with prior as ({prior}),
        ranked as (
            select g.*, p.hashes as prior_hashes, row_number() over w as place, {before} over w as before_hash
            from gate_messages as g left join prior as p on p.record = g.record and p.message_key = g.message_key
            window w as (partition by g.record, g.message_key, g.error is null order by g.message_no)
        ),
        judged as (
            select *, case when error is not null then 'quarantined'
                when place = 1 and prior_hashes is null then 'accepted'
                when {same} then 'duplicate'
                else '{other}' end as outcome
            from ranked
        )
        select message_no, position, lines, record, message_key, content_hash, error, outcome,
               left(sha256(concat_ws(chr(31), {slug}, record, message_key, content_hash, {literal(file_sha256)}, position, {reading})), 32)
                   as message_id,
               case when record = 'order' and split_part(message_key, '|', 1) <> ''
                   then {slug} || '-' || split_part(message_key, '|', 1) end as order_id
        from judged
        """
    )


def quarantine_unmatched(connection: duckdb.DuckDBPyConnection) -> None:
    """Returned rows that no earlier line of the customer covers wait as REF_NOT_FOUND."""
    connection.execute(
        f"""
        update gate_outcomes set outcome = 'quarantined', error = {{
            'code': 'REF_NOT_FOUND', 'field': 'sku_code',
            'detail': 'row ' || r.position || ', sku_code: found ''' || left(r.sku_code, 60)
                || ''' with no earlier line of this customer that has so many units still out; expected one'
                || '; send the order that it belongs to, then this row again'}}::{ERROR_TYPE}
        from gate_rows as r
        where gate_outcomes.outcome = 'accepted' and gate_outcomes.record = 'returns' and r.position = gate_outcomes.position
          and not exists (select 1 from gate_matches as m where m.position = r.position)
        """
    )


def refuse(
    connection: duckdb.DuckDBPyConnection,
    channel: str,
    record: str,
    file_sha256: str,
    reading: int,
    code: str,
    field: str,
    detail: str,
) -> None:
    """`gate_outcomes` of a file that can't be read at all: one quarantined message without lines."""
    error = f"{{'code': {literal(code)}, 'field': {literal(field)}, 'detail': {literal(detail)}}}::{ERROR_TYPE}"
    parts = ", ".join(literal(part) for part in (channel, record, file_sha256, str(reading)))
    connection.execute(
        f"""
        create or replace temp table gate_outcomes as
        select 1::bigint as message_no, 1::bigint as position, 0::bigint as lines, {literal(record)} as record,
               '' as message_key, {literal(file_sha256)} as content_hash, {error} as error, 'quarantined' as outcome,
               left(sha256(concat_ws(chr(31), {parts})), 32) as message_id, null::varchar as order_id
        """
    )
